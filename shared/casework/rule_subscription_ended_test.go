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

// Subscription-ended: nothing is ordered any more, or will be.

func TestQ04Cancelled(t *testing.T) {
	ended := orderOf("sub_1", "sales-premium", 30)
	ended.Status = "ended"
	inAnyOrder(t, "2026-11-30 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 30)},
		{"2026-11-20 08:00", ended},
		{"2026-11-30 05:00", holders("sales-premium", 30)},
		{"2026-11-30 06:00", lapsingLicence(licenceLine("sales-premium", 30, -1, 30))},
	}, func(w *world) {
		w.finding("subscription-ended", "open")
	}, func(w *world) {
		f := w.finding("subscription-ended", "open")
		if f.Owner != licence.Nobody || f.Severity != "low" || f.Subject.Kind != "account" || !f.Explains {
			t.Errorf("got %+v", f)
		}
		w.absent("surplus", "plan-swap", "order-differs", "unexplained", "not-activated", "paid-not-extended")
		w.sent("subscription-ended", 1, "anna@fjord.example")
		if len(w.mails) != 1 {
			t.Errorf("mails: %v", w.mails)
		}
		w.wantTask("subscription-ended", "")
	})
}

func TestQ04ThreeLinesAndNothingElse(t *testing.T) {
	w := newWorld(t, "2026-10-20 09:00", fjord())
	w.tell(orderOf("sub_1", "sales-premium", 30), holders("sales-premium", 30), lapsingLicence(licenceLine("sales-premium", 30, -1, 30)))
	w.tell(licenceInvoice("open", "2026-10-25", "", "2026-12-13", "2027-12-13"))
	ended := orderOf("sub_1", "sales-premium", 30)
	ended.EndsAt = "2026-12-25"
	w.tell(ended)
	w.halfHour()
	w.finding("subscription-ended", "waiting")
	w.quiet()
	w.live(80 * licence.Day) // beyond the end: the licence has run out, and the invoice is long overdue
	w.sent("subscription-ended", 3, "anna@fjord.example")
	if len(w.mails) != 3 {
		t.Errorf("nothing but three lines: %v", w.mails)
	}
	want := []string{"2026-10-21", "2026-11-25", "2026-12-18"}
	for i, m := range w.mails {
		if got := m.At.In(stockholmZone).Format("2006-01-02"); got != want[i] {
			t.Errorf("line %d went on %s, want %s", i+1, got, want[i])
		}
	}
	w.finding("subscription-ended", "open")
	w.finding("invoice-overdue", "open")
	w.wantTask("invoice-overdue", licence.Finance)
}

func TestQ05DeletedAndCreatedAnew(t *testing.T) {
	ended := orderOf("sub_1", "sales-premium", 10)
	ended.Status = "ended"
	inAnyOrder(t, "2026-11-24 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-11-24 08:50", ended},
		{"2026-11-24 08:52", orderOf("sub_2", "sales-premium", 10)},
		{"2026-11-24 06:00", lapsingLicence(licenceLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		w.absent("subscription-ended", "surplus", "order-differs")
		w.passed("subscription-ended")
		w.quiet()
	})
	// And in the two minutes between, nobody is told either.
	w := newWorld(t, "2026-11-24 09:00", fjord())
	w.tell(orderOf("sub_1", "sales-premium", 10), lapsingLicence(licenceLine("sales-premium", 10, -1, 12)))
	w.until(stockholm("2026-11-24 10:00"))
	w.tell(ended)
	f := w.finding("subscription-ended", "waiting")
	if f.WaitingFor != "settle" || !f.Until.Equal(stockholm("2026-11-25 10:00")) {
		t.Errorf("waits for %s until %s", f.WaitingFor, f.Until)
	}
	w.absent("surplus") // hidden while it waits
	w.until(stockholm("2026-11-24 10:02"))
	w.tell(orderOf("sub_2", "sales-premium", 10))
	w.absent("subscription-ended")
	w.quiet()
}

func TestQ06PaymentStatusIsNoSeatCount(t *testing.T) {
	for _, status := range []string{"past_due", "unpaid", "paused", "incomplete", "trialing"} {
		t.Run(status, func(t *testing.T) {
			s := orderOf("sub_1", "sales-premium", 10)
			s.Status = status
			inAnyOrder(t, "2026-11-24 09:00", fjord(), []toldAt{
				{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
				{"2026-11-20 08:00", s},
				{"2026-11-24 05:55", holders("sales-premium", 9)},
				{"2026-11-24 06:00", lapsingLicence(licenceLine("sales-premium", 10, -1, 9))},
			}, nil, func(w *world) {
				w.absent("subscription-ended", "surplus", "order-differs", "plan-swap")
				w.quiet()
			})
		})
	}
}

func TestHiddenRulesAreLeftOut(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", fjord())
	ended := orderOf("sub_1", "sales-premium", 10)
	ended.Status = "ended"
	w.told(stockholm("2026-11-20 08:00"), "ended", ended)
	w.tell(holders("sales-premium", 12), lapsingLicence(licenceLine("sales-premium", 10, 0, 12)))
	d := w.diagnosis()
	for _, list := range [][]diagnosis.Finding{d.Findings, d.Passed, d.Unknown} {
		for _, code := range []licence.Code{"surplus", "plan-swap", "not-activated", "activation-refused", "paid-not-extended", "order-differs", "unexplained", "payment-awaited", "not-invoiced", "not-fetched"} {
			if f := findingOf(list, code); f != nil {
				t.Errorf("%s appears: %s", code, codesOf(list))
			}
		}
	}
}

// twoInstallations is a customer with two installations in production, neither near its end.
func twoInstallations(t *testing.T, now string) *world {
	t.Helper()
	a := fjord()
	a.Installations[1] = licence.Installation{CustID: "Cust502", Serial: "1801550010", Kind: "production", Hosting: "online", URL: "https://online2.superoffice.example/Cust502"}
	return newWorld(t, now, a)
}

func (w *world) readBoth(lines ...licence.LicenceLine) {
	w.t.Helper()
	for _, cust := range []string{"Cust12345", "Cust502"} {
		l := soundLicence(lines...)
		l.CustID = cust
		for _, i := range w.s.Known.Profile.Account.Value.Installations {
			if i.CustID == cust {
				l.Serial = i.Serial
			}
		}
		w.tell(l)
	}
}

// seatsAsked is how many seats are asked for, now or later.
func seatsAsked(d diagnosis.Diagnosis) (sum int) {
	for _, f := range append(slices.Clone(d.Findings), d.Upcoming...) {
		if f.Code == "surplus" || f.Code == "plan-swap" {
			sum += f.Need
		}
	}
	return sum
}

func TestF19OneOfTwoInstallationsEnded(t *testing.T) {
	w := twoInstallations(t, "2026-11-02 09:00")
	one, two := linesOf("Cust12345", orderOf("sub_1", "sales-premium", 10)), linesOf("cust502", orderOf("sub_2", "sales-premium", 10))
	w.tell(one, two)
	w.readBoth(licenceLine("sales-premium", 10, -1, 9))
	w.absent("subscription-ended", "surplus")
	w.now = stockholm("2026-11-10 09:00")
	w.tell(endedOrder(two, "2026-11-10"))
	f := w.finding("subscription-ended", "waiting")
	if f.Subject != (licence.Subject{Kind: "installation", ID: "Cust502", CustID: "Cust502"}) || f.WaitingFor != "settle" || !f.Until.Equal(w.now.Add(licence.Settling)) {
		t.Errorf("it is said of %+v, waiting for %s until %s", f.Subject, f.WaitingFor, f.Until)
	}
	w.live(4 * licence.Day)
	w.readBoth(licenceLine("sales-premium", 10, -1, 11)) // one more than licensed, at both
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
	w.tell(endedOrder(one, "2026-11-16"))
	w.live(2 * licence.Day)
	if f := w.finding("subscription-ended", "open"); f.Subject.Kind != "account" || seatsAsked(w.diagnosis()) > 0 {
		t.Errorf("all have ended, and it is said of %+v", f.Subject)
	}
}

// A line that is taken to nothing ends its installation alone, though the subscription goes on.
func TestInstallationThatOrdersNothing(t *testing.T) {
	w := twoInstallations(t, "2026-11-02 09:00")
	lines := func(here, there int) licence.SubscriptionChanged {
		p := orderOf("sub_1", "sales-premium", here, "sales-premium", there, "marketing", there)
		p.Items[0].CustID, p.Items[1].CustID, p.Items[2].CustID = "Cust12345", "Cust502", "Cust502"
		return p
	}
	w.tell(lines(10, 5))
	w.readBoth(licenceLine("sales-premium", 10, -1, 9), licenceLine("marketing", 5, -1, 5))
	w.now = stockholm("2026-11-10 09:00")
	w.tell(lines(10, 0))
	w.live(30 * time.Hour)
	w.readBoth(licenceLine("sales-premium", 10, 0, 9), licenceLine("marketing", 5, 0, 5))
	if f := w.finding("subscription-ended", "open"); f.Subject.CustID != "Cust502" || f.Args["end"] != licence.Date("2026-11-10") {
		t.Errorf("it is said of %+v, ending %v", f.Subject, f.Args["end"])
	}
	for _, f := range w.diagnosis().Findings {
		if f.Code == "surplus" && f.Subject.CustID == "Cust502" {
			t.Errorf("free %d where everything ended", f.Need)
		}
	}
}

// An end with its replacement two minutes later is no end, in whichever order they are told.
func TestEndWithItsReplacement(t *testing.T) {
	for _, first := range []string{"the end", "the new one"} {
		for n, asked := range map[int]int{10: 0, 8: 2} {
			t.Run(fmt.Sprint(first, " first, then ", n), func(t *testing.T) {
				w := newWorld(t, "2026-10-01 09:00", fjord())
				w.tell(orderOf("sub_1", "sales-premium", 10), soundLicence(licenceLine("sales-premium", 10, -1, 10)))
				w.now = stockholm("2026-11-10 09:10")
				end, start := stockholm("2026-11-10 09:00"), stockholm("2026-11-10 09:02")
				if first == "the end" {
					w.told(end, "a", endedOrder(orderOf("sub_1", "sales-premium", 10), ""))
				}
				w.told(start, "b", orderOf("sub_2", "sales-premium", n))
				if first != "the end" {
					w.told(end, "a", endedOrder(orderOf("sub_1", "sales-premium", 10), ""))
				}
				w.live(30 * time.Hour)
				w.tell(soundLicence(licenceLine("sales-premium", 10, -1, 10)))
				w.absent("subscription-ended", "order-differs")
				if got := seatsAsked(w.diagnosis()); got != asked {
					t.Errorf("%d are asked for, not %d", got, asked)
				}
			})
		}
	}
}

// What is to end long after the licence is forecast, and is no reduction then either.
func TestEndFarAhead(t *testing.T) {
	w := newWorld(t, "2026-10-01 09:00", fjord())
	p := orderOf("sub_1", "sales-premium", 10)
	p.EndsAt = "2027-06-30"
	l := soundLicence(licenceLine("sales-premium", 10, -1, 9))
	l.NextCheck, l.AdminWarning, l.Expires, l.GraceUntil = "2027-02-20", "2027-02-28", "2027-03-13", "2027-03-25"
	w.tell(p, l)
	w.absent("subscription-ended", "surplus")
	d := w.diagnosis()
	if f := findingOf(d.Upcoming, "subscription-ended"); f == nil || !f.Starts.Equal(stockholm("2027-06-30 00:00")) {
		t.Errorf("the end is not forecast: %v", codesOf(d.Upcoming))
	}
	if n := seatsAsked(d); n > 0 {
		t.Errorf("%d are asked for", n)
	}
}

// A replacement that is scheduled and has not begun is a live one from its start on.
func TestScheduledReplacement(t *testing.T) {
	w := newWorld(t, "2026-10-01 09:00", fjord())
	p := orderOf("sub_1", "sales-premium", 10)
	p.EndsAt = "2026-12-31"
	w.tell(p, licence.ScheduleChanged{Subscription: "sub_sched_1", Phases: []licence.Phase{{At: stockholm("2026-12-31 00:00"), Items: orderOf("", "sales-premium", 10).Items}}})
	w.tell(soundLicence(licenceLine("sales-premium", 10, -1, 9)))
	w.live(30 * time.Hour)
	d := w.diagnosis()
	if f := findingOf(append(d.Findings, d.Upcoming...), "subscription-ended"); f != nil {
		t.Errorf("it ends: %s", f.State)
	}
	w.now = stockholm("2027-01-02 09:00")
	w.tell(soundLicence(licenceLine("sales-premium", 10, -1, 9)))
	w.absent("subscription-ended", "surplus", "order-differs")
	w.tell(orderOf("sub_2", "sales-premium", 10), licence.ScheduleChanged{Subscription: "sub_sched_1", Phases: []licence.Phase{}})
	w.live(30 * time.Hour)
	w.tell(soundLicence(licenceLine("sales-premium", 10, -1, 9)))
	w.absent("subscription-ended", "surplus", "order-differs")
}

// Where nothing is ordered for a while, nobody gives up a seat for it, and nobody has cancelled.
func TestNothingForAWhile(t *testing.T) {
	w := newWorld(t, "2026-10-01 09:00", fjord())
	w.tell(orderOf("sub_1", "sales-premium", 10), soundLicence(licenceLine("sales-premium", 10, -1, 9)))
	w.now = stockholm("2026-11-10 09:00")
	p := orderOf("sub_1", "sales-premium", 0)
	p.Scheduled = []licence.Phase{{At: stockholm("2027-02-01 00:00"), Items: orderOf("", "sales-premium", 10).Items}}
	w.tell(p)
	w.live(30 * time.Hour)
	w.tell(soundLicence(licenceLine("sales-premium", 10, -1, 9)))
	w.absent("subscription-ended", "surplus")
	if n := seatsAsked(w.diagnosis()); n > 0 {
		t.Errorf("%d are asked for", n)
	}
}

// In a suite people lose their login, and an end is no reduction there either.
func TestSuiteThatEnds(t *testing.T) {
	a := fjord()
	a.Model, a.Plans = "suite", []licence.Plan{{Plan: "suite", Name: "CRM Suite", Module: "suite", Prices: []string{"price_suite"}}}
	line := licence.LicenceLine{Plan: "suite", Module: "suite", Kind: "suite", Total: 10, InUse: 9}
	for name, end := range map[string]licence.SubscriptionChanged{
		"ended": endedOrder(orderOf("sub_1", "suite", 10), "2026-11-10"), "an order of nothing": orderOf("sub_1", "suite", 0),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "2026-10-01 09:00", a)
			w.tell(orderOf("sub_1", "suite", 10), soundLicence(line))
			w.now = stockholm("2026-11-10 09:00")
			w.tell(end)
			w.live(30 * time.Hour)
			offered := line
			offered.NewTotal = new(int)
			w.tell(lapsingLicence(offered))
			w.finding("subscription-ended", "open")
			w.absent("surplus", "order-differs")
		})
	}
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
				p.Items = append(p.Items, linesOf(drawOf(t, "of", cust, cust, ""), licence.SubscriptionChanged{Items: drawItems(t)}).Items...)
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
		before := seatsAsked(diagnosis.Diagnose(w.s, w.now, w.now))
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
		after := seatsAsked(diagnosis.Diagnose(w.s, w.now, w.now))
		if after > before {
			t.Fatalf("%d were asked for, and %d with an end (%s)", before, after, how)
		}
	})
}
