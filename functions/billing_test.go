package functions_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

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

// A month of one customer's, told in any order and some of it twice, ends as it does in the order in
// which it happened, and each body is taken.
func TestABillingMonthInAnyOrder(t *testing.T) {
	for sender, of := range map[string]struct {
		draw   func(*rapid.T) ([][]byte, int)
		months int // each is told to two servers, which takes its time
	}{"stripe": {stripeMonth, 25}, "paddle": {paddleMonth, 12}, "chargebee": {chargebeeMonth, 12}} {
		t.Run(sender, func(t *testing.T) {
			t.Parallel()
			end := func(bodies [][]byte) (string, []string) {
				p := billedBy(t, sender, "cus_1", "AzZ1")
				p.advance(time.Unix(1793700000, 0)) // all of it lies in the past, so that any order may come
				out := p.billed(sender, bodies...)
				p.licence(stripeAsked)
				need, starts := p.comes()
				return fmt.Sprint("ordered ", p.ordered(), ", found ", p.codes(), ", to come ", need, " ", starts), out
			}
			type told struct {
				month, mixed [][]byte
				seats        int
			}
			drawn := rapid.Custom(func(t *rapid.T) told {
				month, seats := of.draw(t)
				twice := month[:rapid.IntRange(0, len(month)).Draw(t, "twice")]
				return told{month, rapid.Permutation(append(slices.Clone(month), twice...)).Draw(t, "order"), seats}
			})
			for i := range of.months {
				d := drawn.Example(i)
				want, _ := end(d.month)
				// Where at Stripe a number comes back within one second to what it was, nobody can tell which was last.
				if !strings.HasPrefix(want, fmt.Sprintf("ordered %d,", d.seats)) && !(sender == "stripe" && strings.HasPrefix(want, "ordered <nil>,")) {
					t.Errorf("month %d: %s; %d are ordered in %s", i, want, d.seats, d.month)
				}
				got, outcomes := end(d.mixed)
				if got != want {
					t.Errorf("month %d in another order:\n%s\nwant\n%s\n%s", i, got, want, d.mixed)
				}
				for j, o := range outcomes {
					early := sender == "stripe" && o == "parked" // a payment before its invoice, which alone names the customer
					if draft := strings.Contains(string(d.mixed[j]), `"status":"draft"`); draft != (o == "ignored") || !draft && !slices.Contains([]string{"applied", "unchanged", "duplicate"}, o) && !early {
						t.Errorf("month %d: %s is answered %s", i, d.mixed[j], o)
					}
				}
			}
		})
	}
}

// monthly is what both months draw alike: how the seats change, and what becomes of the invoice.
type monthly struct {
	t   *rapid.T
	ids []int
	at  time.Time
}

func newMonth(t *rapid.T) *monthly {
	ids := make([]int, 40)
	for i := range ids {
		ids[i] = 10 + i
	}
	return &monthly{t, rapid.Permutation(ids).Draw(t, "ids"), time.Unix(stripeOctober, 0).UTC()}
}

// next is an id of an event, which says nothing of its place, and the event's time.
func (m *monthly) next(step time.Duration) (int, time.Time) {
	id := m.ids[0]
	m.ids, m.at = m.ids[1:], m.at.Add(step)
	return id, m.at
}

// paddleMonth draws a month of Paddle's, some of it within one second, and how many seats are ordered
// in the end.
func paddleMonth(t *rapid.T) (bodies [][]byte, seats int) {
	m := newMonth(t)
	n, change := rapid.IntRange(8, 12).Draw(t, "seats"), "null"
	tell := func(kind, data string) {
		id, at := m.next(time.Duration(rapid.SampledFrom([]int{1, 250, 999_000, 60_000_000}).Draw(t, "microseconds")) * time.Microsecond)
		bodies = append(bodies, fmt.Appendf(nil, `{"event_id":"evt_%d","event_type":%q,"occurred_at":%q,"notification_id":"ntf_%d","data":%s}`, id, kind, at.Format("2006-01-02T15:04:05.999999Z07:00"), id, data))
	}
	sub := func(status string) string {
		return fmt.Sprintf(`{"id":"sub_1","status":%q,"customer_id":"cus_1","currency_code":"SEK","next_billed_at":"2026-12-13T00:00:00Z","canceled_at":null,"scheduled_change":%s,
"items":[{"status":%q,"quantity":%d,"recurring":true,"price":{"id":"price_sales"}},{"status":"active","quantity":1,"recurring":false,"price":{"id":"price_once"}}]}`, status, change, status, n)
	}
	tell("subscription.created", sub("trialing"))
	tell("subscription.trialing", sub("trialing"))
	tell("subscription.activated", sub("active"))
	for range rapid.IntRange(0, 3).Draw(t, "changes") {
		switch rapid.IntRange(0, 2).Draw(t, "change") {
		case 0:
			n = rapid.IntRange(8, 12).Draw(t, "seats")
		case 1:
			change = `{"action":"cancel","effective_at":"2026-12-13T00:00:00Z","resume_at":null}`
		case 2:
			change = "null"
		}
		tell("subscription.updated", sub("active"))
	}
	txn := func(status, balance, payments string) string {
		return fmt.Sprintf(`{"id":"txn_1","status":%q,"customer_id":"cus_1","subscription_id":"sub_1","currency_code":"SEK","origin":"subscription_recurring","invoice_number":null,"collection_mode":"manual",
"billing_period":{"starts_at":"2026-12-13T00:00:00Z","ends_at":"2027-12-13T00:00:00Z"},"billed_at":"2026-10-01T08:00:00Z","billing_details":{"payment_terms":{"interval":"day","frequency":14}},
"details":{"totals":{"total":"1250000","balance":%q},"line_items":[{"price_id":"price_sales","quantity":2}]},"payments":[%s]}`, status, balance, payments)
	}
	tell("transaction.created", txn("draft", "1250000", ""))
	tell("transaction.billed", txn("billed", "1250000", ""))
	last := rapid.SampledFrom([]string{"billed", "past_due", "failed", "paid", "canceled"}).Draw(t, "invoice")
	if last == "past_due" {
		tell("transaction.past_due", txn("past_due", "1250000", ""))
		tell("subscription.updated", sub("active")) // it says active first
		tell("subscription.past_due", sub("past_due"))
	}
	if last == "failed" || last == "paid" {
		tell("transaction.payment_failed", txn("billed", "1250000", `{"status":"error","created_at":"2026-10-01T08:05:00Z"}`))
	}
	if last == "paid" {
		captured := `{"status":"error","created_at":"2026-10-01T08:05:00Z"},{"status":"captured","created_at":"2026-10-01T08:06:00Z","captured_at":"2026-10-01T08:06:00Z"}`
		tell("transaction.paid", txn("paid", "0", captured))
		tell("transaction.completed", txn("completed", "0", captured))
		adjust := func(kind, id, action, status string) {
			tell(kind, fmt.Sprintf(`{"id":%q,"action":%q,"transaction_id":"txn_1","subscription_id":"sub_1","customer_id":"cus_1","currency_code":"SEK","status":%q,"totals":{"total":"1250000"}}`, id, action, status))
		}
		switch rapid.IntRange(0, 3).Draw(t, "taken back") {
		case 1:
			adjust("adjustment.created", "adj_1", "refund", "pending_approval")
			adjust("adjustment.updated", "adj_1", "refund", rapid.SampledFrom([]string{"approved", "rejected"}).Draw(t, "refund"))
		case 2:
			adjust("adjustment.created", "adj_1", "chargeback", "approved")
			if rapid.Bool().Draw(t, "won") {
				adjust("adjustment.created", "adj_2", "chargeback_reverse", "approved")
			}
		case 3:
			adjust("adjustment.created", "adj_1", "credit", "approved")
		}
	}
	if last == "canceled" {
		tell("transaction.canceled", txn("canceled", "1250000", ""))
	}
	return bodies, n
}

// chargebeeMonth draws a month of Chargebee's: each event holds the objects as they are then, changed by
// it or not.
func chargebeeMonth(t *rapid.T) (bodies [][]byte, seats int) {
	m := newMonth(t)
	n, status, more, version := rapid.IntRange(8, 12).Draw(t, "seats"), "active", "", 0
	first := rapid.Bool().Draw(t, "first catalogue")
	bill, billVersion := "", 0
	tell := func(kind string, parts ...string) {
		id, at := m.next(time.Duration(rapid.SampledFrom([]int{0, 1, 60}).Draw(t, "seconds")) * time.Second)
		bodies = append(bodies, fmt.Appendf(nil, `{"id":"ev_%d","occurred_at":%d,"event_type":%q,"api_version":"v2","content":{%s},"webhook_status":"scheduled","object":"event"}`, id, at.Unix(), kind, strings.Join(parts, ",")))
	}
	stamp := func(version int) int { return stripeOctober*1000 + version }
	sub := func() string {
		items := fmt.Sprintf(`"subscription_items":[{"item_price_id":"price_sales","item_type":"plan","quantity":%d},{"item_price_id":"price_once","item_type":"charge","quantity":1}]`, n)
		if first {
			items = fmt.Sprintf(`"plan_id":"price_sales","plan_quantity_in_decimal":"%d.0","event_based_addons":[{"id":"price_once","quantity":1}]`, n)
		}
		return fmt.Sprintf(`"subscription":{"id":"AzZ1","customer_id":"cus_1","status":%q,"current_term_end":1797120000,"next_billing_at":1797120000,"resource_version":%d,"deleted":false%s,%s}`, status, stamp(version), more, items)
	}
	changed := func(kind string) {
		version += rapid.SampledFrom([]int{1, 500, 60_000}).Draw(t, "milliseconds")
		tell(kind, sub(), `"customer":{"id":"cus_1"}`)
	}
	invoice := func(status string, left int, rest string) string {
		billVersion += 1000
		bill = fmt.Sprintf(`"invoice":{"id":"INV-1","customer_id":"cus_1","subscription_id":"AzZ1","status":%q,"date":1790841600,"due_date":1792051200,"currency_code":"SEK","total":1250000,"amount_due":%d,"resource_version":%d,"deleted":false,
"line_items":[{"subscription_id":"AzZ1","entity_type":"plan_item_price","entity_id":"price_sales","quantity":2,"date_from":1797120000,"date_to":1828656000}]%s}`, status, left, stamp(billVersion), rest)
		return bill
	}
	version = 1
	tell("subscription_created", sub(), invoice("posted", 1250000, ""))
	tell("invoice_generated", bill)
	for range rapid.IntRange(0, 4).Draw(t, "changes") {
		switch rapid.IntRange(0, 4).Draw(t, "change") {
		case 0:
			n = rapid.IntRange(8, 12).Draw(t, "seats")
			changed("subscription_changed")
		case 1:
			status, more = "non_renewing", `,"cancelled_at":1797120000`
			changed("subscription_cancellation_scheduled")
		case 2:
			status, more = "active", ""
			changed("subscription_scheduled_cancellation_removed")
		case 3:
			status, more = "active", `,"has_scheduled_changes":true`
			changed("subscription_changes_scheduled")
		case 4:
			tell("subscription_ramp_created", fmt.Sprintf(`"ramp":{"id":"ramp_1","subscription_id":"AzZ1","effective_from":1798704000,"status":"scheduled","resource_version":%d,"deleted":false}`, stamp(version)))
		}
	}
	last := rapid.SampledFrom([]string{"posted", "payment_due", "not_paid", "paid", "voided"}).Draw(t, "invoice")
	if last == "payment_due" || last == "not_paid" || last == "paid" {
		tell("payment_failed", `"transaction":{"id":"txn_1","customer_id":"cus_1","type":"payment","status":"failure"}`, invoice("payment_due", 1250000, `,"dunning_status":"in_progress","dunning_attempts":[{"attempt":0,"dunning_type":"auto_collect","txn_status":"failure","created_at":1790841700}]`), sub())
	}
	switch last {
	case "not_paid":
		tell("invoice_updated", invoice("not_paid", 1250000, `,"dunning_status":"exhausted","dunning_attempts":[{"attempt":0,"dunning_type":"auto_collect","txn_status":"failure","created_at":1790841700}]`))
	case "voided":
		tell("invoice_updated", invoice("voided", 1250000, ""))
	case "paid":
		tell("payment_succeeded", `"transaction":{"id":"txn_2","customer_id":"cus_1","type":"payment","status":"success"}`, invoice("paid", 0, `,"paid_at":1790842000,"amount_paid":1250000`), sub())
		note := func(kind, reason, status string, version int) {
			tell(kind, fmt.Sprintf(`"credit_note":{"id":"CN-1","customer_id":"cus_1","subscription_id":"AzZ1","reference_invoice_id":"INV-1","type":"refundable","reason_code":%q,"status":%q,"currency_code":"SEK","total":1250000,"resource_version":%d,"deleted":false}`, reason, status, stamp(version)))
		}
		if reason := rapid.SampledFrom([]string{"", "chargeback", "waiver"}).Draw(t, "credit note"); reason != "" {
			note("credit_note_created", reason, "refund_due", 900_000)
			if rapid.Bool().Draw(t, "voided") {
				note("credit_note_updated", reason, "voided", 900_001)
			}
		}
	}
	return bodies, n
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
