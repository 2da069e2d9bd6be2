package superoffice

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// A Version is what the server that answers says of itself.
type Version struct {
	Number   string // NetServerVersion, such as 11.10.721.0
	Released string // the day it was built, yyyy-mm-dd, or "" where an older server does not say
	Label    string
}

// Version asks which version the tenant runs. It is told to everybody, so that a tenant that
// has not approved us is asked without a ticket.
func (c *Client) Version(ctx context.Context, t Tenant) (Version, error) {
	p, err := c.signIn(ctx, t, "")
	if err != nil && (!errors.Is(err, ErrDenied) || errors.Is(err, ErrTicket)) {
		return Version{}, err
	}
	answer, err := c.callAs(ctx, t, p, http.MethodGet, "/api", nil)
	if err != nil {
		return Version{}, err
	}
	var v struct{ NetServerVersion, NetServerAssembly, NetServerLabel, NetServerDate string }
	if err := json.Unmarshal(answer, &v); err != nil {
		return Version{}, garbled("version: %v", err)
	}
	number := cmp.Or(v.NetServerVersion, v.NetServerAssembly)
	if number == "" {
		return Version{}, garbled("version: none given")
	}
	out := Version{Number: number, Label: v.NetServerLabel}
	// A date that older servers write in their own way is not worth losing the number for.
	if day, err := time.Parse(time.DateOnly, v.NetServerDate[:min(len(v.NetServerDate), len(time.DateOnly))]); err == nil {
		out.Released = day.Format(time.DateOnly)
	}
	return out, nil
}
