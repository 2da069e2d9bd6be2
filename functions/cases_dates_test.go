package functions_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/functions/app"
	"seatmend/infra/crmsim"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/words"
)

const late = "2026-11-30T09:00:00Z"

// TestClosedDays: a day that the operator's settings close is no banking day of that country's
// customers, wherever a deadline is read.
func TestClosedDays(t *testing.T) {
	settings := `{"name":"P","from":"P <p@p.example>","reply_to":"p@p.example","phone":"1","hours":"8","desks":{"support":"a@p.example","finance":"a@p.example","sales":"a@p.example","ops":"a@p.example"},"closed_days":%s}`
	for _, c := range []struct{ days, wrong string }{
		{`{"SE":["2027-06-04"],"GB-SCT":["2026-12-01"]}`, ""},
		{`{"Sweden":["2027-06-04"]}`, `closed_days: "Sweden" is no country`},
		{`{"SE":["4 June"]}`, `closed_days.SE[0]: "4 June" is no day such as 2027-06-04`},
		{`{"se":[],"NO":["2027-06-04","2027-06-31"],"DK":["2027-06-04T00:00:00Z"]}`, `closed_days.NO[1]: "2027-06-31" is no day`},
		{`{"se":[],"NO":["2027-06-04","2027-06-31"],"DK":["2027-06-04T00:00:00Z"]}`, `closed_days.DK[0]`},
		{`{"se":[],"NO":["2027-06-04","2027-06-31"],"DK":["2027-06-04T00:00:00Z"]}`, `closed_days: "se" is no country`},
	} {
		_, err := app.ReadOperator(fmt.Appendf(nil, settings, c.days))
		if c.wrong == "" && err != nil || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
			t.Errorf("%s: %v, want %q", c.days, err, c.wrong)
		}
	}

	for _, c := range []struct {
		closed map[string][]string
		actBy  licence.Date
	}{{nil, "2026-12-11"}, {map[string][]string{"SE": {"2026-12-11"}}, "2026-12-10"}, {map[string][]string{"NO": {"2026-12-11"}}, "2026-12-11"}} {
		w := newWorld(t, nil)
		w.closed = c.closed
		w.start()
		p := w.playCase("domain/two-prod-titles", late, nil)
		var v words.View
		p.ask("/accounts/"+p.account+"/diagnosis", &v)
		if len(v.Findings) == 0 {
			t.Fatal("nothing is found")
		}
		for _, f := range v.Findings {
			if f.Code == "surplus" && *f.Deadline.ActBy != c.actBy {
				t.Errorf("with %v: act by %s, want %s", c.closed, *f.Deadline.ActBy, c.actBy)
			}
		}
	}
}

// TestCountryNotKnown: of a country whose banking days are not known ops have one task, however
// many customers are there, until the last of them is told to be elsewhere.
func TestCountryNotKnown(t *testing.T) {
	w := newWorld(t, nil)
	customer := func(id, zone, country string) {
		w.must(w.say("account.changed", w.clock.Now(), fmt.Sprintf(`{"account":"%s","name":"%s Inc","locale":"en","timezone":"%s","country":%s,"model":"plans",
			"contacts":[],"installations":[],"billing":[],"plans":[]}`, id, id, zone, country)), "applied")
		w.advance(w.clock.Now().Add(time.Minute))
	}
	tasks := func() string {
		var a struct {
			Tasks []struct {
				Code, State string
				Subject     licence.Subject
				Count       int
			}
		}
		w.ask("/accounts/"+store.Operations+"/tasks", &a)
		var out []string
		for _, t := range a.Tasks {
			out = append(out, fmt.Sprintf("%s %s %s %s %d", t.Code, t.Subject.Kind, t.Subject.ID, t.State, t.Count))
		}
		slices.Sort(out)
		return strings.Join(out, "; ")
	}
	customer("A-1", "America/New_York", `"US"`)
	customer("A-2", "America/Chicago", `"US"`)
	customer("A-3", "America/Santiago", "null")
	customer("A-4", "Europe/Stockholm", "null")
	customer("A-5", "Europe/London", `"GB-SCT"`)
	if got, want := tasks(), "directory country America/Santiago open 1; directory country US open 2"; got != want {
		t.Errorf("tasks: %s\nwant:  %s", got, want)
	}
	customer("A-1", "Europe/Oslo", `"NO"`)
	customer("A-2", "America/Chicago", `"US"`)
	customer("A-3", "America/Santiago", `"CL"`)
	if got, want := tasks(), "directory country America/Santiago closed 0; directory country CL open 1; directory country US open 1"; got != want {
		t.Errorf("tasks: %s\nwant:  %s", got, want)
	}
}

// one is the finding of a code, and whether it stands; the second of two is an error.
func (p *played) one(v words.View, code licence.Code) words.Finding {
	p.Helper()
	var out []words.Finding
	for _, f := range v.Findings {
		if f.Code == code {
			out = append(out, f)
		}
	}
	if len(out) != 1 {
		p.Fatalf("%s stands %d times: %s", code, len(out), p.read("en"))
	}
	return out[0]
}

// passed is the line of a rule that has been checked and found in order.
func (p *played) passed(v words.View, code licence.Code) string {
	p.Helper()
	for _, x := range v.Passed {
		if x.Code == code {
			return x.Title
		}
	}
	p.Fatalf("%s has not passed: %s", code, p.read("en"))
	return ""
}

// never holds that none of the texts is said, in either language, of findings and in mails.
func (p *played) never(said ...string) {
	p.Helper()
	for _, lang := range []string{"en", "sv"} {
		text := p.read(lang)
		for _, m := range p.inbox() {
			text += m.Subject + m.Text
		}
		for _, s := range said {
			if strings.Contains(text, s) {
				p.Errorf("%q is said:\n%s", s, text)
			}
		}
	}
}

func TestZurich(t *testing.T) {
	t.Run("mail", func(t *testing.T) {
		p := play(t, "domain/zurich-mail", "2026-12-24T17:30:00Z")
		if mails := p.inbox(); len(mails) > 0 {
			t.Fatalf("a mail went at %s", mails[0].SentAt)
		}
		p.advance(time.Date(2026, 12, 27, 23, 0, 0, 0, time.UTC))
		if mails := p.inbox(); len(mails) > 0 {
			t.Fatalf("a mail went at %s: Swiss banks are closed", mails[0].SentAt)
		}
		p.advance(time.Date(2026, 12, 28, 9, 0, 0, 0, time.UTC))
		if mails := p.mailsTo("ada@skarp.example"); len(mails) != 1 || mails[0].SentAt.Before(time.Date(2026, 12, 28, 7, 0, 0, 0, time.UTC)) {
			t.Errorf("mails: %v", mails)
		}
	})
	t.Run("act by", func(t *testing.T) {
		p := play(t, "domain/zurich-actby-xmas", "2026-12-15T09:00:00Z")
		v := p.seen("en")
		if len(v.Findings) == 0 {
			t.Fatal("nothing is found")
		}
		for _, f := range append(v.Findings, v.Upcoming...) {
			if by := f.Deadline.ActBy; by != nil && *by != "2026-12-24" {
				t.Errorf("%s: act by %s, want the last banking day before the 26th", f.Code, *by)
			}
		}
	})
}

// TestEuro: for an invoice in euro the days of TARGET count, for another those of the customer's
// country: 24 December is a banking day of TARGET, and none in Sweden.
func TestEuro(t *testing.T) {
	for currency, actBy := range map[string]licence.Date{"SEK": "2026-12-21", "EUR": "2026-12-22"} {
		w := newWorld(t, nil)
		w.clock.set(time.Date(2026, 12, 8, 9, 0, 0, 0, time.UTC))
		told := func(kind, data string) { w.must(w.say(kind, w.clock.Now(), data), "applied") }
		told("account.changed", `{"account":"E-1","name":"Eken AB","locale":"en","timezone":"Europe/Stockholm","model":"plans","mail":"on",
			"contacts":[{"id":"b","name":"Bo","email":"bo@eken.example","role":"billing","locale":"en"}],
			"installations":[{"cust_id":"Cust801","serial":"1801770801","kind":"production","hosting":"online","url":"https://online3.superoffice.com/Cust801"}],
			"billing":[],"plans":[{"plan":"p","name":"P","module":"ten-sales","prices":["x"]}]}`)
		told("subscription.changed", `{"account":"E-1","subscription":"s","plans":[{"plan":"p","seats":9}]}`)
		told("invoice.changed", `{"account":"E-1","invoice":"I-1","status":"open","due":"2026-12-01","paid_at":null,"amount":"900.00","currency":"`+currency+`","url":"https://pay.example/1",
			"period":{"from":"2026-12-31","to":"2027-12-31"},"issued":"2026-11-01"}`)
		told("licence.reported", `{"account":"E-1","cust_id":"Cust801","serial":"1801770801","version":"12.2","licensed_version":"12.2","maintenance_until":"2027-12-31",
			"next_check":"2026-12-07","admin_warning":"2026-12-05","expires":"2026-12-31","grace_until":"2027-01-12","offered":false,"can_activate":false,"markers":["online"],
			"plans":[{"plan":"p","module":"ten-sales","description":"P","total":9,"in_use":9,"unrestricted":false}]}`)
		p := &played{w, "E-1"}
		if f := p.one(p.seen("en"), "invoice-overdue"); *f.Deadline.ActBy != actBy {
			t.Errorf("%s: pay by %s, want %s", currency, *f.Deadline.ActBy, actBy)
		}
	}
}

func TestNotFetchedCases(t *testing.T) {
	t.Run("online", func(t *testing.T) {
		p := play(t, "domain/notfetched-online", late)
		f := p.one(p.seen("en"), "not-fetched")
		if f.Owner != licence.Support || f.State != "open" || len(f.Remedies) > 0 {
			t.Errorf("%s of %s, %v", f.State, f.Owner, f.Remedies)
		}
		p.never("443", "license.superoffice.com", " file", "fil.", "servern", "the server")
		if mails := p.mailsTo("ada@skarp.example"); len(mails) > 0 {
			t.Errorf("the admin, who can do nothing, got %q", mails[0].Subject)
		}
	})
	t.Run("the same instant", func(t *testing.T) {
		p := play(t, "domain/issued-same-instant-sao_paulo", late)
		v := p.seen("en")
		p.passed(v, "not-fetched")
		p.one(v, "paid-not-extended")
	})
	t.Run("issued after the fetch", func(t *testing.T) {
		p := play(t, "domain/nf-issued-after-fetch", late)
		if f := p.one(p.seen("en"), "not-fetched"); f.State != "open" || f.Owner != licence.Admin {
			t.Errorf("%s of %s", f.State, f.Owner)
		}
		p = playWith(t, "domain/nf-issued-after-fetch", late, func(body []byte) []byte {
			return bytes.ReplaceAll(body, []byte("2026-11-28T06:00:00Z"), []byte("2026-11-28T09:01:00Z")) // a minute short of two days
		})
		if f := p.one(p.seen("en"), "not-fetched"); f.State != "waiting" || f.WaitingFor != "fetch" {
			t.Errorf("%s for %s", f.State, f.WaitingFor)
		}
	})
}

func TestVersionCases(t *testing.T) {
	t.Run("label", func(t *testing.T) {
		p := play(t, "domain/v-prefix", late)
		f := p.one(p.seen("en"), "version-not-covered")
		if f.State != "open" || !slices.Contains(f.Explains, "login-warning") {
			t.Errorf("%s, explains %v", f.State, f.Explains)
		}
		p.never("is covered", "omfattas.")
	})
	t.Run("released", func(t *testing.T) {
		p := play(t, "domain/v-released-newer-in-licence", late)
		f := p.one(p.seen("en"), "version-not-covered")
		if !strings.Contains(f.Title, "released 1 November") {
			t.Errorf("%s", f.Title)
		}
	})
	t.Run("refused", func(t *testing.T) {
		p := play(t, "superoffice/08e-onsite-version-fetch-failed", "2026-11-23T09:00:00Z")
		v := p.seen("en")
		if f := p.one(v, "version-not-covered"); !slices.Contains(f.Explains, "login-warning") {
			t.Errorf("explains %v", f.Explains)
		}
		p.passed(v, "unexplained")
		p.never("None of the usual causes", "Ingen av de vanliga orsakerna")
	})
	t.Run("refused, as SuperOffice's own API tells it", func(t *testing.T) {
		w := newWorld(t, nil)
		scenario := crmsim.Scenarios()[slices.IndexFunc(crmsim.Scenarios(), func(c crmsim.Scenario) bool { return c.Name == "onsite-maintenance-ended" })]
		tenant := scenario.Make("Cust700", w.clock.Now().AddDate(0, 0, -7)) // it has had its chance to ask
		if err := w.sim.Put(tenant); err != nil {
			t.Fatal(err)
		}
		w.must(w.say("account.changed", w.clock.Now(), `{"account":"V-1","name":"Wordslayer AS","locale":"en","timezone":"Europe/Oslo","model":"plans","mail":"on",
			"contacts":[{"id":"a","name":"Ada Moe","email":"ada@wordslayer.example","role":"admin","locale":"en"}],
			"installations":[{"cust_id":"Cust700","serial":"1801852599","kind":"production","hosting":"onsite","url":"https://crm.wordslayer.example"}],
			"billing":[],"plans":[{"plan":"p","name":"Sales Premium","module":"ten-sales","prices":["x"]}]}`), "applied")
		w.advance(w.clock.Now().Add(time.Hour))
		p := &played{w, "V-1"}
		if f := p.one(p.seen("en"), "version-not-covered"); !slices.Contains(f.Explains, "login-warning") || !strings.Contains(f.Title, "9.2.8060.1530") {
			t.Errorf("explains %v: %s", f.Explains, f.Title)
		}
		p.never("None of the usual causes", "Ingen av de vanliga orsakerna")
	})
	t.Run("no end", func(t *testing.T) {
		p := play(t, "superoffice/08c-onsite-buy-year-9999", "2026-11-23T09:00:00Z")
		if v := p.seen("en"); v.Phase != "ok" || v.Summary != "ok" {
			t.Errorf("phase %s, summary %s: %s", v.Phase, v.Summary, p.read("en"))
		}
		p.never("9999", "10000", "31 December 9", "We do not know how long", "We do not know on which day", "Vi vet inte vilken dag", "Vi vet inte hur länge")
	})
}

func TestNamesThatLookTheSame(t *testing.T) {
	for _, name := range []string{"domain/identity-nfd", "domain/identity-double-space"} {
		p := play(t, name, late)
		p.passed(p.seen("en"), "identity-differs")
	}
}

// TestSeveralInstallations: what is said of one of several production installations names it.
func TestSeveralInstallations(t *testing.T) {
	p := play(t, "domain/two-prod-titles", late)
	for _, lang := range []string{"en", "sv"} {
		v := p.seen(lang)
		if len(v.Findings) < 2 {
			t.Fatalf("%d findings", len(v.Findings))
		}
		for _, f := range append(v.Findings, v.Upcoming...) {
			if f.Subject.CustID != "" && !strings.Contains(f.Title, f.Subject.CustID) {
				t.Errorf("%s of %s: %q", f.Code, f.Subject.CustID, f.Title)
			}
		}
		for _, x := range append(v.Passed, v.Unknown...) {
			if x.Subject.CustID != "" && !strings.Contains(x.Title, x.Subject.CustID) {
				t.Errorf("%s of %s: %q", x.Code, x.Subject.CustID, x.Title)
			}
		}
	}
	mails := p.mailsTo("ada@skarp.example")
	if len(mails) == 0 {
		t.Fatal("nobody was told")
	}
	for _, m := range mails {
		if !strings.Contains(m.Subject, "Cust50") || !strings.Contains(m.Text, "Cust501") || !strings.Contains(m.Text, "Cust502") {
			t.Errorf("%s\n%s", m.Subject, m.Text)
		}
	}
	p.must(p.say("installation.reported", p.clock.Now(), `{"account":"D-1","cust_id":"Cust502","state":"suspended"}`), "applied")
	p.advance(p.clock.Now().Add(time.Hour))
	rows, _, err := p.db.Rows(t.Context(), p.account, "desk", store.Page{Limit: 100})
	if err != nil || len(rows) == 0 {
		t.Fatalf("no task reached a desk: %v", err)
	}
	for _, row := range rows {
		var m effects.DeskMail
		if err := json.Unmarshal(row.Body, &m); err != nil || !strings.Contains(m.Subject, "Cust50") {
			t.Errorf("a task: %s (%v)", m.Subject, err)
		}
	}
}

func TestDaysOfWrongLogins(t *testing.T) {
	p := play(t, "domain/wrong-days-auckland-2", late)
	f := p.one(p.seen("en"), "wrong-installation")
	if f.Owner != licence.EndUser || f.Severity != "low" {
		t.Errorf("%s, %s: two civil days are no three", f.Owner, f.Severity)
	}
	p.advance(time.Date(2026, 12, 2, 9, 0, 0, 0, time.UTC))
	if mails := p.mailsTo("ada@skarp.example"); len(mails) > 0 {
		t.Errorf("the admin got %q", mails[0].Subject)
	}
}

func TestWorksUntilGrace(t *testing.T) {
	p := play(t, "domain/ends-at-28", late)
	for lang, want := range map[string]string{"en": "until 25 December", "sv": "till 25 december"} {
		f := p.one(p.seen(lang), "subscription-ended")
		if !strings.Contains(f.Deadline.Consequence, want) {
			t.Errorf("%s", f.Deadline.Consequence)
		}
	}
	p.never("works until 28", "working until 28", "fungerar till 28")
	body := `{"type":"login.warned","timestamp":"2026-11-30T08:59:00Z","data":{"cust_id":"Cust501","serial":"1801770501","url":"https://online3.superoffice.com/Cust501",
		"version":"12.2","message":"...","days_left":13,"user":{"id":"90","name":"Eva","email":"eva90@skarp.example","locale":"en"}}}`
	if r := p.post("login", "/login-warnings", "warned", []byte(body)); !strings.Contains(r.body, "until 25 December") {
		t.Errorf("at the login: %s", r.body)
	}
}

func TestNoDates(t *testing.T) {
	p := play(t, "domain/nulldates", late)
	if v := p.seen("en"); v.Phase != "unknown" || v.Summary != "unknown" {
		t.Errorf("phase %s, summary %s", v.Phase, v.Summary)
	}
	p.never("January 1", "1 January", "0001", "  . ", " .", " ,")
}

func TestGraceBeginsWithTheDay(t *testing.T) {
	// On 5 September 2027 Santiago has no hour zero: the day begins at 04:00 UTC.
	if v := play(t, "domain/dst-santiago", "2027-09-05T03:30:00Z").seen("en"); v.Phase != "admin-warning" {
		t.Errorf("half an hour before the day: %s", v.Phase)
	}
	if v := play(t, "domain/dst-santiago", "2027-09-05T04:00:00Z").seen("en"); v.Phase != "grace" {
		t.Errorf("when the day begins: %s", v.Phase)
	}
}
