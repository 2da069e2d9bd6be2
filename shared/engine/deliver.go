package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"seatmend/shared/casework"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// Deliver does what lies in the account's outbox and is ripe.
func (e *Engine) Deliver(ctx context.Context, account string) error {
	return e.deliver(ctx, account, "")
}

// deliver does the effects of one kind, or of all. What they bring forth in turn is done too,
// up to a bound: what is left then is found by the sweep.
func (e *Engine) deliver(ctx context.Context, account string, only licence.Kind) error {
	failed := map[string]error{} // by effect: it stays owed, and what is owed beside does not wait for it
	for range 20 {
		effects, err := e.Store.Outbox(ctx, account)
		if err != nil {
			return errors.Join(joined(failed), err)
		}
		did := false
		for _, f := range effects {
			if _, ours := e.executor(f.Kind); !ours || f.Ripe.After(e.Now()) || only != "" && f.Kind != only || failed[f.ID] != nil {
				continue // not ours to do, or not now
			}
			if !f.Sending.IsZero() && e.Now().Sub(f.Sending) < licence.Uncertain {
				continue // another hand is sending it, or was: the sweep looks again
			}
			if err := e.do(ctx, account, f); err != nil {
				failed[f.ID] = err
				if ctx.Err() != nil {
					return joined(failed)
				}
				continue
			}
			did = true
		}
		if !did || only == licence.Match {
			break // a sender waits for the answer: what is more than one go follows by itself
		}
	}
	return joined(failed)
}

// joined are the errors of effects, the oldest effect first.
func joined(failed map[string]error) error {
	var errs []error
	for _, id := range slices.Sorted(maps.Keys(failed)) {
		errs = append(errs, failed[id])
	}
	return errors.Join(errs...)
}

// do does one effect and commits it as done, with what it taught.
func (e *Engine) do(ctx context.Context, account string, f licence.Effect) error {
	if err := ctx.Err(); err != nil {
		return err // there is no time to begin it: it stays owed
	}
	if f.Once() {
		ctx = context.WithoutCancel(ctx) // what is begun is ended: else nobody would know whether it went
	}
	for range tries {
		l, err := e.Store.Load(ctx, account, store.Want{})
		if err != nil {
			return err
		}
		if !l.State.History.Pending[f.ID].Is(f) {
			return nil // done, dropped or taken by another hand meanwhile
		}
		done, err := e.execute(ctx, l.State, f)
		if err != nil {
			return err
		}
		err = e.finish(ctx, l.State, done)
		if errors.Is(err, store.ErrConflict) && f.Once() && f.Sending.IsZero() {
			continue // the state that it was decided on is no longer the state: decide again
		}
		if err != nil || done.Outcome != "sending" {
			return err
		}
		f = done.Effect
	}
	return fmt.Errorf("engine: effect %s of %s: %d tries, each overtaken", f.ID, account, tries)
}

// execute runs the executor, and applies what it learned. An error of either does not end the
// delivery: the effect is tried again later.
func (e *Engine) execute(ctx context.Context, s licence.State, f licence.Effect) (licence.Result, error) {
	began := e.Now()
	if !f.Sending.IsZero() && began.Sub(f.Sending) >= licence.Uncertain {
		// It was handed over, and no answer came to us. It is never sent again by itself.
		return licence.Result{Effect: f, At: f.Sending, Outcome: "uncertain", Address: f.Address, Mail: f.ID}, nil
	}
	do, ok := e.executor(f.Kind)
	if !ok {
		return licence.Result{}, fmt.Errorf("engine: nobody does effects of kind %q", f.Kind)
	}
	call, cancel := context.WithTimeout(ctx, limit(f.Kind))
	payloads, done, err := do(call, s, f)
	cancel()
	if ctx.Err() != nil {
		return licence.Result{}, ctx.Err() // it was cut off: it stays owed
	}
	if done.Effect.ID == "" {
		done.Effect = f
	}
	if done.At.IsZero() {
		done.At = began
	}
	for i, p := range payloads {
		// The instant before the read is when it was so; the id follows from the read.
		fact := licence.Fact{
			ID: fmt.Sprintf("%s%s/%d/%d", licence.ReadPrefix, f.CustID, done.At.UnixNano(), i+1),
			To: []licence.Name{{Sender: "account", ID: s.Account}}, At: done.At, Source: "superoffice", Payload: p,
		}
		if _, unlearned := e.Apply(ctx, fact); unlearned != nil {
			err = errors.Join(err, unlearned)
			break
		}
	}
	if ctx.Err() != nil {
		return licence.Result{}, ctx.Err() // a cut: the effect is still owed, and reads again
	}
	if err != nil {
		done.Outcome, done.Unfit = "failed", errors.As(err, new(*licence.TooMuch))
		if done.Retry.IsZero() {
			done.Retry = began.Add(min(time.Minute<<min(f.Fails, 8), 4*time.Hour))
		}
	}
	if done.Refused != nil && done.Refused.Ours {
		e.fault(FaultMail, "no mail goes", "account", s.Account, "id", f.ID, "said", done.Refused.Said)
	}
	e.Log.Info("effect", "account", s.Account, "id", f.ID, "kind", f.Kind, "outcome", outcome(done.Outcome, err), "ms", e.Now().Sub(began).Milliseconds())
	return done, nil
}

// finish commits an effect as done. One that cannot be undone is recorded on whatever state
// there is by then; one that only wrote rows insists on the state that it was decided on.
func (e *Engine) finish(ctx context.Context, s licence.State, done licence.Result) error {
	insist := done.Effect.Once() && (done.Effect.Sending.IsZero() || done.Outcome == "sending")
	for range tries {
		err := e.commit(ctx, s, casework.Finish(s, done, e.Now()))
		if !errors.Is(err, store.ErrConflict) || insist {
			return err
		}
		l, err := e.Store.Load(ctx, s.Account, store.Want{})
		if err != nil {
			return err
		}
		if _, owed := l.State.History.Pending[done.Effect.ID]; !owed {
			return nil
		}
		s = l.State
	}
	return fmt.Errorf("engine: effect %s of %s: %d tries, each overtaken", done.Effect.ID, s.Account, tries)
}

// Tick lets time pass for an account. Of whom much is told at once, it is overtaken a few times, and then takes its
// turn with those who tell.
func (e *Engine) Tick(ctx context.Context, account string) error {
	tick := func(s licence.State) (licence.Change, bool) { return casework.Tick(s, e.Now()) }
	err := e.tried(ctx, account, tick, overtaken)
	for n := overtaken; errors.Is(err, store.ErrConflict) && n < tries; n++ { // another process may still be first
		err = e.inTurn(ctx, account, tick)
	}
	return err
}

// overtaken is how often time gives way to what is told.
const overtaken = 3

// inTurn decides and writes while nobody else in this process is at the account.
func (e *Engine) inTurn(ctx context.Context, account string, decide func(licence.State) (licence.Change, bool)) error {
	n, err := e.lanes.enter(ctx, account)
	if err != nil {
		return err
	}
	defer e.lanes.leave(n)
	defer n.pass()
	n.quiet()
	l, err := e.Store.Load(ctx, account, store.Want{})
	if err != nil || l.State.N == 0 {
		return err
	}
	c, ok := decide(l.State)
	if !ok {
		return nil
	}
	return e.told(ctx, c, e.begin(ctx, n, l.State, nil, c)())
}

// Drafts sends or drops the drafts of an account that a person decided on; id "": all of them.
func (e *Engine) Drafts(ctx context.Context, account, id string, send bool) (int, error) {
	all := 0
	for {
		n := 0
		err := e.change(ctx, account, func(s licence.State) (c licence.Change, ok bool) {
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

// Change decides on the account's state, and anew where another writer came between; false: nothing is to be written.
func (e *Engine) Change(ctx context.Context, account string, decide func(licence.State) (licence.Change, bool)) error {
	return e.change(ctx, account, decide)
}

// change decides on the state and commits, again and again until nobody was faster.
func (e *Engine) change(ctx context.Context, account string, decide func(licence.State) (licence.Change, bool)) error {
	err := e.tried(ctx, account, decide, tries)
	if errors.Is(err, store.ErrConflict) {
		return fmt.Errorf("engine: %s: %d tries, each overtaken by another writer", account, tries)
	}
	return err
}

// tried decides and commits, so often at most; then it is store.ErrConflict.
func (e *Engine) tried(ctx context.Context, account string, decide func(licence.State) (licence.Change, bool), times int) error {
	for range times {
		l, err := e.Store.Load(ctx, account, store.Want{})
		if err != nil {
			return err
		}
		if l.State.N == 0 {
			return nil
		}
		c, ok := decide(l.State)
		if !ok {
			return nil
		}
		if err := e.commit(ctx, l.State, c); !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return store.ErrConflict
}

// Record writes rows that no fact and no effect brought, such as a link that is shown at once, on
// the very state on which they were decided; no rows: nothing is written.
func (e *Engine) Record(ctx context.Context, account string, decide func(licence.State) ([]licence.Row, []licence.Name, error)) error {
	var fault error
	err := e.change(ctx, account, func(s licence.State) (c licence.Change, ok bool) {
		rows, names, err := decide(s)
		if fault = err; err != nil || len(rows) == 0 {
			return c, false
		}
		c, _ = casework.Tick(s, e.Now())
		c.Rows, c.Claim = append(c.Rows, rows...), append(c.Claim, names...)
		return c, true
	})
	return errors.Join(fault, err)
}
