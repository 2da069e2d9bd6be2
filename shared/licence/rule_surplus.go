package licence

import "time"

// FAQ cause 1: "More user licences are assigned than are bought." Per visible, restricted
// module of a production installation; rules.md 3.1, cases a to d.
func surplus(r *Reading) []Verdict {
	var out []Verdict
	for _, s := range r.Production() {
		taken := map[*Module]int{}
		for _, p := range r.swaps(s) {
			taken[p.a] += p.k
		}
		for _, m := range s.Modules {
			if !m.Judged {
				continue
			}
			v := r.surplusOf(s, m)
			if n := taken[m]; n > 0 && v.Answer == Holds {
				// The swap has taken over its part; what is left stays a surplus.
				v.Need -= n
				v.Args["need"] = v.Need
				v.hidden = v.Need <= 0
			}
			if m.Wrong && v.Answer == Holds {
				v.hidden = true // a person said that the numbers are wrong: order-differs asks
			}
			out = append(out, v)
		}
	}
	return out
}

func (r *Reading) surplusOf(s *Site, m *Module) Verdict {
	v := s.verdict(Fails)
	v.Subject, v.Owner, v.Args["plan"] = m.Subject, Admin, m.Name
	v.Evidence = []Evidence{m.A.Evidence}
	if m.O.Known {
		v.Evidence = append(v.Evidence, m.O.Evidence)
	}
	if m.Order == orderKnown {
		v.Evidence = append(v.Evidence, m.B.Evidence)
	}
	v.Evidence = append(v.Evidence, m.T.Evidence)
	v.Say = "fits"
	if m.Suite {
		v.Say = "fits-suite"
	}
	if !s.Fresh || s.maintained() {
		v.Answer, v.Say = Unknown, "stale"
		if s.maintained() {
			v.Say = "maintenance"
		}
		return v
	}
	kind, n := r.surplusCase(s, m)
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
	v.Args["need"] = n
	v.Deadline = r.deadline(s, 0, "surplus")
	v.Explains = kind != "c" && s.explains("surplus")
	v.Verify = s.activated()
	v.Remedies = surplusRemedies(m, n)
	v.Cause, v.Args["from"], v.Args["to"] = r.orderCause(m)
	tell := Tell{To: Admin, Rank: s.ladder()}
	if m.Order == orderKnown {
		tell.After = []string{m.B.Of}
	}
	switch kind {
	case "a", "b":
		if s.Phase == PhaseOK {
			tell.From = earliest(s.L.NextCheck.Start(r.Cal.Zone), s.Expires.AddDate(0, 0, -Risk))
		}
		if m.A.N <= m.O.N {
			v.State = "verifying"
			v.Evidence[0] = m.InUse.Evidence
			v.Need = n
		}
	case "c":
		v.Severity = "medium"
		tell.Rank = 1
		v.Evidence[0] = m.A.Evidence
	case "d":
		v.Waits = []Wait{{For: "read", Span: time.Hour}}
		tell.Rank = s.phaseRank()
	}
	v.Tell = []Tell{tell}
	if fp := r.unpaid(); fp != "" && !s.Longer {
		// Freeing seats changes nothing before the payment has brought the offer.
		v.Blocked, v.Tell = append(v.Blocked, fp), nil
	}
	return v
}

// surplusCase decides which of the rule's cases holds, and how many are to be freed.
func (r *Reading) surplusCase(s *Site, m *Module) (string, int) {
	offer := s.offers() && (s.Longer || changed(s))
	a := m.A.N
	if m.Unread && m.InUse.N > m.O.N && a <= m.O.N {
		a = m.InUse.N // what we know since makes it fit, and no read has said so yet
	}
	over := m.over(m.T.N)
	switch {
	case offer && a <= m.O.N:
		return "", 0
	case offer && m.Order == orderDisputed:
		return "unknown", 0
	case offer && m.Order == orderKnown && m.B.N > m.O.N:
		if n := a - m.B.N; n > 0 {
			return "b", n
		}
		return "", 0
	case offer:
		return "a", a - m.O.N
	case !s.L.Offered && over > 0:
		return "d", over
	case m.Order != orderKnown:
		return "unknown", 0
	case !s.L.Offered && !m.Metered && m.B.N < m.A.N && m.A.N <= m.T.N && m.Highest >= m.T.N:
		return "c", m.A.N - m.B.N
	}
	return "", 0
}

// changed tells whether some number of the offer differs from the one in force.
func changed(s *Site) bool {
	for _, m := range s.Modules {
		if m.O.Known && m.O.N != m.T.N {
			return true
		}
	}
	return false
}

// surplusRemedies are the ways out, the least harmful first.
func surplusRemedies(m *Module, n int) []Remedy {
	if m.Suite {
		return []Remedy{{ID: "no-login", Mode: "guided", Need: n}, {ID: "order", Mode: "guided", Need: n}, {ID: "numbers-wrong", Mode: "guided"}}
	}
	out := []Remedy{{ID: "free", Mode: "guided", Need: n}}
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
	if m.Order == orderKnown && m.Highest > m.B.N {
		return "reduced", m.Highest, m.B.N
	}
	return "", 0, 0
}

// unpaid is the fingerprint of a licence invoice that is past due; "": none.
func (r *Reading) unpaid() string {
	for _, in := range r.invoices() {
		if r.overdue(in) {
			return r.fingerprint("invoice-overdue", Subject{Kind: "invoice", ID: in.Value.Invoice})
		}
	}
	return ""
}
