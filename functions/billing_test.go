package functions_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/webhook"
)

// billed posts bodies of a billing system's, and gives the answers' outcomes.
func (p *played) billed(sender string, bodies ...[]byte) (outcomes []string) {
	p.Helper()
	for _, b := range bodies {
		r := p.post(sender, "/billing/"+sender, "", b)
		if r.status != 200 {
			p.Errorf("%s\nis answered %v", b, r)
		}
		outcomes = append(outcomes, r.outcome())
	}
	return outcomes
}

// What a provider's body does not say of its mode is said by the secret that proves it.
func TestTestModeIsThatOfTheSecret(t *testing.T) {
	for _, s := range webhook.Senders {
		if !s.Unmarked {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			body := map[string]string{
				"paddle":    `{"event_id":"evt_1","event_type":"subscription.created","occurred_at":"2026-10-01T08:00:00Z","data":{"id":"sub_1","status":"active","customer_id":"cus_1","items":[{"quantity":10,"recurring":true,"price":{"id":"price_sales"}}]}}`,
				"chargebee": `{"id":"evt_1","event_type":"subscription_created","occurred_at":1790841600,"api_version":"v2","content":{"subscription":{"id":"sub_1","customer_id":"cus_1","status":"active","resource_version":1790841600001,"subscription_items":[{"item_price_id":"price_sales","item_type":"plan","quantity":10}]}}}`,
			}[s.Name]
			if body == "" {
				t.Skipf("%s tells nothing without being read back", s.Name)
			}
			post := func(p *played, list, body string) string {
				r := p.signed(s.Name, "/billing/"+s.Name, "", []byte(body))
				s.Sign(r.Header, []byte(body), "", testSecrets[list][0], p.clock.Now())
				out := p.do(r)
				p.deliver()
				return out.outcome()
			}
			p := billedBy(t, s.Name, "cus_1")
			test, bad := s.Name+"_test", strings.NewReplacer(`"active"`, `"resting"`)
			other := strings.NewReplacer("cus_1", "cus_2", "sub_1", "sub_2", "evt_1", "evt_2")
			for _, c := range []struct{ name, list, body, outcome string }{
				{"of the test mode", test, body, "ignored"},
				{"of the test mode, and bad", test, bad.Replace(body), "ignored"},
				{"another's, of the test mode", test, other.Replace(body), "ignored"},
				{"another's", s.Name, other.Replace(body), "parked"},
				{"another's, and bad", s.Name, bad.Replace(other.Replace(body)), "ignored"},
				{"ours, and bad", s.Name, bad.Replace(body), "set-aside"},
				{"ours", s.Name, body, "applied"},
				{"ours again", s.Name, body, "duplicate"},
				{"ours again, saying something else", s.Name, strings.Replace(body, `"quantity":10`, `"quantity":9`, 1), "set-aside"},
			} {
				if got := post(p, c.list, c.body); got != c.outcome {
					t.Errorf("%s: %s, want %s", c.name, got, c.outcome)
				}
			}
			if got := p.ordered(); got != nil && got != 10.0 {
				t.Errorf("%v ordered", got)
			}
			// A customer who is billed in the test mode on purpose.
			p.must(p.say("account.changed", p.clock.Now(), fmt.Sprintf(`{"account":"C-7","name":"Test AB","locale":"en","timezone":"Europe/Stockholm","model":"plans","contacts":[],"installations":[],"billing":[{"sender":%q,"id":"cus_7","mode":"test"}],"plans":[]}`, s.Name)), "applied")
			seven := strings.NewReplacer("cus_1", "cus_7", "sub_1", "sub_7", "evt_1", "evt_7")
			if got := post(p, s.Name, seven.Replace(body)); got != "ignored" {
				t.Errorf("live, of who is billed in the test mode: %s", got)
			}
			if got := post(p, test, seven.Replace(body)); got != "applied" {
				t.Errorf("of the test mode, and ours: %s", got)
			}
			if s.Name != "chargebee" {
				return // one body is about one customer
			}
			for name, of := range map[string]*strings.Replacer{"sound": strings.NewReplacer(), "bad": bad} {
				two := seven.Replace(body)
				two = strings.Replace(two, `"content":{`, `"content":{"subscriptions":[{"id":"sub_1","customer_id":"cus_1","status":"active","resource_version":1790841700001,"subscription_items":[{"item_price_id":"price_sales","item_type":"plan","quantity":1}]}],`, 1)
				if got := post(p, test, strings.Replace(of.Replace(two), "evt_7", "evt_"+name, 1)); got != "ignored" {
					t.Errorf("of the test mode, and of a live customer beside, %s: %s", name, got)
				}
				if got := p.ordered(); got != 10.0 {
					t.Errorf("%v ordered by the live customer, want 10", got)
				}
			}
		})
	}
}

// paddleSub and chargebeeSub are a subscription's body, of so many seats each of some prices.
func paddleSub(event, sub, customer, at string, seats int, prices ...string) []byte {
	var items []string
	for _, p := range prices {
		items = append(items, fmt.Sprintf(`{"quantity":%d,"recurring":true,"price":{"id":%q}}`, seats, p))
	}
	return fmt.Appendf(nil, `{"event_id":%q,"event_type":"subscription.updated","occurred_at":%q,"data":{"id":%q,"status":"active","customer_id":%q,"next_billed_at":"2026-12-13T00:00:00Z","items":[%s]}}`, event, at, sub, customer, strings.Join(items, ","))
}

func chargebeeSub(event, sub, customer, at string, seats int, prices ...string) []byte {
	when, _ := time.Parse(time.RFC3339, at)
	var items []string
	for _, p := range prices {
		items = append(items, fmt.Sprintf(`{"item_price_id":%q,"item_type":"addon","quantity":%d}`, p, seats))
	}
	return fmt.Appendf(nil, `{"id":%q,"occurred_at":%d,"event_type":"subscription_changed","api_version":"v2","content":{"subscription":{"id":%q,"customer_id":%q,"status":"active","next_billing_at":1797120000,"resource_version":%d,"subscription_items":[%s]}}}`, event, when.Unix(), sub, customer, when.UnixMilli(), strings.Join(items, ","))
}

var subscriptionBodies = map[string]func(event, sub, customer, at string, seats int, prices ...string) []byte{"paddle": paddleSub, "chargebee": chargebeeSub}

// A customer may have several subscriptions of one plan: they are added up, and one that ends is not.
func TestSeveralSubscriptionsAreAddedUp(t *testing.T) {
	for sender, sub := range subscriptionBodies {
		t.Run(sender, func(t *testing.T) {
			p := billedBy(t, sender, "cus_1")
			p.billed(sender, sub("evt_1", "sub_1", "cus_1", "2026-10-01T07:00:00Z", 6, "price_sales", "price_fee"), sub("evt_2", "sub_2", "cus_1", "2026-10-01T07:01:00Z", 4, "price_sales"))
			p.licence(stripeAsked)
			if got := p.ordered(); got != 10.0 {
				t.Errorf("%v ordered, want 10", got)
			}
			ended := strings.NewReplacer(`"active"`, map[string]string{"paddle": `"canceled"`, "chargebee": `"cancelled"`}[sender]).Replace(string(sub("evt_3", "sub_2", "cus_1", "2026-10-02T07:01:00Z", 4, "price_sales")))
			p.billed(sender, []byte(ended))
			if got := p.ordered(); got == 10.0 {
				t.Errorf("%v ordered after one has ended", got)
			}
		})
	}
}

// What comes before its customer is known waits, and is folded when it is; in any order.
func TestBillingBeforeTheCustomerIsKnown(t *testing.T) {
	for sender, sub := range subscriptionBodies {
		t.Run(sender, func(t *testing.T) {
			p := billedBy(t, sender, "cus_other")
			out := p.billed(sender, sub("evt_2", "sub_1", "cus_9", "2026-10-01T07:01:00Z", 7, "price_sales"), sub("evt_1", "sub_1", "cus_9", "2026-10-01T07:00:00Z", 10, "price_sales"))
			if want := []string{"parked", "parked"}; !slices.Equal(out, want) {
				t.Fatalf("answered %v", out)
			}
			p.must(p.say("account.changed", p.clock.Now(), fmt.Sprintf(`{"account":"C-9","name":"Late AB","locale":"en","timezone":"Europe/Stockholm","country":"SE","model":"plans","contacts":[],
"installations":[{"cust_id":"Cust9","serial":"18Cust9","kind":"production","hosting":"online","url":"https://online.superoffice.com/Cust9"}],"billing":[{"sender":%q,"id":"cus_9"}],"plans":[{"plan":"sales-premium","name":"Sales Premium","module":"ten-sales","prices":["price_sales"]}]}`, sender)), "applied")
			p.account = "C-9"
			p.licence(stripeAsked)
			if got := p.ordered(); got != 7.0 {
				t.Errorf("%v ordered, want 7", got)
			}
			if out := p.billed(sender, sub("evt_2", "sub_1", "cus_9", "2026-10-01T07:01:00Z", 7, "price_sales")); out[0] != "duplicate" {
				t.Errorf("told again: %v", out)
			}
		})
	}
}

// Nothing that a billing system may send breaks the account: what cannot be used is set aside whole, what
// is too large is said, and the next body is taken.
func TestBillingBodiesAtTheirBounds(t *testing.T) {
	prices := func(n int) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprintf("price_%06d", i))
		}
		return all
	}
	for sender, sub := range subscriptionBodies {
		t.Run(sender, func(t *testing.T) {
			p := billedBy(t, sender, "cus_1")
			at := "2026-10-01T07:00:00Z"
			good := string(sub("evt_good", "sub_1", "cus_1", at, 10, "price_sales"))
			id := map[string]string{"paddle": `"event_id"`, "chargebee": `"id":"evt_good"`}[sender]
			for _, c := range []struct {
				name, body string
				outcomes   []string
			}{
				{"as many seats as there may be", string(sub("evt_1", "sub_2", "cus_1", at, 1_000_000_000, "price_fee", "price_fee")), []string{"applied"}},
				{"one more", string(sub("evt_2", "sub_2", "cus_1", at, 1_000_000_001, "price_fee")), []string{"set-aside"}},
				{"less than none", string(sub("evt_3", "sub_2", "cus_1", at, -1, "price_fee")), []string{"set-aside"}},
				{"a number that no machine has", strings.Replace(good, `"quantity":10`, `"quantity":1e400`, 1), []string{"set-aside"}},
				{"half a seat", strings.Replace(good, `"quantity":10`, `"quantity":9.5`, 1), []string{"set-aside"}},
				{"text for a number", strings.Replace(good, `"quantity":10`, `"quantity":"10"`, 1), []string{"set-aside"}},
				{"many prices", string(sub("evt_4", "sub_3", "cus_1", at, 1, prices(1500)...)), []string{"applied", "set-aside"}},
				{"a long price", string(sub("evt_5", "sub_3", "cus_1", at, 1, strings.Repeat("p", 300))), []string{"set-aside"}},
				{"a long id", strings.Replace(good, "evt_good", strings.Repeat("e", 300), 1), []string{"set-aside"}},
				{"a long name of the subscription", strings.Replace(good, "sub_1", strings.Repeat("s", 300), 1), []string{"set-aside"}},
				{"no customer", strings.Replace(good, `"customer_id":"cus_1"`, `"customer_id":null`, 1), []string{"ignored", "set-aside"}}, // as of a customer whom no account names; Chargebee's subscription is known by its own name
				{"no id", strings.Replace(good, id, `"no_id"`, 1), []string{"set-aside"}},
				{"a name twice", strings.Replace(good, `"status":"active"`, `"status":"active","status":"paused"`, 1), []string{"set-aside"}},
				{"no JSON", good[:len(good)-2], []string{"set-aside"}},
				{"a list", "[" + good + "]", []string{"set-aside"}},
				{"empty", "", []string{"set-aside"}},
				{"too large", string(sub("evt_6", "sub_3", "cus_1", at, 1, prices(6000)...)), []string{"too_large"}},
				{"a year that nobody has", strings.NewReplacer(at, "9999-10-01T07:00:00Z", "1790838000", "99999999999999").Replace(good), []string{"set-aside"}},
				{"good", good, []string{"applied"}},
			} {
				r := p.post(sender, "/billing/"+sender, "", []byte(c.body))
				if !slices.Contains(c.outcomes, r.outcome()) {
					t.Errorf("%s: %.300s, want %v", c.name, r.String(), c.outcomes)
				}
			}
		})
	}
	// Of a customer with very many subscriptions who is deleted, a person is told.
	p := billedBy(t, "chargebee", "cus_1")
	subs := func(n int) string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf(`{"id":"sub_%d","customer_id":"cus_1","status":"cancelled","deleted":true,"resource_version":1790838000001,"subscription_items":[]}`, i))
		}
		return `{"id":"evt_gone` + fmt.Sprint(n) + `","occurred_at":1790838000,"event_type":"customer_deleted","api_version":"v2","content":{"subscriptions":[` + strings.Join(all, ",") + `]}}`
	}
	if got := p.billed("chargebee", []byte(subs(50)), []byte(subs(51))); got[0] != "applied" || got[1] != "set-aside" {
		t.Errorf("50 and 51 subscriptions: %v", got)
	}
}

// A change that Chargebee only says is scheduled makes nobody act on a number that nobody told: today's
// seats stand, and nothing is said to come.
func TestChargebeesScheduledChangeIsNoGuess(t *testing.T) {
	p := billedBy(t, "chargebee", "cus_1")
	good := string(chargebeeSub("evt_1", "sub_1", "cus_1", "2026-10-01T07:00:00Z", 10, "price_sales"))
	scheduled := strings.NewReplacer("evt_1", "evt_2", "1790838000000", "1790838000500", `"status":"active"`, `"status":"active","has_scheduled_changes":true,"changes_scheduled_at":1796112000`).Replace(good)
	p.billed("chargebee", []byte(good), []byte(scheduled))
	p.licence(stripeAsked) // the day before
	if got := p.ordered(); got != 10.0 {
		t.Errorf("%v ordered, want 10", got)
	}
	if need, starts := p.comes(); need != 0 {
		t.Errorf("%d are said to go from %s", need, starts)
	}
	p.licence("2026-12-02T09:00:00Z") // the day after
	if got := p.ordered(); got != nil {
		t.Errorf("%v ordered on a day for which nobody told it", got)
	}
	for _, c := range p.codes() {
		if strings.HasPrefix(c, "surplus open") {
			t.Errorf("found %s", c)
		}
	}
}
