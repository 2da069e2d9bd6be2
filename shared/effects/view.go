package effects

import (
	"context"
	"strings"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/words"
)

// most is how many holders of a plan are looked at to count candidates.
const most = 500

// Options gives the sentences what the pure diagnosis does not see: zone, names, and who could
// give up a seat.
func Options(ctx context.Context, db store.Store, s licence.State, d licence.Diagnosis) (words.Options, error) {
	a := s.Known.Profile.Account.Value
	o := words.Options{
		Zone: licence.NewCalendar(a.Timezone, "").Zone, Account: a.Name, Installations: map[string]string{}, Candidates: map[string]words.Candidates{},
	}
	for _, i := range a.Installations {
		o.Installations[i.CustID] = i.URL
	}
	for _, c := range a.Contacts {
		if c.Role == licence.Billing && o.Billing == "" {
			o.Billing = c.Name
		}
	}
	for _, f := range d.Findings {
		if f.Code != "surplus" || f.State == "unknown" {
			continue
		}
		c, err := candidates(ctx, db, s, f, d.Now)
		if err != nil {
			return o, err
		}
		o.Candidates[f.Fingerprint] = c
	}
	return o, nil
}

// candidates counts who could give up the plan of a surplus, and names the first ten who
// cannot, with the reason.
func candidates(ctx context.Context, db store.Store, s licence.State, f licence.Finding, now time.Time) (words.Candidates, error) {
	var out words.Candidates
	in := s.Known.Inst(f.Subject.CustID)
	plan := f.Subject.ID
	if f.Subject.Kind != "plan" {
		plan = ""
	}
	seats, _, err := db.Candidates(ctx, s.Account, in.CustID, in.Roster.ID, plan, store.Page{Limit: most})
	if err != nil {
		return out, err
	}
	admins := Admins(seats)
	for _, seat := range seats {
		if b := Blocked(s, seat, plan, admins, now); len(b) == 0 {
			out.Count++
		} else if len(out.Blocked) < 10 {
			out.Blocked = append(out.Blocked, licence.BlockedUser{User: seat.User.Value.ID, Code: b[0].Code, Count: b[0].Count})
		}
	}
	return out, nil
}

// Admins counts the administrators who can log in.
func Admins(seats []licence.Seat) int {
	n := 0
	for _, s := range seats {
		if s.User.Value.Admin && s.User.Value.CanLogin {
			n++
		}
	}
	return n
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
	if u.Admin && u.CanLogin && admins <= 1 {
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
