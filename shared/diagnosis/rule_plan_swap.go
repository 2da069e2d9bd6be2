package diagnosis

import (
	"sort"
	"strings"

	"seatmend/shared/licence"
)

// FAQ cause 1, as its later revisions have it: ten of one plan exchanged for ten of another
// shows as a surplus of ten on the first. One proposal instead of two puzzles.
func planSwap(r *Reading, out []Verdict) []Verdict {
	for _, s := range r.Production() {
		for _, p := range r.swaps(s) {
			v := r.swapOf(s, p)
			v.Hidden = p.a.Wrong || p.b.Wrong
			out = append(out, v)
		}
	}
	return out
}

// A swap is a pair of modules of which one loses what the other gains.
type swap struct {
	a, b *Module
	k    int
	sure bool
}

// swaps pairs the surplus of one module with the gain of another, the largest pair first.
func (r *Reading) swaps(s *Installation) []swap {
	if !s.Fresh || s.maintained() || !s.offers() {
		return nil
	}
	var lose, win []*Module
	over, gain := map[*Module]int{}, map[*Module]int{}
	total, offered := map[bool]int{}, map[bool]int{} // of plans, and of add-ons
	for _, m := range s.Modules {
		if !m.Judged || m.Suite {
			continue
		}
		total[m.Addon] += m.T.N
		offered[m.Addon] += m.O.N
		if kind, n, _ := r.surplusCase(s, m); kind == "a" {
			lose, over[m] = append(lose, m), n
		}
		if m.O.N > m.T.N && m.O.N > m.A.N {
			win, gain[m] = append(win, m), m.O.N-m.A.N
		}
	}
	var out []swap
	for {
		var best swap
		for _, a := range lose {
			for _, b := range win {
				// An add-on replaces no plan: who has it needs a plan beside it.
				if k := min(over[a], gain[b]); a != b && a.Addon == b.Addon && k > best.k {
					best = swap{a: a, b: b, k: k}
				}
			}
		}
		if best.k == 0 {
			break
		}
		over[best.a] -= best.k
		gain[best.b] -= best.k
		one := r.Since(best.a.B.Evidence)
		best.sure = total[best.a.Addon] == offered[best.a.Addon] || family(best.a) != "" && family(best.a) == family(best.b) ||
			best.a.Order == orderKnown && best.b.Order == orderKnown && one.Equal(r.Since(best.b.B.Evidence)) && best.a.Once > best.a.B.N
		out = append(out, best)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].k > out[j].k })
	return out
}

func family(m *Module) string {
	if len(m.Plans) > 0 {
		return m.Plans[0].Family
	}
	return ""
}

func (r *Reading) swapOf(s *Installation, p swap) Verdict {
	v := s.verdict(Holds)
	v.Subject = licence.Subject{Kind: "pair", ID: p.a.Subject.ID + ">" + p.b.Subject.ID, CustID: s.Installation.CustID}
	v.Owner, v.Need, v.Say = licence.Admin, p.k, "question"
	if p.sure {
		v.Say = "sure"
	}
	now := min(p.k, max(0, p.b.T.N-p.b.A.N))
	v.Args["from"], v.Args["to"], v.Args["need"], v.Args["now"] = p.a.Name, p.b.Name, p.k, now
	v.Args["scim"] = s.KnownInstallation.FromDirectory()
	named := func(e Evidence, name string) Evidence { e.Name = name; return e }
	v.Evidence = []Evidence{
		named(p.a.A.Evidence, "assigned"), named(p.a.O.Evidence, "offered"),
		named(p.b.A.Evidence, "assigned_to"), named(p.b.T.Evidence, "total_to"), named(p.b.O.Evidence, "offered_to"),
	}
	if now > 0 {
		v.Remedies = append(v.Remedies, Remedy{ID: "move-now", Mode: "guided", Need: now})
	}
	if p.k > now {
		v.Remedies = append(v.Remedies, Remedy{ID: "free-activate-give", Mode: "guided", Need: p.k - now})
	}
	v.Remedies = append(v.Remedies, Remedy{ID: "numbers-wrong", Mode: "guided"})
	v.Deadline = r.deadline(s, 0, "surplus")
	v.Explains = s.explains(licence.PlanSwap)
	v.Verify = s.Activated(p.a, p.b)
	tell := Tell{To: licence.Admin, Rank: s.ladder()}
	for _, m := range []*Module{p.a, p.b} {
		if m.Order == orderKnown {
			tell.Rested = licence.Latest(tell.Rested, m.Settles(r))
		}
	}
	if s.Phase == PhaseOK {
		tell.From = licence.Earliest(s.checkDay(r.Cal.Zone), s.riskFrom())
	}
	v.Tell = []Tell{tell}
	if s.tried(true) {
		v.State = licence.Verifying
	}
	if fp := r.unpaid(s); fp != "" {
		v.Blocked, v.Tell = append(v.Blocked, fp), nil
	}
	return v
}

// Ends are the two plan ids of a swap's subject.
func Ends(pair string) (a, b string) {
	a, b, _ = strings.Cut(pair, ">")
	return a, b
}
