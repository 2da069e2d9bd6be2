package casework

import (
	"fmt"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// benchState is a customer in the middle of it: a licence on offer that is too small, three
// years of invoices, a list of people, and mails that went.
func benchState(b testing.TB) (licence.State, drawStore, time.Time) {
	b.Helper()
	now, n := drawStart, 0
	s, people := licence.State{Account: "C-1042"}, drawStore{}
	tell := func(p licence.Payload) {
		n++
		f, seats := people.given(s.Known, licence.Fact{ID: fmt.Sprintf("f%03d", n), At: now, Source: "standard", Payload: p})
		c, out, err := Step(s, seats, f, now)
		if err != nil {
			b.Fatal(err)
		}
		if out.Result == "applied" {
			people.put(c.Seats...)
			s = licence.State{Account: s.Account, N: c.N + 1, Known: c.Known, History: c.History}
		}
		now = now.Add(time.Minute)
	}
	tell(drawDirectory())
	tell(licence.SubscriptionChanged{Subscription: "sub_1", Items: []licence.Item{{Plan: "sales", Quantity: 10}}, Status: "active"})
	for i := range licence.MaxInvoices {
		month := drawDay(-30 * i)
		tell(licence.InvoiceChanged{Invoice: fmt.Sprintf("INV-%02d", i), Status: "paid", Amount: "12500.00", Currency: "SEK", Due: month, PaidAt: month, From: month, To: month.Add(30)})
	}
	var list licence.SeatsListed
	for i := range 50 {
		list.Rows = append(list.Rows, licence.SeatChanged{CustID: drawHome, Plan: "sales", Held: true, User: licence.User{ID: fmt.Sprint(i), CanLogin: true}})
	}
	list.CustID = drawHome
	tell(list)
	tell(benchLicence(7))
	tell(licence.SubscriptionChanged{Subscription: "sub_1", Items: []licence.Item{{Plan: "sales", Quantity: 7}}, Status: "active"})
	now = now.Add(26 * time.Hour)
	tell(benchLicence(7))
	for range 20 {
		c := Tick(s, now)
		s = licence.State{Account: s.Account, N: c.N + 1, Known: c.Known, History: c.History}
		for _, e := range c.Add {
			c = Finish(s, licence.Result{Effect: e, At: now, Outcome: "sent", Address: e.Address, Mail: e.ID}, now)
			s = licence.State{Account: s.Account, N: c.N + 1, Known: c.Known, History: c.History}
		}
		now = now.Add(time.Hour)
	}
	return s, people, now
}

func benchLicence(offered int) licence.LicenceReported {
	p := licence.LicenceReported{
		CustID: drawHome, Serial: "1801550193", Version: "10.2", NextCheck: drawDay(-4), AdminWarning: drawDay(0), Expires: drawDay(20), GraceUntil: drawDay(32),
		Offered: true, NewExpires: drawDay(385), Markers: []string{"online"},
	}
	for _, plan := range drawPlans {
		p.Plans = append(p.Plans, licence.LicenceLine{Plan: plan.Plan, Module: plan.Module, Description: plan.Name, Total: 60, NewTotal: &offered, InUse: 50})
	}
	return p
}

// benchEvents are events of that account, and a twelfth of what each allocated in the build of 25
// November (fc5d7aa).
var benchEvents = []struct {
	name string
	licence.Payload
	allocations, bytes float64
}{
	{"seat", licence.SeatChanged{CustID: drawHome, Plan: "sales", Held: false, User: licence.User{ID: "7", CanLogin: true}}, 599, 65_500},
	{"licence", benchLicence(6), 603, 65_500},
	{"invoice", licence.InvoiceChanged{Invoice: "INV-00", Status: "open", Amount: "12500.00", Currency: "SEK", Due: drawDay(20), To: drawDay(300)}, 864, 79_500},
	{"subscription", licence.SubscriptionChanged{Subscription: "sub_1", Items: []licence.Item{{Plan: "sales", Quantity: 8}}, Status: "active"}, 605, 65_600},
	{"login", licence.LoginWarned{CustID: drawHome, User: licence.LoginUser{ID: "7"}}, 683, 71_500},
	{"late", licence.LoginWarned{CustID: drawHome, User: licence.LoginUser{ID: "7"}}, 80, 5_500},
}

// benchStep is a step of each of them, to be repeated.
func benchStep(t testing.TB, name string, p licence.Payload) func() {
	s, people, now := benchState(t)
	f := licence.Fact{ID: "g", At: now, Source: "standard", Payload: p}
	if name == "late" {
		c, _, _ := Step(s, nil, f, now) // told before: nothing moves
		s.Known = c.Known
	}
	f, seats := people.given(s.Known, f)
	return func() {
		if _, _, err := Step(s, seats, f, now); err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkStep is what one event costs beside the store's two round trips.
func BenchmarkStep(b *testing.B) {
	for _, event := range benchEvents {
		b.Run(event.name, func(b *testing.B) {
			step := benchStep(b, event.name, event.Payload)
			b.ReportAllocs()
			for b.Loop() {
				step()
			}
		})
	}
}
