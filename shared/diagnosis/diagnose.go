package diagnosis

import (
	"slices"
	"strings"
	"time"

	"seatmend/shared/licence"
)

// Diagnose runs every rule on what is known, and adds what History knows of each finding. At
// is the instant asked about, now the asking, by which alone freshness is judged.
func Diagnose(s licence.State, now, at time.Time) Diagnosis {
	r := NewReading(s, now, at)
	d := r.Diagnosis(RunRules(r, Rules))
	d.Upcoming, _ = r.Upcoming(d.Findings)
	r.Done()
	return d
}

// Diagnosis is what verdicts say.
func (r *Reading) Diagnosis(verdicts []Verdict) Diagnosis {
	d := r.Standing(verdicts)
	d.Besides = r.besides()
	for i := range verdicts {
		switch v := &verdicts[i]; {
		case v.Hidden:
		case v.Answer == Fails:
			d.Passed = append(d.Passed, r.finding(v))
		case v.Answer == Unknown && !r.goesOnOpen(v):
			f := r.finding(v)
			f.Error = v.Error
			d.Unknown = append(d.Unknown, f)
		}
	}
	SortFindings(d.Passed)
	SortFindings(d.Unknown)
	return d
}

// Standing is of a diagnosis what is found, and what follows from that.
func (r *Reading) Standing(verdicts []Verdict) Diagnosis {
	d := Diagnosis{Account: r.Account, At: r.C.at, Now: r.C.now, Phase: r.Phase, Trial: r.Trial, Several: len(r.Production()) > 1, AsOf: r.asOf(), Left: r.left()}
	d.Shut = len(r.Production()) > 0 && !slices.ContainsFunc(r.Production(), func(s *Installation) bool { return !slices.Contains(gone, s.State.Value) })
	holds := 0
	for i := range verdicts {
		if v := &verdicts[i]; v.Answer == Holds && !v.Hidden {
			holds++
		}
	}
	d.Findings = slices.Grow(d.Findings, holds)
	for i := range verdicts {
		switch v := &verdicts[i]; {
		case v.Hidden:
		case v.Answer == Holds:
			d.Findings = append(d.Findings, r.finding(v))
		case v.Answer == Unknown && r.goesOnOpen(v):
			f := r.finding(v)
			f.Error, f.State, f.FirstSeen = v.Error, licence.Unsettled, r.h.Findings[f.Fingerprint].FirstSeen
			d.Findings = append(d.Findings, f)
		}
	}
	d.Findings = append(d.Findings, r.lost()...)
	SortFindings(d.Findings)
	d.Summary = r.summary(d, verdicts)
	return d
}

// goesOnOpen tells whether what is not known any more stands remembered with an open task.
func (r *Reading) goesOnOpen(v *Verdict) bool {
	past := r.h.Findings[v.Fingerprint(r)]
	return past != nil && past.Open && past.Task.Open()
}

// lost are the findings of which no verdict speaks any more, because their rule has turned
// unknown as a whole: while their tasks are open they stay, in state unknown.
func (r *Reading) lost() []Finding {
	var out []Finding
	for _, fp := range licence.SortedKeys(r.h.Findings) {
		p := r.h.Findings[fp]
		if !p.Open || !p.Task.Open() || slices.ContainsFunc(r.Found, func(v Verdict) bool { return v.of(p) }) {
			continue
		}
		if v := r.TurnedUnknown(p); v != nil {
			f := r.finding(v)
			f.Code, f.Subject, f.Fingerprint, f.State = p.Code, p.Subject, fp, licence.Unsettled
			f.FirstSeen, f.Owner, f.WaitingFor, f.Until = p.FirstSeen, p.Task.Owner, "", time.Time{}
			out = append(out, f)
		}
	}
	return out
}

// TurnedUnknown is the verdict by which the rule of a finding that no longer stands has only
// turned unknown, which ends nothing; nil: it has not.
func (r *Reading) TurnedUnknown(p *licence.Past) *Verdict {
	for i := range r.Found {
		v := &r.Found[i]
		here := strings.EqualFold(v.Subject.CustID, p.Subject.CustID)
		switch {
		case v.Answer != Unknown || v.Hidden || p.Apart:
		case v.Code == p.Code && (v.Subject.Kind == "account" || here && v.Subject.ID == p.Subject.ID):
			return v
		case v.Code == licence.Surplus && p.Code == licence.PlanSwap && here:
			// A pair is made of two modules: while one of them is unknown, so is the pair.
			if a, b := Ends(p.Subject.ID); v.Subject.ID == a || v.Subject.ID == b {
				return v
			}
		}
	}
	return nil
}

// summary is the account in one word.
func (r *Reading) summary(d Diagnosis, verdicts []Verdict) licence.Summary {
	needs, waits, unknown := false, false, false
	for _, f := range d.Findings {
		switch f.State {
		case licence.Open:
			needs = needs || f.Owner != licence.Nobody && f.Owner != licence.EndUser && f.Owner != licence.Ops
		case licence.Waiting, licence.Verifying:
			waits = true
		case licence.Unsettled:
			unknown = true
		}
	}
	for _, s := range r.Production() {
		unknown = unknown || s.undated()
		by := s.checkBy(r.Cal.Zone)
		ended := s.Phase == PhaseGrace || s.Phase == PhaseExpired
		if Worse(s.Phase, PhaseUnknown) && (by.IsZero() || ended) && !slices.ContainsFunc(d.Findings, func(f Finding) bool { return f.Explains }) {
			unknown = true // users are warned, or locked out, and nothing says why
		}
		if !s.AtRisk || !s.doubted && !by.IsZero() && !r.C.Past(by) {
			continue
		}
		for i := range verdicts {
			v := &verdicts[i]
			here := v.Subject.CustID == "" || v.Subject.CustID == s.Installation.CustID
			unknown = unknown || v.Answer == Unknown && !v.Hidden && here && s.explains(v.Code) && !r.goesOnOpen(v)
		}
	}
	switch {
	case needs:
		return licence.NeedsAction
	case waits:
		return licence.AllWaiting
	case unknown || r.Phase == PhaseUnknown:
		return licence.NotKnown
	}
	return licence.AllWell
}

// foreseeing are the rules that are forecast, and those that hide them: what the others say of a
// later instant nobody is told.
func foreseeing() []Rule {
	out := make([]Rule, 0, len(Rules))
	for _, rule := range Rules {
		if rule.foreseen() {
			out = append(out, rule)
		}
	}
	return out
}

func (rule *Rule) foreseen() bool {
	return slices.Contains(forecast, rule.Code) || slices.Contains(hiding, rule.Code)
}

// Upcoming is what the same rules will say at the next instants of change, as far as known
// facts settle it.
func (r *Reading) Upcoming(standing []Finding) (out []Finding, faults []licence.Fault) {
	return r.Foreseen(standing, foreseeing())
}

// Foreseen is what some rules will say then.
func (r *Reading) Foreseen(standing []Finding, rules []Rule) (out []Finding, faults []licence.Fault) {
	last := make(map[string]int, len(standing))
	for i := range standing {
		last[standing[i].Fingerprint] = standing[i].Need
	}
	end := r.C.at.Add(400 * licence.Day)
	later := r.onward()
	defer later.Done()
	for next, steps := r.C.NextAt, 0; !next.IsZero() && next.Before(end) && steps < 64; steps++ {
		later.read(NewClock(r.C.now, next))
		here := make(map[string]bool, len(last))
		for i := range RunRules(later, rules) {
			v := &later.Found[i]
			if v.Hidden || v.Answer != Holds || !slices.Contains(forecast, v.Code) {
				continue
			}
			f := later.finding(v)
			here[f.Fingerprint] = true
			if need, ok := last[f.Fingerprint]; ok && need == f.Need || f.State != licence.Open {
				continue
			}
			last[f.Fingerprint] = f.Need
			f.Starts = next
			ahead(later, &f, r.C.now)
			out = append(out, f)
		}
		for fp := range last {
			if !here[fp] {
				delete(last, fp)
			}
		}
		faults = append(faults, later.Faults...)
		next = later.C.NextAt
	}
	return out, faults
}

// ahead words a finding as one that is to come: there is time, and nothing to do today. It is not
// why a warning is shown now.
func ahead(r *Reading, f *Finding, now time.Time) {
	f.Explains = false
	if end, ok := f.Args["end"].(licence.Date); ok && f.Code == licence.SubscriptionEnded {
		f.Deadline.ActBy = r.tellBy(end, f.Deadline.At, now)
	}
	if d := &f.Deadline; d.At != "" && d.ActBy > d.At {
		// It begins after the licence has stopped: acting helps before that.
		d.ActBy = max(r.before(r.Cal, d.At, 0), licence.DateOf(now, r.Cal.Zone))
	}
	if f.Code != licence.Surplus || f.Say != "c" && f.Say != "c-suite" {
		return
	}
	f.Say = "upcoming"
	if len(f.Subject.ID) == 0 {
		f.Say = "upcoming-suite"
	}
	starts := licence.DateOf(f.Starts, r.Cal.Zone)
	f.Args["starts"] = starts
	f.Deadline = Deadline{ActBy: r.Cal.Before(starts, 0), At: starts, Consequence: "reduction"}
	f.Severity = licence.Medium
	if f.Starts.Sub(now) > licence.Risk*licence.Day {
		f.Severity = licence.Low
	}
}
