package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"seatmend/shared/licence"
)

const paddleName = "paddle"

// paddle is Paddle Billing. Its notifications hold whole objects, in the order of occurred_at, a
// fraction of a second; one event comes once for each destination, under the same event_id.
var paddle = register(Sender{
	Name:     paddleName,
	Routes:   []string{"billing"},
	Verify:   verifyPaddle,
	Read:     readPaddle,
	Sign:     signPaddle,
	Fresh:    func(random string) string { return "pdl_ntfset_" + random },
	Unmarked: true,
	Key:      paddleKey,
})

func paddleKey(text string) string { return modeOf(strings.HasPrefix(text, "pdl_sdbx_")) }

// verifyPaddle takes any of several h1, and 300 s either way: Paddle's own SDKs differ in both.
func verifyPaddle(h http.Header, body []byte, secrets []string, now time.Time) error {
	var at string
	var signatures [][]byte
	for part := range strings.SplitSeq(h.Get("Paddle-Signature"), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "ts":
			at = value
		case "h1":
			if sig, err := hex.DecodeString(value); err == nil && len(signatures) < mostSignatures {
				signatures = append(signatures, sig)
			}
		}
	}
	return stamped(at, ":", body, signatures, secrets, now)
}

func signPaddle(h http.Header, body []byte, _, secret string, now time.Time) {
	at := strconv.FormatInt(now.Unix(), 10)
	h.Set("Content-Type", "application/json")
	h.Set("Paddle-Signature", "ts="+at+";h1="+hex.EncodeToString(stampedMAC(secret, at, ":", body)))
}

// stamped verifies a body that is signed together with unix seconds, by the whole text of a secret.
func stamped(at, mark string, body []byte, signatures [][]byte, secrets []string, now time.Time) error {
	unix, err := strconv.ParseInt(at, 10, 64)
	if err != nil || !within(unix, now) {
		return ErrUnauthorized
	}
	for _, secret := range secrets {
		if strings.TrimSpace(secret) == "" {
			continue // HMAC would take an empty key
		}
		mac := stampedMAC(secret, at, mark, body)
		for _, sig := range signatures {
			if hmac.Equal(mac, sig) {
				return nil
			}
		}
	}
	return ErrUnauthorized
}

func stampedMAC(secret, at, mark string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(at + mark))
	mac.Write(body)
	return mac.Sum(nil)
}

// A paddleType is what events of all kinds have.
type paddleType struct {
	ID   string `json:"event_id" validate:"required,id"`
	Type string `json:"event_type" validate:"required,id"`
}

type paddleEvent struct {
	ID   string         `json:"event_id" validate:"required,id"`
	Type string         `json:"event_type" validate:"required,id"`
	At   time.Time      `json:"occurred_at" validate:"required"`
	Data jsontext.Value `json:"data"`
}

func readPaddle(h http.Header, body []byte, _ string, now time.Time) (Body, error) {
	if err := mediaType(h); err != nil {
		return Body{}, err
	}
	if err := strict(body); err != nil {
		return Body{}, err
	}
	var kind paddleType
	f := &form{lax: true}
	f.fill(body, &kind)
	b := Body{ID: kind.ID, Type: kind.Type}
	if err := f.err(); err != nil {
		return b, err
	}
	read := paddleReader(kind.Type)
	if read == nil {
		b.Ignored = "the type " + kind.Type + " is not used here"
		return b, nil
	}
	var e paddleEvent
	f.fill(body, &e)
	f.instant("occurred_at", e.At, now)
	if e.Data.Kind() != '{' {
		f.say("data", "must be an object")
	}
	if f.err() != nil {
		t := read(&form{lax: true}, e)
		b.About, b.Doubts = t.names(paddleName), t.inDoubt(paddleName, e.ID, e.At.UTC(), now)
		return b, f.err()
	}
	f.root = "data"
	t := read(f, e)
	if err := f.err(); err != nil {
		b.About, b.Doubts = t.names(paddleName), t.inDoubt(paddleName, e.ID, e.At.UTC(), now)
		return b, err
	}
	if b.Ignored = t.ignored; b.Ignored == "" {
		b.Facts = t.facts(t.apart(paddleName), e.ID, e.At.UTC())
	}
	return b, nil
}

// paddleObject decodes what Paddle's API gives.
func paddleObject(kind string, object []byte, at time.Time) ([]licence.Fact, error) {
	return decoded(paddleName, kind, object, at, func(f *form) telling {
		e := paddleEvent{At: at, Data: object}
		switch kind {
		case "subscription":
			return readPaddleSubscription(f, e)
		case "invoice":
			return readPaddleTransaction(f, e)
		case "adjustment":
			return readPaddleAdjustment(f, e)
		}
		return unread(f)
	})
}

// paddleReader is what reads the data of an event, or nil where the type is not used.
func paddleReader(kind string) func(*form, paddleEvent) telling {
	switch kind {
	case "subscription.created", "subscription.activated", "subscription.trialing", "subscription.updated",
		"subscription.past_due", "subscription.paused", "subscription.resumed", "subscription.canceled",
		"subscription.imported":
		return readPaddleSubscription
	case "transaction.created", "transaction.ready", "transaction.billed", "transaction.paid", "transaction.completed",
		"transaction.past_due", "transaction.payment_failed", "transaction.canceled", "transaction.updated",
		"transaction.revised":
		return readPaddleTransaction
	case "adjustment.created", "adjustment.updated":
		return readPaddleAdjustment
	}
	return nil
}

type paddleSubscription struct {
	ID        string       `json:"id" validate:"required,id"`
	Customer  string       `json:"customer_id" validate:"required,id"`
	Status    string       `json:"status"`
	Items     []paddleItem `json:"items" validate:"dive"`
	NextBill  instant      `json:"next_billed_at"`
	Canceled  instant      `json:"canceled_at"`
	Scheduled struct {
		Action string  `json:"action"`
		At     instant `json:"effective_at"`
		Resume instant `json:"resume_at"`
	} `json:"scheduled_change"`
}

type paddleItem struct {
	Quantity  *int `json:"quantity" validate:"required,gte=0,lte=1000000000"`
	Recurring bool `json:"recurring"`
	Price     struct {
		ID string `json:"id" validate:"omitempty,id"`
	} `json:"price"`
}

// readPaddleSubscription reads what is ordered. A scheduled change of Paddle's never changes a number
// of seats: it ends, pauses or resumes the whole; and paused or canceled items keep their quantities.
func readPaddleSubscription(f *form, e paddleEvent) telling {
	var s paddleSubscription
	f.fill(e.Data, &s)
	t := telling{about: []string{s.ID, s.Customer}}
	if t.doubt(licence.SubscriptionChanged{Subscription: s.ID}); f.err() != nil {
		return t
	}
	p := licence.SubscriptionChanged{Subscription: s.ID, Items: []licence.Item{}, Uncounted: s.Items == nil}
	for _, it := range s.Items {
		switch {
		case !it.Recurring: // sold once
		case it.Price.ID == "":
			p.Uncounted = true // of which price it is, is not told
		default:
			p.Items = append(p.Items, licence.Item{Prices: []string{it.Price.ID}, Quantity: *it.Quantity})
		}
	}
	next := s.NextBill
	switch s.Status {
	case "active", "trialing", "past_due", "paused":
		p.Status = s.Status
	case "canceled":
		p.Status, p.EndsAt, next = "ended", dateAt(s.Canceled.Time), instant{}
	default:
		f.say("data.status", "must be a status of a subscription that we know")
	}
	switch change := s.Scheduled; change.Action {
	case "cancel":
		p.EndsAt = dateAt(change.At.Time)
		if !next.Before(change.At.Time) {
			next = instant{}
		}
	case "pause":
		if next.IsZero() {
			next = change.Resume
		}
	case "resume":
		if next.IsZero() {
			next = change.At // it is billed from then on
		}
	}
	p.RenewsAt = dateAt(next.Time)
	t.add(p)
	return t
}
