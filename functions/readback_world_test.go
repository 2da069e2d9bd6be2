package functions_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"seatmend/functions/app"
	"seatmend/infra/billingsim"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// apiKeys are keys of each billing system, as the secrets file has them.
var apiKeys = app.Secrets{
	"stripe_api": {"rk_live_" + secret("stripe_api")}, "paddle_api": {"pdl_live_apikey_" + secret("paddle_api")},
	"chargebee_api": {"fjord:live_" + secret("chargebee_api")}, "recurly_api": {secret("recurly_api")},
}

// A biller is one billing system, as tests tell it what is so: in its own objects.
type biller struct {
	name, customer string
	customerObject string
	// sub is a subscription of so many seats; status active, ended or paused.
	sub func(id, customer, status string, seats int) string
	// invoice is one of 12,500 for the year from 13 December 2026 on; status open or paid.
	invoice func(id, customer, status string) string
	// hook is what the system posts when a subscription changed; "": its bodies are told otherwise.
	hook func(n int, at time.Time, object string) []byte
}

var billers = []biller{
	{
		"stripe", "cus_1", `{"id":"cus_1","object":"customer"}`,
		func(id, customer, status string, seats int) string {
			ended := "null"
			if status == "ended" {
				status, ended = "canceled", "1794297600"
			}
			return fmt.Sprintf(`{"id":%q,"object":"subscription","customer":%q,"status":%q,"ended_at":%s,"cancel_at":null,"cancel_at_period_end":false,
"items":{"object":"list","has_more":false,"data":[{"id":"si_1","current_period_end":1828656000,"quantity":%d,"price":{"id":"price_sales","recurring":{"usage_type":"licensed"}}}]}}`, id, customer, status, ended, seats)
		},
		func(id, customer, status string) string { return stripeInvoice(id, customer, status, "") },
		func(n int, at time.Time, object string) []byte {
			return stripeBody(fmt.Sprint("evt_", n), at.Unix(), "customer.subscription.updated", object, "")
		},
	},
	{
		"paddle", "ctm_1", `{"id":"ctm_1"}`,
		func(id, customer, status string, seats int) string {
			ended := "null"
			if status == "ended" {
				status, ended = "canceled", `"2026-11-10T08:00:00Z"`
			}
			return fmt.Sprintf(`{"id":%q,"customer_id":%q,"status":%q,"currency_code":"SEK","items":[{"status":"active","quantity":%d,"recurring":true,"price":{"id":"price_sales"}}],
"next_billed_at":"2027-12-13T08:00:00Z","canceled_at":%s,"scheduled_change":null}`, id, customer, status, seats, ended)
		},
		func(id, customer, status string) string {
			balance, payments := "1250000", "[]"
			if status == "open" {
				status = "billed"
			} else {
				balance, payments = "0", `[{"status":"captured","created_at":"2026-11-10T08:00:00Z","captured_at":"2026-11-10T08:00:00Z"}]`
			}
			return fmt.Sprintf(`{"id":%q,"customer_id":%q,"subscription_id":"sub_1","status":%q,"origin":"subscription_recurring","invoice_number":"1000","currency_code":"SEK","collection_mode":"manual",
"billed_at":"2026-10-01T08:00:00Z","billing_period":{"starts_at":"2026-12-13T00:00:00Z","ends_at":"2027-12-13T00:00:00Z"},"billing_details":{"payment_terms":{"interval":"day","frequency":30}},
"details":{"totals":{"total":"1250000","balance":%q},"line_items":[{"price_id":"price_sales"}]},"payments":%s}`, id, customer, status, balance, payments)
		},
		func(n int, at time.Time, object string) []byte {
			return fmt.Appendf(nil, `{"event_id":"evt_%d","event_type":"subscription.updated","occurred_at":%q,"notification_id":"ntf_%d","data":%s}`, n, at.UTC().Format(time.RFC3339Nano), n, object)
		},
	},
	{
		"chargebee", "fjord", `{"id":"fjord"}`,
		func(id, customer, status string, seats int) string {
			cancelled := ""
			if status == "ended" {
				status, cancelled = "cancelled", `,"cancelled_at":1794297600`
			}
			return fmt.Sprintf(`{"id":%q,"customer_id":%q,"status":%q,"currency_code":"SEK","current_term_end":1828656000,"next_billing_at":1828656000,"has_scheduled_changes":false,"deleted":false,
"resource_version":1790841600000,"subscription_items":[{"item_price_id":"price_sales","item_type":"plan","quantity":%d}]%s}`, id, customer, status, seats, cancelled)
		},
		func(id, customer, status string) string {
			left, paid := 1250000, ""
			if status == "open" {
				status = "payment_due"
			} else {
				left, paid = 0, `,"paid_at":1794297600`
			}
			return fmt.Sprintf(`{"id":%q,"customer_id":%q,"subscription_id":"sub_1","status":%q,"date":1790841600,"due_date":1793520000,"currency_code":"SEK","total":1250000,"amount_due":%d,
"resource_version":1790841600000,"line_items":[{"subscription_id":"sub_1","entity_type":"plan_item_price","entity_id":"price_sales","date_from":1797120000,"date_to":1828656000}]%s}`, id, customer, status, left, paid)
		},
		func(n int, at time.Time, object string) []byte {
			return fmt.Appendf(nil, `{"id":"ev_%d","object":"event","api_version":"v2","event_type":"subscription_changed","occurred_at":%d,"content":{"subscription":%s}}`, n, at.Unix(), object)
		},
	},
	{
		"recurly", "C-1", `{"id":"C-1","object":"account"}`,
		func(id, customer, status string, seats int) string {
			expires := "null"
			if status == "ended" {
				status, expires = "expired", `"2026-11-10T08:00:00Z"`
			}
			return fmt.Sprintf(`{"id":%q,"object":"subscription","uuid":"u%s","account":{"id":"racc1","code":%q},"plan":{"id":"rpln","code":"price_sales"},"state":%q,"pending_change":null,
"current_period_ends_at":"2027-12-13T08:00:00Z","current_term_ends_at":"2027-12-13T08:00:00Z","trial_started_at":null,"trial_ends_at":null,"auto_renew":true,"paused_at":null,"resume_at":null,
"quantity":%d,"add_ons":[],"activated_at":"2026-10-01T08:00:00Z","expires_at":%s,"updated_at":"2026-10-01T08:00:00Z"}`, id, id, customer, status, seats, expires)
		},
		func(id, customer, status string) string {
			state, closed, balance := "pending", "null", "12500.0"
			if status == "paid" {
				state, closed, balance = "paid", `"2026-11-10T08:00:00Z"`, "0.0"
			}
			return fmt.Sprintf(`{"id":%q,"object":"invoice","type":"charge","state":%q,"account":{"id":"racc1","code":%q},"subscription_ids":["sub_1"],"previous_invoice_id":null,"number":"1000",
"collection_method":"manual","net_terms":30,"currency":"SEK","total":12500.0,"paid":0.0,"balance":%s,"has_more_line_items":false,"transactions":[],
"line_items":[{"id":"l1","plan_code":"price_sales","add_on_code":null,"quantity":10,"start_date":"2026-12-13T00:00:00Z","end_date":"2027-12-13T00:00:00Z"}],
"created_at":"2026-10-01T08:00:00Z","due_at":"2026-11-01T08:00:00Z","closed_at":%s}`, id, state, customer, balance, closed)
		},
		func(_ int, at time.Time, object string) []byte {
			id, _, _ := strings.Cut(strings.TrimPrefix(object, `{"id":"`), `"`)
			return recurlyHook("subscription", "updated", id, at)
		},
	},
}

func recurlyHook(object, event, id string, at time.Time) []byte {
	return fmt.Appendf(nil, `{"id":%q,"object_type":%q,"site_id":"rsite1","event_type":%q,"event_time":%q}`, id, object, event, at.UTC().Format(time.RFC3339))
}

// readWorld is a world with keys to billing systems that are played, and a customer of one of them.
func readWorld(t *testing.T, b biller) *played {
	t.Helper()
	w := newWorld(t, nil)
	w.bills()
	w.clock.set(time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC))
	p := &played{world: w, account: "C-1"}
	w.must(w.say("account.changed", w.clock.Now(), readAccount("C-1", "Cust1", b.name, b.customer)), "applied")
	w.billing.Put(b.name, "customer", b.customerObject)
	return p
}

// bills gives the world billing systems, and keys to read them.
func (w *world) bills() {
	if w.billing != nil {
		return
	}
	w.billing = billingsim.New()
	at, stop := w.billing.Start()
	w.Cleanup(stop)
	w.billingAt, w.keys = at, apiKeys
	for list, keys := range apiKeys {
		sender := strings.TrimSuffix(list, "_api")
		w.billing.Keys[sender] = []string{strings.TrimPrefix(keys[0], "fjord:")}
	}
	w.start()
}

func readAccount(account, cust, sender, customer string) string {
	return fmt.Sprintf(`{"account":%q,"name":"Fjord Foods AB","locale":"en","timezone":"Europe/Stockholm","country":"SE","model":"plans","mail":"on",
"contacts":[{"id":"anna","name":"Anna Berg","email":"anna@fjord.example","role":"admin","locale":"en"},{"id":"bo","name":"Bo Lind","email":"ap@fjord.example","role":"billing","locale":"en"}],
"installations":[{"cust_id":%q,"serial":%q,"kind":"production","hosting":"online","url":"https://online.superoffice.com/%s"}],
"billing":[{"sender":%q,"id":%q}],"plans":[{"plan":"sales-premium","name":"Sales Premium","module":"ten-sales","prices":["price_sales","extra-seats"]}]}`, account, cust, "18"+cust, cust, sender, customer)
}

// hooks posts what the system posts about an object, a few seconds after it changed.
func (p *played) hooks(b biller, body []byte) string {
	p.Helper()
	p.ids++
	return p.post(b.name, "/billing/"+b.name, fmt.Sprint("hook-", p.ids), body).outcome()
}

// eachBiller runs a test for each system that is read.
func eachBiller(t *testing.T, test func(t *testing.T, b biller)) {
	for _, b := range billers {
		t.Run(b.name, func(t *testing.T) { test(t, b) })
	}
}

// storeWant is nothing beside the state.
var storeWant store.Want

// owedReads is how many reads at billing systems an account owes.
func (p *played) owedReads(account string) (n int) {
	p.Helper()
	owed, err := p.db.Outbox(p.Context(), account)
	if err != nil {
		p.Fatal(err)
	}
	for _, e := range owed {
		if e.Kind == licence.ReadBack && e.Object != nil {
			n++
		}
	}
	return n
}
