package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// An effect that cannot be committed stays owed, and what is owed after it is done all the same.
func TestOneEffectThatFailsHoldsUpNoOther(t *testing.T) {
	now := func() time.Time { return morning }
	e := hand(onSQLite(t, now), now)
	a := account(7)
	a.Installations[0].Hosting = "online"
	if got := tell(t, e, "C-7", morning, a); got != "applied" {
		t.Fatal(got)
	}
	tried := map[string]int{}
	e.Do[licence.Read] = func(_ context.Context, _ licence.State, f licence.Effect) ([]licence.Payload, licence.Result, error) {
		tried[f.ID]++
		done := licence.Result{Effect: f, At: morning, Outcome: "done"}
		for i := range 2 * store.MaxActions { // more than one commit may write
			done.Rows = append(done.Rows, licence.Row{Kind: "mail", ID: fmt.Sprint("x", i), Body: []byte("{}")})
		}
		return nil, done, nil
	}
	var mails []string
	e.Do[licence.Mail] = by(now, func(_ context.Context, f licence.Effect) error {
		mails = append(mails, f.Why)
		return nil
	})
	tell(t, e, "C-7", morning, licence.LinkAsked{Role: licence.Admin})
	if err := e.Deliver(t.Context(), "C-7"); !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("the delivery says %v", err)
	}
	if len(mails) != 1 || mails[0] != "link" {
		t.Errorf("mails went: %q, want the link", mails)
	}
	if len(tried) == 0 {
		t.Error("no effect failed")
	}
	for id, n := range tried {
		if n != 1 {
			t.Errorf("effect %s was done %d times in one delivery", id, n)
		}
	}
}

// TestSweepHandsOver: a sweep that has no time left tells how many accounts it did not reach. They
// stay due, and the next one reaches them. What was begun is ended, and is not uncertain.
func TestSweepHandsOver(t *testing.T) {
	const customers = 12
	at := morning
	now := func() time.Time { return at }
	db := onSQLite(t, now)
	e := hand(db, now)
	ctx, stop := context.WithCancel(t.Context())
	var mu sync.Mutex
	sent := 0
	e.Do[licence.TaskSent] = done
	send := by(now, func(ctx context.Context, _ licence.Effect) error {
		mu.Lock()
		defer mu.Unlock()
		sent++
		return ctx.Err()
	})
	e.Do[licence.Mail] = func(ctx context.Context, s licence.State, f licence.Effect) ([]licence.Payload, licence.Result, error) {
		stop() // the first mail is taken, and not yet handed over
		return send(ctx, s, f)
	}
	for n := range customers {
		tell(t, e, fmt.Sprint("C-", n), morning, account(n))
		tell(t, e, fmt.Sprint("C-", n), morning, report(n))
		if err := e.Deliver(t.Context(), fmt.Sprint("C-", n)); err != nil {
			t.Fatal(err)
		}
	}
	at = morning.Add(20 * time.Minute)
	e.Hands = 4
	swept, err := e.Sweep(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if swept.Left == 0 || swept.Reached+swept.Left != customers {
		t.Errorf("of %d customers the first sweep says %+v", customers, swept)
	}
	first := sent
	if swept, err = e.Sweep(t.Context()); err != nil || swept.Left != 0 {
		t.Errorf("the second sweep: %+v, %v", swept, err)
	}
	if first == 0 || first == customers || sent != customers {
		t.Errorf("%d mails went in the first sweep and %d in all, of %d customers", first, sent, customers)
	}
	for n := range customers {
		l, err := db.Load(t.Context(), fmt.Sprint("C-", n), store.Want{})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range l.State.History.Mailed {
			if m.Uncertain {
				t.Errorf("of C-%d it is not known whether a mail went", n)
			}
		}
	}
}
