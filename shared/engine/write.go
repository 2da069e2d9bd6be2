package engine

import (
	"context"
	"fmt"

	"seatmend/shared/casework"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// tries bounds how often a commit is tried again after a conflict; overtaken is how often of these it gives way
// to who else writes. Then it takes its turn with them: of an account of which much is told at once, what falls
// due, what a person clicks and what comes back would else be overtaken each time.
const (
	tries     = 64
	overtaken = 3
)

// A committer writes a change that was decided on state was.
type committer func(ctx context.Context, was licence.State, c licence.Change) error

// write does what reads an account, decides and commits, again and again until nobody was faster.
func (e *Engine) write(ctx context.Context, account string, once func(committer) error) error {
	for n := range tries {
		err := error(nil)
		if n < overtaken {
			err = once(e.commit)
		} else { // another process may still be first
			err = e.inTurn(ctx, account, once)
		}
		if !again(err) {
			return err
		}
	}
	return fmt.Errorf("engine: %s: %d tries, each overtaken by another writer", account, tries)
}

// inTurn decides and writes while nobody else in this process is at the account. What it does must not write
// the account but by the committer: it would wait for itself.
func (e *Engine) inTurn(ctx context.Context, account string, once func(committer) error) error {
	n, err := e.lanes.enter(ctx, account)
	if err != nil {
		return err
	}
	defer e.lanes.leave(n)
	defer n.pass()
	n.quiet()
	return once(func(ctx context.Context, was licence.State, c licence.Change) error {
		return e.committed(ctx, c, e.begin(ctx, n, was, nil, c)())
	})
}

// Put decides on the state of an account, told of or not, and anew where another writer came between; false:
// nothing is to be written.
func (e *Engine) Put(ctx context.Context, account string, decide func(licence.State) (licence.Change, bool, error)) error {
	return e.write(ctx, account, func(commit committer) error {
		l, err := e.Store.Load(ctx, account, store.Want{})
		if err != nil {
			return err
		}
		c, ok, err := decide(l.State)
		if !ok || err != nil {
			return err
		}
		return commit(ctx, l.State, c)
	})
}

// Owe writes rows of an account, told of or not, and what is to be done outside, on the very state on which they
// were decided; neither: nothing is written.
func (e *Engine) Owe(ctx context.Context, account string, decide func() ([]licence.Row, []licence.Effect, error)) error {
	wakes := false
	err := e.Put(ctx, account, func(s licence.State) (licence.Change, bool, error) {
		rows, owed, err := decide()
		if wakes = len(owed) > 0; err != nil || len(rows)+len(owed) == 0 {
			return licence.Change{}, false, err
		}
		return casework.Owe(s, rows, owed, e.Now()), true, nil
	})
	if err == nil && wakes && e.Wake != nil {
		e.Wake(account)
	}
	return err
}

// Change is Put for an account that was told of; of another, nothing is written.
func (e *Engine) Change(ctx context.Context, account string, decide func(licence.State) (licence.Change, bool)) error {
	return e.Put(ctx, account, func(s licence.State) (c licence.Change, ok bool, err error) {
		if s.N > 0 {
			c, ok = decide(s)
		}
		return c, ok, nil
	})
}

// Tick lets time pass for an account.
func (e *Engine) Tick(ctx context.Context, account string) error {
	return e.Change(ctx, account, func(s licence.State) (licence.Change, bool) { return casework.Tick(s, e.Now()), true })
}

// Record writes rows that no fact and no effect brought, such as a link that is shown at once, on
// the very state on which they were decided; no rows: nothing is written.
func (e *Engine) Record(ctx context.Context, account string, decide func(licence.State) ([]licence.Row, []licence.Name, error)) error {
	return e.Put(ctx, account, func(s licence.State) (c licence.Change, ok bool, err error) {
		if s.N == 0 {
			return c, false, nil
		}
		rows, names, err := decide(s)
		if err != nil || len(rows) == 0 {
			return c, false, err
		}
		c = casework.Tick(s, e.Now())
		c.Rows, c.Claim = append(c.Rows, rows...), append(c.Claim, names...)
		return c, true, nil
	})
}

// Drafts sends or drops the drafts of an account that a person decided on; id "": all of them.
func (e *Engine) Drafts(ctx context.Context, account, id string, send bool) (int, error) {
	all := 0
	for {
		n := 0
		err := e.Change(ctx, account, func(s licence.State) (c licence.Change, ok bool) {
			c, n = casework.SendDrafts(s, id, send, e.Now())
			return c, n > 0
		})
		if err == nil && n > 0 && e.Wake != nil {
			e.Wake(account)
		}
		if all += n; err != nil || n < casework.AtOnce {
			return all, err
		}
	}
}
