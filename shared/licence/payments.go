package licence

import (
	"cmp"
	"iter"
	"math/big"
	"slices"
	"strings"
)

// levels say how near a status is to the end of an invoice: from a higher one there is no way
// back to a lower.
var levels = map[string]int{"uncollectible": 1, "paid": 2, "void": 2, "disputed": 2}

// payments are what is told of an open invoice's payment, the most telling last: one attempt that
// fails since the bank asks the customer to confirm is told as both.
var payments = []string{"", "none", "processing", "failed", "action"}

// put keeps the latest telling: of a clock of whole seconds the one that holds of its second.
func (in *Invoice) put(s Stamp, p InvoiceChanged) bool {
	have := in.Second
	if have == nil && in.Told() {
		have = []Reg[InvoiceChanged]{in.Reg}
	}
	told, moved := second(have, Reg[InvoiceChanged]{s, p}, func(p InvoiceChanged) bool { return p.Coarse })
	if moved {
		if in.Second = told; len(told) == 1 {
			in.Second = nil
		}
		in.Reg = billed(told)
	}
	if p.Coarse && p.Payment == "action" {
		// A later body of the same attempt does not tell it again.
		if c := cmp.Compare(p.Attempts, in.Action.Value); !in.Action.Told() || c > 0 || c == 0 && in.Action.After(s) {
			in.Action = Reg[int]{s, p.Attempts}
			moved = true
		}
	}
	return moved
}

// Hash identifies what is told of an invoice, whatever kind of event tells it.
func (p InvoiceChanged) Hash() string {
	p.Payment, p.First, p.Before, p.Test = "", false, "", false
	return hash(p)
}

// billed is the telling of one second that holds. An invoice goes one way: more attempts and less
// to pay come later. What is left then decides for the customer, who is asked for no more, and no
// sooner, than any of them says.
func billed(told []Reg[InvoiceChanged]) Reg[InvoiceChanged] {
	level := func(p InvoiceChanged) int { return levels[p.Status] }
	last := lastOf(told, level, func(p InvoiceChanged) bool { return p.First }, InvoiceChanged.Hash, func(p InvoiceChanged) string { return p.Before })
	r := slices.MaxFunc(last, func(x, y Reg[InvoiceChanged]) int {
		a, b := x.Value, y.Value
		return cmp.Or(cmp.Compare(a.Attempts, b.Attempts), worth(b.Remaining).Cmp(worth(a.Remaining)),
			strings.Compare(string(a.Due), string(b.Due)), strings.Compare(a.Hash(), b.Hash()), strings.Compare(x.ID, y.ID))
	})
	r.Stamp = told[0].Stamp
	for _, t := range told {
		if t.Value.Status == r.Value.Status && t.Value.Attempts == r.Value.Attempts &&
			slices.Index(payments, t.Value.Payment) > slices.Index(payments, r.Value.Payment) {
			r.Value.Payment = t.Value.Payment
		}
	}
	return r
}

// worth is a sum as told; 0 where it is none.
func worth(sum string) *big.Rat {
	if n := Decimal(sum); n != nil {
		return n
	}
	return new(big.Rat)
}

// pay keeps what is told last of a payment.
func (v *Invoices) pay(s Stamp, p PaymentChanged) bool {
	was, told := v.Payments[p.ID]
	n := Reg[PaymentChanged]{s, p}
	if told {
		older := cmp.Or(s.At.Compare(was.At), cmp.Compare(p.Level, was.Value.Level), worth(p.Amount).Cmp(worth(was.Value.Amount)), strings.Compare(hash(p), hash(was.Value))) < 0
		if older {
			n.Value = was.Value
		}
		if was.After(s) {
			n.Stamp = was.Stamp
		}
		if n.Stamp == was.Stamp && hash(n.Value) == hash(was.Value) {
			return false
		}
	}
	v.Payments = own(v.Payments)
	v.Payments[p.ID] = n
	return drop(v.Payments, p.ID, maxPayments)
}

// Of is a licence invoice as it stands by all that is told; nil: there is none, or it was told
// since that it is of another kind.
func (v Invoices) Of(id string) *Invoice { return v.of(id, v.takenBack()) }

// All are those, in no order.
func (v Invoices) All() iter.Seq[*Invoice] {
	takenBack := v.takenBack()
	return func(yield func(*Invoice) bool) {
		for id := range v.Licence {
			if in := v.of(id, takenBack); in != nil && !yield(in) {
				return
			}
		}
	}
}

// takenBack tells whether of any payment something is told beside that it was made.
func (v Invoices) takenBack() bool {
	for _, t := range v.Payments {
		if t.Value.Kind != "made" {
			return true
		}
	}
	return false
}

func (v Invoices) of(id string, takenBack bool) *Invoice {
	in := v.Licence[id]
	if in == nil || v.Other[id].After(in.Stamp) {
		return nil
	}
	action := in.Value.Status == "open" && in.Action.Told() && in.Action.Value == in.Value.Attempts && in.Value.Coarse
	if !action && !takenBack {
		return in // as it was told
	}
	c := *in
	p := &c.Value
	if action {
		p.Payment = "action"
	}
	credited, refunded := new(big.Rat), new(big.Rat)
	all := v.paymentsOf(id)
	for _, t := range all {
		if t.After(c.Stamp) {
			c.Stamp = t.Stamp
		}
		switch t.Value.Kind {
		case "credit":
			credited.Add(credited, worth(t.Value.Amount))
		case "parts":
			if t.Value.Due != "" && p.Status == "open" {
				p.Due = t.Value.Due
			}
		case "refund":
			if sum := worth(t.Value.Amount); sum.Sign() >= 0 || !summed(t, all) {
				refunded.Add(refunded, sum)
			}
		case "dispute":
			if t.Value.Open && p.Status == "paid" {
				p.Status, p.Dispute = "disputed", "card"
			}
		}
	}
	// A refund that a credit note tells of is told twice, and so is a credit note in the invoice.
	most := worth(p.Credited)
	for _, r := range []*big.Rat{credited, refunded} {
		if r.Cmp(most) > 0 {
			most, p.Credited = r, r.FloatString(3)
		}
	}
	return &c
}

// summed tells whether a refund that failed is left out already of what its charge says was refunded.
func summed(failed Reg[PaymentChanged], all []Reg[PaymentChanged]) bool {
	return slices.ContainsFunc(all, func(t Reg[PaymentChanged]) bool {
		return t.Value.Kind == "refund" && slices.Contains(failed.Value.Payments, t.Value.ID) && t.At.After(failed.At)
	})
}

// paymentsOf are what is told of the payments of an invoice beside itself.
func (v Invoices) paymentsOf(id string) (all []Reg[PaymentChanged]) {
	tied := map[string]bool{}
	for more := true; more; { // one body names the charge, another for which intent it was made
		more = false
		for _, t := range v.Payments {
			if t.Value.Invoice != id && !(t.Value.Invoice == "" && slices.ContainsFunc(t.Value.Payments, func(p string) bool { return tied[p] })) {
				continue
			}
			for _, p := range t.Value.Payments {
				more = more || !tied[p]
				tied[p] = true
			}
		}
	}
	for _, t := range v.Payments {
		if t.Value.Kind != "made" && (t.Value.Invoice == id || t.Value.Invoice == "" && slices.ContainsFunc(t.Value.Payments, func(p string) bool { return tied[p] })) {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b Reg[PaymentChanged]) int { return strings.Compare(a.Value.ID, b.Value.ID) })
	return all
}
