package casework

import (
	"fmt"
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// Order-differs: what is ordered and what is offered or in force disagree.

func TestQ07UnmappedPrice(t *testing.T) {
	s := orderOf("sub_1", "sales-premium", 10)
	s.Items = append(s.Items, licence.Item{Prices: []string{"price_new"}, Quantity: 3})
	refused := lapsingLicence(licenceLine("sales-premium", 10, 7, 9))
	fits := lapsingLicence(licenceLine("sales-premium", 10, 12, 9))
	fits.CanActivate = true
	for name, l := range map[string]licence.LicenceReported{"over": refused, "fits": fits} {
		t.Run(name, func(t *testing.T) {
			inAnyOrder(t, "2026-11-30 09:00", fjord(), []toldAt{
				{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
				{"2026-11-20 08:00", s},
				{"2026-11-30 06:00", l},
			}, nil, func(w *world) {
				f := w.finding("order-differs", "open")
				if f.Say != "a" || f.Subject != (licence.Subject{Kind: "price", ID: "price_new"}) || f.Owner != licence.Support {
					t.Errorf("got %s %v %s", f.Say, f.Subject, f.Owner)
				}
				w.wantTask("order-differs", licence.Support)
				w.absent("surplus", "plan-swap", "unexplained")
				w.quiet()
				if name == "over" {
					w.unknown("surplus")
				} else {
					w.passed("surplus") // fits, whatever was ordered
					if f := w.finding("not-activated", "open"); len(f.BlockedBy) != 1 || len(f.Remedies) > 0 {
						t.Errorf("not-activated is blocked by %v, remedies %v", f.BlockedBy, f.Remedies)
					}
				}
			})
		})
	}
}

func TestQ08OrderCoversWhatTheOfferDoesNot(t *testing.T) {
	l := soundLicence(licenceLine("sales-premium", 10, 7, 9))
	inAnyOrder(t, "2026-11-24 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-11-20 05:55", holders("sales-premium", 9)},
		{"2026-11-24 06:00", l},
	}, nil, func(w *world) {
		w.absent("surplus", "plan-swap", "not-activated", "activation-refused")
		f := w.finding("order-differs", "open")
		if f.Say != "b" || f.Severity != "medium" || f.Owner != licence.Support {
			t.Errorf("got %s %s %s", f.Say, f.Severity, f.Owner)
		}
		w.wantTask("order-differs", licence.Support)
		w.quiet()
	})
}

func TestOrderDiffersCases(t *testing.T) {
	price := orderOf("s", "sales-premium", 10)
	price.Items = append(price.Items, licence.Item{Prices: []string{"price_fee"}, Quantity: 1})
	later := orderOf("s", "sales-premium", 7)
	later.Scheduled = []licence.Phase{{At: stockholm("2027-02-01 00:00"), Items: orderOf("", "sales-premium", 12).Items}}
	counted := fjord()
	counted.Plans[0].Counted = "used"
	fee := fjord()
	fee.NotSeats = licence.Some([]string{"price_fee"})
	for _, c := range []struct {
		name     string
		a        licence.AccountChanged
		orders   []licence.SubscriptionChanged
		l        licence.LicenceReported
		say      string // "": nothing of it stands
		state    licence.FindingState
		severity licence.Severity
	}{
		{"a", fjord(), []licence.SubscriptionChanged{price}, soundLicence(licenceLine("sales-premium", 10, -1, 9)), "a", "open", "low"},
		{"a: no seats by the directory", fee, []licence.SubscriptionChanged{price}, soundLicence(licenceLine("sales-premium", 10, -1, 9)), "", "", ""},
		{"b: within, not at risk", fjord(), []licence.SubscriptionChanged{orderOf("s", "sales-premium", 10)}, soundLicence(licenceLine("sales-premium", 10, 12, 9)), "b", "open", "low"},
		{"b: beyond, not at risk", fjord(), []licence.SubscriptionChanged{orderOf("s", "sales-premium", 10)}, soundLicence(licenceLine("sales-premium", 10, 7, 9)), "b", "open", "medium"},
		{"b: beyond, warned", fjord(), []licence.SubscriptionChanged{orderOf("s", "sales-premium", 10)}, lapsingLicence(licenceLine("sales-premium", 10, 7, 9)), "b", "open", "high"},
		{"c: more than licensed", fjord(), []licence.SubscriptionChanged{orderOf("s", "sales-premium", 12)}, soundLicence(licenceLine("sales-premium", 10, -1, 9)), "c", "open", "low"},
		{"c: at risk", fjord(), []licence.SubscriptionChanged{orderOf("s", "sales-premium", 12)}, lapsingLicence(licenceLine("sales-premium", 10, -1, 9)), "c", "open", "medium"},
		{"c: ordered, and absent from the licence", fjord(), []licence.SubscriptionChanged{orderOf("s", "sales-premium", 10, "marketing", 3)}, soundLicence(licenceLine("sales-premium", 10, -1, 9)), "c", "open", "low"},
		{"c: below what was ordered once", fjord(), []licence.SubscriptionChanged{orderOf("s", "sales-premium", 10), orderOf("s", "sales-premium", 7)}, soundLicence(licenceLine("sales-premium", 10, -1, 6)), "", "", ""},
		{"c: scheduled to rise above it", fjord(), []licence.SubscriptionChanged{orderOf("s", "sales-premium", 10), later}, soundLicence(licenceLine("sales-premium", 10, -1, 6)), "c", "open", "low"},
		{"counted by use", counted, []licence.SubscriptionChanged{orderOf("s", "sales-premium", 12)}, soundLicence(licenceLine("sales-premium", 10, -1, 9)), "", "", ""},
		{"equal", fjord(), []licence.SubscriptionChanged{orderOf("s", "sales-premium", 10)}, soundLicence(licenceLine("sales-premium", 10, -1, 9)), "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "2026-11-30 09:00", c.a)
			for i, s := range c.orders {
				w.told(stockholm("2026-10-01 08:00").Add(time.Duration(i)*time.Hour), fmt.Sprint("order", i), s)
			}
			w.told(stockholm("2026-11-26 08:00"), "before", c.l)
			w.tell(c.l)
			if c.say == "" {
				w.absent("order-differs")
				return
			}
			f := w.finding("order-differs", c.state)
			if f.Say != c.say || f.Severity != c.severity || f.Owner != licence.Support {
				t.Errorf("got %s %s %s", f.Say, f.Severity, f.Owner)
			}
		})
	}
}

func TestOrderDiffersWaits(t *testing.T) {
	// (b) for the order to settle, (c) for 72 hours.
	for _, c := range []struct {
		l     licence.LicenceReported
		until string
	}{
		{soundLicence(licenceLine("sales-premium", 10, 9, 9)), "2026-12-01 09:00"},
		{soundLicence(licenceLine("sales-premium", 9, -1, 9)), "2026-12-03 09:00"},
	} {
		w := newWorld(t, "2026-11-30 09:00", fjord())
		w.tell(orderOf("sub_1", "sales-premium", 10), c.l)
		f := w.finding("order-differs", "waiting")
		if !f.Until.Equal(stockholm(c.until)) || f.Owner != licence.Nobody {
			t.Errorf("until %s, owner %s", f.Until, f.Owner)
		}
		w.live(73 * time.Hour)
		w.finding("order-differs", "open")
		w.wantTask("order-differs", licence.Support)
	}
	// (e) for the next read.
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.told(stockholm("2026-10-01 08:00"), "order", orderOf("sub_1", "sales-premium", 10))
	l := soundLicence(licenceLine("sales-premium", 10, -1, 9))
	w.tell(holders("sales-premium", 8), l)
	if f := w.finding("order-differs", "waiting"); f.Say != "e" {
		t.Errorf("says %s", f.Say)
	}
	w.live(24 * time.Hour) // it was read again, and they differ still
	if f := w.finding("order-differs", "open"); f.Say != "e" || f.Severity != "low" {
		t.Errorf("got %s %s", f.Say, f.Severity)
	}
	w.tell(holders("sales-premium", 9), l)
	w.absent("order-differs")
	w.quiet()
}

func TestOrderDiffersModel(t *testing.T) {
	a := fjord()
	a.Model = "suite"
	w := newWorld(t, "2026-11-30 09:00", a)
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, -1, 9)))
	f := w.finding("order-differs", "open")
	if f.Say != "d" || f.Subject != (licence.Subject{Kind: "suite", CustID: "Cust12345"}) || f.Severity != "low" || f.Owner != licence.Support {
		t.Errorf("got %s %v %s %s", f.Say, f.Subject, f.Severity, f.Owner)
	}
}

func TestOrderDiffersAsksTheAdmin(t *testing.T) {
	begin := func() (*world, diagnosis.Finding) {
		w := newWorld(t, "2026-11-30 09:00", fjord())
		w.told(stockholm("2026-10-01 08:00"), "order", orderOf("sub_1", "sales-premium", 10))
		w.told(stockholm("2026-11-27 08:00"), "before", lapsingLicence(licenceLine("sales-premium", 10, 7, 9)))
		w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 9)))
		w.halfHour()
		w.sent("order-differs", 1, "anna@fjord.example") // as a question
		w.absent("surplus", "not-activated", "activation-refused")
		return w, w.finding("order-differs", "open")
	}
	w, f := begin()
	w.tell(licence.FindingAnswered{Fingerprint: f.Fingerprint, Answer: "numbers-right", By: "anna"})
	w.finding("order-differs", "answered")
	if f := w.finding("surplus", "open"); f.Say != "a" || f.Need != 2 {
		t.Errorf("got %s %d", f.Say, f.Need)
	}
	w.tell(holders("sales-premium", 7), func() licence.LicenceReported {
		l := lapsingLicence(licenceLine("sales-premium", 10, 7, 7))
		l.CanActivate = true
		return l
	}())
	if f := w.finding("not-activated", "open"); len(f.BlockedBy) > 0 {
		t.Errorf("blocked by %v: what is agreed disputes nothing", f.BlockedBy)
	}
	w, f = begin()
	w.tell(licence.FindingAnswered{Fingerprint: f.Fingerprint, Answer: "numbers-wrong", By: "anna"})
	w.finding("order-differs", "open")
	w.wantTask("order-differs", licence.Support)
	w.absent("surplus")
	w.live(20 * licence.Day)
	w.sent("order-differs", 1, "anna@fjord.example") // answered: nobody is asked again
}

func TestNumbersWrongOfASurplus(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.told(stockholm("2026-10-01 08:00"), "order", orderOf("sub_1", "sales-premium", 7))
	l := lapsingLicence(licenceLine("sales-premium", 10, 7, 9))
	w.tell(l)
	w.halfHour()
	f := w.finding("surplus", "open")
	w.tell(licence.FindingAnswered{Fingerprint: f.Fingerprint, Answer: "numbers-wrong", By: "anna"})
	w.absent("surplus")
	if f := w.finding("order-differs", "open"); f.Say != "f" || f.Owner != licence.Support {
		t.Errorf("got %s %s", f.Say, f.Owner)
	}
	w.absent("unexplained")
	// It does not activate under that.
	l = lapsingLicence(licenceLine("sales-premium", 10, 7, 7))
	l.CanActivate = true
	w.until(w.now.Add(time.Hour))
	// When the numbers change the answer lapses.
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 8, 9)))
	w.finding("surplus", "open")
	if f := findingOf(w.diagnosis().Findings, "order-differs"); f != nil && f.Say == "f" {
		t.Error("the answer outlived its numbers")
	}
	// A surplus down to the order stands beside the question, whatever is said of the rest.
	w = newWorld(t, "2026-11-30 09:00", fjord())
	w.told(stockholm("2026-10-01 08:00"), "order", orderOf("sub_1", "sales-premium", 8))
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 9)))
	if f := w.finding("surplus", "open"); f.Say != "b" || f.Need != 1 {
		t.Errorf("got %s %d", f.Say, f.Need)
	}
	w.tell(licence.FindingAnswered{Fingerprint: findingOf(w.diagnosis().Findings, "order-differs").Fingerprint, Answer: "numbers-wrong", By: "anna"})
	if f := w.finding("surplus", "open"); f.Say != "b" || f.Need != 1 {
		t.Errorf("got %s %d", f.Say, f.Need)
	}
}
