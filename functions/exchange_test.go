package functions_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/infra/crmsim"
	"seatmend/shared/store/storetest"
)

// All of one plan for all of another, in one run: taken, activated, given by the stored list. Who acts
// here, and the last administrator, are left to do by hand.
func TestPlansAreExchangedInOneRun(t *testing.T) {
	w := newWorld(t, nil)
	c := managed(exchange(2, 0, 8))
	b := w.meet(c)
	fp := w.finding("G-1", "plan-swap").Fingerprint
	b.session()
	b.open("/seats/" + fp)
	b.submit("/choose", "Choose those ticked", url.Values{"user": {"3", "4", "5", "6", "7", "8", "9", "10"}})
	page := b.open("/steps/" + fp)
	w.reads(page, "In one go we remove Sales from 8 people, activate the new licence, and give them Plus from the list")
	b.submit("/code", "The list is right", nil)
	page = b.submit("/move", "Exchange the plan of 8 people", url.Values{"code": {w.code()}})
	w.sweep()
	if sales, plus := w.holders("ten-sales"), w.holders("ten-plus"); !slices.Equal(sales, []int{1, 2}) || !slices.Equal(plus, []int{3, 4, 5, 6, 7, 8, 9, 10}) {
		t.Fatalf("Sales %v, Plus %v: %v\n%s", sales, plus, w.said("G-1", "seats.tried"), page)
	}
	if now, _ := w.sim.Tenant(granitCust); now.Offer != nil {
		t.Error("nothing was activated")
	}
	if got := w.tried(); got["done"] != 8.0 {
		t.Errorf("told is %v", got)
	}
	if got := w.said("G-1", "activation.tried"); len(got) != 1 || got[0]["by"] != "Ulla Sten" {
		t.Errorf("activated by %v", got)
	}
}

// An exchange that cannot be finished leaves nobody without a plan: who gave one up gets it again.
func TestAnExchangeThatCannotBeFinishedIsUndone(t *testing.T) {
	all, chosen := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, everyone()[2:]
	for name, c := range map[string]struct {
		before func(*customer)
		then   func(*world)
		sales  []int // who has the old plan in the end; the others have the new one
		said   string
		spared bool // nothing is taken
		gone   bool // nothing is offered any more
	}{
		"one is refused": {
			then: func(w *world) {
				w.inSuperOffice(granitCust, func(t *crmsim.Tenant) { t.Users[8].OpenRequests = 4 })
			},
			sales: all, said: "Elsa Berg Sales Plus Keeps Sales for now: the exchange could not be finished",
		},
		"another licence is offered by then": {
			then: func(w *world) {
				w.inSuperOffice(granitCust, func(t *crmsim.Tenant) { t.Offer.Expires = "2028-03-01" })
			},
			sales: all, said: "Keeps Sales",
		},
		"the first was saved, and then our machine died": {
			then: func(w *world) {
				w.inSuperOffice(granitCust, func(t *crmsim.Tenant) { t.Users[8].OpenRequests = 4 })
				w.plan = func(storetest.Call) storetest.Fault {
					if w.saves() == 1 {
						return storetest.Lost
					}
					return storetest.None
				}
			},
			sales: all, said: "Keeps Sales for now",
		},
		"activating is not granted any more": {
			then: func(w *world) {
				w.inSuperOffice(granitCust, func(t *crmsim.Tenant) {
					t.Grants = slices.DeleteFunc(t.Grants, func(g string) bool { return g == crmsim.Activate })
				})
			},
			sales: all, said: "Ingar Lid Sales Plus Has it again",
		},
		"nobody answers to the activation, which was done": {
			then: func(w *world) {
				w.sim.Sleep = func(context.Context, time.Duration) error { return nil } // a gateway says so at once
				w.inSuperOffice(granitCust, func(t *crmsim.Tenant) { t.Fault = crmsim.FaultLate })
			},
			sales: []int{1, 2},
		},
		"all are down in its middle, for hours": {
			then: func(w *world) {
				saved := w.saves()
				w.plan = func(storetest.Call) storetest.Fault {
					if w.saves() >= saved+3 {
						w.plan = nil
						w.inSuperOffice(granitCust, func(t *crmsim.Tenant) { t.Fault = crmsim.FaultServer })
					}
					return storetest.None
				}
			},
			sales: all,
		},
		"the licence server says nothing of the new licence in its middle": {
			then: func(w *world) {
				saved := w.saves()
				w.plan = func(storetest.Call) storetest.Fault {
					if w.saves() >= saved+3 {
						w.plan = nil
						w.inSuperOffice(granitCust, func(t *crmsim.Tenant) { t.Fault = crmsim.FaultNoOffer })
					}
					return storetest.None
				}
			},
			sales: all, said: "Gull Hed Sales Plus",
		},
		"the offer is taken back in its middle": {
			then: func(w *world) {
				saved := w.saves()
				w.plan = func(storetest.Call) storetest.Fault {
					if w.saves() >= saved+3 {
						w.plan = nil
						w.inSuperOffice(granitCust, func(t *crmsim.Tenant) { t.Offer = nil })
					}
					return storetest.None
				}
			},
			sales: all, gone: true,
		},
		"another plan has too many by then": {
			before: func(c *customer) {
				c.tenant.Modules = append(c.tenant.Modules, crmsim.Module{Name: "ten-service", Description: "Service", Kind: crmsim.Plan, Total: 1, NewTotal: 1})
				c.tenant.Users[0].Plans = append(slices.Clone(c.tenant.Users[0].Plans), "ten-service")
			},
			then: func(w *world) {
				w.inSuperOffice(granitCust, func(t *crmsim.Tenant) {
					t.Users[1].Plans = append(slices.Clone(t.Users[1].Plans), "ten-service")
				})
			},
			sales: all, said: "Keeps Sales for now", spared: true,
		},
		"others administer, and the last of them is among those chosen": {
			before: func(c *customer) {
				c.account.Contacts = append(slices.Clone(c.account.Contacts[:1]), c.account.Contacts[2:]...)
				for i := range c.tenant.Users {
					c.tenant.Users[i].Admin = i == 1 || i == 9
				}
			},
			then:  func(w *world) { w.inSuperOffice(granitCust, func(t *crmsim.Tenant) { t.Users[1].CanLogin = false }) },
			sales: all, said: "Ingar Lid Sales Plus Keeps it: the last administrator",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.oneHand = true
			w.start()
			made := managed(exchange(2, 0, 8))
			if c.before != nil {
				made = made.holding(c.before)
			}
			b := w.meet(made)
			fp := w.finding("G-1", "plan-swap").Fingerprint
			b.session()
			b.open("/seats/" + fp)
			b.submit("/choose", "Choose those ticked", url.Values{"user": chosen})
			b.open("/steps/" + fp)
			b.submit("/code", "The list is right", nil)
			c.then(w)
			saved := w.saves()
			b.posted("/move", b.form("/move", "Exchange the plan of 8 people", url.Values{"code": {w.code()}}))()
			w.revive()
			w.plan = nil
			if c.spared && w.saves() != saved {
				t.Errorf("%d users were saved", w.saves()-saved)
			}
			w.advance(w.clock.Now().Add(10 * time.Minute))
			if c.said != "" {
				w.reads(b.open("/list/"+fp), c.said)
			}
			w.advance(w.clock.Now().Add(3 * time.Hour))
			w.inSuperOffice(granitCust, func(t *crmsim.Tenant) { t.Fault = "" })
			w.advance(w.clock.Now().Add(5 * time.Hour))
			sales, plus := w.holders("ten-sales"), w.holders("ten-plus")
			if !slices.Equal(sales, c.sales) || len(sales)+len(plus) != 10 {
				t.Errorf("Sales %v, Plus %v: %v", sales, plus, w.became(fp))
			}
			if now, _ := w.sim.Tenant(granitCust); (now.Offer == nil) != (len(plus) > 0 || c.gone) {
				t.Error("what is active and who has what do not fit")
			}
			if got := len(w.said("G-1", "seats.tried")); got > 4 {
				t.Errorf("told %d times", got)
			}
			if f := w.finding("G-1", "plan-swap"); !c.gone && (f.Code == "") != (len(plus) > 0) { // the next read sees what is gone
				t.Errorf("what is known and who has what do not fit: %s", lines(w.diagnosis("G-1").Findings))
			}
		})
	}
}

// What cannot be finished as far as is known is not begun, and not offered: who reads the page keeps their
// seat, and of all who have the plan nobody may; or another plan has too many, with which nothing is activated.
func TestAnExchangeThatCannotBeFinishedIsNotOffered(t *testing.T) {
	over := exchange(2, 0, 8).holding(func(c *customer) {
		c.tenant.Modules = append(c.tenant.Modules, crmsim.Module{Name: "ten-service", Description: "Service", Kind: crmsim.Plan, Total: 2, NewTotal: 1})
		for i := range 2 {
			c.tenant.Users[i].Plans = append(slices.Clone(c.tenant.Users[i].Plans), "ten-service")
		}
	})
	for name, c := range map[string]struct {
		customer
		button string
		users  []string
		says   string
	}{
		"of all":            {exchange(0, 0, 10), "Keep the list and show the steps", nil, "Remove Sales from all of them"},
		"beside a surplus":  {over, "Choose those ticked", everyone()[2:], "Remove Sales from"},
		"beside no surplus": {exchange(2, 0, 8), "Choose those ticked", everyone()[2:], "We can do it for you"},
	} {
		w := newWorld(t, nil)
		b := w.meet(managed(c.customer))
		fp := w.finding("G-1", "plan-swap").Fingerprint
		b.session()
		b.open("/seats/" + fp)
		b.submit("/choose", c.button, url.Values{"user": c.users})
		page := b.open("/steps/" + fp)
		w.reads(page, c.says)
		if name != "beside no surplus" {
			w.lacks(page, "We can do it for you")
		}
	}
}

// Who gave up a plan through us and holds none is counted, and support has a task until somebody has given them one:
// here we may not change users any more in the middle.
func TestSomebodyIsWithoutAPlan(t *testing.T) {
	for name, c := range map[string]struct {
		after int // so many saves
		give  string
	}{
		"they get the old plan by hand":                {3, "ten-sales"},
		"they get the new plan by hand":                {3, "ten-plus"},
		"the new licence is active, and three have it": {11, "ten-plus"},
	} {
		w := newWorld(t, nil)
		w.oneHand = true
		w.start()
		b := w.meet(managed(exchange(2, 2, 8)))
		fp := w.finding("G-1", "plan-swap").Fingerprint
		b.session()
		b.open("/seats/" + fp)
		b.submit("/choose", "Choose those ticked", url.Values{"user": everyone()[2:]})
		b.open("/steps/" + fp)
		b.submit("/code", "The list is right", nil)
		saved := w.saves()
		w.plan = func(storetest.Call) storetest.Fault {
			if w.saves() >= saved+c.after {
				w.plan = nil
				w.inSuperOffice(granitCust, func(t *crmsim.Tenant) {
					t.Grants = slices.DeleteFunc(t.Grants, func(g string) bool { return g == crmsim.ManageUsers })
				})
			}
			return storetest.None
		}
		b.posted("/move", b.form("/move", "Exchange the plan of 8 people", url.Values{"code": {w.code()}}))()
		w.plan = nil
		var without []int
		now, _ := w.sim.Tenant(granitCust)
		for i, u := range now.Users {
			if len(u.Plans) == 0 {
				without = append(without, i)
			}
		}
		if got := w.tried(); len(without) == 0 || got["without"] != float64(len(without)) || got["of"] != fp {
			t.Fatalf("%s: %v are without a plan; told is %v", name, without, got)
		}
		open := func() bool {
			tasks := w.tasksOf("G-1", "without-plan")
			return len(tasks) == 1 && tasks[0].State == "open" && tasks[0].Owner == "support" && tasks[0].Subject.CustID == granitCust
		}
		w.advance(w.clock.Now().Add(20 * time.Minute))
		if !open() {
			t.Fatalf("%s: support has no task", name)
		}
		staff := w.signsIn("nora@fjordpartner.example")
		says := func(n int, when string) {
			t.Helper()
			count := fmt.Sprintf("%d people gave up", n)
			page := fmt.Sprintf("%d colleague", n)
			switch n {
			case 0:
				count, page = "gave up", "until you give"
			case 1:
				count = "1 person gave up"
			}
			found, _, _ := strings.Cut(w.get("/support/accounts/G-1", staff).body, `id="mails"`)
			shown := map[string][2]string{
				"the case":            {text(found), count},
				"the board":           {text(w.get("/support", staff).body), "Somebody is without a plan"},
				"the customer's page": {b.elsewhere().open(""), page},
				"/help":               {text(w.press("/help", url.Values{"value": {granitCust}}).body), "Plans are being exchanged"},
			}
			for where, x := range shown {
				if strings.Contains(x[0], x[1]) != (n > 0) {
					t.Errorf("%s, %s: %s has %q: %v: %s", name, when, where, x[1], n == 0, x[0])
				}
			}
		}
		says(len(without), "at first")
		sent := ""
		for _, m := range w.deskMails("G-1") {
			sent += m.Text
		}
		if !strings.Contains(sent, fmt.Sprintf("%d people gave up a plan", len(without))) || !strings.Contains(sent, "Who had what") {
			t.Errorf("%s: support reads %s", name, sent)
		}
		w.inSuperOffice(granitCust, func(t *crmsim.Tenant) {
			for _, i := range without[1:] {
				t.Users[i].Plans = []string{c.give}
			}
		})
		w.advance(w.clock.Now().Add(80 * time.Hour))
		if got := w.tried(); got["without"] != 1.0 || !open() {
			t.Errorf("%s: one is without a plan still; told is %v", name, got)
		}
		staff = w.signsIn("nora@fjordpartner.example")
		says(1, "then")
		w.inSuperOffice(granitCust, func(t *crmsim.Tenant) { t.Users[without[0]].Retired, t.Users[without[0]].CanLogin = true, false })
		w.advance(w.clock.Now().Add(80 * time.Hour))
		if open() {
			t.Errorf("%s: support still has a task", name)
		}
		staff = w.signsIn("nora@fjordpartner.example")
		says(0, "in the end")
	}
}

// Who was given the new plan by hand, while the list is old, gets nothing besides when all is undone.
func TestUndoingGivesNoSecondPlan(t *testing.T) {
	w := newWorld(t, nil)
	b := w.meet(managed(exchange(2, 1, 8)))
	fp := w.finding("G-1", "plan-swap").Fingerprint
	b.session()
	b.open("/seats/" + fp)
	b.submit("/choose", "Choose those ticked", url.Values{"user": everyone()[2:]})
	b.open("/steps/" + fp)
	b.submit("/code", "The list is right", nil)
	w.inSuperOffice(granitCust, func(t *crmsim.Tenant) { t.Users[2].Plans, t.Users[8].OpenRequests = []string{"ten-plus"}, 4 })
	b.posted("/move", b.form("/move", "Exchange the plan of 8 people", url.Values{"code": {w.code()}}))()
	w.advance(w.clock.Now().Add(10 * time.Minute))
	if sales, plus := w.holders("ten-sales"), w.holders("ten-plus"); !slices.Equal(sales, []int{1, 2, 4, 5, 6, 7, 8, 9, 10}) || !slices.Equal(plus, []int{3}) {
		t.Errorf("Sales %v, Plus %v: %v", sales, plus, w.became(fp))
	}
}

// Many change plan in several runs, each of which looks at those whose turn it is, and at nobody else. So do they
// get it again where the new licence cannot be activated.
func TestManyExchangeTheirPlan(t *testing.T) {
	manyExchange(t, true)
	manyExchange(t, false)
}

func manyExchange(t *testing.T, activates bool) {
	t.Helper()
	const n = 40
	w := newWorld(t, nil)
	c := managed(exchange(2, 0, n-2)).holding(func(c *customer) {
		c.tenant.Modules[0].Total = n
		for id := 11; id <= n; id++ {
			c.tenant.Users = append(c.tenant.Users, person(id, fmt.Sprint("Extra ", id), id, "ten-sales"))
		}
	})
	b := w.meet(c)
	fp := w.finding("G-1", "plan-swap").Fingerprint
	b.session()
	b.open("/seats/" + fp)
	var ids []string
	for id := 3; id <= n; id++ {
		ids = append(ids, fmt.Sprint(id))
	}
	b.submit("/choose", "Choose those ticked", url.Values{"user": ids})
	b.open("/steps/" + fp)
	b.submit("/code", "The list is right", nil)
	code := w.code()
	if !activates {
		w.inSuperOffice(granitCust, func(t *crmsim.Tenant) {
			t.Grants = slices.DeleteFunc(t.Grants, func(g string) bool { return g == crmsim.Activate })
		})
	}
	b.posted("/move", b.form("/move", "Exchange the plan of 38 people", url.Values{"code": {code}}))()
	w.advance(w.clock.Now().Add(10 * time.Minute))
	if !activates {
		sales, told := w.holders("ten-sales"), w.said("G-1", "seats.tried")
		if len(sales) != n || w.tried()["next"] != "halted" || len(told) != 8 { // four runs that take, and four that give back
			t.Errorf("%d have Sales, told is %v: %v", len(sales), told, w.became(fp))
		}
		return
	}
	if sales, plus := w.holders("ten-sales"), w.holders("ten-plus"); !slices.Equal(sales, []int{1, 2}) || len(plus) != n-2 {
		t.Fatalf("Sales %v, Plus %v: %v", sales, plus, w.became(fp))
	}
	reads := 0
	for _, call := range w.sim.Calls(granitCust) {
		if strings.Contains(call.Path, "User/GetUser") {
			reads++
		}
	}
	// Each is read before and after each of the two changes.
	if reads > 4*n+8 {
		t.Errorf("%d reads of users for %d people", reads, n-2)
	}
}
