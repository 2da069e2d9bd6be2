package functions_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// stripeBody is an event of Stripe's.
func stripeBody(id string, created int64, kind, object, more string) []byte {
	return fmt.Appendf(nil, `{"id":%q,"object":"event","api_version":"2026-10-28.endive","created":%d,"livemode":true,"type":%q,"data":{"object":%s%s}}`, id, created, kind, object, more)
}

// stripeInvoice is an invoice of 12,500 for the year from 13 December 2026 on.
func stripeInvoice(id, customer, status, more string) string {
	return fmt.Sprintf(`{"id":%q,"object":"invoice","number":%q,"customer":%q,"status":%q,"currency":"sek","total":1250000,"amount_due":1250000,"amount_paid":0,"amount_remaining":%d,
"due_date":1793520000,"created":1790841600,"collection_method":"send_invoice","attempted":false,"attempt_count":0,"next_payment_attempt":null,"status_transitions":{"finalized_at":1790841600,"paid_at":%s},
"parent":{"type":"subscription_details","subscription_details":{"subscription":"sub_1"}},"lines":{"object":"list","has_more":false,"data":[{"id":"il_1","period":{"start":1797120000,"end":1828656000},"pricing":{"type":"price_details","price_details":{"price":"price_sales"}}}]}%s}`,
		id, strings.ToUpper(id), customer, status, map[bool]int{true: 1250000}[status == "open"], map[bool]string{true: "1794297600", false: "null"}[status == "paid"], more)
}

// A body of the provider's other mode, and a bad one about nobody's customer, are ignored before
// anything else is judged: no person is to look at them.
func TestStripeOfOthersIsIgnored(t *testing.T) {
	p := billed(t, "cus_1")
	good := string(stripeSubscription("evt_1", "sub_1", "cus_1", stripeOctober, 10))
	test := strings.NewReplacer(`"livemode":true`, `"livemode":false`)
	bad := strings.NewReplacer(`"active"`, `"resting"`)
	late := strings.NewReplacer("1790841600", "1990841600")
	other := strings.NewReplacer("cus_1", "cus_other", "sub_1", "sub_other", "evt_1", "evt_other")
	for _, c := range []struct{ name, body, outcome string }{
		{"test mode", test.Replace(good), "ignored"},
		{"test mode, and bad", test.Replace(bad.Replace(good)), "ignored"},
		{"test mode, and ahead of our clock", test.Replace(late.Replace(good)), "ignored"},
		{"another's, and bad", other.Replace(bad.Replace(good)), "ignored"},
		{"another's, in test mode", other.Replace(test.Replace(good)), "ignored"},
		{"another's", other.Replace(good), "parked"},
		{"ours, and bad", bad.Replace(good), "set-aside"},
		{"ours", good, "applied"},
		{"ours again, saying something else", strings.Replace(good, `"quantity":10`, `"quantity":9`, 1), "set-aside"},
		{"so too in test mode", test.Replace(strings.Replace(good, `"quantity":10`, `"quantity":9`, 1)), "ignored"},
	} {
		if got := p.stripe([]byte(c.body)); got[0] != c.outcome {
			t.Errorf("%s: %v, want %s", c.name, got, c.outcome)
		}
	}
	if got := p.ordered(); got != 10.0 {
		t.Errorf("%v ordered, want 10", got)
	}
}

// What is taken back of a payment reaches the invoice, whether it comes before or after what ties
// it to that: a dispute names neither the customer nor the invoice.
func TestStripeTakenBack(t *testing.T) {
	paid := stripeBody("evt_paid", 1794297600, "invoice.paid", stripeInvoice("in_1", "cus_1", "paid", ""), "")
	old := stripeBody("evt_paid", 1794297600, "invoice.paid", stripeInvoice("in_1", "cus_1", "paid", `,"charge":"ch_1","payment_intent":"pi_1"`), "")
	tied := stripeBody("evt_tied", 1794297601, "invoice_payment.paid", `{"id":"inpay_1","object":"invoice_payment","invoice":"in_1","status":"paid","payment":{"type":"payment_intent","payment_intent":"pi_1"}}`, "")
	dispute := stripeBody("evt_dispute", 1794300000, "charge.dispute.created", `{"id":"du_1","object":"dispute","charge":"ch_1","payment_intent":"pi_1","status":"needs_response","amount":1250000,"currency":"sek"}`, "")
	won := stripeBody("evt_won", 1794300001, "charge.dispute.closed", `{"id":"du_1","object":"dispute","charge":"ch_1","payment_intent":"pi_1","status":"won","amount":1250000,"currency":"sek"}`, "")
	refund := stripeBody("evt_refund", 1794300000, "charge.refunded", `{"id":"ch_1","object":"charge","customer":"cus_1","payment_intent":"pi_1","currency":"sek","amount":1250000,"amount_refunded":1250000}`, "")
	credit := stripeBody("evt_credit", 1794300000, "credit_note.created", `{"id":"cn_1","object":"credit_note","invoice":"in_1","customer":"cus_1","status":"issued","currency":"sek","amount":1250000}`, "")
	for _, c := range []struct {
		name   string
		bodies [][]byte
		code   string
	}{
		{"paid", [][]byte{paid, tied}, "paid-not-extended"},
		{"disputed", [][]byte{paid, tied, dispute}, "payment-disputed"},
		{"disputed, as it was told before 2025", [][]byte{old, dispute}, "payment-disputed"},
		{"won", [][]byte{paid, tied, dispute, won}, "paid-not-extended"},
		{"refunded", [][]byte{paid, tied, refund}, "not-invoiced"},
		{"credited", [][]byte{paid, credit}, "not-invoiced"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, turned := range []bool{false, true} {
				bodies := slices.Clone(c.bodies)
				if turned {
					slices.Reverse(bodies)
				}
				p := billed(t, "cus_1")
				p.stripe(stripeSubscription("evt_1", "sub_1", "cus_1", stripeOctober, 10))
				for _, got := range p.stripe(bodies...) {
					if got != "applied" && got != "parked" {
						t.Errorf("turned %v: answered %s", turned, got)
					}
				}
				p.licence(stripeAsked)
				if got := p.codes(); !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, c.code+" ") }) {
					t.Errorf("turned %v: found %v, want %s", turned, got, c.code)
				}
			}
		})
	}
}

// A schedule that ends the subscription is an end, and one that has no subscription yet a
// replacement to come.
func TestStripeEndsAndReplacements(t *testing.T) {
	plan := func(sub, status, behavior string, start, end int64) string {
		return fmt.Sprintf(`{"id":"sub_sched_1","object":"subscription_schedule","customer":"cus_1","subscription":%s,"status":%q,"end_behavior":%q,"pause_schedules":[],"phases":[{"start_date":%d,"end_date":%d,"items":[{"price":"price_sales","quantity":10}]}]}`, sub, status, behavior, start, end)
	}
	ends := stripeBody("evt_2", stripeOctober+60, "subscription_schedule.created", plan(`"sub_1"`, "active", "cancel", stripeOctober, 1797120000), "")
	ended := stripeBody("evt_3", stripeOctober+60, "customer.subscription.deleted", `{"id":"sub_1","object":"subscription","customer":"cus_1","status":"canceled","ended_at":1790841660,"cancel_at":null,"cancel_at_period_end":false,
"items":{"has_more":false,"data":[{"id":"si_1","current_period_end":1798761600,"quantity":10,"price":{"id":"price_sales"}}]}}`, "")
	next := stripeBody("evt_4", stripeOctober+120, "subscription_schedule.created", plan("null", "not_started", "release", 1797120000, 1828656000), "")
	holds := func(p *played) bool {
		return slices.ContainsFunc(p.codes(), func(s string) bool { return strings.HasPrefix(s, "subscription-ended") })
	}
	for _, c := range []struct {
		name   string
		bodies [][]byte
		ended  bool
	}{
		{"it goes on", nil, false},
		{"the schedule cancels it", [][]byte{ends}, true},
		{"it was cancelled", [][]byte{ended}, true},
		{"it was cancelled, and another is to come", [][]byte{ended, next}, false},
		{"another is to come, told first", [][]byte{next, ended}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := billed(t, "cus_1")
			p.stripe(stripeSubscription("evt_1", "sub_1", "cus_1", stripeOctober, 10))
			p.stripe(c.bodies...)
			p.licence(stripeAsked)
			if got := holds(p); got != c.ended {
				t.Errorf("found %v, want an end: %v", p.codes(), c.ended)
			}
			if got := p.mailsTo("anna@fjord.example"); !c.ended && len(got) > 0 {
				t.Errorf("the admin is mailed: %s", got[0].Text)
			}
		})
	}
}
