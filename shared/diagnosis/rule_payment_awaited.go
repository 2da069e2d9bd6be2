package diagnosis

import (
	"slices"
	"time"

	"seatmend/shared/licence"
)

// FAQ cause 3, "late": the licence lapses before the invoice for the time after it is due, or
// before its payment is in. Off where the operator extends on the invoice alone.
func paymentAwaited(r *Reading, out []Verdict) []Verdict {
	out = r.asked(licence.PaymentAwaited, out)
	if !r.billedHere() || r.extendOn() == "issued" {
		return out
	}
	stale, holds := r.billingSilent(), false
	for _, b := range r.bills() {
		if b.Money != licence.Owed || r.late(b).why != "" || stale {
			continue
		}
		var sites []*Installation
		for _, s := range r.payable(b) {
			if s.Fresh && s.ExpiresOn != "" {
				sites = append(sites, s)
			}
		}
		if len(sites) > 0 {
			out, holds = append(out, r.awaitedOf(sites, b)), true
		}
	}
	if holds {
		return out
	}
	v := r.noInvoice(Verdict{Owner: licence.Billing, Severity: licence.Low, Say: "none"})
	if w := r.Worst(); w != nil && w.endless {
		v.Answer, v.Say = Fails, "none"
	} else if w == nil || w.ExpiresOn == "" || w.AtRisk && !w.Fresh {
		v.Answer, v.Say = Unknown, "stale"
	}
	return append(out, v)
}

func (r *Reading) awaitedOf(sites []*Installation, b *bill) Verdict {
	p, s := b.Value, Soonest(sites)
	last := r.banks(b).Before(s.ExpiresOn, licence.Lead) // the last useful payment day
	v := Verdict{
		Code: licence.PaymentAwaited, Subject: licence.Subject{Kind: "invoice", ID: p.Invoice}, Answer: Holds, Owner: licence.Nobody, Informed: []licence.Role{licence.Admin}, Severity: licence.Low,
		Args: r.invoiceArgs(b),
		Evidence: []Evidence{
			b.evidence("status", p.Status), b.evidence("due", b.due), s.value("expires", s.ExpiresOn, "expires"),
		},
		Deadline: r.paidBy(s, b),
		Verify:   licence.Verify{Kind: "extended", CustID: s.Installation.CustID, Expires: s.ExpiresOn, Invoice: p.Invoice},
		Remedies: payRemedies(""),
	}
	v.Args["expires"] = s.ExpiresOn
	v.about(sites)
	v.Explains = explain(sites, v.Code)
	waits := r.paymentWaits(b)
	switch under := r.underWay(waits); {
	case under:
		v.Say = "a"
	case b.due == "" && Worse(s.Phase, PhaseUnknown):
		// Nobody knows when it will be paid, and the warning is on: finance must see to it.
		v.Say, v.Owner, v.Severity = "undated", licence.Finance, severity(sites)
	case b.due == "":
		v.Say = "b"
		waits = append(waits, Wait{For: "due"}) // until something arrives
	case b.due <= last:
		v.Say = "b"
		waits = append(waits, Wait{For: "due", Until: b.due.Add(1).Start(r.Cal.Zone)})
	default:
		// The terms outlive the licence: finance must extend, or the customer pay early.
		v.Say, v.Owner, v.Severity = "c", licence.Finance, severity(sites)
		r.remind(&v, b, Tell{Rank: 1, Max: 1, From: v.Deadline.ActBy.Start(r.Cal.Zone).Add(-10 * 24 * time.Hour)})
	}
	if s.Phase == PhaseGrace || s.Phase == PhaseExpired {
		v.Severity = severity(sites)
	}
	r.rest(&v, waits, sites)
	return v
}

// underWay tells whether the bank is still at it.
func (r *Reading) underWay(waits []Wait) bool {
	return slices.ContainsFunc(waits, func(w Wait) bool { return w.For == "processing" && !r.C.Past(w.Until) })
}
