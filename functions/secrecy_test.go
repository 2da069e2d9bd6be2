package functions_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"seatmend/infra/crmsim"
	"seatmend/shared/effects"
	"seatmend/shared/store/storetest"
)

// What the log never tells.

// No token, no secret, no name and no address is ever logged, whatever happens.
func TestLogsTellNothing(t *testing.T) {
	w := newWorld(t, nil)
	w.play(firstLight[:7])
	token := strings.TrimPrefix(w.link(), "/r/")
	session := w.opened(token)
	w.press("/r/"+token+"/answer", url.Values{"fingerprint": {w.finding("C-1", "surplus").Fingerprint}, "answer": {"handled"}, "note": {"Call Eva Storm"}}, session)
	for _, fault := range []crmsim.Fault{crmsim.FaultHTML, crmsim.FaultMessage, crmsim.FaultServer, crmsim.FaultNull, crmsim.FaultDenied, crmsim.FaultMoved, crmsim.FaultBusy, crmsim.FaultNone} {
		tenant, _ := w.sim.Tenant("Cust10001")
		tenant.Fault = fault
		if err := w.sim.Put(tenant); err != nil {
			t.Fatal(err)
		}
		w.press("/r/"+token+"/check", nil)
	}
	w.post("standard", "/billing/standard", "taken", twin("2026-11-23T07:00:00Z", "Cust20001", "Cust10001"))
	w.post("standard", "/billing/standard", "bad", []byte(`{"type":"account.changed","timestamp":"x","data":{"contacts":[{"email":"eva.storm@storvik.example"}]}}`))
	w.post("stripe", "/billing/stripe", "", []byte(`{"id":"evt","email":"eva.storm@storvik.example"`))
	w.press("/help", url.Values{"value": {"Cust10001 eva.storm@storvik.example"}})
	w.do(httptest.NewRequest("GET", "/r/"+token[:40], nil))
	w.plan = func(storetest.Call) storetest.Fault { return storetest.Lost }
	w.post("standard", "/billing/standard", "late", w.event("first/01-standard-account.json"))
	w.press("/r/"+token+"/check", nil)
	w.plan, w.dead = nil, false
	w.advance(morning.AddDate(0, 0, 3))

	if log := w.logs.String(); !strings.Contains(log, `"outcome":"applied"`) || !strings.Contains(log, `"level":"ERROR"`) {
		t.Errorf("the log lacks what it should have: %.300s", log)
	}
	discreet(t, w, token[:20], session.Value[:20])
}

// Mail servers say whom they do not know. The log does not.
func TestLogsOfMailServersTellNothing(t *testing.T) {
	for name, refusal := range map[string]error{"refused": &effects.Refusal{Err: errors.New("no"), Final: true}, "put off": &effects.Refusal{Err: errors.New("later")}, "uncertain": errors.New("cut off")} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			asked := 0
			w.mail = func(_ context.Context, m effects.Message) (string, error) {
				asked++
				return "", fmt.Errorf("%w: 550 5.1.1 <%s>: no such user, %q", refusal, m.To, m.To)
			}
			w.start()
			for _, file := range []string{"first/01-standard-account.json", "first/02-standard-licence.json"} {
				w.must(w.tell(file), "applied")
			}
			w.advance(morning.Add(2 * time.Hour))
			w.press("/support/sign-in", url.Values{"address": {"nora@fjordpartner.example"}})
			if asked < 3 {
				t.Errorf("the mail server was asked %d times only", asked)
			}
			discreet(t, w)
		})
	}
}

// discreet holds the log to saying nothing of people, and showing nothing that opens a door.
func discreet(t *testing.T, w *world, forbidden ...string) {
	t.Helper()
	forbidden = append(forbidden, "@", "Anna", "anna.storm", "Bo Krans", "Eva", "Storvik", "Nora", "Person ", "SCUP.")
	for _, list := range testSecrets {
		for _, s := range list {
			forbidden = append(forbidden, s, strings.TrimPrefix(s, "whsec_"))
		}
	}
	for line := range strings.Lines(w.logs.String()) {
		for _, f := range forbidden {
			if strings.Contains(line, f) {
				t.Errorf("%q is logged: %s", f, line)
			}
		}
	}
}
