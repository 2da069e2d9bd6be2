package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// full is a store in which one account cannot be written.
type full struct {
	store.Store
	store.Eraser
	account string
}

func (f *full) Commit(ctx context.Context, c licence.Change) error {
	if c.Account == f.account {
		return errors.New("it cannot be written")
	}
	return f.Store.Commit(ctx, c)
}

// opsTasks are the open tasks of the fleet's account, as code and accounts.
func opsTasks(t *testing.T, db store.Store) string {
	t.Helper()
	rows, _, err := db.Rows(t.Context(), store.Operations, "task", store.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range rows {
		var task engine.FleetTask
		if err := json.Unmarshal(r.Body, &task); err != nil {
			t.Fatal(err)
		}
		if task.State == "open" {
			out = append(out, strings.TrimSpace(fmt.Sprint(task.Code, " ", strings.Join(task.Accounts, " "))))
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// faults are the codes of the faults that a log tells of.
func faults(t *testing.T, log *bytes.Buffer) []string {
	t.Helper()
	var out []string
	for line := range strings.Lines(log.String()) {
		var said struct{ Level, Fault string }
		if err := json.Unmarshal([]byte(line), &said); err != nil {
			t.Fatal(err)
		}
		if said.Fault != "" && said.Level == "ERROR" && !slices.Contains(out, said.Fault) {
			out = append(out, said.Fault)
		}
	}
	return out
}

// TestAStuckAccountIsTold: an account at which three sweeps fail is a fault that is logged, and a task
// for ops that ends with it. The others are swept as ever, and one bad sweep is no fault.
func TestAStuckAccountIsTold(t *testing.T) {
	at := morning
	now := func() time.Time { return at }
	var log bytes.Buffer
	real := onSQLite(t, now)
	db := &full{Store: real, Eraser: real.(store.Eraser)}
	first := hand(db, now)
	for n := range 3 {
		tell(t, first, fmt.Sprint("C-", n), at, account(n))
		tell(t, first, fmt.Sprint("C-", n), at, report(n))
	}
	db.account = "C-1"
	sweep := func() engine.Swept {
		t.Helper()
		at = at.Add(5 * time.Minute)
		e := hand(db, now) // each in a process of its own
		e.Log = slog.New(slog.NewJSONHandler(&log, nil))
		e.Do[licence.TaskSent], e.Do[licence.Mail], e.Do[licence.Read] = done, done, done
		swept, err := e.Sweep(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return swept
	}
	for range 2 {
		if swept := sweep(); fmt.Sprint(swept.Failed) != "[C-1]" {
			t.Fatalf("%+v", swept)
		}
	}
	if got := opsTasks(t, db); got != "" {
		t.Errorf("after two sweeps ops have %s", got)
	}
	sweep()
	if got := opsTasks(t, db); got != "account-stuck C-1" {
		t.Errorf("after three sweeps ops have %q", got)
	}
	if got := fmt.Sprint(faults(t, &log)); got != "[account-stuck]" {
		t.Errorf("the log tells of %s", got)
	}
	if swept := sweep(); slices.Contains(swept.Failed, "C-0") || slices.Contains(swept.Failed, "C-2") {
		t.Errorf("%+v", swept)
	}
	db.account = ""
	sweep()
	if got := opsTasks(t, db); got != "" {
		t.Errorf("once it can be written again ops have %s", got)
	}
	db.account = "C-2"
	for range 3 {
		sweep()
	}
	if got := opsTasks(t, db); got != "account-stuck C-2" {
		t.Errorf("after three sweeps more ops have %q", got)
	}
	db.account = ""
	if err := hand(db, now).Erase(t.Context(), "C-2"); err != nil {
		t.Fatal(err)
	}
	sweep()
	if got := opsTasks(t, db); got != "" {
		t.Errorf("of a customer who was erased ops have %s", got)
	}
}

// TestALateSweepIsTold: so is a sweep that had no time for all, until one has.
func TestALateSweepIsTold(t *testing.T) {
	at := morning
	now := func() time.Time { return at }
	var log bytes.Buffer
	db := onSQLite(t, now)
	e := hand(db, now)
	e.Log = slog.New(slog.NewJSONHandler(&log, nil))
	for n := range 3 {
		tell(t, e, fmt.Sprint("C-", n), at, account(n))
		tell(t, e, fmt.Sprint("C-", n), at, report(n))
	}
	at = at.Add(20 * time.Minute)
	ctx, stop := context.WithCancel(t.Context())
	e.Do[licence.Mail], e.Do[licence.Read] = done, done
	e.Do[licence.TaskSent] = func(_ context.Context, _ licence.State, f licence.Effect) ([]licence.Payload, licence.Result, error) {
		stop()
		return nil, licence.Result{Effect: f, Outcome: "done"}, nil
	}
	swept, err := e.Sweep(ctx)
	if err != nil || swept.Left == 0 {
		t.Fatalf("%+v, %v", swept, err)
	}
	if got := opsTasks(t, db); got != "sweep-late" {
		t.Errorf("ops have %q", got)
	}
	if got := fmt.Sprint(faults(t, &log)); got != "[sweep-late]" {
		t.Errorf("the log tells of %s", got)
	}
	e.Do[licence.TaskSent] = done
	if swept, err := e.Sweep(t.Context()); err != nil || swept.Left > 0 {
		t.Fatalf("%+v, %v", swept, err)
	}
	if got := opsTasks(t, db); got != "" {
		t.Errorf("after a whole sweep ops have %s", got)
	}
}

// unlisted is a store whose list of what is due ends early.
type unlisted struct{ store.Store }

var errList = errors.New("the list ended")

func (u unlisted) Due(ctx context.Context, by time.Time) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for account, err := range u.Store.Due(ctx, by) {
			if !yield(account, err) {
				return
			}
			yield("", errList)
			return
		}
	}
}

// TestASweepOfHalfAList: what the store gave before its list ended is swept, and the error is told.
func TestASweepOfHalfAList(t *testing.T) {
	at := morning
	now := func() time.Time { return at }
	db := onSQLite(t, now)
	e := hand(db, now)
	e.Do[licence.TaskSent], e.Do[licence.Mail], e.Do[licence.Read] = done, done, done
	for n := range 2 {
		tell(t, e, fmt.Sprint("C-", n), at, account(n))
		tell(t, e, fmt.Sprint("C-", n), at, report(n))
	}
	at = at.Add(20 * time.Minute)
	e.Store = unlisted{db}
	swept, err := e.Sweep(t.Context())
	if !errors.Is(err, errList) || swept.Reached != 1 {
		t.Errorf("%+v, %v", swept, err)
	}
}
