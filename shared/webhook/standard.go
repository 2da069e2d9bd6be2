package webhook

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"seatmend/shared/licence"
)

// standard is the general sender: Standard Webhooks 1.0.0, v1 (a shared secret) and v1a (a
// public key, "whpk_..."), with the types of this file's table.
var standard = register(Sender{
	Name:   "standard",
	Routes: []string{"billing", "users"},
	Verify: verifyStandard,
	Read: func(h http.Header, body []byte, _ string, now time.Time) (Body, error) {
		return readSigned(h, body, "standard", now)
	},
	Sign:  signStandard,
	Fresh: func(random string) string { return "whsec_" + random },
	Mends: true,
})

// mostSignatures bounds the work that an unproved header can cause.
const mostSignatures = 32

func verifyStandard(h http.Header, body []byte, secrets []string, now time.Time) error {
	id, sameID := headerOf(h, "id")
	at, sameAt := headerOf(h, "timestamp")
	all, same := headerOf(h, "signature")
	unix, err := strconv.ParseInt(at, 10, 64)
	if err != nil || id == "" || !within(unix, now) || !sameID || !sameAt || !same {
		return ErrUnauthorized
	}
	signed := signedContent(id, at, body)
	signatures := strings.Fields(all)
	signatures = signatures[:min(len(signatures), mostSignatures)]
	for _, secret := range secrets {
		if public, ok := strings.CutPrefix(secret, "whpk_"); ok {
			key := unbase64(public)
			for _, s := range signatures {
				sig, ok := strings.CutPrefix(s, "v1a,")
				if ok && len(key) == ed25519.PublicKeySize && ed25519.Verify(key, signed, unbase64(sig)) {
					return nil
				}
			}
			continue
		}
		mac := standardMAC(secret, signed)
		for _, s := range signatures {
			sig, ok := strings.CutPrefix(s, "v1,")
			if ok && mac != nil && hmac.Equal(mac, unbase64(sig)) {
				return nil
			}
		}
	}
	return ErrUnauthorized
}

// headerOf is a header of a Standard Webhook, under its own name or that of Svix, who had them first.
// False: it stands there under both, and differs.
func headerOf(h http.Header, name string) (string, bool) {
	own, svix := h.Values("webhook-"+name), h.Values("svix-"+name)
	if len(own) == 0 {
		own = svix
	}
	return strings.Join(own, " "), len(svix) == 0 || slices.Equal(own, svix)
}

// signStandard signs with a shared secret. A public key signs nothing.
func signStandard(h http.Header, body []byte, id, secret string, now time.Time) {
	at := strconv.FormatInt(now.Unix(), 10)
	h.Set("Content-Type", "application/json")
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", at)
	h.Del("webhook-signature")
	if mac := standardMAC(secret, signedContent(id, at, body)); mac != nil {
		h.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(mac))
	}
}

func signedContent(id, at string, body []byte) []byte {
	b := make([]byte, 0, len(id)+len(at)+2+len(body))
	b = append(append(b, id...), '.')
	b = append(append(b, at...), '.')
	return append(b, body...)
}

// standardMAC is nil where the secret is empty or no base64: HMAC would take an empty key.
func standardMAC(secret string, signed []byte) []byte {
	key := unbase64(strings.TrimPrefix(secret, "whsec_"))
	if len(key) == 0 {
		return nil
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(signed)
	return mac.Sum(nil)
}

// unbase64 takes base64 with and without padding; what is no base64 is nil.
func unbase64(s string) []byte {
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	if err != nil {
		return nil
	}
	return b
}

// An envelope is the body of a Standard Webhook.
type envelope struct {
	ID        string         `json:"-"` // the header's, or in a file the one beside the type
	Type      string         `json:"type" validate:"required,id"`
	Timestamp time.Time      `json:"timestamp" validate:"required"`
	Data      jsontext.Value `json:"data"`
}

type envelopeType struct {
	Type string `json:"type" validate:"required,id"`
}

// told is the data of one type.
type wire interface {
	// payload is what the data says, and of which account. It says what the tags cannot check.
	payload(f *form, now time.Time) (account string, p licence.Payload)
}

// types are what the standard sender may tell.
var types = map[string]func() wire{
	"account.changed":       func() wire { return new(accountChanged) },
	"subscription.changed":  func() wire { return new(subscriptionChanged) },
	"invoice.changed":       func() wire { return new(invoiceChanged) },
	"seat.changed":          func() wire { return new(seatChanged) },
	"seats.listed":          func() wire { return new(seatsListed) },
	"licence.reported":      func() wire { return new(licenceReported) },
	"installation.reported": func() wire { return new(installationReported) },
	"source.checked":        func() wire { return new(sourceChecked) },
	"payment.claimed":       func() wire { return new(paymentClaimed) },
	"arrangement.changed":   func() wire { return new(arrangementChanged) },
	"activation.tried":      func() wire { return new(activationTried) },
	"finding.answered":      func() wire { return new(findingAnswered) },
	"licence.issued":        func() wire { return new(licenceIssued) },
}

// readSigned reads a body whose id is in its headers.
func readSigned(h http.Header, body []byte, source string, now time.Time) (Body, error) {
	if err := mediaType(h); err != nil {
		return Body{}, err
	}
	e, err := open(body)
	if err != nil {
		return Body{}, err
	}
	e.ID, _ = headerOf(h, "id") // that both are the same is part of the proof
	return e.read(source, now)
}

// open reads the envelope. The type comes first: of one that we do not use nothing else is
// judged, since its shape is not ours to know.
func open(body []byte) (envelope, error) {
	var e envelope
	if err := strict(body); err != nil {
		return e, err
	}
	var kind envelopeType
	f := &form{}
	if f.fill(body, &kind); f.err() != nil {
		// Say what else is wrong as well.
		f.fill(body, &e)
		return e, f.err()
	}
	if types[kind.Type] == nil && kind.Type != loginWarned {
		return envelope{Type: kind.Type}, nil
	}
	f.fill(body, &e)
	if e.Data == nil || e.Data.Kind() != '{' {
		f.say("data", "must be an object")
	}
	return e, f.err()
}

// wireFor is an empty form of what the source may tell under this type, or nil.
func (e envelope) wireFor(source string) wire {
	if source == loginName && e.Type == loginWarned {
		return new(loginWarning)
	}
	if empty := types[e.Type]; empty != nil && source != loginName {
		return empty()
	}
	return nil
}

// meant says what the sender of a type that is not used may have had in mind: another route, or a type of nearly that name.
func meant(kind, source string) string {
	switch {
	case kind == loginWarned:
		return "; post it to /login-warnings, signed with a secret of login"
	case types[kind] != nil:
		return "; post it to /users/standard, signed with a secret of standard"
	case source == loginName:
		return ""
	}
	if near := Nearest(kind, slices.Sorted(maps.Keys(types))); near != "" {
		return "; is it " + near + "?"
	}
	return ""
}

// read makes the fact of an envelope.
func (e envelope) read(source string, now time.Time) (Body, error) {
	b := Body{ID: e.ID, Type: e.Type}
	f := &form{}
	if !checks["id"].ok(e.ID) {
		f.say("webhook-id", checks["id"].problem)
		return b, f.err()
	}
	data := e.wireFor(source)
	if data == nil {
		b.Ignored = "the type " + e.Type + " is not used here" + meant(e.Type, source)
		return b, nil
	}
	if e.Timestamp.After(now.Add(ahead)) {
		f.say("timestamp", "must not be more than five minutes ahead of our clock")
	}
	f.root = "data"
	f.fill(e.Data, data)
	if err := f.err(); err != nil {
		return b, err // the tags come first: payload may rely on them
	}
	account, p := data.payload(f, now)
	if err := f.err(); err != nil {
		return b, err
	}
	b.Facts = []licence.Fact{{
		ID:      source + "/" + e.ID,
		To:      addressed(account, p),
		At:      e.Timestamp,
		Source:  source,
		Payload: p,
	}}
	return b, nil
}

// addressed is whom a fact is about. Who warns of a login knows the installation, not our
// name of the account.
func addressed(account string, p licence.Payload) []licence.Name {
	if w, ok := p.(licence.LoginWarned); ok {
		return []licence.Name{licence.CustName(w.CustID), {Sender: "serial", ID: w.Serial}}
	}
	return []licence.Name{{Sender: "account", ID: account}}
}
