package functions_test

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/functions"
	"seatmend/shared/diagnosis"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// A deskWorld is a world with one of the operator's people signed in.
type deskWorld struct {
	*world
	cookie *http.Cookie
}

// deskWith tells customers of events/ and signs Nora in by the mail that she asks for.
func deskWith(t *testing.T, open func(t *testing.T, now func() time.Time) store.Store, folders ...string) deskWorld {
	t.Helper()
	w := newWorld(t, open)
	for _, file := range files(folders) {
		if file == "first/04-standard-renewed.json" {
			continue
		}
		if out := w.tell(file); out.status != 200 {
			t.Fatalf("%s: %v", file, out)
		}
	}
	return deskWorld{w, w.signsIn("nora@fjordpartner.example")}
}

// signsIn goes the way of the mail.
func (w *world) signsIn(address string) *http.Cookie {
	w.Helper()
	w.press("/support/sign-in", url.Values{"address": {address}})
	mails := w.staffMails()
	if len(mails) == 0 {
		w.Fatal("no mail to sign in by")
	}
	out := w.press(strings.TrimPrefix(mails[0].Link, w.app.BaseURL), nil)
	for _, c := range (&http.Response{Header: out.header}).Cookies() {
		return c
	}
	w.Fatalf("no session: %v", out)
	return nil
}

// staffMails are those to the operator's people, the newest first.
func (w *world) staffMails() []effects.MailRow {
	w.Helper()
	rows, _, err := w.db.Rows(w.Context(), store.Operations, "mail", store.Page{Limit: 100})
	if err != nil {
		w.Fatal(err)
	}
	var out []effects.MailRow
	for _, row := range rows {
		var m effects.MailRow
		if err := json.Unmarshal(row.Body, &m); err != nil {
			w.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

// see opens a page of the desk, which must be well formed for everybody.
func (d deskWorld) see(path string) string {
	d.Helper()
	out := d.get(path, d.cookie)
	if out.status != 200 {
		d.Fatalf("GET %s: %d %.300s", path, out.status, text(out.body))
	}
	wellMade(d.T, path, out.body)
	return out.body
}

// send presses a button, and gives the page on which it ends.
func (d deskWorld) send(path string, fields url.Values) string {
	d.Helper()
	out := d.press(path, fields, d.cookie)
	if out.status != http.StatusSeeOther {
		d.Fatalf("POST %s: %d %.300s", path, out.status, text(out.body))
	}
	to, _, _ := strings.Cut(out.header.Get("Location"), "#")
	return d.see(to)
}

// shows checks what a person reads.
func shows(t *testing.T, page string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text(page), p) {
			t.Errorf("the page does not say %q: %.1500s", p, text(page))
		}
	}
}

var (
	ids      = regexp.MustCompile(` id="([^"]*)"`)
	controls = regexp.MustCompile(`<(?:input|select|textarea)\b[^>]*>`)
	labelled = regexp.MustCompile(`(?s)<label[^>]*>.*?</label>`)
	tables   = regexp.MustCompile(`(?s)<table.*?</table>`)
)

// wellMade is what every page owes to who cannot see it: one heading of the first rank, a
// language, names of fields, captions of tables, each id once, and no script.
func wellMade(t *testing.T, what, page string) {
	t.Helper()
	if n := strings.Count(page, "<h1"); n != 1 {
		t.Errorf("%s has %d headings of the first rank", what, n)
	}
	if !strings.Contains(page, `<html lang="`) || strings.Contains(page, "<script") || strings.Contains(page, " style=") {
		t.Errorf("%s names no language, or has a script or a style of its own", what)
	}
	seen := map[string]bool{}
	for _, m := range ids.FindAllStringSubmatch(page, -1) {
		if seen[m[1]] {
			t.Errorf("%s has the id %q twice", what, m[1])
		}
		seen[m[1]] = true
	}
	rest := labelled.ReplaceAllString(page, "")
	for _, c := range controls.FindAllString(rest, -1) {
		id := ids.FindStringSubmatch(c)
		if !strings.Contains(c, `type="hidden"`) && (id == nil || !strings.Contains(page, `<label for="`+id[1]+`"`)) {
			t.Errorf("%s: %s has no label", what, c)
		}
	}
	for _, table := range tables.FindAllString(page, -1) {
		if !strings.Contains(table, "<caption") || !strings.Contains(table, `scope="col"`) {
			t.Errorf("%s: a table without caption or heads: %.200s", what, table)
		}
	}
}

// fact is the latest of a type, as it is stored.
func (d deskWorld) fact(account, kind string) licence.Fact {
	d.Helper()
	list, _, err := d.db.Facts(d.Context(), account, store.Page{Limit: 100})
	if err != nil {
		d.Fatal(err)
	}
	for _, f := range list {
		if f.Fact.Payload.Type() == kind {
			return f.Fact
		}
	}
	d.Fatalf("no fact %s of %s", kind, account)
	return licence.Fact{}
}

func TestSigningIn(t *testing.T) {
	w := newWorld(t, nil)
	w.press("/support/sign-in", url.Values{"address": {" NORA@fjordpartner.example "}})
	mails := w.staffMails()
	if len(mails) != 1 || mails[0].To != "nora@fjordpartner.example" || !strings.Contains(mails[0].Text, mails[0].Link) {
		t.Fatalf("mailed %+v", mails)
	}
	path := strings.TrimPrefix(mails[0].Link, w.app.BaseURL)
	token := strings.TrimPrefix(path, "/support/in/")
	if out := w.get("/support", &http.Cookie{Name: "__Host-seatmend-staff", Value: token}); out.status != http.StatusFound {
		t.Errorf("the link in the mail is taken for a session: %d", out.status)
	}
	for _, p := range []string{path[:len(path)-2], path + "x", "/support/in/nonsense"} {
		if out := w.get(p); out.status != 404 {
			t.Errorf("%s: %d, want 404", p, out.status)
		}
	}
	page := w.get(path)
	wellMade(t, path, page.body)
	shows(t, page.body, "The link is yours, Nora Dahl")
	out := w.press(path, nil)
	c := (&http.Response{Header: out.header}).Cookies()[0]
	if out.header.Get("Location") != "/support" || c.Name != "__Host-seatmend-staff" || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.MaxAge != 8*3600 || c.Path != "/" || c.Domain != "" {
		t.Errorf("signed in with %v", c)
	}
	if out := w.get("/support/in/"+c.Value, nil...); out.status != 404 {
		t.Errorf("a session is taken for a link: %d", out.status)
	}
	for _, again := range []reply{w.get(path), w.press(path, nil)} {
		if again.status != http.StatusGone {
			t.Errorf("used twice: %d", again.status)
		}
	}
	if out := w.get("/support", c); out.status != 200 {
		t.Errorf("signed in: %d", out.status)
	}
	staff := w.app.Operator.Staff
	w.app.Operator.Staff = nil
	if out := w.get("/support", c); out.status != http.StatusFound {
		t.Errorf("who is not of the staff any more: %d", out.status)
	}
	w.app.Operator.Staff = staff
	w.clock.set(w.clock.Now().Add(8 * time.Hour))
	if out := w.get("/support", c); out.status != http.StatusFound {
		t.Errorf("after eight hours: %d", out.status)
	}
	w.press("/support/sign-in", url.Values{"address": {"nora@fjordpartner.example"}})
	late := strings.TrimPrefix(w.staffMails()[0].Link, w.app.BaseURL)
	w.clock.set(w.clock.Now().Add(15 * time.Minute))
	for _, out := range []reply{w.get(late), w.press(late, nil)} {
		if out.status != http.StatusGone {
			t.Errorf("after a quarter of an hour: %d", out.status)
		}
	}
}

// Nobody can have many mails sent, neither to one address nor from one place.
func TestSignInIsBounded(t *testing.T) {
	w := newWorld(t, nil)
	for range 9 {
		w.press("/support/sign-in", url.Values{"address": {"nora@fjordpartner.example"}})
	}
	if got, want := len(w.staffMails()), 5; got != want {
		t.Errorf("%d mails to one address in an hour, want %d", got, want)
	}
	w.clock.set(w.clock.Now().Add(time.Hour))
	for range 20 {
		w.press("/support/sign-in", url.Values{"address": {"nobody@elsewhere.example"}})
	}
	w.press("/support/sign-in", url.Values{"address": {"nora@fjordpartner.example"}})
	if got, want := len(w.staffMails()), 5; got != want {
		t.Errorf("%d mails after many tries from one place, want %d", got, want)
	}
}

// Where mail goes out, the link lies in that person's mailbox and nowhere else.
func TestSignInIsMailed(t *testing.T) {
	w := newWorld(t, nil)
	var sent []effects.Message
	w.app.Send = func(ctx context.Context, m effects.Message) (string, error) {
		sent = append(sent, m)
		return "", nil
	}
	w.press("/support/sign-in", url.Values{"address": {"nora@fjordpartner.example"}})
	if len(sent) != 1 || sent[0].To != "nora@fjordpartner.example" || !strings.Contains(sent[0].Text, "/support/in/") || !strings.Contains(sent[0].HTML, "/support/in/") {
		t.Fatalf("sent %+v", sent)
	}
	if m := w.staffMails()[0]; m.Link+m.Text+m.HTML != "" {
		t.Errorf("the link is kept: %+v", m)
	}
	if strings.Contains(w.logs.String(), "/support/in/") {
		t.Error("the link stands in the log")
	}
}

func TestTheLocalButton(t *testing.T) {
	w := newWorld(t, nil)
	if out := w.press("/support/local-sign-in", nil); out.status != 404 {
		t.Errorf("without being switched on: %d", out.status)
	}
	w.app.LocalSignIn = true
	out := w.press("/support/local-sign-in", nil)
	c := (&http.Response{Header: out.header}).Cookies()
	if out.status != http.StatusSeeOther || len(c) != 1 {
		t.Fatalf("answered %v", out)
	}
	if page := w.get("/support", c[0]); !strings.Contains(page.body, "Nora Dahl") {
		t.Errorf("signed in as somebody else: %s", page.body)
	}
}

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
	for q, want := range map[string]string{
		"Cust12345": "Fjord Foods AB", "1801550193": "Fjord Foods AB", "fjord foods ab": "Fjord Foods AB", "anna.berg@fjordfoods.example": "Fjord Foods AB",
		"@fjordfoods.example": "Fjord Foods AB", " C-1071 ": "Björkdal Bygg AB", "https://online2.superoffice.com/Cust12345/default.aspx": "Fjord Foods AB",
	} {
		page := d.see("/support?q=" + url.QueryEscape(q))
		if shows(t, page, want); strings.Count(page, `class="name"`) != 1 {
			t.Errorf("%q finds %d", q, strings.Count(page, `class="name"`))
		}
	}
	shows(t, d.see("/support?q="+url.QueryEscape("<b>nobody</b>")), "Nobody is known by “<b>nobody</b>”.")
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
	shows(t, d.see("/support/accounts/C-1"), "rang Anna", "Mails: As the operator’s settings say")
	// What is not there any more is said to be gone, and nothing is written.
	for form, fields := range map[string]url.Values{
		"answer": {"fingerprint": {"0123456789abcdef"}, "answer": {"handled"}}, "paid": {"fingerprint": {surplus}}, "mail": {"mail": {"loud"}},
		"revoke": {"id": {"nothing"}}, "drafts": {}, "screen": {"cust_id": {"Cust12345"}},
	} {
		before := len(d.db.written())
		shows(t, d.send("/support/accounts/C-1/"+form, fields), "Nothing was written")
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
	shows(t, page, "Off: nothing goes out said at this desk", "mails of this customer to be switched on")
	d.send("/support/accounts/C-1/mail", url.Values{"mail": {"on"}})
	d.advance(d.clock.Now().Add(time.Hour))
	if n := len(d.inbox()); n == 0 {
		t.Error("no mail though they are on")
	}
	shows(t, d.see("/support/accounts/C-1"), "On: they go out said at this desk", "Mail “")
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
	shows(t, page, "3 Mails that wait for a person", "1 draft")
	page = d.see("/support/drafts")
	shows(t, page, "3 in all", "Storvik", "Fjord Foods AB", "Björkdal Bygg AB", "anna.berg@fjordfoods.example")
	if strings.Contains(page, "/r/") && !strings.Contains(page, "/r/…") || strings.Count(page, "/r/") != 3 {
		t.Error("the desk reads the customers' links")
	}
	id := regexp.MustCompile(`name="account" value="C-1042"><input type="hidden" name="id" value="([^"]+)"`).FindStringSubmatch(page)
	if id == nil {
		t.Fatalf("no draft to send: %s", text(page))
	}
	shows(t, d.send("/support/drafts", url.Values{"do": {"send"}, "account": {"C-1042"}, "id": {id[1]}}), "Sent.", "2 in all")
	if mails := d.inbox(); len(mails) != 1 || mails[0].To != "anna.berg@fjordfoods.example" {
		t.Fatalf("sent %+v", mails)
	}
	shows(t, d.see("/support/accounts/C-1042"), "Draft to be sent "+id[1], "by Nora Dahl")
	shows(t, d.send("/support/accounts/C-1071/drafts", url.Values{"do": {"drop"}}), "Dropped.", "No draft waits.")
	shows(t, d.send("/support/drafts", url.Values{"do": {"send"}}), "Sent.", "No draft waits.")
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
	shows(t, d.send("/support/accounts/C-1/revoke", url.Values{"id": {id[1]}}), "Revoked", "No link was given to anybody.", "by Nora Dahl")
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

var demo = []string{"first", "demo/bjorkdal-bygg", "demo/ekeby-tra", "demo/fjord-foods", "demo/havn-og-hal", "demo/kattegat-robotics", "demo/kvarnbacka",
	"demo/mjolner-kjokken", "demo/nordlys-shipping", "demo/norrsken-media", "demo/solvik-hotell"}

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
			if !strings.Contains(bundle.body, f.Code) || !strings.Contains(bundle.body, licence.Case(f.Fingerprint)) {
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
	shows(t, d.send("/support/accounts/C-7/screen", form), "of a new licence every plan’s number is needed")
	form.Set("new_total.service", "5")
	page := d.send("/support/accounts/C-7/screen", form)
	shows(t, page, "as you read it off the screen", "As Nora Dahl read it off the screen", "Sales: 9 assigned, 7 in the new licence. Free 2.")
	l := d.fact("C-7", "licence.reported").Payload.(licence.LicenceReported)
	if l.StatedBy != "Nora Dahl" || l.Serial != "77" || l.Version != "9.1" || !l.Offered || l.CanActivate || l.NewExpires != "2027-12-13" || l.GraceUntil != "2026-12-25" || len(l.Plans) != 2 ||
		l.Plans[0].Module != "ten-sales" || l.Plans[0].Total != 10 || *l.Plans[0].NewTotal != 7 || l.Plans[0].InUse != 9 {
		t.Errorf("stated %+v", l)
	}
	// Two were freed, and the new licence is the one in force.
	d.send("/support/accounts/C-7/screen", url.Values{"cust_id": {"KVARN-7"}, "expires": {"2027-12-13"}, "offered": {"no"}, "in_use.sales": {"7"}})
	l = d.fact("C-7", "licence.reported").Payload.(licence.LicenceReported)
	if l.Offered || l.Expires != "2027-12-13" || l.Plans[0].Total != 7 || l.Plans[0].NewTotal != nil || l.Plans[0].InUse != 7 || l.GraceUntil != "2027-12-25" {
		t.Errorf("stated then %+v", l)
	}
	shows(t, d.send("/support/accounts/C-7/screen", url.Values{"cust_id": {"KVARN-8"}, "expires": {"2027-12-13"}}), "Nothing was written")
}

// A body that could not be used is released once it can, or dropped, by name.
func TestAsideOfTheDesk(t *testing.T) {
	d := deskWith(t, nil, "demo/norrsken-media")
	early := strings.Replace(string(d.event("samples/04-stripe-failed.json")), "1795415400", fmt.Sprint(d.clock.Now().Add(2*time.Hour).Unix()), 1)
	d.must(d.post("stripe", "/billing/stripe", "early", []byte(early)), "set-aside")
	d.must(d.post("stripe", "/billing/stripe", "broken", []byte(`{"id":"evt_1","object":"event","created":1795415400,"livemode":true,"type":"invoice.paid","data":{"object":{"object":"invoice","id":7}}}`)), "set-aside")
	shows(t, d.see("/support"), "2 Bodies set aside", "1 Tasks about no customer")
	page := d.see("/support/aside")
	shows(t, page, "From stripe at /billing/stripe", "in_Norrsken2027")
	shows(t, d.see("/support/accounts/"+account(t, d, "Norrsken Media AB")), "Set aside: stripe")
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
	shows(t, decide("release", "early"), "not there any more")
	shows(t, decide("release", "broken"), "It still cannot be used")
	shows(t, decide("drop", "broken"), "Dropped.", "Nothing was set aside.")
	shows(t, d.see("/support/fleet"), "Nora Dahl", "Body set aside, to be released: "+body["early"], "Body set aside, to be dropped: "+body["broken"], "Signed in: nora@fjordpartner.example")
}

func account(t *testing.T, d deskWorld, name string) string {
	t.Helper()
	list, _, err := d.db.Accounts(d.Context(), store.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(e licence.Entry) bool { return e.Name == name })
	if i < 0 {
		t.Fatalf("no customer %s", name)
	}
	return list[i].Account
}

func TestParkedOfTheDesk(t *testing.T) {
	d := deskWith(t, nil)
	d.must(d.say("seat.changed", morning, `{"account":"C-404","cust_id":"Cust404","plan":"sales","held":true,"open_requests":0,"user":{"id":"1","name":"<i>Ida</i>","email":"ida@nobody.example","can_login":true,"admin":false,"protected":false,"waiting_for_approval":false,"last_active":null}}`), "parked")
	shows(t, d.see("/support"), "1 Facts parked")
	page := d.see("/support/parked")
	shows(t, page, "seat.changed", "ida@nobody.example")
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

// A counted is a store that counts its calls.
type counted struct {
	store.Store
	calls map[string]int
}

func (c *counted) Load(ctx context.Context, account string, w store.Want) (licence.Loaded, error) {
	if account != store.Operations {
		c.calls["Load"]++
	}
	return c.Store.Load(ctx, account, w)
}

func (c *counted) Accounts(ctx context.Context, p store.Page) ([]licence.Entry, store.Page, error) {
	c.calls["Accounts"]++
	return c.Store.Accounts(ctx, p)
}

func (c *counted) Cases(ctx context.Context, p store.Page) ([]licence.Entry, store.Page, error) {
	c.calls["Cases"]++
	return c.Store.Cases(ctx, p)
}

func (c *counted) Find(ctx context.Context, term string, p store.Page) ([]licence.Entry, store.Page, error) {
	c.calls["Find"]++
	return c.Store.Find(ctx, term, p)
}

func (c *counted) Rows(ctx context.Context, account, kind string, p store.Page) ([]licence.Row, store.Page, error) {
	if account != store.Operations {
		c.calls["Rows"]++
	}
	return c.Store.Rows(ctx, account, kind, p)
}

// A desk with 2,000 customers: lists and search answer from the index, and read no customer.
func TestTwoThousandCustomers(t *testing.T) {
	w := newWorld(t, nil)
	for n := range 2000 {
		id := fmt.Sprintf("C-%04d", n)
		e := licence.Entry{Account: id, Name: fmt.Sprintf("Kund %d AB", n), Summary: "ok", Phase: "ok", Codes: []string{}}
		if n%33 == 0 {
			e.Summary, e.Phase, e.Codes, e.Owners = "needs-action", "admin-warning", []string{"surplus"}, []licence.Role{licence.Admin}
			e.ActBy = licence.DateOf(morning.AddDate(0, 0, n%40), time.UTC)
		}
		if n == 66 || n == 1980 {
			e.Drafts = 1
		}
		if err := w.db.Store.Commit(t.Context(), licence.Change{Account: id, Entry: e}); err != nil {
			t.Fatal(err)
		}
		if err := w.db.Store.Index(t.Context(), id, []string{strings.ToLower(id), fmt.Sprint("cust", n), fmt.Sprintf("kund%d.example", n), "ab"}); err != nil {
			t.Fatal(err)
		}
	}
	d := deskWorld{w, w.signsIn("nora@fjordpartner.example")}
	for _, c := range []struct {
		path string
		want map[string]int
		rows int
		says string
	}{
		{"/support", map[string]int{"Cases": 1}, 50, "61 cases"},
		{"/support?cause=surplus&owner=admin", map[string]int{"Cases": 1}, 50, "61 cases"},
		{"/support?q=cust1999", map[string]int{"Find": 1}, 1, "Kund 1999 AB"},
		{"/support?q=nobody", map[string]int{"Find": 1}, 0, "Nobody is known"},
		{"/support?q=ab", map[string]int{"Find": 1}, 50, "Next page"},
		{"/support/drafts", map[string]int{"Cases": 1, "Rows": 2}, 0, "No draft waits."},
	} {
		count := &counted{Store: w.db, calls: map[string]int{}}
		app := *w.app
		app.Store = count
		rec := httptest.NewRecorder()
		r := httptest.NewRequest("GET", c.path, nil)
		r.AddCookie(d.cookie)
		(&app).Handler("support", functions.Routes).ServeHTTP(rec, r)
		if rec.Code != 200 || fmt.Sprint(count.calls) != fmt.Sprint(c.want) {
			t.Errorf("%s: %d with %v, want %v", c.path, rec.Code, count.calls, c.want)
		}
		if got := strings.Count(rec.Body.String(), `class="name"`); got != c.rows {
			t.Errorf("%s shows %d customers, want %d", c.path, got, c.rows)
		}
		shows(t, rec.Body.String(), c.says)
	}
	// Page by page, each case once, in the order of its day.
	var order []string
	next := "/support"
	for next != "" && len(order) < 200 {
		page := d.see(next)
		for _, m := range regexp.MustCompile(`class="date">(\w+ \d+ \w+ \d+)</td>\s*<td role="cell"><a class="name" href="/support/accounts/([^"]+)"`).FindAllStringSubmatch(page, -1) {
			day, err := time.Parse("Mon 2 Jan 2006", m[1])
			if err != nil {
				t.Fatal(err)
			}
			order = append(order, day.Format(time.DateOnly)+" "+m[2])
		}
		next = ""
		if m := regexp.MustCompile(`href="([^"]+)" rel="next"`).FindStringSubmatch(page); m != nil {
			next = html.UnescapeString(m[1])
		}
	}
	if len(order) != 61 || !slices.IsSorted(order) || len(slices.Compact(slices.Clone(order))) != 61 {
		t.Errorf("%d cases page by page, in order: %v", len(order), slices.IsSorted(order))
	}
}
