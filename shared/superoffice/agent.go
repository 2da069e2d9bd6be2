package superoffice

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// agents is where they are: each method of an agent is posted to by its name.
const agents = "/api/v1/Agents/"

// agent calls a method of an agent, signed in. What an agent does not find it answers with null and
// status 200, which is an ErrNothing here.
func (c *Client) agent(ctx context.Context, t Tenant, name, method string, in any) (json.RawMessage, error) {
	p, err := c.signIn(ctx, t, "")
	if err != nil {
		return nil, err
	}
	return c.agentAs(ctx, t, p, name, method, in)
}

// agentAs is agent for who has signed in.
func (c *Client) agentAs(ctx context.Context, t Tenant, p pass, name, method string, in any) (json.RawMessage, error) {
	body, ok := in.(json.RawMessage)
	if !ok && in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return nil, err
		}
	}
	return c.callAs(ctx, t, p, http.MethodPost, agents+name+"/"+method, body)
}

// lacks tells whether a refusal is lasting: not granted here, or not known to this version.
func lacks(err error) bool {
	if fault, ok := errors.AsType[*Fault](err); ok {
		return fault.Status == http.StatusNotFound || fault.Status == http.StatusBadRequest || fault.Status == http.StatusMethodNotAllowed
	}
	return errors.Is(err, ErrDenied) && !errors.Is(err, ErrTicket)
}
