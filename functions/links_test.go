package functions_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/link"
	"seatmend/shared/store"
)

// behind are what mail programs and filters put behind a link.
var behind = []string{"", ".", ")", ").", ">", "%3E", "%22", ",", "=0A", "%0D%0A", "*", ";", "'", "]", "%5D", "=3D", "=", "?utm_source=crm&utm_medium=email&mc_cid=1", "?url=https%3A%2F%2Felsewhere.example", "#main"}

// filtered opens a mailed link as filters of mail do, from wherever they are.
func (w *world) filtered(path string) {
	w.Helper()
	for i, after := range behind {
		for _, method := range []string{"GET", "HEAD"} {
			for range 5 {
				r := httptest.NewRequest(method, path+after, nil)
				r.RemoteAddr = "198.51.100." + string(rune('1'+i%9)) + ":4000"
				r.Header.Set("User-Agent", "Mozilla/5.0 (compatible; scanner)")
				if out := w.do(r); out.status != 200 {
					w.Fatalf("%s with %q behind it: %d", method, after, out.status)
				}
			}
		}
	}
}

// Filters of mail open a link long before its reader does, many times, from wherever they are; and
// mail programs add a dot or a bracket to it. Nothing is spent by it, and the reader's own click works.
func TestLinksSurviveFiltersOfMail(t *testing.T) {
	g := guard(t)
	token := g.tokens["link"]
	before := len(g.db.written())
	g.filtered("/r/" + token)
	if out := g.get("/r/" + token[:30] + "%20" + token[30:]); out.status != 200 {
		t.Errorf("broken in two: %d", out.status)
	}
	shouted := httptest.NewRequest("GET", "/r/"+token, nil)
	shouted.Host = strings.ToUpper(shouted.Host)
	if out := g.do(shouted); out.status != 200 {
		t.Errorf("with the host in capitals: %d", out.status)
	}
	if wrote := g.db.written()[before:]; len(wrote) > 0 {
		t.Errorf("filters have written %v", wrote)
	}
	g.opened(token + ").")
	if out := g.press("/r/"+token+"./check", nil); out.status != 200 {
		t.Errorf("check by a link with a dot: %d", out.status)
	}
}

// So does the link by which one of the operator's people signs in: filters spend nothing of it, and the reader's own
// click, with a bracket behind, signs in once.
func TestTheLinkToSignInSurvivesFiltersOfMail(t *testing.T) {
	w := newWorld(t, nil)
	w.press("/support/sign-in", url.Values{"address": {"nora@fjordpartner.example"}})
	mailed := strings.TrimPrefix(w.staffMails()[0].Link, w.app.BaseURL)
	before := len(w.db.written())
	w.filtered(mailed)
	page := w.get(mailed + ").")
	if wrote := w.db.written()[before:]; len(wrote) > 0 {
		t.Errorf("filters have written %v", wrote)
	}
	form := regexp.MustCompile(`<form method="post" action="([^"]+)"`).FindStringSubmatch(page.body)
	if form == nil {
		t.Fatalf("no button: %v", page)
	}
	out := w.press(html.UnescapeString(form[1]), nil)
	cookies := (&http.Response{Header: out.header}).Cookies()
	if out.status != http.StatusSeeOther || len(cookies) != 1 || w.get("/support", cookies[0]).status != 200 {
		t.Fatalf("the reader's own click: %v", out)
	}
	if again := w.press(mailed, nil); again.status != http.StatusGone {
		t.Errorf("it signs in twice: %d", again.status)
	}
}

// stopLink is where a mail program posts to when the reader of a page wants no more reminders.
func (g guarded) stopLink(page string) string {
	g.Helper()
	l, err := g.keys.Open(page, g.clock.Now())
	if err != nil {
		g.Fatal(err)
	}
	l.Purpose, l.Generation = link.Stop, 1
	return "/unsubscribe/" + g.keys.Sign(l)
}

// One press in a mail program, or on the page that its address shows, and the contact is reminded no
// more; a look at it changes nothing, and it can be taken back.
func TestUnsubscribeByOnePost(t *testing.T) {
	g := guard(t)
	path := g.stopLink(g.tokens["link"])
	stopped := func() bool {
		l, err := g.db.Load(t.Context(), "C-1", store.Want{})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range l.State.Known.Profile.Reminders {
			return r.Value.Stop
		}
		return false
	}
	for _, method := range []string{"GET", "HEAD", "GET"} {
		if out := g.do(httptest.NewRequest(method, path+".", nil)); out.status != 200 || stopped() {
			t.Fatalf("%s: %d, stopped %v", method, out.status, stopped())
		}
	}
	oneClick := httptest.NewRequest("POST", path, strings.NewReader("List-Unsubscribe=One-Click"))
	oneClick.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	oneClick.Header.Set("Origin", "https://mail.example") // a program of the web has one, and that is right
	out := g.do(oneClick)
	if out.status != 200 || !stopped() || !strings.Contains(out.body, "You get no more reminders") {
		t.Fatalf("one click: %d, stopped %v: %s", out.status, stopped(), out.body)
	}
	writes := len(g.db.written())
	if out := g.press(path, nil); out.status != 200 || len(g.db.written()) != writes {
		t.Errorf("pressed again: %d, wrote %v", out.status, g.db.written()[writes:])
	}
	if out := g.press(path, url.Values{"again": {"yes"}}); out.status != 200 || stopped() {
		t.Errorf("taken back: %d, stopped %v", out.status, stopped())
	}
	for name, want := range map[string]int{"link": 404, "other link": 404, "forged": 404, "cut": 404, "a session as link": 404, "nonsense": 404} {
		if out := g.do(httptest.NewRequest("POST", "/unsubscribe/"+url.PathEscape(g.tokens[name]), http.NoBody)); out.status != want {
			t.Errorf("with %s: %d, want %d", name, out.status, want)
		}
	}
}

// Mails that come again bear the address, and what it says holds: a reminder goes to the next contact of
// the role, and where there is none to remind, the desk reads why nobody was.
func TestWhoWantsNoRemindersGetsNone(t *testing.T) {
	w, server, _ := posted(t, nil)
	remind := func(used int, at time.Time) (to []string) {
		t.Helper()
		had := len(server.Mails())
		w.clock.set(at)
		w.reported(used, "2026-12-13")
		w.advance(at.Add(20 * time.Minute))
		for _, raw := range server.Mails()[had:] {
			m, err := mail.ReadMessage(strings.NewReader(raw.Text))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(raw.To, "@uvdal.example") {
				continue // to a desk
			}
			to = append(to, raw.To)
			if got := m.Header.Get("List-Unsubscribe-Post"); got != "List-Unsubscribe=One-Click" {
				t.Errorf("to %s: List-Unsubscribe-Post %q", raw.To, got)
			}
			u, err := url.Parse(strings.Trim(m.Header.Get("List-Unsubscribe"), "<>"))
			if err != nil || u.Host == "" {
				t.Fatalf("List-Unsubscribe %q: %v", m.Header.Get("List-Unsubscribe"), err)
			}
			if out := w.press(u.Path, url.Values{"List-Unsubscribe": {"One-Click"}}); out.status != 200 {
				t.Fatalf("unsubscribed: %d", out.status)
			}
		}
		return to
	}
	for _, c := range []struct {
		day  int
		used int
		want string
	}{
		{23, 9, "Ada@uvdal.example"}, // of a matter that is new
		{31 + 2, 9, "bo@uvdal.example"},
		{31 + 14, 9, ""}, // in grace, and both have said so
	} {
		at := time.Date(2026, 11, c.day-1, 9, 0, 0, 0, time.UTC)
		if c.day == 23 {
			at = w.clock.Now()
		}
		if got := strings.Join(remind(c.used, at), " "); got != c.want {
			t.Fatalf("on day %d mailed %q, want %q; not sent %v", c.day, got, c.want, w.postbox().NotSent)
		}
	}
	if got := w.postbox().unsent("Ada@uvdal.example"); !slices.Contains(got, "unsubscribed") {
		t.Errorf("not sent for %q, of all %v", got, w.postbox().NotSent)
	}
}
