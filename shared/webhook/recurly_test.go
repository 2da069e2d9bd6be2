package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// The vector that Recurly publishes in the tests of its Ruby client; no SDK for Go, Node or Python has
// a helper of which another could be made.
const (
	recurlyVectorBody   = `{"id":"rjxwmwedwqug","object_type":"account","site_id":"qc326l1hl8k9","event_type":"created","event_time":"2022-09-13T21:18:40Z","account_code":"adfas23zzz14123"}`
	recurlyVectorHeader = "1663103925004,ad24699f3beaa24c9af2cc7ada3ce4c835da0090194241b9d3add83d27f14bc3"
	recurlyVectorSecret = "354fab5bd35f5a0d50845ee7e30165244468b13c2c343f104e4e730a59326d9d"
)

func TestVerifyRecurly(t *testing.T) {
	then := time.UnixMilli(1663103925004)
	payload := []byte(recurlyVectorBody)
	signature := strings.TrimPrefix(recurlyVectorHeader, "1663103925004,")
	mac := func(secret string, ms int64) string { // the scheme once more, apart from the code under test
		m := hmac.New(sha256.New, []byte(secret))
		fmt.Fprintf(m, "%d.%s", ms, payload)
		return fmt.Sprintf("%d,%s", ms, hex.EncodeToString(m.Sum(nil)))
	}
	raw, _ := hex.DecodeString(recurlyVectorSecret)
	for _, c := range []struct {
		name, header string
		secrets      []string
		now          time.Time
		ok           bool
	}{
		{"the vector", recurlyVectorHeader, nil, then, true},
		{"second secret", recurlyVectorHeader, []string{"other", recurlyVectorSecret}, then, true},
		{"second of two signatures", "1663103925004,de1ec7ab1e," + signature, nil, then, true},
		{"first of two signatures", recurlyVectorHeader + ",de1ec7ab1e", nil, then, true},
		{"with a blank", "1663103925004, " + signature, nil, then, true},
		{"300 s old", recurlyVectorHeader, nil, then.Add(299 * time.Second), true},
		{"300 s ahead", recurlyVectorHeader, nil, then.Add(-300 * time.Second), true},
		{"too old", recurlyVectorHeader, nil, then.Add(302 * time.Second), false},
		{"too far ahead", recurlyVectorHeader, nil, then.Add(-302 * time.Second), false},
		{"seconds in place of milliseconds", "1663103925," + signature, nil, then, false},
		{"seconds, well signed", mac(recurlyVectorSecret, 1663103925), nil, then, false},
		{"altered time", "1663103925005," + signature, nil, then, false},
		{"wrong secret", recurlyVectorHeader, []string{"key"}, then, false},
		{"the key decoded from hexadecimal", mac(string(raw), 1663103925004), nil, then, false},
		{"time no number", "abc," + signature, nil, then, false},
		{"no signature", "1663103925004,", nil, then, false},
		{"time alone", "1663103925004", nil, then, false},
		{"nothing", "", nil, then, false},
		{"empty secret", mac("", 1663103925004), []string{""}, then, false},
		{"blank secret", mac(" ", 1663103925004), []string{" "}, then, false},
		{"no secrets", mac("", 1663103925004), []string{}, then, false},
		{"too many signatures before it", "1663103925004," + strings.Repeat("de1ec7,", mostSignatures) + signature, nil, then, false},
	} {
		if c.secrets == nil {
			c.secrets = []string{recurlyVectorSecret}
		}
		h := http.Header{}
		h.Set("recurly-signature", c.header)
		if err := recurly.Verify(h, payload, c.secrets, c.now); c.ok != (err == nil) || !c.ok && err != error(ErrUnauthorized) {
			t.Errorf("%s: %v, want ok %v", c.name, err, c.ok)
		}
		if recurly.Verify(h, append([]byte(" "), payload...), c.secrets, c.now) == nil {
			t.Errorf("%s: another body is believed", c.name)
		}
	}
}

// The id of a hook is that of the object. Two events with one id, in one second even, are two reads.
func TestRecurlyIdIsTheObjects(t *testing.T) {
	hook := func(object, event, more string) Body {
		b, err := recurly.Read(http.Header{}, fmt.Appendf(nil, `{"id":"rsub1","object_type":%q,"site_id":"s","event_type":%q,"event_time":"2026-11-20T09:15:00Z"%s}`, object, event, more), "", now)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	one, two := hook("subscription", "updated", ""), hook("subscription", "updated", "")
	if len(one.Facts)+len(two.Facts) != 0 || len(one.ToRead()) != 1 || len(two.ToRead()) != 1 {
		t.Errorf("%+v and %+v: each is a read, and no fact that could be one that was seen", one, two)
	}
	for _, c := range []struct{ object, event, more, kind, id string }{
		{"subscription", "paused", "", "subscription", "rsub1"},
		{"subscription", "of a kind to come", "", "subscription", "rsub1"}, // any event of a subscription is a read
		{"pending_change", "scheduled", `,"uuid":"63ab"`, "subscription", "uuid-63ab"},
		{"charge_invoice", "paid", "", "invoice", "rsub1"},
		{"credit_invoice", "voided", "", "invoice", "rsub1"},
		{"invoice", "past_due", "", "invoice", "rsub1"}, // older sites
		{"dunning_event", "created", `,"invoice_number":1000`, "invoice", "rsub1"},
		{"payment", "failed", `,"uuid":"63b0"`, "", ""},
		{"account", "created", `,"account_code":"C-1"`, "", ""},
		{"external_subscription", "renewed", "", "", ""},
	} {
		b := hook(c.object, c.event, c.more)
		hints := b.ToRead()
		switch {
		case c.kind == "" && (b.Ignored == "" || len(hints) > 0):
			t.Errorf("%s.%s: %+v, want it ignored", c.object, c.event, b)
		case c.kind != "" && (len(hints) != 1 || hints[0].Kind != c.kind || hints[0].ID != c.id):
			t.Errorf("%s.%s: %+v, want a read of %s %s", c.object, c.event, hints, c.kind, c.id)
		}
	}
}

// recurlySub is a subscription as Recurly's API gives it, with some of it changed.
func recurlySub(t *testing.T, pairs ...string) []licence.Payload {
	t.Helper()
	b, err := os.ReadFile("../../functions/testdata/billing/recurly/fjord-10.json")
	if err != nil {
		t.Fatal(err)
	}
	return recurlyRead(t, "subscription", string(b), pairs)
}

func recurlyRead(t *testing.T, kind, text string, pairs []string) (all []licence.Payload) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("there is no %s", pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	facts, err := recurlyObject(kind, []byte(text), now)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range facts {
		survives(t, f)
		all = append(all, f.Payload)
	}
	return all
}

// What loses seats with Recurly, each by its name.
func TestRecurlyTraps(t *testing.T) {
	const state, pending = `"state": "active"`, `"pending_change": null`
	sub := func(t *testing.T, pairs ...string) licence.SubscriptionChanged {
		t.Helper()
		p, ok := recurlySub(t, pairs...)[0].(licence.SubscriptionChanged)
		if !ok {
			t.Fatalf("%+v is no subscription", p)
		}
		return p
	}
	whole := map[string]int{"sales-premium": 10, "service-premium": 5, "mails": -1}
	t.Run("add-ons count, and what is paid by use is no number of seats", func(t *testing.T) {
		same(t, "seats", seats(sub(t)), whole)
	})
	t.Run("canceled is still running", func(t *testing.T) {
		p := sub(t, state, `"state": "canceled"`, `"expires_at": null`, `"expires_at": "2026-12-13T06:00:00Z"`)
		if p.Status != "active" || p.EndsAt != "2026-12-13T06:00:00Z" || p.RenewsAt != "" {
			t.Errorf("%+v", p)
		}
		same(t, "seats", seats(p), whole)
	})
	t.Run("expired is over", func(t *testing.T) {
		if p := sub(t, state, `"state": "expired"`, `"expires_at": null`, `"expires_at": "2026-11-13T06:00:00Z"`); p.Status != "ended" || p.EndsAt != "2026-11-13T06:00:00Z" {
			t.Errorf("%+v", p)
		}
	})
	t.Run("paused has its seats", func(t *testing.T) {
		p := sub(t, state, `"state": "paused"`)
		if p.Status != "paused" {
			t.Errorf("%+v", p)
		}
		same(t, "seats", seats(p), whole)
	})
	t.Run("a pause that is only scheduled is none yet", func(t *testing.T) {
		if p := sub(t, `"paused_at": null`, `"paused_at": "2026-12-13T06:00:00Z", "resume_at": "2027-02-13T06:00:00Z"`); p.Status != "active" || p.RenewsAt != "2027-02-13T06:00:00Z" {
			t.Errorf("%+v", p)
		}
	})
	t.Run("pending_change is tomorrow's seats", func(t *testing.T) {
		p := sub(t, pending, `"pending_change": {"plan":{"code":"sales-premium"},"quantity":7,"add_ons":[],"activate_at":"2026-12-13T06:00:00Z","activated":false}`)
		same(t, "now", seats(p), whole)
		if len(p.Scheduled) != 1 || !p.Scheduled[0].At.Equal(time.Date(2026, 12, 13, 6, 0, 0, 0, time.UTC)) {
			t.Fatalf("scheduled is %+v", p.Scheduled)
		}
		same(t, "then", seats(licence.SubscriptionChanged{Items: p.Scheduled[0].Items}), map[string]int{"sales-premium": 7})
	})
	t.Run("no pending_change takes back one that was told", func(t *testing.T) {
		if p := sub(t); p.Scheduled == nil || len(p.Scheduled) != 0 {
			t.Errorf("scheduled is %#v, want told and empty", p.Scheduled)
		}
	})
	t.Run("a quantity that is missing is not known", func(t *testing.T) {
		if p := sub(t, `"quantity": 10,`, ``); !p.Uncounted {
			t.Errorf("%+v", p)
		}
	})
	t.Run("an add-on that has expired counts no more", func(t *testing.T) {
		p := sub(t, `"expired_at": null`, `"expired_at": "2026-01-01T00:00:00Z"`)
		same(t, "seats", seats(p), map[string]int{"sales-premium": 10})
	})
	t.Run("trial has no state of its own", func(t *testing.T) {
		if p := sub(t, `"trial_started_at": null`, `"trial_started_at": "2026-11-01T00:00:00Z"`, `"trial_ends_at": null`, `"trial_ends_at": "2026-12-01T00:00:00Z"`); p.Status != "trialing" {
			t.Errorf("%+v", p)
		}
	})
	t.Run("future orders nothing before it starts", func(t *testing.T) {
		p, ok := recurlySub(t, state, `"state": "future"`, `"activated_at": "2025-12-13T06:00:00Z"`, `"activated_at": "2027-01-01T00:00:00Z"`)[0].(licence.ScheduleChanged)
		if !ok || len(p.Phases) != 1 || p.Phases[0].At.Year() != 2027 {
			t.Errorf("%+v", p)
		}
	})
	invoice := func(t *testing.T, pairs ...string) licence.InvoiceChanged {
		t.Helper()
		b, err := os.ReadFile("../../functions/testdata/billing/recurly/bjorkdal-pending.json")
		if err != nil {
			t.Fatal(err)
		}
		return recurlyRead(t, "invoice", string(b), pairs)[0].(licence.InvoiceChanged)
	}
	t.Run("sums are decimals in major units", func(t *testing.T) {
		if p := invoice(t, "82800.0", "1234567.89"); p.Amount != "1234567.89" || p.Remaining != "1234567.89" || p.Currency != "SEK" {
			t.Errorf("%+v", p)
		}
	})
	t.Run("pending is open, and failed is closed without a payment", func(t *testing.T) {
		if p := invoice(t); p.Status != "open" || p.Due == "" || p.To != "2027-12-13T06:00:00Z" {
			t.Errorf("%+v", p)
		}
		if p := invoice(t, `"state": "pending"`, `"state": "failed"`, `"closed_at": null`, `"closed_at": "2026-11-20T00:00:00Z"`); p.Status != "uncollectible" || p.PaidAt != "" {
			t.Errorf("%+v", p)
		}
	})
	t.Run("a chargeback stands among the transactions alone", func(t *testing.T) {
		if p := invoice(t, `"state": "pending"`, `"state": "paid"`, `"transactions": []`, `"transactions": [{"id":"t","status":"chargeback","origin":"chargeback"}]`); p.Status != "disputed" {
			t.Errorf("%+v", p)
		}
	})
	t.Run("a credit invoice takes off the one that it is for", func(t *testing.T) {
		b, _ := os.ReadFile("../../functions/testdata/billing/recurly/bjorkdal-pending.json")
		credit := func(state string) licence.PaymentChanged {
			return recurlyRead(t, "invoice", string(b), []string{`"type": "charge",
 "origin"`, `"type": "credit",
 "origin"`, `"previous_invoice_id": null`, `"previous_invoice_id": "rinv0"`, "82800.0", "-98.0", `"state": "pending"`, `"state": "` + state + `"`})[0].(licence.PaymentChanged)
		}
		if p := credit("closed"); p.Kind != "credit" || p.Invoice != "rinv0" || p.Amount != "98.00" {
			t.Errorf("%+v", p)
		}
		if p := credit("voided"); p.Amount != "" || p.Level == 0 {
			t.Errorf("%+v", p)
		}
	})
}

// What a Chargebee subscription will be is tomorrow's seats, and never today's.
func TestChargebeeScheduledIsTomorrows(t *testing.T) {
	const now9 = `{"id":"s","customer_id":"c","status":"active","current_term_end":1797120000,"next_billing_at":1797120000,"has_scheduled_changes":true,"resource_version":1790841600000,
"subscription_items":[{"item_price_id":"p","item_type":"plan","quantity":9}]`
	read := func(object string) (now, then map[string]int, known bool) {
		facts, err := chargebeeObject("subscription", []byte(object), time.Unix(1795392000, 0))
		if err != nil || len(facts) != 2 {
			t.Fatalf("%v, %v", facts, err)
		}
		plan := facts[1].Payload.(licence.ScheduleChanged).Phases[0]
		return seats(facts[0].Payload.(licence.SubscriptionChanged)), seats(licence.SubscriptionChanged{Items: plan.Items}), !plan.Uncounted
	}
	now, then, known := read(now9 + `,"seatmend_scheduled":{"id":"s","customer_id":"c","status":"active","resource_version":1790841600000,"subscription_items":[{"item_price_id":"p","item_type":"plan","quantity":7}]}}`)
	if now["p"] != 9 || then["p"] != 7 || !known {
		t.Errorf("%v now, %v then, known %v", now, then, known)
	}
	if now, _, known := read(now9 + "}"); now["p"] != 9 || known {
		t.Errorf("unread: %v now, known %v: want 9, and what comes not known", now, known)
	}
}

// A thin event of Stripe's names what is to be read, under the mode that it says.
func TestStripeThinIsARead(t *testing.T) {
	thin := func(kind, related string) Body {
		b, err := stripe.Read(http.Header{}, fmt.Appendf(nil, `{"id":"evt_1","object":"v2.core.event","type":%q,"created":"2026-11-23T06:30:00Z","livemode":true,"related_object":%s}`, kind, related), "", now)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, c := range []struct{ kind, related, hint string }{
		{"v1.customer.subscription.updated", `{"id":"sub_1","type":"subscription","url":"/v1/subscriptions/sub_1"}`, "subscription sub_1 live"},
		{"v1.subscription_schedule.released", `{"id":"sub_sched_1","type":"subscription_schedule"}`, "schedule sub_sched_1 live"},
		{"v1.invoice.paid", `{"id":"in_1","type":"invoice"}`, "invoice in_1 live"},
		{"v1.charge.dispute.created", `{"id":"du_1","type":"dispute"}`, "dispute du_1 live"},
		{"v1.customer.updated", `{"id":"cus_1","type":"customer"}`, ""},
		{"v1.invoice.paid", `null`, ""},
	} {
		got := ""
		b := thin(c.kind, c.related)
		for _, h := range b.ToRead() {
			got = h.Kind + " " + h.ID + " " + h.Mode
		}
		if got != c.hint || (c.hint == "") != (b.Ignored != "") || len(b.Facts) > 0 {
			t.Errorf("%s: %q, ignored %q, want %q", c.kind, got, b.Ignored, c.hint)
		}
	}
}
