package diagnosis

import (
	"slices"
	"strings"
	"time"

	"seatmend/shared/licence"
)

// FAQ cause 1: "More user licences are assigned than are bought." Per visible, restricted
// module of a production installation, cases a to d.
func surplus(r *Reading, out []Verdict) []Verdict {
	for _, s := range r.Production() {
		taken := map[*Module]int{}
		for _, p := range r.swaps(s) {
			if !p.a.Wrong && !p.b.Wrong {
				taken[p.a] += p.k
			}
		}
		for _, m := range s.Modules {
			if !m.Judged {
				continue
			}
			v := r.surplusOf(s, m)
			if n := taken[m]; n > 0 && v.Answer == Holds {
				// The swap has taken over its part; what is left stays a surplus.
				v.Need -= n
				v.Args["need"], v.Args["swapped"] = v.Need, n
				v.Remedies = surplusRemedies(m, v.Need)
				v.Hidden = v.Need <= 0
			}
			if m.Wrong && v.Answer == Holds {
				v.Hidden = true // a person said that the numbers are wrong: order-differs asks
			}
			out = append(out, v)
		}
	}
	return out
}

func (r *Reading) surplusOf(s *Installation, m *Module) Verdict {
	v := s.verdict(Fails)
	v.Subject, v.Owner, v.Args["plan"] = m.Subject, licence.Admin, m.Name
	for _, n := range []*Num{&m.A, &m.O, &m.B, &m.T} {
		if n.Known {
			if v.Evidence == nil {
				v.Evidence = make([]Evidence, 0, 4)
			}
			v.Evidence = append(v.Evidence, n.Evidence)
		}
	}
	v.Say = "fits"
	if m.Suite {
		v.Say = "fits-suite"
	}
	if !s.Fresh || s.maintained() {
		v.Answer, v.Say = Unknown, s.unseen()
		return v
	}
	kind, n, verifying := r.surplusCase(s, m)
	switch kind {
	case "unknown":
		v.Answer, v.Say = Unknown, "order"
		return v
	case "":
		return v
	}
	v.Answer, v.Say, v.Need = Holds, kind, n
	if m.Suite {
		v.Say += "-suite"
	}
	v.Args["need"], v.Args["scim"] = n, s.KnownInstallation.FromDirectory()
	v.Deadline = r.deadline(s, 0, "surplus")
	v.Explains = kind != "c" && s.explains(licence.Surplus)
	v.Verify = s.Activated(m)
	v.Remedies = surplusRemedies(m, n)
	if m.due() > m.B.N && m.A.N-n == m.due() {
		v.Say = "left" // beyond what is ordered, and what an ended subscription may have left
		v.Args["left"] = m.Left
		if m.Suite {
			v.Say = "left-suite"
		}
	}
	v.Cause, v.Args["from"], v.Args["to"] = r.orderCause(m)
	if n := r.h.Numbers[m.B.Of]; v.Cause != "" && n.Was != "" {
		v.Args["changed"] = licence.DateOf(n.Since, r.Cal.Zone)
	}
	if verifying {
		v.Evidence[0] = m.InUse.Evidence
	}
	if verifying || s.tried(true) {
		v.State = licence.Verifying // activating would not have gone well if it did not fit
	}
	// What was said of a reduction to come does not stand in for what is said of an offer.
	tell := Tell{To: licence.Admin, Rank: 10 + s.ladder()}
	if m.Order == orderKnown {
		tell.Rested = m.Settles(r)
	}
	if s.L.Offered && !s.Longer {
		v.Deadline = Deadline{} // it renews nothing, and nothing stops because of it
	}
	switch kind {
	case "a", "b":
		if s.Phase == PhaseOK {
			tell.From = licence.Earliest(s.checkDay(r.Cal.Zone), s.riskFrom())
		}
	case "c":
		v.Severity, v.Since = licence.Medium, m.Begun
		if v.Deadline.Consequence != "" {
			v.Deadline.Consequence = "reduced"
		}
		tell.Rank = 1
	case "d":
		v.Waits = []Wait{{For: "read", Span: time.Hour, Read: true}}
		tell.Rank = 10 + s.phaseRank()
	}
	v.Tell = []Tell{tell}
	if m.Order == OrderDisputed {
		v.Tell = nil // nobody is asked for a seat while it is not known what is ordered
	}
	if fp := r.unpaid(s); fp != "" {
		// Freeing seats changes nothing before the payment has brought the offer.
		v.Blocked, v.Tell = append(v.Blocked, fp), nil
	}
	return v
}

// surplusCase decides which of the rule's cases holds, how many are to be freed, and whether
// what we know since makes it fit and no read has said so yet.
func (r *Reading) surplusCase(s *Installation, m *Module) (kind string, n int, verifying bool) {
	if !s.L.Offered {
		return r.noOfferCase(m)
	}
	if !s.offers() {
		if m.Order != orderKnown {
			return "unknown", 0, false // neither what is offered nor what is ordered
		}
		return "", 0, false
	}
	kind, limit := "a", m.O.N
	if m.Order == orderKnown && m.due() > m.O.N {
		kind, limit = "b", m.due()
	}
	n, verifying = m.beyond(limit)
	switch {
	case n == 0 || !s.Longer && !changed(s):
		return "", 0, false
	case m.Order == OrderDisputed:
		return "unknown", 0, false
	}
	return kind, n, verifying
}

// noOfferCase is that of a module while nothing is offered: over-used already, or beyond a
// reduction that is in force, be it by schedule or because the order was seen to fall.
func (r *Reading) noOfferCase(m *Module) (kind string, n int, verifying bool) {
	total := m.T.N
	if m.Order == orderKnown {
		total = max(total, m.due()) // nobody frees a seat that is ordered
	}
	if n, verifying = m.beyond(total); n > 0 {
		return "d", n, verifying
	}
	if m.Order != orderKnown && r.stoodOtherwise(m) {
		return "", 0, false // what it stood on is over: the offer is gone, or the licence is not over-used
	}
	if m.Order != orderKnown {
		return "unknown", 0, false
	}
	n, verifying = m.beyond(m.due())
	if n == 0 || m.Metered || !m.Cut && m.Highest < m.T.N {
		return "", 0, false
	}
	return "c", n, verifying
}

// stoodOtherwise tells whether the module's surplus stands remembered for another reason than
// what is ordered.
func (r *Reading) stoodOtherwise(m *Module) bool {
	p := r.h.Findings[r.Fingerprint(licence.Surplus, m.Subject)]
	return p != nil && p.Open && p.Numbers != "" && !strings.HasPrefix(p.Numbers, "c")
}

// changed tells whether some number of the offer differs from the one in force.
func changed(s *Installation) bool {
	return slices.ContainsFunc(s.Modules, func(m *Module) bool { return m.O.Known && m.O.N != m.T.N })
}

// surplusRemedies are the ways out, the least harmful first.
func surplusRemedies(m *Module, n int) []Remedy {
	if m.Suite {
		return []Remedy{{ID: "no-login", Mode: "guided", Need: n}, {ID: "order", Mode: "guided", Need: n}, {ID: "numbers-wrong", Mode: "guided"}}
	}
	out := []Remedy{{ID: "free", Mode: "guided", Need: n}}
	if m.Site.KnownInstallation.FromDirectory() {
		return append(out, Remedy{ID: "order", Mode: "guided", Need: n}, Remedy{ID: "numbers-wrong", Mode: "guided"})
	}
	for _, o := range m.Site.Modules {
		if o != m && o.Judged && !o.Addon && !m.Addon && o.T.N > o.A.N && (!o.O.Known || o.O.N > o.A.N) {
			out = append(out, Remedy{ID: "move", Mode: "guided", Need: min(n, o.T.N-o.A.N)})
			break
		}
	}
	return append(out, Remedy{ID: "order", Mode: "guided", Need: n}, Remedy{ID: "numbers-wrong", Mode: "guided"})
}

// orderCause says how the present order came about, where the lists that were told show it.
func (r *Reading) orderCause(m *Module) (string, int, int) {
	if m.Order == orderKnown && m.Once > m.B.N && m.due() == m.B.N {
		return "reduced", m.Once, m.B.N
	}
	return "", 0, 0
}

// unpaid is the fingerprint of an invoice that is late and that the site's licence waits for;
// "": none.
func (r *Reading) unpaid(s *Installation) string {
	for _, b := range r.awaited(s) {
		if !s.Longer && r.late(b).why != "" && r.extendOn() != "issued" {
			return r.Fingerprint(licence.InvoiceOverdue, licence.Subject{Kind: "invoice", ID: b.Value.Invoice})
		}
	}
	return ""
}
