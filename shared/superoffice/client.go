package superoffice

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// An App is our registration with SuperOffice.
type App struct {
	Secret string          // the client secret, sent as SO-AppToken and as ApplicationToken
	Key    *rsa.PrivateKey // signs system user tokens
}

// Onsite is where a customer's own server is, and how to sign in there: with a user's name and
// password, or with a ticket.
type Onsite struct{ URL, User, Password, Ticket string }

// A Client calls one SuperOffice environment. It may be used by many goroutines at once, and
// must not be copied: it remembers where tenants live, and its tickets.
type Client struct {
	// HTTP carries the calls; its Timeout is the caller's choice. Redirects are never followed.
	HTTP *http.Client
	// Login is the login host, such as https://online.superoffice.com.
	Login string
	// Now is the clock, which signing in needs. Nil: nobody is signed in, nothing is remembered.
	Now func() time.Time
	App App
	// System gives the system user token that a tenant's administrator has approved. False, or
	// no System at all: nothing is granted there.
	System func(custID string) (token string, ok bool)
	// Onsite gives a customer's own server. Nil: there is none.
	Onsite func(custID string) (Onsite, bool)
	// MayCall says which hosts beside the login host a tenant may live at.
	// Nil: those under superoffice.com.
	MayCall func(host string) bool

	mu      sync.Mutex // guards the two maps, and is never held during a call
	tenants map[string]Tenant
	tickets map[string]*ticket
	ring    ring
}

// call asks a tenant, signed in.
func (c *Client) call(ctx context.Context, t Tenant, method, path string, body []byte) (json.RawMessage, error) {
	p, err := c.signIn(ctx, t, "")
	if err != nil {
		return nil, err
	}
	return c.callAs(ctx, t, p, method, path, body)
}

// callAs asks a tenant. One that has moved is looked up again, once, and a ticket that has run
// out is renewed, once: status 421 and status 401 mean that nothing was done.
func (c *Client) callAs(ctx context.Context, t Tenant, p pass, method, path string, body []byte) (json.RawMessage, error) {
	moved, renewed := false, false
	for {
		answer, err := c.callAt(ctx, t, p, method, path, body)
		switch {
		case errors.Is(err, ErrMoved) && !moved && !t.onsite:
			moved = true
			now, lookup := c.lookUp(ctx, t.CustID)
			if lookup != nil {
				return nil, lookup
			}
			if now.endpoint == t.endpoint {
				return nil, err
			}
			t = now
		case errors.Is(err, ErrTicket) && !renewed && p.ticket != "" && !t.onsite:
			renewed = true
			if p, err = c.signIn(ctx, t, p.ticket); err != nil {
				return nil, err
			}
		default:
			return answer, err
		}
	}
}

func (c *Client) callAt(ctx context.Context, t Tenant, p pass, method, path string, body []byte) (json.RawMessage, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, t.endpoint+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	p.sign(req)
	// Without a language, names come back as keys of SuperOffice's own string table.
	req.Header.Set("SO-Language", cmp.Or(p.lang, "en"))
	// Without a zone, times of the archives are in that of the server. Dates of licences have none.
	if strings.HasPrefix(strings.ToLower(path), archives) {
		req.Header.Set("SO-TimeZone", "UTC")
	}
	return c.do(req, p.hide)
}

// check refuses a tenant that cannot be called.
func (t Tenant) check() error {
	if t.endpoint == "" {
		return fmt.Errorf("%w: a tenant comes from State or Server", ErrHost)
	}
	if !t.Callable() {
		return fmt.Errorf("%w: %s", ErrNotRunning, t.State)
	}
	return nil
}
