package licence

import "testing"

// wNine is a customer of whom nine hold Sales Premium, with a new licence for seven.
func wNine(t *testing.T, orders ...Payload) *world {
	t.Helper()
	w := newWorld(t, "2026-11-20 09:00", wFjord())
	w.tell(orders...)
	w.now = wTime("2026-11-30 09:00")
	w.tell(wLicence(wLine("sales-premium", 10, 7, 9)), wSeats("sales-premium", 9))
	return w
}

func TestWhatCannotBeCountedIsToldButNotKnown(t *testing.T) {
	cut, metered, other, fee := wOrder("sub_1", "sales-premium", 7), wOrder("sub_1", "sales-premium", 7), wOrder("sub_1", "sales-premium", 7), wOrder("sub_1", "sales-premium", 7)
	cut.Uncounted = true
	metered.Items[0] = Item{Prices: []string{"price_sp"}, Metered: true}
	other.Items = append(other.Items, Item{Prices: []string{"price_use"}, Metered: true})
	fee.Items = append(fee.Items, Item{Prices: []string{"price_fee"}, Metered: true})
	to := wOrder("sub_1", "sales-premium", 10)
	to.Scheduled = []Phase{{At: wTime("2026-11-25 00:00"), Items: cut.Items, Uncounted: true}}
	for name, p := range map[string]SubscriptionChanged{
		"a list that goes on": cut, "paid by use": metered, "paid by use, of no plan": other, "by a phase that goes on": to,
	} {
		t.Run(name, func(t *testing.T) {
			w := wNine(t, wOrder("sub_1", "sales-premium", 10), p)
			w.unknown("surplus")
			w.absent("surplus", "plan-swap")
			w.quiet()
			w.now = w.now.Add(Settling)
			w.tell(wOrder("sub_1", "sales-premium", 7)) // it can be counted again
			if f := w.finding("surplus", "open"); f.Need != 2 {
				t.Errorf("free %d, not 2", f.Need)
			}
		})
	}
	t.Run("a fee that is paid by use", func(t *testing.T) {
		w := wNine(t, fee)
		a := wFjord()
		a.NotSeats = Some([]string{"price_fee"})
		w.tell(a)
		if f := w.finding("surplus", "open"); f.Need != 2 {
			t.Errorf("free %d, not 2", f.Need)
		}
	})
	t.Run("another plan paid by use", func(t *testing.T) {
		p := wOrder("sub_1", "sales-premium", 7)
		p.Items = append(p.Items, Item{Prices: []string{"price_ma"}, Metered: true})
		if f := wNine(t, p).finding("surplus", "open"); f.Need != 2 {
			t.Errorf("free %d, not 2", f.Need)
		}
	})
}
