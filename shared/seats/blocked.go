package seats

import (
	"slices"
	"strings"
	"time"

	"seatmend/shared/licence"
)

// Has tells whether one of the reasons has one of the codes.
func Has(bs []licence.Blocker, codes ...string) bool {
	return slices.ContainsFunc(bs, func(b licence.Blocker) bool { return slices.Contains(codes, b.Code) })
}

// Blocked tells why a plan cannot, or should not, be taken from a person now; the reasons that
// SuperOffice itself gives first.
func Blocked(s licence.State, seat licence.Seat, plan string, admins int, now time.Time) []licence.Blocker {
	u := seat.User.Value
	var out []licence.Blocker
	requests := 0
	for id, h := range seat.Plans {
		if plan == "" || id == plan {
			requests = max(requests, h.Requests)
		}
	}
	if requests > 0 {
		out = append(out, licence.Blocker{Code: "open-requests", Count: requests})
	}
	out = append(out, u.Blockers...)
	if Administers(u) && admins <= 1 {
		out = append(out, licence.Blocker{Code: "last-admin"})
	}
	if u.Protected {
		out = append(out, licence.Blocker{Code: "protected"})
	}
	zone := licence.NewCalendar(s.Known.Profile.Account.Value.Timezone, "").Zone
	if u.LeaveUntil != "" && u.LeaveUntil.Add(1).Start(zone).After(now) {
		out = append(out, licence.Blocker{Code: "on-leave"})
	}
	for _, c := range s.Known.Profile.Account.Value.Contacts {
		if c.Role == licence.Admin && (c.User != "" && c.User == u.ID || strings.EqualFold(c.Email, u.Email)) {
			out = append(out, licence.Blocker{Code: "reader"})
			break
		}
	}
	return out
}
