package onboard

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"seatmend/shared/engine"
	"seatmend/shared/store"
)

// taker writes what a pile holds. Its engine has no executor of mails or reads: what becomes
// owed lies in the outbox until the run delivers.
func (t Target) taker(now func() time.Time) *engine.Engine {
	return &engine.Engine{Store: store.With(t.Store, t.Settings), Now: now, Unique: rand.Text, Log: slog.New(slog.DiscardHandler)}
}

// Write takes every customer in. What is stored already is skipped: after a kill the same
// command goes on where it was.
func (t Target) Write(ctx context.Context, p *Staging, now func() time.Time, progress io.Writer) (customers, facts int, err error) {
	var done, told atomic.Int64
	quit := make(chan struct{})
	var says sync.WaitGroup
	says.Go(func() {
		every := time.NewTicker(time.Second)
		defer every.Stop()
		for {
			select {
			case <-quit:
				return
			case <-every.C:
				fmt.Fprintf(progress, "%d of %s\n", done.Load(), counted(len(p.batches), "customer"))
			}
		}
	})
	defer says.Wait()
	defer close(quit)
	e := t.taker(now)
	todo := p.batches
	for {
		var mu sync.Mutex
		var later []*batch
		var why error
		err := each(ctx, todo, func(ctx context.Context, _ int, b *batch) error {
			n, err := t.writeOne(ctx, e, p, b)
			told.Add(int64(n))
			var taken *store.NameTaken
			if errors.As(err, &taken) {
				// Another customer of the file still has the name, and gives it up.
				mu.Lock()
				later, why = append(later, b), fmt.Errorf("line %d: %w", b.line, err)
				mu.Unlock()
				return nil
			}
			if err != nil {
				return fmt.Errorf("line %d, %s: %w", b.line, b.account, err)
			}
			done.Add(1)
			return nil
		})
		if err == nil && len(later) == len(todo) && len(later) > 0 {
			err = why // nobody gave up anything more
		}
		if err != nil || len(later) == 0 {
			return int(done.Load()), int(told.Load()), err
		}
		todo = later
	}
}

// writeOne takes a customer in, and tells how many facts were written.
func (t Target) writeOne(ctx context.Context, e *engine.Engine, p *Staging, b *batch) (int, error) {
	facts, err := p.read(b)
	if err != nil {
		return 0, err
	}
	_, fresh, wrong, err := t.fresh(ctx, b.account, facts)
	if err != nil {
		return 0, err
	}
	if len(wrong) > 0 {
		return 0, errors.New(wrong[0].String()) // it was stored since all was checked
	}
	n := 0
	for _, f := range fresh {
		// A cut between two facts: the next run finds the first one stored, and goes on here.
		outs, err := e.Apply(ctx, f.fact)
		if err != nil {
			return n, err
		}
		if outs[0].Result == "applied" {
			n++
		}
	}
	return n, nil
}
