package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"seatmend/shared/licence"
)

const recurlyName = "recurly"

// recurly is Recurly, whose webhooks say no more than that something changed: the id is that of the
// object, the same in every event about it, and two events of one second are alike. So each hook is a
// read, and none is one that was seen before.
var recurly = register(Sender{
	Name:     recurlyName,
	Routes:   []string{"billing"},
	Verify:   verifyRecurly,
	Read:     readRecurly,
	Sign:     signRecurly,
	Unmarked: true,
	Key:      recurlyKey,
})

// recurlyKey is a key, before which may stand where it is one: nothing in a key says so.
func recurlyKey(text string) string {
	where, _, ok := strings.Cut(text, ":")
	return modeOf(ok && strings.HasSuffix(where, "test"))
}

// verifyRecurly takes any of several signatures, of unix milliseconds and the body. The key is the whole
// secret as text, though it looks like hexadecimal.
func verifyRecurly(h http.Header, body []byte, secrets []string, now time.Time) error {
	at, list, _ := strings.Cut(h.Get("Recurly-Signature"), ",")
	ms, err := strconv.ParseInt(at, 10, 64)
	if err != nil || !within(ms/1000, now) {
		return ErrUnauthorized
	}
	parts := strings.SplitN(list, ",", mostSignatures+1)
	for _, secret := range secrets {
		if strings.TrimSpace(secret) == "" {
			continue // HMAC would take an empty key
		}
		mac := recurlyMAC(secret, at, body)
		for _, part := range parts[:min(len(parts), mostSignatures)] {
			if sig, err := hex.DecodeString(strings.TrimSpace(part)); err == nil && hmac.Equal(mac, sig) {
				return nil
			}
		}
	}
	return ErrUnauthorized
}

func signRecurly(h http.Header, body []byte, _, secret string, now time.Time) {
	at := strconv.FormatInt(now.UnixMilli(), 10)
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Recurly-Signature", at+","+hex.EncodeToString(recurlyMAC(secret, at, body)))
}

func recurlyMAC(secret, at string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(at))
	mac.Write([]byte{'.'})
	mac.Write(body)
	return mac.Sum(nil)
}

type recurlyHook struct {
	ID     string `json:"id" validate:"required,id"`
	UUID   string `json:"uuid" validate:"omitempty,id"`
	Object string `json:"object_type" validate:"required,id"`
	Event  string `json:"event_type" validate:"required,id"`
	Time   string `json:"event_time" validate:"omitempty,id"`
}

// hint is what is to be read; nil: nothing that is used here.
func (w recurlyHook) hint() *licence.Hint {
	h := licence.Hint{Kind: "subscription", ID: w.ID}
	switch w.Object {
	case "subscription":
	case "pending_change", "subscription_change": // the id may be that of the change
		if w.UUID != "" {
			h.ID = "uuid-" + w.UUID
		}
	case "charge_invoice", "credit_invoice", "invoice", "dunning_event":
		h.Kind = "invoice"
	default: // of a payment its invoice tells
		return nil
	}
	h.To = []licence.Name{{Sender: recurlyName, ID: w.ID}}
	return &h
}

func readRecurly(h http.Header, body []byte, _ string, _ time.Time) (Body, error) {
	if err := mediaType(h); err != nil {
		return Body{}, err
	}
	if err := strict(body); err != nil {
		return Body{}, err
	}
	var w recurlyHook
	f := &form{lax: true}
	f.fill(body, &w)
	b := Body{ID: w.ID, Type: w.Object + "." + w.Event}
	if err := f.err(); err != nil {
		return b, err
	}
	hint := w.hint()
	if hint == nil {
		b.Ignored = "the type " + b.Type + " is not used here"
		return b, nil
	}
	b.About, b.Hints = hint.To, []licence.Hint{*hint}
	b.Thin = "Recurly says only that something changed: give a key in recurly_api, by which it can be read"
	return b, nil
}
