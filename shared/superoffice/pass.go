package superoffice

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
)

// A pass is what a call shows to be let in. The zero pass shows nothing.
type pass struct {
	ticket string
	basic  string // user:password, encoded
	app    string
	lang   string   // of what SuperOffice says; "" is English
	hide   []string // what no error may say
}

func (p pass) sign(req *http.Request) {
	if p.ticket != "" {
		req.Header.Set("Authorization", "SOTicket "+p.ticket)
	}
	if p.basic != "" {
		req.Header.Set("Authorization", "Basic "+p.basic)
	}
	if p.app != "" {
		req.Header.Set("SO-AppToken", p.app)
	}
}

// signIn gives what a call to the tenant shows. A ticket that was refused is not given again.
func (c *Client) signIn(ctx context.Context, t Tenant, refused string) (pass, error) {
	if err := t.check(); err != nil {
		return pass{}, err
	}
	if t.onsite {
		return c.signInOnsite(t)
	}
	token, ok := "", false
	if c.System != nil {
		token, ok = c.System(t.CustID)
	}
	if !ok {
		return pass{}, fmt.Errorf("%w: %s", ErrNotApproved, t.CustID)
	}
	ticket, err := c.ticketFor(ctx, t.CustID, token, refused)
	if err != nil {
		return pass{}, err
	}
	return pass{ticket: ticket, app: c.App.Secret, hide: []string{ticket, c.App.Secret, token}}, nil
}

func (c *Client) signInOnsite(t Tenant) (pass, error) {
	o, ok := c.Onsite(t.CustID)
	if !ok {
		return pass{}, ErrUnknownTenant
	}
	p := pass{app: c.App.Secret, ticket: o.Ticket, hide: []string{o.Ticket, o.Password, c.App.Secret}}
	if o.Ticket == "" {
		p.basic = base64.StdEncoding.EncodeToString([]byte(o.User + ":" + o.Password))
		p.hide = append(p.hide, p.basic)
	}
	return p, nil
}
