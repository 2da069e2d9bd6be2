package sqlite

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"seatmend/shared/store"
)

// A group is who waits to write. The disk is slow to make anything durable and takes as long
// for ten changes as for one: whoever has the turn writes for all who wait.
type group struct {
	turn    chan struct{} // full while somebody writes
	mu      sync.Mutex
	waiting []*waiter
}

// A waiter is one change. It hears how it ended when it is durable, or when nothing of it is kept.
type waiter struct {
	ctx  context.Context
	do   func(context.Context, *transaction) error
	done chan error
	mark store.Mark  // whoever has the turn to write is at it
	on   *store.Mark // the change that it was decided on, if that was on its way
}

// change runs do in a transaction, which it may share with others. What do wrote is kept if it
// returns nil.
func (s *Store) change(ctx context.Context, do func(context.Context, *transaction) error) error {
	return s.wait(s.join(ctx, nil, do))
}

// join puts a change in the row of those that wait.
func (s *Store) join(ctx context.Context, on *store.Mark, do func(context.Context, *transaction) error) *waiter {
	w := &waiter{ctx: ctx, do: do, done: make(chan error, 1), on: on}
	s.group.mu.Lock()
	defer s.group.mu.Unlock()
	s.group.waiting = append(s.group.waiting, w)
	return w
}

// wait takes the turn to write, unless the change is written before.
func (s *Store) wait(w *waiter) error {
	select {
	case err := <-w.done:
		return err
	case s.group.turn <- struct{}{}:
	}
	defer func() { <-s.group.turn }()
	s.group.mu.Lock()
	all := s.group.waiting
	s.group.waiting = nil
	s.group.mu.Unlock()
	s.together(all) // ours is among them, or was written by who had the turn before
	return <-w.done
}

// together writes several changes in one transaction, each in a savepoint. Where it cannot be
// kept nobody hears of anything but that: one may have been refused because of another.
func (s *Store) together(all []*waiter) {
	if len(all) == 0 {
		return
	}
	broken := errors.New("sqlite: broken off")
	each := make([]error, len(all))
	defer func() {
		for i, w := range all {
			if broken != nil {
				each[i] = advised(s.path, broken)
			}
			w.mark.Refused = each[i] != nil
			w.done <- each[i]
		}
	}()
	// It belongs to all of them: that one of them gives up must not end it. SQLite would undo
	// the whole of it if one statement were interrupted.
	ctx := context.Background()
	if broken = s.writer.exec(ctx, "BEGIN IMMEDIATE"); broken != nil {
		return
	}
	for i, w := range all {
		if each[i], broken = alone(s.writer, w, len(all) > 1); broken != nil {
			s.writer.exec(ctx, "ROLLBACK") // SQLite may have done so by itself
			return
		}
		w.mark.Refused = each[i] != nil
	}
	if len(all) == 1 && each[0] != nil {
		s.writer.exec(ctx, "ROLLBACK")
		return
	}
	if broken = s.writer.exec(ctx, "COMMIT"); broken != nil {
		s.writer.exec(ctx, "ROLLBACK")
	}
}

// alone runs one change, in a savepoint where there are others. Broken says that the transaction
// cannot go on.
func alone(tx *transaction, w *waiter, others bool) (refused, broken error) {
	if err := w.ctx.Err(); err != nil {
		return err, nil
	}
	if w.on != nil && w.on.Refused {
		return store.ErrConflict, nil
	}
	ctx := context.WithoutCancel(w.ctx)
	if !others {
		return w.do(ctx, tx), nil
	}
	if err := tx.exec(ctx, "SAVEPOINT change"); err != nil {
		return nil, err
	}
	err := error(nil)
	if refused = w.do(ctx, tx); refused != nil {
		err = tx.exec(ctx, "ROLLBACK TO change")
	}
	if err == nil {
		err = tx.exec(ctx, "RELEASE change")
	}
	if err != nil {
		// SQLite has undone all by itself, as it does when the disk is full.
		return nil, fmt.Errorf("%w (after %v)", err, refused)
	}
	return refused, nil
}
