package functions_test

import (
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"seatmend/shared/store"
)

// Two administrators work on one finding: each sees what the other chose, and since when.
func TestTwoAdministrators(t *testing.T) {
	w := newWorld(t, nil)
	ulla := w.meet(granit())
	fp := w.finding("G-1", "surplus").Fingerprint
	per := w.linkOf("G-1", "per")
	if per.base == ulla.base {
		t.Fatal("they have one link")
	}
	ulla.session()
	per.session()
	ulla.choose(fp, "9")
	w.reads(per.open("/seats/"+fp), "Ulla Sten chose on 23 November at 09:30", "Gull Hed gives up Sales")
	w.reads(per.open(""), "Ulla Sten has been on it since 23 November at 09:30: 0 of 1 done")
	before := text(w.get(per.base).body) // without a session: that somebody is, and not who
	w.reads(before, "A colleague has been on it since 23 November at 09:30: 0 of 1 done")
	w.lacks(before, "Ulla", "Gull")
	w.clock.set(w.clock.Now().Add(10 * time.Minute))
	w.reads(per.choose(fp, "8"), "You chose on 23 November at 09:40", "Gull Hed gives up Sales", "Folke Dal gives up Sales")
	page := ulla.open("/seats/" + fp)
	w.reads(page, "Per Alm chose on 23 November at 09:40", "Gull Hed gives up Sales", "Folke Dal gives up Sales")
	ulla.submit("/choose", "Take off the list", nil)
	page = per.open("/steps/" + fp)
	w.reads(page, "Folke Dal")
	w.lacks(page, "Gull Hed")
	// An old page that takes him off once more says nothing new.
	said := len(w.said("G-1", "seats.chosen"))
	if out := ulla.forge("/choose", url.Values{"fingerprint": {fp}, "drop": {"9"}}); out.status != 303 || len(w.said("G-1", "seats.chosen")) != said {
		t.Errorf("dropped twice: %d, and %d facts", out.status, len(w.said("G-1", "seats.chosen"))-said)
	}
}

// both send forms at the same instant, each in a goroutine of its own, and give the answers.
func (w *world) both(send ...func() reply) []reply {
	w.Helper()
	w.app.Engine.Wake = nil // the stream of a test is no concurrent one
	out := make([]reply, len(send))
	var all sync.WaitGroup
	for i, do := range send {
		all.Go(func() { out[i] = do() })
	}
	all.Wait()
	return out
}

// posted is a form that a browser sends now, without moving the clock.
func (b *browser) posted(form string, fields url.Values) func() reply {
	return func() reply {
		r := httptest.NewRequest("POST", b.base+form, strings.NewReader(fields.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		for _, c := range b.cookies {
			r.AddCookie(c)
		}
		return b.do(r)
	}
}

// A double click is one fact. Two who choose at once leave one list, with what each of them chose.
func TestChoosingAtTheSameInstant(t *testing.T) {
	w := newWorld(t, nil)
	ulla := w.meet(granit())
	fp := w.finding("G-1", "surplus").Fingerprint
	per := w.linkOf("G-1", "per")
	ulla.session()
	per.session()
	click := ulla.posted("/choose", url.Values{"fingerprint": {fp}, "user": {"9"}})
	for _, r := range w.both(click, click, click, click) {
		if r.status != 303 {
			t.Errorf("a double click answers %v", r)
		}
	}
	if got := w.said("G-1", "seats.chosen"); len(got) != 1 {
		t.Errorf("a double click made %d facts", len(got))
	}
	w.press(ulla.base+"/choose", url.Values{"fingerprint": {fp}, "user": {"9"}}, ulla.cookies...) // and a second later once more
	if got := w.said("G-1", "seats.chosen"); len(got) != 1 {
		t.Errorf("a second click made %d facts", len(got))
	}
	w.clock.tick = time.Microsecond
	for _, r := range w.both(ulla.posted("/choose", url.Values{"fingerprint": {fp}, "user": {"8"}}), per.posted("/choose", url.Values{"fingerprint": {fp}, "user": {"7"}})) {
		if r.status != 303 {
			t.Errorf("two at once: %v", r)
		}
	}
	hers, his := ulla.open("/steps/"+fp), per.open("/steps/"+fp)
	if hers != his {
		t.Errorf("they see two lists:\n%s\n%s", hers, his)
	}
	for _, name := range []string{"Gull Hed", "Folke Dal", "Elsa Berg"} {
		if !strings.Contains(hers, name) {
			t.Errorf("the choice of %s is lost: %s", name, hers)
		}
	}
}

// Of eight who choose at once nobody is turned away, and nobody's choice is lost.
func TestEightChooseAtOnce(t *testing.T) {
	w := newWorld(t, nil)
	c := granit()
	c.account.Contacts, c.tenant.Modules[0].NewTotal = c.account.Contacts[:1], 1
	b := w.meet(c).session()
	fp := w.finding("G-1", "surplus").Fingerprint
	w.clock.tick = time.Microsecond
	var send []func() reply
	for user := 2; user <= 9; user++ {
		send = append(send, b.posted("/choose", url.Values{"fingerprint": {fp}, "user": {strconv.Itoa(user)}}))
	}
	for i, r := range w.both(send...) {
		if r.status != 303 {
			t.Errorf("hand %d: %v", i, r)
		}
	}
	l, err := w.db.Load(t.Context(), "G-1", store.Want{})
	if err != nil {
		t.Fatal(err)
	}
	if n := l.State.Known.Profile.Choices[fp].Value.Count; n != 8 {
		t.Errorf("%d are chosen, want 8", n)
	}
}

// An old page whose finding is gone leads to the first page. To reload, and to go back, writes
// nothing; and a session is of one link.
func TestOldPages(t *testing.T) {
	w := newWorld(t, nil)
	ulla := w.meet(granit())
	fp := w.finding("G-1", "surplus").Fingerprint
	per := w.linkOf("G-1", "per")
	ulla.session()
	per.session()
	ulla.choose(fp, "9")
	before := len(w.db.written())
	for range 3 {
		for _, page := range []string{"", "/seats/" + fp, "/steps/" + fp, "/list/" + fp, "/seats/" + fp + "?q=Ada", "/activate/" + granitCust, "?session=over", "/seats/nonsense", "/elsewhere"} {
			ulla.open(page)
		}
	}
	if wrote := w.db.written()[before:]; len(wrote) > 0 {
		t.Errorf("looking wrote %v", wrote)
	}
	for _, page := range []string{"/seats/" + fp, "/steps/" + fp, "/list/" + fp, "/activate/" + granitCust} {
		out := w.get(per.base+page, ulla.cookies...)
		if out.status != 303 || out.header.Get("Location") != per.base+"?session=over" || strings.Contains(out.body, "Gull") {
			t.Errorf("%s of his link with her session: %v", page, out)
		}
	}
	w.screen(granitCust, "free-and-activate", url.Values{})
	ulla.forge("/check", nil)
	before = len(w.db.written())
	for form, fields := range map[string]url.Values{"/choose": {"user": {"8"}}, "/skip": {"user": {"9"}}, "/answer": {"answer": {"handled"}}, "/colleague": {"contact": {"per"}}} {
		fields.Set("fingerprint", fp)
		page := ulla.follow(ulla.base+form, ulla.forge(form, fields))
		if ulla.at != ulla.base || ulla.shows.status != 200 || !strings.Contains(page, "Done: the new licence is active") {
			t.Errorf("%s of an old page leads to %s: %.200s", form, ulla.at, page)
		}
	}
	for _, page := range []string{"/seats/" + fp, "/steps/" + fp} {
		if ulla.open(page); ulla.at != ulla.base {
			t.Errorf("%s leads to %s", page, ulla.at)
		}
	}
	if wrote := w.db.written()[before:]; len(wrote) > 0 {
		t.Errorf("old pages wrote %v", wrote)
	}
}
