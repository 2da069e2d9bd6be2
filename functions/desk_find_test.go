package functions_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/dynamo"
)

// Ten thousand customers are searched from the index: a word is one query, and one read of those it
// found, however many customers there are; several words are no more.
func TestFindAmongTenThousand(t *testing.T) {
	customers := map[string]int{"sqlite": 10_000, "dynamo": 600} // the stand-in takes 10 ms to write an item
	if testing.Short() {
		customers = map[string]int{"sqlite": 1_000, "dynamo": 80}
	}
	for name, open := range map[string]func(*testing.T, func() time.Time) store.Store{"sqlite": onSQLite, "dynamo": onDynamo} {
		t.Run(name, func(t *testing.T) {
			db := open(t, func() time.Time { return morning })
			indexMany(t, db, customers[name])
			var trips []string
			if d, ok := db.(*dynamo.Store); ok {
				d.Meter = func(op string, units float64) { trips = append(trips, op) }
			}
			count := &counted{Store: db, calls: map[string]int{}}
			e := &engine.Engine{Store: count}
			for typed, want := range map[string]int{
				"Ström": 3, "strom": 3, "STRÖMS": 1, "trom": 3, "ström fastigheter": 1, "Fastigheter Ström AB": 1, "cust70007": 1, "70007": 1, "Nordahl": 0, "kund": 50,
			} {
				trips, count.calls = nil, map[string]int{}
				list, _, err := e.Find(t.Context(), typed, store.Page{Limit: 50})
				if err != nil || len(list) != want {
					t.Errorf("%q finds %d, want %d: %v", typed, len(list), want, err)
				}
				if count.calls["Find"] != 1 || len(count.calls) != 1 || len(trips) > 2 {
					t.Errorf("%q took %v, %v", typed, count.calls, trips)
				}
			}
		})
	}
}

// indexMany commits a few customers whole, and indexes many.
func indexMany(t *testing.T, db store.Store, customers int) {
	t.Helper()
	few := map[int]string{7: "Ström Fastigheter AB", 70: "Ström & Co AB", 75: "Strömsunds Bygg AB"}
	var wait sync.WaitGroup
	for hand := range 8 {
		wait.Go(func() {
			for i := hand; i < customers; i += 8 {
				id, name := fmt.Sprintf("C-%05d", i), few[i]
				if name == "" {
					name = fmt.Sprintf("Kund%d AB", i)
				}
				if err := db.Commit(context.Background(), licence.Change{Account: id, Entry: licence.Entry{Name: name}}); err != nil {
					t.Error(err)
				}
				terms := []string{fmt.Sprint("kund", i), "ab"}
				if few[i] != "" {
					s := licence.State{Account: id}
					s.Known.Profile.Account.Value = licence.AccountChanged{Name: name, Installations: []licence.Installation{{CustID: fmt.Sprint("Cust", 70000+i)}}}
					terms = engine.Terms(s)
				}
				if err := db.Index(context.Background(), id, terms); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
}
