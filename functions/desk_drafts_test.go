package functions_test

import (
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
		for _, m := range regexp.MustCompile(`<h2><a href="/support/accounts/([^"]+)"`).FindAllStringSubmatch(page, -1) {
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

// Where all are sent or dropped and one customer's cannot be, those of the others are, and the page says so.
func TestAllDraftsWhereOneFails(t *testing.T) {
	for do, said := range map[string]string{"send": "Sent: 2 emails.", "drop": "Dropped: 2 emails."} {
		d := withWork(t, 3)
		whole := d.db.Store
		d.db.Store = &refusing{whole, "W-1"}
		out := d.press("/support/drafts", url.Values{"do": {do}}, d.cookie)
		d.db.Store = whole
		shows(t, out.body, "Not all of it was done", said, "W-1", "What has been done is not done twice.")
		wellMade(t, "what failed", out.body)
		shows(t, d.send("/support/drafts", url.Values{"do": {do}}), strings.Replace(said, "2 emails", "1 email", 1), "No drafts are waiting.")
	}
}
