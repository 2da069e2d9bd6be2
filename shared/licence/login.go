package licence

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
)

// placeOf is where somebody logged in, as far as it tells installations apart: the host and the
// first part of the path, in lower case; "": the address does not say.
func placeOf(address string) string {
	if !strings.Contains(address, "//") {
		address = "//" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return ""
	}
	first, _, _ := strings.Cut(strings.TrimLeft(u.Path, "/"), "/")
	place := lower(strings.TrimSuffix(u.Hostname(), ".") + "/" + first)
	if len(place) > 300 {
		return ""
	}
	return place
}

// elsewhere tells whether a place is another installation's. Onsite each has a host of its own;
// online they share hosts, and the CustID in the path tells them apart.
func (a AccountChanged) elsewhere(i Installation, place string) bool {
	host, path, _ := strings.Cut(place, "/")
	if i.Hosting == "onsite" {
		own, _, _ := strings.Cut(placeOf(i.URL), "/")
		return host != "" && own != "" && host != own
	}
	return path != lower(i.CustID) && (looksLikeCustID(path) || a.lists(path))
}

func looksLikeCustID(s string) bool {
	digits, ok := strings.CutPrefix(s, "cust")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// lists tells whether the customer has an installation of that CustID.
func (a AccountChanged) lists(custID string) bool {
	return slices.ContainsFunc(a.Installations, func(i Installation) bool { return strings.EqualFold(i.CustID, custID) })
}

// logins parts the warned logins that named the installation: those at its own address, and the
// latest of those at an address that is another's, which are evidence for nothing here.
func (s *Site) logins(a AccountChanged) {
	all := append([]Reg[LoginWarned]{s.Inst.Login}, slices.Collect(maps.Values(s.Inst.Logins))...) // the first has the words
	for _, l := range all {
		switch {
		case !l.Told():
		case a.elsewhere(s.Installation, placeOf(l.Value.URL)):
			s.Strayed.Put(l.Stamp, l.Value)
		default:
			s.Login.Put(l.Stamp, l.Value)
		}
	}
	for _, w := range s.Inst.Warned {
		if !a.elsewhere(s.Installation, w.Place) {
			s.warnings = append(s.warnings, w)
		}
	}
}

// Astray are the right addresses for a user who was warned at one that is none of the customer's
// installation, or in an installation that the customer does not list; nil: the user is right.
func Astray(s State, p LoginWarned, now time.Time) []string {
	r := NewReading(s, now, now)
	production := r.Production()
	for _, i := range r.A.Installations {
		if !strings.EqualFold(i.CustID, p.CustID) {
			continue
		}
		if !r.A.elsewhere(i, placeOf(p.URL)) {
			return nil
		}
		for _, own := range production {
			if own.Inst.CustID == lower(i.CustID) {
				return addresses([]*Site{own})
			}
		}
	}
	return addresses(production)
}

// hear reads what the latest warned login says beside the licence. It lifts the phase until a
// newer licence read, fourteen days at most, unless it is about no lapse: more days are left
// than anybody is warned of, or the very days of a licence that is well.
func (s *Site) hear(c *Clock, zone *time.Location) {
	login := s.Login
	if !login.Told() {
		return
	}
	newer := login.At.After(s.ReadAt)
	lasts := !c.Past(login.At.Add(Decay))
	var says Date
	known, calm := false, false // the licence that was told knows of it; it is no lapse
	if left := login.Value.DaysLeft; left != nil {
		on := DateOf(login.At, zone)
		says = on.Add(*left)
		if s.ExpiresOn != "" || s.endless {
			agrees := says >= "9999"
			if !s.endless {
				// The count ends at the expiry, and stays 0 in grace.
				off := max(0, daysBetween(on, s.ExpiresOn)) - *left
				agrees = -2 <= off && off <= 2
			}
			known = agrees && s.datePhase(c.Past) == PhaseOK && s.fresh(c, "licence", s.ReadAt)
			s.belied = newer && !agrees
		}
		calm = *left > Risk || known && s.risk.IsZero()
	}
	lifts := newer && !known && !calm
	s.Owes = s.belied && s.Connected
	s.Calm = lasts && calm
	s.Warned = lasts && (!calm || s.Kind != production)
	s.lifted = lifts && lasts
	if lifts && c.now.Before(login.At.Add(Decay)) {
		s.warnedFrom = login.At
		for _, w := range s.warnings {
			if w.At.After(s.ReadAt) {
				s.warnedFrom = earliest(s.warnedFrom, w.At)
			}
		}
	}
	over := s.belied && !s.Connected
	if over {
		// What was read before is over, also when the login is forgotten: till then the dates are its own.
		s.Warns, s.Expires, s.Grace = time.Time{}, time.Time{}, time.Time{}
		s.ExpiresOn, s.GraceOn, s.endless = "", "", false
	}
	if over && lasts || s.lifted && s.ExpiresOn == "" && !s.endless && says != "" {
		s.ExpiresOn, s.Expires, s.follows = says, says.Start(zone), true
		if *login.Value.DaysLeft == 0 {
			s.ExpiresOn = "" // the count stays 0 in grace: it has ended, and nobody told on which day
		}
	}
}
