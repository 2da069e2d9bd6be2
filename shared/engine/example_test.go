package engine_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/sqlite"
)

// An engine over a file. What comes before its account waits until the account is told, and what
// is told twice is taken once.
func ExampleEngine_Apply() {
	folder, err := os.MkdirTemp("", "seatmend")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	now := func() time.Time { return time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC) }
	db, err := sqlite.Open(filepath.Join(folder, "seatmend.db"), now)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	e := &engine.Engine{Store: db, Now: now, Log: slog.New(slog.DiscardHandler)}

	ctx := context.Background()
	fact := func(id string, p licence.Payload) licence.Fact {
		return licence.Fact{ID: id, To: []licence.Name{{Sender: "account", ID: "C-1042"}}, At: now(), Source: "standard", Payload: p}
	}
	order := fact("standard/1", licence.SubscriptionChanged{
		Subscription: "sub_1", Status: "active", Items: []licence.Item{{Plan: "sales-premium", Quantity: 7}},
	})
	account := fact("standard/2", licence.AccountChanged{Account: "C-1042", Name: "Fjord Foods AB", Timezone: "Europe/Stockholm", Model: "plans"})
	for _, f := range []licence.Fact{order, account, account} {
		outs, err := e.Apply(ctx, f)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(f.Payload.Type(), outs[0].Result)
	}

	// What is owed is done: the order that waited is folded.
	if err := e.Deliver(ctx, "C-1042"); err != nil {
		fmt.Println(err)
		return
	}
	loaded, err := db.Load(ctx, "C-1042", store.Want{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("orders:", len(loaded.State.Known.Orders.Subs))

	// Output:
	// subscription.changed parked
	// account.changed applied
	// account.changed duplicate
	// orders: 1
}
