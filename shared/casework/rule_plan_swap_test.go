package casework

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"seatmend/shared/licence"
)

// Plan-swap: a surplus of one plan, and free seats of another.

func TestQ24TierChangeInOneModule(t *testing.T) {
	a := fjord()
	a.Plans = append(a.Plans, licence.Plan{Plan: "sales-essentials", Name: "Sales Essentials", Module: "ten-sales", Prices: []string{"price_se"}})
	inAnyOrder(t, "2026-11-30 09:00", a, []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-essentials", 10)},
		{"2026-11-20 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-11-30 05:55", holders("sales-essentials", 9)},
		{"2026-11-30 06:00", func() licence.LicenceReported {
			l := lapsingLicence(licenceLine("sales-premium", 10, 10, 9))
			l.CanActivate = true
			return l
		}()},
	}, nil, func(w *world) {
		w.absent("surplus", "plan-swap", "order-differs")
		if f := w.passed("surplus"); f.Subject != (licence.Subject{Kind: "module", ID: "ten-sales", CustID: "Cust12345"}) {
			t.Errorf("subject %v", f.Subject)
		}
	})
}

func TestQ25PlansToSuite(t *testing.T) {
	suite := licenceLine("suite", 0, 50, 45)
	suite.Kind = "suite"
	l := lapsingLicence(licenceLine("sales-premium", 30, 0, 30), licenceLine("service-premium", 20, 0, 20), suite)
	l.CanActivate, l.NextCheck = true, "2026-12-01"
	inAnyOrder(t, "2026-11-24 09:00", fjord(), []toldAt{
		{"2026-11-24 06:00", l},
	}, nil, func(w *world) {
		w.absent("surplus", "plan-swap")
		if f := w.passed("surplus"); f.Subject.Kind != "suite" {
			t.Errorf("subject %v", f.Subject)
		}
		w.finding("not-activated", "open") // three days on offer
	})
}

func TestF07SwapTenForSixAndFour(t *testing.T) {
	inAnyOrder(t, "2026-11-30 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-11-20 08:00", orderOf("sub_1", "service-premium", 6, "marketing", 4)},
		{"2026-11-30 05:55", holders("sales-premium", 10)},
		{"2026-11-30 06:00", lapsingLicence(licenceLine("sales-premium", 10, 0, 10), licenceLine("service-premium", 0, 6, 0), licenceLine("marketing", 0, 4, 0))},
	}, nil, func(w *world) {
		var got []string
		for _, f := range w.diagnosis().Findings {
			got = append(got, fmt.Sprint(f.Code, " ", f.Subject.ID, " ", f.Need, " ", f.Say))
		}
		want := []string{"plan-swap sales-premium>marketing 4 sure", "plan-swap sales-premium>service-premium 6 sure"}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		f := w.finding("plan-swap", "open")
		if f.Owner != licence.Admin || !f.Explains || f.Remedies[0].ID != "free-activate-give" || f.Remedies[0].Need != 4 {
			t.Errorf("got %+v", f)
		}
		if len(w.mails) != 1 || w.mails[0].Address != "anna@fjord.example" || len(w.mails[0].Codes) != 2 {
			t.Errorf("both pairs go in one mail: %v", w.mails)
		}
	})
}

func TestPlanSwapKinds(t *testing.T) {
	for _, c := range []struct {
		name     string
		a, b     licence.LicenceLine // b gains
		ordered  [2]int
		say      string
		k        int
		remedies string
		left     int // of a plain surplus
	}{
		{"10 to 10", licenceLine("sales-premium", 10, 0, 10), licenceLine("service-premium", 0, 10, 0), [2]int{0, 10}, "sure", 10, "free-activate-give:10", 0},
		{"10 to 12", licenceLine("sales-premium", 10, 0, 10), licenceLine("service-premium", 0, 12, 0), [2]int{0, 12}, "sure", 10, "free-activate-give:10", 0},
		{"10 to 8", licenceLine("sales-premium", 10, 0, 10), licenceLine("service-premium", 0, 8, 0), [2]int{0, 8}, "sure", 8, "free-activate-give:8", 2},
		{"move now", licenceLine("sales-premium", 10, 5, 10), licenceLine("service-premium", 8, 13, 3), [2]int{5, 13}, "sure", 5, "move-now:5", 0},
		{"some now", licenceLine("sales-premium", 10, 0, 10), licenceLine("service-premium", 8, 18, 4), [2]int{0, 18}, "sure", 10, "move-now:4 free-activate-give:6", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "2026-11-30 09:00", fjord())
			w.told(stockholm("2026-01-05 08:00"), "first", orderOf("sub_1", "sales-premium", 10, "service-premium", c.b.Total))
			w.told(stockholm("2026-11-20 08:00"), "second", orderOf("sub_1", "sales-premium", c.ordered[0], "service-premium", c.ordered[1]))
			w.tell(lapsingLicence(c.a, c.b))
			f := w.finding("plan-swap", "open")
			if f.Say != c.say || f.Need != c.k || f.Subject.ID != "sales-premium>service-premium" {
				t.Errorf("got %s %d %v", f.Say, f.Need, f.Subject)
			}
			var got []string
			for _, x := range f.Remedies {
				if x.Need > 0 {
					got = append(got, fmt.Sprint(x.ID, ":", x.Need))
				}
			}
			if g := strings.Join(got, " "); g != c.remedies {
				t.Errorf("remedies %s, want %s", g, c.remedies)
			}
			left := 0
			if f := findingOf(w.diagnosis().Findings, "surplus"); f != nil {
				left = f.Need
			}
			if left != c.left {
				t.Errorf("a surplus of %d is left, want %d", left, c.left)
			}
		})
	}
	// Sums that do not match and no order that tells: a question.
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 0, 10), licenceLine("service-premium", 0, 8, 0)))
	if f := w.finding("plan-swap", "open"); f.Say != "question" {
		t.Errorf("says %s", f.Say)
	}
	// The same family is sure.
	a := fjord()
	a.Plans[0].Family, a.Plans[1].Family = "sales", "sales"
	w = newWorld(t, "2026-11-30 09:00", a)
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 0, 10), licenceLine("service-premium", 0, 8, 0)))
	if f := w.finding("plan-swap", "open"); f.Say != "sure" {
		t.Errorf("says %s", f.Say)
	}
}

func TestPlanSwapTurnsUnknownAndStays(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 0, 10), licenceLine("service-premium", 0, 10, 0)))
	w.until(stockholm("2026-11-30 09:30"))
	w.wantTask("plan-swap", licence.Admin)
	w.until(stockholm("2026-12-07 12:00")) // nothing was heard for seven days
	f := w.finding("plan-swap", "unknown")
	if f.Subject.ID != "sales-premium>service-premium" || f.Owner != licence.Admin {
		t.Errorf("got %v %s", f.Subject, f.Owner)
	}
	w.summary("unknown")
	w.wantTask("plan-swap", licence.Admin)
}

func TestPlanSwapIsSureWhereSumsMatch(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 0, 10), licenceLine("service-premium", 0, 10, 0)))
	if f := w.finding("plan-swap", "open"); f.Say != "sure" {
		t.Errorf("says %s", f.Say)
	}
}
