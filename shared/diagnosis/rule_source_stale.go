package diagnosis

import (
	"time"

	"seatmend/shared/licence"
)

// A connected source is silent beyond its limit while a rule needs it. It is told to ops, never
// to the customer. Of what was only ever pushed nobody is silent: it counts as long as TOLD, and
// then its rules are unknown, which says it.
func sourceStale(r *Reading, out []Verdict) []Verdict {
	for _, s := range r.Production() {
		for _, of := range []string{"licence", "requests", "tenant", "users", "version"} {
			checked := s.Checked[of].At
			at := checked
			switch of {
			case "licence":
				at = licence.Latest(checked, s.ReadAt)
			case "users":
				at = licence.Latest(checked, s.Roster.List.At)
			case "tenant":
				at = licence.Latest(checked, s.State.At)
			}
			span := s.Span()
			if of == "version" {
				span = licence.FreshVersion
			}
			if !checked.IsZero() && s.followed(r.C, of) || of == "licence" && s.Connected && s.Told {
				out = append(out, r.silent(s, of, at, span))
			}
		}
	}
	if b := r.K.Profile.Billing; !b.At.IsZero() {
		out = append(out, r.silent(nil, "billing", b.At, licence.Fresh))
	}
	return out
}

func (r *Reading) silent(s *Installation, of string, at time.Time, span time.Duration) Verdict {
	v := Verdict{
		Subject: licence.Subject{Kind: "source", ID: of}, Answer: Fails, Say: "heard", Owner: licence.Ops, Severity: licence.Medium,
		Args:     map[string]any{"source": of, "at": licence.DateOf(at, r.Cal.Zone)},
		Evidence: []Evidence{{Name: "heard", Value: at, Source: of, At: at}},
	}
	if s != nil {
		v.Subject.CustID = s.Installation.CustID
		if s.Failed.Told() && s.Failed.At.After(at) {
			v.Args["error"] = s.Failed.Value.Error
		}
	}
	if r.C.Fresh(at, span) {
		return v
	}
	v.Answer, v.Say, v.Since = Holds, "a", at.Add(span)
	if s != nil && s.AtRisk || s == nil && r.AtRisk() {
		v.Severity = licence.High
	}
	v.Verify = licence.Verify{Kind: "heard"}
	return v
}
