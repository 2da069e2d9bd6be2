package casework

import (
	"testing"

	"seatmend/shared/licence"
)

// Payment-disputed: an invoice is contested or given up.

func TestPaymentDisputed(t *testing.T) {
	in := licenceInvoice("disputed", "2026-11-01", "", "2026-12-13", "2027-12-13")
	in.Dispute = "customer"
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.told(stockholm("2026-10-01 08:00"), "order", orderOf("sub_1", "sales-premium", 10))
	w.tell(in, lapsingLicence(licenceLine("sales-premium", 10, -1, 9)))
	w.halfHour()
	f := w.finding("payment-disputed", "open")
	if f.Owner != licence.Finance || f.Severity != "high" || !f.Explains || f.Subject != (licence.Subject{Kind: "invoice", ID: "INV-7"}) {
		t.Errorf("got %s %s %v %v", f.Owner, f.Severity, f.Explains, f.Subject)
	}
	w.absent("invoice-overdue", "paid-not-extended", "unexplained")
	w.wantTask("payment-disputed", licence.Finance)
	w.live(10 * licence.Day)
	w.quiet()
	// Written off, and a longer period paid since.
	off := licenceInvoice("uncollectible", "2023-11-01", "", "2023-12-13", "2024-12-13")
	paid := licenceInvoice("paid", "2025-11-01", "2025-11-01", "2025-12-13", "2026-12-13")
	paid.Invoice = "INV-9"
	w = newWorld(t, "2026-11-10 09:00", fjord())
	w.tell(off, paid, lapsingLicence(licenceLine("sales-premium", 10, -1, 9)))
	w.passed("payment-disputed")
}
