// Package lawtest holds a state of an account to what must be so of every state, for tests that draw states
// without end: the walk through one account (shared/casework) and the simulator (infra/sim). N1 and so on are the
// numbers of what the rules call never.
package lawtest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// A State is one with all that is diagnosed of it.
type State struct {
	licence.State
	Now       time.Time
	Reading   *diagnosis.Reading
	Diagnosis diagnosis.Diagnosis
	Verdicts  map[string]diagnosis.Verdict // of every rule, the hidden ones too
}

// Seen is a state as it is at an instant.
func Seen(s licence.State, now time.Time) *State {
	l := &State{s, now, diagnosis.NewReading(s, now, now), diagnosis.Diagnose(s, now, now), map[string]diagnosis.Verdict{}}
	for _, v := range diagnosis.RunRules(l.Reading, diagnosis.Rules) {
		l.Verdicts[l.Reading.Fingerprint(v.Code, v.Subject)] = v
	}
	return l
}

// first is the first thing that any of several say.
func first(says ...func() string) string {
	for _, say := range says {
		if said := say(); said != "" {
			return said
		}
	}
	return ""
}

// Broken is the first law that the state breaks; "": none.
func (l *State) Broken() string { return first(l.once, l.numbers, l.ends, l.activates, l.closed) }

// once: every rule answers once about a subject.
func (l *State) once() string {
	seen := map[string]bool{}
	for _, f := range slices.Concat(l.Diagnosis.Findings, l.Diagnosis.Passed, l.Diagnosis.Unknown) {
		switch {
		case seen[f.Fingerprint]:
			return fmt.Sprintf("%s of %v stands twice in the diagnosis", f.Code, f.Subject)
		case f.Error:
			return fmt.Sprintf("%s panicked", f.Code)
		}
		seen[f.Fingerprint] = true
	}
	return ""
}

// Tasks: a task is open while its finding stands, and a finding that has been open for a quarter of an hour, and is
// somebody's, has one. Slack is how much later than due the account may have been looked at.
func (l *State) Tasks(slack time.Duration) string {
	stands := map[string]bool{}
	for _, f := range l.Diagnosis.Findings {
		stands[f.Fingerprint] = true
		p := l.History.Findings[f.Fingerprint]
		if p == nil {
			return fmt.Sprintf("%s of %v stands, and is not remembered", f.Code, f.Subject)
		}
		settled := !p.Noticed.Add(licence.Quarter + slack).After(l.Now)
		if f.State == "open" && f.Owner != licence.Nobody && f.Owner != licence.EndUser && f.Owner != licence.Ops && settled && !p.Task.Open() {
			return fmt.Sprintf("%s of %v has been open since %s, and is nobody's task", f.Code, f.Subject, p.Noticed)
		}
		if p.Task.Open() && p.Noticed.Add(licence.Quarter-slack).After(l.Now) {
			return fmt.Sprintf("%s of %v was noticed at %s, and is a task already", f.Code, f.Subject, p.Noticed)
		}
	}
	for fp, p := range l.History.Findings {
		if p.Task.Open() && !stands[fp] {
			return fmt.Sprintf("%s of %v is gone, and its task is open: %+v", p.Code, p.Subject, l.Verdicts[fp])
		}
	}
	return ""
}

// numbers of all that stands and is to come, and N4: a finding names nothing outside its account.
func (l *State) numbers() string {
	for _, f := range slices.Concat(l.Diagnosis.Findings, l.Diagnosis.Upcoming) {
		if said := first(func() string { return printed(f) }, func() string { return l.surplus(f) }, func() string { return l.names(f) }); said != "" {
			return said
		}
	}
	return ""
}

// value is what the evidence of a finding has by a name.
func value(f diagnosis.Finding, name string) any {
	for _, e := range f.Evidence {
		if e.Name == name {
			return e.Value
		}
	}
	return nil
}

// printed: N12, what is printed was computed from what is printed.
func printed(f diagnosis.Finding) string {
	for _, r := range f.Remedies {
		if r.Need > f.Need || r.Need < 0 {
			return fmt.Sprintf("N12: %s of %v needs %d, and its remedy %s is for %d", f.Code, f.Subject, f.Need, r.ID, r.Need)
		}
	}
	if need, ok := f.Args["need"].(int); f.Need < 0 || ok && need != f.Need {
		return fmt.Sprintf("N12: %s of %v needs %d, and prints %d", f.Code, f.Subject, f.Need, need)
	}
	for arg, name := range map[string]string{"due": "due", "users": "users", "days": "days", "version": "version", "ordered": "ordered", "paid": "paid_at"} {
		arg, ok := f.Args[arg]
		if v := value(f, name); ok && v != nil && arg != v {
			return fmt.Sprintf("N12: %s of %v prints %s %v, its evidence is %v", f.Code, f.Subject, name, arg, v)
		}
	}
	return ""
}

// surplus: N12 of a surplus; and N1, nobody is asked for a seat that the order covers.
func (l *State) surplus(f diagnosis.Finding) string {
	if f.Code != "surplus" || f.State == "unknown" {
		return ""
	}
	assigned, _ := value(f, "assigned").(int)
	ordered, known := value(f, "ordered").(int)
	limit, _ := value(f, "offered").(int)
	switch {
	case strings.HasPrefix(f.Say, "b"), strings.HasPrefix(f.Say, "c"), strings.HasPrefix(f.Say, "upcoming"):
		limit = ordered
	case strings.HasPrefix(f.Say, "d"):
		if limit, _ = value(f, "total").(int); known {
			limit = max(limit, ordered)
		}
	}
	swapped := 0
	for _, s := range slices.Concat(l.Diagnosis.Findings, l.Diagnosis.Upcoming) {
		if from, _ := diagnosis.Ends(s.Subject.ID); s.Code == "plan-swap" && from == f.Subject.ID && s.Subject.CustID == f.Subject.CustID && s.Starts.Equal(f.Starts) {
			swapped += s.Need
		}
	}
	if f.Need <= 0 || f.Need != assigned-limit-swapped {
		return fmt.Sprintf("N12: %s %s of %v: need %d, of %d assigned, limit %d, swapped %d", f.Code, f.Say, f.Subject, f.Need, assigned, limit, swapped)
	}
	if known && f.Need > assigned-ordered {
		return fmt.Sprintf("N1: %s %s of %v asks for %d of %d seats, %d are ordered", f.Code, f.Say, f.Subject, f.Need, assigned, ordered)
	}
	return ""
}

func (l *State) names(f diagnosis.Finding) string {
	ours := func(cust string) bool {
		return slices.ContainsFunc(l.Reading.A.Installations, func(i licence.Installation) bool { return i.CustID == cust })
	}
	if f.Subject.CustID != "" && !ours(f.Subject.CustID) {
		return fmt.Sprintf("N4: %s is about %v, which is not the customer's", f.Code, f.Subject)
	}
	for _, e := range f.Evidence {
		if e.Name == "production" && !ours(fmt.Sprint(e.Value)) {
			return fmt.Sprintf("N4: %s names %v", f.Code, e.Value)
		}
	}
	return ""
}

// ends: nobody is at risk by an end that was never told.
func (l *State) ends() string {
	for _, s := range l.Reading.Production() {
		if s.AtRisk && s.Expires.IsZero() && !diagnosis.Worse(s.Phase, diagnosis.PhaseUnknown) {
			return fmt.Sprintf("%s is %s and at risk, and no end was told", s.Installation.CustID, s.Phase)
		}
	}
	return ""
}

// differ are pairs of a finding that leads to Activate and one by which order and offer disagree there.
func (l *State) differ(yield func(activate, differs diagnosis.Finding) bool) {
	for _, f := range l.Diagnosis.Findings {
		if f.Code != "order-differs" || f.State != "open" && f.State != "waiting" || !slices.Contains([]string{"a", "b", "f"}, f.Say) {
			continue
		}
		for _, n := range l.Diagnosis.Findings {
			if here := f.Subject.CustID == "" || f.Subject.CustID == n.Subject.CustID; n.Code == "not-activated" && here && !yield(n, f) {
				return
			}
		}
	}
}

// activates: N6, nothing leads to Activate while order and offer disagree.
func (l *State) activates() string {
	for n, f := range l.differ {
		if slices.ContainsFunc(n.Remedies, func(r diagnosis.Remedy) bool { return r.ID == "activate" }) {
			return fmt.Sprintf("N6: %v may be activated, and %v differs: %s", n.Subject, f.Subject, f.Say)
		}
	}
	return ""
}

// closed: N11, a tenant in maintenance is no number.
func (l *State) closed() string {
	for _, f := range l.Diagnosis.Findings {
		seats := slices.Contains([]licence.Code{"surplus", "plan-swap", "not-activated", "activation-refused"}, f.Code)
		closed := func(s *diagnosis.Installation) bool {
			return s.Installation.CustID == f.Subject.CustID && s.State.Value == "maintenance" && l.Now.Sub(s.State.At) < licence.Day
		}
		if seats && f.State != "unknown" && slices.ContainsFunc(l.Reading.Sites, closed) {
			return fmt.Sprintf("N11: %s %v is %s during maintenance", f.Code, f.Subject, f.State)
		}
	}
	return ""
}
