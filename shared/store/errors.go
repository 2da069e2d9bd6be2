package store

import (
	"errors"
	"fmt"

	"seatmend/shared/licence"
)

// With each of these nothing was written.
var (
	// ErrNoAccount: no name leads anywhere.
	ErrNoAccount = errors.New("store: no account of that name")
	// ErrConflict: the account was written since it was loaded. Load again, and decide again.
	ErrConflict = errors.New("store: written by another since it was loaded")
	// ErrSeen: a fact of that id is stored already.
	ErrSeen = errors.New("store: the fact is stored already")
	// ErrConflictingReplay: a fact of that id is stored, and says something else, or is another account's.
	ErrConflictingReplay = errors.New("store: another fact is stored under that id")
	// ErrKnown: the fact has an account by now, and need not be parked.
	ErrKnown = errors.New("store: the account is known")
	// ErrFull: as much as may lie there waits for a person or an account already.
	ErrFull = errors.New("store: so much waits there that no more is kept")
	// ErrTooLarge: more than one transaction can read or write.
	ErrTooLarge = errors.New("store: too much for one transaction")
	// ErrCursor: not a cursor of that list.
	ErrCursor = errors.New("store: not a cursor of this list")
)

// NameTaken is the error of a commit that claims another account's name.
type NameTaken struct {
	Name    licence.Name
	Account string // where it leads
}

func (e *NameTaken) Error() string {
	return fmt.Sprintf("store: the name %s leads to account %s already", e.Name, e.Account)
}
