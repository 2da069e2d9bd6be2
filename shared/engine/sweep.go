package engine

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"seatmend/shared/licence"
)

// How long one effect may take. A slow mail server, or a slow SuperOffice, holds up its own account
// for so long, and no other one.
const (
	mailLimit = 20 * time.Second
	readLimit = 3 * time.Minute // it is many calls, each with a limit of its own
)

func limit(k licence.Kind) time.Duration {
	if (licence.Effect{Kind: k}).Once() {
		return mailLimit
	}
	return readLimit
}

// Attend delivers what an account owes, as Deliver does, but alone in this process: where another
// hand is at the account, it looks once more when it is done, and nobody waits for it.
func (e *Engine) Attend(ctx context.Context, account string) error {
	_, err := e.hands.at(account, true, func() error { return e.Deliver(ctx, account) })
	return err
}

// Quiet waits until no hand is at any account.
func (e *Engine) Quiet(ctx context.Context) error {
	for {
		busy := e.hands.any()
		if busy == nil {
			return ctx.Err()
		}
		select {
		case <-busy:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Swept is how far a sweep came.
type Swept struct {
	Reached int      // accounts that were looked at
	Busy    int      // accounts that another hand of this process is at
	Left    int      // accounts for which there was no time: they stay due
	Failed  []string // of those that were reached, the accounts that could not be written or delivered
}

// Sweep looks at every account at which something is due, and is the recovery path too: what
// a lost wake-up left behind is found here. Hands work side by side. When the context ends, what
// was begun is ended, and the rest is left to the next sweep. Where the store ends its list with an
// error, the accounts that it gave before are swept all the same.
func (e *Engine) Sweep(ctx context.Context) (Swept, error) {
	var due []string
	unlisted := e.wake(ctx)
	for account, err := range e.Store.Due(ctx, e.Now()) {
		if err != nil {
			unlisted = errors.Join(unlisted, err)
			break
		}
		due = append(due, account)
	}
	var mu sync.Mutex
	var swept Swept
	var well []string
	e.sideBySide(ctx, due, func(account string) {
		reached, err := e.hands.at(account, false, func() error {
			err := e.Tick(ctx, account)
			if err == nil {
				err = e.Deliver(ctx, account)
			}
			return err
		})
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err != nil && ctx.Err() != nil:
			return // it was cut off
		case !reached:
			swept.Busy++
			return
		case err != nil:
			e.Log.Error("sweep", "account", account, "error", err.Error())
			swept.Failed = append(swept.Failed, account)
		default:
			well = append(well, account)
		}
		swept.Reached++
	})
	swept.Left = len(due) - swept.Reached - swept.Busy
	slices.Sort(swept.Failed)
	return swept, errors.Join(unlisted, e.report(context.WithoutCancel(ctx), swept, well))
}

// DeliverAll delivers what several accounts owe, side by side. It gives the accounts, in their
// order, whose delivery failed; for those that it had no time for, what is due stays due.
func (e *Engine) DeliverAll(ctx context.Context, accounts []string) (failed []string) {
	var mu sync.Mutex
	e.sideBySide(ctx, accounts, func(account string) {
		err := e.Attend(ctx, account)
		if err == nil || ctx.Err() != nil {
			return
		}
		e.Log.Error("deliver", "account", account, "error", err.Error())
		mu.Lock()
		defer mu.Unlock()
		failed = append(failed, account)
	})
	slices.SortFunc(failed, func(a, b string) int { return slices.Index(accounts, a) - slices.Index(accounts, b) })
	return failed
}

// sideBySide does something for each account, by as many hands as there are, until the context ends.
func (e *Engine) sideBySide(ctx context.Context, accounts []string, do func(account string)) {
	var hands sync.WaitGroup
	defer hands.Wait()
	for _, account := range accounts {
		if ctx.Err() != nil {
			return
		}
		if e.Hands <= 1 {
			do(account)
			continue
		}
		if !e.hands.turn(ctx, e.Hands) {
			return
		}
		hands.Go(func() {
			defer e.hands.free()
			do(account)
		})
	}
}

// hands are those of this process.
type hands struct {
	mu    sync.Mutex
	busy  map[string]*hand // by the account that one is at
	turns chan struct{}
}

type hand struct {
	again bool // more has come to be owed meanwhile
	over  chan struct{}
}

// turn waits for a free hand of n; false: the context ended first.
func (h *hands) turn(ctx context.Context, n int) bool {
	h.mu.Lock()
	if h.turns == nil {
		h.turns = make(chan struct{}, n)
	}
	turns := h.turns
	h.mu.Unlock()
	select {
	case turns <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (h *hands) free() { <-h.turns }

// at does something at an account that no other hand is at. Where one is: false, and if asked to,
// that one does what it does again.
func (h *hands) at(account string, again bool, do func() error) (bool, error) {
	h.mu.Lock()
	if other := h.busy[account]; other != nil {
		other.again = other.again || again
		h.mu.Unlock()
		return false, nil
	}
	if h.busy == nil {
		h.busy = map[string]*hand{}
	}
	own := &hand{over: make(chan struct{})}
	h.busy[account] = own
	h.mu.Unlock()
	for {
		err := do()
		h.mu.Lock()
		if own.again && err == nil {
			own.again = false
			h.mu.Unlock()
			continue
		}
		delete(h.busy, account)
		h.mu.Unlock()
		close(own.over)
		return true, err
	}
}

// any is closed when one of the hands is done; nil: none is at anything.
func (h *hands) any() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, one := range h.busy {
		return one.over
	}
	return nil
}
