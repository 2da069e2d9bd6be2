package functions_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"seatmend/functions"
	"seatmend/functions/app"
	"seatmend/shared/licence"
	"seatmend/shared/store"
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
			if page := ask(b, "per"); !strings.Contains(page, "once somebody at Fjordpartner AS has looked at them") || state() != "open" {
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
