package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// The vector that Paddle publishes in the tests of its Go SDK.
const (
	paddleVectorBody   = `{"data":{"id":"pri_01hsdn96k2hxjzsq5yerecdj9j","name":null,"status":"active","quantity":{"maximum":999999,"minimum":1},"tax_mode":"account_setting","product_id":"pro_01hsdn8qp7yydry3x1yeg6a9rv","unit_price":{"amount":"1000","currency_code":"USD"},"custom_data":null,"description":"testing","import_meta":null,"trial_period":null,"billing_cycle":{"interval":"month","frequency":1},"unit_price_overrides":[]},"event_id":"evt_01hsdn97563968dy0szkmgjwh3","event_type":"price.created","occurred_at":"2024-03-20T10:07:35.590857Z","notification_id":"ntf_01hsdn977e920kbgzt6r6c9rqc"}`
	paddleVectorHeader = `ts=1710929255;h1=6c05ef8fa83c44d751be6d259ec955ce5638e2c54095bf128e408e2fce1589c8`
	paddleVectorSecret = `pdl_ntfset_01hsdn8d43dt7mezr1ef2jtbaw_hKkRiCGyyRhbFwIUuqiTBgI7gnWoV0Gr`
)

func TestVerifyPaddle(t *testing.T) {
	const secret = "pdl_ntfset_invented"
	payload := []byte(`{"event_id":"evt_1"}`)
	mac := func(secret string, at int64, body []byte) string { // the scheme once more, apart from the code under test
		m := hmac.New(sha256.New, []byte(secret))
		fmt.Fprintf(m, "%d:%s", at, body)
		return hex.EncodeToString(m.Sum(nil))
	}
	at := now.Unix()
	head := func(at int64, rest string) string { return fmt.Sprintf("ts=%d;%s", at, rest) }
	good := mac(secret, at, payload)
	for _, c := range []struct {
		name, header string
		secrets      []string
		ok           bool
	}{
		{"good", head(at, "h1="+good), []string{secret}, true},
		{"signature first", fmt.Sprintf("h1=%s;ts=%d", good, at), []string{secret}, true},
		{"with blanks", fmt.Sprintf("ts=%d; h1=%s", at, good), []string{secret}, true},
		{"the first of two, as a secret is rolled", head(at, "h1="+good+";h1="+mac("other", at, payload)), []string{secret}, true},
		{"the last of two", head(at, "h1="+mac("other", at, payload)+";h1="+good), []string{secret}, true},
		{"second secret", head(at, "h1="+good), []string{"pdl_ntfset_other", secret}, true},
		{"300 s old, where an SDK allows 5", head(at-300, "h1="+mac(secret, at-300, payload)), []string{secret}, true},
		{"300 s ahead", head(at+300, "h1="+mac(secret, at+300, payload)), []string{secret}, true},
		{"301 s old", head(at-301, "h1="+mac(secret, at-301, payload)), []string{secret}, false},
		{"301 s ahead", head(at+301, "h1="+mac(secret, at+301, payload)), []string{secret}, false},
		{"other time", head(at+1, "h1="+good), []string{secret}, false},
		{"another scheme", head(at, "h2="+good), []string{secret}, false},
		{"joined by a point, as Stripe's", head(at, "h1="+signedStripe(secret, at, payload)), []string{secret}, false},
		{"no time", "h1=" + good, []string{secret}, false},
		{"no signature", head(at, ""), []string{secret}, false},
		{"nothing", "", []string{secret}, false},
		{"no hex", head(at, "h1=zz"), []string{secret}, false},
		{"empty signature", head(at, "h1="), []string{secret}, false},
		{"empty secret", head(at, "h1="+mac("", at, payload)), []string{""}, false},
		{"blank secret", head(at, "h1="+mac(" ", at, payload)), []string{" "}, false},
		{"no secret", head(at, "h1="+mac("", at, payload)), nil, false},
		{"a signature beyond those that are looked at", head(at, strings.Repeat("h1=00;", mostSignatures)+"h1="+good), []string{secret}, false},
	} {
		h := http.Header{}
		h.Set("Paddle-Signature", c.header)
		err := paddle.Verify(h, payload, c.secrets, now)
		if c.ok && err != nil || !c.ok && err != error(ErrUnauthorized) {
			t.Errorf("%s: %v, want ok %v", c.name, err, c.ok)
		}
	}
	h := http.Header{"Paddle-Signature": {paddleVectorHeader}}
	then := time.Unix(1710929255, 0)
	if err := paddle.Verify(h, []byte(paddleVectorBody), []string{paddleVectorSecret}, then); err != nil {
		t.Errorf("the published vector: %v", err)
	}
	for name, wrong := range map[string][2]string{"another body": {"{}", paddleVectorSecret}, "another secret": {paddleVectorBody, "abc"}} {
		if err := paddle.Verify(h, []byte(wrong[0]), []string{wrong[1]}, then); err != error(ErrUnauthorized) {
			t.Errorf("the published vector with %s: %v", name, err)
		}
	}
}

func TestPaddleSubscription(t *testing.T) {
	b := billing(t, paddle, sample(t, "paddle/03-paddle-reduction.json"))
	f := b.Facts[0]
	same(t, "to", f.To, names("paddle", "sub_01k90000000000000000fjord1", "ctm_01k90000000000000000fjord1"))
	same(t, "at, to the microsecond", f.At, time.Date(2026, 11, 1, 9, 12, 0, 654321000, time.UTC))
	same(t, "id", f.ID, "paddle/"+b.ID)
	same(t, "payload", f.Payload, licence.SubscriptionChanged{
		Subscription: "sub_01k90000000000000000fjord1", Status: "active", RenewsAt: "2026-12-13T06:00:00Z",
		Items: []licence.Item{{Prices: []string{"pri_01k90000000000000000sales1"}, Quantity: 7}, {Prices: []string{"pri_01k900000000000000000serv1"}, Quantity: 5}},
	})
	for _, c := range []struct {
		name                   string
		pairs                  []string
		status, renews, endsAt string
	}{
		{"trialing", []string{`"status": "active",
  "customer_id"`, `"status": "trialing", "customer_id"`}, "trialing", "2026-12-13T06:00:00Z", ""},
		{"past due", []string{`"status": "active",
  "customer_id"`, `"status": "past_due", "customer_id"`}, "past_due", "2026-12-13T06:00:00Z", ""},
		{"a cancel that is scheduled still runs", []string{`"scheduled_change": null`, `"scheduled_change": {"action":"cancel","effective_at":"2026-12-13T06:00:00Z","resume_at":null}`}, "active", "", "2026-12-13T06:00:00Z"},
		{"a pause that is scheduled still runs", []string{`"next_billed_at": "2026-12-13T06:00:00Z",
  "paused_at"`, `"next_billed_at": null, "paused_at"`, `"scheduled_change": null`, `"scheduled_change": {"action":"pause","effective_at":"2026-12-13T06:00:00Z","resume_at":"2027-03-01T06:00:00Z"}`}, "active", "2027-03-01T06:00:00Z", ""},
		{"a pause without an end", []string{`"next_billed_at": "2026-12-13T06:00:00Z",
  "paused_at"`, `"next_billed_at": null, "paused_at"`, `"scheduled_change": null`, `"scheduled_change": {"action":"pause","effective_at":"2026-12-13T06:00:00Z","resume_at":null}`}, "active", "", ""},
		{"paused, and to be resumed", []string{`"status": "active",
  "customer_id"`, `"status": "paused", "customer_id"`, `"next_billed_at": "2026-12-13T06:00:00Z",
  "paused_at"`, `"next_billed_at": null, "paused_at"`, `"scheduled_change": null`, `"scheduled_change": {"action":"resume","effective_at":"2027-03-01T06:00:00Z","resume_at":null}`}, "paused", "2027-03-01T06:00:00Z", ""},
		{"canceled, with its items as they were", []string{`"status": "active",
  "customer_id"`, `"status": "canceled", "customer_id"`, `"canceled_at": null`, `"canceled_at": "2026-11-01T09:12:00Z"`}, "ended", "", "2026-11-01T09:12:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := of[licence.SubscriptionChanged](t, billing(t, paddle, sample(t, "paddle/03-paddle-reduction.json", c.pairs...)))
			if p.Status != c.status || string(p.RenewsAt) != c.renews || string(p.EndsAt) != c.endsAt {
				t.Errorf("%s: %s, renews %q, ends %q; want %s, %q, %q", c.name, p.Status, p.RenewsAt, p.EndsAt, c.status, c.renews, c.endsAt)
			}
			same(t, c.name, seats(p), map[string]int{"pri_01k90000000000000000sales1": 7, "pri_01k900000000000000000serv1": 5})
		})
	}
}

// What is sold once has a quantity, and is no seat.
func TestPaddleItemSoldOnceIsNoSeat(t *testing.T) {
	body := sample(t, "paddle/02-paddle-subscription.json")
	if !strings.Contains(string(body), `"recurring": false`) {
		t.Fatal("the body has nothing that is sold once")
	}
	same(t, "seats", seats(of[licence.SubscriptionChanged](t, billing(t, paddle, body))), map[string]int{"pri_01k90000000000000000sales1": 10, "pri_01k900000000000000000serv1": 5})
}

// Items of a paused subscription are inactive, and keep their quantities: they are counted by the
// status of the whole.
func TestPaddleInactiveItemsKeepTheirSeats(t *testing.T) {
	p := of[licence.SubscriptionChanged](t, billing(t, paddle, sample(t, "paddle/03-paddle-reduction.json", `"status": "active",
    "quantity"`, `"status": "inactive", "quantity"`)))
	same(t, "seats", seats(p), map[string]int{"pri_01k90000000000000000sales1": 7, "pri_01k900000000000000000serv1": 5})
}

// A failed renewal is told as active first, and twice as past due within seconds.
func TestPaddleFailedRenewalSaysActiveFirst(t *testing.T) {
	renewed := func(n, second, status string) []byte {
		return sample(t, "paddle/03-paddle-reduction.json", "00000003", "0000000"+n, "2026-11-01T09:12:00.654321Z", "2026-12-13T06:00:0"+second+"Z", `"status": "active",
  "customer_id"`, `"status": "`+status+`", "customer_id"`, `"next_billed_at": "2026-12-13T06:00:00Z",
  "paused_at"`, `"next_billed_at": "2027-12-13T06:00:00Z", "paused_at"`)
	}
	k := folded(t, paddle, renewed("9", "1.1", "active"), renewed("8", "4.1", "past_due"), renewed("7", "4.2", "past_due"))
	r, known := k.Orders.Subs["sub_01k90000000000000000fjord1"].Latest()
	if r.Value.Status != "past_due" || !known || seats(r.Value)["pri_01k90000000000000000sales1"] != 7 {
		t.Errorf("known %v: %+v", known, r.Value)
	}
}

func TestPaddleTransaction(t *testing.T) {
	b := billing(t, paddle, sample(t, "paddle/07-paddle-billed.json"))
	period := licence.InvoiceLine{Prices: []string{"pri_01k90000000000000000sales1"}, From: "2026-12-13T06:00:00Z", To: "2027-12-13T06:00:00Z"}
	want := licence.InvoiceChanged{
		Invoice: "txn_01k9000000000000000bjor2026", Number: "325-20417", Reference: "PO-77", Status: "open", Due: "2026-11-01T05:00:00Z", Issued: "2026-10-02T05:00:00Z",
		Amount: "82800.00", Remaining: "82800.00", Currency: "SEK", URL: "https://pay.fjordpartner.example/?_ptxn=txn_01k9000000000000000bjor2026",
		From: period.From, To: period.To, Lines: []licence.InvoiceLine{period}, Covers: []string{"sub_01k900000000000000000bjor1"}, Collection: "invoice",
	}
	same(t, "billed", b.Facts[0].Payload, want)
	settled := want
	settled.Status, settled.PaidAt, settled.Remaining, settled.Attempts = "paid", "2026-11-23T06:39:00Z", "0.00", 1
	same(t, "paid", billing(t, paddle, sample(t, "paddle/09-paddle-settled.json")).Facts[0].Payload, settled)

	for _, c := range []struct {
		name             string
		pairs            []string
		status, due, pay string
	}{
		{"weeks", []string{`"interval": "day",
    "frequency": 30`, `"interval": "week", "frequency": 2`}, "open", "2026-10-16T05:00:00Z", ""},
		{"a month", []string{`"interval": "day",
    "frequency": 30`, `"interval": "month", "frequency": 1`}, "open", "2026-11-02T05:00:00Z", ""},
		{"collected by Paddle", []string{`"manual"`, `"automatic"`}, "open", "2026-10-02T05:00:00Z", ""},
		{"declined", []string{`"manual"`, `"automatic"`, `"payments": []`, `"payments": [{"status":"action_required","created_at":"2026-10-02T05:00:01Z"},{"status":"error","error_code":"declined","created_at":"2026-10-02T05:00:02Z"}]`}, "open", "2026-10-02T05:00:00Z", "failed"},
		{"the bank asks", []string{`"payments": []`, `"payments": [{"status":"error","created_at":"2026-10-02T05:00:01Z"},{"status":"action_required","created_at":"2026-10-02T05:00:02Z"}]`}, "open", "2026-11-01T05:00:00Z", "action"},
		{"under way", []string{`"payments": []`, `"payments": [{"status":"pending_no_action_required","created_at":"2026-10-02T05:00:01Z"}]`}, "open", "2026-11-01T05:00:00Z", "processing"},
		{"past due, where Paddle collects", []string{`"status": "billed"`, `"status": "past_due"`, `"manual"`, `"automatic"`}, "open", "2026-10-02T05:00:00Z", "failed"},
		{"past due, where the customer pays", []string{`"status": "billed"`, `"status": "past_due"`}, "open", "2026-11-01T05:00:00Z", ""},
		{"canceled", []string{`"status": "billed"`, `"status": "canceled"`}, "void", "2026-11-01T05:00:00Z", ""},
	} {
		p := of[licence.InvoiceChanged](t, billing(t, paddle, sample(t, "paddle/07-paddle-billed.json", c.pairs...)))
		if p.Status != c.status || string(p.Due) != c.due || p.Payment != c.pay {
			t.Errorf("%s: %s, due %s, payment %q; want %s, %s, %q", c.name, p.Status, p.Due, p.Payment, c.status, c.due, c.pay)
		}
	}
	for name, pairs := range map[string][]string{
		"a draft":                  {`"status": "billed"`, `"status": "draft"`},
		"ready":                    {`"status": "billed"`, `"status": "ready"`},
		"canceled, never billed":   {`"status": "billed"`, `"status": "canceled"`, `"billed_at": "2026-10-02T05:00:00Z"`, `"billed_at": null`},
		"a new card":               {`"subscription_recurring"`, `"subscription_payment_method_change"`},
		"of nobody who is known":   {`"customer_id": "ctm_01k900000000000000000bjor1"`, `"customer_id": null`, `"subscription_id": "sub_01k900000000000000000bjor1"`, `"subscription_id": null`},
		"a type that is not used":  {`"transaction.billed"`, `"customer.updated"`},
		"a type of days to come":   {`"transaction.billed"`, `"licence_key.revoked"`},
		"a credit that is no bill": {`"transaction.billed"`, `"payout.paid"`},
	} {
		if b := billing(t, paddle, sample(t, "paddle/07-paddle-billed.json", pairs...)); b.Ignored == "" || b.Type == "" || len(b.Facts) > 0 {
			t.Errorf("%s: %+v", name, b)
		}
	}
	// Yen have no hundredths.
	p := of[licence.InvoiceChanged](t, billing(t, paddle, sample(t, "paddle/07-paddle-billed.json", `"SEK"`, `"JPY"`, `"8280000"`, `"1200"`)))
	if p.Amount != "1200" || p.Remaining != "1200" || p.Currency != "JPY" {
		t.Errorf("%s %s, %s left", p.Currency, p.Amount, p.Remaining)
	}
}

// The quantity of a prorated line is that of the change: no seat is counted from a transaction.
func TestPaddleSeatsAreNeverCountedFromLines(t *testing.T) {
	b := billing(t, paddle, sample(t, "paddle/04-paddle-paid.json"))
	if len(b.Facts) != 1 {
		t.Fatalf("%d facts", len(b.Facts))
	}
	p := of[licence.InvoiceChanged](t, b)
	if len(p.Lines) != 2 {
		t.Errorf("%+v", p.Lines)
	}
}

func TestPaddleAdjustment(t *testing.T) {
	file := "paddle/11-paddle-chargeback.json"
	for _, c := range []struct {
		name  string
		pairs []string
		want  licence.PaymentChanged
	}{
		{"a chargeback", nil, licence.PaymentChanged{ID: "chargeback/txn_01k9000000000000000fjor2026", Kind: "dispute", Open: true, Level: 2}},
		{"a warning of one", []string{`"chargeback"`, `"chargeback_warning"`}, licence.PaymentChanged{ID: "chargeback_warning/txn_01k9000000000000000fjor2026", Kind: "dispute", Open: true, Level: 2}},
		{"that is taken back", []string{`"chargeback"`, `"chargeback_reverse"`}, licence.PaymentChanged{ID: "chargeback/txn_01k9000000000000000fjor2026", Kind: "dispute", Level: 2}},
		{"a credit", []string{`"chargeback"`, `"credit"`}, licence.PaymentChanged{ID: "adj_01k900000000000000000000a1", Kind: "credit", Amount: "87800.00", Level: 2}},
		{"a credit that is taken back", []string{`"chargeback"`, `"credit_reverse"`}, licence.PaymentChanged{ID: "adj_01k900000000000000000000a1", Kind: "credit", Amount: "-87800.00", Level: 2}},
		{"a refund", []string{`"chargeback"`, `"refund"`}, licence.PaymentChanged{ID: "adj_01k900000000000000000000a1", Kind: "refund", Amount: "87800.00", Level: 2}},
		{"a refund that nobody has approved", []string{`"chargeback"`, `"refund"`, `"approved"`, `"pending_approval"`}, licence.PaymentChanged{ID: "adj_01k900000000000000000000a1", Kind: "refund"}},
		{"a refund that was refused", []string{`"chargeback"`, `"refund"`, `"approved"`, `"rejected"`}, licence.PaymentChanged{ID: "adj_01k900000000000000000000a1", Kind: "refund", Level: 1}},
	} {
		b := billing(t, paddle, sample(t, file, c.pairs...))
		c.want.Invoice = "txn_01k9000000000000000fjor2026"
		p := b.Facts[0].Payload.(licence.PaymentChanged)
		if p.Kind == "dispute" {
			p.Level %= len(adjustmentStatuses) // beside it, when it was made
		}
		// The version before told chargebacks otherwise under the event's own name, and it may come once more.
		if apart := strings.HasPrefix(b.Facts[0].ID, "paddle-dispute/evt_"); apart != (p.Kind == "dispute") || !apart && !strings.HasPrefix(b.Facts[0].ID, "paddle/evt_") {
			t.Errorf("%s: the fact is called %s", c.name, b.Facts[0].ID)
		}
		same(t, c.name, p, c.want)
		same(t, c.name, b.Facts[0].To, names("paddle", "sub_01k90000000000000000fjord1", "ctm_01k90000000000000000fjord1"))
	}
	for what, want := range map[string]string{"chargeback": licence.Contested, "credit": licence.Void, "refund": licence.Void} {
		k := folded(t, paddle, sample(t, "paddle/04-paddle-paid.json"), sample(t, file, `"chargeback"`, `"`+what+`"`))
		if got := k.Invoices.Of("txn_01k9000000000000000fjor2026").Value.Money(); got != want {
			t.Errorf("after a %s it is %s, want %s", what, got, want)
		}
		if what == "refund" {
			continue // nothing takes one back
		}
		k = folded(t, paddle, sample(t, "paddle/04-paddle-paid.json"), sample(t, file, `"chargeback"`, `"`+what+`"`),
			sample(t, file, "0000011", "0000012", `"chargeback"`, `"`+what+`_reverse"`, "a1\"", "a2\"", "2026-11-23T05:30:00.1Z", "2026-11-24T05:30:00.1Z"))
		if got := k.Invoices.Of("txn_01k9000000000000000fjor2026").Value.Money(); got != licence.Paid {
			t.Errorf("after a %s that was taken back it is %s", what, got)
		}
	}
}

// What nobody can read is said field by field, with whom it is about.
func TestPaddleBadBody(t *testing.T) {
	for field, pairs := range map[string][]string{
		"data.status":             {`"status": "active",` + "\n" + `  "customer_id"`, `"status": "resting", "customer_id"`},
		"data.items[0].quantity":  {`"quantity": 7`, `"quantity": 7.5`},
		"data.items[1].quantity":  {`"quantity": 5`, `"quantity": 1000000001`},
		"data.customer_id":        {`"customer_id": "ctm_01k90000000000000000fjord1"`, `"customer_id": null`},
		"data.next_billed_at":     {`"next_billed_at": "2026-12-13T06:00:00Z"` + ",\n" + `  "paused_at"`, `"next_billed_at": "soon", "paused_at"`},
		"occurred_at":             {`"occurred_at": "2026-11-01T09:12:00.654321Z"`, `"occurred_at": "2029-11-01T09:12:00Z"`},
		"data.items[2].recurring": {`"recurring": false`, `"recurring": "no"`},
	} {
		b, err := paddle.Read(http.Header{}, sample(t, "paddle/03-paddle-reduction.json", pairs...), "", later)
		var e *Error
		if !errors.As(err, &e) || e.Status != 422 || e.Fields[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
		if len(b.About) == 0 || b.ID == "" {
			t.Errorf("%s: about %v, id %q", field, b.About, b.ID)
		}
	}
	p := of[licence.SubscriptionChanged](t, billing(t, paddle, sample(t, "paddle/03-paddle-reduction.json", `"items": [`, `"no_items": [`)))
	if !p.Uncounted {
		t.Error("a body without items is counted")
	}
	p = of[licence.SubscriptionChanged](t, billing(t, paddle, sample(t, "paddle/03-paddle-reduction.json", `"id": "pri_01k90000000000000000sales1"`, `"id": null`)))
	if !p.Uncounted {
		t.Error("an item of no price is counted")
	}
}
