package crmsim_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"seatmend/infra/crmsim"
	"seatmend/shared/superoffice"
)

func TestActivateByAPI(t *testing.T) {
	s := newStage(t, fjord())
	at := s.tenant(t)
	activate := func(raw json.RawMessage) superoffice.LicenceResult {
		t.Helper()
		got, err := s.client.Activate(t.Context(), at, raw)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := activate(s.licence(t).Raw); got.Succeeded || got.Reason == "" {
		t.Errorf("two too many: %+v", got)
	}
	s.press(t, "remove", "user", "9", "module", "ten-sales")
	s.press(t, "remove", "user", "8", "module", "ten-sales")
	l := s.licence(t)
	if !l.CanActivate {
		t.Fatalf("seven of seven: %+v", l)
	}
	altered := json.RawMessage(strings.Replace(string(l.Raw), `"NumberOfLicenses":7`, `"NumberOfLicenses":9`, 1))
	var fields map[string]any
	if err := json.Unmarshal(l.Raw, &fields); err != nil {
		t.Fatal(err)
	}
	// Written anew, keys in another order: no signature survives that.
	rewritten, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string]json.RawMessage{"altered": altered, "rewritten": rewritten, "empty": json.RawMessage(`{}`)} {
		if got := activate(raw); got.Succeeded || !strings.Contains(got.Reason, "signature") {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := activate(l.Raw); !got.Succeeded {
		t.Errorf("unaltered: %+v", got)
	}
	after := s.licence(t)
	if after.Offered || after.Expires != "2027-12-13" || after.NextCheck != "2027-11-20" || after.MaintenanceUntil != "2026-12-31" {
		t.Errorf("after: %+v", after)
	}
	if m := s.module(t, "ten-sales"); m.Total != 7 || m.InUse != 7 || m.NewTotal != nil {
		t.Errorf("after: %+v", m)
	}
	for name, raw := range map[string]json.RawMessage{"the offer again": l.Raw, "what is in force": after.Raw} {
		if got := activate(raw); !got.Succeeded {
			t.Errorf("%s: %+v, want harmless", name, got)
		}
	}
}

func TestRefusedThoughItFits(t *testing.T) {
	tenant := fjord()
	tenant.Users = tenant.Users[:7]
	tenant.Offer.Refusal = "Prerequisite module is missing"
	s := newStage(t, tenant)
	l := s.licence(t)
	if l.CanActivate || l.Reason != "Prerequisite module is missing" {
		t.Errorf("got %+v", l)
	}
	got, err := s.client.Activate(t.Context(), s.tenant(t), l.Raw)
	if want := (superoffice.LicenceResult{Reason: "Prerequisite module is missing"}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestActivationWhoseAnswerIsLost(t *testing.T) {
	tenant := fjord()
	tenant.Users = tenant.Users[:7]
	tenant.Fault = crmsim.FaultLate
	s := newStage(t, tenant)
	l := s.licence(t)
	hasty := s.newClient(&http.Client{Timeout: 2 * time.Second})
	if _, err := hasty.Activate(t.Context(), s.tenant(t), l.Raw); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want a time-out", err)
	}
	if after := s.licence(t); after.Offered {
		t.Error("it was not done")
	}
}

func TestActivatesItself(t *testing.T) {
	tenant := fjord()
	tenant.Auto = true
	tenant.Users = tenant.Users[:7]
	at := today
	sim := crmsim.New(func() time.Time { return at })
	sim.Put(tenant)
	if got, _ := sim.Tenant("Cust12345"); got.Offer == nil {
		t.Error("activated before its check was due")
	}
	at = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	if got, _ := sim.Tenant("Cust12345"); got.Offer != nil || got.Expires != "2027-12-13" {
		t.Errorf("got %+v", got)
	}
}

// Names may have characters that some encoders write in another way. Who does that to a
// licence has altered it; who sends back what came has not.
func TestLicenceIsSentBackByteForByte(t *testing.T) {
	tenant := fjord()
	tenant.Company, tenant.Users = "Fjord & Foods <AB>", tenant.Users[:7]
	s := newStage(t, tenant)
	raw := s.licence(t).Raw
	if !strings.Contains(string(raw), `"CompanyName":"Fjord & Foods <AB>"`) {
		t.Fatalf("the name is written otherwise: %s", raw)
	}
	escaped := json.RawMessage(strings.ReplaceAll(string(raw), "&", `\u0026`))
	if got, err := s.client.Activate(t.Context(), s.tenant(t), escaped); err != nil || got.Succeeded {
		t.Errorf("written otherwise: %+v, %v", got, err)
	}
	if got, err := s.client.Activate(t.Context(), s.tenant(t), raw); err != nil || !got.Succeeded {
		t.Errorf("as it came: %+v, %v", got, err)
	}
}
