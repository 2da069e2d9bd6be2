package functions_test

import (
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
	"seatmend/shared/effects"
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
		remote, err := functions.Lambda(g.app.Handler(""))(t.Context(), e)
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
	})).ServeHTTP(rec, httptest.NewRequest("GET", "/accounts", nil))
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
