package licence

// FAQ cause 3, at our own end: the subscription renews, and no invoice reaches beyond the
// licence. Without it "everything is paid" would be true by absence.
func notInvoiced(r *Reading) []Verdict {
	if !r.billedHere() {
		return nil
	}
	var out []Verdict
	for _, s := range r.Production() {
		out = append(out, r.notInvoicedOf(s))
	}
	return out
}

func (r *Reading) notInvoicedOf(s *Site) Verdict {
	v := s.verdict(Fails)
	v.Owner = Finance
	all := r.invoices()
	last, periods := Date(""), false
	for _, in := range all {
		to := in.Value.To.Day(r.Cal.Zone)
		periods = periods || to != ""
		if in.Value.Status != "void" {
			last = max(last, to)
		}
	}
	switch {
	case s.ExpiresOn == "" || r.billingSilent():
		v.Answer, v.Say = Unknown, "stale"
	case !s.AtRisk:
		v.Say = "no-risk"
	case !s.Fresh || s.maintained():
		v.Answer, v.Say, v.Evidence = Unknown, "stale", s.staleEvidence()
	case s.Longer || s.held():
		v.Say = "longer"
	case len(all) == 0 || len(r.K.Orders.Subs) == 0:
		v.Answer, v.Say = Unknown, "never"
	case !periods || !r.renews():
		v.Say = "none"
	case last > s.ExpiresOn.Add(Reach):
		v.Say = "invoiced"
		v.Args["to"] = last
	default:
		v.Answer, v.Say = Holds, "a"
		v.Args["to"] = last
		v.Evidence = []Evidence{s.value("expires", s.ExpiresOn, "expires"), {Name: "period_to", Value: last}}
		v.Since = s.Expires.AddDate(0, 0, -Risk)
		v.Explains = s.explains("not-invoiced")
		v.Deadline = r.deadline(s, Lead, "lapse")
		v.Verify = Verify{Kind: "gone", CustID: s.Installation.CustID, Expires: s.ExpiresOn}
	}
	return v
}

// renews tells whether some subscription goes on by itself.
func (r *Reading) renews() bool {
	for _, sub := range r.K.Orders.Subs {
		now, ok := sub.Latest()
		if ok && !r.ended(now.Value) && now.Value.EndsAt == "" && now.Value.Status != "paused" && now.Value.Status != "incomplete" {
			return true
		}
	}
	return false
}
