package functions_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// A webhook is a hint where a key is given: what counts is what is read.
func TestHookIsAHint(t *testing.T) {
	eachBiller(t, func(t *testing.T, b biller) {
		p := readWorld(t, b)
		now := p.clock.Now()
		p.billing.Put(b.name, "subscription", b.sub("sub_1", b.customer, "active", 9))
		// The body says 10, and lags behind: it was 9 when it came.
		if got := p.hooks(b, b.hook(1, now, b.sub("sub_1", b.customer, "active", 10))); got != "applied" && got != "parked" {
			t.Fatalf("answered %s", got)
		}
		p.clock.set(now.Add(2 * time.Second))
		p.sweep()
		p.clock.set(now.Add(3 * time.Minute))
		p.sweep()
		if got := p.ordered(); got != 9.0 {
			t.Errorf("%v ordered, want 9", got)
		}
		if owed := p.owedReads("C-1") + p.owedReads("fleet"); owed != 0 {
			t.Errorf("%d reads are owed still", owed)
		}
	})
}

// A pull finds within a day what no webhook told: the endpoint is dead.
func TestPullFinds(t *testing.T) {
	eachBiller(t, func(t *testing.T, b biller) {
		p := readWorld(t, b)
		p.billing.Put(b.name, "subscription", b.sub("sub_1", b.customer, "active", 10))
		p.billing.Put(b.name, "invoice", b.invoice("in_1", b.customer, "open"))
		day := func() { p.Helper(); p.advance(p.clock.Now().Add(24 * time.Hour)) }
		invoice := func() string {
			p.Helper()
			l, err := p.db.Load(t.Context(), "C-1", storeWant)
			if err != nil {
				t.Fatal(err)
			}
			in := l.State.Known.Invoices.Of("in_1")
			if in == nil {
				return ""
			}
			return in.Value.Status
		}
		day()
		if got := p.ordered(); got != 10.0 {
			t.Fatalf("%v ordered after the first pull, want 10", got)
		}
		if got := invoice(); got != "open" {
			t.Fatalf("the invoice is %q after the first pull", got)
		}
		calls := len(p.billing.Calls(b.name))
		facts := len(p.said("C-1", "subscription.changed"))
		day()
		if got := len(p.billing.Calls(b.name)); got != calls {
			t.Errorf("the second pull made %d calls, the first %d", got, calls)
		}
		if got := len(p.said("C-1", "subscription.changed")); got != facts {
			t.Errorf("a pull that finds nothing new tells %d facts", got-facts)
		}

		p.billing.Put(b.name, "subscription", b.sub("sub_1", b.customer, "active", 7))
		day()
		if got := p.ordered(); got != 7.0 {
			t.Errorf("a dead endpoint: %v ordered a day later, want 7", got)
		}
		p.billing.Put(b.name, "invoice", b.invoice("in_1", b.customer, "paid"))
		day()
		if got := invoice(); got != "paid" {
			t.Errorf("a payment booked by hand: the invoice is %q a day later", got)
		}
		p.billing.Delete(b.name, "subscription", "sub_1")
		day()
		p.licence("2026-12-01T09:00:00Z")
		if got := p.codes(); !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "subscription-ended") }) {
			t.Errorf("a deleted subscription: found %v", got)
		}
		var drift struct {
			Drift struct {
				By map[string]struct{ R, F int }
			}
		}
		p.ask("/accounts/C-1", &drift)
		if d := drift.Drift.By[b.name]; d.R < 4 || d.F != 3 {
			t.Errorf("drift is %+v, want 3 of at least 4 readings", d)
		}
	})
}

// What Chargebee's webhook tells is only that seats will change: what they will be is read, in a pull and
// behind a webhook alike, and no number of today's is moved by it.
func TestScheduledChangeIsRead(t *testing.T) {
	b := billers[slices.IndexFunc(billers, func(b biller) bool { return b.name == "chargebee" })]
	scheduled := func(seats int) string {
		return strings.Replace(b.sub("sub_1", b.customer, "active", seats), `"has_scheduled_changes":false`, `"has_scheduled_changes":true,"changes_scheduled_at":1798761600`, 1)
	}
	step := `{"id":"r1","subscription_id":"sub_1","effective_from":1798761600,"status":"scheduled","resource_version":1,"deleted":false,"items_to_update":[{"item_price_id":"price_sales","item_type":"plan","quantity":7}]}`
	for pulled, wait := range map[string]time.Duration{"by a pull": 25 * time.Hour, "behind a webhook": 10 * time.Minute, "behind a step's webhook": 10 * time.Minute, "by a pull, behind a step's webhook": 25 * time.Hour, "by a pull, mapped by itself": 25 * time.Hour} {
		p := readWorld(t, b)
		if strings.HasSuffix(pulled, "mapped by itself") {
			p.must(p.say("account.changed", p.clock.Now(), mapped("C-1", "Cust1", b.name, b.customer, fmt.Sprintf(`{"sender":%q,"id":%q,"subscription":"sub_1"}`, b.name, b.customer))), "applied")
		}
		p.billing.Put(b.name, "subscription", scheduled(10))
		p.billing.Put(b.name, "scheduled", scheduled(7))
		if pulled == "behind a webhook" {
			p.must(p.post(b.name, "/billing/chargebee", "", b.hook(1, p.clock.Now(), scheduled(10))), "applied")
		}
		if strings.HasSuffix(pulled, "step's webhook") {
			p.must(p.post(b.name, "/billing/chargebee", "", b.hook(1, p.clock.Now(), b.sub("sub_1", b.customer, "active", 10))), "applied")
			p.billing.Delete(b.name, "scheduled", "sub_1")
			p.billing.Put(b.name, "ramp", step)
			p.hooks(b, fmt.Appendf(nil, `{"id":"ev_2","object":"event","api_version":"v2","event_type":"subscription_ramp_created","occurred_at":%d,"content":{"ramp":%s}}`, p.clock.Now().Unix(), step))
		}
		p.advance(p.clock.Now().Add(wait))
		p.licence("2026-11-29T09:00:00Z")
		need, starts := p.comes()
		if got := p.ordered(); got != 10.0 || fmt.Sprint(need) != "3" || !strings.HasPrefix(fmt.Sprint(starts), "2027-01-01") {
			t.Errorf("%s: %v ordered; %v too many from %v", pulled, got, need, starts)
		}
	}
}

// A pull that finds nothing new costs what it must: four commits, and one fact: that it was checked.
func TestUnitsOfAPull(t *testing.T) {
	eachBiller(t, func(t *testing.T, b biller) {
		p := readWorld(t, b)
		p.billing.Put(b.name, "subscription", b.sub("sub_1", b.customer, "active", 10))
		p.billing.Put(b.name, "invoice", b.invoice("in_1", b.customer, "open"))
		p.advance(p.clock.Now().Add(48 * time.Hour))
		p.billing.Calls(b.name)
		pulls := len(p.said("C-1", "source.checked"))
		calls, _ := p.calls(func() { p.start(); p.advance(p.clock.Now().Add(24 * time.Hour)) })
		asked := len(p.billing.Calls(b.name))
		t.Logf("a day: %d calls of %s; of the store %d loads, %d commits", asked, b.name, times(calls, "Load"), times(calls, "Commit"))
		if got := len(p.said("C-1", "source.checked")) - pulls; got != 1 {
			t.Errorf("%d pulls a day", got)
		}
		if n := times(calls, "Commit"); n > 4 || asked > 6 {
			t.Errorf("%d commits and %d calls a day, want 4 and 6 at most", n, asked)
		}
	})
}
