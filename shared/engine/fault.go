package engine

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// Faults of ours that no caller hears of. Each is one line of the log at ERROR whose field "fault" is
// its code; template.yaml counts them by it. Ops have a task of the same code for as long as it lasts.
const (
	FaultMail    = "mail-refused"  // our mail server, or SES, refuses us
	FaultAccount = "account-stuck" // an account could be neither written nor delivered, sweep after sweep
	FaultSweep   = "sweep-late"    // a sweep had no time for all that is due
	FaultRule    = "rule-failed"   // a rule broke
)

// Faults are all of them.
var Faults = []string{FaultMail, FaultAccount, FaultSweep, FaultRule}

// fault logs one.
func (e *Engine) fault(code, message string, args ...any) {
	e.Log.Error(message, append([]any{"fault", code}, args...)...)
}

// An account is stuck when so many sweeps failed at it, over at least so long. One that fails less may
// have met a store that was slow for a moment.
const (
	stuckSweeps = 3
	stuckFor    = 10 * time.Minute
)

// A failing account is one at which the latest sweeps failed.
type failing struct {
	Since  time.Time `json:"since"`
	Sweeps int       `json:"sweeps"`
}

func (f failing) stuck(now time.Time) bool {
	return f.Sweeps >= stuckSweeps && now.Sub(f.Since) >= stuckFor
}

// failingRow is where the fleet's account remembers them from one sweep to the next: each may run in
// a process of its own.
var failingRow = licence.RowKey{Kind: "sweep", ID: "failing"}

// report tells ops of what a sweep met: accounts that are stuck, and that it had no time for all. What
// is over is closed.
func (e *Engine) report(ctx context.Context, swept Swept, well []string) error {
	trouble := swept.Left > 0 || len(swept.Failed) > 0
	if !trouble && e.calm.Load() {
		return nil // nothing was open when this process looked last, and nothing has begun here since
	}
	ctx, cancel := context.WithTimeout(ctx, mailLimit)
	defer cancel()
	if swept.Left > 0 {
		e.fault(FaultSweep, "the sweep had no time for all", "left", swept.Left)
	}
	late := e.fleet(ctx, FaultSweep, licence.Subject{Kind: "source", ID: "sweep"}, func(t *FleetTask) {
		if t.State = licence.Closed; swept.Left > 0 {
			t.State = licence.Open
		}
	})
	stuck, err := e.failing(ctx, swept.Failed, well)
	for _, account := range stuck {
		e.fault(FaultAccount, "an account is stuck", "account", account)
	}
	if err == nil {
		err = e.fleet(ctx, FaultAccount, licence.Subject{Kind: "source", ID: "sweep"}, func(t *FleetTask) {
			t.Accounts, t.Count = stuck[:min(len(stuck), named)], len(stuck)
			if t.State = licence.Closed; t.Count > 0 {
				t.State = licence.Open
			}
		})
	}
	err = errors.Join(late, err)
	e.calm.Store(err == nil && !trouble)
	return err
}

// failing enters at which accounts a sweep failed and at which it did well, and gives those that are stuck.
func (e *Engine) failing(ctx context.Context, failed, well []string) ([]string, error) {
	now := e.Now()
	var stuck []string
	err := e.Owe(ctx, store.Operations, func() ([]licence.Row, []licence.Effect, error) {
		// The row is read after the state: whoever writes in between makes the commit fail.
		row, ok, err := e.Store.Row(ctx, store.Operations, failingRow.Kind, failingRow.ID)
		was := map[string]failing{}
		if ok && err == nil {
			err = json.Unmarshal(row.Body, &was)
		}
		if err != nil {
			return nil, nil, err
		}
		is := maps.Clone(was)
		for _, account := range well {
			delete(is, account)
		}
		for _, account := range failed {
			f, ok := is[account]
			if !ok && len(is) == named {
				continue
			}
			if !ok {
				f.Since = now
			}
			f.Sweeps++
			is[account] = f
		}
		stuck = nil
		for _, account := range slices.Sorted(maps.Keys(is)) {
			if is[account].stuck(now) {
				stuck = append(stuck, account)
			}
		}
		if maps.Equal(was, is) {
			return nil, nil, nil
		}
		body, err := json.Marshal(is)
		return []licence.Row{{Kind: failingRow.Kind, ID: failingRow.ID, Body: body, Gone: len(is) == 0}}, nil, err
	})
	return stuck, err
}
