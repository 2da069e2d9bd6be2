package seats

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// Nobody is proposed for freeing who must not be: the reader, the last administrator, the
// protected, who is on leave, who has open requests.
func TestBlocked(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	var s licence.State
	s.Known.Profile.Account.Value = licence.AccountChanged{Timezone: "Europe/Oslo", Contacts: []licence.Contact{
		{ID: "kari", Email: "kari@nordlys.example", Role: licence.Admin}, {ID: "ola", User: "7", Email: "ola@nordlys.example", Role: licence.Admin},
		{ID: "per", Email: "per@nordlys.example", Role: licence.Billing},
	}}
	seat := func(u licence.User, requests int) licence.Seat {
		u.ID = "1" + u.ID
		return licence.Seat{User: licence.Reg[licence.User]{Value: u}, Plans: map[string]licence.Held{"sp": {Held: true, Requests: requests}, "vp": {Held: true, Requests: 9}}}
	}
	for _, c := range []struct {
		name   string
		seat   licence.Seat
		admins int
		want   string
	}{
		{"nothing in the way", seat(licence.User{CanLogin: true}, 0), 2, "[]"},
		{"open requests of that plan", seat(licence.User{CanLogin: true}, 4), 2, "[{open-requests 4}]"},
		{"the reader, by address", seat(licence.User{Email: "Kari@nordlys.example"}, 0), 2, "[{reader 0}]"},
		{"the reader, by user", licence.Seat{User: licence.Reg[licence.User]{Value: licence.User{ID: "7"}}}, 2, "[{reader 0}]"},
		{"the billing contact may be freed", seat(licence.User{Email: "per@nordlys.example"}, 0), 2, "[]"},
		{"the last administrator", seat(licence.User{Admin: true, CanLogin: true}, 0), 1, "[{last-admin 0}]"},
		{"one of two administrators", seat(licence.User{Admin: true, CanLogin: true}, 0), 2, "[]"},
		{"an administrator who cannot log in", seat(licence.User{Admin: true}, 0), 1, "[]"},
		{"protected", seat(licence.User{Protected: true}, 0), 2, "[{protected 0}]"},
		{"on leave, to the end of the day", seat(licence.User{LeaveUntil: "2026-11-23"}, 0), 2, "[{on-leave 0}]"},
		{"an administrator who waits for approval", seat(licence.User{Admin: true, CanLogin: true, Waiting: true}, 0), 1, "[]"},
		{"back from leave", seat(licence.User{LeaveUntil: "2026-11-22"}, 0), 2, "[]"},
		{"as SuperOffice says", seat(licence.User{Blockers: []licence.Blocker{{Code: "mail-filter", Count: 1}}}, 0), 2, "[{mail-filter 1}]"},
	} {
		got := Blocked(s, c.seat, "sp", c.admins, now)
		if got == nil {
			got = []licence.Blocker{}
		}
		if text := fmt.Sprint(got); text != c.want {
			t.Errorf("%s: %s, want %s", c.name, text, c.want)
		}
	}
}

// The order in which people are proposed: on the page by the rank of the day, in lists by what is stored of
// each. Of two whom the day puts apart, none stands before the other in the list.
func TestRank(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	var list []licence.Seat
	for _, c := range []struct {
		name string
		user licence.User
		want int
	}{
		{"who cannot log in", licence.User{LastActive: ago(time.Hour)}, 0},
		{"who waits for approval", licence.User{CanLogin: true, Waiting: true}, 0},
		{"who never logged in", licence.User{CanLogin: true, Activity: "never", Created: ago(licence.TooNew)}, 1},
		{"who never did, and nobody knows since when", licence.User{CanLogin: true, Activity: "never"}, 1},
		{"who is too new to tell", licence.User{CanLogin: true, Activity: "never", Created: ago(licence.TooNew - time.Second)}, 3},
		{"who is idle", licence.User{CanLogin: true, Activity: "known", LastActive: ago(licence.Idle + time.Second)}, 2},
		{"who is not idle yet", licence.User{CanLogin: true, Activity: "known", LastActive: ago(licence.Idle)}, 3},
		{"of whom nothing is known", licence.User{CanLogin: true, Activity: "unknown", LastActive: ago(licence.Idle * 2)}, 4},
		{"of whom no time is known", licence.User{CanLogin: true, Activity: "known"}, 4},
	} {
		seat := licence.Seat{User: licence.Reg[licence.User]{Value: c.user}}
		if got := RemovalRank(seat, now); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
		if c.user.Activity != "never" { // of those the list has the newest last, and the day alone says who is too new
			list = append(list, seat)
		}
	}
	slices.SortFunc(list, func(a, b licence.Seat) int { return strings.Compare(StoredRank(a), StoredRank(b)) })
	if !slices.IsSortedFunc(list, func(a, b licence.Seat) int { return cmp.Compare(RemovalRank(a, now), RemovalRank(b, now)) }) {
		t.Errorf("the list's order is not the day's: %+v", list)
	}
}

// Who holds one of the plans; where one plan is for all, who can log in.
func TestHoldsAny(t *testing.T) {
	seat := licence.Seat{Plans: map[string]licence.Held{"sp": {Held: true}, "vp": {}}}
	for plans, want := range map[string]bool{"sp": true, "vp": false, "vp sp": true, "other": false, "": false} {
		if got := HoldsAny(seat, strings.Fields(plans)); got != want {
			t.Errorf("%q: %v, want %v", plans, got, want)
		}
	}
	if seat.User.Value.CanLogin = true; !HoldsAny(seat, nil) {
		t.Error("who can log in holds the plan that all have")
	}
}
