package licence

import (
	"cmp"
	"math/big"
	"strings"
)

// What can have become of an invoice's money.
const (
	Owed      = "open"
	Paid      = "paid"      // in money, but for a rest that nobody would ask for
	Void      = "void"      // by its status, or by credit notes: no money came
	Contested = "contested" // disputed, or given up as lost
)

// Money is what has become of an invoice's money, by all that it says of itself.
func (p *InvoiceChanged) Money() string {
	switch {
	case p.Status == "void" || p.creditedAway():
		return Void
	case p.Status == "disputed":
		return Contested
	case p.Status == "paid" || !p.above(p.Left()):
		return Paid
	case p.Status == "uncollectible":
		return Contested
	}
	return Owed
}

// Negative tells whether it is for less than nothing.
func (p *InvoiceChanged) Negative() bool {
	return strings.HasPrefix(p.Amount, "-") && Decimal(p.Amount) != nil && Decimal(p.Amount).Sign() < 0
}

// Left is what is still to be paid: the whole amount, where nothing else was told.
func (p *InvoiceChanged) Left() string { return cmp.Or(p.Remaining, p.Amount) }

// creditedAway tells whether credit notes have brought the invoice to nothing.
func (p *InvoiceChanged) creditedAway() bool {
	if p.Credited == "" {
		return false
	}
	amount, credited := Decimal(p.Amount), Decimal(p.Credited)
	if amount == nil || credited == nil || credited.Sign() <= 0 {
		return false
	}
	return amount.Sub(amount, credited).Cmp(p.Tolerance()) <= 0
}

// above tells whether a sum is more than what nobody would ask for. One that cannot be read is.
func (p *InvoiceChanged) above(sum string) bool {
	n := Decimal(sum)
	return n == nil || n.Cmp(p.Tolerance()) > 0
}

// Tolerance is what nobody would ask for: the greater of ten units of the currency and a
// thousandth of the amount.
func (p *InvoiceChanged) Tolerance() *big.Rat {
	least := big.NewRat(10, 1)
	if amount := Decimal(p.Amount); amount != nil {
		if part := amount.Quo(amount, big.NewRat(1000, 1)); part.Cmp(least) > 0 {
			return part
		}
	}
	return least
}

// Decimal reads decimal text; nil: it is none.
func Decimal(text string) *big.Rat {
	n, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil
	}
	return n
}
