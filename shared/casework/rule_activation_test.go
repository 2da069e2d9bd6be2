package casework

import (
	"testing"
	"time"

	"seatmend/shared/licence"
)

// Not-activated and activation-refused: a new licence that fits waits, or is refused.

func TestQ09CheckIsTomorrow(t *testing.T) {
	l := lapsingLicence(licenceLine("sales-premium", 10, 10, 9))
	l.CanActivate, l.NextCheck = true, "2026-11-25"
	inAnyOrder(t, "2026-11-24 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-11-24 06:00", l},
	}, func(w *world) {
		f := w.finding("not-activated", "waiting")
		if f.Owner != licence.Nobody || f.Severity != "low" || f.WaitingFor != "self" || !f.Until.Equal(stockholm("2026-11-26 00:00")) {
			t.Errorf("got %s %s %s %s", f.Owner, f.Severity, f.WaitingFor, f.Until)
		}
		w.summary("waiting")
		w.quiet()
	}, func(w *world) {
		w.finding("not-activated", "open") // it has had its chance
		w.sent("not-activated", 1, "anna@fjord.example")
	})
}

func TestF03FitsButRefused(t *testing.T) {
	l := lapsingLicence(licenceLine("sales-premium", 10, 9, 9))
	l.Reason = "Prerequisite missing"
	inAnyOrder(t, "2026-11-30 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 9)},
		{"2026-11-30 05:55", holders("sales-premium", 9)},
		{"2026-11-30 06:00", l},
	}, nil, func(w *world) {
		f := w.finding("activation-refused", "open")
		if f.Owner != licence.Support || f.Severity != "high" || !f.Explains || f.Args["reason"] != "Prerequisite missing" {
			t.Errorf("got %+v", f)
		}
		if f.Deadline.ActBy != "2026-12-10" || f.Deadline.At != "2026-12-25" {
			t.Errorf("deadline %+v", f.Deadline) // one banking day before Friday 11
		}
		w.absent("surplus", "not-activated", "unexplained")
		w.wantTask("activation-refused", licence.Support)
		w.sent("activation-refused", 1, "anna@fjord.example")
		w.summary("needs-action")
	})
}

func TestNotActivatedStopsWaiting(t *testing.T) {
	base := soundLicence(licenceLine("sales-premium", 10, 10, 9))
	base.CanActivate, base.NewExpires = true, "2028-09-13"
	order := orderOf("sub_1", "sales-premium", 10)
	begin := func() *world {
		w := newWorld(t, "2026-11-24 09:00", fjord())
		w.told(stockholm("2026-11-01 08:00"), "order", order)
		w.tell(base)
		return w
	}
	w := begin()
	f := w.finding("not-activated", "waiting")
	if !f.Until.Equal(stockholm("2026-11-27 09:00")) || f.Severity != "low" {
		t.Errorf("until %s, severity %s", f.Until, f.Severity)
	}
	w.live(73 * time.Hour)
	w.finding("not-activated", "open") // offered for three days
	w.sent("not-activated", 1, "anna@fjord.example")
	w = begin()
	l := base
	l.OfferedSince = "2026-11-20"
	w.tell(l)
	w.finding("not-activated", "open")
	w = begin()
	l = base
	l.AdminWarning = "2026-11-24"
	w.tell(l)
	w.finding("not-activated", "open")
	w = begin()
	l = base
	l.NextCheck = "2026-11-22"
	w.tell(l)
	w.finding("not-activated", "open")
	w = begin()
	l = base
	l.CanActivate = false
	w.tell(l)
	w.absent("not-activated")
	l.Offered, l.NewExpires, l.Plans = false, "", []licence.LicenceLine{licenceLine("sales-premium", 10, -1, 9)}
	w.tell(l)
	w.passed("not-activated")
}

func TestActivationTriedAndRefused(t *testing.T) {
	l := lapsingLicence(licenceLine("sales-premium", 10, 9, 9))
	l.CanActivate = true
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.told(stockholm("2026-11-01 08:00"), "order", orderOf("sub_1", "sales-premium", 9))
	w.tell(l)
	w.passed("activation-refused")
	w.until(w.now.Add(time.Minute))
	w.tell(licence.ActivationTried{CustID: "Cust12345", Reason: "E-17", By: "anna"})
	f := w.finding("activation-refused", "open")
	if f.Args["reason"] != "E-17" || f.Owner != licence.Support {
		t.Errorf("got %v %s", f.Args, f.Owner)
	}
	w.until(w.now.Add(time.Minute))
	w.tell(l) // a newer read can activate again
	w.absent("activation-refused")
	// Seats that were once told and are stale now: not known.
	w = newWorld(t, "2026-11-30 09:00", fjord())
	l.CanActivate = false
	w.told(stockholm("2026-11-20 08:00"), "list", holders("sales-premium", 9))
	w.tell(l)
	w.unknown("activation-refused")
	// Over by the read, whatever the list says: not refused, to be verified.
	w = newWorld(t, "2026-11-30 09:00", fjord())
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 9, 10)))
	w.until(w.now.Add(time.Minute))
	w.tell(holders("sales-premium", 9))
	w.absent("activation-refused", "not-activated")
	w.finding("surplus", "verifying")
}

func TestActivatingIsTheNextStep(t *testing.T) {
	l := soundLicence(licenceLine("sales-premium", 10, 7, 9))
	l.NextCheck, l.NewExpires = "2026-11-20", "2028-09-13"
	w := newWorld(t, "2026-11-20 09:00", fjord())
	w.told(stockholm("2026-11-01 08:00"), "order", orderOf("sub_1", "sales-premium", 7))
	w.tell(l)
	w.halfHour()
	w.sent("surplus", 1, "anna@fjord.example")
	w.tell(func() licence.LicenceReported {
		l := soundLicence(licenceLine("sales-premium", 10, 7, 7))
		l.CanActivate, l.NextCheck, l.NewExpires = true, "2027-08-20", "2028-09-13"
		return l
	}())
	w.finding("not-activated", "open") // it waits for nothing: the admin is in the middle of it
}

func TestRefusedOnlyWhereTheReadFitsToo(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.told(stockholm("2026-11-30 08:30"), "list", holders("sales-premium", 8))
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 9, 10))) // half an hour later: ten
	w.absent("activation-refused")
}
