package superoffice

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// ticketLife is how long a ticket lasts after its latest use.
const ticketLife = 6 * time.Hour

// A turn lets one at a time in, and lets whoever waits give up.
type turn chan struct{}

func (t turn) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t turn) leave() { <-t }

// A ticket is a tenant's, in a place of its own. Only who has the turn may look at its value.
type ticket struct {
	turn  turn
	value string
	used  time.Time // the latest use; guarded by the client's mu
}

// place is where a tenant's ticket is kept.
func (c *Client) place(custID string) (*ticket, time.Time) {
	now, key := c.Now(), strings.ToLower(custID)
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.tickets[key]
	if p == nil {
		if len(c.tickets) >= most {
			delete(c.tickets, earliest(c.tickets, func(t *ticket) time.Time { return t.used }))
		}
		if c.tickets == nil {
			c.tickets = map[string]*ticket{}
		}
		p = &ticket{turn: make(turn, 1)}
		c.tickets[key] = p
	}
	before := p.used
	p.used = now
	return p, before
}

// ticketFor is a ticket of the tenant, other than the one that was refused. However many ask at
// once, one signs in and the others get what it got.
func (c *Client) ticketFor(ctx context.Context, custID, token, refused string) (string, error) {
	if c.Now == nil || c.App.Key == nil || c.App.Secret == "" {
		return "", errors.New("superoffice: signing in needs a clock, a secret and a key")
	}
	p, used := c.place(custID)
	if err := p.turn.take(ctx); err != nil {
		return "", err
	}
	defer p.turn.leave()
	if p.value != "" && p.value != refused && c.Now().Before(used.Add(ticketLife)) {
		return p.value, nil
	}
	p.value = ""
	value, err := c.authenticate(ctx, custID, token)
	if err != nil {
		return "", err
	}
	p.value = value
	return value, nil
}

// authenticate signs in as the system user that a tenant's administrator approved. The minute
// is part of what is signed: where it ran out on the way, the next is tried.
func (c *Client) authenticate(ctx context.Context, custID, token string) (string, error) {
	minute := c.minute()
	jwt, err := c.askTicket(ctx, custID, token, minute)
	var no *SignInRefused
	if later := c.minute(); errors.As(err, &no) && later != minute {
		jwt, err = c.askTicket(ctx, custID, token, later)
	}
	if err != nil {
		return "", err
	}
	return c.open(ctx, jwt, custID)
}

func (c *Client) minute() string { return c.Now().UTC().Format("200601021504") }

// askTicket makes the call; what it returns is not checked yet.
func (c *Client) askTicket(ctx context.Context, custID, token, minute string) (string, error) {
	signed := token + "." + minute
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(nil, c.App.Key, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("superoffice: signing: %w", err)
	}
	signed += "." + base64.StdEncoding.EncodeToString(signature)
	body, err := json.Marshal(struct{ SignedSystemToken, ApplicationToken, ContextIdentifier, ReturnTokenType string }{
		signed, c.App.Secret, custID, "JWT",
	})
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(c.Login, "/")+"/Login/api/PartnerSystemUser/Authenticate", strings.NewReader(string(body)))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	hide := []string{signed, token, c.App.Secret}
	answer, err := c.do(req, hide)
	if err != nil {
		return "", err
	}
	var a struct {
		IsSuccessful        *bool
		Token, ErrorMessage string
	}
	if err := json.Unmarshal(answer, &a); err != nil || a.IsSuccessful == nil {
		return "", garbled("sign-in: neither yes nor no")
	}
	if !*a.IsSuccessful {
		return "", &SignInRefused{inWords([]byte(a.ErrorMessage), hide)}
	}
	return a.Token, nil
}
