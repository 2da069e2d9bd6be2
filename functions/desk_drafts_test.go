package functions_test

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/effects"
	"seatmend/shared/licence"
)

// Of more customers with drafts than stand on a page each stands there once, the most urgent first, though
// their numbers go the other way.
func TestDraftsPageByPage(t *testing.T) {
	d := deskWith(t, nil)
	var want []string
	for n := range 45 {
		id := fmt.Sprintf("C-%02d", 90-n)
		body, err := json.Marshal(effects.MailRow{ID: "m", To: "ada@w.example", Subject: "Two too many"})
		if err != nil {
			t.Fatal(err)
		}
		c := licence.Change{
			Account: id, Rows: []licence.Row{{Kind: "mail", ID: "m", Body: body}},
			Entry: licence.Entry{Account: id, Name: "Kund " + id, Drafts: 1, ActBy: licence.DateOf(morning.AddDate(0, 0, n/4), time.UTC)},
		}
		if err := d.db.Store.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		want = append(want, string(c.Entry.ActBy)+" "+id)
	}
	slices.Sort(want)
	var got []string
	for next, pages := "/support/drafts", 0; next != "" && pages < 9; pages++ {
		page := d.see(next)
		shows(t, page, "45 in all")
		for _, m := range regexp.MustCompile(`<h2>.*<a class="name" href="/support/accounts/([^"]+)"`).FindAllStringSubmatch(page, -1) {
			got = append(got, m[1])
		}
		next = ""
		if m := regexp.MustCompile(`href="([^"]+)" rel="next"`).FindStringSubmatch(page); m != nil {
			next = html.UnescapeString(m[1])
		}
	}
	for i := range want {
		want[i] = strings.Fields(want[i])[1]
	}
	if !slices.Equal(got, want) {
		t.Errorf("page by page\n%v, want\n%v", got, want)
	}
}

// All are sent or dropped once they were shown: those and none that came since. Where one customer's cannot be, those
// of the others are, and the page says so.
func TestAllDraftsWhereOneFails(t *testing.T) {
	for do, said := range map[string]string{"send": "Sent: 2 emails.", "drop": "Dropped: 2 emails."} {
		d := withWork(t, 3)
		before := len(d.db.written())
		page, form := d.preview("/support/drafts", url.Values{"do": {do}})
		shows(t, page, "To ada@w2.example", "when you press the button")
		if wrote := d.db.written()[before:]; len(wrote) > 0 || len(form["id"]) != 3 {
			t.Fatalf("a preview of %d mails wrote %v", len(form["id"]), wrote)
		}
		late, err := json.Marshal(effects.MailRow{ID: "late", To: "ada@w0.example"})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.app.Engine.Record(t.Context(), "W-0", func(licence.State) ([]licence.Row, []licence.Name, error) {
			return []licence.Row{{Kind: "mail", ID: "late", Body: late}}, nil, nil
		}); err != nil {
			t.Fatal(err)
		}
		d.tooMany(3, "=Work 3 AS")
		d.advance(d.clock.Now().Add(time.Hour))
		whole := d.db.Store
		d.db.Store = &refusing{whole, "W-1"}
		out := d.press("/support/selected", form, d.cookie)
		d.db.Store = whole
		shows(t, out.body, "Not all of it was done", said, "W-1", "What has been done is not done twice.")
		wellMade(t, "what failed", out.body)
		if page := d.see("/support/accounts/W-0?kind=desk"); !strings.Contains(page, "by Nora Dahl") || strings.Contains(text(page), "Draft to be sent late") || strings.Contains(text(page), "Draft to be dropped late") {
			t.Errorf("%s reached what nobody saw: %s", do, text(page))
		}
		shows(t, d.send("/support/selected", form), strings.Replace(said, "2 emails", "1 email", 1), "Just one.", "=Work 3 AS")
		_, form = d.preview("/support/drafts", url.Values{"do": {do}})
		shows(t, d.send("/support/selected", form), "No drafts are waiting.")
		shows(t, d.send("/support/drafts", url.Values{"do": {do}}), "There was nothing to do")
	}
}

// Of more than can be decided on at once, as many are shown as can; and where the time is up before all of them are
// done, the page says how many are left.
func TestNoMoreDraftsThanThereIsTimeFor(t *testing.T) {
	d := withWork(t, 3)
	for _, mails := range [][2]int{{0, 60}, {60, 120}, {120, 180}, {180, 240}} {
		if err := d.app.Engine.Record(t.Context(), "W-0", func(licence.State) (rows []licence.Row, _ []licence.Name, _ error) {
			for i := mails[0]; i < mails[1]; i++ {
				body, err := json.Marshal(effects.MailRow{ID: fmt.Sprint("m", i), To: "ada@w0.example"})
				if err != nil {
					t.Fatal(err)
				}
				rows = append(rows, licence.Row{Kind: "mail", ID: fmt.Sprint("m", i), Body: body})
			}
			return rows, nil, nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if _, form := d.preview("/support/drafts", url.Values{"do": {"send"}}); len(form["id"]) != 200 {
		t.Errorf("%d mails are shown", len(form["id"]))
	}
	d = withWork(t, 3)
	d.mail = func(_ context.Context, m effects.Message) (string, error) {
		d.clock.set(d.clock.Now().Add(8 * time.Second)) // a slow mail server
		return "<" + m.ID + "@seatmend.example>", nil
	}
	d.start()
	_, form := d.preview("/support/drafts", url.Values{"do": {"send"}})
	shows(t, d.send("/support/selected", form), "Sent: 2 emails. There was not enough time for all of it. Still to be done: 1. This was about =Work 0 AS, =Work 1 AS. ", "Just one.")
	_, form = d.preview("/support/drafts", url.Values{"do": {"send"}})
	shows(t, d.send("/support/selected", form), "Sent: 1 email.", "No drafts are waiting.")
}
