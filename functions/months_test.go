package functions_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"seatmend/shared/licence"
)

// A month of one customer's, told in any order and some of it twice, ends as it does in the order in
// which it happened, and each body is taken.
func TestABillingMonthInAnyOrder(t *testing.T) {
	for sender, of := range map[string]struct {
		draw   func(*rapid.T) *monthly
		months int // each is told to two servers, which takes its time
	}{"stripe": {stripeMonth, 25}, "paddle": {paddleMonth, 25}, "chargebee": {chargebeeMonth, 25}} {
		t.Run(sender, func(t *testing.T) {
			t.Parallel()
			end := func(bodies [][]byte) (string, []string) {
				p := billedBy(t, sender, "cus_1", "AzZ1")
				p.advance(time.Unix(1793700000, 0)) // all of it lies in the past, so that any order may come
				out := p.billed(sender, bodies...)
				p.licence(stripeAsked)
				need, starts := p.comes()
				l, err := p.db.Load(t.Context(), p.account, storeWant)
				if err != nil {
					t.Fatal(err)
				}
				status := ""
				for _, id := range licence.SortedKeys(l.State.Known.Orders.Subs) {
					now, _ := l.State.Known.Orders.Subs[id].Latest()
					status += " sub " + now.Value.Status
				}
				for in := range l.State.Known.Invoices.All() {
					status += " invoice " + in.Value.Money() + " less " + in.Value.Credited
				}
				return fmt.Sprint("ordered ", p.ordered(), ",", status, ", found ", p.codes(), ", to come ", need, " ", starts), out
			}
			type told struct {
				*monthly
				mixed [][]byte
			}
			drawn := rapid.Custom(func(t *rapid.T) told {
				m := of.draw(t)
				twice := m.bodies[:rapid.IntRange(0, len(m.bodies)).Draw(t, "twice")]
				return told{m, rapid.Permutation(append(slices.Clone(m.bodies), twice...)).Draw(t, "order")}
			})
			met := map[string]int{}
			for i := range of.months {
				d := drawn.Example(i)
				want, _ := end(d.bodies)
				for _, what := range d.tells() {
					met[what]++
					if !strings.Contains(want, what) {
						t.Errorf("month %d: %s; it has no %q, in %s", i, want, what, d.bodies)
					}
				}
				if d.last != "ended" && strings.Contains(want, "payment-disputed") != d.disputed {
					t.Errorf("month %d: %s; that the payment is disputed is %v in %s", i, want, d.disputed, d.bodies)
				}
				// Where at Stripe a number comes back within one second to what it was, nobody can tell which was last.
				if d.last != "ended" && !strings.HasPrefix(want, fmt.Sprintf("ordered %d,", d.seats)) && !(sender == "stripe" && strings.HasPrefix(want, "ordered <nil>,")) {
					t.Errorf("month %d: %s; %d are ordered in %s", i, want, d.seats, d.bodies)
				}
				got, outcomes := end(d.mixed)
				if got != want {
					t.Errorf("month %d in another order:\n%s\nwant\n%s\n%s", i, got, want, d.mixed)
				}
				for j, o := range outcomes {
					early := sender == "stripe" && o == "parked" // a payment before its invoice, which alone names the customer
					if draft := strings.Contains(string(d.mixed[j]), `"status":"draft"`); (draft || strings.Contains(string(d.mixed[j]), "v2.core.event")) != (o == "ignored") || o != "ignored" && !slices.Contains([]string{"applied", "unchanged", "duplicate"}, o) && !early {
						t.Errorf("month %d: %s is answered %s", i, d.mixed[j], o)
					}
				}
			}
			if met["payment-disputed"] == 0 || met["subscription-ended"] == 0 || met["sub paused"] == 0 {
				t.Errorf("the months have %v", met)
			}
		})
	}
}

// monthly is a month that is drawn, and what it ends in.
type monthly struct {
	t      *rapid.T
	ids    []int
	at     time.Time
	bodies [][]byte

	seats    int
	last     string // what became of the subscription at the end of the month
	disputed bool   // of the invoice, which was paid, the money is gone
}

func newMonth(t *rapid.T) *monthly {
	ids := make([]int, 40)
	for i := range ids {
		ids[i] = 10 + i
	}
	return &monthly{t: t, ids: rapid.Permutation(ids).Draw(t, "ids"), at: time.Unix(stripeOctober, 0).UTC(),
		last: rapid.SampledFrom([]string{"active", "active", "paused", "resumed", "ended"}).Draw(t, "the end")}
}

// tells is what a month's end has to have in it.
func (m *monthly) tells() (all []string) {
	switch {
	case m.last == "ended":
		return []string{"subscription-ended", "sub ended"}
	case m.last == "paused":
		all = append(all, "sub paused")
	}
	if m.disputed {
		all = append(all, "payment-disputed")
	}
	return all
}

// next is an id of an event, which says nothing of its place, and the event's time.
func (m *monthly) next(step time.Duration) (int, time.Time) {
	id := m.ids[0]
	m.ids, m.at = m.ids[1:], m.at.Add(step)
	return id, m.at
}

// paddleMonth draws a month of Paddle's, some of it within one second.
func paddleMonth(t *rapid.T) *monthly {
	m := newMonth(t)
	n, change := rapid.IntRange(8, 12).Draw(t, "seats"), "null"
	tell := func(kind, data string) {
		id, at := m.next(time.Duration(rapid.SampledFrom([]int{1, 250, 999_000, 60_000_000}).Draw(t, "microseconds")) * time.Microsecond)
		m.bodies = append(m.bodies, fmt.Appendf(nil, `{"event_id":"evt_%d","event_type":%q,"occurred_at":%q,"notification_id":"ntf_%d","data":%s}`, id, kind, at.Format("2006-01-02T15:04:05.999999Z07:00"), id, data))
	}
	sub := func(status string) string {
		of, canceled := status, "null"
		if status == "paused" || status == "canceled" {
			of = "inactive"
		}
		if status == "canceled" {
			canceled = fmt.Sprintf("%q", m.at.Format(time.RFC3339))
		}
		return fmt.Sprintf(`{"id":"sub_1","status":%q,"customer_id":"cus_1","currency_code":"SEK","next_billed_at":"2026-12-13T00:00:00Z","canceled_at":%s,"scheduled_change":%s,
"items":[{"status":%q,"quantity":%d,"recurring":true,"price":{"id":"price_sales"}},{"status":"active","quantity":1,"recurring":false,"price":{"id":"price_once"}}]}`, status, canceled, change, of, n)
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
	last := rapid.SampledFrom([]string{"paid", "paid", "billed", "past_due", "paid", "failed", "canceled"}).Draw(t, "invoice")
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
		made := map[string]string{}
		adjust := func(kind, id, action, status string) {
			if made[id] == "" {
				made[id] = m.at.Format(time.RFC3339)
			}
			tell(kind, fmt.Sprintf(`{"id":%q,"action":%q,"transaction_id":"txn_1","subscription_id":"sub_1","customer_id":"cus_1","currency_code":"SEK","status":%q,"created_at":%q,"totals":{"total":"1250000"}}`, id, action, status, made[id]))
		}
		switch back := rapid.SampledFrom([]string{"lost", "won", "refund", "credit", "lost", ""}).Draw(t, "taken back"); back {
		case "refund":
			adjust("adjustment.created", "adj_1", "refund", "pending_approval")
			adjust("adjustment.updated", "adj_1", "refund", rapid.SampledFrom([]string{"approved", "rejected"}).Draw(t, "refund"))
		case "lost", "won":
			adjust("adjustment.created", "adj_1", "chargeback", "approved")
			if m.disputed = back == "lost"; !m.disputed {
				adjust("adjustment.created", "adj_2", "chargeback_reverse", "approved")
			}
		case "credit":
			adjust("adjustment.created", "adj_1", "credit", "approved")
		}
	}
	if last == "canceled" {
		tell("transaction.canceled", txn("canceled", "1250000", ""))
	}
	m.seats = n
	if m.last == "paused" || m.last == "resumed" {
		change = "null"
		tell("subscription.updated", sub("paused"))
		tell("subscription.paused", sub("paused"))
	}
	switch m.last {
	case "resumed":
		tell("subscription.updated", sub("active"))
		tell("subscription.resumed", sub("active"))
	case "ended":
		change = "null"
		tell("subscription.canceled", sub("canceled"))
	}
	return m
}

// chargebeeMonth draws a month of Chargebee's: each event holds the objects as they are then, changed by
// it or not.
func chargebeeMonth(t *rapid.T) *monthly {
	m := newMonth(t)
	n, status, more, version := rapid.IntRange(8, 12).Draw(t, "seats"), "active", "", 0
	first := rapid.Bool().Draw(t, "first catalogue")
	bill, billVersion := "", 0
	tell := func(kind string, parts ...string) {
		id, at := m.next(time.Duration(rapid.SampledFrom([]int{0, 1, 60}).Draw(t, "seconds")) * time.Second)
		m.bodies = append(m.bodies, fmt.Appendf(nil, `{"id":"ev_%d","occurred_at":%d,"event_type":%q,"api_version":"v2","content":{%s},"webhook_status":"scheduled","object":"event"}`, id, at.Unix(), kind, strings.Join(parts, ",")))
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
	last := rapid.SampledFrom([]string{"paid", "paid", "posted", "payment_due", "paid", "not_paid", "voided"}).Draw(t, "invoice")
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
		if reason := rapid.SampledFrom([]string{"chargeback", "", "waiver"}).Draw(t, "credit note"); reason != "" {
			note("credit_note_created", reason, "refund_due", 900_000)
			m.disputed = reason == "chargeback"
			if rapid.Bool().Draw(t, "voided") {
				m.disputed = false
				note("credit_note_updated", reason, "voided", 900_001)
			}
		}
	}
	m.seats = n
	if m.last == "paused" || m.last == "resumed" {
		status, more = "paused", `,"pause_date":1790841600`
		changed("subscription_paused")
	}
	switch m.last {
	case "resumed":
		status, more = "active", ""
		changed("subscription_resumed")
	case "ended":
		status, more = "cancelled", fmt.Sprintf(`,"cancelled_at":%d`, m.at.Unix())
		changed("subscription_cancelled")
	}
	return m
}

// stripeMonth draws what one customer's October may have been: changes of a subscription, often
// several in one second, a schedule, and an invoice up to its payment and what is disputed of it.
func stripeMonth(t *rapid.T) *monthly {
	m := newMonth(t)
	basil := rapid.Bool().Draw(t, "since 2025")
	tell := func(kind, object, previous string) {
		more := ""
		if previous != "" {
			more = `,"previous_attributes":` + previous
		}
		id, at := m.next(time.Duration(rapid.IntRange(0, 1).Draw(t, "seconds")) * 30 * time.Second)
		body := stripeBody(fmt.Sprint("evt_", id), at.Unix(), kind, object, more)
		if !basil {
			body = []byte(strings.NewReplacer(`"2026-10-28.endive"`, `"2024-06-20"`, `"parent":{"type":"subscription_details","subscription_details":{"subscription":"sub_1"}}`, `"subscription":"sub_1"`,
				`"pricing":{"type":"price_details","price_details":{"price":"price_sales"}}`, `"price":{"id":"price_sales","lookup_key":null}`).Replace(string(body)))
		}
		m.bodies = append(m.bodies, body)
	}
	item := func(n int) string {
		period := ""
		if basil {
			period = `"current_period_end":1798761600,`
		}
		return fmt.Sprintf(`{"object":"list","has_more":false,"data":[{"id":"si_1",%s"quantity":%d,"price":{"id":"price_sales","lookup_key":null,"recurring":{"usage_type":"licensed"}}}]}`, period, n)
	}
	subscription := func(id, status string, n int) string {
		period := ""
		if !basil {
			period = `,"current_period_end":1798761600`
		}
		return fmt.Sprintf(`{"id":%q,"object":"subscription","customer":"cus_1","status":%q,"cancel_at":null,"cancel_at_period_end":false,"ended_at":null,"items":%s%s}`, id, status, item(n), period)
	}
	sub := func(status string, n int) string { return subscription("sub_1", status, n) }
	n := rapid.IntRange(8, 12).Draw(t, "seats")
	tell("customer.subscription.created", sub("incomplete", n), "")
	tell("customer.subscription.updated", sub("active", n), `{"status":"incomplete"}`)
	for range rapid.IntRange(0, 2).Draw(t, "changes") {
		was := n
		if n = rapid.IntRange(8, 12).Draw(t, "seats"); n != was {
			tell("customer.subscription.updated", sub("active", n), fmt.Sprintf(`{"items":%s}`, item(was)))
		}
	}
	phases := func(next int) string {
		now := fmt.Sprintf(`{"start_date":%d,"end_date":1798761600,"items":[{"price":"price_sales","quantity":%d}]}`, stripeOctober, n)
		if next == 0 {
			return "[" + now + "]"
		}
		return fmt.Sprintf(`[%s,{"start_date":1798761600,"end_date":1830297600,"items":[{"price":"price_sales","quantity":%d}]}]`, now, next)
	}
	plan := func(status string, next int) string {
		return fmt.Sprintf(`{"id":"sub_sched_1","object":"subscription_schedule","customer":"cus_1","subscription":"sub_1","status":%q,"end_behavior":"release","phases":%s}`, status, phases(next))
	}
	next, scheduled := 0, rapid.Bool().Draw(t, "scheduled")
	if scheduled {
		tell("subscription_schedule.created", plan("active", 0), "")
		next = rapid.IntRange(5, 9).Draw(t, "scheduled seats")
		tell("subscription_schedule.updated", plan("active", next), fmt.Sprintf(`{"phases":%s}`, phases(0)))
		if rapid.Bool().Draw(t, "taken back") {
			tell("subscription_schedule.released", plan("released", next), "")
			scheduled = false
		}
	}
	tell("invoice.finalized", stripeInvoice("in_1", "cus_1", "open", ""), "")
	last := rapid.SampledFrom([]string{"paid", "paid", "", "paid", "void", "uncollectible"}).Draw(t, "invoice")
	if last != "" {
		tell("invoice."+map[string]string{"paid": "paid", "void": "voided", "uncollectible": "marked_uncollectible"}[last], stripeInvoice("in_1", "cus_1", last, ""), "")
	}
	if last == "paid" && rapid.Bool().Draw(t, "tied") {
		tell("invoice_payment.paid", `{"id":"inpay_1","object":"invoice_payment","invoice":"in_1","status":"paid","payment":{"type":"payment_intent","payment_intent":"pi_1"}}`, "")
		m.disputed = stripeDispute(t, tell)
		stripeTakenBack(m, tell)
	}
	second := 0
	if m.last != "ended" && rapid.Bool().Draw(t, "a second subscription") {
		second = rapid.IntRange(1, 3).Draw(t, "its seats")
		tell("customer.subscription.created", strings.Replace(subscription("sub_2", "active", second), "si_1", "si_2", 1), "")
	}
	if rapid.Bool().Draw(t, "a thin event") { // which nobody can read here
		id, at := m.next(0)
		m.bodies = append(m.bodies, fmt.Appendf(nil, `{"id":"evt_%d","object":"v2.core.event","type":"v1.customer.subscription.updated","created":%q,"livemode":true,"related_object":{"id":"sub_1","type":"subscription"}}`, id, at.Format(time.RFC3339)))
	}
	m.seats = n + second
	told := func(kind, status, was string) { // twice, of which one has no former values
		tell("customer.subscription.updated", sub(status, n), fmt.Sprintf(`{"status":%q}`, was))
		tell("customer.subscription."+kind, sub(status, n), "")
	}
	if m.at = m.at.Add(time.Minute); m.last == "paused" || m.last == "resumed" {
		told("paused", "paused", "active")
	}
	switch m.last {
	case "resumed":
		m.at = m.at.Add(time.Minute)
		told("resumed", "active", "paused")
	case "ended":
		if scheduled {
			tell("subscription_schedule.canceled", plan("canceled", next), "")
		}
		tell("customer.subscription.deleted", strings.Replace(sub("canceled", n), `"ended_at":null`, fmt.Sprintf(`"ended_at":%d`, m.at.Unix()), 1), "")
	}
	return m
}

// stripeDispute draws what becomes of a payment that a bank takes back, and whether it is gone in the end.
func stripeDispute(t *rapid.T, tell func(kind, object, previous string)) bool {
	ends := rapid.SampledFrom([]string{"won", "lost", "won", "needs_response", ""}).Draw(t, "dispute")
	dispute := func(kind, status string) {
		tell("charge.dispute."+kind, fmt.Sprintf(`{"id":"du_1","object":"dispute","charge":"ch_1","payment_intent":"pi_1","status":%q,"amount":1250000,"currency":"sek"}`, status), "")
	}
	if ends == "" {
		return false
	}
	dispute("created", "needs_response")
	dispute("funds_withdrawn", "needs_response")
	if ends != "needs_response" {
		dispute("updated", "under_review")
		dispute("closed", ends)
	}
	if ends == "won" {
		dispute("funds_reinstated", ends)
	}
	return ends != "won"
}

// stripeTakenBack draws what else is taken back of a payment: refunds, of which one may fail later, and a credit note.
func stripeTakenBack(m *monthly, tell func(kind, object, previous string)) {
	sum := 0
	for i := range rapid.IntRange(0, 2).Draw(m.t, "refunds") {
		sum += 100000 * (i + 1)
		tell("charge.refunded", fmt.Sprintf(`{"id":"ch_1","object":"charge","amount":1250000,"amount_refunded":%d,"currency":"sek","customer":"cus_1","payment_intent":"pi_1"}`, sum), "")
	}
	if sum > 0 && rapid.Bool().Draw(m.t, "the first one fails") {
		m.at = m.at.Add(time.Hour)
		tell("refund.failed", `{"id":"re_1","object":"refund","amount":100000,"charge":"ch_1","currency":"sek","payment_intent":"pi_1","status":"failed"}`, "")
	}
	if rapid.Bool().Draw(m.t, "a credit note") {
		tell("credit_note.created", `{"id":"cn_1","object":"credit_note","invoice":"in_1","customer":"cus_1","status":"issued","currency":"sek","amount":250000}`, "")
		if rapid.Bool().Draw(m.t, "that is void") {
			m.at = m.at.Add(time.Minute)
			tell("credit_note.voided", `{"id":"cn_1","object":"credit_note","invoice":"in_1","customer":"cus_1","status":"void","currency":"sek","amount":250000}`, "")
		}
	}
}
