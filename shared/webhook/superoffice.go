package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"seatmend/shared/licence"
)

// superoffice is SuperOffice CRM itself. Its events say that a user, a person or a request
// changed, never what of the licence did: each is a hint that owes a read.
var superoffice = register(Sender{
	Name:   "superoffice",
	Routes: []string{"users"},
	Verify: verifySuperOffice,
	Read:   readSuperOffice,
	Sign:   signSuperOffice,
})

const superOfficeSignature = "X-SuperOffice-Signature"

// verifySuperOffice has no time to look at: none is signed. A body that is played again has
// its old EventId, and asks for no more than a read.
func verifySuperOffice(h http.Header, body []byte, secrets []string, _ time.Time) error {
	sig := unbase64(h.Get(superOfficeSignature))
	for _, secret := range secrets {
		if strings.TrimSpace(secret) != "" && hmac.Equal(superOfficeMAC(secret, body), sig) {
			return nil
		}
	}
	return ErrUnauthorized
}

func signSuperOffice(h http.Header, body []byte, _, secret string, _ time.Time) {
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set(superOfficeSignature, base64.StdEncoding.EncodeToString(superOfficeMAC(secret, body)))
}

func superOfficeMAC(secret string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return mac.Sum(nil)
}

// A superOfficeType is what events of all kinds have, the test event too.
type superOfficeType struct {
	EventID string `json:"EventId" validate:"required,id"`
	Event   string `json:"Event" validate:"required,id"`
}

type superOfficeEvent struct {
	EventID   string    `json:"EventId" validate:"required,id"`
	Event     string    `json:"Event" validate:"required,id"`
	Timestamp time.Time `json:"Timestamp" validate:"required"`
	Context   string    `json:"ContextIdentifier" validate:"omitempty,shortid"`
}

// readSuperOffice takes the id from the body: headers are not signed. A server at the
// customer's calls itself "Default", so that only its route says which one it is.
func readSuperOffice(h http.Header, body []byte, custID string, now time.Time) (Body, error) {
	if err := mediaType(h); err != nil {
		return Body{}, err
	}
	if err := strict(body); err != nil {
		return Body{}, err
	}
	var kind superOfficeType
	f := &form{lax: true}
	f.fill(body, &kind)
	b := Body{ID: kind.EventID, Type: kind.Event}
	if err := f.err(); err != nil {
		return b, err
	}
	if !hints(kind.Event) {
		b.Ignored = "the event " + kind.Event + " says nothing of seats"
		return b, nil
	}
	var e superOfficeEvent
	f.fill(body, &e)
	if e.Timestamp.After(now.Add(ahead)) {
		f.say("Timestamp", "must not be more than five minutes ahead of our clock")
	}
	if custID == "" {
		custID = e.Context
		if custID == "" || strings.EqualFold(custID, "default") {
			f.say("ContextIdentifier", "must be a CustID; a server at the customer's posts to /users/superoffice/ and its CustID")
		}
	} else if !checks["shortid"].ok(custID) {
		f.say("route", checks["shortid"].problem)
	}
	if err := f.err(); err != nil {
		return b, err
	}
	b.Facts = []licence.Fact{{
		ID:      "superoffice/" + e.EventID,
		To:      []licence.Name{licence.CustName(custID)},
		At:      e.Timestamp,
		Source:  "superoffice",
		Payload: licence.InstallationHinted{CustID: custID, Event: e.Event},
	}}
	return b, nil
}

// hints tells whether seats, people or their open requests may have changed. The test event
// that is sent when a hook is saved is none.
func hints(event string) bool {
	entity, _, _ := strings.Cut(event, ".")
	return entity == "associate" || entity == "person" || entity == "ticket" || event == "contact.changed"
}
