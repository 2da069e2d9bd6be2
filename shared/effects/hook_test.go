package effects_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"seatmend/infra/crmsim"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/superoffice"
)

// A listener is a simulated SuperOffice, and an address that its webhooks reach.
type listener struct {
	*testing.T
	sim    *crmsim.Sim
	client *superoffice.Client
	target string
	secret string
	failed []string
}

func newListener(t *testing.T, grants ...string) *listener {
	t.Helper()
	l := &listener{T: t, secret: "first secret"}
	l.sim = crmsim.New(func() time.Time { return noon })
	for _, one := range crmsim.Scenarios() {
		if one.Name == "all-ok-no-new-licence" {
			tenant := one.Make("Cust1", noon)
			tenant.Grants = append(tenant.Grants, grants...)
			if err := l.sim.Put(tenant); err != nil {
				t.Fatal(err)
			}
		}
	}
	crm := httptest.NewServer(l.sim.Handler())
	t.Cleanup(crm.Close)
	to := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var e struct{ Event string }
		if json.NewDecoder(r.Body).Decode(&e) != nil || r.URL.Path != "/users/superoffice" || r.Header.Get("X-SuperOffice-Signature") == "" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(to.Close)
	l.target = to.URL
	secret, key := l.sim.App()
	l.client = &superoffice.Client{HTTP: crm.Client(), Login: crm.URL, Now: func() time.Time { return noon }, App: superoffice.App{Secret: secret, Key: key}, System: l.sim.SystemToken}
	return l
}

// read reads the installation, and gives its webhooks then.
func (l *listener) read() []crmsim.Hook {
	l.Helper()
	var s licence.State
	s.Known.Profile.Account.Value = licence.AccountChanged{Installations: []licence.Installation{{CustID: "Cust1", Hosting: "online"}}}
	r := effects.Reader{Client: l.client, Now: func() time.Time { return noon }, Hooks: &effects.Hooks{
		Target: func(string, bool) string { return l.target + "/users/superoffice" }, Secret: func() string { return l.secret },
		Failed: func(_ string, err error) { l.failed = append(l.failed, err.Error()) },
	}}
	if _, done, err := r.Read(context.Background(), s, licence.Effect{Kind: licence.Read, CustID: "Cust1"}); err != nil || done.Outcome != "done" {
		l.Fatalf("%+v, %v", done, err)
	}
	now, _ := l.sim.Tenant("Cust1")
	return now.Hooks
}

// SuperOffice is asked once to post to us, and again when that webhook has died, or its secret or its
// address is another. Where we may not, nothing is done, and nobody is bothered.
func TestWebhooksAreRegistered(t *testing.T) {
	l := newListener(t, crmsim.Webhooks)
	first := l.read()
	if len(first) != 1 || first[0].State != "Active" || first[0].Secret != "first secret" ||
		!slices.Equal(first[0].Events, []string{"associate.created", "associate.changed", "associate.deleted", "person.created", "person.changed", "person.softdeleted", "person.deleted"}) {
		t.Fatalf("registered %+v, %q", first, l.failed)
	}
	if again := l.read(); len(again) != 1 || !again[0].Updated.Equal(first[0].Updated) || again[0].ID != first[0].ID {
		t.Errorf("once more: %+v", again)
	}
	now, _ := l.sim.Tenant("Cust1")
	now.Hooks[0].State = crmsim.TooManyErrors
	if err := l.sim.Put(now); err != nil {
		t.Fatal(err)
	}
	if again := l.read(); len(again) != 1 || again[0].State != "Active" {
		t.Errorf("revived: %+v", again)
	}
	l.secret = "second secret"
	if again := l.read(); len(again) != 1 || again[0].Secret != "second secret" || again[0].Name == first[0].Name {
		t.Errorf("with another secret: %+v", again)
	}
	// What posts elsewhere is another Seatmend's, and stays as it is.
	now, _ = l.sim.Tenant("Cust1")
	now.Hooks[0].TargetURL, now.Hooks[0].State = "https://other.example/users/superoffice", crmsim.Stopped
	if err := l.sim.Put(now); err != nil {
		t.Fatal(err)
	}
	if both := l.read(); len(both) != 2 || both[0].TargetURL != "https://other.example/users/superoffice" || both[0].State != crmsim.Stopped || both[1].State != crmsim.Active {
		t.Errorf("beside another's: %+v", both)
	}
	if len(l.failed) != 0 {
		t.Errorf("failed: %q", l.failed)
	}

	denied := newListener(t)
	if hooks := denied.read(); len(hooks) != 0 || len(denied.failed) != 0 {
		t.Errorf("denied: %+v, %q", hooks, denied.failed)
	}
	deaf := newListener(t, crmsim.Webhooks)
	deaf.target += "/elsewhere" // which answers no test
	if hooks := deaf.read(); len(hooks) != 0 || len(deaf.failed) != 1 {
		t.Errorf("deaf: %+v, %q", hooks, deaf.failed)
	}
	// What somebody has made by hand posts to us as well, under whatever name.
	now, _ = deaf.sim.Tenant("Cust1")
	now.Hooks = []crmsim.Hook{{ID: 1, Name: "To the licence desk", Events: first[0].Events, TargetURL: deaf.target + "/users/superoffice", State: crmsim.Active, Type: "webhook"}}
	if err := deaf.sim.Put(now); err != nil {
		t.Fatal(err)
	}
	if hooks := deaf.read(); len(hooks) != 1 || len(deaf.failed) != 1 {
		t.Errorf("made by hand: %+v, %q", hooks, deaf.failed)
	}
}
