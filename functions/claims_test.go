package functions_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
)

var chargebeeBiller = billers[2]

// A subscription of a customer who is mapped to one account is mapped by itself to another, later: the
// directory wins over what was only learned, and not over what another directory lists.
func TestLearnedNameIsMapped(t *testing.T) {
	for _, learned := range []string{"by the customer", "by itself", "by the customer, without a key"} {
		eachBiller(t, func(t *testing.T, b biller) { learnedNameIsMapped(t, b, learned) })
	}
}

func learnedNameIsMapped(t *testing.T, b biller, learned string) {
	keyless := strings.HasSuffix(learned, "a key")
	if keyless && b.name == "recurly" {
		return // without one, nothing is told there
	}
	p := readWorld(t, b)
	if keyless {
		p.keys = nil
		p.start()
	}
	by := func(sub string) string {
		return fmt.Sprintf(`{"sender":%q,"id":%q,"subscription":%q}`, b.name, b.customer, sub)
	}
	if learned == "by itself" {
		p.must(p.say("account.changed", p.clock.Now(), mapped("C-1", "Cust1", b.name, b.customer, by("sub_1")+","+by("sub_2"))), "applied")
	}
	p.billing.Put(b.name, "subscription", b.sub("sub_1", b.customer, "active", 9))
	p.billing.Put(b.name, "subscription", b.sub("sub_2", b.customer, "active", 4))
	if keyless {
		for i, seats := range []int{9, 4} {
			p.hooks(b, b.hook(8+i, p.clock.Now(), b.sub(fmt.Sprint("sub_", i+1), b.customer, "active", seats)))
		}
	}
	p.advance(p.clock.Now().Add(25 * time.Hour))
	if got := p.ordered(); got != 13.0 {
		t.Fatalf("%s: %v ordered, want 13", learned, got)
	}
	if learned == "by itself" {
		p.must(p.say("account.changed", p.clock.Now(), mapped("C-1", "Cust1", b.name, b.customer, by("sub_1"))), "applied")
	}
	p.must(p.say("account.changed", p.clock.Now(), mapped("C-2", "Cust2", b.name, b.customer, by("sub_2"))), "applied")
	if got := p.ordered(); learned != "by itself" && got != 9.0 {
		t.Errorf("%s: %v ordered by C-1 as soon as C-2 lists the other one, want 9", learned, got)
	}
	if learned != "by itself" { // who lists it by itself counts it as it is
		p.billing.Put(b.name, "subscription", b.sub("sub_2", b.customer, "active", 5))
		p.hooks(b, b.hook(1, p.clock.Now(), b.sub("sub_2", b.customer, "active", 5)))
	}
	p.advance(p.clock.Now().Add(25 * time.Hour))
	if got, want := (&played{world: p.world, account: "C-2"}).ordered(), map[bool]float64{true: 4, false: 5}[learned == "by itself"]; got != want {
		t.Errorf("%s: %v ordered by C-2, want %v", learned, got, want)
	}
	if got := p.ordered(); got != 9.0 {
		t.Errorf("%s: %v ordered by C-1 still, want 9: the other one is C-2's", learned, got)
	}
	if out := p.say("account.changed", p.clock.Now(), mapped("C-3", "Cust3", b.name, b.customer, by("sub_2"))); out.status != 422 || !strings.Contains(out.body, "C-2") {
		t.Errorf("%s: what another lists: %v", learned, out)
	}
}

// So is a subscription that is still to come, of which only that is told.
func TestASubscriptionToComeIsMapped(t *testing.T) {
	b := chargebeeBiller
	by := func(sub string) string {
		return fmt.Sprintf(`{"sender":%q,"id":%q,"subscription":%q}`, b.name, b.customer, sub)
	}
	for _, itself := range []bool{false, true} {
		p := readWorld(t, b)
		if itself {
			p.must(p.say("account.changed", p.clock.Now(), mapped("C-1", "Cust1", b.name, b.customer, by("sub_1")+","+by("sub_2"))), "applied")
		}
		p.billing.Put(b.name, "subscription", b.sub("sub_1", b.customer, "active", 9))
		p.billing.Put(b.name, "subscription", strings.Replace(b.sub("sub_2", b.customer, "future", 4), `"status"`, `"start_date":1798761600,"status"`, 1))
		has := func(account string) string {
			l, err := p.db.Load(t.Context(), account, storeWant)
			if err != nil {
				t.Fatal(err)
			}
			return strings.Join(licence.SortedKeys(l.State.Known.Orders.Subs), " ")
		}
		if p.days(1, b.name); has("C-1") != "sub_1 sub_2" {
			t.Fatalf("C-1 has %s", has("C-1"))
		}
		if itself {
			p.must(p.say("account.changed", p.clock.Now(), mapped("C-1", "Cust1", b.name, b.customer, by("sub_1"))), "applied")
		}
		p.must(p.say("account.changed", p.clock.Now(), mapped("C-2", "Cust2", b.name, b.customer, by("sub_2"))), "applied")
		if itself {
			p.advance(p.clock.Now().Add(26 * time.Hour))
		}
		if got := has("C-1"); got != "sub_1" {
			t.Errorf("listed by itself before %v: C-1 has %s", itself, got)
		}
		p.advance(p.clock.Now().Add(26 * time.Hour))
		p.billing.Delete(b.name, "subscription", "sub_2") // and it is never there
		p.advance(p.clock.Now().Add(26 * time.Hour))
		l, err := p.db.Load(t.Context(), "C-2", storeWant)
		if sub := l.State.Known.Orders.Subs["sub_2"]; err != nil || sub == nil || len(sub.Schedule.Value) != 0 {
			t.Errorf("listed by itself before %v: deleted, C-2 has %+v, %v", itself, sub, err)
		}
	}
}

// A customer who was mapped to the wrong account is mapped to the right one: what was learned of him counts there alone.
func TestCustomerIsAnothersNow(t *testing.T) {
	eachBiller(t, func(t *testing.T, b biller) {
		p := readWorld(t, b)
		p.billing.Put(b.name, "customer", strings.Replace(b.customerObject, b.customer, "other", 1))
		p.billing.Put(b.name, "subscription", b.sub("sub_1", b.customer, "active", 9))
		p.billing.Put(b.name, "subscription", b.sub("sub_2", "other", "active", 4))
		if p.days(1, b.name); p.ordered() != 9.0 {
			t.Fatalf("%v ordered, want 9", p.ordered())
		}
		p.must(p.say("account.changed", p.clock.Now(), readAccount("C-1", "Cust1", b.name, "other")), "applied")
		p.must(p.say("account.changed", p.clock.Now(), readAccount("C-2", "Cust2", b.name, b.customer)), "applied")
		p.advance(p.clock.Now().Add(26 * time.Hour))
		if got := (&played{world: p.world, account: "C-2"}).ordered(); got != 9.0 {
			t.Errorf("%v ordered by C-2, want 9", got)
		}
		if got := p.ordered(); got != 4.0 {
			t.Errorf("%v ordered by C-1, want 4: the nine are C-2's", got)
		}
	})
}

// What Chargebee tells of a step, a contract or a part payment names no customer, and reaches the account.
func TestChargebeeBodiesWithoutACustomer(t *testing.T) {
	b := chargebeeBiller
	p := readWorld(t, b)
	p.keys = nil
	p.start()
	now := p.clock.Now()
	p.must(p.post(b.name, "/billing/chargebee", "", b.hook(1, now.Add(-time.Minute), b.sub("sub_1", b.customer, "active", 9))), "applied")
	p.must(p.post(b.name, "/billing/chargebee", "", fmt.Appendf(nil, `{"id":"ev_i","object":"event","api_version":"v2","event_type":"invoice_generated","occurred_at":%d,"content":{"invoice":%s}}`, now.Unix(), b.invoice("in_1", b.customer, "open"))), "applied")
	at := now.UnixMilli()
	for name, c := range map[string][2]string{
		"a step":         {"subscription_ramp_created", fmt.Sprintf(`"ramp":{"id":"ramp_1","subscription_id":"sub_1","effective_from":1798704000,"status":"scheduled","resource_version":%d}`, at)},
		"a part payment": {"payment_schedules_created", fmt.Sprintf(`"payment_schedule":{"id":"ps_1","entity_type":"invoice","entity_id":"in_1","resource_version":%d,"schedule_entries":[{"id":"1","date":1799280000,"amount":1,"status":"posted"}]}`, at)},
	} {
		body := fmt.Appendf(nil, `{"id":"ev_%s","object":"event","api_version":"v2","event_type":%q,"occurred_at":%d,"content":{%s}}`, c[0], c[0], now.Unix(), c[1])
		if out := p.post(b.name, "/billing/chargebee", "", body); out.outcome() != "applied" {
			t.Errorf("%s: %v", name, out)
		}
	}
	term := []byte(`{"id":"ev_t","object":"event","api_version":"v2","event_type":"contract_term_renewed","occurred_at":1790841000,"content":{"contract_term":{"id":"ct_1","subscription_id":"sub_1"}}}`)
	p.must(p.post(b.name, "/billing/chargebee", "", term), "ignored")
	p.keys = apiKeys
	p.start()
	p.billing.Put(b.name, "subscription", b.sub("sub_1", b.customer, "active", 8))
	p.clock.set(p.clock.Now().Add(time.Minute))
	p.must(p.post(b.name, "/billing/chargebee", "", term), "applied")
	p.advance(p.clock.Now().Add(10 * time.Minute))
	if got := p.ordered(); got != 8.0 {
		t.Errorf("%v ordered, want 8", got)
	}
}
