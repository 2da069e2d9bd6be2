package functions_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// These tests are about more orders than an account can hold: what does not fit is never left out of a
// number that goes on standing as known.

// fat is a subscription of Stripe's of 20 seats that takes some 14 kB of its account.
func fat(id, status string) string {
	s := stripeBiller.sub(id, "cus_1", status, 1)
	item := s[strings.Index(s, `{"id":"si_1"`):strings.Index(s, `]}}`)]
	items := make([]string, 20)
	for i := range items {
		items[i] = strings.Replace(item, `"id":"price_sales"`, fmt.Sprintf(`"id":"price_sales","lookup_key":"%d-%s"`, i, strings.Repeat("x", 240)), 1)
	}
	return strings.Replace(s, item, strings.Join(items, ","), 1)
}

func (p *played) cut() (open []string) {
	p.Helper()
	for _, task := range p.tasksOf("C-1", "too-large") {
		if task.State == "open" {
			open = append(open, task.Subject.Kind+" "+task.Subject.ID)
		}
	}
	return open
}

// A pull of more than fits leaves what is ordered unknown, and says so to ops; once it fits, it counts.
func TestPullOfMoreThanFits(t *testing.T) {
	p := readWorld(t, stripeBiller)
	const many = 60
	id := func(i int) string { return fmt.Sprintf("sub_%02d", i) }
	for i := range many {
		p.billing.Put("stripe", "subscription", fat(id(i), "active"))
	}
	p.billing.Put("stripe", "invoice", stripeBiller.invoice("in_1", "cus_1", "open"))
	p.advance(p.clock.Now().Add(25 * time.Hour))
	l, err := p.db.Load(t.Context(), "C-1", storeWant)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(l.State.Known.Orders.Subs); n == 0 || n == many {
		t.Fatalf("%d subscriptions are kept: the test tests nothing", n)
	}
	if got := p.ordered(); got != nil {
		t.Errorf("%v ordered, of %d seats", got, 20*many)
	}
	if l.State.Known.Invoices.Of("in_1") == nil {
		t.Error("no invoice was read")
	}
	if got := p.cut(); !slices.Equal(got, []string{"source stripe"}) {
		t.Errorf("ops have %v", got)
	}
	if got := p.fleetTasks("not-read"); len(got) > 0 {
		t.Errorf("it is told of the whole source: %v", got)
	}
	calls := len(p.billing.Calls("stripe"))
	p.advance(p.clock.Now().Add(24 * time.Hour))
	if n := len(p.billing.Calls("stripe")); n > calls+2 {
		t.Errorf("%d calls the next day, after %d", n, calls)
	}
	// What was surplus by the licence is nobody's to free: the rest of the order may be what covers it.
	p.licence(p.clock.Now().Format(time.RFC3339))
	if got := p.codes(); slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "surplus open") }) {
		t.Errorf("found %v", got)
	}
	// Those that are listed last end: there is room then for those listed first.
	for i := range 48 {
		p.billing.Put("stripe", "subscription", fat(id(i), "ended"))
	}
	p.advance(p.clock.Now().Add(50 * time.Hour))
	if got := p.ordered(); got == nil && len(p.cut()) == 0 {
		t.Log("what those that ended had is in doubt still") // rules.md 3.1
	} else if got != 240.0 {
		t.Errorf("%v ordered once it fits, want 240", got)
	}
	if got := p.cut(); len(got) > 0 {
		t.Errorf("ops have %v still", got)
	}
}

// A list too long to be read says as little as one that does not fit.
func TestPullOfMoreThanCanBeListed(t *testing.T) {
	p := readWorld(t, stripeBiller)
	p.hooks(stripeBiller, stripeBiller.hook(1, p.clock.Now(), stripeBiller.sub("sub_000", "cus_1", "active", 9)))
	p.billing.PageSize = 1
	for i := range 70 {
		p.billing.Put("stripe", "subscription", stripeBiller.sub(fmt.Sprintf("sub_%03d", i), "cus_1", "active", 9))
	}
	p.advance(p.clock.Now().Add(25 * time.Hour))
	if got := p.ordered(); got != nil {
		t.Errorf("%v ordered, of 630", got)
	}
	if got := p.cut(); !slices.Equal(got, []string{"source stripe"}) {
		t.Errorf("ops have %v", got)
	}
}

// A webhook of what does not fit is set aside or refused; the number of the others stands no longer.
func TestHookOfMoreThanFits(t *testing.T) {
	for _, sender := range []string{"stripe", "standard"} {
		t.Run(sender, func(t *testing.T) {
			w := newWorld(t, nil)
			w.clock.set(time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC))
			p := &played{world: w, account: "C-1"}
			w.must(w.say("account.changed", w.clock.Now(), readAccount("C-1", "Cust1", "stripe", "cus_1")), "applied")
			tell := func(i int) reply {
				w.clock.set(w.clock.Now().Add(2 * time.Second))
				if sender == "stripe" {
					return w.do(w.signed("stripe", "/billing/stripe", "", stripeBiller.hook(i, w.clock.Now(), fat(fmt.Sprint("sub_", i), "active"))))
				}
				line := fmt.Sprintf(`{"plan":"sales-premium","seats":1,"cust_id":"Cust1%s"}`, strings.Repeat("x", 120))
				w.ids++
				return w.do(w.signed("standard", "/billing/standard", fmt.Sprint("cut-", w.ids), fmt.Appendf(nil, `{"type":"subscription.changed","timestamp":%q,"data":{"account":"C-1","subscription":"sub_%d","plans":[%s]}}`,
					w.clock.Now().UTC().Format(time.RFC3339), i, strings.TrimSuffix(strings.Repeat(line+",", 60), ","))))
			}
			last, told := reply{}, 0
			for i := 0; i < 60 && !strings.Contains(string(last.body), "set-aside") && last.status != 422; i++ {
				last, told = tell(i), i
			}
			if told < 5 || last.status != map[string]int{"stripe": 200, "standard": 422}[sender] {
				t.Fatalf("after %d: %v", told, last)
			}
			w.advance(w.clock.Now().Add(time.Hour))
			if got := p.ordered(); got != nil {
				t.Errorf("%v ordered", got)
			}
			if got := p.cut(); !slices.Equal(got, []string{"source " + sender}) {
				t.Errorf("ops have %v", got)
			}
			if got := w.said("C-1", "orders.cut"); len(got) != 1 || got[0]["subscription"] != fmt.Sprint("sub_", told) {
				t.Errorf("told is %v", got)
			}
			again := tell(told)
			if again.status != last.status {
				t.Errorf("once more: %v", again)
			}
		})
	}
}

// Who ended a customer of whose orders some are not known has ended nothing.
func TestCutOrdersEndNothing(t *testing.T) {
	p := readWorld(t, stripeBiller)
	p.billing.Put("stripe", "subscription", stripeBiller.sub("sub_1", "cus_1", "ended", 9))
	p.hooks(stripeBiller, stripeBiller.hook(1, p.clock.Now().Add(-time.Hour), stripeBiller.sub("sub_1", "cus_1", "active", 9)))
	p.hooks(stripeBiller, stripeBiller.hook(2, p.clock.Now(), stripeBiller.sub("sub_1", "cus_1", "ended", 9)))
	ended := func() bool {
		return slices.ContainsFunc(p.codes(), func(s string) bool { return strings.HasPrefix(s, "subscription-ended") })
	}
	if !ended() {
		t.Fatal("it has not ended")
	}
	if _, err := p.app.Engine.Apply(t.Context(), licence.Fact{ID: "cut/1", To: []licence.Name{{Sender: "account", ID: "C-1"}}, At: p.clock.Now(), Source: "stripe", Payload: licence.OrdersCut{Subscription: "sub_2"}}); err != nil {
		t.Fatal(err)
	}
	if ended() {
		t.Errorf("found %v", p.codes())
	}
}
