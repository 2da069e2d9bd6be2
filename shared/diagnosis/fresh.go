package diagnosis

import (
	"slices"
	"strings"
	"time"

	"seatmend/shared/licence"
)

// fresh tells whether what an installation said of a source at an instant still counts. A source
// that is read, or that says when it was checked, is asked again and again: FRESH. What nobody
// can read, such as a sheet, a person's statement or a push now and then: TOLD.
func (s *Installation) fresh(c *Clock, of string, at time.Time) bool {
	if s.followed(c, of) {
		return c.Fresh(at, s.Span())
	}
	if at.IsZero() {
		return false
	}
	end := at.Add(licence.Told)
	if !s.Risk.IsZero() {
		end = licence.Earliest(end, licence.Latest(at, s.Risk).Add(licence.ToldAtRisk))
	}
	return c.Until(end)
}

// followed tells whether a source of the installation is asked again and again, by us or by
// whoever tells of it.
func (s *Installation) followed(c *Clock, of string) bool {
	return s.Connected || c.Fresh(s.Checked[of].At, licence.Told)
}

// Span is FRESH.
func (s *Installation) Span() time.Duration {
	if !s.Risk.IsZero() {
		return licence.FreshAtRisk
	}
	return licence.Fresh
}

// risks notes since when the licence has been at risk, as it looks now, whatever instant is
// asked about: freshness is judged at now.
func (s *Installation) risks(c *Clock) {
	s.Risk = time.Time{}
	for _, t := range []time.Time{s.Warns, s.riskFrom(), s.Grace, s.warnedFrom} {
		if !t.After(c.now) {
			s.Risk = licence.Earliest(s.Risk, t)
		}
	}
}

// An AsOf says of which day the facts are that a production installation's diagnosis rests on,
// where nobody can read it and they are no longer new.
type AsOf struct {
	CustID string // "" where it is the customer's only one
	Day    licence.Date
	Belied bool         // the day is that of a login, which says otherwise than the facts before it
	Ends   licence.Date // and when the licence ends by it
	site   string
	told   [2]time.Time // the instants that evidence has which rests on them
}

// Rests tells of which day the facts are that a finding rests on, where nobody can read them and
// they are no longer new; "": none of those.
func (d Diagnosis) Rests(f Finding) licence.Date {
	for _, x := range d.AsOf {
		here := f.Subject.CustID == "" || strings.EqualFold(f.Subject.CustID, x.site)
		if !x.Belied && here && slices.ContainsFunc(f.Evidence, func(e Evidence) bool { return slices.Contains(x.told[:], e.At) && !e.At.IsZero() }) {
			return x.Day
		}
	}
	return ""
}

// old tells whether the licence facts of an installation that nobody can read are no longer new.
func (s *Installation) old(c *Clock) bool {
	return s.Told && !s.belied && !s.followed(c, "licence") && !c.Fresh(s.ReadAt, licence.FreshAtRisk)
}

// asOf are the installations of which it is to be said.
func (r *Reading) asOf() (out []AsOf) {
	sites := r.Production()
	for _, s := range sites {
		of := AsOf{Day: licence.DateOf(s.ReadAt, r.Cal.Zone), site: s.Installation.CustID, told: [2]time.Time{s.ReadAt, s.Report.At}}
		switch {
		case s.belied && !s.Connected:
			of = AsOf{Day: licence.DateOf(s.Login.At, r.Cal.Zone), Belied: true, Ends: s.ExpiresOn}
		case !s.old(r.C):
			continue
		}
		if len(sites) > 1 {
			of.CustID = s.Installation.CustID
		}
		out = append(out, of)
	}
	return out
}

// Lately tells whether an installation that we cannot read was heard of within its limit, by
// its licence or by a user who was warned.
func (s *Installation) Lately(c *Clock) bool {
	return s.fresh(c, "licence", licence.Latest(s.ReadAt, s.Login.At))
}
