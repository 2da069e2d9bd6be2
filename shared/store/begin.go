package store

import (
	"context"

	"seatmend/shared/licence"
)

// A Beginner is a store that puts commits in a row: it makes them durable in the order in which they
// were begun, so that one may be decided on another that is on its way.
type Beginner interface {
	// Begin gives the store a change that was decided on another one that is on its way, or on what is
	// stored: nil. Where that other one is refused this one is too, whoever has made its version meanwhile.
	Begin(ctx context.Context, c licence.Change, on *Mark) Begun
}

// A Begun is a change that was given to a store.
type Begun struct {
	Wait func() error // what Commit would tell; must be called
	Mark *Mark        // the change while it is on its way; nil: it is over, and Wait does not wait
}

// A Mark is what a store knows a change by that is on its way.
type Mark struct {
	Refused bool // for the store alone, which sets it before anything that was decided on this one is written
}

// Begin begins a commit where the store can; where not, it is over when Begin returns.
func Begin(ctx context.Context, s Store, c licence.Change, on *Mark) Begun {
	if b, ok := s.(Beginner); ok {
		return b.Begin(ctx, c, on)
	}
	return Over(s.Commit(ctx, c))
}

// Over is a change that has ended.
func Over(err error) Begun { return Begun{Wait: func() error { return err }} }
