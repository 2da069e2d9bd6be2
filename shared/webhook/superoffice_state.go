package webhook

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"seatmend/shared/licence"
)

// A StateChange is what SuperOffice posts to the address of the developer portal when something was done to
// a tenant as a whole. Its proof is a token inside the body, which signs nothing but itself.
type StateChange struct {
	Token  string
	CustID string
}

// StateChangeOf is the proof of a body; empty where there is none.
func StateChangeOf(body []byte) (c StateChange) {
	var v struct {
		Token   any
		Context any `json:"ContextIdentifier"`
	}
	if strict(body) == nil && json.Unmarshal(body, &v) == nil {
		c.Token, _ = v.Token.(string)
		c.CustID, _ = v.Context.(string)
	}
	return c
}

type stateChange struct {
	Kind    *int   `json:"ChangeType" validate:"required"`
	Context string `json:"ContextIdentifier" validate:"required,shortid"`
}

// stateChanges are the kinds, by SuperOffice's numbers.
var stateChanges = []string{"upgraded", "restored", "suspended", "resumed", "deleted", "moved"}

// StateRoute is where SuperOffice posts what was done to a tenant as a whole.
const StateRoute = "/users/superoffice-state"

// ReadStateChange decodes a proved body: the tenant is to be read, whatever the change is called. Nothing of
// the message itself is believed, and it has no id: the same bytes are the same message.
func ReadStateChange(h http.Header, body []byte, now time.Time) (Body, error) {
	if err := mediaType(h); err != nil {
		return Body{}, err
	}
	if err := strict(body); err != nil {
		return Body{}, err
	}
	at := issued(StateChangeOf(body).Token)
	if at.IsZero() || at.After(now) {
		at = now
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%d", body, at.UnixNano()))
	b := Body{ID: hex.EncodeToString(sum[:12]), Type: "tenant.changed"}
	var c stateChange
	f := &form{lax: true}
	if f.fill(body, &c); f.err() != nil {
		return b, f.err()
	}
	if 0 <= *c.Kind && *c.Kind < len(stateChanges) {
		b.Type = "tenant." + stateChanges[*c.Kind]
	}
	b.Facts = []licence.Fact{{
		ID: "superoffice/state/" + b.ID, To: []licence.Name{licence.CustName(c.Context)}, At: at.UTC(), Source: "superoffice",
		Payload: licence.InstallationHinted{CustID: c.Context, Event: b.Type},
	}}
	return b, nil
}

// issued is when a token says that it was signed; zero: it does not.
func issued(token string) time.Time {
	parts := strings.Split(token, ".")
	var claims struct {
		At int64 `json:"iat"`
	}
	if len(parts) == 3 {
		raw, _ := base64.RawURLEncoding.DecodeString(parts[1])
		_ = json.Unmarshal(raw, &claims)
	}
	if at := time.Unix(claims.At, 0); claims.At != 0 && licence.Sane(at) {
		return at
	}
	return time.Time{}
}
