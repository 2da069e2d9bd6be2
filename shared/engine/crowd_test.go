package engine_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/memory"
)

// TestTwoThousandDueAtOnce: one sweep reads the licences of two thousand customers that fall due in the same
// minute, while one tenant never answers. Nobody else is later than twice the median, which is what a queue
// has that stands still nowhere. The time is a bubble's: what waits costs none.
func TestTwoThousandDueAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("short: two thousand customers take long under the race detector, and TestOneSlowMailDelaysNobodyElse looks there")
	}
	const (
		customers = 2000
		hangs     = "C-0" // the first of them: what comes after would wait
		reading   = 200 * time.Millisecond
		forAll    = 215 * time.Second // a sweep's function, less what it leaves for the end of what was begun
	)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(morning))
		db := memory.New(time.Now)
		e := hand(db, time.Now)
		e.Hands = 16 // as on AWS
		first := account(0)
		first.Installations[0].Hosting = "online"
		tell(t, e, first.Account, time.Now(), first)
		l, err := db.Load(t.Context(), first.Account, store.Want{})
		if err != nil {
			t.Fatal(err)
		}
		s := l.State
		var owed []licence.Effect
		for _, id := range slices.Sorted(maps.Keys(s.History.Pending)) {
			owed = append(owed, s.History.Pending[id])
		}
		for n := range customers - 1 { // as many more of it, told in fewer steps
			c := licence.Change{Account: fmt.Sprint("C-", n+1), Known: s.Known, Parts: licence.Parts, History: s.History, Add: owed, Due: time.Now()}
			if err := db.Commit(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute)
		began := time.Now()
		var mu sync.Mutex
		var read []time.Duration
		var cut time.Duration
		e.Do[licence.Read] = func(ctx context.Context, s licence.State, f licence.Effect) ([]licence.Payload, licence.Result, error) {
			if s.Account == hangs {
				<-ctx.Done()
				cut = time.Since(began)
				return nil, licence.Result{Effect: f}, ctx.Err()
			}
			time.Sleep(reading)
			mu.Lock()
			defer mu.Unlock()
			read = append(read, time.Since(began))
			return nil, licence.Result{Effect: f, Outcome: "done"}, nil
		}
		ctx, cancel := context.WithTimeout(t.Context(), forAll)
		defer cancel()
		swept, err := e.Sweep(ctx)
		if err != nil || fmt.Sprint(swept) != fmt.Sprint(engine.Swept{Reached: customers}) {
			t.Errorf("the sweep says %+v, %v", swept, err)
		}
		if len(read) != customers-1 || cut == 0 {
			t.Fatalf("%d of %d customers were read, and the one that hangs was given up after %s", len(read), customers-1, cut)
		}
		slices.Sort(read)
		median, latest := read[len(read)/2], read[len(read)-1]
		t.Logf("half are read after %s, the last after %s, the one that hangs is given up after %s", median, latest, cut)
		if median < reading || latest > 2*median || latest >= cut {
			t.Error("somebody waits for the one that hangs")
		}
	})
}
