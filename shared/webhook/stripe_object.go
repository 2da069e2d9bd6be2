package webhook

import (
	"strings"
	"time"

	"seatmend/shared/licence"
)

// stripeKinds are what Stripe calls its objects, as the kinds that are read back.
var stripeKinds = map[string]func(*form, stripeEvent) stripeTold{
	"subscription": readSubscription, "schedule": readSchedule, "invoice": readInvoice, "invoice_payment": readInvoicePayment,
	"charge": readRefunded, "refund": readRefund, "dispute": readDispute, "credit_note": readCreditNote,
}

// stripeObject decodes what Stripe's API gives, in any version.
func stripeObject(kind string, object []byte, at time.Time) ([]licence.Fact, error) {
	return decoded("stripe", kind, object, at, func(f *form) (told telling) {
		var gone struct {
			Deleted bool `json:"deleted"`
		}
		f.fill(object, &gone)
		read := stripeKinds[kind]
		switch {
		case read == nil:
			return unread(f)
		case gone.Deleted:
			return told
		}
		e := stripeEvent{Created: at.Unix()}
		e.Data.Object = object
		t := read(f, e)
		told.about, told.doubts = t.about, t.doubts
		if t.payload != nil {
			told.add(t.payload)
		}
		if t.paid != nil {
			told.add(*t.paid)
		}
		return told
	})
}

// A stripeThin is an event that names its object and does not tell it.
type stripeThin struct {
	ID       string `json:"id" validate:"required,id"`
	Type     string `json:"type" validate:"required,id"`
	Livemode bool   `json:"livemode"`
	Related  struct {
		ID   string `json:"id" validate:"omitempty,id"`
		Type string `json:"type"`
	} `json:"related_object"`
}

// readStripeThin reads which object a thin event is about: of the types that are used, which have the
// names of snapshot events behind "v1.".
func readStripeThin(body []byte) (Body, error) {
	var e stripeThin
	f := &form{lax: true}
	f.fill(body, &e)
	b := Body{ID: e.ID, Type: e.Type, Mode: "test"}
	if e.Livemode {
		b.Mode = "live"
	}
	if err := f.err(); err != nil {
		return b, err
	}
	kind := e.Related.Type
	if kind == "subscription_schedule" {
		kind = "schedule"
	}
	if stripeReader(strings.TrimPrefix(e.Type, "v1.")) == nil || stripeKinds[kind] == nil || e.Related.ID == "" {
		b.Ignored = "the type " + e.Type + " is not used here"
		return b, nil
	}
	b.About = []licence.Name{{Sender: "stripe", ID: e.Related.ID}}
	b.Hints = []licence.Hint{{Kind: kind, ID: e.Related.ID, Thin: true, To: b.About}}
	b.Thin = "a thin event says only that something changed: choose snapshot events in Stripe, or give a key in stripe_api, by which it can be read"
	return b, nil
}
