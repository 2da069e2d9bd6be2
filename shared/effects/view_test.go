package effects

import (
	"fmt"
	"testing"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/seats"
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
		{"back from leave", seat(licence.User{LeaveUntil: "2026-11-22"}, 0), 2, "[]"},
		{"as SuperOffice says", seat(licence.User{Blockers: []licence.Blocker{{Code: "mail-filter", Count: 1}}}, 0), 2, "[{mail-filter 1}]"},
	} {
		got := seats.Blocked(s, c.seat, "sp", c.admins, now)
		if got == nil {
			got = []licence.Blocker{}
		}
		if text := fmt.Sprint(got); text != c.want {
			t.Errorf("%s: %s, want %s", c.name, text, c.want)
		}
	}
}
