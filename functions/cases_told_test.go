package functions_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// A login at another's address is not this installation's: it lifts nothing and is evidence for
// nothing, ops have the directory to look at, and the user reads the right address.
func TestLoginElsewhere(t *testing.T) {
	const name, home = "domain/onsite-clone-same-serial", "https://online3.superoffice.com/Cust501"
	set := func(old, new string) func([]byte) []byte {
		return func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(old), []byte(new)) }
	}
	all := func(changes ...func([]byte) []byte) func([]byte) []byte {
		return func(b []byte) []byte {
			for _, c := range changes {
				b = c(b)
			}
			return b
		}
	}
	at := func(url string) func([]byte) []byte { return set("https://crm-test.skarp.example/", url) }
	online := set(`"hosting": "onsite"`, `"hosting": "online"`)
	for _, c := range []struct {
		name   string
		change func([]byte) []byte
		astray string // what ops have to look at; "": the login is the installation's
	}{
		{"the case", set("", ""), "strayed"},
		{"onsite, a newer version there", all(set(`"version": "9.1"`, `"version": "13.1"`), set(`"licensed_version": "12.2"`, `"licensed_version": "12.9"`)), "strayed"},
		{"onsite, its own host", at("https://online3.superoffice.com/other"), ""},
		{"onsite, its own host written otherwise", at("HTTPS://Online3.SuperOffice.com:8443/"), ""},
		{"online, another CustID in the path", all(online, at("https://online3.superoffice.com/Cust777/CS")), "strayed"},
		{"online, its own CustID at another host", all(online, at("https://online9.superoffice.com/cust501")), ""},
		{"online, a path that is no CustID", all(online, at("https://online3.superoffice.com/login")), ""},
		{"another CustID with this serial", set(`"data": {"cust_id": "Cust501", "serial"`, `"data": {"cust_id": "Cust777", "serial"`), "unlisted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "the case" {
				c.change = nil
			}
			p := playWith(t, name, late, c.change)
			d := p.diagnosis(p.account)
			phase, summary := "ok", "ok"
			if c.astray == "" {
				phase, summary = "admin-warning", "unknown"
			}
			if d.Phase != phase || d.Summary != summary {
				t.Errorf("phase %s, summary %s, want %s, %s", d.Phase, d.Summary, phase, summary)
			}
			for _, f := range d.Findings {
				t.Errorf("%s %s: %s", f.Code, f.State, f.Title)
			}
			var list struct {
				Tasks []struct {
					Code, Owner, State string
					Finding            struct{ Say string }
				}
			}
			p.ask("/accounts/"+p.account+"/tasks", &list)
			got, asked := "", false
			for _, x := range list.Tasks {
				if x.Code == "figures-needed" && x.Owner == "support" && c.astray == "" {
					asked = true // the login belies what was told of the licence, which is old from then on
					continue
				}
				if got += x.Finding.Say; x.Code != "directory" || x.Owner != "ops" {
					t.Errorf("%s has a task %s", x.Owner, x.Code)
				}
			}
			if got != c.astray {
				t.Errorf("ops have to look at %q, want %q", got, c.astray)
			}
			if n := len(p.inbox()); asked != (c.astray == "") || n != 0 && !asked || n > 1 {
				t.Errorf("%d mails went, and figures are asked for: %t", n, asked)
			}
			bodies := caseBodies(t, name)
			login := bodies[len(bodies)-1]
			if c.change != nil {
				login = c.change(login)
			}
			for lang, unlike := range map[string]string{"en": "This address is not the one", "sv": "Den här adressen är inte den"} {
				said := p.post("login", "/login-warnings", "again-"+lang, bytes.ReplaceAll(login, []byte(`"locale": "en"`), []byte(`"locale": "`+lang+`"`)))
				if strings.Contains(said.body, unlike) != (c.astray != "") || c.astray != "" && !strings.Contains(said.body, home) {
					t.Errorf("the user reads %s", said.body)
				}
			}
		})
	}
}

// A pushed customer is one that nobody can read: what is known of it was told once.
type pushed struct {
	account, hosting   string
	warns, expires     string // of its licence
	grace              string
	total, offer, uses int // offer 0: none
	ordered            int
}

func (w *world) pushes(c pushed, at time.Time) {
	w.Helper()
	plan := map[string]any{"plan": "sales-premium", "module": "ten-sales", "description": "Sales Premium", "total": c.total, "in_use": c.uses, "unrestricted": false}
	l := map[string]any{
		"account": c.account, "cust_id": "Cust501", "serial": "1801770501", "version": "12.2", "licensed_version": "12.2", "maintenance_until": "2028-12-31",
		"next_check": c.warns, "admin_warning": c.warns, "expires": c.expires, "grace_until": c.grace,
		"offered": c.offer > 0, "can_activate": false, "markers": []string{"Online"}, "plans": []any{plan},
	}
	if c.offer > 0 {
		plan["new_total"], l["new_expires"] = c.offer, "2027-12-13"
	}
	w.say("account.changed", at, fmt.Sprintf(`{"account":%q,"name":"Skarpsundet AB","locale":"en","timezone":"Europe/Stockholm","model":"plans","mail":"on",
		"contacts":[{"id":"a","name":"Ada Alm","email":"ada@skarp.example","role":"admin","locale":"en"}],
		"installations":[{"cust_id":"Cust501","serial":"1801770501","kind":"production","hosting":%q,"url":"https://online3.superoffice.com/Cust501"}],
		"billing":[],"plans":[{"plan":"sales-premium","name":"Sales Premium","module":"ten-sales","prices":["price_sp"]}]}`, c.account, c.hosting))
	w.say("subscription.changed", at.AddDate(0, -2, 0), fmt.Sprintf(`{"account":%q,"subscription":"sub_1","plans":[{"plan":"sales-premium","seats":%d}]}`, c.account, c.ordered))
	body, err := json.Marshal(l)
	if err != nil {
		w.Fatal(err)
	}
	if out := w.say("licence.reported", at, string(body)); out.status != 200 {
		w.Fatal(out)
	}
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

var (
	calm = pushed{account: "T-1", hosting: "onsite", warns: "2027-08-20", expires: "2027-09-13", grace: "2027-09-25", total: 10, uses: 9, ordered: 10}
	near = pushed{account: "T-1", hosting: "onsite", warns: "2026-11-25", expires: "2026-12-13", grace: "2026-12-25", total: 10, uses: 9, offer: 7, ordered: 7}
)

// An account taken in by a sheet and nothing else counts for thirty days, and says of which day
// it is; at risk for seven.
func TestTakenInOnceAndNothingElse(t *testing.T) {
	for _, c := range []struct {
		name           string
		of             pushed
		after          time.Duration
		phase, summary string
		says           string
	}{
		{"fine, after a day", calm, 25 * time.Hour, "ok", "ok", ""},
		{"fine, after two", calm, 48 * time.Hour, "ok", "ok", "2 November"},
		{"fine, after 29", calm, 29 * 24 * time.Hour, "ok", "ok", "2 November"},
		{"fine, after 31", calm, 31 * 24 * time.Hour, "unknown", "unknown", "2 November"},
		{"at risk since the 13th, after 17", near, 17 * 24 * time.Hour, "ok", "needs-action", "2 November"},
		{"at risk, after 18", near, 18 * 24 * time.Hour, "unknown", "unknown", "2 November"},
		{"at risk and warned, after 31", near, 31 * 24 * time.Hour, "admin-warning", "unknown", "2 November"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, nil)
			told := instant(t, "2026-11-02T09:00:00Z")
			w.clock.set(told)
			w.pushes(c.of, told)
			w.advance(told.Add(c.after))
			p := &played{world: w, account: c.of.account}
			d := w.diagnosis(c.of.account)
			if d.Phase != c.phase || d.Summary != c.summary {
				t.Errorf("phase %s, summary %s, want %s, %s: %+v", d.Phase, d.Summary, c.phase, c.summary, d.Findings)
			}
			en, sv := p.read("en"), p.read("sv")
			if c.says == "" {
				if strings.Contains(en, "licence figures") || strings.Contains(sv, "Uppgifterna om licensen") {
					t.Errorf("what is new is dated:\n%s", en)
				}
			} else if !strings.Contains(en, "The licence figures are as of 2 November.") || !strings.Contains(sv, "Uppgifterna om licensen är från den 2 november.") {
				t.Errorf("nothing says of which day it is:\n%s\n%s", en, sv)
			}
			for _, f := range d.Findings {
				if f.Code == "source-stale" {
					t.Error("a source is silent that nobody can read")
				}
			}
		})
	}
}

// A mail rests on the last facts of an installation that nobody can read, and says of which day
// they are; beyond their time nobody is mailed, and the task stays.
func TestMailOnToldFacts(t *testing.T) {
	for _, lang := range []string{"en", "sv"} {
		t.Run(lang, func(t *testing.T) {
			w := newWorld(t, nil)
			told := instant(t, "2026-11-28T09:00:00Z") // a Saturday: the mail goes on Monday
			w.clock.set(told)
			w.pushes(near, told)
			if lang == "sv" {
				w.say("account.changed", told.Add(time.Second), `{"account":"T-1","name":"Skarpsundet AB","locale":"sv","timezone":"Europe/Stockholm","model":"plans","mail":"on",
					"contacts":[{"id":"a","name":"Ada Alm","email":"ada@skarp.example","role":"admin","locale":"sv"}],
					"installations":[{"cust_id":"Cust501","serial":"1801770501","kind":"production","hosting":"onsite","url":"https://online3.superoffice.com/Cust501"}],
					"billing":[],"plans":[{"plan":"sales-premium","name":"Sales Premium","module":"ten-sales","prices":["price_sp"]}]}`)
			}
			w.advance(instant(t, "2026-11-30T09:00:00Z"))
			mails := w.inbox()
			if len(mails) != 1 || mails[0].To != "ada@skarp.example" {
				t.Fatalf("mails: %v", mails)
			}
			want := map[string]string{"en": "The licence figures are as of 28 November.", "sv": "Uppgifterna om licensen är från den 28 november."}[lang]
			for where, page := range map[string]string{"the text": mails[0].Text, "the HTML": text("<main" + mails[0].HTML), "the page": text(w.get(path(t, mails[0].Link)).body)} {
				if where == "the page" { // there each sentence that rests on them says so
					want = map[string]string{"en": "Free 2. (As of 28 November.)", "sv": "Ta bort 2. (Läget 28 november.)"}[lang]
				}
				if !strings.Contains(strings.Join(strings.Fields(page), " "), want) {
					t.Errorf("%s does not say of which day it is:\n%.1500s", where, page)
				}
			}
			w.advance(told.Add(8 * 24 * time.Hour))
			if f := w.finding("T-1", "surplus"); f.State != "unknown" {
				t.Errorf("after eight days: %+v", f)
			}
			if n := len(w.inbox()); n != 1 {
				t.Errorf("%d mails", n)
			}
		})
	}
}

// A connected installation at risk whose reads fail: after 26 hours nothing of it counts, ops
// know, and nobody at the customer is told anything that was not read within the hour.
func TestReadsFailAtRisk(t *testing.T) {
	w := newWorld(t, nil)
	told := instant(t, "2026-11-30T06:00:00Z")
	w.clock.set(told)
	w.say("installation.reported", told, `{"account":"T-1","cust_id":"Cust501","state":"running","can":["read-licence"]}`)
	w.pushes(near, told)
	w.say("installation.reported", told, `{"account":"T-1","cust_id":"Cust501","state":"running","can":["read-licence"]}`)
	w.advance(told.Add(25 * time.Hour))
	if f := w.finding("T-1", "surplus"); f.State != "open" {
		t.Errorf("after 25 hours: %+v", f)
	}
	w.advance(told.Add(27 * time.Hour))
	d := w.diagnosis("T-1")
	if d.Phase != "admin-warning" || d.Summary != "unknown" {
		t.Errorf("phase %s, summary %s", d.Phase, d.Summary)
	}
	if f := w.finding("T-1", "source-stale"); f.Owner != "ops" || f.Severity != "high" {
		t.Errorf("source-stale: %+v", f)
	}
	if f := w.finding("T-1", "surplus"); f.State != "unknown" {
		t.Errorf("surplus: %+v", f)
	}
	if mails := w.inbox(); len(mails) != 0 {
		t.Errorf("mails went: %v", mails)
	}
	p := &played{world: w, account: "T-1"}
	if said := p.read("en"); strings.Contains(said, "The licence figures") {
		t.Errorf("what can be read is dated as if it could not:\n%s", said)
	}
}

// One of two installations is warned: it alone is lifted, and the account with it.
func TestOneOfTwoIsWarned(t *testing.T) {
	p := playWith(t, "domain/two-prod-titles", "2026-11-30T09:00:00Z", func(b []byte) []byte {
		for _, d := range []string{"admin_warning", "next_check"} {
			b = replaceDate(b, d, "2027-08-20")
		}
		b = replaceDate(b, "expires", "2027-09-13")
		return replaceDate(b, "grace_until", "2027-09-25")
	})
	if d := p.diagnosis(p.account); d.Phase != "ok" {
		t.Fatalf("phase %s", d.Phase)
	}
	p.post("login", "/login-warnings", "one", fmt.Appendf(nil, `{"type":"login.warned","timestamp":%q,"data":{"cust_id":"Cust502","serial":"1801770502",
		"url":"https://online3.superoffice.com/Cust502","version":"12.2","message":"w","days_left":5,"user":{"id":"12","name":"Eva","email":"eva@skarp.example","locale":"en"}}}`, late))
	var a struct {
		Installations []struct {
			CustID string `json:"cust_id"`
			Phase  string
		}
	}
	p.ask("/accounts/"+p.account, &a)
	got := map[string]string{}
	for _, i := range a.Installations {
		got[i.CustID] = i.Phase
	}
	if got["Cust501"] != "ok" || got["Cust502"] != "admin-warning" {
		t.Errorf("phases %v", got)
	}
	if d := p.diagnosis(p.account); d.Phase != "admin-warning" || d.Summary == "ok" {
		t.Errorf("phase %s, summary %s", d.Phase, d.Summary)
	}
}

func replaceDate(b []byte, field, day string) []byte {
	key := []byte(`"` + field + `": "`)
	at := bytes.Index(b, key)
	if at < 0 {
		return b
	}
	at += len(key)
	return slices.Concat(b[:at], []byte(day), b[at+len(day):])
}

// The desk and the customer see one plan alike: a seat that is ordered is not one too many.
func TestOneBarForDeskAndCustomer(t *testing.T) {
	for _, c := range []struct {
		ordered int
		over    string
	}{{7, "2 too many"}, {10, ""}, {8, "1 too many"}} {
		t.Run(fmt.Sprint(c.ordered), func(t *testing.T) {
			w := newWorld(t, nil)
			told := instant(t, "2026-11-30T06:00:00Z")
			w.clock.set(told)
			of := near
			of.ordered = c.ordered
			w.pushes(of, told)
			w.advance(told.Add(50 * time.Hour))
			mails := w.inbox()
			if len(mails) == 0 {
				t.Fatal("nobody was mailed")
			}
			customer := w.get(path(t, mails[0].Link)).body
			r := deskWorld{w, w.signsIn("nora@fjordpartner.example")}.see("/support/accounts/T-1")
			for who, page := range map[string]string{"the customer": customer, "the desk": r} {
				bar := page[max(0, strings.Index(page, `<svg class="bar"`)):]
				if c.over != "" && !strings.Contains(page, c.over) || strings.Contains(page, "too many") != (c.over != "") {
					t.Errorf("%s does not read %q: %.400s", who, c.over, text(bar))
				}
				if strings.Contains(bar[:strings.Index(bar, "</svg>")], `class="over"`) != (c.over != "") && who == "the desk" {
					t.Errorf("%s: %.600s", who, bar)
				}
			}
		})
	}
}

// The markers of a licence are compared without case: a trial is a trial, whatever the directory
// says, and what is ordered belongs to the one that is left.
func TestMarkersWithoutCase(t *testing.T) {
	p := play(t, "domain/wrong-markers-case", "2026-11-24T16:00:00Z")
	d := p.diagnosis(p.account)
	if d.Phase != "ok" || d.Summary != "ok" {
		t.Errorf("phase %s, summary %s", d.Phase, d.Summary)
	}
	if f := p.finding(p.account, "wrong-installation"); f.Subject.CustID != "Cust590" {
		t.Errorf("wrong-installation: %+v", f)
	}
	var a struct {
		Installations []struct {
			Plans []struct {
				Plan    string
				Ordered *struct{ Value int }
			}
		}
	}
	p.ask("/accounts/"+p.account, &a)
	if got := a.Installations[0].Plans; len(got) == 0 || got[0].Ordered == nil || got[0].Ordered.Value != 10 {
		t.Errorf("ordered: %+v", got)
	}
}
