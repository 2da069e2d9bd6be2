package functions_test

import (
	"strings"
	"testing"
	"time"

	"seatmend/infra/crmsim"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// TestReadsBackOff: a SuperOffice that is busy is left alone for longer each time, no number
// comes of it, no mail goes without a fresh read, and what heals is read by itself.
func TestReadsBackOff(t *testing.T) {
	w := newWorld(t, onSQLite)
	files := []string{"01-standard-account", "02-stripe-subscription", "03-stripe-reduction", "04-stripe-invoice", "05-standard-seats", "06-standard-licence"}
	for i, name := range files {
		files[i] = "demo/fjord-foods/" + name + ".json"
	}
	w.simulate(files...)
	for _, f := range files {
		if r := w.tell(f); r.status != 200 { // once probed, what is told of earlier is late
			t.Fatal(r)
		}
	}
	w.advance(w.clock.Now().Add(time.Minute)) // probed, and connected from now on
	reads := func() licence.ReadState {
		l, err := w.db.Load(t.Context(), "C-1042", store.Want{})
		if err != nil {
			t.Fatal(err)
		}
		return l.State.History.Reads["cust12345"]
	}
	if r := reads(); !r.OK {
		t.Fatalf("the probe says %+v", r)
	}
	fault := func(f crmsim.Fault) {
		tenant, _ := w.sim.Tenant("Cust12345")
		tenant.Fault = f
		if err := w.sim.Put(tenant); err != nil {
			t.Fatal(err)
		}
	}
	fault(crmsim.FaultBusy)
	begun := w.clock.Now()
	w.advance(begun.Add(26 * time.Hour))
	r := reads()
	if r.OK || r.Fails < 3 || r.Fails > 20 {
		t.Errorf("busy for a day and more: %d reads failed, want a few, each later than the one before: %+v", r.Fails, r)
	}
	if d := w.diagnosis("C-1042"); len(d.Findings) > 0 && d.Findings[0].State == "open" {
		t.Errorf("a finding is %s by facts that are too old", d.Findings[0].State)
	}
	fault(crmsim.FaultNone)
	w.advance(w.clock.Now().Add(7 * time.Hour))
	if r := reads(); !r.OK || r.Fails != 0 {
		t.Errorf("after it healed: %+v", r)
	}
	if f := w.finding("C-1042", "surplus"); f.State != "open" {
		t.Errorf("after it healed the surplus is %s", f.State)
	}
}

// What SuperOffice shows at login is read with the licence and is on the page, though nobody has logged in; a
// version that does not tell it is read as before, and both are mailed of.
func TestItsWarningIsHeardBeforeAnybodyLogsIn(t *testing.T) {
	for version, heard := range map[string]bool{"12.2": true, "11.5": false} {
		w := newWorld(t, nil)
		b := w.meet(granit().holding(func(c *customer) { c.tenant.Version, c.tenant.LicensedVersion = version, version }))
		if page := b.open(""); strings.Contains(page, "SuperOffice shows at login “The licence expires soon") != heard {
			t.Errorf("%s: heard %v, want %v: %s", version, !heard, heard, page)
		}
		if f := w.finding("G-1", "surplus"); f.State != "open" || len(w.inbox()) == 0 || len(w.said("G-1", "login.warned")) != 0 {
			t.Errorf("%s: %+v, %d mails", version, f, len(w.inbox()))
		}
	}
}
