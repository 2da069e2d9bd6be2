package functions_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"seatmend/infra/crmsim"
)

// posts has the simulated SuperOffice tell a change of a tenant, and gives the body and our answer.
func (w *world) posts(change crmsim.ChangeType, token crmsim.Token) (string, reply) {
	w.Helper()
	var raw string
	portal := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		raw = string(b)
	}))
	defer portal.Close()
	w.sim.StateChanges = portal.URL
	if err := w.sim.ChangeState(w.Context(), granitCust, change, token); err != nil {
		w.Fatal(err)
	}
	return raw, w.state(raw)
}

func (w *world) state(raw string) reply {
	w.Helper()
	r := httptest.NewRequestWithContext(w.Context(), "POST", "/users/superoffice-state", strings.NewReader(raw))
	r.Header.Set("Content-Type", "application/json")
	return w.do(r)
}

// What SuperOffice says was done to a tenant as a whole is read at once; the message itself is not believed.
func TestStateChangeIsRead(t *testing.T) {
	w := newWorld(t, nil)
	w.meet(granit())
	reads := func() int { return len(w.sim.Calls(granitCust)) }
	before := reads()
	forged, out := w.posts(crmsim.Suspend, crmsim.Forged)
	if w.sweep(); out.status != 401 || reads() != before {
		t.Fatalf("forged: %v", out)
	}
	for name, raw := range map[string]string{
		"no token": `{"ChangeType":2,"ContextIdentifier":"` + granitCust + `"}`, "no JSON": forged[1:], "an empty body": "", "a number": strings.Replace(forged, `"Token":"`, `"Token":7,"T":"`, 1), "a list": "[" + forged + "]",
	} {
		if out := w.state(raw); out.status != 401 {
			t.Errorf("%s: %v", name, out)
		}
	}
	raw, out := w.posts(crmsim.Suspend, crmsim.Signed)
	if w.must(out, "applied"); out.status != 200 {
		t.Fatal(out)
	}
	w.sweep()
	if f := w.finding("G-1", "suspended"); f.State != "open" {
		t.Fatalf("suspended is %+v", f)
	}
	if again := w.state(raw); again.outcome() != "duplicate" {
		t.Errorf("once more: %v", again)
	}
	// A token is for the tenant that it names, for a while.
	if out := w.state(strings.Replace(raw, granitCust, "Cust1", 1)); out.status != 401 {
		t.Errorf("another tenant's: %v", out)
	}
	w.clock.set(w.clock.Now().Add(15 * time.Minute))
	if out := w.state(raw); out.status != 401 {
		t.Errorf("a quarter of an hour later: %v", out)
	}
	_, out = w.posts(crmsim.Resume, crmsim.Signed)
	w.must(out, "applied")
	w.sweep()
	for _, f := range w.diagnosis("G-1").Findings {
		if f.Code == "suspended" {
			t.Error("it is suspended still")
		}
	}
	for _, change := range []crmsim.ChangeType{crmsim.Upgrade, crmsim.BackupRestored, crmsim.Move, 9} {
		w.clock.set(w.clock.Now().Add(time.Minute))
		body, _ := w.posts(crmsim.Upgrade, crmsim.Signed)
		w.clock.set(w.clock.Now().Add(time.Second))
		body = strings.Replace(body, `"ChangeType":0`, `"ChangeType":`+string(rune('0'+change)), 1)
		if out := w.state(body); out.status != 200 || out.outcome() == "set-aside" {
			t.Errorf("%d: %v", change, out)
		}
	}
	// While the login host's keys cannot be had nobody can tell: it is to be sent again.
	w.start()
	w.sim.HideKeys()
	if _, out := w.posts(crmsim.Upgrade, crmsim.Signed); out.status != 503 {
		t.Errorf("without keys: %v", out)
	}
}

// carried carries what SuperOffice posts to us; down: nobody answers.
type carried struct {
	w    *world
	down bool
}

func (c *carried) RoundTrip(r *http.Request) (*http.Response, error) {
	if c.down {
		return nil, errors.New("nobody answers")
	}
	rec, to := httptest.NewRecorder(), httptest.NewRequest(r.Method, r.URL.Path, r.Body)
	to.Header = r.Header
	c.w.handler.ServeHTTP(rec, to)
	return rec.Result(), nil
}

// SuperOffice would post to us, and our address does not answer its test: ops have a task until it does, or
// we may not any more.
func TestWebhookThatIsNotRegistered(t *testing.T) {
	for _, answers := range []bool{true, false} {
		w := newWorld(t, nil)
		line := &carried{w: w, down: true}
		w.sim.HTTP, w.app.BaseURL = &http.Client{Transport: line}, "https://127.0.0.1"
		w.meet(granit().holding(func(c *customer) { c.tenant.Grants = append(c.tenant.Grants, crmsim.Webhooks) }))
		w.advance(w.clock.Now().Add(2 * time.Hour))
		if got := w.tasksOf("G-1", "not-heard"); len(got) != 1 || got[0].State != "open" || got[0].Subject.CustID != granitCust {
			t.Fatalf("ops have %+v", got)
		}
		if line.down = !answers; !answers {
			w.inSuperOffice(granitCust, func(t *crmsim.Tenant) { t.Grants = t.Grants[:len(t.Grants)-1] })
		}
		w.advance(w.clock.Now().Add(80 * time.Hour))
		if got := w.tasksOf("G-1", "not-heard"); len(got) > 0 && got[0].State == "open" {
			t.Errorf("it answers again %v: ops have %+v", answers, got)
		}
		if now, _ := w.sim.Tenant(granitCust); answers != (len(now.Hooks) == 1) {
			t.Errorf("it answers again %v: %d webhooks are registered", answers, len(now.Hooks))
		}
	}
}
