package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// signedStripe is Stripe's scheme once more, written apart from the code under test.
func signedStripe(secret string, at int64, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", at, body)
	return hex.EncodeToString(mac.Sum(nil))
}

// The vector that Stripe publishes in the tests of its SDK for .NET.
const (
	stripeVectorHeader = "t=1533204620,v1=2220f87ef101a04665f11cdf770523143f875572008577fa0f20882ddb9cc3c7,v0=63f3a72374a733066c4be69ed7f8e5ac85c22c9f0a6a612ab9a025a9e4ee7eef"
	stripeVectorBody   = `{
  "id": "evt_123",
  "object": "event",
  "account": "acct_123",
  "api_version": "2017-05-25",
  "created": 1533204620,
  "data": {
    "object": {
      "id": "cus_123",
      "object": "customer",
      "created": 123456789,
      "email": "test@stripe.com",
      "livemode": false,
      "metadata": {}
    }
  },
  "livemode": false,
  "pending_webhooks": 1,
  "request": {
    "id": "req_123",
    "idempotency_key": "idempotency-key-123"
  },
  "type": "customer.created"
}
`
)

func TestStripesPublishedVector(t *testing.T) {
	h := http.Header{"Stripe-Signature": {stripeVectorHeader}}
	then := time.Unix(1533204620, 0)
	if err := stripe.Verify(h, []byte(stripeVectorBody), []string{"webhook_secret"}, then.Add(100*time.Second)); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{
		"another body":   stripe.Verify(h, []byte(stripeVectorBody+" "), []string{"webhook_secret"}, then),
		"another secret": stripe.Verify(h, []byte(stripeVectorBody), []string{"webhook_secret2"}, then),
		"another time":   stripe.Verify(h, []byte(stripeVectorBody), []string{"webhook_secret"}, then.Add(400*time.Second)),
	} {
		if err != error(ErrUnauthorized) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestVerifyStripe(t *testing.T) {
	payload := []byte(`{"id":"evt_1"}`)
	const secret = "whsec_invented"
	at := now.Unix()
	head := func(at int64, rest string) string { return fmt.Sprintf("t=%d,%s", at, rest) }
	good := signedStripe(secret, at, payload)
	for _, c := range []struct {
		name, header string
		secrets      []string
		ok           bool
	}{
		{"good", head(at, "v1="+good), []string{secret}, true},
		{"with spaces", fmt.Sprintf("t=%d, v1=%s", at, good), []string{secret}, true},
		{"second signature", head(at, "v1=00,v1="+good+",v0=11"), []string{secret}, true},
		{"second secret", head(at, "v1="+good), []string{"whsec_other", secret}, true},
		{"300 s old", head(at-300, "v1="+signedStripe(secret, at-300, payload)), []string{secret}, true},
		{"300 s ahead", head(at+300, "v1="+signedStripe(secret, at+300, payload)), []string{secret}, true},
		{"301 s old", head(at-301, "v1="+signedStripe(secret, at-301, payload)), []string{secret}, false},
		{"301 s ahead", head(at+301, "v1="+signedStripe(secret, at+301, payload)), []string{secret}, false},
		{"other time", head(at+1, "v1="+good), []string{secret}, false},
		{"test signature", head(at, "v0="+good), []string{secret}, false},
		{"no time", "v1=" + good, []string{secret}, false},
		{"nothing", "", []string{secret}, false},
		{"no hex", head(at, "v1=zz"), []string{secret}, false},
		{"empty signature", head(at, "v1="), []string{secret}, false},
		{"empty secret", head(at, "v1="+signedStripe("", at, payload)), []string{""}, false},
		{"blank secret", head(at, "v1="+signedStripe(" ", at, payload)), []string{" "}, false},
		{"no secret", head(at, "v1="+signedStripe("", at, payload)), nil, false},
	} {
		h := http.Header{}
		h.Set("Stripe-Signature", c.header)
		err := stripe.Verify(h, payload, c.secrets, now)
		if c.ok && err != nil || !c.ok && err != error(ErrUnauthorized) {
			t.Errorf("%s: %v, want ok %v", c.name, err, c.ok)
		}
	}
}

const (
	subscriptionBasil = `{"id":"evt_1","object":"event","api_version":"2025-08-27.basil","created":1795424400,"livemode":true,"pending_webhooks":1,
"type":"customer.subscription.updated","data":{"object":{"id":"sub_1","object":"subscription","customer":"cus_F10rd","status":"active","cancel_at":null,"cancel_at_period_end":false,"ended_at":null,
"items":{"object":"list","has_more":false,"data":[
 {"id":"si_1","current_period_end":1798761600,"quantity":7,"price":{"id":"price_sp","lookup_key":"sales_premium"}},
 {"id":"si_2","current_period_end":1798761600,"quantity":2,"price":{"id":"price_vp","lookup_key":null}},
 {"id":"si_3","current_period_end":1798761600,"price":{"id":"price_use","lookup_key":null}}]},
"pending_update":{"subscription_items":[{"id":"si_1","quantity":99}]},"quantity":7},
"previous_attributes":{"items":{"data":[
 {"id":"si_1","current_period_end":1798761600,"quantity":10,"price":{"id":"price_sp","lookup_key":"sales_premium"}},
 {"id":"si_2","current_period_end":1798761600,"quantity":2,"price":{"id":"price_vp","lookup_key":null}}]}}}}`

	invoiceBasil = `{"id":"evt_2","object":"event","created":1795424400,"livemode":true,"type":"invoice.payment_failed","data":{"object":{
"id":"in_1","object":"invoice","number":"F-0007","customer":"cus_F10rd","status":"open","currency":"sek","amount_due":1250000,"amount_remaining":1250000,"due_date":null,
"collection_method":"charge_automatically","attempted":true,"attempt_count":1,"next_payment_attempt":1795683600,"hosted_invoice_url":"https://invoice.stripe.example/i/1","created":1795420000,
"status_transitions":{"finalized_at":1795423600,"paid_at":null},"subscription":null,
"parent":{"type":"subscription_details","subscription_details":{"subscription":"sub_1","metadata":{}}},
"lines":{"data":[{"period":{"start":1795420000,"end":1795420000}},{"period":{"start":1767225600,"end":1798761600}}]}}}}`

	schedule = `{"id":"evt_3","object":"event","created":1795424400,"livemode":true,"type":"subscription_schedule.updated","data":{"object":{
"id":"sub_sched_1","object":"subscription_schedule","customer":"cus_F10rd","subscription":"sub_1","status":"active","phases":[
 {"start_date":1767225600,"end_date":1798761600,"items":[{"price":"price_sp","quantity":10}]},
 {"start_date":1798761600,"end_date":1830297600,"items":[{"price":{"id":"price_sp"},"quantity":7},{"plan":"price_vp","quantity":2}]}]}}}`
)

func readOne(t *testing.T, body string) (Body, licence.Fact) {
	t.Helper()
	b, err := stripe.Read(http.Header{}, []byte(body), "", now)
	if err != nil {
		t.Fatalf("%v", err)
	}
	if len(b.Facts) != 1 {
		t.Fatalf("%d facts, ignored: %s", len(b.Facts), b.Ignored)
	}
	survives(t, b.Facts[0])
	return b, b.Facts[0]
}

func TestStripeSubscription(t *testing.T) {
	b, f := readOne(t, subscriptionBasil)
	if b.ID != "evt_1" || b.Mode != "live" {
		t.Errorf("id %s, mode %s", b.ID, b.Mode)
	}
	if got, want := f.ID, "stripe/evt_1"; got != want {
		t.Errorf("id %s, want %s", got, want)
	}
	if got, want := f.To, []licence.Name{{Sender: "stripe", ID: "sub_1"}, {Sender: "stripe", ID: "cus_F10rd"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("to %v, want %v", got, want)
	}
	if got, want := f.At, time.Unix(1795424400, 0).UTC(); !got.Equal(want) {
		t.Errorf("at %v, want %v", got, want)
	}
	want := licence.SubscriptionChanged{
		Subscription: "sub_1",
		Items: []licence.Item{
			{Prices: []string{"price_sp", "sales_premium"}, Quantity: 7},
			{Prices: []string{"price_vp"}, Quantity: 2},
			{Prices: []string{"price_use"}, Metered: true},
		},
		Status:   "active",
		RenewsAt: "2027-01-01T00:00:00Z",
		Coarse:   true,
		Before: licence.ItemsHash([]licence.Item{
			{Prices: []string{"price_sp", "sales_premium"}, Quantity: 10},
			{Prices: []string{"price_vp"}, Quantity: 2},
		}),
	}
	if got := f.Payload; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestStripeSubscriptionShapes(t *testing.T) {
	for _, c := range []struct {
		name, old, new         string
		status, renews, endsAt string
	}{
		{"as it is", "", "", "active", "2027-01-01T00:00:00Z", ""},
		{"trialing", `"active"`, `"trialing"`, "trialing", "2027-01-01T00:00:00Z", ""},
		{"past_due", `"active"`, `"past_due"`, "past_due", "2027-01-01T00:00:00Z", ""},
		{"unpaid", `"active"`, `"unpaid"`, "unpaid", "2027-01-01T00:00:00Z", ""},
		{"paused", `"active"`, `"paused"`, "paused", "2027-01-01T00:00:00Z", ""},
		{"incomplete", `"active"`, `"incomplete"`, "incomplete", "2027-01-01T00:00:00Z", ""},
		{"never begun", `"active"`, `"incomplete_expired"`, "ended", "", ""},
		{"canceled", `"status":"active"`, `"status":"canceled","ended_at":1795424400`, "ended", "", "2026-11-23T09:00:00Z"},
		{"ends with its period", `"cancel_at_period_end":false`, `"cancel_at_period_end":true`, "active", "", "2027-01-01T00:00:00Z"},
		{"ends later", `"cancel_at":null`, `"cancel_at":1830297600`, "active", "2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"},
	} {
		body := strings.Replace(strings.Replace(subscriptionBasil, `,"ended_at":null`, "", 1), c.old, c.new, 1)
		_, f := readOne(t, body)
		p := f.Payload.(licence.SubscriptionChanged)
		if p.Status != c.status || string(p.RenewsAt) != c.renews || string(p.EndsAt) != c.endsAt {
			t.Errorf("%s: %s, renews %s, ends %s; want %s, %s, %s", c.name, p.Status, p.RenewsAt, p.EndsAt, c.status, c.renews, c.endsAt)
		}
	}
	// Before basil the period stood on the subscription.
	old := strings.ReplaceAll(subscriptionBasil, `"current_period_end":1798761600,`, "")
	old = strings.Replace(old, `"customer":"cus_F10rd"`, `"customer":"cus_F10rd","current_period_end":1798761600`, 1)
	_, f := readOne(t, old)
	if got, want := f.Payload.(licence.SubscriptionChanged).RenewsAt, licence.Date("2027-01-01T00:00:00Z"); got != want {
		t.Errorf("before basil: renews %s, want %s", got, want)
	}
}

func TestStripeSchedule(t *testing.T) {
	_, f := readOne(t, schedule)
	want := licence.ScheduleChanged{Subscription: "sub_1", Schedule: "sub_sched_1", Coarse: true, Phases: []licence.Phase{{
		At:    time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
		Items: []licence.Item{{Prices: []string{"price_sp"}, Quantity: 7}, {Prices: []string{"price_vp"}, Quantity: 2}},
	}}}
	if got := f.Payload; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	_, f = readOne(t, strings.Replace(strings.Replace(schedule, `"status":"active"`, `"status":"released"`, 1), `"subscription":"sub_1"`, `"subscription":null,"released_subscription":"sub_1"`, 1))
	if got, want := f.Payload, (licence.ScheduleChanged{Subscription: "sub_1", Schedule: "sub_sched_1", Final: true, Coarse: true, Phases: []licence.Phase{}}); !reflect.DeepEqual(got, want) {
		t.Errorf("released: got  %+v\nwant %+v", got, want)
	}
}

func TestStripeInvoice(t *testing.T) {
	_, f := readOne(t, invoiceBasil)
	if got, want := f.To, []licence.Name{{Sender: "stripe", ID: "sub_1"}, {Sender: "stripe", ID: "cus_F10rd"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("to %v, want %v", got, want)
	}
	want := licence.InvoiceChanged{
		Invoice: "in_1", Number: "F-0007", Status: "open", Issued: "2026-11-23T08:46:40Z",
		Amount: "12500.00", Remaining: "12500.00", Currency: "SEK", URL: "https://invoice.stripe.example/i/1",
		From: "2026-01-01T00:00:00Z", To: "2027-01-01T00:00:00Z", Covers: []string{"sub_1"},
		Collection: "automatic", Payment: "failed", NextAttempt: "2026-11-26T09:00:00Z", Attempts: 1, Coarse: true,
		Lines: []licence.InvoiceLine{{From: "2026-01-01T00:00:00Z", To: "2027-01-01T00:00:00Z"}},
	}
	if got := f.Payload; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}

	// Before basil, paid out of band, of no subscription.
	_, f = readOne(t, `{"id":"evt_4","created":1795424400,"livemode":false,"type":"invoice.paid","data":{"object":{"id":"in_2","customer":"cus_F10rd","status":"paid","currency":"jpy","amount_due":5000,"amount_remaining":0,"due_date":1795420000,"collection_method":"send_invoice","status_transitions":{"paid_at":1795424300},"created":1795000000}}}`)
	if got, want := f.To, []licence.Name{{Sender: "stripe", ID: "cus_F10rd"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("to %v, want %v", got, want)
	}
	v := f.Payload.(licence.InvoiceChanged)
	if v.Amount != "5000" || v.Remaining != "0" || v.Currency != "JPY" || v.Collection != "invoice" || v.Payment != "" || v.PaidAt != "2026-11-23T08:58:20Z" || v.Due == "" || v.Covers != nil {
		t.Errorf("%+v", v)
	}

	for event, want := range map[string]string{"invoice.payment_action_required": "action", "invoice.updated": "failed"} {
		_, f = readOne(t, strings.Replace(invoiceBasil, "invoice.payment_failed", event, 1))
		if got := f.Payload.(licence.InvoiceChanged).Payment; got != want {
			t.Errorf("%s: payment %q, want %q", event, got, want)
		}
	}
	_, f = readOne(t, strings.NewReplacer("invoice.payment_failed", "invoice.updated", "1795683600", "null").Replace(invoiceBasil))
	if got := f.Payload.(licence.InvoiceChanged).Payment; got != "" {
		t.Errorf("an attempt that may be under way: payment %q, want none", got)
	}
	_, f = readOne(t, strings.Replace(strings.Replace(invoiceBasil, `"subscription":null`, `"subscription":"sub_9"`, 1), `"subscription":"sub_1"`, `"subscription":null`, 1))
	if got := f.Payload.(licence.InvoiceChanged).Covers; !reflect.DeepEqual(got, []string{"sub_9"}) {
		t.Errorf("before basil: covers %v", got)
	}
}

func TestAmount(t *testing.T) {
	for _, c := range []struct {
		minor          int64
		currency, want string
	}{
		{1250000, "sek", "12500.00"}, {5, "nok", "0.05"}, {0, "dkk", "0.00"}, {-50, "eur", "-0.50"}, {100, "sek", "1.00"},
		{500, "jpy", "500"}, {500, "isk", "5.00"}, {1234, "kwd", "1.234"}, {-9223372036854775808, "sek", "-92233720368547758.08"},
	} {
		if got := amount(c.minor, c.currency); got != c.want {
			t.Errorf("%d %s: %s, want %s", c.minor, c.currency, got, c.want)
		}
	}
}

func TestStripeIgnored(t *testing.T) {
	for _, b := range []string{
		strings.Replace(invoiceBasil, "invoice.payment_failed", "invoice.upcoming", 1),
		strings.Replace(invoiceBasil, `"open"`, `"draft"`, 1),
		`{"id":"evt_test_789","object":"v2.core.event","type":"v1.customer.subscription.updated","created":"2024-03-07T18:27:56.000Z","livemode":true}`,
		`{"id":"evt_x","type":"x"}`,
	} {
		got, err := stripe.Read(http.Header{}, []byte(b), "", now)
		if err != nil || got.Ignored == "" || len(got.Facts) != 0 || got.ID == "" {
			t.Errorf("%.120s: %+v, %v; want it ignored", b, got, err)
		}
	}
	if b, _ := readOne(t, strings.Replace(invoiceBasil, `"livemode":true`, `"livemode":false`, 1)); b.Mode != "test" {
		t.Errorf("mode %s, want test", b.Mode)
	}
}

func TestStripeBadBodies(t *testing.T) {
	for _, c := range []struct {
		name, of, old, new string
		status             int
		field              string
	}{
		{"name twice", subscriptionBasil, `"id":"evt_1"`, `"id":"evt_1","id":"evt_2"`, 400, ""},
		{"no id", subscriptionBasil, `"id":"evt_1",`, ``, 422, "id"},
		{"id too long", subscriptionBasil, `evt_1`, "evt_" + strings.Repeat("x", 256), 422, "id"},
		{"made tomorrow", subscriptionBasil, `1795424400`, `1795510800`, 422, "created"},
		{"made never", subscriptionBasil, `"created":1795424400`, `"created":null`, 422, "created"},
		{"quantity", subscriptionBasil, `"quantity":2`, `"quantity":"2"`, 422, "data.object.items.data[1].quantity"},
		{"quantity below 0", subscriptionBasil, `"quantity":2`, `"quantity":-2`, 422, "data.object.items.data[1].quantity"},
		{"price", subscriptionBasil, `{"id":"price_vp","lookup_key":null}`, `null`, 422, "data.object.items.data[1].price"},
		{"status", subscriptionBasil, `"active"`, `"resting"`, 422, "data.object.status"},
		{"no customer", subscriptionBasil, `"customer":"cus_F10rd",`, ``, 422, "data.object.customer"},
		{"no object", subscriptionBasil, `"object":{"id":"sub_1"`, `"thing":{"id":"sub_1"`, 422, "data.object"},
		{"invoice amount", invoiceBasil, `"amount_due":1250000,`, ``, 422, "data.object.amount_due"},
		{"invoice status", invoiceBasil, `"open"`, `"lost"`, 422, "data.object.status"},
		{"phase", schedule, `{"id":"price_sp"}`, `{}`, 422, "data.object.phases[1].items[0].price"},
		{"schedule", schedule, `"status":"active"`, `"status":"x"`, 422, "data.object.status"},
	} {
		body := strings.Replace(c.of, c.old, c.new, 1)
		if body == c.of {
			t.Fatalf("%s: nothing replaced", c.name)
		}
		b, err := stripe.Read(http.Header{}, []byte(body), "", now)
		var e *Error
		if !errors.As(err, &e) || e.Status != c.status || c.field != "" && (len(e.Fields) == 0 || e.Fields[0].Field != c.field) {
			t.Errorf("%s: %v, want %d %s", c.name, err, c.status, c.field)
		}
		if c.status == 422 && c.field != "id" && b.ID == "" {
			t.Errorf("%s: the id is lost, by which it is set aside", c.name)
		}
	}
}

// Two tries of one event differ in their counters and say the same.
func TestStripeCountersDoNotCount(t *testing.T) {
	_, one := readOne(t, subscriptionBasil)
	_, two := readOne(t, strings.Replace(subscriptionBasil, `"pending_webhooks":1`, `"pending_webhooks":2,"request":{"id":"req_1"}`, 1))
	if got, want := two.Hash(), one.Hash(); got != want {
		t.Errorf("hash %s, want %s", got, want)
	}
}
