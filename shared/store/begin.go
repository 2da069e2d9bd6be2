package store

import (
	"context"

	"seatmend/shared/licence"
)

// A Beginner is a store that puts commits in a row: it makes them durable in the order in which they
// were begun, so that one may be decided on another that is on its way.
type Beginner interface {
	// Begin gives the store a change. Wait, which must be called, tells what Commit would.
	Begin(ctx context.Context, c licence.Change) (wait func() error)
}

// Begin begins a commit where the store can; where not, it is over when Begin returns.
func Begin(ctx context.Context, s Store, c licence.Change) (wait func() error) {
	if b, ok := s.(Beginner); ok {
		return b.Begin(ctx, c)
	}
	err := s.Commit(ctx, c)
	return func() error { return err }
}
