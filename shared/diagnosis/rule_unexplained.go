package diagnosis

import (
	"slices"
	"strings"
	"time"

	"seatmend/shared/licence"
)

// The end of the FAQ: "If none fits, support." The licence will lapse and no rule explains
// it; support gets the bundle, with the list of what is not known.
func unexplained(r *Reading, out []Verdict) []Verdict {
	for _, s := range r.Production() {
		out = append(out, r.unexplainedOf(s))
	}
	return out
}

func (r *Reading) unexplainedOf(s *Installation) Verdict {
	v := s.verdict(Fails)
	v.Owner, v.Informed = licence.Support, []licence.Role{licence.Admin}
	zone := r.Cal.Zone
	by := s.checkBy(zone)
	warned := s.Warned && s.Login.At.After(s.ReadAt) || s.Shown
	switch {
	case !Worse(s.Phase, PhaseUnknown) && !warned:
		v.Say = "no-warning"
		if s.Phase == PhaseUnknown {
			v.Say = "none-told"
		}
		return v
	case by.IsZero() && s.Told:
		v.Answer, v.Say = Unknown, "stale"
		return v
	case s.Told && !r.C.Past(by):
		v.Say = "not-asked"
		return v
	case !s.Fresh || !s.ReadAt.After(by) || s.maintained():
		v.Answer, v.Say, v.Evidence = Unknown, s.unseen(), s.staleEvidence()
		return v
	}
	var unknown []string
	for i := range r.Found {
		f := &r.Found[i]
		if f.Hidden {
			continue
		}
		here := f.Concerns(s)
		if f.Answer == Holds && f.Explains && here {
			v.Say = "explained"
			return v
		}
		if f.Answer == Unknown && here && s.explains(f.Code) {
			unknown = append(unknown, string(f.Code))
			v.Since = licence.Latest(v.Since, f.Since) // until then it waited, and explained it
		}
	}
	v.Answer, v.Say, v.Cause = Holds, "a", s.came()
	v.Args["unknown"] = unknown
	v.Evidence = []Evidence{s.value("expires", s.L.Expires, "expires"), {"licence_read", s.ReadAt, s.Report.Source, s.ReadAt, s.named("asked")}}
	switch v.Cause {
	case "longer":
		v.Args["new_expires"] = s.L.NewExpires
	case "unfetched":
		v.Args["fetched"] = licence.DateOf(s.LastFetch.Value.At, r.Cal.Zone)
		v.Evidence = append(v.Evidence, Evidence{Name: "last_fetch", Value: false, Source: s.LastFetch.Source, At: s.LastFetch.At})
	}
	v.Since = licence.Latest(v.Since, by, s.Warns, r.explainedUntil(s))
	v.Explains = true
	v.Deadline = r.deadline(s, 1, "support")
	v.Verify = licence.Verify{Kind: "gone", CustID: s.Installation.CustID, Expires: s.ExpiresOn}
	v.Tell = []Tell{{To: licence.Admin, Rank: 1, Max: 1}}
	if len(unknown) > 0 {
		span := 24 * time.Hour
		if s.Phase == PhaseGrace || s.Phase == PhaseExpired {
			span = 4 * time.Hour
		}
		v.Waits = []Wait{{For: "unknown", Span: span}}
	}
	return v
}

// explainedUntil is when the last finding ended that could explain the warning, which may be now;
// zero: there was none.
func (r *Reading) explainedUntil(s *Installation) (end time.Time) {
	for _, p := range r.h.Findings {
		v := Verdict{Subject: p.Subject}
		if p.Ahead || p.Apart || p.Code == licence.Unexplained || !s.explains(p.Code) || !v.Concerns(s) {
			continue
		}
		stands := slices.ContainsFunc(r.Found, func(f Verdict) bool { return f.Answer == Holds && f.of(p) })
		switch {
		case !p.Open:
			end = licence.Latest(end, p.Gone)
		case !stands && r.TurnedUnknown(p) == nil:
			end = licence.Latest(end, r.C.At())
		}
	}
	return end
}

// came is what has come of the installation's wish for a new licence, as far as it is told.
func (s *Installation) came() string {
	switch {
	case s.Longer:
		return "longer"
	case s.L.Offered:
		return "no-longer"
	case s.Fetch == "file":
		return "by-file"
	case s.Unfetched:
		return "unfetched"
	}
	return "nothing"
}

// Concerns tells whether a verdict is about the installation, by itself or among others.
func (v *Verdict) Concerns(s *Installation) bool {
	if v.Subject.CustID == "" && len(v.Sites) > 0 {
		return slices.Contains(v.Sites, s.Installation.CustID)
	}
	return v.Subject.CustID == "" || strings.EqualFold(v.Subject.CustID, s.Installation.CustID)
}
