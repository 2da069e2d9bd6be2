package casework

import (
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// Not-invoiced: nothing was invoiced for the time after the licence.

func TestF02NoInvoiceForTheNextPeriod(t *testing.T) {
	inAnyOrder(t, "2026-11-30 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2025-12-20 08:00", licenceInvoice("paid", "2025-12-18", "2025-12-20", "2025-12-13", "2026-12-13")},
		{"2026-11-30 06:00", lapsingLicence(licenceLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		f := w.finding("not-invoiced", "open")
		if f.Owner != licence.Finance || f.Severity != "high" || !f.Explains || f.Subject.Kind != "installation" {
			t.Errorf("got %+v", f)
		}
		w.absent("paid-not-extended", "unexplained", "invoice-overdue", "payment-awaited")
		w.wantTask("not-invoiced", licence.Finance)
		w.quiet() // by task, to nobody by mail
	})
}

func TestNotInvoicedFails(t *testing.T) {
	old := licenceInvoice("paid", "2025-12-18", "2025-12-20", "2025-12-13", "2026-12-13")
	bare := old
	bare.From, bare.To = "", ""
	next := licenceInvoice("open", "2026-12-01", "", "2026-12-13", "2027-12-13")
	next.Invoice = "INV-8"
	ends := orderOf("sub_1", "sales-premium", 10)
	ends.EndsAt = "2027-06-01"
	order := orderOf("sub_1", "sales-premium", 10)
	l := lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
	for name, c := range map[string]struct {
		facts []licence.Payload
		want  diagnosis.Answer
	}{
		"invoiced":        {[]licence.Payload{order, old, next, l}, diagnosis.Fails},
		"no periods":      {[]licence.Payload{order, bare, l}, diagnosis.Fails},
		"does not renew":  {[]licence.Payload{ends, old, l}, diagnosis.Fails},
		"longer offered":  {[]licence.Payload{order, old, lapsingLicence(licenceLine("sales-premium", 10, 10, 9))}, diagnosis.Fails},
		"never was":       {[]licence.Payload{order, old, l}, diagnosis.Holds},
		"not at risk":     {[]licence.Payload{order, old, soundLicence(licenceLine("sales-premium", 10, -1, 9))}, diagnosis.Fails},
		"never invoiced":  {[]licence.Payload{order, l}, diagnosis.Unknown},
		"no subscription": {[]licence.Payload{old, l}, diagnosis.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "2026-11-30 09:00", fjord())
			w.tell(c.facts...)
			switch c.want {
			case diagnosis.Holds:
				w.finding("not-invoiced", "open")
			case diagnosis.Fails:
				w.passed("not-invoiced")
			default:
				w.unknown("not-invoiced")
			}
		})
	}
}

// What became void leaves its period not invoiced, unless one as large stands in its place.
func TestNotInvoicedAfterOneIsVoid(t *testing.T) {
	small := func(in *licence.InvoiceChanged) { in.Amount, in.Due = "300.00", "2027-01-10" }
	later := func(in *licence.InvoiceChanged) { in.Due = "2027-01-10" }
	for name, c := range map[string]struct {
		invoices []licence.InvoiceChanged
		want     bool
	}{
		"void":                 {[]licence.InvoiceChanged{nextInvoice("A", "void", nil)}, true},
		"a smaller one beside": {[]licence.InvoiceChanged{nextInvoice("A", "void", nil), nextInvoice("B", "open", small)}, true},
		"one as large":         {[]licence.InvoiceChanged{nextInvoice("A", "void", nil), nextInvoice("B", "open", later)}, false},
		"a smaller one names it": {[]licence.InvoiceChanged{nextInvoice("A", "void", nil), nextInvoice("B", "open", func(in *licence.InvoiceChanged) {
			small(in)
			in.Replaces = "A"
		})}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "2026-11-30 09:00", fjord())
			w.told(stockholm("2026-01-05 08:00"), "order", orderOf("sub_1", "sales-premium", 10))
			for _, in := range c.invoices {
				w.tell(in)
			}
			w.tell(lapsingLicence(licenceLine("sales-premium", 10, -1, 9)))
			if !c.want {
				w.passed("not-invoiced")
				return
			}
			if f := w.finding("not-invoiced", "waiting"); f.WaitingFor != "settle" {
				t.Errorf("waits for %s", f.WaitingFor)
			}
			w.live(25 * time.Hour)
			w.finding("not-invoiced", "open")
		})
	}
}
