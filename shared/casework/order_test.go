package casework

import (
	"slices"
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// What is ordered: which lines count, where, and since when.

// nineHolders is a customer of whom nine hold Sales Premium, with a new licence for seven.
func nineHolders(t *testing.T, orders ...licence.Payload) *world {
	t.Helper()
	w := newWorld(t, "2026-11-20 09:00", fjord())
	w.tell(orders...)
	w.now = stockholm("2026-11-30 09:00")
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 9)), holders("sales-premium", 9))
	return w
}

func TestWhatCannotBeCountedIsToldButNotKnown(t *testing.T) {
	cut, metered, other, fee := orderOf("sub_1", "sales-premium", 7), orderOf("sub_1", "sales-premium", 7), orderOf("sub_1", "sales-premium", 7), orderOf("sub_1", "sales-premium", 7)
	cut.Uncounted = true
	metered.Items[0] = licence.Item{Prices: []string{"price_sp"}, Metered: true}
	other.Items = append(other.Items, licence.Item{Prices: []string{"price_use"}, Metered: true})
	fee.Items = append(fee.Items, licence.Item{Prices: []string{"price_fee"}, Metered: true})
	to := orderOf("sub_1", "sales-premium", 10)
	to.Scheduled = []licence.Phase{{At: stockholm("2026-11-25 00:00"), Items: cut.Items, Uncounted: true}}
	for name, p := range map[string]licence.SubscriptionChanged{
		"a list that goes on": cut, "paid by use": metered, "paid by use, of no plan": other, "by a phase that goes on": to,
	} {
		t.Run(name, func(t *testing.T) {
			w := nineHolders(t, orderOf("sub_1", "sales-premium", 10), p)
			w.unknown("surplus")
			w.absent("surplus", "plan-swap")
			w.quiet()
			w.now = w.now.Add(licence.Settling)
			w.tell(orderOf("sub_1", "sales-premium", 7)) // it can be counted again
			if f := w.finding("surplus", "open"); f.Need != 2 {
				t.Errorf("free %d, not 2", f.Need)
			}
		})
	}
	t.Run("a fee that is paid by use", func(t *testing.T) {
		w := nineHolders(t, fee)
		a := fjord()
		a.NotSeats = licence.Some([]string{"price_fee"})
		w.tell(a)
		if f := w.finding("surplus", "open"); f.Need != 2 {
			t.Errorf("free %d, not 2", f.Need)
		}
	})
	t.Run("another plan paid by use", func(t *testing.T) {
		p := orderOf("sub_1", "sales-premium", 7)
		p.Items = append(p.Items, licence.Item{Prices: []string{"price_ma"}, Metered: true})
		if f := nineHolders(t, p).finding("surplus", "open"); f.Need != 2 {
			t.Errorf("free %d, not 2", f.Need)
		}
	})
}

// linesOf makes an order of lines that say of which installation they are.
func linesOf(custID string, p licence.SubscriptionChanged) licence.SubscriptionChanged {
	p.Items = slices.Clone(p.Items)
	for i := range p.Items {
		p.Items[i].CustID = custID
	}
	return p
}

// endedOrder is what is told of a subscription when it has ended.
func endedOrder(p licence.SubscriptionChanged, on licence.Date) licence.SubscriptionChanged {
	p.Status, p.EndsAt = "ended", on
	return p
}

// threeInstallations is a customer with three subscriptions of four seats each, of which one has ended.
func threeInstallations(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, "2026-10-01 09:00", fjord())
	for _, id := range []string{"sub_1", "sub_2", "sub_3"} {
		w.tell(orderOf(id, "sales-premium", 4))
	}
	w.tell(soundLicence(licenceLine("sales-premium", 12, -1, 12)))
	w.now = stockholm("2026-11-10 09:00")
	w.tell(endedOrder(orderOf("sub_3"), "2026-11-10"), orderOf("sub_2", "sales-premium", 4)) // told again, as every night
	w.live(30 * time.Hour)
	return w
}

func TestOneOfSeveralEnded(t *testing.T) {
	t.Run("nothing shows where its seats went", func(t *testing.T) {
		w := threeInstallations(t)
		w.tell(soundLicence(licenceLine("sales-premium", 12, -1, 12)))
		w.absent("surplus", "subscription-ended")
		f := w.finding("order-differs", "open")
		if f.Say != "g" || f.Args["left"] != 4 || f.Args["ordered"] != 8 || f.Owner != licence.Support || f.Severity != "medium" {
			t.Errorf("%s: left %v, ordered %v, %s, %s", f.Say, f.Args["left"], f.Args["ordered"], f.Owner, f.Severity)
		}
		w.wantTask("order-differs", licence.Support)
		w.quiet()
		for _, m := range diagnosis.NewReading(w.s, w.now, w.now).Production()[0].Modules {
			if m.Key == "ten-sales" && m.B.N != 8 {
				t.Errorf("%d are ordered, not 8", m.B.N)
			}
		}
	})
	t.Run("only what is beyond them is asked for", func(t *testing.T) {
		w := threeInstallations(t)
		w.tell(lapsingLicence(licenceLine("sales-premium", 12, 12, 14)))
		w.live(2 * time.Hour)
		if f := w.finding("surplus", "open"); f.Need != 2 {
			t.Errorf("free %d, not 2", f.Need)
		}
		if !w.diagnosis().Disputed("Cust12345") {
			t.Error("the offer has more than is ordered, and nobody doubts it")
		}
	})
	t.Run("a longer licence has fewer", func(t *testing.T) {
		w := threeInstallations(t)
		w.tell(lapsingLicence(licenceLine("sales-premium", 12, 8, 12)))
		w.live(2 * time.Hour)
		w.absent("order-differs")
		if f := w.finding("surplus", "open"); f.Need != 4 || f.Say != "a" {
			t.Errorf("%s: free %d, not 4", f.Say, f.Need)
		}
	})
	t.Run("another took them over", func(t *testing.T) {
		w := threeInstallations(t)
		w.tell(orderOf("sub_2", "sales-premium", 8))
		w.live(30 * time.Hour)
		w.tell(soundLicence(licenceLine("sales-premium", 12, -1, 12)))
		w.absent("order-differs", "surplus")
	})
	t.Run("another had changed just before", func(t *testing.T) {
		w := newWorld(t, "2026-10-01 09:00", fjord())
		w.tell(orderOf("sub_1", "sales-premium", 6), orderOf("sub_2", "sales-premium", 6), soundLicence(licenceLine("sales-premium", 12, -1, 12)))
		w.now = stockholm("2026-11-09 12:00")
		w.tell(orderOf("sub_1", "sales-premium", 12))
		w.now = stockholm("2026-11-10 09:00")
		w.tell(endedOrder(orderOf("sub_2"), "2026-11-10"))
		w.live(30 * time.Hour)
		w.tell(soundLicence(licenceLine("sales-premium", 12, -1, 12)))
		w.absent("order-differs", "surplus", "subscription-ended")
	})
	t.Run("support says that they are gone", func(t *testing.T) {
		w := threeInstallations(t)
		w.tell(soundLicence(licenceLine("sales-premium", 12, -1, 12)))
		w.tell(licence.FindingAnswered{Fingerprint: w.finding("order-differs", "open").Fingerprint, Answer: "numbers-right", By: "Siri"})
		w.finding("order-differs", "answered")
		if f := w.finding("surplus", "open"); f.Need != 4 || f.Say != "c" {
			t.Errorf("%s: free %d, not 4", f.Say, f.Need)
		}
	})
	t.Run("by a schedule to nothing", func(t *testing.T) {
		w := newWorld(t, "2026-10-01 09:00", fjord())
		to := orderOf("sub_2", "sales-premium", 6)
		to.Scheduled = []licence.Phase{{At: stockholm("2026-12-01 00:00"), Items: orderOf("", "sales-premium", 0).Items}}
		w.tell(orderOf("sub_1", "sales-premium", 6), to, soundLicence(licenceLine("sales-premium", 12, -1, 12)))
		if n := seatsAsked(w.diagnosis()); n > 0 {
			t.Errorf("%d are asked for", n)
		}
		w.now = stockholm("2026-12-02 09:00")
		w.tell(soundLicence(licenceLine("sales-premium", 12, -1, 12)))
		if f := w.finding("order-differs", "open"); f.Say != "g" || seatsAsked(w.diagnosis()) > 0 {
			t.Errorf("%s, and %d are asked for", f.Say, seatsAsked(w.diagnosis()))
		}
	})
	t.Run("of another plan alone", func(t *testing.T) {
		w := newWorld(t, "2026-10-01 09:00", fjord())
		w.tell(orderOf("sub_1", "sales-premium", 10), orderOf("sub_2", "service-premium", 5))
		w.tell(lapsingLicence(licenceLine("sales-premium", 10, -1, 9), licenceLine("service-premium", 5, -1, 5)))
		w.now = stockholm("2026-11-10 09:00")
		w.tell(endedOrder(orderOf("sub_2", "service-premium", 5), "2026-11-10"), orderOf("sub_1", "sales-premium", 10))
		w.live(30 * time.Hour)
		w.tell(lapsingLicence(licenceLine("sales-premium", 10, 8, 9), licenceLine("service-premium", 5, 5, 5)))
		w.tell(orderOf("sub_1", "sales-premium", 8)) // which says something of where service went, too
		w.live(2 * time.Hour)
		if f := w.finding("surplus", "open"); f.Subject.ID != "sales-premium" || f.Need != 1 {
			t.Errorf("free %d of %s", f.Need, f.Subject.ID)
		}
	})
}

// One plan at nothing while another is ordered is an ordinary reduction.
func TestOnePlanTakenToNothing(t *testing.T) {
	w := newWorld(t, "2026-10-01 09:00", fjord())
	w.tell(orderOf("sub_1", "sales-premium", 10, "service-premium", 5))
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, -1, 9), licenceLine("service-premium", 5, -1, 5)))
	w.now = stockholm("2026-11-10 09:00")
	w.tell(orderOf("sub_1", "sales-premium", 10, "service-premium", 0))
	w.live(30 * time.Hour)
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 10, 9), licenceLine("service-premium", 5, 0, 5)))
	w.absent("subscription-ended")
	if f := w.finding("surplus", "open"); f.Subject.ID != "service-premium" || f.Need != 5 {
		t.Errorf("free %d of %s", f.Need, f.Subject.ID)
	}
}

// A fee that goes on keeps no seats alive; where nothing but fees was ever ordered, nothing ends.
func TestFeesEndNothing(t *testing.T) {
	a := fjord()
	a.NotSeats = licence.Some([]string{"price_fee"})
	fee := licence.SubscriptionChanged{Subscription: "sub_fee", Status: "active", Items: []licence.Item{{Prices: []string{"price_fee"}, Quantity: 1}}}
	w := newWorld(t, "2026-11-10 09:00", a)
	w.tell(fee, soundLicence(licenceLine("sales-premium", 10, -1, 9)))
	w.absent("subscription-ended", "surplus", "order-differs")
	w.tell(endedOrder(orderOf("sub_1", "sales-premium", 10), "2026-11-10"))
	w.live(30 * time.Hour)
	w.finding("subscription-ended", "open")
	w.absent("surplus", "order-differs")
}

// SETTLE runs from the body that told or changed the order, and not from what is noticed later.
func TestOrderRestsFromItsBody(t *testing.T) {
	w := newWorld(t, "2026-11-20 09:00", fjord())
	w.tell(orderOf("sub_1", "sales-premium", 10))
	w.now = stockholm("2026-11-28 09:00")
	w.tell(orderOf("sub_1", "sales-premium", 10), lapsingLicence(licenceLine("sales-premium", 10, 7, 9))) // told again, unchanged
	w.finding("order-differs", "open")
	w.tell(orderOf("sub_1", "sales-premium", 9))
	if f := w.finding("order-differs", "waiting"); !f.Until.Equal(w.now.Add(licence.Settling)) {
		t.Errorf("it waits until %s", f.Until)
	}
	t.Run("a sheet", func(t *testing.T) {
		w := newWorld(t, "2026-11-28 09:00", fjord())
		p := orderOf("sub_1", "sales-premium", 10)
		p.Settled = true
		w.tell(p, lapsingLicence(licenceLine("sales-premium", 10, 7, 9)))
		w.finding("order-differs", "open")
		p = endedOrder(p, "2026-11-20")
		w.tell(p)
		w.finding("subscription-ended", "open")
	})
}
