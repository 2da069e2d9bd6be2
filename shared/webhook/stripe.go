package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"seatmend/shared/licence"
)

// stripe is Stripe Billing, by snapshot events of any API version: before and after
// 2025-03-31.basil, which moved periods to the items and subscriptions into a parent.
var stripe = Sender{
	Name:   "stripe",
	Verify: verifyStripe,
	Read:   readStripe,
	Sign:   signStripe,
}

func verifyStripe(h http.Header, body []byte, secrets []string, now time.Time) error {
	var at string
	var signatures [][]byte
	for part := range strings.SplitSeq(h.Get("Stripe-Signature"), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "t":
			at = value
		case "v1": // v0 and all else proves nothing
			if sig, err := hex.DecodeString(value); err == nil && len(signatures) < mostSignatures {
				signatures = append(signatures, sig)
			}
		}
	}
	unix, err := strconv.ParseInt(at, 10, 64)
	if err != nil || !within(unix, now) {
		return ErrUnauthorized
	}
	for _, secret := range secrets {
		if strings.TrimSpace(secret) == "" {
			continue // HMAC would take an empty key
		}
		mac := stripeMAC(secret, at, body)
		for _, sig := range signatures {
			if hmac.Equal(mac, sig) {
				return nil
			}
		}
	}
	return ErrUnauthorized
}

func signStripe(h http.Header, body []byte, _, secret string, now time.Time) {
	at := strconv.FormatInt(now.Unix(), 10)
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Stripe-Signature", "t="+at+",v1="+hex.EncodeToString(stripeMAC(secret, at, body)))
}

// stripeMAC takes the whole "whsec_..." text as the key, unlike Standard Webhooks.
func stripeMAC(secret, at string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(at))
	mac.Write([]byte{'.'})
	mac.Write(body)
	return mac.Sum(nil)
}

// A stripeType is what events of all kinds and versions have.
type stripeType struct {
	ID     string `json:"id" validate:"required,id"`
	Object string `json:"object"`
	Type   string `json:"type" validate:"required,id"`
}

type stripeEvent struct {
	ID       string `json:"id" validate:"required,id"`
	Type     string `json:"type" validate:"required,id"`
	Created  int64  `json:"created" validate:"required"`
	Livemode bool   `json:"livemode"`
	Data     struct {
		Object   jsontext.Value `json:"object"`
		Previous jsontext.Value `json:"previous_attributes"`
	} `json:"data"`
}

func readStripe(h http.Header, body []byte, _ string, now time.Time) (Body, error) {
	if err := mediaType(h); err != nil {
		return Body{}, err
	}
	if err := strict(body); err != nil {
		return Body{}, err
	}
	var kind stripeType
	f := &form{lax: true}
	f.fill(body, &kind)
	b := Body{ID: kind.ID}
	if err := f.err(); err != nil {
		return b, err
	}
	if kind.Object == "v2.core.event" {
		b.Ignored = "a thin event says only that something changed; choose snapshot events in Stripe"
		return b, nil
	}
	read := stripeReader(kind.Type)
	if read == nil {
		b.Ignored = "the type " + kind.Type + " is not used here"
		return b, nil
	}
	var e stripeEvent
	f.fill(body, &e)
	at := time.Unix(e.Created, 0).UTC()
	if at.After(now.Add(ahead)) {
		f.say("created", "must not be more than five minutes ahead of our clock")
	} else if !sane(at) {
		f.say("created", "must be a time")
	}
	if e.Data.Object == nil || e.Data.Object.Kind() != '{' {
		f.say("data.object", "must be an object")
	}
	b.Mode = "test"
	if e.Livemode {
		b.Mode = "live"
	}
	if err := f.err(); err != nil {
		return b, err
	}
	f.root = "data.object"
	told := read(f, e)
	if err := f.err(); err != nil {
		return b, err
	}
	if told.payload == nil {
		b.Ignored = told.ignored
		return b, nil
	}
	b.Facts = []licence.Fact{{
		ID: "stripe/" + e.ID, To: told.names(), At: at, Source: "stripe", Payload: told.payload,
	}}
	return b, nil
}

// told by an event: a payload of a subscription and a customer, or why there is none.
type stripeTold struct {
	subscription string
	customer     string
	payload      licence.Payload
	ignored      string
}

func (t stripeTold) names() []licence.Name {
	var names []licence.Name
	for _, id := range []string{t.subscription, t.customer} {
		if id != "" {
			names = append(names, licence.Name{Sender: "stripe", ID: id})
		}
	}
	return names
}

// stripeReader is what reads the object of an event, or nil where the type is not used.
func stripeReader(kind string) func(*form, stripeEvent) stripeTold {
	switch kind {
	case "customer.subscription.created", "customer.subscription.updated", "customer.subscription.deleted",
		"customer.subscription.paused", "customer.subscription.resumed":
		return readSubscription
	case "subscription_schedule.created", "subscription_schedule.updated", "subscription_schedule.expiring",
		"subscription_schedule.completed", "subscription_schedule.released",
		"subscription_schedule.canceled", "subscription_schedule.aborted":
		return readSchedule
	case "invoice.created", "invoice.finalized", "invoice.updated", "invoice.sent", "invoice.paid",
		"invoice.payment_succeeded", "invoice.payment_failed", "invoice.payment_action_required",
		"invoice.overdue", "invoice.voided", "invoice.marked_uncollectible":
		return readInvoice
	}
	return nil
}

// A stripeRef is an object that is told by its id, or whole where it was expanded.
type stripeRef struct{ id string }

func (r *stripeRef) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	v, err := d.ReadValue()
	if err != nil {
		return err
	}
	switch v.Kind() {
	case '"':
		return json.Unmarshal(v, &r.id)
	case '{':
		var whole struct {
			ID jsontext.Value `json:"id"`
		}
		if err := json.Unmarshal(v, &whole, jsontext.AllowDuplicateNames(true)); err != nil {
			return err
		}
		if whole.ID.Kind() == '"' {
			return json.Unmarshal(whole.ID, &r.id)
		}
	}
	return nil
}

// valid says so where an id is missing, or too long to be kept.
func (r stripeRef) valid(f *form, field string) {
	if !checks["id"].ok(r.id) {
		f.say(field, checks["id"].problem)
	}
}

// unixDate is a stamp in unix seconds as a date; none where there is none.
func unixDate(unix int64) licence.Date {
	t := time.Unix(unix, 0).UTC()
	if unix == 0 || !sane(t) {
		return ""
	}
	return licence.Date(t.Format(time.RFC3339))
}
