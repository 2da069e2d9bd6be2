package main

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/events"
	"seatmend/functions/app"
	"seatmend/infra/crmsim"
	"seatmend/shared/effects"
	"seatmend/shared/superoffice"
)

// simulated is a run with the demo's tenants, whose simulator and own routes are served.
func simulated(t *testing.T) (*Run, *superoffice.Client) {
	t.Helper()
	o := options{crm: "sim", data: t.TempDir(), operator: app.Invented, now: monday}
	screen, door := httptest.NewUnstartedServer(nil), httptest.NewUnstartedServer(nil)
	o.crmAddr, o.addr = screen.Listener.Addr().String(), door.Listener.Addr().String()
	o.base = "http://" + o.addr
	r, err := open(o, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.DB.Close() })
	screen.Config.Handler, door.Config.Handler = r.Sim.Handler(), r.handler()
	screen.Start()
	door.Start()
	t.Cleanup(screen.Close)
	t.Cleanup(door.Close)
	files, err := fs.Glob(events.Files, "demo/*/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.simulate(files, monday); err != nil {
		t.Fatal(err)
	}
	r.hook(t.Context(), o)
	return r, r.client(o)
}

// Most of the demo's customers let us do all, two nothing, and one lets us read.
func TestDemoGrants(t *testing.T) {
	r, client := simulated(t)
	found := map[string]string{}
	for _, tenant := range r.Sim.Tenants() {
		at, err := client.State(t.Context(), tenant.CustID)
		if err != nil {
			t.Fatal(err)
		}
		says := "all"
		switch may, err := client.MayActivate(t.Context(), at); {
		case errors.Is(err, superoffice.ErrDenied):
			says = "nothing"
		case err != nil:
			t.Fatal(err)
		case !may:
			says = "read"
		}
		if _, err := client.Licence(t.Context(), at); (err == nil) == (says == "nothing") {
			t.Errorf("%s grants %s, and its licence is read with %v", tenant.CustID, says, err)
		}
		found[tenant.CustID] = says
	}
	want := map[string]string{
		"Cust12345": "all", "Cust40522": "all", "Cust51733": "all", "Cust73015": "all", "Cust84402": "all", "Cust95518": "all",
		"Cust20817": "read",
		"Cust62290": "nothing",
		"Cust31406": "nothing", "Cust31391": "nothing", // of one customer
	}
	if !maps.Equal(found, want) {
		t.Errorf("%v, want %v", found, want)
	}
}

// Every tenant of the demo has the modules beside the plans that tenants really have, each as it is there.
func TestDemoTenantsHaveModulesBeside(t *testing.T) {
	r, client := simulated(t)
	read := 0
	for _, tenant := range r.Sim.Tenants() {
		at, err := client.State(t.Context(), tenant.CustID)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Licence(t.Context(), at)
		if errors.Is(err, superoffice.ErrDenied) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		read++
		found := map[string]superoffice.Module{}
		for _, m := range answer.Licence("").Modules {
			found[m.Module] = m
		}
		for name, free := range map[string]bool{"system-user-cal": false, "visible-for": true, "superlicense-no-selection": true} {
			if m, ok := found[name]; !ok || m.Unrestricted != free {
				t.Errorf("%s: %s is %+v", tenant.CustID, name, m)
			}
		}
		// A column is of people: system users have none among the employees, and the read leaves the module out.
		if _, unlisted, err := client.Users(t.Context(), at, "ten-sales", "system-user-cal"); err != nil || !slices.Contains(unlisted, "system-user-cal") {
			t.Errorf("%s: unlisted %v, %v", tenant.CustID, unlisted, err)
		}
	}
	if read < 7 {
		t.Errorf("%d licences are read", read)
	}
}

// Every tenant tells this run what changes, signed with its secret.
func TestDemoTenantsHaveAWebhook(t *testing.T) {
	r, _ := simulated(t)
	for _, tenant := range r.Sim.Tenants() {
		if len(tenant.Hooks) != 1 || tenant.Hooks[0].State != crmsim.Active || !slices.Equal(tenant.Hooks[0].Events, effects.HookEvents) || !strings.HasSuffix(tenant.Hooks[0].TargetURL, "/users/superoffice") {
			t.Fatalf("%s: %+v", tenant.CustID, tenant.Hooks)
		}
	}
	if err := r.Sim.Signal("Cust12345", "associate.changed", 10); err != nil {
		t.Fatal(err)
	}
	r.Sim.Deliver(t.Context())
	posts := r.Sim.Posts("Cust12345")
	if posts[0].Event != "associate.changed" || posts[0].Status != 200 {
		t.Errorf("%+v", posts[0])
	}
	// A false signature is refused at our door.
	fjord, _ := r.Sim.Tenant("Cust12345")
	fjord.Variant = crmsim.VariantBadSignature
	if err := r.Sim.Put(fjord); err != nil {
		t.Fatal(err)
	}
	r.Sim.Sleep = func(context.Context, time.Duration) error { return errors.New("once is enough") }
	if err := r.Sim.Signal("Cust12345", "associate.changed", 10); err != nil {
		t.Fatal(err)
	}
	r.Sim.Deliver(t.Context())
	if posts := r.Sim.Posts("Cust12345"); posts[0].Status != 401 {
		t.Errorf("%+v", posts[0])
	}
}

func TestReachable(t *testing.T) {
	for addr, want := range map[string]string{"127.0.0.1:80": "127.0.0.1:80", ":80": "127.0.0.1:80", "0.0.0.0:80": "127.0.0.1:80", "[::]:80": "127.0.0.1:80", "[::1]:80": "[::1]:80", "localhost:80": "localhost:80"} {
		if got := reachable(addr); got != want {
			t.Errorf("%s: %s, want %s", addr, got, want)
		}
	}
}
