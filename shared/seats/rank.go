package seats

import (
	"slices"
	"time"

	"seatmend/shared/licence"
)

// HoldsAny tells whether the person holds one of the plans; of no plans (a suite, one for all), whether the person can log in.
func HoldsAny(seat licence.Seat, plans []string) bool {
	if len(plans) == 0 {
		return seat.User.Value.CanLogin // of one plan for all: whoever can log in
	}
	return slices.ContainsFunc(plans, func(p string) bool { return seat.Plans[p].Held })
}

// RemovalRank is how safe it is to free a seat: 0 nobody can use it, 1 nobody ever did, 2 idle, 3 in
// use or too new to tell, 4 not known.
func RemovalRank(seat licence.Seat, now time.Time) int {
	u := seat.User.Value
	switch {
	case !u.CanLogin, u.Waiting:
		return 0
	case u.Activity == "never":
		if !u.Created.IsZero() && u.Created.After(now.Add(-licence.TooNew)) {
			return 3
		}
		return 1
	case u.Activity == "unknown" || u.LastActive.IsZero():
		return 4
	case u.LastActive.Before(now.Add(-licence.Idle)):
		return 2
	}
	return 3
}

// StoredRank orders seats for removal, the best to free first: who cannot log in any more, who
// waits for approval, who never logged in, who was longest idle; unknown activity last.
func StoredRank(s licence.Seat) string {
	u := s.User.Value
	switch {
	case !u.CanLogin:
		return "0"
	case u.Waiting:
		return "1"
	case u.Activity == "never":
		return "2" + u.Created.UTC().Format(time.RFC3339)
	case u.Activity == "unknown" || u.LastActive.IsZero():
		return "4"
	}
	return "3" + u.LastActive.UTC().Format(time.RFC3339)
}
