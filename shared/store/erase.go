package store

import (
	"context"
	"errors"
	"iter"
	"slices"

	"seatmend/shared/licence"
)

// An Eraser is a store of which can be taken what is about people. Both are.
type Eraser interface {
	// AllRows gives the rows of an account, of every kind, those too that have come to their end, in any order.
	AllRows(ctx context.Context, account string) iter.Seq2[licence.Row, error]
	// Amend replaces what a stored fact of the account says. Its hash, its place and its end stay, so that
	// a second telling is still the same fact. Where there is no such fact nothing is written.
	Amend(ctx context.Context, account string, f licence.Fact) error
	// Rosters gives the rosters of an account that have people, those too that no commit names.
	Rosters(ctx context.Context, account string) ([]licence.Key, error)
	// Sweep ends an erasure in an account: what was written for it and never came true goes, and what was
	// deleted becomes unreadable in the store's own files, as far as that is in its hands.
	Sweep(ctx context.Context, account string) error
}

// Listed are the entries without those of customers who were erased. It is for stores.
func Listed(entries []licence.Entry) []licence.Entry {
	return slices.DeleteFunc(entries, func(e licence.Entry) bool { return e.Erased })
}

// Erasing is the store as one that can be erased in.
func Erasing(s Store) (Eraser, error) {
	if inner, ok := s.(set); ok {
		s = inner.Store
	}
	e, ok := s.(Eraser)
	if !ok {
		return nil, errors.New("store: nothing can be erased in this one")
	}
	return e, nil
}
