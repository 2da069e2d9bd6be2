package crmsim

import (
	"slices"
	"time"
)

// An Undone is a licence that was taken on the screen, while the customer's directory still
// says who has it.
type Undone struct {
	User   int
	Module string
	At     time.Time
}

// undone notes what the directory will not know. Only a tenant with SCIM has a directory.
func (t *Tenant) undone(user int, module string) {
	if slices.Contains(t.siteLicences(), "scim") {
		t.Undone = append(t.Undone, Undone{User: user, Module: module})
	}
}

// stamp says when, of what was taken in the present change.
func (t *Tenant) stamp(now time.Time) {
	for i := range t.Undone {
		if t.Undone[i].At.IsZero() {
			t.Undone[i].At = now
		}
	}
}

// sync gives back what was taken before an instant, as the directory's nightly run does,
// while the licence in force has a seat.
func (t *Tenant) sync(before time.Time) (given int) {
	var left []Undone
	for _, one := range t.Undone {
		if !one.At.Before(before) {
			left = append(left, one)
			continue
		}
		u, m := t.user(one.User), t.module(one.Module)
		if u == nil || m == nil || u.Retired || t.holds(u, m) {
			continue
		}
		if !t.free(m) {
			left = append(left, one) // tried again the next night
			continue
		}
		if m.Kind == Suite {
			u.CanLogin = true
		} else {
			u.Plans = append(u.Plans, one.Module)
		}
		given++
	}
	t.Undone = left
	return given
}

// syncHour is when directories run, by UTC.
const syncHour = 2

// lastSync is when the directory ran last.
func lastSync(now time.Time) time.Time {
	now = now.UTC()
	at := time.Date(now.Year(), now.Month(), now.Day(), syncHour, 0, 0, 0, time.UTC)
	if at.After(now) {
		at = at.AddDate(0, 0, -1)
	}
	return at
}
