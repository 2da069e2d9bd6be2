package casework

import (
	"testing"

	"seatmend/shared/licence"
)

// Identity-differs: the licence and the installation are of different owners or serials.

func TestF05OwnerRenamed(t *testing.T) {
	l := soundLicence(licenceLine("sales-premium", 10, -1, 9))
	l.Company = "Fjord Foods AB"
	inAnyOrder(t, "2026-11-24 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-11-24 06:00", l},
		{"2026-11-24 07:00", licence.InstallationReported{CustID: "Cust12345", State: "running", Company: licence.Some("Fjord Group AB")}},
	}, func(w *world) {
		f := w.finding("identity-differs", "open")
		if f.Owner != licence.Support || f.Severity != "high" || f.Say != "company" || f.Args["company"] != "Fjord Foods AB" || f.Args["owner"] != "Fjord Group AB" {
			t.Errorf("got %+v", f)
		}
		w.wantTask("identity-differs", licence.Support)
		w.absent("surplus", "not-activated")
	}, func(w *world) {
		w.sent("identity-differs", 1, "anna@fjord.example")
	})
}

func TestIdentityDiffers(t *testing.T) {
	begin := func(company, owner, serial, status string, former ...string) *world {
		a := fjord()
		a.Installations[0].Company, a.Installations[0].Serials = owner, former
		l := lapsingLicence(licenceLine("sales-premium", 10, 7, 9))
		l.Company, l.Serial, l.Status = company, serial, status
		w := newWorld(t, "2026-11-30 09:00", a)
		w.tell(l)
		return w
	}
	begin("Fjord Foods AB", " fjord foods ab ", "1801550193", "").passed("identity-differs")
	begin("Fjord Foods AB", "", "1801550193", "").passed("identity-differs") // one side was never told
	begin("Fjord Foods AB", "Fjord Foods Aktiebolag", "1801550193", "").finding("identity-differs", "open")
	begin("", "", "1801550777", "", "1801550777").passed("identity-differs") // a former serial is history
	w := begin("", "", "1801550777", "")
	if f := w.finding("identity-differs", "waiting"); f.Say != "serial" || !f.Until.Equal(stockholm("2026-12-01 09:00")) {
		t.Errorf("got %s until %s", f.Say, f.Until)
	}
	w = begin("", "", "1801550193", "new-company")
	f := w.finding("identity-differs", "open")
	if f.Say != "offered" || f.Owner != licence.Admin {
		t.Errorf("got %s %s", f.Say, f.Owner)
	}
	w.absent("surplus", "not-activated", "plan-swap") // activation cannot work
	// What is refused all the same is blocked by it.
	l := lapsingLicence(licenceLine("sales-premium", 10, 9, 9))
	l.Status = "new-serial"
	w = newWorld(t, "2026-11-30 09:00", fjord())
	w.tell(l)
	if f := w.finding("activation-refused", "open"); len(f.BlockedBy) != 1 || f.BlockedBy[0] != w.finding("identity-differs", "open").Fingerprint {
		t.Errorf("blocked by %v", f.BlockedBy)
	}
	w.until(w.now.Add(8 * licence.Day))
	w.finding("identity-differs", "unknown")
}
