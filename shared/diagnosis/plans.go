package diagnosis

import (
	"slices"
	"strconv"
	"time"

	"seatmend/shared/licence"
)

// PlanNumbers are what is known of a plan in one installation; nil: not known.
type PlanNumbers struct {
	Plan, Name                        string
	Assigned, Offered, Ordered, Total *Evidence
	Sooner                            bool // the licence that is offered ends before the one in force
}

// InstallationPhase is the phase of one installation, and its plans.
type InstallationPhase struct {
	CustID    string
	Kind      string // as it is now: the licence's own markers first
	Phase     licence.LapsePhase
	ReadAt    Evidence // the last licence read or report
	Plans     []PlanNumbers
	Connected bool // we can read its licence ourselves
	Old       bool // nobody can read it, and what was told of its licence is no longer new
	Over      bool // nobody can read it, and what was told of its licence counts no longer, or nothing was
}

// Production tells whether it is production now.
func (p InstallationPhase) Production() bool { return p.Kind == licence.Production }

// Installations gives each installation's phase and plans at an instant.
func Installations(s licence.State, now, at time.Time) []InstallationPhase {
	r := NewReading(s, now, at)
	var out []InstallationPhase
	for _, site := range r.Sites {
		p := InstallationPhase{CustID: site.Installation.CustID, Kind: site.Kind, Phase: site.Phase, Connected: site.Connected, Old: site.old(r.C), Over: !site.Connected && !site.Fresh}
		if site.Told {
			p.ReadAt = Evidence{"licence_read", site.ReadAt, site.Report.Source, site.ReadAt, ""}
		}
		for _, plan := range r.A.Plans {
			if n, ok := r.planAt(site, plan); ok {
				p.Plans = append(p.Plans, n)
			}
		}
		for _, m := range site.Modules {
			if len(m.Plans) == 0 && m.Judged {
				p.Plans = append(p.Plans, m.plan(m.Subject.ID, m.Name))
			}
		}
		out = append(out, p)
	}
	return out
}

func (m *Module) plan(id, name string) PlanNumbers {
	known := func(n Num) *Evidence {
		if !n.Known {
			return nil
		}
		e := n.Evidence
		e.Value = n.N
		return &e
	}
	return PlanNumbers{id, name, known(m.A), known(m.O), known(m.Told), known(m.T), m.Site.shorter(m.Site.zone)}
}

// planAt are one plan's numbers. Where several plans share a module, the licence tells them
// apart by its lines, the list by its holders; what nothing tells apart is not known.
func (r *Reading) planAt(s *Installation, p licence.Plan) (PlanNumbers, bool) {
	for _, m := range s.Modules {
		if !slices.ContainsFunc(m.Plans, func(q licence.Plan) bool { return q.Plan == p.Plan }) {
			continue
		}
		if len(m.Plans) == 1 || m.Suite {
			return m.plan(p.Plan, p.Name), true
		}
		alone := Module{Site: s, Key: m.Key, Plans: []licence.Plan{p}}
		lines := 0
		for _, l := range s.L.Plans {
			if licence.LineKey(l) == m.Key && l.Plan == p.Plan {
				alone.line(r, s, l)
				lines++
			}
		}
		alone.Subject = licence.Subject{Kind: "plan", ID: p.Plan, CustID: s.Installation.CustID}
		r.assigned(s, &alone)
		r.ordered(s, &alone)
		alone.Told = alone.B
		if lines == 0 {
			alone.T, alone.O = Num{}, Num{}
			alone.A.Known = alone.ByList
		}
		return alone.plan(p.Plan, p.Name), true
	}
	return PlanNumbers{}, false
}

// A Total is how many of a plan a licence had before, and has now.
type Total struct {
	Plan          string
	Before, After int
}

// Renewed tells when the licence of an installation was last seen to have become longer, and
// which totals changed with it; the zero time: it was not.
func Renewed(s licence.State, custID string, now time.Time) (time.Time, []Total) {
	end, ok := s.History.Numbers["expires/"+licence.Lower(custID)]
	if !ok || end.Was == "" || end.Value <= end.Was {
		return time.Time{}, nil
	}
	var out []Total
	r := NewReading(s, now, now)
	for _, site := range r.Production() {
		if licence.Lower(site.Installation.CustID) != licence.Lower(custID) {
			continue
		}
		for _, m := range site.Modules {
			n := s.History.Numbers[r.numberOf("total", m)]
			was, err := strconv.Atoi(n.Was)
			is, e := strconv.Atoi(n.Value)
			if err == nil && e == nil && (m.Judged || is == 0) && !n.Since.Before(end.Since) {
				out = append(out, Total{m.Subject.ID, was, is})
			}
		}
	}
	return end.Since, out
}
