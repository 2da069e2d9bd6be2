package functions_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
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

// told is how often something was kept of what people read off a screen, and how often it counts.
func (w *world) told() (stated, counts int) {
	w.Helper()
	return len(w.said("G-1", "licence.stated")), len(w.said("G-1", "licence.reported"))
}

// Where nothing is granted, nobody is told to have it read: the steps end with what the screen says,
// one question at a time. What a person has confirmed is shown at once, counts after a quarter of an
// hour, and is mailed on as that person's word.
func TestWhatAPersonReadsOffTheScreen(t *testing.T) {
	w := newWorld(t, nil)
	b := w.unread(granit())
	fp := w.finding("G-1", "surplus").Fingerprint
	b.session()
	b.choose(fp, "8", "9")
	page := b.open("/steps/" + fp)
	w.reads(page, "What does the Licences screen say today?", "A new licence is waiting", "The new licence is activated")
	w.lacks(page, "check again", "Check again", "We read SuperOffice and tell you")
	if strings.Contains(b.shows.body, `action="`+b.base+`/check"`) {
		t.Error("the steps offer to read what cannot be read")
	}

	// Two are taken away, and the screen says so: nothing is kept before the last yes.
	before := len(w.db.written())
	w.quiet("what a person says", func() {
		w.reads(b.submit("/screen", "A new licence is waiting", nil), "Is everything else as on 23 November?", "On 23 November: the licence expires on 13 December", "Sales: 9 in use, 7 in the new licence.", "The numbers stay the same. They count as checked today.")
		w.reads(b.submit("/screen", "No, something differs", nil), "When does the licence expire, according to the screen?", "13 December", "Another day")
		for _, typed := range []string{"", "13 december", "0026-12-13"} {
			page = b.submit("/screen", "Continue", url.Values{"expires": {typed}})
			if b.shows.status != 422 || !strings.Contains(b.shows.body, `<a href="#expires">Give the date after which the licence ends`) || !strings.Contains(b.shows.body, `value="`+typed+`"`) {
				t.Errorf("the day %q is answered with %d: %.200s", typed, b.shows.status, page)
			}
		}
		w.reads(b.submit("/screen", "13 December", nil), "How many are in use, according to the screen?", "9 on 23 November")
		for _, typed := range []string{"seven", "-1", "7.5"} {
			page = b.submit("/screen", "Continue", url.Values{"in_use.sales": {typed}})
			if b.shows.status != 422 || !strings.Contains(b.shows.body, `<a href="#in_use.sales">“In use” must be a whole number`) || !strings.Contains(b.shows.body, `value="`+typed+`"`) {
				t.Errorf("the number %q is answered with %d: %.200s", typed, b.shows.status, page)
			}
		}
		w.reads(b.submit("/screen", "Continue", url.Values{"in_use.sales": {"7"}}), "Is this what the screen says?", "A new licence is waiting to be activated. The present one expires on 13 December.", "Sales: 7 in use.",
			"No longer: Sales: 9 assigned, 7 in the new licence. Free 2.", "Then: The new licence is ready.")
		w.lacks(text(b.shows.body), "Look once more")
		if wrote := w.db.written()[before:]; len(wrote) > 0 {
			t.Fatalf("before anybody said yes it wrote %v", wrote)
		}
		w.reads(b.submit("/screen", "Yes, that is what it says", nil), "Your answer is kept. You can take it back until 09:45.", "Look at the new licence")
	})
	if stated, counts := w.told(); stated != 1 || counts != 1 {
		t.Errorf("%d statements, and the licence was told %d times", stated, counts)
	}
	if f := w.finding("G-1", "surplus"); f.State != "open" {
		t.Errorf("it counts at once: %+v", f)
	}

	// Taken back, it is as before; said again, it counts after its time.
	w.reads(b.submit("/takeback", "Take it back", nil), "Free 2 Sales seats, and the licence can renew")
	w.advance(w.clock.Now().Add(time.Hour))
	if stated, counts := w.told(); stated != 2 || counts != 1 {
		t.Errorf("taken back: %d statements, and the licence was told %d times", stated, counts)
	}
	b.cookies = nil
	b.session()
	b.open("/screen/" + granitCust)
	b.submit("/screen", "A new licence is waiting", nil)
	b.submit("/screen", "No, something differs", nil)
	b.submit("/screen", "13 December", nil)
	b.submit("/screen", "Continue", url.Values{"in_use.sales": {"7"}})
	b.submit("/screen", "Yes, that is what it says", nil)
	w.advance(w.clock.Now().Add(16 * time.Minute))
	kept := w.said("G-1", "licence.reported")[0]
	if kept["stated_by"] != "Ulla Sten" || kept["expires"] != "2026-12-13" || kept["offered"] != true || kept["can_activate"] != true || kept["plans"].([]any)[0].(map[string]any)["in_use"] != 7.0 {
		t.Errorf("kept is %v", kept)
	}
	w.lacks(b.open(""), "Take it back", "Last read")
	w.reads(b.open(""), "According to Ulla Sten", "we cannot read it ourselves")
	// It can be activated there, and nowhere else.
	page = b.open("/activate/" + granitCust)
	w.reads(page, "Activate it in SuperOffice", "What does the Licences screen say today?")
	w.lacks(page, "send me a code", "check again")
	w.reads(b.submit("/screen", "The new licence is activated", nil), "13 December 2027")
	w.reads(b.submit("/screen", "13 December 2027", nil), "The new licence is activated, and expires on 13 December 2027.", "Sales: 7 in the licence, and no more than that in use.")
	page = b.submit("/screen", "Yes, that is what it says", nil)
	w.reads(page, "Done: the new licence is active until 13 December 2027", "Ulla Sten has told us so; we cannot read your SuperOffice ourselves.", "Take it back")
	w.lacks(page, "We have read it in SuperOffice.", "gave up a seat")
	for _, m := range w.inbox() {
		if m.Why == "solved" {
			t.Errorf("a mail rests on what can be taken back: %s", m.Subject)
		}
	}
	w.advance(w.clock.Now().Add(26 * time.Hour))
	last := w.inbox()[len(w.inbox())-1]
	if last.Why != "solved" || !strings.Contains(last.Subject, "According to Ulla Sten: the licence is active") {
		t.Errorf("the last mail is %s: %s", last.Why, last.Subject)
	}
	w.reads(last.Text, "According to Ulla Sten, the licence is active until 13 December 2027", "we go by what Ulla Sten has told us")
}

// A yes is said of what the form showed: where something else was told since, it is asked once more.
func TestAYesIsOfWhatTheScreenShowed(t *testing.T) {
	w := newWorld(t, nil)
	b := w.unread(granit()).session()
	b.open("/screen/" + granitCust)
	w.reads(b.submit("/screen", "A new licence is waiting", nil), "7 in the new licence")
	w.tellLicence(`"offered":true,"can_activate":false,"new_expires":"2027-12-13"`, `"new_total":5,`)
	w.reads(b.submit("/screen", "Yes, all of it", nil), "Is everything else as on", "5 in the new licence")
	if stated, _ := w.told(); stated != 0 {
		t.Fatal("a yes to other numbers was kept")
	}
	b.submit("/screen", "Yes, all of it", nil)
	if stated, _ := w.told(); stated != 1 {
		t.Errorf("%d statements, want 1", stated)
	}
}

// What overtakes a statement between its reading and its writing is not taken for it: where that shows
// other numbers, the reader is asked again; where it does not, the statement is kept as the later one.
func TestAStatementThatIsOvertaken(t *testing.T) {
	for total, reads := range map[string]string{`"new_total":5,`: "Is everything else as on", `"new_total":7,`: "Your answer is kept."} {
		w := newWorld(t, nil)
		b := w.unread(granit()).session()
		b.open("/screen/" + granitCust)
		b.submit("/screen", "A new licence is waiting", nil)
		inner := w.db.Store
		w.db.Store = &barging{Store: inner, after: func() {
			w.db.Store = inner
			w.clock.set(w.clock.Now().Add(time.Minute))
			w.tellLicence(`"offered":true,"can_activate":false,"new_expires":"2027-12-13"`, total)
			w.clock.set(w.clock.Now().Add(-time.Minute))
		}}
		w.reads(b.submit("/screen", "Yes, all of it", nil), reads)
	}
}

// A barging store lets another writer in after the first reading.
type barging struct {
	store.Store
	after func()
}

func (s *barging) Load(ctx context.Context, account string, want store.Want) (licence.Loaded, error) {
	l, err := s.Store.Load(ctx, account, want)
	if account == "G-1" {
		s.after()
	}
	return l, err
}

// What is said is compared with what is known before it is kept; and a wrong click invents nothing:
// nobody is asked for money, and the numbers of the new licence are not taken for those in force.
func TestAStatementIsWeighed(t *testing.T) {
	w := newWorld(t, nil)
	b := w.unread(granit()).session()
	for name, c := range map[string]struct {
		press []string // button, or field=value and button
		reads []string
	}{
		"not activated, same end": {[]string{"Nothing about a new licence", "13 December", "Continue"}, []string{"On 23 November a new licence was waiting. Has it been activated?", "expires on 13 December"}},
		"activated, same end":     {[]string{"The new licence is activated", "expires=2026-12-13|Continue"}, []string{"this is the day on which the licence ended before: 13 December"}},
		"longer, not activated":   {[]string{"Nothing about a new licence", "expires=2027-12-13|Continue", "Continue"}, []string{"That is later than before (13 December). Has the new licence been activated?"}},
		"an end in the past":      {[]string{"Nothing about a new licence", "expires=2026-11-01|Continue", "Continue"}, []string{"That day has passed.", "That is earlier than before (13 December)."}},
		"fewer than are listed":   {[]string{"A new licence is waiting", "No, something differs", "13 December", "in_use.sales=6|Continue"}, []string{"Sales: the list of people has 9; 6 is fewer."}},
	} {
		b.open("/screen/" + granitCust)
		page := ""
		for _, press := range c.press {
			typed, button, ok := strings.Cut(press, "|")
			if !ok {
				page = b.submit("/screen", press, nil)
				continue
			}
			field, value, _ := strings.Cut(typed, "=")
			page = b.submit("/screen", button, url.Values{field: {value}})
		}
		t.Log(name)
		w.reads(page, append(c.reads, "Look once more", "Is this what the screen says?", "No, change it")...)
	}
	// Somebody says so all the same.
	b.open("/screen/" + granitCust)
	b.submit("/screen", "Nothing about a new licence", nil)
	b.submit("/screen", "13 December", nil)
	b.submit("/screen", "Continue", nil)
	b.submit("/screen", "Yes, that is what it says", nil)
	mails := len(w.inbox())
	w.advance(w.clock.Now().Add(16 * time.Minute))
	kept := w.said("G-1", "licence.reported")[0]
	line := kept["plans"].([]any)[0].(map[string]any)
	if kept["offered"] != false || kept["expires"] != "2026-12-13" || line["total"] != 10.0 || line["new_total"] != nil || line["in_use"] != 9.0 {
		t.Errorf("kept is %v", kept)
	}
	if n := len(w.inbox()); n != mails {
		t.Errorf("a wrong click sent %d mails", n-mails)
	}
	// Of a new licence that nobody had heard of every number is asked for, and held to the order.
	w.must(w.say("subscription.changed", w.clock.Now(), `{"account":"G-1","subscription":"s","plans":[{"plan":"sales","seats":8}]}`), "applied")
	b.cookies = nil
	b.session()
	b.open("/screen/" + granitCust)
	b.submit("/screen", "A new licence is waiting", nil)
	b.submit("/screen", "13 December", nil)
	b.submit("/screen", "Continue", url.Values{"in_use.sales": {"9"}, "new.sales": {""}})
	if b.shows.status != 422 || !strings.Contains(b.shows.body, `<a href="#new.sales">Give the number of every plan`) {
		t.Errorf("half an offer is answered with %d", b.shows.status)
	}
	w.reads(b.submit("/screen", "Continue", url.Values{"in_use.sales": {"9"}, "new.sales": {"7"}}), "Sales: the order says 8, not 7.", "Sales: 7 in the new licence.")
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
	w.reads(b.submit("/loaded", "It is loaded", url.Values{"expires": {"2027-12-13"}}), "Is this what the screen says?")
	b.submit("/screen", "Yes, that is what it says", nil)
	w.lacks(b.open(""), "I have loaded the file")
	w.advance(w.clock.Now().Add(16 * time.Minute))
	if kept := w.said("G-1", "licence.reported")[0]; kept["stated_by"] != "Ulla Sten" || kept["expires"] != "2027-12-13" {
		t.Errorf("kept is %v", kept)
	}
	page = b.open("")
	w.reads(page, "Ulla Sten has told us so")
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
	typed := url.Values{"offer": {"none"}, "asked": {"in-use"}, "confirm": {"yes"}, "in_use.sales": {"7"}, "expires": {"2027-12-13"}}
	before := len(w.said("G-1", "licence.stated"))
	for _, cust := range []string{"Cust60000", "Cust60001", "Cust60002", "", "Cust99999"} {
		for _, form := range []string{"/screen", "/loaded", "/takeback"} {
			fields := url.Values{"cust_id": {cust}}
			for name, values := range typed {
				fields[name] = values
			}
			if out := b.forge(form, fields); out.status != 303 {
				t.Errorf("%s of %q: %d", form, cust, out.status)
			}
			if n := len(w.said("G-1", "licence.stated")); n != before {
				t.Fatalf("%s of %q is taken", form, cust)
			}
		}
		if b.open("/screen/" + cust); b.at != b.base {
			t.Errorf("%q has a page that asks: %s", cust, b.at)
		}
	}
	// Each page that shows it takes it.
	for _, page := range []string{"/steps/" + fp, "/screen/" + granitCust} {
		if !strings.Contains(b.open(page), "What does the Licences screen say today?") {
			t.Errorf("%s does not ask", page)
		}
		b.submit("/screen", "A new licence is waiting", nil)
		b.submit("/screen", "Yes, all of it", nil)
		if n := len(w.said("G-1", "licence.stated")); n != before+1 {
			t.Errorf("%q is not taken", page)
		}
		before = len(w.said("G-1", "licence.stated"))
	}
	// Of another in production nothing was ever told: the first page begins with the question, and names it.
	w.reads(b.open(""), "Cust60003: What does the Licences screen say today?")
	// Nothing of what was read off one is that of another, and billing is not asked.
	siv := w.linkOf("G-1", "siv")
	siv.session()
	if out := siv.forge("/screen", url.Values{"cust_id": {granitCust}, "offer": {"waits"}, "same": {"yes"}}); out.status != 303 || len(w.said("G-1", "licence.stated")) != before {
		t.Errorf("billing states what the screen says: %d", out.status)
	}
}

// A draft that a person of ours sends waits as well while somebody's word stands that may say otherwise,
// and goes nowhere once that word has ended its matter.
func TestNoDraftContradictsWhoHasJustSpoken(t *testing.T) {
	w := newWorld(t, nil)
	c := granit()
	c.tenant.Grants = nil
	c.account.Mail = licence.Some("review")
	if err := w.sim.Put(c.tenant); err != nil {
		t.Fatal(err)
	}
	w.direct(c.account)
	w.tellLicence(`"offered":true,"can_activate":false,"new_expires":"2027-12-13"`, `"new_total":7,`)
	w.advance(w.clock.Now().Add(time.Hour))
	b := w.linkOf("G-1", "ulla")
	b.session()
	b.open("/screen/" + granitCust)
	w.reads(b.submit("/screen", "The new licence is activated", nil), "When does the licence expire, according to the screen?")
	w.reads(b.submit("/screen", "13 December 2027", nil), "Is this what the screen says?")
	w.reads(b.submit("/screen", "Yes, that is what it says", nil), "Your answer is kept.")
	sent := len(w.inbox())
	if out := w.commands("/drafts", `{"send":true,"account":"G-1"}`); out.status != 200 || !strings.Contains(out.body, `"drafts":1`) {
		t.Fatalf("no draft waited: %d %s", out.status, out.body)
	}
	d := deskWorld{w, w.signsIn("nora@fjordpartner.example")}
	w.reads(text(d.see("/support/drafts")), "omebody there has just told us what the Licences screen says")
	w.advance(w.clock.Now().Add(10 * time.Minute))
	if more := w.inbox()[sent:]; len(more) > 0 {
		t.Fatalf("while the statement stands it went: %s", more[0].Subject)
	}
	w.advance(w.clock.Now().Add(time.Hour))
	for _, m := range w.inbox()[sent:] {
		if strings.Contains(m.Why, "surplus") {
			t.Errorf("after it had ended: %s", m.Subject)
		}
	}
}
