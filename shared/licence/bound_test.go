package licence

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// Of what ended long ago it is kept that it ended, and of that a bounded number: a late body revives nothing,
// and in whatever order they were told, the same is known.
func TestWhatEndedIsKeptShort(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	tell := func(n int, status string, after time.Duration) Fact {
		return Fact{
			ID: fmt.Sprint(n, status, after), At: at.Add(time.Duration(n)*Day + after), Source: "standard",
			Payload: SubscriptionChanged{Subscription: fmt.Sprint("s", n), Status: status, Items: []Item{{Plan: "sales-premium", Quantity: 5}}},
		}
	}
	told := func(ended int) (all []Fact) {
		for n := range ended {
			all = append(all, tell(n, "active", 0), tell(n, "active", time.Minute), tell(n, "ended", time.Hour))
		}
		return all
	}
	fold := func(facts []Fact) (k Known) {
		for _, f := range facts {
			k, _, _ = k.Fold(f, nil)
		}
		return k
	}
	stored := func(k Known) string {
		b, err := k.Encode("orders")
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	k := fold(told(3 * endedKept))
	oldest, newest := k.Orders.Subs[fmt.Sprint("s", 2*endedKept)], k.Orders.Subs[fmt.Sprint("s", 3*endedKept-1)]
	if len(k.Orders.Subs) != endedKept || oldest == nil || len(oldest.Lists) > 0 || newest == nil || len(newest.Lists) == 0 {
		t.Errorf("%d are kept, %+v of the oldest, %+v of the newest", len(k.Orders.Subs), oldest, newest)
	}
	all := told(endedKept)
	was := stored(fold(all))
	slices.Reverse(all) // each told of first when it has ended
	if now := stored(fold(all)); now != was {
		t.Errorf("told the other way round, other %d bytes are known than %d", len(now), len(was))
	}
}
