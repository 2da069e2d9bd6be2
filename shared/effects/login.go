package effects

import (
	"context"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// A Login is what is known of a contact's CRM user.
type Login string

const (
	CanLogIn  Login = "can"     // or nothing was told
	LockedOut Login = "cannot"  // it was said that this user cannot
	NotListed Login = "no seat" // who is not on the list holds none, and so cannot
)

// CannotLogIn tells whether a contact's CRM user cannot, and so is mailed nothing.
func CannotLogIn(ctx context.Context, db store.Store, s licence.State, c licence.Contact, now time.Time) (bool, error) {
	l, err := LoginOf(ctx, db, s, c, now)
	return err == nil && l != CanLogIn, err
}

// LoginOf goes by the latest list or seat fact of the first production installation. Of a plan that
// everybody has whoever is not on the list cannot log in; of others that person has no seat, be it
// for a while, in the middle of an exchange.
func LoginOf(ctx context.Context, db store.Store, s licence.State, c licence.Contact, now time.Time) (Login, error) {
	production := s.Production(now)
	if c.User == "" || len(production) == 0 {
		return CanLogIn, nil
	}
	in := s.Known.Inst(production[0].CustID)
	if in.Roster.Told.IsZero() {
		return CanLogIn, nil
	}
	l, err := db.Load(ctx, s.Account, store.Want{Seats: []licence.Key{{CustID: in.CustID, Roster: in.Roster.ID, User: c.User}}, Have: store.Unread})
	if err != nil {
		return "", err
	}
	for _, seat := range l.Seats {
		if seat.User.Value.CanLogin {
			return CanLogIn, nil
		}
		return LockedOut, nil
	}
	switch {
	case in.Roster.List.At.IsZero():
		return CanLogIn, nil
	case s.Known.Profile.Account.Value.Model == "suite":
		return LockedOut, nil
	}
	return NotListed, nil
}
