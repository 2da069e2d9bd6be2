package functions_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"seatmend/infra/crmsim"
	"seatmend/shared/casework"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// These tests are about what another hand does between the choice and its doing: what SuperOffice says at
// the last instant decides, and never lets go who must not lose a seat.

// became is how far each person of a choice is: state, and why.
func (w *world) became(fp string) map[string]string {
	w.Helper()
	l, err := w.db.Load(w.Context(), "G-1", store.Want{Rows: []licence.RowKey{{Kind: "run", ID: fp}}, Have: store.Unread})
	if err != nil {
		w.Fatal(err)
	}
	var run casework.Run
	if row := l.Rows[licence.RowKey{Kind: "run", ID: fp}]; len(row.Body) > 0 {
		if err := json.Unmarshal(row.Body, &run); err != nil {
			w.Fatal(err)
		}
	}
	out := map[string]string{}
	for id, was := range run.Of {
		out[id] = strings.TrimSpace(was.State + " " + was.Why)
	}
	return out
}

func TestWhatChangedBetweenChoosingAndDoing(t *testing.T) {
	user := func(t *crmsim.Tenant, id int) *crmsim.User {
		return &t.Users[slices.IndexFunc(t.Users, func(u crmsim.User) bool { return u.ID == id })]
	}
	admins := func(c *customer, ids ...int) {
		c.account.Contacts = append(slices.Clone(c.account.Contacts[:1]), c.account.Contacts[2:]...) // Ulla alone reads
		for i := range c.tenant.Users {
			c.tenant.Users[i].Admin = slices.Contains(ids, c.tenant.Users[i].ID)
		}
	}
	for name, c := range map[string]struct {
		before func(*customer)
		choose []string
		change func(*crmsim.Tenant)
		want   map[string]string
		told   func(*licence.User) // what the standard sender tells of user 9
	}{
		"one is protected since": {
			before: func(*customer) {}, choose: []string{"9", "8"}, change: func(*crmsim.Tenant) {},
			told: func(u *licence.User) { u.Protected = true }, want: map[string]string{"9": "skipped protected", "8": "done"},
		},
		"one is away since": {
			before: func(*customer) {}, choose: []string{"9", "8"}, change: func(*crmsim.Tenant) {},
			told: func(u *licence.User) { u.LeaveUntil = "2027-03-01" }, want: map[string]string{"9": "skipped on-leave", "8": "done"},
		},
		"on a server of the customer's own": {
			before: func(c *customer) {
				c.tenant.Hosting, c.tenant.User, c.tenant.Password = crmsim.Onsite, "seatmend", "of the customer's"
				c.account.Installations[0].Hosting = "onsite"
			}, choose: []string{"9", "8"}, change: func(*crmsim.Tenant) {}, want: map[string]string{"9": "done", "8": "done"},
		},
		"the other administrator was demoted": {
			before: func(c *customer) { admins(c, 2, 9) }, choose: []string{"9", "8"},
			change: func(t *crmsim.Tenant) { user(t, 2).Admin = false }, want: map[string]string{"9": "skipped last-admin", "8": "done"},
		},
		"the other administrator has left": {
			before: func(c *customer) { admins(c, 2, 9) }, choose: []string{"9", "8"},
			change: func(t *crmsim.Tenant) { u := user(t, 2); u.Retired, u.Plans, u.CanLogin = true, nil, false }, want: map[string]string{"9": "skipped last-admin", "8": "done"},
		},
		"one became the only administrator": {
			before: func(c *customer) { admins(c, 2) }, choose: []string{"9", "8"},
			change: func(t *crmsim.Tenant) { user(t, 2).Admin, user(t, 9).Admin = false, true }, want: map[string]string{"9": "skipped last-admin", "8": "done"},
		},
		"of two administrators who are chosen one stays, since the third was demoted": {
			before: func(c *customer) { admins(c, 2, 8, 9) }, choose: []string{"9", "8", "7"},
			change: func(t *crmsim.Tenant) { user(t, 2).Admin = false }, want: map[string]string{"9": "done", "8": "skipped last-admin", "7": "done"},
		},
		"the other administrator's login was switched off": {
			before: func(c *customer) { admins(c, 2, 9) }, choose: []string{"9", "8"},
			change: func(t *crmsim.Tenant) { user(t, 2).CanLogin = false }, want: map[string]string{"9": "skipped last-admin", "8": "done"},
		},
		"the other administrator waits for approval": {
			before: func(c *customer) { admins(c, 2, 9) }, choose: []string{"9", "8"},
			change: func(t *crmsim.Tenant) { user(t, 2).Waiting = true }, want: map[string]string{"9": "skipped last-admin", "8": "done"},
		},
		"a third administrator is still there": {
			before: func(c *customer) { admins(c, 2, 3, 9) }, choose: []string{"9", "8"},
			change: func(t *crmsim.Tenant) { user(t, 2).CanLogin = false }, want: map[string]string{"9": "done", "8": "done"},
		},
		"the other administrator holds nothing by now": {
			before: func(c *customer) { admins(c, 2, 9) }, choose: []string{"9", "8"},
			change: func(t *crmsim.Tenant) { user(t, 2).Plans = nil }, want: map[string]string{"9": "skipped last-admin", "8": "done"},
		},
		"one signs in as the reader by now": {
			before: func(*customer) {}, choose: []string{"9", "8"},
			change: func(t *crmsim.Tenant) { user(t, 9).Email = "Ulla.Sten@granit.example" }, want: map[string]string{"9": "skipped reader", "8": "done"},
		},
		"one has left": {
			before: func(*customer) {}, choose: []string{"9", "8", "7"},
			change: func(t *crmsim.Tenant) { u := user(t, 9); u.Retired, u.Plans, u.CanLogin = true, nil, false }, want: map[string]string{"9": "skipped gone", "8": "done", "7": "skipped not-needed"},
		},
		"one gave it up": {
			before: func(*customer) {}, choose: []string{"9", "8", "7"},
			change: func(t *crmsim.Tenant) { user(t, 9).Plans = nil }, want: map[string]string{"9": "done", "8": "done", "7": "skipped not-needed"},
		},
		"one got requests": {
			before: func(*customer) {}, choose: []string{"9", "8", "7"},
			change: func(t *crmsim.Tenant) { user(t, 9).OpenRequests = 3 }, want: map[string]string{"9": "blocked refused", "8": "done", "7": "done"},
		},
		"all fits by now": {
			before: func(*customer) {}, choose: []string{"9", "8"},
			change: func(t *crmsim.Tenant) { t.Modules[0].NewTotal = 9 }, want: map[string]string{"9": "skipped not-needed", "8": "skipped not-needed"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			b := w.meet(managed(granit()).holding(c.before))
			fp := w.finding("G-1", "surplus").Fingerprint
			b.session()
			b.choose(fp, c.choose...)
			b.open("/steps/" + fp)
			old := b.form("/move", "", nil)
			if old == nil {
				t.Fatal("nothing is offered")
			}
			w.inSuperOffice(granitCust, c.change)
			if c.told != nil {
				u := licence.User{ID: "9", Name: "Gull Hed", Email: "gull.hed@granit.example", CanLogin: true, LastActive: morning.AddDate(0, 0, -8)}
				c.told(&u)
				w.tellSeat("G-1", licence.SeatChanged{CustID: granitCust, Plan: sales, Held: true, User: u})
			}
			held := w.holders("ten-sales")
			b.posted("/move", old)()
			w.sweep()
			got := w.became(fp)
			for id, want := range c.want {
				n, _ := strconv.Atoi(id)
				if holds := slices.Contains(w.holders("ten-sales"), n); got[id] != want || holds && want == "done" || !holds && slices.Contains(held, n) && want != "done" {
					t.Errorf("%s is %q, holds it: %v; want %q", id, got[id], holds, want)
				}
			}
		})
	}
}
