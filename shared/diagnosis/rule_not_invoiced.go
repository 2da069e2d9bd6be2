package diagnosis

import (
	"slices"

	"seatmend/shared/licence"
)

// FAQ cause 3, at our own end: the subscription renews, and no invoice is for the time after
// the licence. Without it "everything is paid" would be true by absence.
func notInvoiced(r *Reading, out []Verdict) []Verdict {
	if !r.billedHere() {
		return out
	}
	for _, s := range r.Production() {
		out = append(out, r.notInvoicedOf(s))
	}
	return out
}

func (r *Reading) notInvoicedOf(s *Installation) Verdict {
	v := s.verdict(Fails)
	v.Owner = licence.Finance
	next, gone := r.awaited(s), r.withdrawn(s)
	last, periods := licence.Date(""), false
	for _, b := range r.bills() {
		periods = periods || b.To != ""
		beside := gone != nil && r.follows(b, s) // a smaller one, which does not stand for it
		if b.Money != licence.Void && r.of(b, s) && !beside && (len(next) == 0 || slices.Contains(next, b)) {
			last = max(last, b.To)
		}
	}
	switch {
	case s.endless:
		v.Say = "endless"
	case s.ExpiresOn == "" || r.billingSilent():
		v.Answer, v.Say = Unknown, "stale"
	case !s.AtRisk:
		v.Say = "no-risk"
	case !s.Fresh || s.maintained():
		v.Answer, v.Say, v.Evidence = Unknown, s.unseen(), s.staleEvidence()
	case s.Longer || s.held():
		v.Say = "longer"
	case len(r.bills()) == 0 && len(r.K.Orders.Subs) == 0:
		v.Answer, v.Say = Unknown, "never"
	case len(r.bills()) == 0:
		v.Answer, v.Say = Unknown, "never-invoice"
	case len(r.K.Orders.Subs) == 0:
		v.Answer, v.Say = Unknown, "never-subscription"
	case !r.renews(s):
		v.Say = "none"
	case !periods:
		v.Say = "no-periods"
	case len(next) > 0 && gone == nil:
		v.Say = "invoiced"
		v.Args["to"] = last
	default:
		v.Answer, v.Say = Holds, "a"
		v.Evidence = []Evidence{s.value("expires", s.ExpiresOn, "expires")}
		if last != "" {
			v.Evidence = append(v.Evidence, Evidence{Name: "period_to", Value: last})
		}
		if gone != nil {
			v.Say = "withdrawn"
			v.Evidence = append(v.Evidence, gone.evidence("status", gone.Value.Status))
		}
		v.Since = s.riskFrom()
		if gone != nil && !r.outlasts(r.Began(&v).Add(licence.Settling), s) {
			v.Waits = []Wait{{For: "settle", Span: licence.Settling}} // a new one in its place may be on its way
		}
		v.Explains = s.explains(licence.NotInvoiced)
		v.Deadline = r.deadline(s, licence.Lead, "lapse")
		v.Verify = licence.Verify{Kind: "gone", CustID: s.Installation.CustID, Expires: s.ExpiresOn}
	}
	return v
}

// withdrawn is an invoice for the time after the licence that became void, or was credited
// away, and in whose place none stands; nil: there is none.
func (r *Reading) withdrawn(s *Installation) *bill {
	for _, b := range r.bills() {
		if b.Money != licence.Void || b.To == "" || !r.of(b, s) || !r.follows(b, s) {
			continue
		}
		replaced := slices.ContainsFunc(r.bills(), func(o *bill) bool {
			return o != b && (o.Value.Replaces == b.Value.Invoice || o.Money != licence.Void && r.coversAll(o, b) && stands(o, b))
		})
		if !replaced {
			return b
		}
	}
	return nil
}

// renews tells whether some subscription of the installation goes on by itself.
func (r *Reading) renews(s *Installation) bool {
	return slices.ContainsFunc(r.subscriptionsOf(s), func(o *subscription) bool {
		p := o.now.Value
		return len(o.Now) > 0 && o.sure && !o.ended && p.EndsAt == "" && p.Status != "paused" && p.Status != "incomplete"
	})
}
