package functions_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// unread is a customer that grants nothing: what is known of it was told by the operator's own
// system, and by people.
func (w *world) unread(c customer) *browser {
	w.Helper()
	c.tenant.Grants = nil
	if err := w.sim.Put(c.tenant); err != nil {
		w.Fatal(err)
	}
	w.direct(c.account)
	list := map[string]any{"account": "G-1", "cust_id": granitCust}
	var seats []map[string]any
	for _, u := range c.tenant.Users[:9] {
		seats = append(seats, map[string]any{"plan": sales, "open_requests": 0, "user": licence.User{ID: fmt.Sprint(u.ID), Name: u.Name, Email: u.Email, CanLogin: true, Admin: u.Admin, LastActive: u.LastLogin.Add(-time.Hour)}})
	}
	list["seats"] = seats
	data, err := json.Marshal(list)
	if err != nil {
		w.Fatal(err)
	}
	w.must(w.say("seats.listed", w.clock.Now(), string(data)), "applied")
	w.tellLicence(`"offered":true,"can_activate":false,"new_expires":"2027-12-13"`, `"new_total":7,`)
	w.advance(w.clock.Now().Add(time.Hour))
	return w.browse(w.link())
}

// tellLicence is the operator's own system that tells of the licence, with what is offered.
func (w *world) tellLicence(offer, total string) {
	w.Helper()
	w.must(w.say("licence.reported", w.clock.Now(), fmt.Sprintf(`{"account":"G-1","cust_id":%q,"serial":"1805000117","version":"12.2","licensed_version":"12.2","maintenance_until":"2026-12-31",
		"next_check":"2026-11-20","admin_warning":"2026-11-18","expires":"2026-12-13","grace_until":"2026-12-25",%s,"markers":[],
		"plans":[{"plan":"sales","module":"ten-sales","description":"Sales","total":10,%s"in_use":9,"unrestricted":false}]}`, granitCust, offer, total)), "applied")
}

// Where nothing is granted, nobody is told to have it read: the steps end with what the screen
// says, and what a person types is kept, shown and mailed on as that person's word.
func TestWhatAPersonReadsOffTheScreen(t *testing.T) {
	w := newWorld(t, nil)
	b := w.unread(granit())
	fp := w.finding("G-1", "surplus").Fingerprint
	if fp == "" {
		t.Fatalf("found is %s", lines(w.diagnosis("G-1").Findings))
	}
	b.session()
	b.choose(fp, "8", "9")
	page := b.open("/steps/" + fp)
	w.reads(page, "What does the Licences screen say now?", "Does it offer a new licence?", "The licence expires on")
	w.lacks(page, "check again", "Check again", "We read SuperOffice and tell you")
	if strings.Contains(b.shows.body, `action="`+b.base+`/check"`) {
		t.Error("the steps offer to read what cannot be read")
	}

	before := len(w.db.written())
	for name, c := range map[string]struct {
		typed  url.Values
		faults map[string]string // by field
	}{
		"nothing":         {url.Values{}, map[string]string{"offered": "Say whether the screen offers a new licence", "expires": "Give the date after which the licence ends"}},
		"no number":       {url.Values{"offered": {"yes"}, "in_use.sales": {"seven"}, "expires": {"2026-12-13"}}, map[string]string{"in_use.sales": "“In use” must be a whole number"}},
		"fewer than none": {url.Values{"offered": {"no"}, "in_use.sales": {"-1"}, "expires": {"2026-12-13"}}, map[string]string{"in_use.sales": "“In use” must be a whole number"}},
		"no date":         {url.Values{"offered": {"yes"}, "in_use.sales": {"7"}, "expires": {"13 december"}}, map[string]string{"expires": "Give the date after which the licence ends"}},
		"no year":         {url.Values{"offered": {"perhaps"}, "in_use.sales": {"7"}, "expires": {"0026-12-13"}}, map[string]string{"expires": "Give the date", "offered": "Say whether"}},
	} {
		b.open("/steps/" + fp)
		page := b.submit("/screen", "Send", c.typed)
		if b.shows.status != 422 {
			t.Errorf("%s is answered with %d", name, b.shows.status)
		}
		summary, _, _ := strings.Cut(b.shows.body, "</ul>")
		for field, says := range c.faults {
			if !strings.Contains(summary, `role="alert"`) || !strings.Contains(summary, `<a href="#`+field+`">`+says) || !strings.Contains(b.shows.body, `id="`+field+`"`) {
				t.Errorf("%s: the summary does not lead to %s: %.300s", name, field, page)
			}
		}
		if n := strings.Count(summary, `<a href="#`); n != len(c.faults) {
			t.Errorf("%s: %d faults are summed up, want %d", name, n, len(c.faults))
		}
		for field, values := range c.typed {
			if field != "offered" && !strings.Contains(b.shows.body, `name="`+field+`"`) || field != "offered" && !strings.Contains(b.shows.body, `value="`+values[0]+`"`) {
				t.Errorf("%s: what was typed into %s is gone", name, field)
			}
		}
		if c.typed.Get("offered") == "yes" && !strings.Contains(b.shows.body, `value="yes" required checked`) {
			t.Errorf("%s: what was ticked is gone", name)
		}
	}
	if wrote := w.db.written()[before:]; len(wrote) > 0 {
		t.Errorf("what cannot be used wrote %v", wrote)
	}

	// Two are taken away, and the screen says so.
	b.open("/steps/" + fp)
	w.quiet("what a person says", func() {
		b.submit("/screen", "Send", url.Values{"offered": {"yes"}, "in_use.sales": {"7"}, "expires": {"2026-12-13"}})
	})
	kept := w.said("G-1", "licence.reported")[0]
	if kept["stated_by"] != "Ulla Sten" || kept["expires"] != "2026-12-13" || kept["offered"] != true || kept["plans"].([]any)[0].(map[string]any)["in_use"] != 7.0 {
		t.Errorf("kept is %v", kept)
	}
	w.reads(b.open(""), "According to Ulla Sten", "we cannot read it ourselves")
	w.lacks(b.open(""), "Last read")
	// It can be activated there, and nowhere else.
	page = b.open("/activate/" + granitCust)
	w.reads(page, "Activate it in SuperOffice", "What does the Licences screen say now?")
	w.lacks(page, "send me a code", "check again")
	b.submit("/screen", "Send", url.Values{"offered": {"no"}, "in_use.sales": {"7"}, "expires": {"2027-12-13"}})
	page = b.open("")
	w.reads(page, "Ulla Sten has told us so; we cannot read your SuperOffice ourselves.", "According to Ulla Sten")
	w.lacks(page, "We have read it in SuperOffice.", "gave up a seat")
	w.advance(w.clock.Now().Add(26 * time.Hour))
	last := w.inbox()[len(w.inbox())-1]
	if last.Why != "solved" || !strings.Contains(last.Subject, "According to Ulla Sten: the licence is active") {
		t.Errorf("the last mail is %s: %s", last.Why, last.Subject)
	}
	w.reads(last.Text, "According to Ulla Sten, the licence is active until 13 December 2027", "we go by what Ulla Sten has told us")
}

// A server whose licence comes by file: who has loaded it says so, and until when it is valid.
// That is shown as that person's word, and never as verified.
func TestALicenceLoadedFromAFile(t *testing.T) {
	w := newWorld(t, nil)
	c := granit()
	c.account.Installations[0].Hosting, c.account.Installations[0].Fetch, c.account.Installations[0].URL = "onsite", "file", "https://crm.granit.example"
	w.direct(c.account)
	w.tellLicence(`"offered":false,"can_activate":false`, "")
	w.must(w.say("licence.issued", w.clock.Now(), fmt.Sprintf(`{"account":"G-1","cust_id":%q,"serial":"1805000117","expires":"2027-12-13"}`, granitCust)), "applied")
	w.advance(w.clock.Now().Add(time.Hour))
	if f := w.finding("G-1", "not-fetched"); f.State != "open" {
		t.Fatalf("found is %s", lines(w.diagnosis("G-1").Findings))
	}
	b := w.linkOf("G-1", "ulla")
	b.session()
	w.reads(b.open(""), "I have loaded the file", "We cannot read your server, so we go by what you say.")
	before := len(w.db.written())
	page := b.submit("/loaded", "It is loaded", url.Values{"expires": {"next year"}})
	if b.shows.status != 422 || !strings.Contains(b.shows.body, `<a href="#loaded">`) || !strings.Contains(b.shows.body, `id="loaded"`) {
		t.Errorf("no date is answered with %d %.300s", b.shows.status, page)
	}
	if wrote := w.db.written()[before:]; len(wrote) > 0 {
		t.Errorf("no date wrote %v", wrote)
	}
	b.submit("/loaded", "It is loaded", url.Values{"expires": {"2027-12-13"}})
	if kept := w.said("G-1", "licence.reported")[0]; kept["stated_by"] != "Ulla Sten" || kept["expires"] != "2027-12-13" {
		t.Errorf("kept is %v", kept)
	}
	page = b.open("")
	w.reads(page, "According to Ulla Sten")
	w.lacks(page, "I have loaded the file", "Last read", "We have read it")
	w.advance(w.clock.Now().Add(26 * time.Hour))
	for _, m := range w.inbox() {
		w.lacks(m.Subject+" "+m.Text, "We have read it", "Solved: the licence is active")
	}
}

// What a person reads off a screen is taken for the installation whose form the page shows now, and
// for no other of the customer's: a trial, a sandbox, a closed one, or another in production.
func TestTheScreenOfWhatIsShown(t *testing.T) {
	w := newWorld(t, nil)
	c := granit()
	for i, kind := range []string{"trial", "sandbox", "production", "production"} {
		in := licence.Installation{CustID: fmt.Sprintf("Cust6000%d", i), Serial: fmt.Sprintf("180600011%d", i), Kind: kind, Hosting: "online", URL: "https://online2.superoffice.com/x"}
		if i == 2 {
			in.ClosedAt = "2026-10-01"
		}
		c.account.Installations = append(c.account.Installations, in)
	}
	b := w.unread(c).session()
	fp := w.finding("G-1", "surplus").Fingerprint
	b.choose(fp, "8", "9")
	typed := url.Values{"offered": {"no"}, "in_use.sales": {"7"}, "expires": {"2027-12-13"}}
	before := len(w.said("G-1", "licence.reported"))
	none := func(what, form, cust, from string) {
		t.Helper()
		fields := url.Values{"cust_id": {cust}, "from": {from}}
		for name, values := range typed {
			fields[name] = values
		}
		if out := b.forge(form, fields); out.status != 303 {
			t.Errorf("%s: %d", what, out.status)
		}
		if n := len(w.said("G-1", "licence.reported")); n != before {
			t.Fatalf("%s is taken", what)
		}
	}
	for _, cust := range []string{"Cust60000", "Cust60001", "Cust60002", "Cust60003", "", "Cust99999"} {
		for _, from := range []string{"", "steps/" + fp, "activate/" + cust, "activate/" + granitCust, "seats/" + fp, "list/" + fp, "steps/none", "x", "x/y"} {
			none(fmt.Sprintf("%s of %q", cust, from), "/screen", cust, from)
		}
		none(cust+" loaded", "/loaded", cust, "")
	}
	// On pages that have no such form, it is not taken for the right one either.
	for _, from := range []string{"seats/" + fp, "list/" + fp, "activate/Cust60003", "steps/none"} {
		none("of "+from, "/screen", granitCust, from)
	}
	// Each page that shows it takes it, and what cannot be used stands on that page again.
	for _, page := range []string{"/steps/" + fp, "/activate/" + granitCust, ""} {
		b.open(page)
		at := b.at
		again := b.submit("/screen", "Send", url.Values{"offered": {"yes"}, "in_use.sales": {"many"}, "expires": {"2026-12-13"}})
		if b.shows.status != 422 || !strings.Contains(again, "must be a whole number") || !strings.Contains(b.shows.body, `value="`+granitCust+`"`) || strings.Contains(at, "/steps/") && !strings.Contains(b.shows.body, "steps/"+fp) {
			t.Errorf("%q: %d %.200s", page, b.shows.status, again)
		}
		b.open(page)
		b.submit("/screen", "Send", url.Values{"offered": {"yes"}, "in_use.sales": {"9"}, "expires": {"2026-12-13"}})
		if n := len(w.said("G-1", "licence.reported")); n != before+1 {
			t.Errorf("%q is not taken", page)
		}
		before = len(w.said("G-1", "licence.reported"))
	}
}
