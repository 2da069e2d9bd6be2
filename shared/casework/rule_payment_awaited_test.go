package casework

import (
	"testing"
	"time"

	"seatmend/shared/licence"
)

// Payment-awaited: an invoice that is not late yet is due after the licence ends.

func TestF01TermsOutliveTheLicence(t *testing.T) {
	inAnyOrder(t, "2026-11-30 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-11-15 08:00", licenceInvoice("open", "2026-12-15", "", "2026-12-13", "2027-12-13")},
		{"2026-11-30 06:00", lapsingLicence(licenceLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		f := w.finding("payment-awaited", "open")
		if f.Say != "c" || f.Owner != licence.Finance || f.Severity != "high" || !f.Explains || f.Deadline.ActBy != "2026-12-04" || f.Deadline.At != "2026-12-25" {
			t.Errorf("got %+v", f)
		}
		w.wantTask("payment-awaited", licence.Finance)
		w.absent("invoice-overdue", "not-invoiced", "unexplained", "paid-not-extended")
		w.sent("payment-awaited", 1, "ap@fjord.example")
		w.summary("needs-action")
	})
	// Foreseen while the licence is fine: nothing is told, and it stands in upcoming.
	w := newWorld(t, "2026-11-05 09:00", fjord())
	w.told(stockholm("2026-01-05 08:00"), "order", orderOf("sub_1", "sales-premium", 10))
	w.tell(licenceInvoice("open", "2026-12-15", "", "2026-12-13", "2027-12-13"), lapsingLicence(licenceLine("sales-premium", 10, -1, 9)))
	d := w.diagnosis()
	f := findingOf(d.Upcoming, "payment-awaited")
	if f == nil || !f.Starts.Equal(stockholm("2026-11-13 00:00")) || d.Summary != "ok" {
		t.Errorf("upcoming %q, summary %s", codesOf(d.Upcoming), d.Summary)
	}
	w.live(2 * licence.Day)
	w.quiet()
}

func TestPaymentAwaitedWaits(t *testing.T) {
	l := lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
	begin := func(in licence.InvoiceChanged) *world {
		w := newWorld(t, "2026-11-30 09:00", fjord())
		w.told(stockholm("2026-01-05 08:00"), "order", orderOf("sub_1", "sales-premium", 10))
		w.tell(in, l)
		return w
	}
	// (b) due in time: nobody, waiting until then.
	w := begin(licenceInvoice("open", "2026-12-04", "", "2026-12-13", "2027-12-13"))
	f := w.finding("payment-awaited", "waiting")
	if f.Say != "b" || f.Owner != licence.Nobody || f.Severity != "low" || !f.Until.Equal(stockholm("2026-12-05 00:00")) || !f.Explains {
		t.Errorf("got %s %s %s until %s", f.Say, f.Owner, f.Severity, f.Until)
	}
	w.summary("waiting")
	w.live(4 * licence.Day)
	w.quiet()
	w.live(20 * time.Hour)
	w.finding("invoice-overdue", "open") // from now on it is that
	w.absent("payment-awaited")
	// No due date: nobody's in phase ok, finance's from the warning on.
	bare := licenceInvoice("open", "", "", "2026-12-13", "2027-12-13")
	w = begin(bare)
	if f := w.finding("payment-awaited", "open"); f.Say != "undated" || f.Owner != licence.Finance || f.Severity != "high" {
		t.Errorf("got %s %s %s", f.Say, f.Owner, f.Severity)
	}
	w.live(3 * licence.Day)
	w.quiet()
	w = newWorld(t, "2026-11-24 09:00", fjord())
	w.tell(bare, l)
	if f := w.finding("payment-awaited", "waiting"); f.Say != "b" || f.Owner != licence.Nobody || f.Severity != "low" {
		t.Errorf("got %s %s %s", f.Say, f.Owner, f.Severity)
	}
	// (a) its payment is processing: nobody's, but where that lasts longer than the licence.
	in := licenceInvoice("open", "2026-12-14", "", "2026-12-13", "2027-12-13")
	in.Payment = "processing"
	w = begin(in)
	if f := w.finding("payment-awaited", "waiting"); f.Say != "a" || f.Owner != licence.Nobody {
		t.Errorf("got %s %s", f.Say, f.Owner)
	}
	in.Due = "2026-12-20"
	w = begin(in)
	if f := w.finding("payment-awaited", "open"); f.Say != "a" || f.Owner != licence.Finance || f.Severity != "high" || f.Args["beyond"] != "processing" {
		t.Errorf("got %s %s %s %v", f.Say, f.Owner, f.Severity, f.Args["beyond"])
	}
	// Claimed: it rests.
	w = begin(licenceInvoice("open", "2026-12-20", "", "2026-12-13", "2027-12-13"))
	w.tell(licence.PaymentClaimed{Invoice: "INV-7", By: "bo"})
	w.finding("payment-awaited", "waiting")
	// A period that is unknown: of the last sixty days.
	in = licenceInvoice("open", "2026-12-20", "", "", "")
	in.Issued = "2026-11-20"
	w = begin(in)
	w.finding("payment-awaited", "open")
	in.Issued = "2026-10-01" // sixty days before
	begin(in).finding("payment-awaited", "open")
	in.Issued = "2026-09-30"
	begin(in).absent("payment-awaited")
	// The present period, a licence that is longer on offer, one that is fine: nothing.
	w = begin(licenceInvoice("open", "2026-12-20", "", "2025-12-13", "2026-12-13"))
	w.absent("payment-awaited")
	l = lapsingLicence(licenceLine("sales-premium", 10, 10, 9))
	w = begin(licenceInvoice("open", "2026-12-20", "", "2026-12-13", "2027-12-13"))
	w.passed("payment-awaited")
	l = soundLicence(licenceLine("sales-premium", 10, -1, 9))
	w = begin(licenceInvoice("open", "2026-12-20", "", "2027-09-13", "2028-09-13"))
	w.passed("payment-awaited")
	// Extended on the invoice: the rule is off.
	l = lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
	w = begin(licenceInvoice("open", "2026-12-20", "", "2026-12-13", "2027-12-13"))
	a := fjord()
	a.Extend = licence.Some(licence.Extend{On: "issued"})
	w.tell(a)
	w.absent("payment-awaited")
}

func TestPaymentAwaitedMailsBillingTenDaysBefore(t *testing.T) {
	w := newWorld(t, "2026-11-16 09:00", fjord())
	w.told(stockholm("2026-01-05 08:00"), "order", orderOf("sub_1", "sales-premium", 10))
	w.tell(licenceInvoice("open", "2026-12-15", "", "2026-12-13", "2027-12-13"), lapsingLicence(licenceLine("sales-premium", 10, -1, 9)))
	w.until(w.now.Add(30 * time.Minute))
	w.wantTask("payment-awaited", licence.Finance) // at once
	w.live(25 * licence.Day)
	w.sent("payment-awaited", 1, "ap@fjord.example")
	if got := w.mails[0].At; !got.Equal(stockholm("2026-11-24 08:00")) {
		t.Errorf("told at %s", got)
	}
}
