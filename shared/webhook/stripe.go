package webhook

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"seatmend/shared/licence"
)

// stripe is Stripe Billing, by snapshot events of any API version: before and after
// 2025-03-31.basil, which moved periods to the items and subscriptions into a parent.
var stripe = register(Sender{
	Name:   "stripe",
	Routes: []string{"billing"},
	Verify: verifyStripe,
	Read:   readStripe,
	Sign:   signStripe,
	Fresh:  func(random string) string { return "whsec_" + random },
	Key:    stripeKey,
})

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
	return stamped(at, ".", body, signatures, secrets, now)
}

func signStripe(h http.Header, body []byte, _, secret string, now time.Time) {
	at := strconv.FormatInt(now.Unix(), 10)
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Stripe-Signature", "t="+at+",v1="+hex.EncodeToString(stampedMAC(secret, at, ".", body)))
}

// A stripeType is what events of all kinds and versions have.
type stripeType struct {
	ID     string `json:"id" validate:"required,id"`
	Object string `json:"object"`
	Type   string `json:"type" validate:"required,id"`
}

func stripeKey(text string) string { return modeOf(strings.Contains(text, "_test_")) }

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

// before is the event with its object as it was before what it tells of; false: it tells nothing
// of that. The object then has the former values of what previous_attributes name.
func (e stripeEvent) before() (stripeEvent, bool) {
	if e.Data.Previous.Kind() != '{' {
		return e, false
	}
	was, err := overlay(e.Data.Object, e.Data.Previous)
	e.Data.Object, e.Data.Previous = was, nil
	return e, err == nil
}

// overlay puts values over those of an object: objects one into the other, all else whole.
func overlay(under, over jsontext.Value) (jsontext.Value, error) {
	if under.Kind() != '{' || over.Kind() != '{' {
		return over, nil
	}
	var both, put map[string]jsontext.Value
	if err := errors.Join(json.Unmarshal(under, &both), json.Unmarshal(over, &put)); err != nil {
		return nil, err
	}
	for name, v := range put {
		v, err := overlay(both[name], v)
		if err != nil {
			return nil, err
		}
		both[name] = v
	}
	return json.Marshal(both)
}

// created tells whether the event is that which made its object: none comes before it.
func (e stripeEvent) created() bool { return strings.HasSuffix(e.Type, ".created") }

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
	b := Body{ID: kind.ID, Type: kind.Type}
	if err := f.err(); err != nil {
		return b, err
	}
	if kind.Object == "v2.core.event" {
		return readStripeThin(body)
	}
	read := stripeReader(kind.Type)
	if read == nil {
		b.Ignored = "the type " + kind.Type + " is not used here"
		return b, nil
	}
	var e stripeEvent
	f.fill(body, &e)
	b.Mode = "test"
	if e.Livemode {
		b.Mode = "live"
	}
	at := time.Unix(e.Created, 0).UTC()
	refuse := func(err error) (Body, error) {
		told := read(&form{lax: true}, e)
		b.About, b.Doubts = told.names(), telling{about: told.about, doubts: told.doubts}.inDoubt("stripe", e.ID, at, now)
		return b, err
	}
	f.instant("created", at, now)
	if e.Data.Object == nil || e.Data.Object.Kind() != '{' {
		f.say("data.object", "must be an object")
	}
	if err := f.err(); err != nil {
		return refuse(err)
	}
	f.root = "data.object"
	told := read(f, e)
	if err := f.err(); err != nil {
		return refuse(err)
	}
	if told.payload == nil {
		b.Ignored = told.ignored
		return b, nil
	}
	fact := licence.Fact{ID: telling{news: []news{{payload: told.payload}}}.apart("stripe") + "/" + e.ID, To: told.names(), At: at, Source: "stripe", Payload: told.payload}
	b.Facts = []licence.Fact{fact}
	if told.paid != nil {
		fact.ID, fact.Payload = fact.ID+"/payment", *told.paid
		b.Facts = append(b.Facts, fact)
	}
	return b, nil
}

// told by an event: a payload and whom it is about, or why there is none.
type stripeTold struct {
	about   []string // ids of Stripe's, the most precise first and the customer last
	payload licence.Payload
	ignored string
	// paid ties an invoice to its payment. It is a fact of its own, since one event may tell it in
	// one API version and not in another, and is the same event still.
	paid   *licence.PaymentChanged
	doubts []news // as of a telling
}

func (t stripeTold) names() []licence.Name { return namesOf("stripe", t.about) }

// stripeOwner is who owns an object: a customer, or since 2025 an account that stands for one. The
// account counts only where there is no customer, so that one event has one address in all versions.
type stripeOwner struct {
	Customer stripeRef `json:"customer"`
	Account  stripeRef `json:"customer_account"`
}

func (o stripeOwner) id() string { return cmp.Or(o.Customer.id, o.Account.id) }

func (o stripeOwner) valid(f *form) { stripeRef{o.id()}.valid(f, "data.object.customer") }

// stripeReader is what reads the object of an event, or nil where the type is not used.
func stripeReader(kind string) func(*form, stripeEvent) stripeTold {
	switch kind {
	case "customer.subscription.created", "customer.subscription.updated", "customer.subscription.deleted",
		"customer.subscription.paused", "customer.subscription.resumed",
		"customer.subscription.pending_update_applied", "customer.subscription.pending_update_expired":
		return readSubscription
	case "subscription_schedule.created", "subscription_schedule.updated", "subscription_schedule.expiring",
		"subscription_schedule.completed", "subscription_schedule.released",
		"subscription_schedule.canceled", "subscription_schedule.aborted":
		return readSchedule
	case "invoice.created", "invoice.finalized", "invoice.updated", "invoice.sent", "invoice.paid",
		"invoice.payment_succeeded", "invoice.payment_failed", "invoice.payment_action_required",
		"invoice.payment_attempt_required", "invoice.will_be_due", "invoice.overdue", "invoice.overpaid",
		"invoice.voided", "invoice.marked_uncollectible":
		return readInvoice
	case "invoice_payment.paid":
		return readInvoicePayment
	case "charge.refunded":
		return readRefunded
	case "refund.failed", "refund.updated", "charge.refund.updated":
		return readRefund
	case "charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed",
		"charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated":
		return readDispute
	case "credit_note.created", "credit_note.updated", "credit_note.voided":
		return readCreditNote
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
	if v.Kind() == '{' {
		var whole struct {
			ID jsontext.Value `json:"id"`
		}
		(&form{lax: true}).fill(v, &whole)
		v = whole.ID
	}
	if v.Kind() == '"' {
		err = json.Unmarshal(v, &r.id)
	}
	return err
}

// valid says so where an id is missing, or too long to be kept.
func (r stripeRef) valid(f *form, field string) {
	if !checks["id"].ok(r.id) {
		f.say(field, checks["id"].problem)
	}
}

// unixDate is a stamp in unix seconds as a date; none where there is none.
func unixDate(unix int64) licence.Date {
	if unix == 0 {
		return ""
	}
	return dateAt(time.Unix(unix, 0))
}
