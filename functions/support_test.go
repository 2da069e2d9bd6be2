package functions_test

import (
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// What the desk shows, and what it does.

func TestBoard(t *testing.T) {
	d := deskWith(t, nil, "first", "demo/fjord-foods", "demo/bjorkdal-bygg", "demo/norrsken-media")
	d.advance(morning.Add(time.Hour))
	page := d.see("/support")
	shows(t, page, "Fjord Foods AB", "Björkdal Bygg AB", "Too many seats 2", "Invoice overdue 1", "Administrator 2", "Billing 1")
	if a, b := strings.Index(page, "Björkdal"), strings.Index(page, "Fjord Foods"); a < 0 || b < a {
		t.Error("the case whose day comes first does not stand first")
	}
	page = d.see("/support?cause=invoice-overdue")
	shows(t, page, "Björkdal Bygg AB", "Show all cases")
	if strings.Contains(page, "Fjord Foods") {
		t.Error("the filter leaves what has another cause")
	}
	unpaid := struct{ Case string }{licence.Case(d.finding("C-1071", "invoice-overdue").Fingerprint)}
	for q, want := range map[string]string{
		"Cust12345": "Fjord Foods AB", "1801550193": "Fjord Foods AB", "fjord foods ab": "Fjord Foods AB", "anna.berg@fjordfoods.example": "Fjord Foods AB",
		"@fjordfoods.example": "Fjord Foods AB", " C-1071 ": "Björkdal Bygg AB", "https://online2.superoffice.com/Cust12345/default.aspx": "Fjord Foods AB",
		"12345": "Fjord Foods AB", "cust 12 345": "Fjord Foods AB", "1801 550 193": "Fjord Foods AB", "0193": "Fjord Foods AB", "foods": "Fjord Foods AB", "fjord anna": "Fjord Foods AB",
		"bjork": "Björkdal Bygg AB", "BJÖRKDAL bygg": "Björkdal Bygg AB", "dal byg": "Björkdal Bygg AB", "Bjørkdal": "Björkdal Bygg AB",
		unpaid.Case: "Björkdal Bygg AB", strings.ToLower(unpaid.Case[2:]): "Björkdal Bygg AB", "s " + unpaid.Case[2:6] + " " + unpaid.Case[6:]: "Björkdal Bygg AB", "Re: [" + unpaid.Case + "] Björkdal Bygg AB: invoice overdue": "Björkdal Bygg AB",
	} {
		page := d.see("/support?q=" + url.QueryEscape(q))
		if shows(t, page, want); strings.Count(page, `class="name"`) != 1 {
			t.Errorf("%q finds %d", q, strings.Count(page, `class="name"`))
		}
	}
	shows(t, d.see("/support?q="+url.QueryEscape("<b>nobody</b>")), "No customer matches “<b>nobody</b>”.")
	if out := d.get("/support?q=fjord&cursor=nonsense", d.cookie); out.status != 400 {
		t.Errorf("a cursor that is none: %d", out.status)
	}
}

// Whatever the desk says becomes a fact with the name of who said it.
func TestWhatTheDeskSays(t *testing.T) {
	d := deskWith(t, nil, "first", "demo/bjorkdal-bygg")
	d.advance(morning.Add(time.Hour))
	surplus := d.finding("C-1", "surplus").Fingerprint
	unpaid := d.finding("C-1071", "invoice-overdue")
	for _, c := range []struct {
		account, form string
		fields        url.Values
		kind, by      string
		says          string
	}{
		{"C-1", "answer", url.Values{"fingerprint": {surplus}, "answer": {"snooze"}, "until": {"2026-12-01"}}, "finding.answered", `"by":"Nora Dahl"`, `"until":"2026-12-01"`},
		{"C-1", "answer", url.Values{"fingerprint": {surplus}, "answer": {"numbers-wrong"}, "note": {"rang Anna"}}, "finding.answered", `"by":"Nora Dahl"`, `"answer":"numbers-wrong"`},
		{"C-1", "mail", url.Values{"mail": {"off"}}, "mail.changed", `"by":"Nora Dahl"`, `"mail":"off"`},
		{"C-1", "mail", url.Values{"mail": {""}}, "mail.changed", `"by":"Nora Dahl"`, `"mail":null`},
		{"C-1", "check", nil, "check.asked", `"by":"Nora Dahl"`, `"cust_id":"Cust10001"`},
		{"C-1071", "paid", url.Values{"fingerprint": {unpaid.Fingerprint}, "paid_on": {"2026-11-20"}, "reference": {"bank 7"}}, "payment.claimed", `"by":"Nora Dahl"`, `"reference":"bank 7"`},
		{"C-1071", "arrangement", url.Values{"until": {"2026-12-20"}, "note": {"in two parts"}}, "arrangement.changed", `"by":"Nora Dahl"`, `"until":"2026-12-20"`},
		{"C-1071", "arrangement", url.Values{"do": {"end"}}, "arrangement.changed", `"by":"Nora Dahl"`, `"by"`},
	} {
		page := d.send("/support/accounts/"+c.account+"/"+c.form, c.fields)
		f := d.fact(c.account, c.kind)
		body, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		if f.Source != "support" || !strings.Contains(string(body), c.by) || !strings.Contains(string(body), c.says) {
			t.Errorf("%s %v: stored %s", c.form, c.fields, body)
		}
		shows(t, page, "by Nora Dahl")
	}
	shows(t, d.see("/support/accounts/C-1"), "rang Anna", "Emails: As the operator’s settings say")
	// What is not there any more is said to be gone, and nothing is written.
	for form, fields := range map[string]url.Values{
		"answer": {"fingerprint": {"0123456789abcdef"}, "answer": {"handled"}}, "paid": {"fingerprint": {surplus}}, "mail": {"mail": {"loud"}},
		"revoke": {"id": {"nothing"}}, "drafts": {}, "screen": {"cust_id": {"Cust12345"}},
	} {
		before := len(d.db.written())
		shows(t, d.send("/support/accounts/C-1/"+form, fields), "Nothing was saved")
		if wrote := d.db.written()[before:]; len(wrote) > 0 {
			t.Errorf("%s wrote %v", form, wrote)
		}
	}
	for _, path := range []string{"/support/accounts/C-1/nothing", "/support/accounts/C-9/answer", "/support/accounts/fleet/mail"} {
		if out := d.press(path, nil, d.cookie); out.status != 404 {
			t.Errorf("%s: %d, want 404", path, out.status)
		}
	}
}

// What was switched on or off at the desk stands until somebody else says otherwise.
func TestMailPolicyOfTheDesk(t *testing.T) {
	d := deskWith(t, nil, "first")
	d.send("/support/accounts/C-1/mail", url.Values{"mail": {"off"}})
	d.advance(morning.Add(2 * time.Hour))
	if n := len(d.inbox()); n != 0 {
		t.Errorf("%d mails though they are off", n)
	}
	page := d.see("/support/accounts/C-1")
	shows(t, page, "Off: nothing goes out set at this desk", "Emails to this customer are switched off.")
	d.send("/support/accounts/C-1/mail", url.Values{"mail": {"on"}})
	d.advance(d.clock.Now().Add(time.Hour))
	if n := len(d.inbox()); n == 0 {
		t.Error("no mail though they are on")
	}
	shows(t, d.see("/support/accounts/C-1"), "On: they go out set at this desk", "Email “")
}

func TestDraftsOfTheDesk(t *testing.T) {
	d := deskWith(t, nil, "first", "demo/fjord-foods", "demo/bjorkdal-bygg")
	for _, a := range []string{"C-1", "C-1042", "C-1071"} {
		d.send("/support/accounts/"+a+"/mail", url.Values{"mail": {"review"}})
	}
	d.advance(morning.Add(time.Hour))
	if n := len(d.inbox()); n != 0 {
		t.Fatalf("%d mails went under review", n)
	}
	page := d.see("/support")
	shows(t, page, "3 Emails waiting for a decision", "1 draft")
	page = d.see("/support/drafts")
	shows(t, page, "3 in all", "Storvik", "Fjord Foods AB", "Björkdal Bygg AB", "anna.berg@fjordfoods.example")
	if strings.Contains(page, "/r/") && !strings.Contains(page, "/r/…") || strings.Count(page, "/r/") != 3 {
		t.Error("the desk reads the customers' links")
	}
	id := regexp.MustCompile(`name="account" value="C-1042"><input type="hidden" name="id" value="([^"]+)"`).FindStringSubmatch(page)
	if id == nil {
		t.Fatalf("no draft to send: %s", text(page))
	}
	shows(t, d.send("/support/drafts", url.Values{"do": {"send"}, "account": {"C-1042"}, "id": {id[1]}}), "Sent: 1 email. This was about Fjord Foods AB.", "2 in all. They are checked")
	if mails := d.inbox(); len(mails) != 1 || mails[0].To != "anna.berg@fjordfoods.example" {
		t.Fatalf("sent %+v", mails)
	}
	shows(t, d.see("/support/accounts/C-1042"), "Draft to be sent "+id[1], "by Nora Dahl")
	_, form := d.preview("/support/drafts", url.Values{"do": {"drop"}})
	at := slices.Index(form["account"], "C-1071")
	shows(t, d.send("/support/accounts/C-1071/drafts", url.Values{"do": {"drop"}}), "Nothing was saved") // which of them?
	asked, drop := d.preview("/support/accounts/C-1071/drafts", url.Values{"do": {"drop"}, "id": form["id"][at : at+1]})
	shows(t, asked, "This draft is dropped when you press the button.", "To ekonomi@bjorkdal.example")
	shows(t, d.see("/support/accounts/C-1071"), "Drop …") // it is still there
	shows(t, d.send("/support/selected", drop), "Dropped: 1 email. This was about Björkdal Bygg AB.", "No drafts are waiting.")
	shows(t, d.see("/support/drafts"), "Just one. It is checked")
	shows(t, d.see("/support"), "1 Email waiting for a decision")
	_, form = d.preview("/support/drafts", url.Values{"do": {"send"}})
	shows(t, d.send("/support/selected", form), "Sent: 1 email.", "No drafts are waiting.")
	if n := len(d.inbox()); n != 2 {
		t.Errorf("%d mails in the end, want 2", n)
	}
	shows(t, d.send("/support/drafts", url.Values{"do": {"send"}, "account": {"C-1042"}, "id": {id[1]}}), "There was nothing to do")
}

func TestRevoke(t *testing.T) {
	d := deskWith(t, nil, "first")
	d.advance(morning.Add(time.Hour))
	link := d.link()
	id := regexp.MustCompile(`/revoke"><input type="hidden" name="id" value="([^"]+)"`).FindStringSubmatch(d.see("/support/accounts/C-1"))
	if id == nil || d.get(link).status != 200 {
		t.Fatal("no link to revoke")
	}
	shows(t, d.send("/support/accounts/C-1/revoke", url.Values{"id": {id[1]}}), "Revoked", "Nobody has been given a link.", "by Nora Dahl")
	if out := d.get(link); out.status != http.StatusGone {
		t.Errorf("a revoked link: %d", out.status)
	}
}

// The page that the customer sees, for reading alone.
func TestTheCustomersPage(t *testing.T) {
	d := deskWith(t, nil, "first", "demo/bjorkdal-bygg")
	d.advance(morning.Add(time.Hour))
	out := d.get("/support/accounts/C-1/page?role=admin", d.cookie)
	if strings.Contains(out.body, "<button>") || !strings.Contains(out.body, "<button disabled") || !strings.Contains(out.header.Get("Content-Security-Policy"), "form-action 'none'") {
		t.Errorf("something can be pressed: %s", out.header.Get("Content-Security-Policy"))
	}
	shows(t, out.body, "9 assigned, 7 in the new licence")
	if page := d.get("/support/accounts/C-1071/page?role=admin", d.cookie); strings.Contains(page.body, "SEK") {
		t.Error("the administrator's page speaks of an amount")
	}
	if page := d.get("/support/accounts/C-1071/page?role=billing", d.cookie); !strings.Contains(page.body, "SEK") {
		t.Errorf("the page of billing names no amount: %s", text(page.body))
	}
	if out := d.get("/support/accounts/C-1/page?role=support", d.cookie); out.status != 404 {
		t.Errorf("a role that no customer has: %d", out.status)
	}
}

// The bundle leaves the house: it names no person. And a case names no other customer.
func TestEveryCase(t *testing.T) {
	d := deskWith(t, nil, demo...)
	d.advance(morning.Add(26 * time.Hour))
	d.cookie = d.signsIn("nora@fjordpartner.example")
	list, _, err := d.db.Accounts(d.Context(), store.Page{Limit: 100})
	if err != nil || len(list) < 10 {
		t.Fatalf("%d customers: %v", len(list), err)
	}
	before := len(d.db.written())
	for _, e := range list {
		page := d.see("/support/accounts/" + e.Account)
		shows(t, page, e.Name)
		bundle := d.get("/support/accounts/"+e.Account+"/bundle", d.cookie)
		if bundle.status != 200 || bundle.header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Fatalf("%s: %v", e.Account, bundle)
		}
		l, err := d.db.Load(d.Context(), e.Account, store.Want{})
		if err != nil {
			t.Fatal(err)
		}
		a := l.State.Known.Profile.Account.Value
		for _, i := range a.Installations {
			if !strings.Contains(bundle.body, i.CustID) || !strings.Contains(bundle.body, i.Serial) {
				t.Errorf("the bundle of %s lacks %s or %s", e.Account, i.CustID, i.Serial)
			}
		}
		for _, f := range diagnosis.Diagnose(l.State, d.clock.Now(), d.clock.Now()).Findings {
			if !strings.Contains(bundle.body, string(f.Code)) || !strings.Contains(bundle.body, licence.Case(f.Fingerprint)) {
				t.Errorf("the bundle of %s lacks %s", e.Account, f.Code)
			}
		}
		var people []string
		for _, c := range a.Contacts {
			people = append(people, c.Name, c.Email)
		}
		for _, in := range l.State.Known.Licences.By {
			seats, _, err := d.db.Seats(d.Context(), e.Account, in.CustID, in.Roster.ID, store.Page{Limit: 500})
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range seats {
				people = append(people, s.User.Value.Name, s.User.Value.Email)
			}
			people = append(people, in.Login.Value.User.Name, in.Login.Value.User.Email)
		}
		for _, p := range people {
			if p != "" && strings.Contains(bundle.body, p) {
				t.Errorf("the bundle of %s names %s", e.Account, p)
			}
		}
		if strings.Contains(bundle.body, "@") {
			t.Errorf("the bundle of %s has an address: %s", e.Account, bundle.body)
		}
		for _, other := range list {
			if other.Account != e.Account && (strings.Contains(page, other.Name) || strings.Contains(bundle.body, other.Name)) {
				t.Errorf("%s tells of %s", e.Account, other.Name)
			}
		}
	}
	if wrote := d.db.written()[before:]; len(wrote) > 0 {
		t.Errorf("looking wrote %v", wrote)
	}
	if out := d.get("/support/accounts/fleet", d.cookie); out.status != http.StatusSeeOther || out.header.Get("Location") != "/support/fleet" {
		t.Errorf("the fleet's case: %v", out)
	}
	for _, path := range []string{"/support/accounts/C-9", "/support/accounts/fleet/bundle", "/support/nothing"} {
		if out := d.get(path, d.cookie); out.status != 404 {
			t.Errorf("%s: %d, want 404", path, out.status)
		}
	}
}

// What the customer reads off the screen on the phone stands in for a reading.
func TestTheScreenOnThePhone(t *testing.T) {
	d := deskWith(t, nil)
	d.say("account.changed", morning.Add(-time.Hour), `{"account":"C-7","name":"Kvarn AB","locale":"sv","timezone":"Europe/Stockholm","model":"plans","mail":"on",
		"contacts":[{"id":"a","name":"Ada Ek","email":"ada@kvarn.example","role":"admin","locale":"sv"}],
		"installations":[{"cust_id":"KVARN-7","serial":"77","kind":"production","hosting":"onsite","url":""}],"billing":[],
		"plans":[{"plan":"sales","name":"Sales","module":"ten-sales","prices":[]},{"plan":"service","name":"Service","module":"ten-service","prices":[]}]}`)
	form := url.Values{"cust_id": {"KVARN-7"}, "expires": {"2026-12-13"}, "grace_until": {"2026-12-25"}, "next_check": {"2026-11-20"}, "version": {"9.1"},
		"offered": {"yes"}, "can_activate": {"no"}, "new_expires": {"2027-12-13"},
		"total.sales": {"10"}, "new_total.sales": {"7"}, "in_use.sales": {"9"}, "total.service": {"5"}, "in_use.service": {"3"}}
	shows(t, d.refused("/support/accounts/C-7/screen", form), "for a new licence, the number of every plan is needed")
	form.Set("new_total.service", "5")
	if page := d.see("/support/accounts/C-7"); strings.Contains(page, " checked") {
		t.Error("what nobody knows is answered already")
	}
	shown, yes := d.preview("/support/accounts/C-7/screen", form)
	shows(t, shown, "Valid until – → Sun 13 Dec 2026", "Sales, In use 0 → 9", "This will then be found Too many seats : Sales: 9 assigned, 7 in the new licence. Free 2.")
	if n := len(d.said("C-7", "licence.reported")); n != 0 {
		t.Errorf("%d were kept before anybody said yes", n)
	}
	no := maps.Clone(yes)
	no.Set("go", "no")
	if out := d.press("/support/accounts/C-7/screen", no, d.cookie); out.status != 200 || !strings.Contains(out.body, `name="in_use.sales" value="9"`) || len(d.said("C-7", "licence.reported")) != 0 {
		t.Errorf("who says no is given %d", out.status)
	}
	page := d.send("/support/accounts/C-7/screen", yes)
	shows(t, page, "as you read it off the screen", "As Nora Dahl read it off the screen", "Sales: 9 assigned, 7 in the new licence. Free 2.")
	l := d.fact("C-7", "licence.reported").Payload.(licence.LicenceReported)
	if l.StatedBy != "Nora Dahl" || l.Serial != "77" || l.Version != "9.1" || !l.Offered || l.CanActivate || l.NewExpires != "2027-12-13" || l.GraceUntil != "2026-12-25" || len(l.Plans) != 2 ||
		l.Plans[0].Module != "ten-sales" || l.Plans[0].Total != 10 || *l.Plans[0].NewTotal != 7 || l.Plans[0].InUse != 9 {
		t.Errorf("stated %+v", l)
	}
	if page = d.see("/support/accounts/C-7"); !strings.Contains(page, `name="offered" value="yes" required checked`) || strings.Contains(page, `name="can_activate" value="no" checked`) {
		t.Error("whether it can be activated is answered by who has not been asked")
	}
	// Two were freed, and the new licence is the one in force.
	shown, yes = d.preview("/support/accounts/C-7/screen", url.Values{"cust_id": {"KVARN-7"}, "expires": {"2027-12-13"}, "offered": {"no"}, "in_use.sales": {"7"}})
	shows(t, shown, "This will no longer be found Too many seats")
	d.send("/support/accounts/C-7/screen", yes)
	l = d.fact("C-7", "licence.reported").Payload.(licence.LicenceReported)
	if l.Offered || l.Expires != "2027-12-13" || l.Plans[0].Total != 7 || l.Plans[0].NewTotal != nil || l.Plans[0].InUse != 7 || l.GraceUntil != "2027-12-25" {
		t.Errorf("stated then %+v", l)
	}
	shows(t, d.send("/support/accounts/C-7/screen", url.Values{"cust_id": {"KVARN-8"}, "expires": {"2027-12-13"}}), "Nothing was saved")
}

// What cannot be what the screen says is told, and nothing is kept: no date or number is dropped silently.
func TestAMistypedScreenOfTheDesk(t *testing.T) {
	d := withWork(t, 1)
	form := func(field, value string) url.Values {
		f := url.Values{"cust_id": {"Cust6000"}, "expires": {"2026-12-13"}, "offered": {"yes"}, "can_activate": {"no"}, "reason": {"over its <limit>"}, "new_expires": {"2027-12-13"}, "total.p": {"10"}, "new_total.p": {"7"}, "in_use.p": {"9"}}
		f.Set(field, value)
		return f
	}
	kept := len(d.said("W-0", "licence.reported"))
	for _, name := range []string{"expires", "grace_until", "next_check", "new_expires"} {
		for _, typed := range []string{"0026-12-13", "2206-12-13", "13 december"} {
			page := d.refused("/support/accounts/W-0/screen", form(name, typed))
			shows(t, page, "Nothing was saved: there is no such date.")
			for _, kept := range []string{`name="` + name + `" value="` + typed + `"`, `name="reason" value="over its &lt;limit&gt;"`, `name="in_use.p" value="9"`, `<details id="screen-Cust6000" open>`} {
				if !strings.Contains(page, kept) {
					t.Errorf("%s %q: the form came back without %s", name, typed, kept)
				}
			}
		}
	}
	for _, name := range []string{"total.p", "in_use.p", "new_total.p"} {
		for _, typed := range []string{"seven", "-1", "7.5", "1000000"} {
			shows(t, d.refused("/support/accounts/W-0/screen", form(name, typed)), "Nothing was saved: a number of seats must be a whole number")
		}
	}
	shows(t, d.send("/support/accounts/W-0/paid", url.Values{"fingerprint": {"none"}, "paid_on": {"0026-12-13"}}), "Nothing was saved")
	shows(t, d.refused("/support/accounts/W-0/arrangement", url.Values{"until": {"2206-12-13"}}), "Nothing was saved: there is no such date.")
	shows(t, d.refused("/support/accounts/W-0/arrangement", url.Values{"note": {"they rang"}}), "Nothing was saved: a date is missing.")
	answer := url.Values{"fingerprint": {d.finding("W-0", "surplus").Fingerprint}, "answer": {"handled"}, "note": {"they rang"}, "until": {"0026-12-13"}}
	if page := d.refused("/support/accounts/W-0/answer", answer); !strings.Contains(page, `name="note" value="they rang"`) {
		t.Error("a note is lost")
	}
	shows(t, d.refused("/support/accounts/W-0/screen", form("can_activate", "")), "say whether the new licence can be activated")
	if n := len(d.said("W-0", "licence.reported")); n != kept {
		t.Errorf("%d of what was mistyped were kept", n-kept)
	}
	_, yes := d.preview("/support/accounts/W-0/screen", form("in_use.p", " 8 "))
	shows(t, d.send("/support/accounts/W-0/screen", yes), "as you read it off the screen")
}

// A body that could not be used is released once it can, or dropped, by name.
func TestAsideOfTheDesk(t *testing.T) {
	d := deskWith(t, nil, "demo/norrsken-media")
	early := strings.Replace(string(d.event("samples/04-stripe-failed.json")), "1795415400", fmt.Sprint(d.clock.Now().Add(2*time.Hour).Unix()), 1)
	d.must(d.post("stripe", "/billing/stripe", "early", []byte(early)), "set-aside")
	d.must(d.post("stripe", "/billing/stripe", "broken", []byte(`{"id":"evt_1","object":"event","created":1795415400,"livemode":true,"type":"invoice.paid","data":{"object":{"object":"invoice","id":7}}}`)), "set-aside")
	shows(t, d.see("/support"), "2 Rejected messages", "1 Task for operations")
	page := d.see("/support/aside")
	shows(t, page, "From stripe at /billing/stripe", "in_Norrsken2027", "Mon 23 Nov 2026, 08:30") // by the operator's clock
	shows(t, d.see("/support/accounts/"+account(t, d, "Norrsken Media AB")), "Rejected: stripe")
	body := map[string]string{}
	for _, m := range regexp.MustCompile(`(?s)<section class="card">.*?name="id" value="([^"]+)".*?</section>`).FindAllStringSubmatch(page, -1) {
		which := "broken"
		if strings.Contains(m[0], "in_Norrsken2027") {
			which = "early"
		}
		body[which] = m[1]
	}
	decide := func(do, which string) string {
		return d.send("/support/aside", url.Values{"do": {do}, "id": {body[which]}})
	}
	shows(t, decide("release", "early"), "It still cannot be used")
	d.clock.set(d.clock.Now().Add(2 * time.Hour))
	shows(t, decide("release", "early"), "Released: its facts are in.")
	f := d.fact(account(t, d, "Norrsken Media AB"), "invoice.changed")
	if !strings.HasPrefix(f.ID, "stripe/evt_NorrskenFailed") {
		t.Errorf("its fact has another id: %s", f.ID)
	}
	d.must(d.post("stripe", "/billing/stripe", "early", []byte(early)), "duplicate")
	shows(t, decide("release", "early"), "no longer there")
	shows(t, decide("release", "broken"), "It still cannot be used")
	shows(t, decide("drop", "broken"), "Dropped.", "Nothing is rejected.")
	shows(t, d.see("/support/fleet"), "Nora Dahl", "Rejected message, to be released: "+body["early"], "Rejected message, to be dropped: "+body["broken"], "Signed in: nora@fjordpartner.example", "Mon 23 Nov 2026, 08:30")
}

func TestParkedOfTheDesk(t *testing.T) {
	d := deskWith(t, nil)
	d.must(d.say("seat.changed", morning, `{"account":"C-404","cust_id":"Cust404","plan":"sales","held":true,"open_requests":0,"user":{"id":"1","name":"<i>Ida</i>","email":"ida@nobody.example","can_login":true,"admin":false,"protected":false,"waiting_for_approval":false,"last_active":null}}`), "parked")
	shows(t, d.see("/support"), "1 Unmatched message ")
	shows(t, d.see("/support/parked"), "No customer matches it by name or address.")
	d.must(d.say("account.changed", morning, `{"account":"N-1","name":"Nobody AS","locale":"nb","timezone":"Europe/Oslo","model":"plans","contacts":[{"id":"a","name":"Ola Ek","email":"ola@nobody.example","role":"admin","locale":"nb"}],"installations":[],"billing":[],"plans":[]}`), "applied")
	d.must(d.say("account.changed", morning, `{"account":"N-2","name":"<i>Ida</i> AS","locale":"nb","timezone":"Europe/Oslo","model":"plans","contacts":[],"installations":[],"billing":[],"plans":[]}`), "applied")
	page := d.see("/support/parked")
	shows(t, page, "seat.changed", "ida@nobody.example", "Mon 23 Nov 2026, 08:30", "Nobody AS N-1 What to do", "enter “account:C-404” at that account")
	if strings.Contains(page, "/support/accounts/N-2") {
		t.Error("a customer is proposed because a person is called so")
	}
	if strings.Contains(page, "<i>") {
		t.Error("what a sender wrote is taken for markup")
	}
}

// The time line goes back page by page, and loses nothing.
func TestTimeLine(t *testing.T) {
	d := deskWith(t, nil, "first")
	d.advance(morning.Add(time.Hour))
	for i := range 70 {
		d.must(d.say("licence.issued", d.clock.Now(), fmt.Sprintf(`{"account":"C-1","cust_id":"Cust10001","expires":"2027-%02d-%02d"}`, 1+i/28, 1+i%28)), "applied")
		d.clock.set(d.clock.Now().Add(time.Second))
	}
	seen, pages, mails := map[string]int{}, 0, 0
	next := "/support/accounts/C-1"
	for next != "" && pages < 10 {
		page := d.see(next)
		for _, m := range regexp.MustCompile(`until 2027-\d\d-\d\d</p>|until 2027-\d\d-\d\d <|until (2027-\d\d-\d\d)`).FindAllString(page[strings.Index(page, `id="line"`):], -1) {
			seen[m[:16]]++
		}
		mails += strings.Count(page, `<li class="mail">`)
		pages++
		next = ""
		if m := regexp.MustCompile(`href="([^"]+)" rel="next"`).FindStringSubmatch(page); m != nil {
			next, _, _ = strings.Cut(html.UnescapeString(m[1]), "#")
		}
	}
	rows, _, err := d.db.Rows(t.Context(), "C-1", "desk", store.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) != 70 || pages < 3 || mails != len(d.inbox())+len(rows) || mails == 0 {
		t.Errorf("%d of 70 facts and %d of %d mails on %d pages", len(seen), mails, len(d.inbox()), pages)
	}
}
