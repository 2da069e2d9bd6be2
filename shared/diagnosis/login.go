package diagnosis

import (
	"strings"
	"time"

	"seatmend/shared/licence"
)

// logins parts the warned logins that named the installation: those at its own address, and the
// latest of those at an address that is another's, which are evidence for nothing here.
func (s *Installation) logins(a *licence.AccountChanged) {
	part := func(l *licence.Reg[licence.LoginWarned]) {
		switch {
		case !l.Told():
		case a.Elsewhere(s.Installation, licence.PlaceOf(l.Value.URL)):
			s.Strayed.Put(l.Stamp, l.Value)
		default:
			s.Login.Put(l.Stamp, l.Value)
		}
	}
	part(&s.KnownInstallation.Login) // it has the words
	for _, l := range s.KnownInstallation.Logins {
		part(&l)
	}
	for _, w := range s.KnownInstallation.Warned {
		if !a.Elsewhere(s.Installation, w.Place) {
			s.warnings = append(s.warnings, w)
		}
	}
}

// Astray are the right addresses for a user who was warned at one that is none of the customer's
// installation, or in an installation that the customer does not list; nil: the user is right.
func Astray(s licence.State, p licence.LoginWarned, now time.Time) []string {
	r := NewReading(s, now, now)
	production := r.Production()
	for _, i := range r.A.Installations {
		if !strings.EqualFold(i.CustID, p.CustID) {
			continue
		}
		if !r.A.Elsewhere(i, licence.PlaceOf(p.URL)) {
			return nil
		}
		for _, own := range production {
			if own.KnownInstallation.CustID == licence.Lower(i.CustID) {
				return addresses([]*Installation{own})
			}
		}
	}
	return addresses(production)
}

// hear reads what the latest warned login says beside the licence. It lifts the phase until a
// newer licence read, fourteen days at most, unless it is about no lapse: more days are left
// than anybody is warned of, or the very days of a licence that is well.
func (s *Installation) hear(c *Clock, zone *time.Location) {
	s.watch(c)
	login := s.Login
	if !login.Told() {
		return
	}
	newer := login.At.After(s.ReadAt)
	lasts := !c.Past(login.At.Add(licence.Decay))
	var says licence.Date
	known, calm := false, false // the licence that was told knows of it; it is no lapse
	if left := login.Value.DaysLeft; left != nil {
		on := licence.DateOf(login.At, zone)
		says = on.Add(*left)
		if s.ExpiresOn != "" || s.endless {
			agrees := says >= "9999"
			if !s.endless {
				// The count ends at the expiry, and stays 0 in grace.
				off := max(0, licence.DaysBetween(on, s.ExpiresOn)) - *left
				agrees = -2 <= off && off <= 2
			}
			known = agrees && s.datePhase(c.Past) == PhaseOK && s.fresh(c, "licence", s.ReadAt)
			s.belied = newer && !agrees
		}
		calm = *left > licence.Risk || known && s.Risk.IsZero()
	}
	lifts := newer && !known && !calm
	s.Owes = s.belied && s.Connected
	s.Calm = lasts && calm
	s.Warned = lasts && (!calm || s.Kind != licence.Production)
	s.Lifted = s.Lifted || lifts && lasts
	if lifts && c.now.Before(login.At.Add(licence.Decay)) {
		s.warnedFrom = licence.Earliest(s.warnedFrom, login.At)
		for _, w := range s.warnings {
			if w.At.After(s.ReadAt) {
				s.warnedFrom = licence.Earliest(s.warnedFrom, w.At)
			}
		}
	}
	over := s.belied && !s.Connected
	if over {
		// What was read before is over, also when the login is forgotten: till then the dates are its own.
		s.dates = dates{}
	}
	if over && lasts || s.Lifted && s.ExpiresOn == "" && !s.endless && says != "" {
		s.end(says, says.Start(zone), zone)
		if s.follows = true; *login.Value.DaysLeft == 0 {
			s.end("", s.Expires, zone) // the count stays 0 in grace: it has ended, and nobody told on which day
		}
	}
}

// watch reads the warning that the installation says that it shows. It counts as a warned login does,
// and says nothing of any user: it lifts the phase until a newer licence is told without it, fourteen days
// at most, unless its words are about no lapse. That a source had nothing new leaves it as it was.
func (s *Installation) watch(c *Clock) {
	shown := s.KnownInstallation.Shown
	if shown.Value.Text == "" || shown.At.Before(licence.Latest(s.Report.At, s.L.CheckedAt)) || Besides(shown.Value.Text) != "other" {
		return
	}
	s.Shown = !c.Past(shown.At.Add(licence.Decay))
	s.Lifted = s.Shown
	if c.now.Before(shown.At.Add(licence.Decay)) {
		s.warnedFrom = s.shownSince
	}
}

// shownEvidence is SuperOffice's own warning, in its words.
func (s *Installation) shownEvidence() Evidence {
	shown := s.KnownInstallation.Shown
	return Evidence{"warning", shown.Value.Text, shown.Source, shown.At, s.named("warning")}
}
