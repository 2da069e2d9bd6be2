package webhook

import (
	"cmp"
	"crypto/hmac"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"seatmend/shared/licence"
)

const chargebeeName = "chargebee"

// chargebee is Chargebee, of both product catalogues. Nothing of it is signed: who sends proves
// itself by the user and password that were typed into its webhook. Its events hold several whole
// objects, each with its own place in time, resource_version: a fact is made of each.
var chargebee = register(Sender{
	Name:     chargebeeName,
	Routes:   []string{"billing"},
	Verify:   verifyChargebee,
	Read:     readChargebee,
	Sign:     signChargebee,
	Fresh:    func(random string) string { return "seatmend:" + random },
	Unmarked: true,
	Key:      chargebeeKey,
})

// chargebeeKey is a site and its key; sites of the test mode are named so.
func chargebeeKey(text string) string {
	site, _, _ := strings.Cut(text, ":")
	return modeOf(strings.HasSuffix(site, "-test"))
}

func verifyChargebee(h http.Header, _ []byte, secrets []string, _ time.Time) error {
	scheme, given, _ := strings.Cut(h.Get("Authorization"), " ")
	said, err := base64.StdEncoding.DecodeString(strings.TrimSpace(given))
	if !strings.EqualFold(scheme, "basic") || err != nil {
		return ErrUnauthorized
	}
	for _, secret := range secrets {
		user, password, ok := strings.Cut(secret, ":")
		if ok && user != "" && strings.TrimSpace(password) != "" && hmac.Equal([]byte(secret), said) {
			return nil
		}
	}
	return ErrUnauthorized
}

func signChargebee(h http.Header, _ []byte, _, secret string, _ time.Time) {
	h.Set("Content-Type", "application/json;charset=UTF-8")
	h.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(secret)))
}

// A chargebeeType is what events of all kinds have.
type chargebeeType struct {
	ID   string `json:"id" validate:"required,id"`
	Type string `json:"event_type" validate:"required,id"`
}

type chargebeeEvent struct {
	ID      string `json:"id" validate:"required,id"`
	Type    string `json:"event_type" validate:"required,id"`
	At      int64  `json:"occurred_at" validate:"required"`
	Version string `json:"api_version"`
	// One list has two names, by the page that tells of it, and holds objects or is one.
	Content struct {
		Subscription  jsontext.Value `json:"subscription"`
		Subscriptions jsontext.Value `json:"subscriptions"`
		Invoice       jsontext.Value `json:"invoice"`
		Invoices      jsontext.Value `json:"invoices"`
		CreditNote    jsontext.Value `json:"credit_note"`
		CreditNotes   jsontext.Value `json:"credit_notes"`
		Transaction   jsontext.Value `json:"transaction"`
		Transactions  jsontext.Value `json:"transactions"`
		Ramp          jsontext.Value `json:"ramp"`
		Ramps         jsontext.Value `json:"ramps"`
		Schedule      jsontext.Value `json:"payment_schedule"`
		Schedules     jsontext.Value `json:"payment_schedules"`
		Term          jsontext.Value `json:"contract_term"`
	} `json:"content"`
}

// chargebeeTypes are how the types begin that may touch seats, a schedule, an invoice, a payment or a
// dispute. What one of them holds decides what is read of it.
var chargebeeTypes = []string{"subscription_", "invoice_", "pending_invoice_", "credit_note_", "payment_", "netd_payment_",
	"transaction_", "refund_", "dunning_", "tax_withheld_", "customer_deleted", "contract_term_"}

func readChargebee(h http.Header, body []byte, _ string, now time.Time) (Body, error) {
	if err := mediaType(h); err != nil {
		return Body{}, err
	}
	if err := strict(body); err != nil {
		return Body{}, err
	}
	var kind chargebeeType
	f := &form{lax: true}
	f.fill(body, &kind)
	b := Body{ID: kind.ID, Type: kind.Type}
	if err := f.err(); err != nil {
		return b, err
	}
	if !begins(kind.Type, chargebeeTypes) {
		b.Ignored = "the type " + kind.Type + " is not used here"
		return b, nil
	}
	var e chargebeeEvent
	f.fill(body, &e)
	f.instant("occurred_at", time.Unix(e.At, 0), now)
	if e.Version == "v1" {
		f.say("api_version", "must be v2: choose it for this webhook in Chargebee")
	}
	t := e.telling(f, now)
	if err := f.err(); err != nil {
		b.About, b.Doubts = t.names(chargebeeName), t.inDoubt(chargebeeName, e.ID, time.Unix(e.At, 0).UTC(), now)
		return b, err
	}
	if b.Hints = e.terms(); b.Hints != nil && len(t.news) == 0 {
		b.Ignored = "a contract term names no seats: where there is a key in chargebee_api its subscription is read"
		return b, nil
	}
	if b.Ignored = t.ignored; b.Ignored == "" {
		b.Facts = t.facts(e.catalogue(), e.ID, time.Unix(e.At, 0).UTC())
	}
	return b, nil
}

func begins(s string, with []string) bool {
	for _, w := range with {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	return false
}

// terms are the subscriptions whose contracts changed. How a contract ends decides how they go on, and the
// subscription itself says it.
func (e chargebeeEvent) terms() (hints []licence.Hint) {
	var term struct {
		Subscription string `json:"subscription_id" validate:"omitempty,id"`
	}
	f := &form{lax: true}
	if e.Content.Term.Kind() == '{' && e.Content.Subscription == nil {
		f.fill(e.Content.Term, &term)
	}
	if term.Subscription == "" || f.err() != nil {
		return nil
	}
	return []licence.Hint{{Kind: "subscription", ID: term.Subscription, To: []licence.Name{{Sender: chargebeeName, ID: term.Subscription}}}}
}

// catalogue begins the ids of an event's facts. Two webhooks of one site may tell one event in two product
// catalogues: both are heard, and what the second catalogue says holds, since its ids are greater.
func (e chargebeeEvent) catalogue() string {
	first := func(v jsontext.Value) bool {
		var o struct {
			Plan  string          `json:"plan_id"`
			Items jsontext.Value  `json:"subscription_items"`
			Lines []chargebeeLine `json:"line_items"`
		}
		(&form{lax: true}).fill(v, &o)
		return o.Plan != "" && o.Items == nil || slices.ContainsFunc(o.Lines, func(l chargebeeLine) bool { return l.Kind == "plan" || l.Kind == "addon" || l.Kind == "plan_setup" })
	}
	c := e.Content
	for _, v := range []jsontext.Value{c.Subscription, c.Subscriptions, c.Invoice, c.Invoices} {
		if slices.ContainsFunc(objects(v), first) {
			return chargebeeName + "-1"
		}
	}
	return chargebeeName
}

// chargebeeStamp is what every object has that changes.
type chargebeeStamp struct {
	Version int64 `json:"resource_version"` // unix milliseconds: of two the greater is the later
	Updated int64 `json:"updated_at"`
	Deleted bool  `json:"deleted"`
}

// at is the object's place in time, and whether that is of whole seconds.
func (s chargebeeStamp) at(event int64) (at time.Time, coarse bool) {
	switch {
	case s.Version != 0:
		return time.UnixMilli(s.Version).UTC(), false
	case s.Updated != 0:
		return time.Unix(s.Updated, 0).UTC(), true
	}
	return time.Unix(event, 0).UTC(), true
}

// mostSubscriptions is how many of one body are told: each is a change of its own that must be stored
// before the sender is answered.
const mostSubscriptions = 50

// telling is all that the event's objects tell.
func (e chargebeeEvent) telling(f *form, now time.Time) (t telling) {
	c := e.Content
	read := func(name string, one func(*form, chargebeeEvent, jsontext.Value) chargebeeTold, values ...jsontext.Value) {
		for _, v := range values {
			for _, object := range objects(v) {
				f.root = "content." + name
				o := one(f, e, object)
				at, coarse := o.stamp.at(e.At)
				if f.instant(f.root+".resource_version", at, now); at.Year() < 2000 {
					f.say(f.root+".resource_version", "must be unix milliseconds")
				}
				if t.about == nil {
					t.about = o.about
				}
				for _, n := range o.news {
					if n.about == nil {
						n.about = o.about
					}
					t.news = append(t.news, news{n.about, at, coarsely(n.payload, coarse)})
				}
				for _, n := range o.doubts {
					t.doubts = append(t.doubts, news{n.about, at, coarsely(n.payload, coarse)})
				}
				t.ignored = cmp.Or(t.ignored, o.ignored)
			}
		}
	}
	if n := len(objects(c.Subscriptions)) + len(objects(c.Subscription)); n > mostSubscriptions {
		f.say("content.subscriptions", "must have at most "+strconv.Itoa(mostSubscriptions)+" entries")
		return t
	}
	read("subscription", readChargebeeSubscription, c.Subscription, c.Subscriptions)
	read("ramp", readChargebeeRamp, c.Ramp, c.Ramps)
	read("invoice", readChargebeeInvoice, c.Invoice, c.Invoices)
	read("credit_note", readChargebeeCreditNote, c.CreditNote, c.CreditNotes)
	read("payment_schedule", readChargebeeSchedule, c.Schedule, c.Schedules)
	read("transaction", readChargebeeTransaction, c.Transaction, c.Transactions)
	t.ignored = cmp.Or(t.ignored, "the type "+e.Type+" holds nothing that is used here")
	if f.root = ""; len(t.news) > 0 {
		t.ignored = ""
	}
	return t
}

// A chargebeeTold is what one object of an event tells.
type chargebeeTold struct {
	telling
	stamp chargebeeStamp
}

// coarsely marks what was told by a clock of whole seconds.
func coarsely(p licence.Payload, coarse bool) licence.Payload {
	switch p := p.(type) {
	case licence.SubscriptionChanged:
		p.Coarse = coarse
		return p
	case licence.ScheduleChanged:
		p.Coarse = coarse
		return p
	case licence.InvoiceChanged:
		p.Coarse = coarse
		return p
	}
	return p
}

// objects are those of a value: one, a list of them, or none.
func objects(v jsontext.Value) (all []jsontext.Value) {
	switch v.Kind() {
	case '{':
		return []jsontext.Value{v}
	case '[':
		var list struct {
			All []jsontext.Value `json:"all"`
		}
		(&form{lax: true}).fill(append(append([]byte(`{"all":`), v...), '}'), &list)
		for _, one := range list.All {
			if one.Kind() == '{' {
				all = append(all, one)
			}
		}
	}
	return all
}
