package casework

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"seatmend/shared/licence"
)

// neverAgain is how long nothing goes to somebody who complained of a mail.
const neverAgain = 3650 * licence.Day

// Returned enters that a mail came back after it was taken, or that whoever got it complains of it:
// nothing goes to that address for a while, what was said there counts as not said, and so goes to the
// next contact of the role, or ops hear that there is none. False: the account sent no such mail, or
// this is known.
func Returned(s licence.State, mail string, complained bool, said string, now time.Time) (licence.Change, bool) {
	is := func(x licence.Mailed) bool { return x.Mail == mail && x.Draft == "" && x.Address != "" }
	at := slices.IndexFunc(s.History.Mailed, is)
	if at < 0 {
		return licence.Change{}, false
	}
	x := s.History.Mailed[at]
	key := strings.ToLower(x.Address)
	u := s.History.Unsent[key]
	until := now.Add(refusedFor)
	if complained {
		until = now.Add(neverAgain)
	}
	if u.Bars(now) && u.Next.Sub(now) > refusedFor {
		return licence.Change{}, false // has complained: nothing can be more final
	}
	u = licence.Unsent{To: x.To, Why: x.Why, Since: now, At: now, Tries: 1, Next: until, Final: true, Said: said}
	u.Why = cmp.Or(u.Why, "notice")
	s.History.Mailed = slices.DeleteFunc(slices.Clone(s.History.Mailed), func(m licence.Mailed) bool {
		if is(m) && m.Fingerprint != "" && len(u.About) < maxSpoken {
			u.About = append(u.About, licence.About{Fingerprint: m.Fingerprint, To: m.To, Rank: m.Rank})
		}
		return is(m)
	})
	s.History.Unsent = maps.Clone(s.History.Unsent)
	if s.History.Unsent == nil {
		s.History.Unsent = map[string]licence.Unsent{}
	}
	s.History.Unsent[key] = u
	s.History.Episodes = maps.Clone(s.History.Episodes)
	delete(s.History.Episodes, x.Address) // nobody there waits to hear that it is solved
	c := licence.Change{Account: s.Account, N: s.N, Known: s.Known}
	settle(&c, s, nil, now)
	return c, true
}
