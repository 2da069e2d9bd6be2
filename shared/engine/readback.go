package engine

import (
	"context"
	"errors"

	"seatmend/shared/casework"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// ErrHintsFull is that so much that a sender hinted at waits to be read, of customers whom nobody can
// name before, that no more is taken: it is to be sent again.
var ErrHintsFull = errors.New("engine: too much that was hinted at waits to be read")

// ReadBack owes a read of what a sender hinted at, by the account that it is about or, where none is
// known by the names of the hint, by the fleet's: what is read names its customer. It gives that account,
// "" for the fleet's. What it owes is durable when it returns.
func (e *Engine) ReadBack(ctx context.Context, sender string, hints ...licence.Hint) (account string, err error) {
	if len(hints) == 0 {
		return "", nil
	}
	at, err := e.Store.Resolve(ctx, hints[0].To...)
	if account = at; errors.Is(err, store.ErrNoAccount) {
		at, err = store.Operations, nil
	}
	if err != nil {
		return "", err
	}
	for range tries {
		l, err := e.Store.Load(ctx, at, store.Want{})
		if err != nil {
			return "", err
		}
		c, ok := casework.OweReads(l.State, sender, hints, e.Now())
		if !ok {
			return "", ErrHintsFull
		}
		if err = e.commit(ctx, l.State, c); errors.Is(err, store.ErrConflict) {
			continue
		}
		if err == nil && e.Wake != nil {
			e.Wake(at)
		}
		return account, err
	}
	return "", errOvertaken
}
