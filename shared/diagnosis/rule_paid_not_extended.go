package diagnosis

import (
	"slices"
	"time"

	"seatmend/shared/licence"
)

// FAQ cause 3, turned round: paid, given time to arrive, and the licence is not longer. It is
// our mistake, and we say so.
func paidNotExtended(r *Reading, out []Verdict) []Verdict {
	if !r.billedHere() {
		return out
	}
	for _, s := range r.Production() {
		out = append(out, r.notExtended(s))
	}
	return out
}

func (r *Reading) notExtended(s *Installation) Verdict {
	zone := r.Cal.Zone
	v := s.verdict(Fails)
	v.Owner, v.Informed = licence.Support, []licence.Role{licence.Admin, licence.Billing}
	b, dated := r.settledFor(s)
	switch {
	case s.endless && !s.belied:
		v.Say = "endless"
		return v
	case s.ExpiresOn == "" && !s.belied:
		v.Answer, v.Say = Unknown, "undated"
		return v
	case s.maintained() || r.billingSilent() || s.belied:
		v.Answer, v.Say = Unknown, s.unseen()
		return v
	case s.Longer:
		v.Say = "longer"
		return v
	case !s.AtRisk:
		v.Say = "no-risk"
		return v
	case s.held():
		v.Say = "held"
		return v
	case len(r.bills()) == 0:
		v.Answer, v.Say = Unknown, "never"
		return v
	case b == nil:
		v.Say = "none"
		return v
	}
	days := licence.Passed
	if e := r.K.Profile.Extend.Value; e != nil && e.WithinDays > 0 {
		days = e.WithinDays
	}
	if s.Phase == PhaseGrace || s.Phase == PhaseExpired {
		days = 1
	}
	settled := r.settledOn(b)
	from := licence.Latest(r.banks(b).After(settled, days), s.checkBy(zone))
	v.Answer = Holds
	arg, name := "paid", "paid_at"
	switch v.Say = "a"; {
	case r.extendOn() == "issued":
		v.Say, arg, name = "invoiced", "issued", "invoiced"
	case !dated:
		v.Say = "all-paid"
	}
	if s.checkBy(zone).After(r.banks(b).After(settled, days)) {
		v.Args["next_check"] = s.L.NextCheck.Day(zone) // it is not the payment that is waited for
	}
	v.Args["number"], v.Args[arg], v.Args["days"], v.Args["from"] = label(b.Value), settled, days, licence.DateOf(from, zone)
	v.Evidence = []Evidence{b.evidence(name, settled), s.value("expires", s.ExpiresOn, "expires")}
	if b.To != "" {
		v.Evidence = append(v.Evidence, b.evidence("period_to", b.To))
	}
	v.Evidence = append(v.Evidence, Evidence{"licence_read", s.ReadAt, s.Report.Source, s.ReadAt, ""})
	v.Since = from
	v.Explains = s.explains(licence.PaidNotExtended)
	v.Deadline = r.deadline(s, 1, "lapse")
	v.Verify = licence.Verify{Kind: "extended", CustID: s.Installation.CustID, Expires: s.ExpiresOn, Invoice: b.Value.Invoice}
	if r.outlasts(from, s) {
		v.Args["beyond"], v.Since = "extension", time.Time{} // support lengthens it by hand
		return v
	}
	if !r.C.Past(from) {
		v.Waits = []Wait{{For: "extension", Until: from}}
		v.Since = time.Time{}
		return v
	}
	if !s.ReadAt.After(from) || !s.Fresh {
		v.Answer, v.Say = Unknown, map[string]string{"paid": "unread", "issued": "unread-invoiced"}[arg]
		return v
	}
	if s.Unfetched {
		// The licence system may hold a longer one by now: nobody knows whose fault it is.
		v.Answer, v.Say = Unknown, map[string]string{"paid": "failed", "issued": "failed-invoiced"}[arg]
		return v
	}
	if s.Warned || s.Shown {
		v.Tell = []Tell{{To: licence.Admin, Rank: 1, Max: 1}, {To: licence.Billing, Rank: 1, Max: 1}}
	}
	return v
}

// settledFor is the last of the invoices that the installation's licence waits for, where each
// of them is settled; where no period is known, the last of all. False: none is known.
func (r *Reading) settledFor(s *Installation) (last *bill, dated bool) {
	all := r.awaited(s)
	dated = slices.ContainsFunc(r.bills(), func(b *bill) bool { return b.To != "" })
	if bare := len(all) > 0 && all[0].To == ""; bare || !dated {
		dated = false
		all = slices.DeleteFunc(slices.Clone(r.bills()), func(b *bill) bool { return b.Money == licence.Void || !r.of(b, s) || r.superseded(b) })
	}
	for _, b := range all {
		if !r.settled(b) {
			return nil, dated
		}
		if last == nil || r.settledOn(b) >= r.settledOn(last) {
			last = b
		}
	}
	return last, dated
}

// settled tells whether nothing is asked of the customer any more before the licence is
// lengthened: the invoice is paid, or is enough by itself.
func (r *Reading) settled(b *bill) bool {
	return b.Money == licence.Paid || b.Money == licence.Owed && r.extendOn() == "issued"
}

// settledOn is the day since when.
func (r *Reading) settledOn(b *bill) licence.Date {
	if r.extendOn() == "issued" {
		return r.issued(b)
	}
	return r.paidOn(b)
}
