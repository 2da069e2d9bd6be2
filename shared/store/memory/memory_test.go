package memory_test

import (
	"errors"
	"testing"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/memory"
	"seatmend/shared/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(_ *testing.T, now func() time.Time) store.Store { return memory.New(now) })
}

// TestProcesses: what one process has begun and not made durable no other sees, and goes with it.
func TestProcesses(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }
	one := memory.New(now)
	other := one.Process(now)
	begun := one.Begin(t.Context(), licence.Change{Account: "C-1"}, nil)
	if err := other.Commit(t.Context(), licence.Change{Account: "C-1"}); err != nil {
		t.Fatal(err)
	}
	if err := begun.Wait(); !errors.Is(err, store.ErrConflict) {
		t.Errorf("got %v of a change that another process was faster with", err)
	}
	if l, err := one.Load(t.Context(), "C-1", store.Want{}); err != nil || l.State.N != 1 {
		t.Errorf("version %d, error %v", l.State.N, err)
	}
}
