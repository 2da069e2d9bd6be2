package casework

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// Surplus: people hold more seats than are ordered or offered. Cases Q.. are quiet ones: a finding
// may stand, and nobody at the customer is mailed. Cases F.. must be found. So it is in each
// rule_*_test.go.

func TestQ16MeteredTotal(t *testing.T) {
	inAnyOrder(t, "2026-11-24 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 50)},
		{"2026-11-24 06:00", soundLicence(licenceLine("sales-premium", 100000, -1, 60))},
	}, nil, func(w *world) {
		w.absent("surplus", "order-differs")
		w.quiet()
	})
}

func TestQ17HiddenModuleOver(t *testing.T) {
	hidden := licenceLine("superlicense", 5, 3, 5)
	hidden.Kind = "hidden"
	none := licenceLine("superlicense-no-selection", 5, 3, 9)
	l := lapsingLicence(licenceLine("sales-premium", 10, 9, 9), hidden, none)
	l.CanActivate = true
	inAnyOrder(t, "2026-11-24 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 9)},
		{"2026-11-24 06:00", l},
	}, nil, func(w *world) {
		w.absent("surplus", "activation-refused", "order-differs")
		w.finding("not-activated", "open")
		for _, m := range w.mails {
			if len(m.Codes) != 1 || m.Codes[0] != "not-activated" {
				t.Errorf("a mail about something else: %s", m)
			}
		}
	})
}

func TestQ18UnrestrictedOver(t *testing.T) {
	l := licenceLine("sales-premium", 10, -1, 90)
	l.Unrestricted = true
	inAnyOrder(t, "2026-11-24 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-11-24 05:55", holders("sales-premium", 90)},
		{"2026-11-24 06:00", soundLicence(l)},
	}, nil, func(w *world) {
		w.absent("surplus", "order-differs", "plan-swap")
		w.summary("ok")
		w.quiet()
	})
}

func TestQ22LicenceSystemAnswersNull(t *testing.T) {
	inAnyOrder(t, "2026-11-24 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-11-24 06:00", soundLicence(licenceLine("sales-premium", 10, -1, 9))},
		{"2026-11-24 08:00", licence.ReadFailed{CustID: "Cust12345", Error: "null"}},
	}, nil, func(w *world) {
		w.phase("ok")
		w.summary("ok")
		w.passed("surplus")
		w.quiet()
	})
}

func TestF06SurplusOfAnAddon(t *testing.T) {
	addon := licenceLine("marketing", 5, 3, 5)
	addon.Kind = "addon"
	inAnyOrder(t, "2026-11-30 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10, "marketing", 3)},
		{"2026-11-30 06:00", lapsingLicence(licenceLine("sales-premium", 10, 10, 10), addon)},
	}, nil, func(w *world) {
		f := w.finding("surplus", "open")
		if f.Need != 2 || f.Subject.ID != "marketing" || f.Owner != licence.Admin || !f.Explains || f.Say != "a" || f.Severity != "high" {
			t.Errorf("got %+v", f)
		}
		if f.Deadline.ActBy != "2026-12-11" || f.Deadline.At != "2026-12-25" {
			t.Errorf("deadline %+v", f.Deadline)
		}
		w.wantTask("surplus", licence.Admin)
		w.sent("surplus", 1, "anna@fjord.example")
	})
}

func TestF08ReductionOrdered(t *testing.T) {
	s := orderOf("sub_1", "sales-premium", 10)
	s.Scheduled = []licence.Phase{{At: stockholm("2027-01-01 00:00"), Items: orderOf("", "sales-premium", 7).Items}}
	inAnyOrder(t, "2026-11-24 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-11-24 08:00", s},
		{"2026-11-24 05:55", holders("sales-premium", 9)},
		{"2026-11-24 06:00", soundLicence(licenceLine("sales-premium", 10, -1, 9))},
	}, func(w *world) {
		w.absent("surplus", "order-differs")
		d := w.diagnosis()
		if len(d.Upcoming) != 1 {
			t.Fatalf("upcoming: %q", codesOf(d.Upcoming))
		}
		f := d.Upcoming[0]
		if f.Code != "surplus" || f.Need != 2 || !f.Starts.Equal(stockholm("2027-01-01 00:00")) || f.Explains || f.Owner != licence.Admin || f.Severity != "low" {
			t.Errorf("got %+v", f)
		}
		if f.Deadline.ActBy != "2026-12-30" || f.Deadline.At != "2027-01-01" {
			t.Errorf("deadline %+v", f.Deadline)
		}
		w.summary("ok")
		w.quiet() // the order has not settled yet
	}, func(w *world) {
		w.sent("surplus", 1, "anna@fjord.example")
		if got := w.mails[0].At; !got.Equal(stockholm("2026-11-25 08:00")) {
			t.Errorf("told at %s", got)
		}
		w.wantTask("surplus", "")
		d := diagnosis.Diagnose(w.s, w.now, w.now.Add(60*licence.Day))
		if f := findingOf(d.Findings, "surplus"); f == nil || f.Say != "c" || f.Need != 2 || f.Severity != "medium" || f.Explains {
			t.Errorf("in sixty days: %q", codesOf(d.Findings))
		}
	})
}

func TestF08ThreeRemindersThenTheSameThread(t *testing.T) {
	w := newWorld(t, "2026-10-20 09:00", fjord())
	l := soundLicence(licenceLine("sales-premium", 9, -1, 9))
	w.tell(orderOf("sub_1", "sales-premium", 9), l)
	w.live(26 * time.Hour)
	s := orderOf("sub_1", "sales-premium", 9)
	s.Scheduled = []licence.Phase{{At: stockholm("2027-01-01 00:00"), Items: orderOf("", "sales-premium", 7).Items}}
	w.tell(s)
	before := findingOf(w.diagnosis().Upcoming, "surplus").Fingerprint
	w.live(80 * licence.Day)
	var days []string
	for _, m := range w.about("surplus") {
		days = append(days, m.At.In(stockholmZone).Format("01-02"))
	}
	if want := []string{"10-22", "12-02", "12-18", "12-28"}; !slices.Equal(days, want) {
		t.Errorf("told on %v, want %v", days, want)
	}
	f := w.finding("surplus", "open")
	if f.Fingerprint != before || f.Say != "c" || f.Need != 2 {
		t.Errorf("got %+v", f)
	}
	if !f.FirstSeen.Equal(stockholm("2027-01-01 00:00")) {
		t.Errorf("first seen %s", f.FirstSeen)
	}
	w.wantTask("surplus", licence.Admin)
}

func TestF09SeatComesBackOverNight(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.told(stockholm("2026-11-20 08:00"), "order", orderOf("sub_1", "sales-premium", 8))
	w.tell(holders("sales-premium", 9), lapsingLicence(licenceLine("sales-premium", 10, 8, 9)))
	w.halfHour()
	if f := w.finding("surplus", "open"); f.Need != 1 {
		t.Errorf("need %d", f.Need)
	}
	w.sent("surplus", 1, "anna@fjord.example")
	w.tell(licence.SeatChanged{CustID: "Cust12345", Plan: "sales-premium", Held: false, User: person("u9")})
	w.finding("surplus", "verifying") // no read has said so yet
	w.absent("not-activated", "activation-refused")
	w.summary("waiting")
	w.wantTask("surplus", licence.Admin)
	w.until(w.now.Add(time.Hour))
	l := lapsingLicence(licenceLine("sales-premium", 10, 8, 8))
	l.CanActivate = true
	w.tell(l)
	w.absent("surplus")
	w.wantTask("surplus", "")
	w.finding("not-activated", "open")
	// The night's synchronisation gives the seat back.
	w.until(stockholm("2026-12-01 04:00"))
	w.tell(holders("sales-premium", 9), lapsingLicence(licenceLine("sales-premium", 10, 8, 9)))
	f := w.finding("surplus", "open")
	if f.Need != 1 {
		t.Errorf("need %d", f.Need)
	}
	w.until(stockholm("2026-12-01 04:20"))
	w.wantTask("surplus", licence.Admin)
	w.live(5 * licence.Day)
	w.sent("surplus", 1, "anna@fjord.example") // never twice in seven days
	w.live(2 * licence.Day)
	w.sent("surplus", 2, "anna@fjord.example")
}

func TestSurplusCases(t *testing.T) {
	cut := orderOf("sub_1", "sales-premium", 10)
	cut.Scheduled = []licence.Phase{{At: stockholm("2026-11-10 00:00"), Items: orderOf("", "sales-premium", 7).Items}}
	for _, c := range []struct {
		name    string
		orders  []licence.SubscriptionChanged
		line    licence.LicenceLine
		say     string // "": it fails, "?": it is unknown
		need    int
		explain bool
		fine    bool
	}{
		{"a: order never told", nil, licenceLine("sales-premium", 10, 7, 9), "a", 2, true, false},
		{"a: order as the offer", []licence.SubscriptionChanged{orderOf("s", "sales-premium", 7)}, licenceLine("sales-premium", 10, 7, 9), "a", 2, true, false},
		{"a: order below the offer", []licence.SubscriptionChanged{orderOf("s", "sales-premium", 6)}, licenceLine("sales-premium", 10, 7, 9), "a", 2, true, false},
		{"a: two subscriptions", []licence.SubscriptionChanged{orderOf("s", "sales-premium", 3), orderOf("t", "sales-premium", 4)}, licenceLine("sales-premium", 10, 7, 9), "a", 2, true, false},
		{"b: down to the order", []licence.SubscriptionChanged{orderOf("s", "sales-premium", 8)}, licenceLine("sales-premium", 10, 7, 9), "b", 1, true, false},
		{"b: the order covers it", []licence.SubscriptionChanged{orderOf("s", "sales-premium", 10)}, licenceLine("sales-premium", 10, 7, 9), "", 0, false, false},
		{"fits", []licence.SubscriptionChanged{orderOf("s", "sales-premium", 9)}, licenceLine("sales-premium", 10, 9, 9), "", 0, false, false},
		{"unmapped", []licence.SubscriptionChanged{{Subscription: "s", Status: "active", Items: []licence.Item{{Prices: []string{"p"}, Quantity: 1}}}}, licenceLine("sales-premium", 10, 7, 9), "?", 0, false, false},
		{"unmapped, but it fits", []licence.SubscriptionChanged{{Subscription: "s", Status: "active", Items: []licence.Item{{Prices: []string{"p"}, Quantity: 1}}}}, licenceLine("sales-premium", 10, 9, 9), "", 0, false, false},
		{"c: seen to fall", []licence.SubscriptionChanged{orderOf("s", "sales-premium", 10), orderOf("s", "sales-premium", 7)}, licenceLine("sales-premium", 10, -1, 9), "c", 2, false, true},
		{"c: by schedule", []licence.SubscriptionChanged{cut}, licenceLine("sales-premium", 12, -1, 9), "c", 2, false, true},
		{"c: never as high as the licence", []licence.SubscriptionChanged{orderOf("s", "sales-premium", 9), orderOf("s", "sales-premium", 7)}, licenceLine("sales-premium", 10, -1, 9), "", 0, false, true},
		{"c: inside the order", []licence.SubscriptionChanged{orderOf("s", "sales-premium", 10), orderOf("s", "sales-premium", 9)}, licenceLine("sales-premium", 10, -1, 9), "", 0, false, true},
		{"d: over-used already", nil, licenceLine("sales-premium", 8, -1, 9), "d", 1, false, true},
		{"neither offer nor order", nil, licenceLine("sales-premium", 10, -1, 9), "?", 0, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "2026-11-30 09:00", fjord())
			for i, s := range c.orders {
				w.told(stockholm("2026-10-01 08:00").Add(time.Duration(i)*time.Hour), fmt.Sprint("order", i), s)
			}
			l := lapsingLicence(c.line)
			if c.fine {
				l = soundLicence(c.line)
			}
			w.tell(l)
			switch c.say {
			case "":
				w.passed("surplus")
				w.absent("surplus")
			case "?":
				w.unknown("surplus")
			default:
				state := licence.Open
				if c.say == "d" {
					state = "waiting"
				}
				f := w.finding("surplus", state)
				if f.Say != c.say || f.Need != c.need || f.Explains != c.explain {
					t.Errorf("got %s, free %d, explains %v", f.Say, f.Need, f.Explains)
				}
				if c.say == "c" && f.Severity != "medium" {
					t.Errorf("severity %s", f.Severity)
				}
			}
		})
	}
}

func TestSurplusOverusedWaitsForARead(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", fjord())
	l := soundLicence(licenceLine("sales-premium", 8, -1, 9))
	w.reads = func(cust string) []licence.Payload {
		if cust == "cust12345" {
			return []licence.Payload{l}
		}
		return nil
	}
	w.until(stockholm("2026-11-30 09:30"))
	f := w.finding("surplus", "waiting")
	if f.WaitingFor != "read" || !f.Until.Equal(stockholm("2026-11-30 10:00")) {
		t.Errorf("waits for %s until %s", f.WaitingFor, f.Until)
	}
	w.until(stockholm("2026-11-30 10:30"))
	w.finding("surplus", "open") // the hour is over, and it was read again
	w.sent("surplus", 1, "anna@fjord.example")
	// Without a read it goes on waiting.
	w = newWorld(t, "2026-11-30 09:00", fjord())
	w.tell(l)
	w.until(stockholm("2026-11-30 15:00"))
	w.finding("surplus", "waiting")
	w.tell(l)
	w.finding("surplus", "open")
}

func TestSurplusNumbers(t *testing.T) {
	offer := lapsingLicence(licenceLine("sales-premium", 10, 7, 9))
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.told(stockholm("2026-11-20 08:00"), "order", orderOf("sub_1", "sales-premium", 7))
	// A list that is more than an hour older than the read: the read's own number.
	w.told(stockholm("2026-11-30 04:30"), "old list", holders("sales-premium", 7))
	w.told(stockholm("2026-11-30 06:00"), "read", offer)
	if f := w.finding("surplus", "open"); f.Need != 2 || f.Evidence[0].Value != 9 {
		t.Errorf("need %d by %v", f.Need, f.Evidence)
	}
	// A lone seat fact is never added to that.
	w.tell(licence.SeatChanged{CustID: "Cust12345", Plan: "sales-premium", Held: true, User: person("u77")})
	if f := w.finding("surplus", "open"); f.Need != 2 {
		t.Errorf("need %d", f.Need)
	}
	// A newer list counts; while the read counts more, it is to be verified.
	w.tell(holders("sales-premium", 8))
	if f := w.finding("surplus", "open"); f.Need != 1 {
		t.Errorf("need %d", f.Need)
	}
	w.until(w.now.Add(time.Minute))
	w.tell(holders("sales-premium", 7))
	if f := w.finding("surplus", "verifying"); f.Need != 2 || f.Evidence[0].Value != 9 {
		t.Errorf("need %d by %v", f.Need, f.Evidence)
	}
	w.until(w.now.Add(time.Minute))
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 7)))
	w.passed("surplus")
}

func TestSurplusToTheOrderIsVerifiedToo(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.told(stockholm("2026-11-20 08:00"), "order", orderOf("sub_1", "sales-premium", 8))
	w.tell(holders("sales-premium", 9), lapsingLicence(licenceLine("sales-premium", 10, 7, 9)))
	if f := w.finding("surplus", "open"); f.Say != "b" || f.Need != 1 {
		t.Errorf("got %s %d", f.Say, f.Need)
	}
	w.until(w.now.Add(time.Minute))
	w.tell(licence.SeatChanged{CustID: "Cust12345", Plan: "sales-premium", Held: false, User: person("u9")})
	w.finding("surplus", "verifying")
}

func TestSurplusSuite(t *testing.T) {
	suite := licenceLine("suite", 50, 40, 44)
	suite.Kind = "suite"
	a := fjord()
	a.Model = "suite"
	a.Plans = []licence.Plan{{Plan: "suite", Name: "CRM Suite", Module: "suite", Prices: []string{"price_suite"}}}
	w := newWorld(t, "2026-11-30 09:00", a)
	w.told(stockholm("2026-11-20 08:00"), "order", orderOf("sub_1", "suite", 40))
	list := holders("suite", 46)
	list.Rows[0].User.Kind = "external" // not an employee
	list.Rows[1].User.CanLogin = false
	w.tell(list, lapsingLicence(suite))
	f := w.finding("surplus", "open")
	if f.Subject != (licence.Subject{Kind: "suite", CustID: "Cust12345"}) || f.Need != 4 || f.Say != "a-suite" {
		t.Errorf("got %v %d %s", f.Subject, f.Need, f.Say)
	}
	if f.Remedies[0].ID != "no-login" {
		t.Errorf("remedies %v", f.Remedies)
	}
	w.absent("plan-swap", "order-differs")
}

func TestSurplusWaitsForTheOrderToSettle(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.told(stockholm("2026-11-20 08:00"), "first", orderOf("sub_1", "sales-premium", 10))
	w.told(stockholm("2026-11-30 08:30"), "second", orderOf("sub_1", "sales-premium", 7))
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 9)))
	w.live(23 * time.Hour)
	w.finding("surplus", "open")
	w.wantTask("surplus", licence.Admin) // what holds back mails does not hold back tasks
	w.quiet()
	w.live(2 * time.Hour)
	w.sent("surplus", 1, "anna@fjord.example")
	if got := w.mails[0].At; !got.Equal(stockholm("2026-12-01 08:30")) {
		t.Errorf("told at %s", got)
	}
}

func TestSurplusInPhaseOKWaitsForTheCheck(t *testing.T) {
	l := soundLicence(licenceLine("sales-premium", 10, 7, 9))
	l.NextCheck, l.NewExpires = "2026-12-07", "2028-09-13"
	w := newWorld(t, "2026-11-24 09:00", fjord())
	w.told(stockholm("2026-11-20 08:00"), "order", orderOf("sub_1", "sales-premium", 7))
	w.tell(l)
	w.live(12 * licence.Day)
	w.quiet()
	w.live(2 * licence.Day)
	w.sent("surplus", 1, "anna@fjord.example")
	if got := w.mails[0].At; !got.Equal(stockholm("2026-12-07 08:00")) {
		t.Errorf("told at %s", got)
	}
}

func TestSurplusIsToldAgainAsItComesNearer(t *testing.T) {
	l := lapsingLicence(licenceLine("sales-premium", 10, 7, 9))
	l.NextCheck = "2026-10-20"
	w := newWorld(t, "2026-10-22 09:00", fjord())
	w.told(stockholm("2026-10-01 08:00"), "order", orderOf("sub_1", "sales-premium", 7))
	w.tell(l)
	w.live(75 * licence.Day)
	var days []string
	for _, m := range w.about("surplus") {
		days = append(days, m.At.In(stockholmZone).Format("01-02 15:04"))
	}
	// When it opens; at risk from Friday 13 November; warned from Saturday 28; grace on Sunday 13.
	if want := []string{"10-22 09:15", "11-13 08:00", "11-30 08:00", "12-13 07:00"}; !slices.Equal(days, want) {
		t.Errorf("told on %v, want %v", days, want)
	}
}

func TestTwoProductions(t *testing.T) {
	a := fjord()
	a.Installations = append(a.Installations, licence.Installation{CustID: "Cust777", Serial: "7", Kind: "production", Hosting: "online", URL: "https://online3.superoffice.example/Cust777"})
	norway := lapsingLicence(licenceLine("sales-premium", 5, 5, 5))
	norway.CustID, norway.Serial, norway.CanActivate = "Cust777", "7", true
	w := newWorld(t, "2026-11-30 09:00", a)
	w.told(stockholm("2026-11-20 08:00"), "order", orderOf("sub_1", "sales-premium", 12))
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 9)), norway)
	// Twelve of which the lines do not say where: told, but not known.
	w.unknown("surplus")
	w.absent("surplus", "order-differs")
	s := licence.SubscriptionChanged{Subscription: "sub_1", Status: "active", Items: []licence.Item{
		{Plan: "sales-premium", Quantity: 7, CustID: "Cust12345"}, {Plan: "sales-premium", Quantity: 5, CustID: "cust777"},
	}}
	w.tell(s)
	if f := w.finding("surplus", "open"); f.Need != 2 || f.Subject.CustID != "Cust12345" {
		t.Errorf("got %d %v", f.Need, f.Subject)
	}
	if f := w.finding("not-activated", "open"); f.Subject.CustID != "Cust777" {
		t.Errorf("got %v", f.Subject)
	}
	// The worst of them is the account's phase.
	norway.AdminWarning, norway.Expires = "2026-11-01", "2026-11-29"
	w.tell(norway)
	w.phase("grace")
}

func TestOfferAfterAReductionIsToldOfItsOwn(t *testing.T) {
	s := orderOf("sub_1", "sales-premium", 10)
	s.Scheduled = []licence.Phase{{At: stockholm("2026-11-26 00:00"), Items: orderOf("", "sales-premium", 7).Items}}
	w := newWorld(t, "2026-11-20 09:00", fjord())
	w.told(stockholm("2026-11-01 08:00"), "order", s)
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, -1, 9)))
	w.halfHour()
	w.sent("surplus", 1, "anna@fjord.example") // a week before it begins, its last line
	w.live(9 * licence.Day)
	w.sent("surplus", 1, "anna@fjord.example")
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 9)))
	w.live(licence.Day)
	w.sent("surplus", 2, "anna@fjord.example") // now it stands in the way
}
