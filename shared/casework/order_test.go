package casework

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// wNine is a customer of whom nine hold Sales Premium, with a new licence for seven.
func wNine(t *testing.T, orders ...licence.Payload) *world {
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
	metered.Items[0] = licence.Item{Prices: []string{"price_sp"}, Metered: true}
	other.Items = append(other.Items, licence.Item{Prices: []string{"price_use"}, Metered: true})
	fee.Items = append(fee.Items, licence.Item{Prices: []string{"price_fee"}, Metered: true})
	to := wOrder("sub_1", "sales-premium", 10)
	to.Scheduled = []licence.Phase{{At: wTime("2026-11-25 00:00"), Items: cut.Items, Uncounted: true}}
	for name, p := range map[string]licence.SubscriptionChanged{
		"a list that goes on": cut, "paid by use": metered, "paid by use, of no plan": other, "by a phase that goes on": to,
	} {
		t.Run(name, func(t *testing.T) {
			w := wNine(t, wOrder("sub_1", "sales-premium", 10), p)
			w.unknown("surplus")
			w.absent("surplus", "plan-swap")
			w.quiet()
			w.now = w.now.Add(licence.Settling)
			w.tell(wOrder("sub_1", "sales-premium", 7)) // it can be counted again
			if f := w.finding("surplus", "open"); f.Need != 2 {
				t.Errorf("free %d, not 2", f.Need)
			}
		})
	}
	t.Run("a fee that is paid by use", func(t *testing.T) {
		w := wNine(t, fee)
		a := wFjord()
		a.NotSeats = licence.Some([]string{"price_fee"})
		w.tell(a)
		if f := w.finding("surplus", "open"); f.Need != 2 {
			t.Errorf("free %d, not 2", f.Need)
		}
	})
	t.Run("another plan paid by use", func(t *testing.T) {
		p := wOrder("sub_1", "sales-premium", 7)
		p.Items = append(p.Items, licence.Item{Prices: []string{"price_ma"}, Metered: true})
		if f := wNine(t, p).finding("surplus", "open"); f.Need != 2 {
			t.Errorf("free %d, not 2", f.Need)
		}
	})
}

// wOf makes an order of lines that say of which installation they are.
func wOf(custID string, p licence.SubscriptionChanged) licence.SubscriptionChanged {
	p.Items = slices.Clone(p.Items)
	for i := range p.Items {
		p.Items[i].CustID = custID
	}
	return p
}

// wEnded is what is told of a subscription when it has ended.
func wEnded(p licence.SubscriptionChanged, on licence.Date) licence.SubscriptionChanged {
	p.Status, p.EndsAt = "ended", on
	return p
}

// wTwo is a customer with two installations in production, neither near its end.
func wTwo(t *testing.T, now string) *world {
	t.Helper()
	a := wFjord()
	a.Installations[1] = licence.Installation{CustID: "Cust502", Serial: "1801550010", Kind: "production", Hosting: "online", URL: "https://online2.superoffice.example/Cust502"}
	return newWorld(t, now, a)
}

func (w *world) readBoth(lines ...licence.LicenceLine) {
	w.t.Helper()
	for _, cust := range []string{"Cust12345", "Cust502"} {
		l := wFine(lines...)
		l.CustID = cust
		for _, i := range w.s.Known.Profile.Account.Value.Installations {
			if i.CustID == cust {
				l.Serial = i.Serial
			}
		}
		w.tell(l)
	}
}

// wAsked is how many seats are asked for, now or later.
func wAsked(d diagnosis.Diagnosis) (sum int) {
	for _, f := range append(slices.Clone(d.Findings), d.Upcoming...) {
		if f.Code == "surplus" || f.Code == "plan-swap" {
			sum += f.Need
		}
	}
	return sum
}

func TestF19OneOfTwoInstallationsEnded(t *testing.T) {
	w := wTwo(t, "2026-11-02 09:00")
	one, two := wOf("Cust12345", wOrder("sub_1", "sales-premium", 10)), wOf("cust502", wOrder("sub_2", "sales-premium", 10))
	w.tell(one, two)
	w.readBoth(wLine("sales-premium", 10, -1, 9))
	w.absent("subscription-ended", "surplus")
	w.now = wTime("2026-11-10 09:00")
	w.tell(wEnded(two, "2026-11-10"))
	f := w.finding("subscription-ended", "waiting")
	if f.Subject != (licence.Subject{Kind: "installation", ID: "Cust502", CustID: "Cust502"}) || f.WaitingFor != "settle" || !f.Until.Equal(w.now.Add(licence.Settling)) {
		t.Errorf("it is said of %+v, waiting for %s until %s", f.Subject, f.WaitingFor, f.Until)
	}
	w.live(4 * licence.Day)
	w.readBoth(wLine("sales-premium", 10, -1, 11)) // one more than licensed, at both
	w.live(2 * licence.Day)
	w.finding("subscription-ended", "open")
	for _, f := range w.diagnosis().Findings {
		if f.Code != "subscription-ended" && f.Subject.CustID == "Cust502" {
			t.Errorf("%s stands at the one that ended", f.Code)
		}
	}
	if f := w.finding("surplus", "open"); f.Subject.CustID != "Cust12345" || f.Need != 1 {
		t.Errorf("free %d at %s", f.Need, f.Subject.CustID)
	}
	w.tell(wEnded(one, "2026-11-16"))
	w.live(2 * licence.Day)
	if f := w.finding("subscription-ended", "open"); f.Subject.Kind != "account" || wAsked(w.diagnosis()) > 0 {
		t.Errorf("all have ended, and it is said of %+v", f.Subject)
	}
}

// A line that is taken to nothing ends its installation alone, though the subscription goes on.
func TestInstallationThatOrdersNothing(t *testing.T) {
	w := wTwo(t, "2026-11-02 09:00")
	lines := func(here, there int) licence.SubscriptionChanged {
		p := wOrder("sub_1", "sales-premium", here, "sales-premium", there, "marketing", there)
		p.Items[0].CustID, p.Items[1].CustID, p.Items[2].CustID = "Cust12345", "Cust502", "Cust502"
		return p
	}
	w.tell(lines(10, 5))
	w.readBoth(wLine("sales-premium", 10, -1, 9), wLine("marketing", 5, -1, 5))
	w.now = wTime("2026-11-10 09:00")
	w.tell(lines(10, 0))
	w.live(30 * time.Hour)
	w.readBoth(wLine("sales-premium", 10, 0, 9), wLine("marketing", 5, 0, 5))
	if f := w.finding("subscription-ended", "open"); f.Subject.CustID != "Cust502" || f.Args["end"] != licence.Date("2026-11-10") {
		t.Errorf("it is said of %+v, ending %v", f.Subject, f.Args["end"])
	}
	for _, f := range w.diagnosis().Findings {
		if f.Code == "surplus" && f.Subject.CustID == "Cust502" {
			t.Errorf("free %d where everything ended", f.Need)
		}
	}
}

// wThree is a customer with three subscriptions of four seats each, of which one has ended.
func wThree(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, "2026-10-01 09:00", wFjord())
	for _, id := range []string{"sub_1", "sub_2", "sub_3"} {
		w.tell(wOrder(id, "sales-premium", 4))
	}
	w.tell(wFine(wLine("sales-premium", 12, -1, 12)))
	w.now = wTime("2026-11-10 09:00")
	w.tell(wEnded(wOrder("sub_3"), "2026-11-10"), wOrder("sub_2", "sales-premium", 4)) // told again, as every night
	w.live(30 * time.Hour)
	return w
}

func TestOneOfSeveralEnded(t *testing.T) {
	t.Run("nothing shows where its seats went", func(t *testing.T) {
		w := wThree(t)
		w.tell(wFine(wLine("sales-premium", 12, -1, 12)))
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
		w := wThree(t)
		w.tell(wLicence(wLine("sales-premium", 12, 12, 14)))
		w.live(2 * time.Hour)
		if f := w.finding("surplus", "open"); f.Need != 2 {
			t.Errorf("free %d, not 2", f.Need)
		}
		if !w.diagnosis().Disputed("Cust12345") {
			t.Error("the offer has more than is ordered, and nobody doubts it")
		}
	})
	t.Run("a longer licence has fewer", func(t *testing.T) {
		w := wThree(t)
		w.tell(wLicence(wLine("sales-premium", 12, 8, 12)))
		w.live(2 * time.Hour)
		w.absent("order-differs")
		if f := w.finding("surplus", "open"); f.Need != 4 || f.Say != "a" {
			t.Errorf("%s: free %d, not 4", f.Say, f.Need)
		}
	})
	t.Run("another took them over", func(t *testing.T) {
		w := wThree(t)
		w.tell(wOrder("sub_2", "sales-premium", 8))
		w.live(30 * time.Hour)
		w.tell(wFine(wLine("sales-premium", 12, -1, 12)))
		w.absent("order-differs", "surplus")
	})
	t.Run("another had changed just before", func(t *testing.T) {
		w := newWorld(t, "2026-10-01 09:00", wFjord())
		w.tell(wOrder("sub_1", "sales-premium", 6), wOrder("sub_2", "sales-premium", 6), wFine(wLine("sales-premium", 12, -1, 12)))
		w.now = wTime("2026-11-09 12:00")
		w.tell(wOrder("sub_1", "sales-premium", 12))
		w.now = wTime("2026-11-10 09:00")
		w.tell(wEnded(wOrder("sub_2"), "2026-11-10"))
		w.live(30 * time.Hour)
		w.tell(wFine(wLine("sales-premium", 12, -1, 12)))
		w.absent("order-differs", "surplus", "subscription-ended")
	})
	t.Run("support says that they are gone", func(t *testing.T) {
		w := wThree(t)
		w.tell(wFine(wLine("sales-premium", 12, -1, 12)))
		w.tell(licence.FindingAnswered{Fingerprint: w.finding("order-differs", "open").Fingerprint, Answer: "numbers-right", By: "Siri"})
		w.finding("order-differs", "answered")
		if f := w.finding("surplus", "open"); f.Need != 4 || f.Say != "c" {
			t.Errorf("%s: free %d, not 4", f.Say, f.Need)
		}
	})
	t.Run("by a schedule to nothing", func(t *testing.T) {
		w := newWorld(t, "2026-10-01 09:00", wFjord())
		to := wOrder("sub_2", "sales-premium", 6)
		to.Scheduled = []licence.Phase{{At: wTime("2026-12-01 00:00"), Items: wOrder("", "sales-premium", 0).Items}}
		w.tell(wOrder("sub_1", "sales-premium", 6), to, wFine(wLine("sales-premium", 12, -1, 12)))
		if n := wAsked(w.diagnosis()); n > 0 {
			t.Errorf("%d are asked for", n)
		}
		w.now = wTime("2026-12-02 09:00")
		w.tell(wFine(wLine("sales-premium", 12, -1, 12)))
		if f := w.finding("order-differs", "open"); f.Say != "g" || wAsked(w.diagnosis()) > 0 {
			t.Errorf("%s, and %d are asked for", f.Say, wAsked(w.diagnosis()))
		}
	})
	t.Run("of another plan alone", func(t *testing.T) {
		w := newWorld(t, "2026-10-01 09:00", wFjord())
		w.tell(wOrder("sub_1", "sales-premium", 10), wOrder("sub_2", "service-premium", 5))
		w.tell(wLicence(wLine("sales-premium", 10, -1, 9), wLine("service-premium", 5, -1, 5)))
		w.now = wTime("2026-11-10 09:00")
		w.tell(wEnded(wOrder("sub_2", "service-premium", 5), "2026-11-10"), wOrder("sub_1", "sales-premium", 10))
		w.live(30 * time.Hour)
		w.tell(wLicence(wLine("sales-premium", 10, 8, 9), wLine("service-premium", 5, 5, 5)))
		w.tell(wOrder("sub_1", "sales-premium", 8)) // which says something of where service went, too
		w.live(2 * time.Hour)
		if f := w.finding("surplus", "open"); f.Subject.ID != "sales-premium" || f.Need != 1 {
			t.Errorf("free %d of %s", f.Need, f.Subject.ID)
		}
	})
}

// An end with its replacement two minutes later is no end, in whichever order they are told.
func TestEndWithItsReplacement(t *testing.T) {
	for _, first := range []string{"the end", "the new one"} {
		for n, asked := range map[int]int{10: 0, 8: 2} {
			t.Run(fmt.Sprint(first, " first, then ", n), func(t *testing.T) {
				w := newWorld(t, "2026-10-01 09:00", wFjord())
				w.tell(wOrder("sub_1", "sales-premium", 10), wFine(wLine("sales-premium", 10, -1, 10)))
				w.now = wTime("2026-11-10 09:10")
				end, start := wTime("2026-11-10 09:00"), wTime("2026-11-10 09:02")
				if first == "the end" {
					w.told(end, "a", wEnded(wOrder("sub_1", "sales-premium", 10), ""))
				}
				w.told(start, "b", wOrder("sub_2", "sales-premium", n))
				if first != "the end" {
					w.told(end, "a", wEnded(wOrder("sub_1", "sales-premium", 10), ""))
				}
				w.live(30 * time.Hour)
				w.tell(wFine(wLine("sales-premium", 10, -1, 10)))
				w.absent("subscription-ended", "order-differs")
				if got := wAsked(w.diagnosis()); got != asked {
					t.Errorf("%d are asked for, not %d", got, asked)
				}
			})
		}
	}
}

// What is to end long after the licence is forecast, and is no reduction then either.
func TestEndFarAhead(t *testing.T) {
	w := newWorld(t, "2026-10-01 09:00", wFjord())
	p := wOrder("sub_1", "sales-premium", 10)
	p.EndsAt = "2027-06-30"
	l := wFine(wLine("sales-premium", 10, -1, 9))
	l.NextCheck, l.AdminWarning, l.Expires, l.GraceUntil = "2027-02-20", "2027-02-28", "2027-03-13", "2027-03-25"
	w.tell(p, l)
	w.absent("subscription-ended", "surplus")
	d := w.diagnosis()
	if f := wIn(d.Upcoming, "subscription-ended"); f == nil || !f.Starts.Equal(wTime("2027-06-30 00:00")) {
		t.Errorf("the end is not forecast: %v", wCodes(d.Upcoming))
	}
	if n := wAsked(d); n > 0 {
		t.Errorf("%d are asked for", n)
	}
}

// A replacement that is scheduled and has not begun is a live one from its start on.
func TestScheduledReplacement(t *testing.T) {
	w := newWorld(t, "2026-10-01 09:00", wFjord())
	p := wOrder("sub_1", "sales-premium", 10)
	p.EndsAt = "2026-12-31"
	w.tell(p, licence.ScheduleChanged{Subscription: "sub_sched_1", Phases: []licence.Phase{{At: wTime("2026-12-31 00:00"), Items: wOrder("", "sales-premium", 10).Items}}})
	w.tell(wFine(wLine("sales-premium", 10, -1, 9)))
	w.live(30 * time.Hour)
	d := w.diagnosis()
	if f := wIn(append(d.Findings, d.Upcoming...), "subscription-ended"); f != nil {
		t.Errorf("it ends: %s", f.State)
	}
	w.now = wTime("2027-01-02 09:00")
	w.tell(wFine(wLine("sales-premium", 10, -1, 9)))
	w.absent("subscription-ended", "surplus", "order-differs")
	w.tell(wOrder("sub_2", "sales-premium", 10), licence.ScheduleChanged{Subscription: "sub_sched_1", Phases: []licence.Phase{}})
	w.live(30 * time.Hour)
	w.tell(wFine(wLine("sales-premium", 10, -1, 9)))
	w.absent("subscription-ended", "surplus", "order-differs")
}

// Where nothing is ordered for a while, nobody gives up a seat for it, and nobody has cancelled.
func TestNothingForAWhile(t *testing.T) {
	w := newWorld(t, "2026-10-01 09:00", wFjord())
	w.tell(wOrder("sub_1", "sales-premium", 10), wFine(wLine("sales-premium", 10, -1, 9)))
	w.now = wTime("2026-11-10 09:00")
	p := wOrder("sub_1", "sales-premium", 0)
	p.Scheduled = []licence.Phase{{At: wTime("2027-02-01 00:00"), Items: wOrder("", "sales-premium", 10).Items}}
	w.tell(p)
	w.live(30 * time.Hour)
	w.tell(wFine(wLine("sales-premium", 10, -1, 9)))
	w.absent("subscription-ended", "surplus")
	if n := wAsked(w.diagnosis()); n > 0 {
		t.Errorf("%d are asked for", n)
	}
}

// One plan at nothing while another is ordered is an ordinary reduction.
func TestOnePlanTakenToNothing(t *testing.T) {
	w := newWorld(t, "2026-10-01 09:00", wFjord())
	w.tell(wOrder("sub_1", "sales-premium", 10, "service-premium", 5))
	w.tell(wLicence(wLine("sales-premium", 10, -1, 9), wLine("service-premium", 5, -1, 5)))
	w.now = wTime("2026-11-10 09:00")
	w.tell(wOrder("sub_1", "sales-premium", 10, "service-premium", 0))
	w.live(30 * time.Hour)
	w.tell(wLicence(wLine("sales-premium", 10, 10, 9), wLine("service-premium", 5, 0, 5)))
	w.absent("subscription-ended")
	if f := w.finding("surplus", "open"); f.Subject.ID != "service-premium" || f.Need != 5 {
		t.Errorf("free %d of %s", f.Need, f.Subject.ID)
	}
}

// A fee that goes on keeps no seats alive; where nothing but fees was ever ordered, nothing ends.
func TestFeesEndNothing(t *testing.T) {
	a := wFjord()
	a.NotSeats = licence.Some([]string{"price_fee"})
	fee := licence.SubscriptionChanged{Subscription: "sub_fee", Status: "active", Items: []licence.Item{{Prices: []string{"price_fee"}, Quantity: 1}}}
	w := newWorld(t, "2026-11-10 09:00", a)
	w.tell(fee, wFine(wLine("sales-premium", 10, -1, 9)))
	w.absent("subscription-ended", "surplus", "order-differs")
	w.tell(wEnded(wOrder("sub_1", "sales-premium", 10), "2026-11-10"))
	w.live(30 * time.Hour)
	w.finding("subscription-ended", "open")
	w.absent("surplus", "order-differs")
}

// In a suite people lose their login, and an end is no reduction there either.
func TestSuiteThatEnds(t *testing.T) {
	a := wFjord()
	a.Model, a.Plans = "suite", []licence.Plan{{Plan: "suite", Name: "CRM Suite", Module: "suite", Prices: []string{"price_suite"}}}
	line := licence.LicenceLine{Plan: "suite", Module: "suite", Kind: "suite", Total: 10, InUse: 9}
	for name, end := range map[string]licence.SubscriptionChanged{
		"ended": wEnded(wOrder("sub_1", "suite", 10), "2026-11-10"), "an order of nothing": wOrder("sub_1", "suite", 0),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "2026-10-01 09:00", a)
			w.tell(wOrder("sub_1", "suite", 10), wFine(line))
			w.now = wTime("2026-11-10 09:00")
			w.tell(end)
			w.live(30 * time.Hour)
			offered := line
			offered.NewTotal = new(int)
			w.tell(wLicence(offered))
			w.finding("subscription-ended", "open")
			w.absent("surplus", "order-differs")
		})
	}
}

// SETTLE runs from the body that told or changed the order, and not from what is noticed later.
func TestOrderRestsFromItsBody(t *testing.T) {
	w := newWorld(t, "2026-11-20 09:00", wFjord())
	w.tell(wOrder("sub_1", "sales-premium", 10))
	w.now = wTime("2026-11-28 09:00")
	w.tell(wOrder("sub_1", "sales-premium", 10), wLicence(wLine("sales-premium", 10, 7, 9))) // told again, unchanged
	w.finding("order-differs", "open")
	w.tell(wOrder("sub_1", "sales-premium", 9))
	if f := w.finding("order-differs", "waiting"); !f.Until.Equal(w.now.Add(licence.Settling)) {
		t.Errorf("it waits until %s", f.Until)
	}
	t.Run("a sheet", func(t *testing.T) {
		w := newWorld(t, "2026-11-28 09:00", wFjord())
		p := wOrder("sub_1", "sales-premium", 10)
		p.Settled = true
		w.tell(p, wLicence(wLine("sales-premium", 10, 7, 9)))
		w.finding("order-differs", "open")
		p = wEnded(p, "2026-11-20")
		w.tell(p)
		w.finding("subscription-ended", "open")
	})
}

// An end never adds to what is asked to be freed: not one that ends, nor a schedule to nothing,
// nor an order of nothing, whatever is ordered beside it. What another subscription changed just
// before or since shows where the seats went, and is left out here.
func TestAnEndAsksForNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := drawDirectory()
		sites := []string{drawHome}
		a.NotSeats = licence.Some([]string{"price_fee"})
		if rapid.Bool().Draw(t, "two") {
			a.Installations[1].Kind = "production"
			sites = append(sites, a.Installations[1].CustID)
		}
		w := drawWalkFrom(t, a, func(*drawWalk, licence.State, licence.Change) {})
		var subs []licence.SubscriptionChanged
		for i := range rapid.IntRange(1, 3).Draw(t, "subscriptions") {
			p := licence.SubscriptionChanged{Subscription: fmt.Sprint("sub_", i+1), Status: "active", Uncounted: drawSeldom(t, "uncounted")}
			for _, cust := range sites {
				p.Items = append(p.Items, wOf(drawOf(t, "of", cust, cust, ""), licence.SubscriptionChanged{Items: drawItems(t)}).Items...)
			}
			subs = append(subs, p)
			w.tell(w.fact(p, w.now))
		}
		w.now = w.now.AddDate(0, 0, 10)
		for _, cust := range sites {
			l := drawLicence(t).(licence.LicenceReported)
			l.CustID, l.Markers = cust, []string{"online"}
			w.tell(w.fact(l, w.now))
		}
		w.now = w.now.Add(time.Hour)
		before := wAsked(diagnosis.Diagnose(w.s, w.now, w.now))
		which, all := rapid.IntRange(0, len(subs)-1).Draw(t, "which"), rapid.Bool().Draw(t, "all")
		how := drawOf(t, "how", "ended", "to come", "schedule", "nothing")
		for i, p := range subs {
			if !all && i != which || how == "nothing" && !all && len(subs) > 1 {
				continue // one plan at nothing, while another is ordered, is an ordinary reduction
			}
			switch how {
			case "ended":
				p.Status = "ended"
			case "to come":
				p.EndsAt = licence.DateOf(w.now, time.UTC).Add(rapid.IntRange(1, 90).Draw(t, "days"))
			case "schedule":
				p.Scheduled = []licence.Phase{{At: w.now.AddDate(0, 0, rapid.IntRange(1, 90).Draw(t, "days"))}}
			case "nothing":
				p.Items, p.Uncounted = nil, false
			}
			w.tell(w.fact(p, w.now))
		}
		after := wAsked(diagnosis.Diagnose(w.s, w.now, w.now))
		if after > before {
			t.Fatalf("%d were asked for, and %d with an end (%s)", before, after, how)
		}
	})
}
