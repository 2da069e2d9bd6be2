package diagnosis

import (
	"strings"
	"time"

	"seatmend/shared/licence"
)

// FAQ cause 1, before it is anybody's at the customer: order and offer (or licence) disagree,
// or something ordered belongs to no known plan. Nobody is asked to free a seat or to
// activate within the disputed part, cases a to g.
func orderDiffers(r *Reading, out []Verdict) []Verdict {
	items, ev := r.unmapped()
	for _, it := range items {
		out = append(out, r.unmappedOf(it, ev))
	}
	for _, s := range r.Production() {
		model := s.Told && s.Fresh && r.modelDiffers(s)
		suite := model && r.A.Model == "suite"
		for _, m := range s.Modules {
			v, ok := r.differs(s, m)
			if m.Suite && model && v.Answer != Holds || suite && !m.Judged && m.T.N == 0 {
				continue // (d) is the answer about the suite, and about what a licence of plans does not name
			}
			if ok {
				model = model && !m.Suite
				out = append(out, v)
			}
		}
		if model {
			v := s.verdict(Holds)
			v.Subject, v.Say, v.Owner, v.Severity = licence.Subject{Kind: "suite", CustID: s.Installation.CustID}, "d", licence.Support, licence.Low
			v.Evidence = []Evidence{{Name: "model", Value: r.A.Model, Source: r.K.Profile.Account.Source, At: r.K.Profile.Account.At}}
			out = append(out, v)
		}
	}
	return out
}

func (r *Reading) unmappedOf(it licence.Item, ev Evidence) Verdict {
	id := it.ID()
	ev.Value = it.Quantity
	v := Verdict{
		Subject: licence.Subject{Kind: "price", ID: id}, Answer: Holds, Say: "a", Owner: licence.Support, Severity: licence.Low, Disputes: true,
		Evidence: []Evidence{ev}, Args: map[string]any{"price": id, "seats": it.Quantity},
	}
	if it.Metered {
		v.Say, v.Evidence[0].Value = "a-used", id // how many is known when they have been used
	}
	if r.AtRisk() {
		v.Severity = licence.Medium
	}
	v.Explains = r.explains(licence.OrderDiffers)
	v.Deadline = r.deadline(r.Worst(), 0, "order")
	return v
}

// modelDiffers tells whether the directory says one model and the licence the other.
func (r *Reading) modelDiffers(s *Installation) bool {
	suite := false
	for _, l := range s.L.Plans {
		suite = suite || l.Kind == "suite" && l.Total > 0
	}
	return suite != (r.A.Model == "suite") && len(s.L.Plans) > 0
}

// differs answers about one module; false: the rule does not apply to it.
func (r *Reading) differs(s *Installation, m *Module) (Verdict, bool) {
	v := s.verdict(Fails)
	v.Subject, v.Owner, v.Args["plan"] = m.Subject, licence.Support, m.Name
	v.Evidence = []Evidence{m.Told.Evidence, m.T.Evidence}
	counts := s.Fresh && !s.maintained() && m.countsDiffer(s)
	if !m.Judged && m.T.N > 0 || m.Metered && !m.Wrong {
		return v, false
	}
	if m.Order == orderNever && !m.Wrong && !counts {
		return v, false
	}
	if s.Told && m.Order == orderKnown && m.Told.N+m.Left+m.T.N+m.O.N+m.A.N == 0 {
		return v, false // a plan that this customer has nothing to do with
	}
	if !s.Fresh || s.maintained() {
		v.Answer, v.Say = Unknown, s.unseen()
		return v, true
	}
	limit, other := m.T, "total"
	if s.offers() {
		limit, other = m.O, "offered"
	}
	v.Evidence = []Evidence{m.Told.Evidence, limit.Evidence, m.A.Evidence}
	v.Say = "fits"
	b, l, known := m.Told.N, limit.N, m.Order == orderKnown
	switch {
	case m.Wrong:
		v.Answer, v.Say, v.Disputes = Holds, "f", true
		if m.Keep {
			v.Say = "f-keep"
			if more := m.A.N - min(b, l); m.A.Known && more > 0 {
				v.Args["more"] = more
			}
		}
	case known && m.Left > 0 && !(s.offers() && b > l):
		v.Answer, v.Say, v.Disputes = Holds, "g", s.offers() && b != l
		v.Args["left"], v.Waits = m.Left, r.resting(m)
	case known && s.offers() && b != l:
		v.Answer, v.Say, v.Disputes = Holds, "b", true
		v.Waits = r.resting(m)
	case known && !s.L.Offered && b != l && max(b, r.laterMost(m)) >= m.Highest:
		v.Answer, v.Say = Holds, "c"
		v.Waits = []Wait{{For: "settle", Span: licence.Fresh}}
	case counts:
		v.Answer, v.Say = Holds, "e"
		v.Evidence = []Evidence{m.A.Evidence, m.InUse.Evidence}
		v.Evidence[1].Name = "in_use"
		v.Waits = []Wait{{For: "read", Span: time.Second, Read: true}} // the next read decides
	case m.Order == OrderDisputed:
		v.Answer, v.Say = Unknown, "order"
		return v, true
	case !m.ByList && r.counted(v.Subject):
		v.Answer, v.Say = Unknown, "list" // no list goes with this read yet
		return v, true
	default:
		return v, true
	}
	v.Args["ordered"], v.Args["other"], v.Args["of"] = b, l, other
	if m.Agreed && v.Say != "e" {
		v.State, v.Disputes = licence.Answered, false
	}
	v.Explains = s.explains(licence.OrderDiffers)
	if s.Longer || !s.L.Offered {
		v.Deadline = r.deadline(s, 0, "order") // an offer that ends with the licence holds nothing up
	}
	// Where there is no time to wait, support sees to it at once, and the customer hears nothing yet.
	late := len(v.Waits) > 0 && r.outlasts(v.Waits[0].Until, s)
	if late {
		v.Waits = nil
	}
	if v.Say == "e" {
		v.Severity = licence.Low
		return v, true
	}
	over := m.A.N > min(b, l) && v.Say != "c"
	switch {
	case over && s.AtRisk:
		v.Severity = s.severity()
	case over, v.Say == "c" && s.AtRisk:
		v.Severity = licence.Medium
	default:
		v.Severity = licence.Low
	}
	v.Informed = []licence.Role{licence.Admin}
	v.Verify = licence.Verify{Kind: "gone", CustID: s.Installation.CustID}
	if v.Say != "g" { // which the customer's own people cannot see in any number
		v.Remedies = []Remedy{{ID: "numbers-right", Mode: "guided"}, {ID: "numbers-wrong", Mode: "guided"}}
	}
	if v.Say == "b" && s.AtRisk && m.A.N > m.O.N && !m.Asked && !late {
		v.Tell = []Tell{{To: licence.Admin, Rank: s.phaseRank(), Max: 2}} // as a question
	}
	return v, true
}

// resting is the wait for an order that was changed lately: it is often changed again.
func (r *Reading) resting(m *Module) []Wait {
	if at := m.Settles(r); !at.IsZero() {
		return []Wait{{For: "settle", Until: at}}
	}
	return nil
}

// countsDiffer tells whether the list of people and the number of the licence read that goes
// with it differ. What is only offered is in no number yet.
func (m *Module) countsDiffer(s *Installation) bool {
	return m.ByList && !m.Unread && m.A.Known && s.Told && m.A.N != m.InUse.N && !m.A.At.After(s.ReadAt) && (m.T.N > 0 || !s.offers())
}

// counted tells whether two counts of one read were seen to differ.
func (r *Reading) counted(s licence.Subject) bool {
	p := r.h.Findings[r.Fingerprint(licence.OrderDiffers, s)]
	return p != nil && p.Open && strings.HasPrefix(p.Numbers, "e|")
}

// disputes tells whether the verdict says that the numbers that are offered may be wrong: then
// nobody is led to activate. What a person has agreed to is in no doubt.
func (v Verdict) disputes() bool {
	return v.Disputes && v.Answer == Holds && v.State != licence.Answered
}

// seatsStale tells whether seat facts that were once told are too old to rely on.
func (r *Reading) seatsStale(s *Installation) bool {
	at := licence.Latest(s.Roster.List.At, s.KnownInstallation.Checked["users"].At)
	return !s.Roster.List.At.IsZero() && !s.fresh(r.C, "users", at)
}
