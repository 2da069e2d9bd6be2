package licence

import "time"

// FAQ cause 3, "late": the licence lapses before the invoice for the time after it is due, or
// before its payment is in. Off where the operator extends on the invoice alone.
func paymentAwaited(r *Reading) []Verdict {
	if !r.billedHere() || r.extendOn() == "issued" {
		return nil
	}
	var out []Verdict
	all := r.invoices()
	stale := r.billingSilent()
	for _, in := range all {
		if s := r.awaits(in); s != nil && !stale {
			out = append(out, r.awaitedOf(s, in))
		}
	}
	if len(out) > 0 {
		return out
	}
	v := Verdict{Subject: Subject{Kind: "account", ID: r.Account}, Answer: Fails, Say: "none", Owner: Billing, Severity: "low", Args: map[string]any{}}
	switch w := r.Worst(); {
	case stale || w == nil || w.ExpiresOn == "" || w.AtRisk && !w.Fresh:
		v.Answer, v.Say = Unknown, "stale"
	case len(all) == 0 && len(r.K.Invoices.Other) == 0:
		v.Answer, v.Say = Unknown, "never"
	}
	return []Verdict{v}
}

// awaits is the site whose licence waits for an open invoice that is not past due; nil: none.
func (r *Reading) awaits(in *Invoice) *Site {
	if in.Value.Status != "open" || r.overdue(in) {
		return nil
	}
	if _, open := remaining(in.Value); !open {
		return nil
	}
	var worst *Site
	for _, s := range r.Production() {
		if s.AtRisk && s.Fresh && !s.Longer && r.forTheNext(s, in) && (worst == nil || worse(s.Phase, worst.Phase)) {
			worst = s
		}
	}
	return worst
}

// forTheNext tells whether the invoice is for the time after the licence: by its period, else
// because it is of the last sixty days.
func (r *Reading) forTheNext(s *Site, in *Invoice) bool {
	if in.Value.To != "" {
		return r.beyond(s, in.Value)
	}
	from := in.Value.Issued.Start(r.Cal.Zone)
	if from.IsZero() {
		from = in.FirstTold.At
	}
	return !r.C.Past(from.AddDate(0, 0, 60))
}

func (r *Reading) awaitedOf(s *Site, in *Invoice) Verdict {
	p, zone := in.Value, r.Cal.Zone
	due := p.Due.Day(zone)
	last := r.Cal.Before(s.ExpiresOn, Lead) // the last useful payment day
	left, _ := remaining(p)
	v := Verdict{
		Subject: Subject{Kind: "invoice", ID: p.Invoice}, Answer: Holds, Owner: Nobody, Informed: []Role{Admin}, Severity: "low",
		Args: map[string]any{"number": label(p), "amount": left, "currency": p.Currency, "due": due, "url": p.URL, "reference": p.Reference, "expires": s.ExpiresOn},
		Evidence: []Evidence{
			in.evidence("status", p.Status), in.evidence("due", due), s.value("expires", s.ExpiresOn, "expires"),
		},
		Explains: r.explains("payment-awaited"),
		Deadline: r.deadline(s, Lead, "lapse"),
		Waits:    r.paymentWaits(in),
		Verify:   Verify{Kind: "extended", CustID: s.Installation.CustID, Expires: s.ExpiresOn, Invoice: p.Invoice},
		Remedies: []Remedy{{ID: "pay", Mode: "guided"}, {ID: "claim", Mode: "guided"}, {ID: "wrong-receiver", Mode: "guided"}, {ID: "dispute", Mode: "guided"}},
	}
	switch {
	case p.Payment == "processing":
		v.Say = "a"
	case due == "" || due <= last:
		v.Say = "b"
		w := Wait{For: "due"} // without a due date: until something arrives
		if due != "" {
			w.Until = due.Add(1).Start(zone)
		}
		v.Waits = append(v.Waits, w)
	default:
		// The terms outlive the licence: finance must extend, or the customer pay early.
		v.Say, v.Owner, v.Severity = "c", Finance, s.severity()
		to := Billing
		if payer := r.payerOf(p); payer != "" {
			to, v.Args["payer"] = Partner, payer
		}
		v.Tell = []Tell{{To: to, Rank: 1, Max: 1, From: v.Deadline.ActBy.Start(zone).Add(-10 * 24 * time.Hour)}}
	}
	return v
}
