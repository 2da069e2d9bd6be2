package superoffice

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// How long the login host's keys are trusted without another look, how soon after a look the
// next may be, and how far its clock may be from ours.
const (
	keysKept  = 24 * time.Hour
	keysAgain = time.Minute
	leeway    = 5 * time.Minute
)

// claims are what a ticket comes in, beside the usual.
type claims struct {
	Ticket string `json:"http://schemes.superoffice.net/identity/ticket"`
	Serial string `json:"http://schemes.superoffice.net/identity/serial"`
	Tenant string `json:"http://schemes.superoffice.net/identity/ctx"`
}

// open takes the ticket out of a token that the login host signed for this tenant. A ticket of
// another tenant would show us somebody else's licence.
func (c *Client) open(ctx context.Context, text, custID string) (string, error) {
	token, err := jwt.ParseSigned(text, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return "", fmt.Errorf("%w: not a token signed with RS256", ErrToken)
	}
	key, err := c.key(ctx, token.Headers[0].KeyID)
	if err != nil {
		return "", err
	}
	var usual jwt.Claims
	var own claims
	if err := token.Claims(key, &usual, &own); err != nil {
		return "", fmt.Errorf("%w: its signature or its claims are wrong", ErrToken)
	}
	if own.Serial == "" || own.Ticket == "" {
		return "", fmt.Errorf("%w: no serial number, or no ticket", ErrToken)
	}
	want := jwt.Expected{Issuer: "SuperOffice AS", AnyAudience: jwt.Audience{"spn:" + own.Serial}, Time: c.Now()}
	if err := usual.ValidateWithLeeway(want, leeway); err != nil {
		return "", fmt.Errorf("%w: %w", ErrToken, err)
	}
	if !strings.EqualFold(own.Tenant, custID) {
		return "", fmt.Errorf("%w: it is for %q, not for %q", ErrToken, own.Tenant, custID)
	}
	return own.Ticket, nil
}

// A ring holds the login host's keys. There are two while one replaces the other.
type ring struct {
	turn   turn // made by the first who needs it, under the client's mu
	keys   map[string]*rsa.PublicKey
	got    time.Time
	tried  time.Time
	failed error // how the latest try ended
}

// key is the login host's key of that name. A name that nobody knows yet is a reason to look, at
// most once a minute; where the look fails, the keys that we have go on.
func (c *Client) key(ctx context.Context, name string) (*rsa.PublicKey, error) {
	c.mu.Lock()
	if c.ring.turn == nil {
		c.ring.turn = make(turn, 1)
	}
	c.mu.Unlock()
	r := &c.ring
	if err := r.turn.take(ctx); err != nil {
		return nil, err
	}
	defer r.turn.leave()
	now := c.Now()
	if k := r.keys[name]; k != nil && now.Before(r.got.Add(keysKept)) {
		return k, nil
	}
	if r.tried.IsZero() || !now.Before(r.tried.Add(keysAgain)) {
		keys, err := c.keys(ctx)
		r.tried, r.failed = now, err
		if err == nil {
			r.keys, r.got = keys, now
		}
	}
	switch k := r.keys[name]; {
	case k != nil:
		return k, nil
	case r.failed != nil:
		return nil, fmt.Errorf("superoffice: the login host's keys: %w", r.failed)
	}
	return nil, fmt.Errorf("%w: signed with a key that the login host does not name", ErrToken)
}

// keys asks the login host for the keys that it signs with.
func (c *Client) keys(ctx context.Context) (map[string]*rsa.PublicKey, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(c.Login, "/")+"/login/.well-known/jwks", nil)
	if err != nil {
		return nil, err
	}
	answer, err := c.do(req, nil)
	if err != nil {
		return nil, err
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(answer, &set); err != nil {
		return nil, garbled("keys")
	}
	keys := map[string]*rsa.PublicKey{}
	for _, raw := range set.Keys {
		var k jose.JSONWebKey
		if json.Unmarshal(raw, &k) != nil {
			continue // of a kind that is new to us, which need not spoil the others
		}
		if key, ok := k.Key.(*rsa.PublicKey); ok && k.KeyID != "" && (k.Use == "" || k.Use == "sig") {
			keys[k.KeyID] = key
		}
	}
	if len(keys) == 0 {
		return nil, garbled("keys: none that signs")
	}
	return keys, nil
}
