package licence

import "testing"

// What has become of an invoice's money.
func TestMoney(t *testing.T) {
	for _, c := range []struct {
		status, amount, remaining, credited, want string
	}{
		{"open", "12500.00", "", "", Owed}, {"open", "12500.00", "12.50", "", Paid}, {"open", "12500.00", "12.51", "", Owed},
		{"open", "12500.00", "0.00", "12500.00", Void}, {"open", "12500.00", "0.00", "2500.00", Paid}, {"open", "12500.00", "10000.00", "2500.00", Owed},
		{"paid", "12500.00", "0.00", "12500.00", Void}, {"paid", "12500.00", "", "12490.00", Void}, {"paid", "12500.00", "", "300.00", Paid}, {"paid", "0.00", "0.00", "", Paid},
		{"void", "12500.00", "", "", Void}, {"uncollectible", "12500.00", "", "", Contested}, {"uncollectible", "12500.00", "4.00", "", Paid},
		{"disputed", "12500.00", "0.00", "", Contested}, {"disputed", "12500.00", "0.00", "12500.00", Void},
	} {
		p := InvoiceChanged{Status: c.status, Amount: c.amount, Remaining: c.remaining, Credited: c.credited}
		if got := p.Money(); got != c.want {
			t.Errorf("%+v is %s", c, got)
		}
	}
}
