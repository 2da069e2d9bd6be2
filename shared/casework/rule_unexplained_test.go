package casework

import (
	"slices"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// Unexplained: the licence runs out, and no other rule says why.

func TestQ23WarningBeforeTheCheck(t *testing.T) {
	l := lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
	l.AdminWarning, l.NextCheck = "2026-11-23", "2026-11-30"
	inAnyOrder(t, "2026-11-24 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-11-24 06:00", l},
	}, nil, func(w *world) {
		w.phase("admin-warning")
		w.passed("unexplained")
		w.summary("ok")
		w.quiet()
	})
}

func TestF14TwoCausesOneExplains(t *testing.T) {
	inAnyOrder(t, "2026-11-30 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 7)},
		{"2026-10-01 08:00", licenceInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13")},
		{"2026-11-30 06:00", lapsingLicence(licenceLine("sales-premium", 10, 7, 9))},
	}, nil, func(w *world) {
		if f := w.finding("surplus", "open"); !f.Explains || len(f.BlockedBy) > 0 {
			t.Errorf("surplus explains %v, blocked by %v", f.Explains, f.BlockedBy)
		}
		if f := w.finding("invoice-overdue", "open"); f.Explains {
			t.Error("the licence system has let the payment through: it explains nothing")
		}
		w.sent("surplus", 1, "anna@fjord.example")
		w.sent("invoice-overdue", 0, "")
	})
	// The other way round: nothing is offered, and the surplus is one to come.
	s := orderOf("sub_1", "sales-premium", 10)
	s.Scheduled = []licence.Phase{{At: stockholm("2026-11-29 00:00"), Items: orderOf("", "sales-premium", 7).Items}}
	inAnyOrder(t, "2026-11-30 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", s},
		{"2026-10-01 08:00", licenceInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13")},
		{"2026-11-30 06:00", lapsingLicence(licenceLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		in := w.finding("invoice-overdue", "open")
		if !in.Explains || in.Owner != licence.Billing || in.Deadline.ActBy != "2026-12-04" || in.Deadline.At != "2026-12-25" {
			t.Errorf("invoice-overdue: %v %s %+v", in.Explains, in.Owner, in.Deadline)
		}
		f := w.finding("surplus", "open")
		if f.Explains || !slices.Equal(f.BlockedBy, []string{in.Fingerprint}) {
			t.Errorf("surplus explains %v, blocked by %v", f.Explains, f.BlockedBy)
		}
		w.sent("invoice-overdue", 1, "ap@fjord.example")
		w.sent("surplus", 0, "")
	})
}

func TestUnexplained(t *testing.T) {
	paid := licenceInvoice("paid", "2025-12-01", "2025-12-01", "2025-12-13", "2026-12-20")
	l := lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
	a := fjord()
	inAnyOrder(t, "2026-11-30 09:00", a, []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2025-12-02 08:00", paid},
		{"2026-11-30 06:00", l},
	}, func(w *world) {
		w.phase("admin-warning")
	}, func(w *world) {
		if findingOf(w.diagnosis().Findings, "not-invoiced") != nil {
			return // the invoice for the next period is missing: that explains it
		}
		w.finding("unexplained", "open")
		w.wantTask("unexplained", licence.Support)
	})
	// Without anything of billing it holds with the list of what is not known, a day later.
	a.Billing = nil
	w := newWorld(t, "2026-11-30 09:00", a)
	w.tell(l)
	f := w.finding("unexplained", "open")
	if f.Owner != licence.Support || !f.Explains || f.Severity != "high" {
		t.Errorf("got %s %v %s", f.Owner, f.Explains, f.Severity)
	}
	w.halfHour()
	w.sent("unexplained", 1, "anna@fjord.example")
	w = newWorld(t, "2026-11-30 09:00", fjord()) // billed here, and no invoice was told
	w.tell(l)
	f = w.finding("unexplained", "waiting")
	if got := f.Args["unknown"].([]string); !slices.Contains(got, "invoice-overdue") || f.WaitingFor != "unknown" {
		t.Errorf("waits for %s: %v", f.WaitingFor, got)
	}
	if !f.Until.Equal(stockholm("2026-12-01 09:00")) {
		t.Errorf("until %s", f.Until)
	}
	w.live(25 * time.Hour)
	w.finding("unexplained", "open")
	// In grace four hours.
	w = newWorld(t, "2026-12-14 09:00", fjord())
	w.tell(l)
	if f := w.finding("unexplained", "waiting"); !f.Until.Equal(stockholm("2026-12-14 13:00")) {
		t.Errorf("until %s", f.Until)
	}
	// Its day begins when what explained it has ended.
	w = newWorld(t, "2026-11-30 09:00", fjord())
	w.tell(l, licenceInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13"))
	w.finding("invoice-overdue", "open")
	w.absent("unexplained")
	w.live(5 * time.Hour)
	w.tell(licenceInvoice("void", "2026-11-01", "", "2026-12-13", "2027-12-13"))
	if f := w.finding("unexplained", "waiting"); f.Until.Before(stockholm("2026-12-01 14:00")) {
		t.Errorf("until %s", f.Until)
	}
	// Not read since it had its chance: not known.
	late := l
	late.NextCheck = "2026-11-29"
	w = newWorld(t, "2026-11-29 23:30", a)
	w.tell(late)
	w.passed("unexplained")
	w.until(stockholm("2026-11-30 00:30"))
	w.unknown("unexplained")
}
