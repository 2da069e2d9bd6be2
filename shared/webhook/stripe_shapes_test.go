package webhook

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// Shapes that Stripe gave one thing over the years, from API 2019-12-03 to 2026-10-28.endive.

func TestStripeOrdersThatCannotBeCounted(t *testing.T) {
	for _, c := range []struct {
		name, old, new string
		items          []licence.Item
		uncounted      bool
	}{
		{"a list that goes on", `"has_more":false`, `"has_more":true`, nil, true},
		{"a list of more than stand there", `"has_more":false`, `"has_more":false,"total_count":4`, nil, true},
		{"no list", `"items":{"object":"list","has_more":false,"data"`, `"things":{"data"`, []licence.Item{}, true},
		{"no list, and one plan", `"items":{"object":"list","has_more":false,"data"`, `"plan":{"id":"price_sp"},"things":{"data"`,
			[]licence.Item{{Prices: []string{"price_sp"}, Quantity: 7}}, false},
		{"paid by use", `"price":{"id":"price_vp","lookup_key":null}`, `"price":{"id":"price_vp","recurring":{"usage_type":"metered"}}`,
			[]licence.Item{{Prices: []string{"price_sp", "sales_premium"}, Quantity: 7}, {Prices: []string{"price_vp"}, Metered: true}, {Prices: []string{"price_use"}, Metered: true}}, false},
		{"plans before there were prices", `"price":{"id":"price_vp","lookup_key":null}`, `"plan":{"id":"price_vp","usage_type":"licensed"}`,
			[]licence.Item{{Prices: []string{"price_sp", "sales_premium"}, Quantity: 7}, {Prices: []string{"price_vp"}, Quantity: 2}, {Prices: []string{"price_use"}, Metered: true}}, false},
		{"endive", `"lookup_key":null}},
 {"id":"si_3"`, `"lookup_key":null},"billed_until":1798761600,"current_trial":null},
 {"id":"si_3"`, []licence.Item{{Prices: []string{"price_sp", "sales_premium"}, Quantity: 7}, {Prices: []string{"price_vp"}, Quantity: 2}, {Prices: []string{"price_use"}, Metered: true}}, false},
	} {
		body := strings.Replace(subscriptionBasil, c.old, c.new, 1)
		if body == subscriptionBasil {
			t.Fatalf("%s: nothing replaced", c.name)
		}
		_, f := readOne(t, body)
		p := f.Payload.(licence.SubscriptionChanged)
		if p.Uncounted != c.uncounted || c.items != nil && !reflect.DeepEqual(p.Items, c.items) {
			t.Errorf("%s: %+v, uncounted %v", c.name, p.Items, p.Uncounted)
		}
	}
}

// The owner is a customer, or since 2025 an account in its place.
func TestStripeOwner(t *testing.T) {
	both := strings.Replace(subscriptionBasil, `"customer":"cus_F10rd"`, `"customer":"cus_F10rd","customer_account":"acct_1"`, 1)
	_, one := readOne(t, subscriptionBasil)
	if _, f := readOne(t, both); f.Hash() != one.Hash() {
		t.Error("an account beside the customer makes another fact of it")
	}
	_, f := readOne(t, strings.Replace(subscriptionBasil, `"customer":"cus_F10rd"`, `"customer":null,"customer_account":"acct_1"`, 1))
	if got, want := f.To[1], (licence.Name{Sender: "stripe", ID: "acct_1"}); got != want {
		t.Errorf("to %v, want %v", got, want)
	}
}

func TestStripeScheduleShapes(t *testing.T) {
	at := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	end := time.Date(2027, 12, 31, 12, 0, 0, 0, time.UTC)
	seven := licence.Phase{At: at, Items: []licence.Item{{Prices: []string{"price_sp"}, Quantity: 7}, {Prices: []string{"price_vp"}, Quantity: 2}}}
	over := licence.Phase{At: end, Items: []licence.Item{}}
	for _, c := range []struct {
		name     string
		replaces []string
		sub      string
		phases   []licence.Phase
	}{
		{"plans", []string{`1830297600,"items"`, `1830297600,"plans"`}, "sub_1", []licence.Phase{seven}},
		{"neither list", []string{`1830297600,"items"`, `1830297600,"things"`}, "sub_1", []licence.Phase{{At: at, Items: []licence.Item{}, Uncounted: true}}},
		{"paid by use", []string{`,"quantity":7`, ``}, "sub_1", []licence.Phase{{At: at, Items: []licence.Item{{Prices: []string{"price_sp"}, Metered: true}, {Prices: []string{"price_vp"}, Quantity: 2}}}}},
		{"cancelled at its end", []string{`"status":"active"`, `"status":"active","end_behavior":"cancel"`, `1830297600`, `1830254400`}, "sub_1", []licence.Phase{seven, over}},
		{"so too when it was called none", []string{`"status":"active"`, `"status":"active","renewal_behavior":"none"`, `1830297600`, `1830254400`}, "sub_1", []licence.Phase{seven, over}},
		{"released at its end", []string{`"status":"active"`, `"status":"active","end_behavior":"release"`}, "sub_1", []licence.Phase{seven}},
		{"before its subscription", []string{`"subscription":"sub_1"`, `"subscription":null`, `"active"`, `"not_started"`}, "", []licence.Phase{seven}},
		{"with pauses", []string{`"status":"active"`, `"status":"active","pause_schedules":[{"key":"k","pause":{"pause_at":1798761600,"settings":null,"status":{"type":"scheduled"}},"resume":null}]`}, "sub_1", []licence.Phase{seven}},
	} {
		body := strings.NewReplacer(c.replaces...).Replace(schedule)
		if body == schedule {
			t.Fatalf("%s: nothing replaced", c.name)
		}
		_, f := readOne(t, body)
		want := licence.ScheduleChanged{Subscription: c.sub, Phases: c.phases, Schedule: "sub_sched_1", Coarse: true}
		if !reflect.DeepEqual(f.Payload, want) {
			t.Errorf("%s: got  %+v\nwant %+v", c.name, f.Payload, want)
		}
	}
}

// What a body says that it replaced is told as what that was, whichever version renders it.
func TestStripePrevious(t *testing.T) {
	_, f := readOne(t, strings.Replace(subscriptionBasil, `"previous_attributes":{`, `"previous_attributes":{"status":"past_due","cancel_at_period_end":true,`, 1))
	p := f.Payload.(licence.SubscriptionChanged)
	if want := (licence.Was{Status: "past_due", EndsAt: "2027-01-01T00:00:00Z"}); p.Was == nil || *p.Was != want {
		t.Errorf("was %+v, want %+v", p.Was, want)
	}
	_, f = readOne(t, strings.Replace(schedule, `]}}}`, `]},"previous_attributes":{"phases":[]}}}`, 1))
	if got, want := f.Payload.(licence.ScheduleChanged).Before, licence.PhasesHash(nil); got != want {
		t.Errorf("phases before: %s, want %s", got, want)
	}
	moved := strings.Replace(invoiceBasil, "invoice.payment_failed", "invoice.updated", 1)
	_, was := readOne(t, strings.Replace(moved, `"amount_remaining":1250000`, `"amount_remaining":1300000`, 1))
	_, f = readOne(t, strings.Replace(moved, `]}}}}`, `]}},"previous_attributes":{"amount_remaining":1300000}}}`, 1))
	if got, want := f.Payload.(licence.InvoiceChanged).Before, was.Payload.(licence.InvoiceChanged).Hash(); got != want {
		t.Errorf("invoice before: %q, want %q", got, want)
	}
}

// One invoice in two API versions says the same.
func TestStripeInvoiceInTwoVersions(t *testing.T) {
	line := `{"period":{"start":1767225600,"end":1798761600}%s}`
	new := strings.Replace(invoiceBasil, strings.Replace(line, "%s", "", 1), strings.Replace(line, "%s", `,"pricing":{"type":"price_details","price_details":{"price":"price_sp","product":"prod_1"}},"quantity_decimal":"9"`, 1), 1)
	old := strings.Replace(invoiceBasil, strings.Replace(line, "%s", "", 1), strings.Replace(line, "%s", `,"price":{"id":"price_sp","lookup_key":"sales_premium"},"plan":{"id":"price_sp"},"proration":false,"subscription":"sub_1"`, 1), 1)
	old = strings.Replace(old, `"parent":{"type":"subscription_details","subscription_details":{"subscription":"sub_1","metadata":{}}}`, `"charge":"ch_1","payment_intent":"pi_1","paid":false`, 1)
	old = strings.Replace(old, `"subscription":null`, `"subscription":"sub_1"`, 1)
	_, one := readOne(t, new)
	_, two := readOne(t, old)
	if one.Hash() != two.Hash() {
		t.Errorf("got  %+v\nand  %+v", one, two)
	}
	want := []licence.InvoiceLine{{}, {Prices: []string{"price_sp"}, From: "2026-01-01T00:00:00Z", To: "2027-01-01T00:00:00Z"}}
	if got := one.Payload.(licence.InvoiceChanged).Lines; !reflect.DeepEqual(got, want) {
		t.Errorf("lines %+v, want %+v", got, want)
	}
}

func TestStripeInvoiceSums(t *testing.T) {
	_, f := readOne(t, strings.Replace(invoiceBasil, `"amount_due":1250000,"amount_remaining":1250000`, `"amount_due":1000000,"amount_remaining":1000000,"total":1250000,"pre_payment_credit_notes_amount":250000`, 1))
	p := f.Payload.(licence.InvoiceChanged)
	if p.Amount != "12500.00" || p.Remaining != "10000.00" || p.Credited != "2500.00" {
		t.Errorf("amount %s, remaining %s, credited %s", p.Amount, p.Remaining, p.Credited)
	}
	if _, f = readOne(t, strings.Replace(invoiceBasil, `"lines":{`, `"lines":{"has_more":true,`, 1)); !f.Payload.(licence.InvoiceChanged).More {
		t.Error("lines that go on are not told of")
	}
}

func TestStripePayments(t *testing.T) {
	event := func(kind, object string) string {
		return `{"id":"evt_9","object":"event","created":1795424400,"livemode":true,"type":"` + kind + `","data":{"object":` + object + `}}`
	}
	to := func(ids ...string) (all []licence.Name) {
		for _, id := range ids {
			all = append(all, licence.Name{Sender: "stripe", ID: id})
		}
		return all
	}
	for _, c := range []struct {
		kind, object string
		to           []licence.Name
		want         licence.PaymentChanged
	}{
		{"invoice_payment.paid", `{"id":"inpay_1","object":"invoice_payment","invoice":"in_1","status":"paid","payment":{"type":"payment_intent","payment_intent":"pi_1"}}`,
			to("in_1"), licence.PaymentChanged{ID: "inpay_1", Kind: "made", Invoice: "in_1", Payments: []string{"pi_1"}}},
		{"charge.refunded", `{"id":"ch_1","object":"charge","amount":1250000,"amount_refunded":1250000,"currency":"sek","customer":"cus_1","payment_intent":"pi_1"}`,
			to("ch_1", "pi_1", "cus_1"), licence.PaymentChanged{ID: "ch_1", Kind: "refund", Payments: []string{"ch_1", "pi_1"}, Amount: "12500.00"}},
		{"charge.refunded", `{"id":"ch_1","object":"charge","invoice":"in_1","amount_refunded":500,"currency":"sek","customer":"cus_1","payment_intent":null}`,
			to("in_1", "ch_1", "cus_1"), licence.PaymentChanged{ID: "ch_1", Kind: "refund", Invoice: "in_1", Payments: []string{"ch_1"}, Amount: "5.00"}},
		{"charge.dispute.created", `{"id":"du_1","object":"dispute","charge":"ch_1","payment_intent":"pi_1","status":"needs_response","amount":1250000,"currency":"sek"}`,
			to("ch_1", "pi_1"), licence.PaymentChanged{ID: "du_1", Kind: "dispute", Payments: []string{"ch_1", "pi_1"}, Open: true, Level: 3}},
		{"charge.dispute.closed", `{"id":"du_1","object":"dispute","charge":{"id":"ch_1"},"payment_intent":null,"status":"won"}`,
			to("ch_1"), licence.PaymentChanged{ID: "du_1", Kind: "dispute", Payments: []string{"ch_1"}, Level: 9}},
		{"credit_note.created", `{"id":"cn_1","object":"credit_note","invoice":"in_1","customer":"cus_1","status":"issued","amount":1250000,"currency":"sek"}`,
			to("in_1", "cus_1"), licence.PaymentChanged{ID: "cn_1", Kind: "credit", Invoice: "in_1", Amount: "12500.00"}},
		{"credit_note.voided", `{"id":"cn_1","object":"credit_note","invoice":"in_1","customer":"cus_1","status":"void","amount":1250000,"currency":"sek"}`,
			to("in_1", "cus_1"), licence.PaymentChanged{ID: "cn_1", Kind: "credit", Invoice: "in_1", Level: 1}},
	} {
		_, f := readOne(t, event(c.kind, c.object))
		if !reflect.DeepEqual(f.Payload, c.want) || !reflect.DeepEqual(f.To, c.to) {
			t.Errorf("%s: %v %+v, want %v %+v", c.kind, f.To, f.Payload, c.to, c.want)
		}
	}
	// A refund that fails is none, and the money is ours; of one that goes well the charge tells the sum.
	charged := event("charge.refunded", `{"id":"ch_1","object":"charge","invoice":"in_1","amount":1250000,"amount_refunded":1250000,"currency":"sek","customer":"cus_1","payment_intent":"pi_1"}`)
	made := event("invoice.paid", `{"id":"in_1","object":"invoice","customer":"cus_1","status":"paid","currency":"sek","amount_due":1250000,"amount_remaining":0,"charge":"ch_1","collection_method":"charge_automatically","created":1795420000,"lines":{"data":[]}}`)
	for _, kind := range []string{"refund.failed", "refund.updated", "charge.refund.updated"} {
		for status, want := range map[string]string{"failed": licence.Paid, "canceled": licence.Paid, "succeeded": licence.Void, "pending": licence.Void} {
			later := strings.NewReplacer("evt_9", "evt_10", "1795424400", "1795510800").Replace(event(kind, `{"id":"re_1","object":"refund","amount":1250000,"charge":"ch_1","currency":"sek","payment_intent":"pi_1","status":"`+status+`"}`))
			k := folded(t, stripe, []byte(made), []byte(strings.Replace(charged, "evt_9", "evt_11", 1)), []byte(later))
			if got := k.Invoices.Of("in_1").Value.Money(); got != want {
				t.Errorf("%s, %s: %s, want %s", kind, status, got, want)
			}
		}
	}
	// An invoice that names its payment tells it as a fact of its own, which other versions lack.
	paid := strings.Replace(strings.Replace(invoiceBasil, `"status":"open"`, `"status":"paid"`, 1), `"subscription":null`, `"charge":"ch_1","payment_intent":"pi_1"`, 1)
	b, err := stripe.Read(http.Header{}, []byte(paid), "", now)
	want := licence.PaymentChanged{ID: "in_1", Kind: "made", Invoice: "in_1", Payments: []string{"ch_1", "pi_1"}}
	if err != nil || len(b.Facts) != 2 || !reflect.DeepEqual(b.Facts[1].Payload, want) || b.Facts[0].ID != "stripe/evt_2" || b.Facts[1].ID != "stripe/evt_2/payment" {
		t.Errorf("%+v, %v", b.Facts, err)
	}
}

// A body that is wrong still says whom it is about, and in which mode.
func TestStripeBadBodySaysWhose(t *testing.T) {
	b, err := stripe.Read(http.Header{}, []byte(strings.NewReplacer(`"active"`, `"resting"`, `"livemode":true`, `"livemode":false`).Replace(subscriptionBasil)), "", now)
	var e *Error
	if !errors.As(err, &e) || b.Mode != "test" || len(b.About) != 2 || b.About[1].ID != "cus_F10rd" {
		t.Errorf("%+v, %v", b, err)
	}
}

// A refund that failed is taken off the sum of all of its charge, in whatever order that is heard; and not once
// more off a sum that the charge tells later.
func TestAFailedRefundOfSeveral(t *testing.T) {
	body := func(n int, kind, object string) []byte {
		return fmt.Appendf(nil, `{"id":"evt_%d","object":"event","type":%q,"created":%d,"livemode":true,"data":{"object":%s}}`, n, kind, 1795420000+1000*n, object)
	}
	charged := func(n, sum int) []byte {
		return body(n, "charge.refunded", fmt.Sprintf(`{"id":"ch_1","object":"charge","amount":1250000,"amount_refunded":%d,"currency":"sek","customer":"cus_1","payment_intent":"pi_1"}`, sum))
	}
	made := body(1, "invoice.paid", `{"id":"in_1","object":"invoice","customer":"cus_1","status":"paid","currency":"sek","amount_due":1250000,"amount_remaining":0,"charge":"ch_1","collection_method":"charge_automatically","created":1795420000,"lines":{"data":[]}}`)
	failed := body(4, "refund.failed", `{"id":"re_1","object":"refund","amount":500000,"charge":"ch_1","currency":"sek","payment_intent":"pi_1","status":"failed"}`)
	for name, c := range map[string]struct {
		bodies [][]byte
		want   string
	}{
		"one of two":         {[][]byte{made, charged(2, 500000), charged(3, 1250000), failed}, "7500.000"},
		"and then another":   {[][]byte{made, charged(2, 500000), failed, charged(5, 250000)}, "2500.000"},
		"the only one":       {[][]byte{made, charged(2, 500000), failed}, ""},
		"nothing was undone": {[][]byte{made, charged(2, 500000), charged(3, 1250000)}, "12500.000"},
	} {
		k := folded(t, stripe, c.bodies...)
		if got := k.Invoices.Of("in_1").Value.Credited; got != c.want {
			t.Errorf("%s: %q is taken back, want %q", name, got, c.want)
		}
	}
}
