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
	if !f.Once() {
		_, err := e.step(ctx, account, f, e.commit)
		return err
	}
	ctx = context.WithoutCancel(ctx) // what is begun is ended: else nobody would know whether it went
	if f.Sending.IsZero() {
		var done licence.Result
		err := e.write(ctx, account, func(commit committer) (err error) {
			done, err = e.step(ctx, account, f, commit)
			return err
		})
		if err != nil || done.Outcome != "sending" {
			return err
		}
		f = done.Effect
	}
	_, err := e.step(ctx, account, f, e.commit)
	return err
}

// step does an effect on what its account is now, unless another hand has done, dropped or taken it meanwhile.
func (e *Engine) step(ctx context.Context, account string, f licence.Effect, commit committer) (done licence.Result, err error) {
	l, err := e.Store.Load(ctx, account, store.Want{})
	if err != nil || !l.State.History.Pending[f.ID].Is(f) {
		return done, err
	}
	if done, err = e.execute(ctx, l.State, f); err != nil {
		return done, err
	}
	return done, e.finish(ctx, l.State, done, commit)
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

// finish commits an effect as done. One that only wrote rows insists on the state that it was decided on; one
// that cannot be undone is recorded on whatever state there is by then.
func (e *Engine) finish(ctx context.Context, s licence.State, done licence.Result, commit committer) error {
	err := commit(ctx, s, casework.Finish(s, done, e.Now()))
	insist := done.Effect.Once() && (done.Effect.Sending.IsZero() || done.Outcome == "sending")
	if !errors.Is(err, store.ErrConflict) || insist {
		return err
	}
	return e.Put(ctx, s.Account, func(s licence.State) (c licence.Change, ok bool, err error) {
		if _, owed := s.History.Pending[done.Effect.ID]; owed {
			c, ok = casework.Finish(s, done, e.Now()), true
		}
		return c, ok, nil
	})
}
