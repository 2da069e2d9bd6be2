package diagnosis

import "seatmend/shared/licence"

// FAQ cause 3: disputed or written off; finance has it.
func paymentDisputed(r *Reading, out []Verdict) []Verdict {
	if !r.billedHere() {
		return out
	}
	before := len(out)
	for _, b := range r.bills() {
		if b.Money == licence.Contested && !r.superseded(b) && !r.billingSilent() {
			out = append(out, r.disputedOf(b))
		}
	}
	if len(out) > before {
		return out
	}
	return append(out, r.noInvoice(Verdict{Owner: licence.Finance, Say: "none"}))
}

func (r *Reading) disputedOf(b *bill) Verdict {
	p, sites := b.Value, r.waiting(b)
	v := Verdict{
		Subject: licence.Subject{Kind: "invoice", ID: p.Invoice}, Answer: Holds, Say: "a", Owner: licence.Finance, Severity: severity(r.sitesOf(b)),
		Args:     map[string]any{"number": label(p)},
		Evidence: []Evidence{b.evidence("status", p.Status)},
		Verify:   licence.Verify{Kind: "gone"},
	}
	if p.Dispute != "" {
		v.Evidence = append(v.Evidence, b.evidence("dispute", p.Dispute))
	}
	if len(sites) == 0 {
		v.about(r.sitesOf(b))
		v.Deadline.Consequence = r.idle(b)
		v.Waits = r.arranged()
		return v
	}
	v.about(sites)
	v.Explains = explain(sites, licence.PaymentDisputed)
	v.Deadline = r.paidBy(Soonest(sites), b)
	r.rest(&v, r.arranged(), sites)
	return v
}
