package functions_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"seatmend/functions"
	"seatmend/functions/app"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/storetest"
)

// Where a handler panics, the caller is told that something of ours went wrong, here and behind
// the gateway alike, and the stack lies in the log alone.
func TestAPanicIsA503(t *testing.T) {
	g := guard(t)
	g.app.Store = nil // whatever reads panics
	operator := func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+testSecrets["operator"][0]) }
	for _, c := range []struct {
		method, path, media string
		proof               func(*http.Request)
	}{
		{"GET", "/accounts", "application/json", operator},
		{"GET", "/parked", "application/json", operator},
		{"GET", "/r/" + g.tokens["link"], "text/html", func(*http.Request) {}},
		{"POST", "/r/" + g.tokens["link"] + "/check", "text/html", func(*http.Request) {}},
		{"POST", "/help", "text/html", func(*http.Request) {}},
		{"GET", "/support", "text/html", func(r *http.Request) { r.AddCookie(g.session["staff"]) }},
	} {
		typed := url.Values{"value": {"Cust10001"}}.Encode()
		r := httptest.NewRequest(c.method, c.path, strings.NewReader(typed))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		c.proof(r)
		e := events.APIGatewayV2HTTPRequest{RawPath: c.path, Body: typed, Headers: map[string]string{}}
		e.RequestContext.HTTP.Method = c.method
		for name := range r.Header {
			e.Headers[strings.ToLower(name)] = r.Header.Get(name)
		}
		remote, err := app.Lambda(g.app.Handler("", functions.Routes))(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		g.logs.Reset()
		local := g.do(r)
		for where, got := range map[string]reply{"here": local, "behind the gateway": {remote.StatusCode, http.Header{"Content-Type": {remote.Headers["Content-Type"]}}, remote.Body}} {
			if got.status != 503 || !strings.HasPrefix(got.header.Get("Content-Type"), c.media) || strings.Contains(got.body, "goroutine") || strings.Contains(got.body, "runtime") {
				t.Errorf("%s %s, %s: %d %s: %.300s", c.method, c.path, where, got.status, got.header.Get("Content-Type"), got.body)
			}
		}
		var line struct{ Msg, Stack string }
		if err := json.Unmarshal([]byte(strings.SplitN(g.logs.String(), "\n", 2)[0]), &line); err != nil || line.Msg != "panic" || !strings.Contains(line.Stack, "guard.go") {
			t.Errorf("%s %s: the log has %.300s", c.method, c.path, g.logs)
		}
	}
}

// What was written before a handler panicked is not sent.
func TestAnAnswerIsWholeOrNone(t *testing.T) {
	w := newWorld(t, nil)
	rec := httptest.NewRecorder()
	w.app.Guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "half=1")
		w.Write([]byte("half of it"))
		panic("the other half")
	}), nil).ServeHTTP(rec, httptest.NewRequest("GET", "/accounts", nil))
	if rec.Code != 503 || strings.Contains(rec.Body.String(), "half") || rec.Header().Get("Set-Cookie") != "" {
		t.Errorf("answered %d %v %s", rec.Code, rec.Header(), rec.Body)
	}
}

// Whoever reads the warning is understood by every CustID that the directory knows, however it
// was pasted.
func TestHelpKnowsEveryCustID(t *testing.T) {
	w := newWorld(t, nil)
	w.must(w.tell("first/01-standard-account.json"), "applied")
	w.must(w.tell("first/02-standard-licence.json"), "applied")
	ask := func(value string) string {
		page := w.press("/help", url.Values{"value": {value}}).body
		_, box, _ := strings.Cut(page, `role="status"`)
		box, _, _ = strings.Cut(box, "</div>")
		return text("<main" + box)
	}
	unknown := ask("nothing of ours")
	at := w.clock.Now()
	for i, cust := range []string{"KVARN-1", "Storvik AS", "kund.åre_7", "12345", "Cust10001x", "Ä"} {
		w.clock.set(at.Add(time.Duration(i) * time.Hour)) // each hour one caller may ask some times
		name := fmt.Sprintf("H-%d", i)
		w.must(w.say("account.changed", w.clock.Now(), fmt.Sprintf(`{"account":%q,"name":"Hjälp AB","locale":"en","timezone":"Europe/Oslo","model":"plans","contacts":[],
			"installations":[{"cust_id":%q,"serial":"77%03d","kind":"production","hosting":"onsite","url":"https://crm.hjalp.example"}],"billing":[],"plans":[]}`, name, cust, i)), "applied")
		for _, value := range []string{cust, strings.ToUpper(cust), " " + cust + "\u00a0", "https://crm.hjalp.example/" + url.PathEscape(cust) + "/default.aspx?x=1", "https://crm.hjalp.example/?id=" + url.PathEscape(cust)} {
			if got := ask(value); got == unknown || got == "" {
				t.Errorf("%q pasted for %s: %q", value, cust, got)
			}
		}
	}
	for _, value := range []string{"it says " + "Cust10001.", "(Cust10001)", "CUST10001:", "in KVARN-1, since today"} {
		if got := ask(value); got == unknown {
			t.Errorf("%q: %q", value, got)
		}
	}
	w.clock.set(w.clock.Now().Add(time.Hour))
	for _, value := range []string{"H-0", "C-1", "Cust1000", "Cust100011", "anna.storm@storvik.example", "7700", strings.Repeat("x ", 3000)} {
		if got := ask(value); got != unknown {
			t.Errorf("%.40q, which is no CustID: %q", value, got)
		}
	}
}

// Signing in does the same for every address while the caller waits: no mail is sent then, and
// what is written is as much. So not even the time tells who belongs to the operator.
func TestSignInIsTheSameForEveryAddress(t *testing.T) {
	for _, s := range stores {
		t.Run(s.name, func(t *testing.T) {
			w := newWorld(t, s.open)
			var sent []string
			w.mail = func(_ context.Context, m effects.Message) (string, error) {
				sent = append(sent, m.To)
				return "", nil
			}
			w.start()
			ask := func(address string) (string, []string) {
				before := len(w.db.written())
				r := httptest.NewRequest("POST", "/support/sign-in", strings.NewReader(url.Values{"address": {address}}.Encode()))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				out := w.do(r)
				if out.status != 200 {
					t.Fatalf("%s: %v", address, out)
				}
				var wrote []string
				for _, op := range w.db.written()[before:] {
					wrote = append(wrote, strings.Fields(op)[0])
				}
				if len(sent) > 0 {
					t.Errorf("%s is mailed while the caller waits", address)
				}
				return out.body, wrote
			}
			stranger, all := ask("mallory@fjordpartner.example")
			for _, address := range []string{"nora@fjordpartner.example", "NORA@fjordpartner.example ", "", "no address", strings.Repeat("x", 3000)} {
				if body, wrote := ask(address); body != stranger || fmt.Sprint(wrote) != fmt.Sprint(all) {
					t.Errorf("%.30q: wrote %v, a stranger's %v; the same answer: %v", address, wrote, all, body == stranger)
				}
			}
			w.deliver()
			if got, want := fmt.Sprint(sent), "[nora@fjordpartner.example nora@fjordpartner.example]"; got != want {
				t.Errorf("mailed are %s, want %s", got, want)
			}
		})
	}
}

// A link that was revoked stays so, whatever the same day brings: who is warned again is given
// another one, of which nothing of the old one opens anything.
func TestARevokedLinkStaysRevoked(t *testing.T) {
	for _, s := range stores {
		t.Run(s.name, func(t *testing.T) {
			g := guardOn(t, s.open)
			warned := func() string {
				v := g.warn("Cust12345", "12", "anna.berg@fjordfoods.example")
				return strings.TrimPrefix(path(t, v.Link), "/r/")
			}
			first := warned()
			if again := warned(); again != first && g.get("/r/"+first).status != 200 {
				t.Error("a second warning of the day ends the first link")
			}
			old := g.opened(first)
			l, err := g.keys.Open(first, g.clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			revoke := func() {
				out := g.press("/support/accounts/C-1042/revoke", url.Values{"id": {l.ID}}, g.session["staff"])
				if !strings.Contains(out.header.Get("Location"), "said=revoked") {
					t.Fatalf("not revoked: %v", out)
				}
			}
			dead := func(token string) {
				t.Helper()
				for _, out := range []reply{g.get("/r/"+token, old), g.press("/r/"+token+"/check", nil, old), g.press("/r/"+token+"/session", nil), g.get("/r/"+token+"/seats/x", old)} {
					if out.status != 410 || strings.Contains(out.body, "Fjord Foods") {
						t.Errorf("the revoked link answers %d %.200s", out.status, text(out.body))
					}
				}
			}
			revoke()
			dead(first)
			second := warned()
			dead(first)
			if out := g.get("/r/"+second, old); out.status != 200 || strings.Contains(out.body, `name="fingerprint"`) {
				t.Errorf("the new link answers %d; the old session opens it: %v", out.status, strings.Contains(out.body, `name="fingerprint"`))
			}
			if page := g.get("/r/"+second, g.opened(second)).body; !strings.Contains(page, `name="fingerprint"`) {
				t.Error("the new link opens no session")
			}
			revoke()
			dead(first)
			dead(second)
			g.advance(g.clock.Now().Add(20 * time.Hour))
			g.warn("Cust12345", "12", "anna.berg@fjordfoods.example")
			dead(first)
			dead(second)
		})
	}
}

// What a reader says counts where a page of that reader offers it, now, and nowhere else.
func TestOnlyWhatIsOfferedIsTaken(t *testing.T) {
	w := newWorld(t, nil)
	b := w.meet(granit()).session()
	fp := w.finding("G-1", "surplus").Fingerprint
	said := func() int {
		return len(w.said("G-1", "finding.answered")) + len(w.said("G-1", "payment.claimed")) + len(w.said("G-1", "link.asked")) + len(w.said("G-1", "licence.reported"))
	}
	refused := func(who *browser, form string, fields url.Values) {
		t.Helper()
		before := said()
		out := who.forge(form, fields)
		if n := said() - before; n != 0 || out.status >= 500 {
			t.Errorf("%s %v is taken: %d said, answered %d", form, fields, n, out.status)
		}
	}
	for _, answer := range []string{"on-purpose", "numbers-right", "snooze", "none", ""} {
		refused(b, "/answer", url.Values{"fingerprint": {fp}, "answer": {answer}})
	}
	refused(b, "/answer", url.Values{"fingerprint": {"0123456789abcdef"}, "answer": {"not-right"}})
	refused(b, "/paid", url.Values{"fingerprint": {fp}, "paid_on": {"2026-11-20"}})
	refused(b, "/loaded", url.Values{"cust_id": {granitCust}, "expires": {"2027-12-13"}})
	refused(b, "/colleague", url.Values{"fingerprint": {fp}, "contact": {"siv"}}) // who has the invoices is no administrator
	refused(b, "/colleague", url.Values{"fingerprint": {fp}, "contact": {"ulla"}})
	refused(b, "/colleague", url.Values{"fingerprint": {"0123456789abcdef"}, "contact": {"per"}})

	// An invoice falls due: it is the billing contact's, and the surplus is not.
	w.must(w.say("invoice.changed", w.clock.Now(), `{"account":"G-1","invoice":"INV-1","status":"open","due":"2026-11-02","paid_at":null,"amount":"98123.45","currency":"SEK","url":"https://pay.example/1",
		"period":{"from":"2026-12-13","to":"2027-12-13"}}`), "applied")
	siv := w.linkOf("G-1", "siv").session()
	invoice := w.finding("G-1", "invoice-overdue").Fingerprint
	refused(siv, "/answer", url.Values{"fingerprint": {fp}, "answer": {"numbers-wrong"}})
	refused(siv, "/answer", url.Values{"fingerprint": {fp}, "answer": {"handled"}})
	refused(siv, "/colleague", url.Values{"fingerprint": {fp}, "contact": {"ulla"}})
	refused(b, "/paid", url.Values{"fingerprint": {invoice}, "paid_on": {"2026-11-20"}})
	refused(b, "/answer", url.Values{"fingerprint": {invoice}, "answer": {"handled"}})
	before := said()
	siv.open("")
	siv.submit("/paid", "", url.Values{"paid_on": {"2026-11-20"}, "reference": {"OCR\u00a07\x1b[1m"}})
	if n := said() - before; n != 1 {
		t.Errorf("what the billing contact's page offers is not taken: %d", n)
	}
	if p := w.said("G-1", "payment.claimed"); len(p) != 1 || p[0]["reference"] != "OCR 7[1m" {
		t.Errorf("kept as %v", p)
	}
	refused(siv, "/paid", url.Values{"fingerprint": {invoice}, "paid_on": {"2026-11-20"}}) // it is said, and so no longer asked

	// The exits of the page are taken, once.
	b.open("")
	b.submit("/answer", "", url.Values{"note": {"We are\tnine\u200b\x07"}})
	if f := w.said("G-1", "finding.answered"); len(f) != 1 || f[0]["note"] != "We are nine" {
		t.Errorf("kept as %v", f)
	}
	refused(b, "/answer", url.Values{"fingerprint": {fp}, "answer": {"handled"}})
}

// Who has another role now sees what that role sees, with a link and a session of before; and who
// cannot log in to SuperOffice any more sees nothing.
func TestThePageIsThatOfTheRoleNow(t *testing.T) {
	w := newWorld(t, nil)
	c := granit()
	b := w.meet(c).session()
	fp := w.finding("G-1", "surplus").Fingerprint
	if page := b.open("/seats/" + fp); !strings.Contains(page, "Gull Hed") {
		t.Fatalf("an administrator reads of seats: %s", page)
	}
	tell := func(change func(a *licence.AccountChanged)) {
		t.Helper()
		a := c.account
		a.Contacts = slices.Clone(a.Contacts)
		change(&a)
		data, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		w.must(w.say("account.changed", w.clock.Now(), string(data)), "applied")
	}
	tell(func(a *licence.AccountChanged) { a.Contacts[0].Role = licence.Billing })
	for _, page := range []string{"", "/seats/" + fp, "/steps/" + fp, "/activate/" + granitCust} {
		if shown := b.open(page); strings.Contains(shown, "Gull Hed") || strings.Contains(shown, "to free") {
			t.Errorf("%q shows the billing contact %.300s", page, shown)
		}
	}
	n := len(w.said("G-1", "seats.chosen"))
	b.forge("/choose", url.Values{"fingerprint": {fp}, "user": {"9"}})
	b.forge("/code", url.Values{"cust_id": {granitCust}})
	if len(w.said("G-1", "seats.chosen")) != n || len(w.said("G-1", "code.asked")) != 0 {
		t.Error("the billing contact chooses who gives up a seat, or asks for a code")
	}
	tell(func(a *licence.AccountChanged) { a.Contacts[0].Locale = "sv" })
	if page := b.open(""); !strings.Contains(page, "licensen") {
		t.Errorf("the language is that of before: %.200s", page)
	}

	locked := func(can bool) {
		t.Helper()
		w.must(w.say("seat.changed", w.clock.Now(), fmt.Sprintf(`{"account":"G-1","cust_id":%q,"plan":"sales","held":true,"open_requests":0,
			"user":{"id":"1","name":"Ulla Sten","email":"ulla.sten@granit.example","can_login":%t,"admin":true,"protected":false,"waiting_for_approval":false,"last_active":null}}`, granitCust, can)), "applied")
	}
	w.clock.set(w.clock.Now().Add(time.Minute))
	locked(false)
	for _, out := range []reply{w.get(b.base, b.cookies...), w.press(b.base+"/check", nil, b.cookies...), w.press(b.base+"/session", nil)} {
		if out.status != 410 || strings.Contains(out.body, "Granit") {
			t.Errorf("whose user cannot log in reads %d %.200s", out.status, text(out.body))
		}
	}
	warned := func() warned {
		w.ids++
		body := fmt.Sprintf(`{"type":"login.warned","timestamp":%q,"data":{"cust_id":%q,"serial":"1805000117","url":"https://online2.superoffice.com/Cust50001","version":"12.2","message":"...","days_left":20,
			"user":{"id":"1","name":"Ulla Sten","email":"ulla.sten@granit.example","locale":"en"}}}`, w.clock.Now().UTC().Format(time.RFC3339), granitCust)
		var v warned
		if err := json.Unmarshal([]byte(w.post("login", "/login-warnings", fmt.Sprint("warn-", w.ids), []byte(body)).body), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := warned(); v.Link != "" || v.Message == "" {
		t.Errorf("whose user cannot log in is given a link: %+v", v)
	}
	w.clock.set(w.clock.Now().Add(time.Minute))
	locked(true)
	if v := warned(); v.Link == "" {
		t.Errorf("who can log in again is given none: %+v", v)
	}
}

// A link that somebody asks for is bounded by the link that it is asked with, by who gets it, and
// by the day; where mails wait for a person it is a draft; and nothing counts as answered before a
// mail has gone.
func TestLinksThatAreAskedFor(t *testing.T) {
	for _, s := range stores {
		t.Run(s.name, func(t *testing.T) {
			w := newWorld(t, s.open)
			c := granit()
			for _, name := range []string{"Tor", "Una"} {
				c.account.Contacts = append(c.account.Contacts, licence.Contact{ID: strings.ToLower(name), Name: name + " Vik", Email: strings.ToLower(name) + "@granit.example", Role: licence.Admin, Locale: "en", Rank: 2})
			}
			b := w.meet(c).session()
			fp := w.finding("G-1", "surplus").Fingerprint
			policy := func(mail string) {
				t.Helper()
				c.account.Mail = licence.Some(mail)
				data, err := json.Marshal(c.account)
				if err != nil {
					t.Fatal(err)
				}
				w.must(w.say("account.changed", w.clock.Now(), string(data)), "applied")
			}
			ask := func(who *browser, contact string) string {
				t.Helper()
				return who.follow(who.base, who.forge("/colleague", url.Values{"fingerprint": {fp}, "contact": {contact}}))
			}
			state := func() string { return w.finding("G-1", "surplus").State }
			links := func(to string) (sent, drafts int) {
				for _, m := range w.mailRows() {
					switch {
					case m.Why != "link" || m.To != to:
					case m.SentAt != nil:
						sent++
					default:
						drafts++
					}
				}
				return sent, drafts
			}
			for _, mail := range []string{"operator", "off"} {
				policy(mail)
				if page := ask(b, "per"); !strings.Contains(page, "No link could be sent") || state() != "open" {
					t.Errorf("mail %s: %s, and the page says %.200s", mail, state(), page)
				}
			}
			policy("review")
			if page := ask(b, "per"); !strings.Contains(page, "when somebody at Fjordpartner AS has looked at them") || state() != "open" {
				t.Errorf("in review: %s, and the page says %.300s", state(), page)
			}
			if sent, drafts := links("per.alm@granit.example"); sent != 0 || drafts != 1 {
				t.Errorf("in review %d links went to a colleague, %d are drafts", sent, drafts)
			}
			policy("on")
			w.clock.set(w.clock.Now().Add(25 * time.Hour)) // another day
			w.sweep()
			b = w.linkOf("G-1", "ulla").session()
			if page := ask(b, "per"); !strings.Contains(page, "The link has gone to your colleague") || state() != "answered" {
				t.Errorf("where mail is on: %s, and the page says %.300s", state(), page)
			}
			if sent, _ := links("per.alm@granit.example"); sent != 1 {
				t.Errorf("%d links went to a colleague, want 1", sent)
			}
			// Whose finding it is by now is another matter: nobody is asked twice of what is answered.
			ask(b, "tor")
			if sent, _ := links("tor@granit.example"); sent != 0 {
				t.Errorf("%d links went though it is answered", sent)
			}
		})
	}
}

// No person is mailed more than three links a day, whoever asks for them, and no link asks for more.
func TestThreeLinksADay(t *testing.T) {
	w := newWorld(t, nil)
	w.meet(granit())
	count := func(to string) (n int) {
		for _, m := range w.mailRows() {
			if m.Why == "link" && m.To == to {
				n++
			}
		}
		return n
	}
	ask := func(id string, contact string) {
		t.Helper()
		f := licence.Fact{ID: "test/" + id, To: []licence.Name{{Sender: "account", ID: "G-1"}}, At: w.clock.Now(), Source: "page", Payload: licence.LinkAsked{To: contact}}
		if _, err := w.app.Engine.Apply(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		w.deliver()
	}
	for i := range 9 {
		w.clock.set(w.clock.Now().Add(time.Second))
		ask(fmt.Sprint("per-", i), "per") // by nine different links, it may be
	}
	if n := count("per.alm@granit.example"); n != 3 {
		t.Errorf("%d links went to one person in a day, want 3", n)
	}
	w.clock.set(w.clock.Now().Add(24 * time.Hour))
	ask("tomorrow", "per")
	if n := count("per.alm@granit.example"); n != 4 {
		t.Errorf("%d links the day after, want 4", n)
	}
}

// A page can be checked again and again, but not without end: beyond, it shows what was read last,
// and SuperOffice is left alone.
func TestChecksAreBounded(t *testing.T) {
	w := newWorld(t, nil)
	b := w.meet(granit())
	over := 0
	for i := range 70 {
		out := w.press(b.base+"/check", nil)
		switch {
		case out.status == 429 && strings.Contains(text(out.body), "checked very many times today"):
			over++
		case out.status != 200 || over > 0:
			t.Fatalf("check %d: %d %.200s", i+1, out.status, text(out.body))
		}
	}
	if over != 10 {
		t.Errorf("%d of 70 checks were too many, want 10", over)
	}
	calls := len(w.sim.Calls(granitCust))
	w.press(b.base+"/check", nil)
	if n := len(w.sim.Calls(granitCust)); n != calls {
		t.Errorf("one that is too many calls SuperOffice %d times", n-calls)
	}
	if other := w.linkOf("G-1", "per"); w.press(other.base+"/check", nil).status != 200 {
		t.Error("another reader cannot check")
	}
	w.clock.set(w.clock.Now().Add(24 * time.Hour))
	if out := w.press(b.base+"/check", nil); out.status != 200 {
		t.Errorf("the day after: %d", out.status)
	}
}

// An id that was stored for one account and comes for another is a conflict, be the first parked or
// applied; it is kept for a person, and changes nothing.
func TestAnIdIsOneFacts(t *testing.T) {
	for _, s := range stores {
		t.Run(s.name, func(t *testing.T) {
			w := newWorld(t, s.open)
			w.must(w.tell("first/01-standard-account.json"), "applied")
			w.must(w.tell("demo/fjord-foods/01-standard-account.json"), "applied")
			of := func(account string) []byte {
				return bytes.ReplaceAll(invoice("2026-11-20T08:00:00Z", "12500.00"), []byte("C-1"), []byte(account))
			}
			w.must(w.post("standard", "/billing/standard", "msg_1", of("C-1")), "applied")
			w.must(w.post("standard", "/billing/standard", "msg_1", of("C-1")), "duplicate")
			w.must(w.post("standard", "/billing/standard", "msg_2", of("C-404")), "parked")
			for id, account := range map[string]string{"msg_1": "C-1042", "msg_2": "C-1042"} {
				if out := w.post("standard", "/billing/standard", id, of(account)); out.status != 409 || out.outcome() != "conflicting_replay" {
					t.Errorf("%s for %s: %v, want 409", id, account, out)
				}
			}
			if out := w.post("standard", "/billing/standard", "msg_1", of("C-405")); out.status != 409 {
				t.Errorf("for an account that is not known: %v, want 409", out)
			}
			if n := len(w.said("C-1042", "invoice.changed")); n != 0 {
				t.Errorf("%d of them were applied", n)
			}
			if got := w.asides(); len(got) != 2 { // a body is kept once
				t.Errorf("set aside are %v", got)
			}
		})
	}
}

// What waits, in large pieces, comes in answers that are no larger than they may be, and slows
// nobody's case: that reads of no body.
func TestLargeThingsThatWait(t *testing.T) {
	d := deskWith(t, nil, "first", "demo/fjord-foods")
	w := d.world
	n := 150
	if testing.Short() {
		n = 15
	}
	pad := strings.Repeat(`\"`, 100<<10)
	for i := range n {
		w.must(w.do(w.signed("standard", "/users/standard", fmt.Sprint("large-", i), listOf(fmt.Sprint("C-", 500+i%3), 900))), "parked")
		bad := fmt.Sprintf(`{"id":"evt_%d","object":"event","type":"invoice.paid","livemode":true,"created":"soon","data":{"object":{"customer":"cus_F10rdFoods","pad":"%s"}}}`, i, pad)
		w.must(w.do(w.signed("stripe", "/billing/stripe", "", []byte(bad))), "set-aside")
	}
	for _, list := range []string{"parked", "aside"} {
		seen, pages := map[string]bool{}, 0
		for cursor := ""; ; pages++ {
			r := httptest.NewRequest("GET", "/"+list+"?limit=500&cursor="+url.QueryEscape(cursor), nil)
			r.Header.Set("Authorization", "Bearer "+testSecrets["operator"][0])
			out := w.do(r)
			if out.status != 200 || len(out.body) > 1<<20 {
				t.Fatalf("/%s: %d, %d bytes", list, out.status, len(out.body))
			}
			var page map[string]json.RawMessage
			var some []struct{ ID string }
			if err := json.Unmarshal([]byte(out.body), &page); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(json.Unmarshal(page[list], &some), json.Unmarshal(page["cursor"], &cursor)); err != nil {
				t.Fatal(err)
			}
			for _, x := range some {
				seen[x.ID] = true
			}
			if cursor == "" {
				break
			}
		}
		if len(seen) != n || pages < n/5 {
			t.Errorf("/%s gives %d in %d pages, want %d", list, len(seen), pages+1, n)
		}
	}
	// A body that is about a customer stands at its case, by its line alone.
	w.must(w.post("stripe", "/billing/stripe", "", []byte(`{"id":"evt_x","object":"event","type":"invoice.paid","created":"soon","metadata":{"account":"C-1"}}`)), "set-aside")
	read := 0
	w.plan = func(c storetest.Call) storetest.Fault {
		if c.Op == "Unmatched" || c.Op == "Rejections" || c.Op == "UnmatchedFor" {
			read++
		}
		return storetest.None
	}
	page := d.see("/support/accounts/C-1")
	w.plan = nil
	if read > 0 {
		t.Errorf("a customer's case reads what waits for others %d times", read)
	}
	if !strings.Contains(page, "created") || !strings.Contains(page, "/support/aside") {
		t.Errorf("the case does not say what was set aside of it")
	}
	// A person drops it, however much lies on top of it, and it is gone from the case.
	var aside string
	rows, _, err := w.db.Rows(t.Context(), "C-1", "aside", store.Page{})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d lines: %v", len(rows), err)
	}
	aside = rows[0].ID
	for i := range 20 {
		bad := fmt.Sprintf(`{"id":"evt_late_%d","object":"event","type":"invoice.paid","created":"soon"}`, i)
		w.must(w.do(w.signed("stripe", "/billing/stripe", "", []byte(bad))), "set-aside")
	}
	d.send("/support/aside", url.Values{"do": {"drop"}, "id": {aside}})
	if _, ok, err := w.db.Rejection(t.Context(), aside); ok || err != nil {
		t.Errorf("it is still there: %v", err)
	}
	if rows, _, _ := w.db.Rows(t.Context(), "C-1", "aside", store.Page{}); len(rows) != 0 {
		t.Errorf("the case still speaks of it")
	}
}

// A flood of one sender about one account is stopped where it is, with a clear answer.
func TestFloodsAreStopped(t *testing.T) {
	w := newWorld(t, nil)
	w.app.Store = full{w.app.Store}
	w.app.Engine.Store = w.app.Store
	out := w.post("standard", "/billing/standard", "msg_1", []byte(strings.ReplaceAll(string(invoice("2026-11-20T08:00:00Z", "1.00")), "C-1", "C-404")))
	if out.status != 422 || !strings.Contains(out.body, "tell the account first") {
		t.Errorf("a sender that can mend it: %v, want 422", out)
	}
	out = w.post("stripe", "/billing/stripe", "", w.event("demo/fjord-foods/02-stripe-subscription.json"))
	if out.status != 503 || out.outcome() != "unavailable" {
		t.Errorf("one that cannot, where nothing more is set aside: %v, want 503", out)
	}
	out = w.post("login", "/login-warnings", "msg_2", w.event("first/03-login-warned.json"))
	if out.status != 200 || out.outcome() != "ignored" || !strings.Contains(out.body, `"message":"`) {
		t.Errorf("a warned login: %v, want a calm line", out)
	}
}

// Of a conflicting replay that is not kept, nobody is told that it was.
func TestAConflictThatIsNotKept(t *testing.T) {
	w := newWorld(t, nil)
	w.must(w.tell("first/01-standard-account.json"), "applied")
	w.must(w.post("standard", "/billing/standard", "msg_1", invoice("2026-11-20T08:00:00Z", "1.00")), "applied")
	again := func() reply {
		return w.post("standard", "/billing/standard", "msg_1", invoice("2026-11-20T08:00:00Z", "2.00"))
	}
	if out := again(); out.status != 409 || !strings.Contains(out.body, "kept for a person") {
		t.Errorf("one that is kept: %v", out)
	}
	w.app.Engine.Store = full{w.app.Engine.Store}
	if out := again(); out.status != 409 || strings.Contains(out.body, "kept for a person") || !strings.Contains(out.body, "not kept") {
		t.Errorf("one that is not kept: %v", out)
	}
}

// full is a store in which as much waits as may.
type full struct{ store.Store }

func (full) KeepUnmatched(context.Context, licence.Fact, string) error { return store.ErrFull }

func (full) Reject(context.Context, store.Rejected) error { return store.ErrFull }
