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
	d.Upcoming, _ = Upcoming(&s, r.Cal, now, at, r.C.NextAt, d.Findings, Foreseeing())
	return d
}

func (r *Reading) Diagnosis(verdicts []Verdict) Diagnosis {
	d := Diagnosis{Account: r.Account, At: r.C.at, Now: r.C.now, Phase: r.Phase, Trial: r.Trial, Several: len(r.Production()) > 1, AsOf: r.asOf(), Left: r.left(), Besides: r.besides()}
	for _, v := range verdicts {
		if v.Hidden {
			continue
		}
		switch v.Answer {
		case Holds:
			d.Findings = append(d.Findings, r.finding(v))
		case Fails:
			d.Passed = append(d.Passed, r.finding(v))
		case Unknown:
			f := r.finding(v)
			f.Error = v.Error
			past := r.h.Findings[f.Fingerprint]
			if past != nil && past.Open && past.Task.Open() {
				f.State, f.FirstSeen = "unknown", past.FirstSeen
				d.Findings = append(d.Findings, f)
				continue
			}
			d.Unknown = append(d.Unknown, f)
		}
	}
	d.Findings = append(d.Findings, r.lost()...)
	SortFindings(d.Findings)
	SortFindings(d.Passed)
	SortFindings(d.Unknown)
	d.Summary = r.summary(d)
	return d
}

// lost are the findings of which no verdict speaks any more, because their rule has turned
// unknown as a whole: while their tasks are open they stay, in state unknown.
func (r *Reading) lost() []Finding {
	spoken := map[string]bool{}
	for _, v := range r.Found {
		spoken[r.Fingerprint(v.Code, v.Subject)] = true
	}
	var out []Finding
	for _, fp := range licence.SortedKeys(r.h.Findings) {
		p := r.h.Findings[fp]
		if !p.Open || !p.Task.Open() || spoken[fp] {
			continue
		}
		if v := r.TurnedUnknown(p); v != nil {
			f := r.finding(*v)
			f.Code, f.Subject, f.Fingerprint, f.State = p.Code, p.Subject, fp, "unknown"
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
		case v.Code == "surplus" && p.Code == "plan-swap" && here:
			// A pair is made of two modules: while one of them is unknown, so is the pair.
			if a, b := Ends(p.Subject.ID); v.Subject.ID == a || v.Subject.ID == b {
				return v
			}
		}
	}
	return nil
}

// summary is the account in one word.
func (r *Reading) summary(d Diagnosis) string {
	needs, waits, unknown := false, false, false
	for _, f := range d.Findings {
		switch f.State {
		case "open":
			needs = needs || f.Owner != licence.Nobody && f.Owner != licence.EndUser && f.Owner != licence.Ops
		case "waiting", "verifying":
			waits = true
		case "unknown":
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
		for _, f := range d.Unknown {
			here := f.Subject.CustID == "" || f.Subject.CustID == s.Installation.CustID
			unknown = unknown || here && s.couldExplain(f.Code)
		}
	}
	switch {
	case needs:
		return "needs-action"
	case waits:
		return "waiting"
	case unknown || r.Phase == PhaseUnknown:
		return "unknown"
	}
	return "ok"
}

// Foreseeing are the rules that are forecast, and those that hide them: what the others say of a
// later instant nobody is told.
func Foreseeing() []Rule {
	codes := slices.Clone(forecast)
	for code := range hides {
		code, _, _ = strings.Cut(code, ".")
		codes = append(codes, code)
	}
	return slices.DeleteFunc(slices.Clone(Rules), func(rule Rule) bool { return !slices.Contains(codes, rule.Code) })
}

// Upcoming is what the same rules will say at the next instants of change, as far as known
// facts settle it.
func Upcoming(s *licence.State, cal licence.Calendar, now, at, next time.Time, standing []Finding, rules []Rule) (out []Finding, faults []licence.Fault) {
	last := map[string]int{}
	for _, f := range standing {
		last[f.Fingerprint] = f.Need
	}
	end := at.Add(400 * licence.Day)
	for steps := 0; !next.IsZero() && next.Before(end) && steps < 64; steps++ {
		r := ReadAt(s, cal, NewClock(now, next))
		here := map[string]bool{}
		for _, v := range RunRules(r, rules) {
			if v.Hidden || v.Answer != Holds || !slices.Contains(forecast, v.Code) {
				continue
			}
			f := r.finding(v)
			here[f.Fingerprint] = true
			if need, ok := last[f.Fingerprint]; ok && need == f.Need || f.State != "open" {
				continue
			}
			last[f.Fingerprint] = f.Need
			f.Starts = next
			ahead(r, &f, now)
			out = append(out, f)
		}
		for fp := range last {
			if !here[fp] {
				delete(last, fp)
			}
		}
		faults = append(faults, r.Faults...)
		next = r.C.NextAt
	}
	return out, faults
}

// ahead words a finding as one that is to come: there is time, and nothing to do today. It is not
// why a warning is shown now.
func ahead(r *Reading, f *Finding, now time.Time) {
	f.Explains = false
	if end, ok := f.Args["end"].(licence.Date); ok && f.Code == "subscription-ended" {
		f.Deadline.ActBy = r.tellBy(end, f.Deadline.At, now)
	}
	if f.Code != "surplus" || f.Say != "c" && f.Say != "c-suite" {
		return
	}
	f.Say = "upcoming"
	if len(f.Subject.ID) == 0 {
		f.Say = "upcoming-suite"
	}
	starts := licence.DateOf(f.Starts, r.Cal.Zone)
	f.Args["starts"] = starts
	f.Deadline = Deadline{ActBy: r.Cal.Before(starts, 0), At: starts, Consequence: "reduction"}
	f.Severity = "medium"
	if f.Starts.Sub(now) > licence.Risk*licence.Day {
		f.Severity = "low"
	}
}
