package casework

import (
	"slices"
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// Invoice-overdue: the invoice for the time after the licence is late.

func TestQ02DueInTwelveDays(t *testing.T) {
	inAnyOrder(t, "2026-11-24 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-11-06 08:00", licenceInvoice("open", "2026-12-06", "", "2027-09-13", "2028-09-13")},
		{"2026-11-24 06:00", soundLicence(licenceLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		w.absent("invoice-overdue", "payment-awaited")
		w.passed("invoice-overdue")
		w.summary("ok")
		w.quiet()
	})
}

func TestQ03ConsultancyLate(t *testing.T) {
	other := licenceInvoice("open", "2026-08-24", "", "", "")
	other.Kind = "other"
	inAnyOrder(t, "2026-11-24 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-08-01 08:00", other},
		{"2026-11-24 06:00", lapsingLicence(licenceLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		w.passed("invoice-overdue")
		w.unknown("paid-not-extended")
		w.quiet()
	})
}

func TestQ14ElevenMonthsOfSilence(t *testing.T) {
	inAnyOrder(t, "2026-11-10 09:00", fjord(), []toldAt{
		{"2025-12-14 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2025-12-20 08:00", licenceInvoice("paid", "2025-12-18", "2025-12-20", "2025-12-13", "2026-12-13")},
		{"2026-11-10 06:00", lapsingLicence(licenceLine("sales-premium", 10, -1, 9))},
	}, func(w *world) {
		w.summary("ok")
	}, func(w *world) {
		w.absent("invoice-overdue", "paid-not-extended", "surplus", "unexplained")
		w.passed("invoice-overdue")
		w.passed("surplus")
		w.quiet()
	})
}

func TestQ19Arrangement(t *testing.T) {
	inAnyOrder(t, "2026-11-30 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-10-01 08:00", licenceInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13")},
		{"2026-11-20 08:00", licence.ArrangementChanged{Until: "2027-01-15", By: "finance"}},
		{"2026-11-30 06:00", lapsingLicence(licenceLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		// The arrangement outlives the licence: finance must lengthen it, and nobody is told.
		f := w.finding("invoice-overdue", "open")
		if f.Owner != licence.Finance || !f.Explains || f.Args["beyond"] != "arrangement" {
			t.Errorf("got %s %v %v", f.Owner, f.Explains, f.Args["beyond"])
		}
		w.absent("unexplained", "paid-not-extended")
		w.summary("needs-action")
		w.quiet()
	})
	// One that ends before the licence does: it rests.
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.tell(orderOf("sub_1", "sales-premium", 10), licenceInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13"))
	w.tell(licence.ArrangementChanged{Until: "2026-12-21", By: "finance"}, lapsingLicence(licenceLine("sales-premium", 10, -1, 9)))
	f := w.finding("invoice-overdue", "waiting")
	if f.WaitingFor != "arrangement" || f.Owner != licence.Nobody || !f.Explains {
		t.Errorf("got %s %s %v", f.WaitingFor, f.Owner, f.Explains)
	}
	w.summary("waiting")
	w.live(20 * licence.Day)
	w.quiet()
}

func TestQ20PartnerPays(t *testing.T) {
	in := licenceInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13")
	in.Payer = "P-7"
	a := fjord()
	a.Contacts = append(a.Contacts, licence.Contact{ID: "pia", Name: "Pia Partner", Email: "pia@partner.example", Role: licence.Partner})
	inAnyOrder(t, "2026-11-30 09:00", a, []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-10-01 08:00", in},
		{"2026-11-30 06:00", lapsingLicence(licenceLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		// Nobody is there who pays: the account's own partner hears of it.
		f := w.finding("invoice-overdue", "open")
		if f.Owner != licence.Partner {
			t.Errorf("owner %s", f.Owner)
		}
		w.sent("invoice-overdue", 1, "pia@partner.example")
		if len(w.mails) != 1 {
			t.Errorf("mails: %v", w.mails)
		}
	})
	// Without a contact at the partner nobody at the customer is asked in its place.
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.tell(orderOf("sub_1", "sales-premium", 10), in, lapsingLicence(licenceLine("sales-premium", 10, -1, 9)))
	w.live(73 * time.Hour)
	w.quiet()
}

func TestQ26ShortByHalf(t *testing.T) {
	in := licenceInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13")
	in.Remaining = "0.50"
	inAnyOrder(t, "2026-11-24 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-11-20 08:00", in},
		{"2026-11-24 06:00", lapsingLicence(licenceLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		w.absent("invoice-overdue")
		w.quiet()
	})
}

func TestQ28DirectDebitProcessing(t *testing.T) {
	in := licenceInvoice("open", "2026-11-20", "", "2026-12-13", "2027-12-13")
	in.Payment = "processing"
	inAnyOrder(t, "2026-11-30 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-11-27 08:00", in},
		{"2026-11-30 06:00", lapsingLicence(licenceLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		f := w.finding("invoice-overdue", "waiting")
		if f.WaitingFor != "processing" || f.Owner != licence.Nobody {
			t.Errorf("got %s %s", f.WaitingFor, f.Owner)
		}
		w.quiet()
	})
}

func TestInvoiceOverdueTolerance(t *testing.T) {
	for _, c := range []struct {
		amount, remaining string
		want              bool
	}{
		{"12500.00", "10.00", false}, {"12500.00", "12.50", false}, {"12500.00", "12.51", true}, {"12500.00", "", true},
		{"500.00", "10.00", false}, {"500.00", "10.01", true}, {"100000.00", "100.00", false}, {"100000.00", "0", false},
	} {
		in := licenceInvoice("open", "2026-11-01", "", "", "")
		in.Amount, in.Remaining = c.amount, c.remaining
		w := newWorld(t, "2026-11-30 09:00", fjord())
		w.tell(in, soundLicence(licenceLine("sales-premium", 10, -1, 9)))
		if got := findingOf(w.diagnosis().Findings, "invoice-overdue") != nil; got != c.want {
			t.Errorf("%s of %s is overdue: %v, want %v", c.remaining, c.amount, got, c.want)
		}
	}
}

func TestInvoiceOverdueBegins(t *testing.T) {
	w := newWorld(t, "2026-11-01 22:00", fjord())
	w.tell(licenceInvoice("open", "2026-11-01", "", "", ""), soundLicence(licenceLine("sales-premium", 10, -1, 9)))
	w.passed("invoice-overdue")
	w.until(stockholm("2026-11-02 00:00"))
	f := w.finding("invoice-overdue", "open") // true at once
	if f.Severity != "low" || f.Owner != licence.Billing || !f.FirstSeen.Equal(stockholm("2026-11-02 00:00")) {
		t.Errorf("got %s %s %s", f.Severity, f.Owner, f.FirstSeen)
	}
	w.live(60 * licence.Day)
	w.quiet() // not at risk: it is not a dunning tool
	// Collected automatically: from the day of the first failed attempt.
	auto := licenceInvoice("open", "", "", "", "")
	auto.Collection = "automatic"
	w = newWorld(t, "2026-11-30 09:00", fjord())
	w.told(stockholm("2026-11-24 08:00"), "open", auto)
	w.tell(soundLicence(licenceLine("sales-premium", 10, -1, 9)))
	w.passed("invoice-overdue")
	auto.Payment, auto.NextAttempt = "failed", "2026-12-02"
	w.told(stockholm("2026-11-27 08:00"), "failed", auto)
	g := w.finding("invoice-overdue", "waiting") // the next attempt is within three days
	if g.WaitingFor != "attempt" || g.Args["due"] != licence.Date("2026-11-27") {
		t.Errorf("got %s %v", g.WaitingFor, g.Args["due"])
	}
	w.until(stockholm("2026-12-03 00:01"))
	w.finding("invoice-overdue", "open")
	// What covers only subscriptions that have ended is no licence invoice.
	in := licenceInvoice("open", "2026-11-01", "", "", "")
	in.Covers = []string{"sub_1"}
	ended := orderOf("sub_1", "sales-premium", 3)
	ended.Status = "ended"
	w = newWorld(t, "2026-11-30 09:00", fjord())
	w.tell(in, ended, orderOf("sub_2", "sales-premium", 10), soundLicence(licenceLine("sales-premium", 10, -1, 9)))
	w.absent("invoice-overdue")
	// An account that is not billed here has no such rule; one without invoices is unknown.
	a := fjord()
	w = newWorld(t, "2026-11-30 09:00", a)
	w.unknown("invoice-overdue")
	a.Billing = nil
	w.tell(a)
	for _, f := range append(w.diagnosis().Unknown, w.diagnosis().Passed...) {
		if f.Code == "invoice-overdue" || f.Code == "payment-disputed" {
			t.Errorf("%s applies", f.Code)
		}
	}
}

func TestInvoiceThreeMailsThenFinance(t *testing.T) {
	w := newWorld(t, "2026-11-02 09:00", fjord())
	w.told(stockholm("2026-10-01 08:00"), "order", orderOf("sub_1", "sales-premium", 10))
	w.tell(licenceInvoice("open", "2026-10-20", "", "2026-12-13", "2027-12-13"), lapsingLicence(licenceLine("sales-premium", 10, -1, 9)))
	w.live(70 * licence.Day)
	var days []string
	for _, m := range w.about("invoice-overdue") {
		days = append(days, m.At.In(stockholmZone).Format("01-02"))
		if m.Address != "ap@fjord.example" {
			t.Errorf("to %s", m.Address)
		}
	}
	// The first 30 days before it expires, then ten days apart in working hours.
	if want := []string{"11-13", "11-23", "12-03"}; !slices.Equal(days, want) {
		t.Errorf("told on %v, want %v", days, want)
	}
	for _, m := range w.mails {
		if m.Address == "anna@fjord.example" {
			t.Errorf("the admin hears of a payment: %s", m)
		}
	}
	if f := w.finding("invoice-overdue", "open"); f.Owner != licence.Finance || f.Severity != "critical" {
		t.Errorf("got %s %s", f.Owner, f.Severity)
	}
	w.wantTask("invoice-overdue", licence.Finance)
}

func TestInvoiceNotBeforePosted(t *testing.T) {
	w := newWorld(t, "2026-11-27 09:00", fjord()) // a Friday
	w.told(stockholm("2026-10-01 08:00"), "order", orderOf("sub_1", "sales-premium", 10))
	w.tell(licenceInvoice("open", "2026-11-26", "", "2026-12-13", "2027-12-13"), lapsingLicence(licenceLine("sales-premium", 10, -1, 9)))
	w.finding("invoice-overdue", "open")
	w.live(4 * licence.Day)
	w.quiet() // Friday, Monday and Tuesday are the three banking days
	w.live(licence.Day)
	w.sent("invoice-overdue", 1, "ap@fjord.example")
	if got := w.mails[0].At; !got.Equal(stockholm("2026-12-02 08:00")) {
		t.Errorf("told at %s", got)
	}
	// The next waits for its ten days, which end on a Saturday, not for working hours.
	w.until(stockholm("2026-12-03 09:00"))
	if n := Notices(w.s, w.now); len(n) != 1 || n[0].Why != "told-lately" || !n[0].At.Equal(stockholm("2026-12-14 08:00")) {
		t.Errorf("waits as %v", n)
	}
	// Its first day passes on Friday the 4th; the same lead before SuperOffice stops is what is left.
	for _, want := range []diagnosis.Deadline{{ActBy: "2026-12-04"}, {ActBy: "2026-12-16", Late: true}} {
		w.tell(lapsingLicence(licenceLine("sales-premium", 10, -1, 9)))
		if got := w.finding("invoice-overdue", "open").Deadline; got.ActBy != want.ActBy || got.Late != want.Late {
			t.Errorf("%s: %+v", w.now, got)
		}
		w.live(2 * licence.Day)
	}
}

func TestInvoiceClaimAndPayment(t *testing.T) {
	w := newWorld(t, "2026-11-16 09:00", fjord())
	w.told(stockholm("2026-10-01 08:00"), "order", orderOf("sub_1", "sales-premium", 10))
	w.tell(licenceInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13"), lapsingLicence(licenceLine("sales-premium", 10, -1, 9)))
	w.halfHour()
	w.sent("invoice-overdue", 1, "ap@fjord.example")
	w.tell(licence.PaymentClaimed{Invoice: "INV-7", PaidOn: "2026-11-16", By: "bo"})
	f := w.finding("invoice-overdue", "waiting")
	if f.WaitingFor != "claim" || !f.Until.Equal(stockholm("2026-11-24 00:00")) {
		t.Errorf("waits for %s until %s", f.WaitingFor, f.Until)
	}
	w.live(licence.Day)
	w.tell(licenceInvoice("paid", "2026-11-01", "2026-11-17", "2026-12-13", "2027-12-13"))
	w.absent("invoice-overdue")
	w.live(time.Hour)
	w.sent("thanks", 1, "ap@fjord.example") // billing gets its own thanks
	w.finding("paid-not-extended", "waiting")
	w.live(licence.Day)
	l := lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
	l.NextCheck, l.AdminWarning, l.Expires, l.GraceUntil = "2027-11-20", "2027-11-28", "2027-12-13", "2027-12-25"
	w.tell(l)
	w.live(time.Hour)
	w.sent("solved", 1, "ap@fjord.example")
	w.summary("ok")
	n := len(w.mails)
	w.live(60 * licence.Day)
	if len(w.mails) != n {
		t.Errorf("after it was solved: %v", w.mails[n:])
	}
}

// What was said of a payment is not forgotten where finance has not found it.
func TestInvoiceClaimedAndNotFound(t *testing.T) {
	w := newWorld(t, "2026-11-16 09:00", fjord())
	w.told(stockholm("2026-10-01 08:00"), "order", orderOf("sub_1", "sales-premium", 10))
	w.tell(licenceInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13"), lapsingLicence(licenceLine("sales-premium", 10, -1, 9)))
	w.halfHour()
	said := func(want any) {
		t.Helper()
		if f := w.finding("invoice-overdue", "open"); f.Owner != licence.Billing || f.Args["unfound"] != want || want != nil && f.Args["claimed"] != licence.Date("2026-11-16") {
			t.Errorf("%s: %v, said on %v", f.Owner, f.Args["unfound"], f.Args["claimed"])
		}
	}
	said(nil)
	w.tell(licence.PaymentClaimed{Invoice: "INV-7", PaidOn: "2026-11-14", Reference: "OCR 77", By: "bo"})
	if f := w.finding("invoice-overdue", "waiting"); f.Args["unfound"] != nil || f.Args["paid_on"] != licence.Date("2026-11-14") || f.Args["paid_by"] != "OCR 77" {
		t.Errorf("while it is looked for: %v", f.Args)
	}
	w.wantTask("invoice-overdue", licence.Billing)
	w.live(14 * time.Minute)
	w.wantTask("invoice-overdue", licence.Billing) // it may still be taken back
	w.live(time.Minute)
	w.wantTask("invoice-overdue", licence.Finance)
	if !slices.Contains(w.entry.Owners, licence.Finance) {
		t.Errorf("the board: waits for %v", w.entry.Owners)
	}
	w.live(8 * licence.Day)
	said(true)
	w.wantTask("invoice-overdue", licence.Billing)
	if slices.Contains(w.entry.Owners, licence.Finance) {
		t.Errorf("the board: waits for %v", w.entry.Owners)
	}
	w.tell(licence.PaymentClaimed{Invoice: "INV-7", By: "bo", Back: true})
	said(nil)
}

func TestF15CardWaitsForConfirmation(t *testing.T) {
	in := licenceInvoice("open", "", "", "2026-12-13", "2027-12-13")
	in.Collection, in.Payment = "automatic", "action"
	inAnyOrder(t, "2026-11-30 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-11-20 08:00", in},
		{"2026-11-30 06:00", lapsingLicence(licenceLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		f := w.finding("invoice-overdue", "open")
		if f.Say != "action" || f.Owner != licence.Billing || f.Severity != "high" || !f.Explains || f.Remedies[0].ID != "confirm" {
			t.Errorf("got %s %s %s %v %v", f.Say, f.Owner, f.Severity, f.Explains, f.Remedies)
		}
		w.absent("payment-awaited", "unexplained", "paid-not-extended")
		w.sent("invoice-overdue", 1, "ap@fjord.example")
	})
	// Before the due date too, and at once: three banking days are not waited for.
	in.Due, in.Collection = "2026-12-20", "invoice"
	w := invoiced(t, in)
	w.halfHour()
	w.sent("invoice-overdue", 1, "ap@fjord.example")
	if got := w.mails[0].At; got.After(stockholm("2026-11-30 10:00")) {
		t.Errorf("told at %s", got)
	}
	// A next attempt is no reason to wait: without the customer it fails again.
	in.NextAttempt = "2026-12-01"
	invoiced(t, in).finding("invoice-overdue", "open")
	// Once it is confirmed, the payment is under way.
	in.Due, in.Payment, in.NextAttempt = "2026-12-02", "processing", ""
	w.tell(in)
	w.absent("invoice-overdue")
	w.finding("payment-awaited", "waiting")
}

func TestF16NeverTriedToCollect(t *testing.T) {
	in := licenceInvoice("open", "", "", "2026-12-13", "2027-12-13")
	in.Collection, in.Issued = "automatic", "2026-11-16" // a Monday
	inAnyOrder(t, "2026-11-30 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-11-16 08:00", in},
		{"2026-11-30 06:00", lapsingLicence(licenceLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		f := w.finding("invoice-overdue", "open")
		if f.Say != "untried" || f.Owner != licence.Finance || f.Severity != "high" || !f.Explains {
			t.Errorf("got %s %s %s %v", f.Say, f.Owner, f.Severity, f.Explains)
		}
		w.absent("payment-awaited", "unexplained")
		w.wantTask("invoice-overdue", licence.Finance)
		w.quiet()
	})
	w := newWorld(t, "2026-11-23 09:00", fjord())
	w.tell(orderOf("sub_1", "sales-premium", 10), in, soundLicence(licenceLine("sales-premium", 10, -1, 9)))
	w.passed("invoice-overdue")
	w.until(stockholm("2026-11-24 00:00")) // five whole banking days after the 16th
	w.finding("invoice-overdue", "open")
	// Once it was tried, it is not that: the attempt counts, whatever was told since.
	in.Payment = "processing"
	w.told(stockholm("2026-11-17 08:00"), "tried", in)
	in.Payment = "none"
	w.tell(in)
	w.absent("invoice-overdue")
}

func TestF17ArrangementOutlivesTheLicence(t *testing.T) {
	in := licenceInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13")
	inAnyOrder(t, "2026-11-30 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-10-01 08:00", in},
		{"2026-11-20 08:00", licence.ArrangementChanged{Until: "2027-02-28", By: "finance"}},
		{"2026-11-30 06:00", lapsingLicence(licenceLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		f := w.finding("invoice-overdue", "open")
		if f.Owner != licence.Finance || f.Severity != "high" || !f.Explains || f.Args["beyond"] != "arrangement" || f.Args["until"] != licence.Date("2027-02-28") {
			t.Errorf("got %s %s %v %v", f.Owner, f.Severity, f.Explains, f.Args)
		}
		w.wantTask("invoice-overdue", licence.Finance)
		w.summary("needs-action")
		w.quiet()
	})
	// What ends by the banking day before it stops can be waited for; 24 December is none in Sweden.
	for until, state := range map[licence.Date]licence.FindingState{"2026-12-22": "waiting", "2026-12-23": "open"} {
		w := invoiced(t, in)
		w.tell(licence.ArrangementChanged{Until: until, By: "finance"})
		w.finding("invoice-overdue", state)
	}
	// A claim, a payment under way and a contested payment are no different.
	late := func(p licence.Payload, in licence.InvoiceChanged, code licence.Code) {
		t.Helper()
		w := newWorld(t, "2026-12-21 09:00", fjord())
		w.told(stockholm("2026-01-05 08:00"), "order", orderOf("sub_1", "sales-premium", 10))
		w.tell(in, lapsingLicence(licenceLine("sales-premium", 10, -1, 9)))
		if p != nil {
			w.tell(p)
		}
		f := w.finding(code, "open")
		if f.Owner != licence.Finance || f.Severity != "critical" {
			t.Errorf("%s is %s's, %s", code, f.Owner, f.Severity)
		}
		w.live(licence.Day)
		w.quiet()
	}
	late(licence.PaymentClaimed{Invoice: "INV-7", By: "bo"}, in, "invoice-overdue")
	in.Payment = "processing"
	late(nil, in, "invoice-overdue")
	in.Status = "disputed"
	late(licence.ArrangementChanged{Until: "2027-02-28", By: "finance"}, in, "payment-disputed")
}

// Cancelled: an overdue invoice is finance's, and holds nothing up.
func TestOverdueOfWhoHasCancelled(t *testing.T) {
	ends := orderOf("sub_1", "sales-premium", 10)
	ends.EndsAt = "2026-12-13"
	gone := orderOf("sub_1", "sales-premium", 10)
	gone.Status = "ended"
	for name, order := range map[string]licence.SubscriptionChanged{"it ends": ends, "it has ended": gone} {
		for kind, code := range map[string]licence.Code{"open": "invoice-overdue", "action": "invoice-overdue"} {
			in := nextInvoice("A", "open", nil)
			if kind == "action" {
				in.Payment = "action"
			}
			w := newWorld(t, "2026-11-30 09:00", fjord())
			w.told(stockholm("2026-10-05 08:00"), "order", order)
			w.tell(in, lapsingLicence(licenceLine("sales-premium", 10, -1, 9)))
			f := w.finding(code, "open")
			if f.Owner != licence.Finance || f.Severity != "low" || f.Explains || len(f.Remedies) > 0 {
				t.Errorf("%s, %s: got %s %s %v %v", name, kind, f.Owner, f.Severity, f.Explains, f.Remedies)
			}
			w.absent("payment-awaited", "paid-not-extended", "not-invoiced")
			w.live(20 * licence.Day)
			for _, m := range w.mails {
				if !slices.Equal(m.Codes, []string{"subscription-ended"}) {
					t.Errorf("%s, %s: %s", name, kind, m)
				}
			}
		}
	}
}

// Of an invoice in euro the days of TARGET count, wherever the customer is: 6 January is a banking
// day there, and none in Sweden.
func TestEuroCountsTheDaysOfTarget(t *testing.T) {
	l := lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
	l.Expires, l.GraceUntil, l.NextCheck, l.AdminWarning = "2027-01-14", "2027-01-26", "2026-12-20", "2026-12-28"
	for currency, want := range map[string]licence.Date{"SEK": "2027-01-05", "EUR": "2027-01-06"} {
		in := licenceInvoice("open", "2026-12-20", "", "2027-01-14", "2028-01-14")
		in.Currency = currency
		w := newWorld(t, "2027-01-04 09:00", fjord())
		w.told(stockholm("2026-10-01 08:00"), "order", orderOf("sub_1", "sales-premium", 10))
		w.tell(in, l)
		if f := w.finding("invoice-overdue", "open"); f.Deadline.ActBy != want {
			t.Errorf("%s: act by %s, want %s", currency, f.Deadline.ActBy, want)
		}
	}
}
