package casework

import (
	"testing"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// Which lines of an invoice decide its period, and whether it is for licences at all.
func TestInvoiceLines(t *testing.T) {
	seats := licence.InvoiceLine{Prices: []string{"price_id"}, From: "2026-12-13", To: "2027-12-13"} // sales_premium is its lookup key
	fee := licence.InvoiceLine{Prices: []string{"price_fee"}, From: "2026-12-13", To: "2029-12-13"}
	work := licence.InvoiceLine{Prices: []string{"price_work"}, From: "2026-12-01", To: "2030-01-01"}
	bare := licence.InvoiceLine{}
	for _, c := range []struct {
		name   string
		lines  []licence.InvoiceLine
		more   bool
		covers []string
		other  bool // it is none of licences
		to     licence.Date
	}{
		{"seats and a fee", []licence.InvoiceLine{seats, fee}, false, nil, false, "2027-12-13"},
		{"seats and work", []licence.InvoiceLine{seats, work}, false, nil, false, "2027-12-13"},
		{"seats, and lines that go on", []licence.InvoiceLine{fee, seats}, true, nil, false, "2027-12-13"},
		{"a fee, and lines that go on", []licence.InvoiceLine{fee}, true, nil, false, ""},
		{"a fee of a subscription", []licence.InvoiceLine{fee}, false, []string{"sub_1"}, false, ""},
		{"a price of a subscription that nobody mapped", []licence.InvoiceLine{work}, false, []string{"sub_1"}, false, "2030-01-01"},
		{"work", []licence.InvoiceLine{work}, false, nil, true, ""},
		{"a sum that somebody wrote in", []licence.InvoiceLine{bare}, false, nil, true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "2026-11-30 09:00", fjord())
			p := licence.SubscriptionChanged{Subscription: "sub_1", Status: "active", Items: []licence.Item{{Prices: []string{"price_id", "sales_premium"}, Quantity: 10}}}
			a := fjord()
			a.NotSeats = licence.Some([]string{"price_fee"})
			a.Plans[0].Prices = []string{"sales_premium"}
			w.tell(p, a, licence.InvoiceChanged{Invoice: "in_1", Status: "open", Due: "2026-11-01", Amount: "12500.00", Currency: "SEK", Lines: c.lines, More: c.more, Covers: c.covers, To: "2030-01-01"})
			b := diagnosis.NewReading(w.s, w.now, w.now).Bill("in_1")
			switch {
			case b == nil != c.other:
				t.Errorf("it is of something else: %v, want %v", b == nil, c.other)
			case b != nil && b.To != c.to:
				t.Errorf("until %q, want %q", b.To, c.to)
			}
			if c.other {
				w.absent("invoice-overdue")
			}
			a.Plans = nil // then nobody knows what the prices are for
			if w.tell(a); diagnosis.NewReading(w.s, w.now, w.now).Bill("in_1") == nil {
				t.Error("it is of something else, though no price is known")
			}
		})
	}
}
