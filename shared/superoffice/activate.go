package superoffice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// Activate makes the licence that was read the one in force. Raw must be the Raw of that read.
// A refusal is an answer, not an error. After ErrMaybe it is not known whether it was done, as
// where the answer was lost: read again. After any other error it was not done.
func (c *Client) Activate(ctx context.Context, t Tenant, raw json.RawMessage) (LicenceResult, error) {
	if len(raw) == 0 {
		return LicenceResult{}, ErrNothing
	}
	p, err := c.signIn(ctx, t, "")
	if err != nil {
		return LicenceResult{}, err
	}
	r, err := c.activate(ctx, t, p, raw)
	if err != nil && maybe(err) {
		err = fmt.Errorf("%w: %w", ErrMaybe, err)
	}
	return r, err
}

func (c *Client) activate(ctx context.Context, t Tenant, p pass, raw json.RawMessage) (LicenceResult, error) {
	// Put together by hand: json.Marshal would write some characters of raw differently.
	body := json.RawMessage(slices.Concat([]byte(`{"NewLicense":`), raw, []byte(`}`)))
	answer, err := c.agentAs(ctx, t, p, "License", "ActivateLicenseInfo", body)
	if err != nil {
		return LicenceResult{}, err
	}
	var r struct {
		Succeeded *bool
		Reason    string
	}
	if err := json.Unmarshal(answer, &r); err != nil || r.Succeeded == nil {
		return LicenceResult{}, garbled("activation: neither yes nor no")
	}
	return LicenceResult{Succeeded: *r.Succeeded, Reason: r.Reason}, nil
}

// maybe tells whether a change may have been made although this came back.
func maybe(err error) bool {
	if s, ok := errors.AsType[*silence](err); ok {
		return s.sent
	}
	if f, ok := errors.AsType[*Fault](err); ok {
		return f.Status == http.StatusOK || f.Status == http.StatusRequestTimeout || f.Status >= 500
	}
	if b, ok := errors.AsType[*Busy](err); ok {
		return b.Status == http.StatusServiceUnavailable
	}
	return errors.Is(err, ErrGarbled) || errors.Is(err, ErrNothing)
}

// MayActivate tells whether we would be let in to activate. It asks to activate no licence at
// all, which changes nothing: who may not is refused, and who may is told what is missing.
func (c *Client) MayActivate(ctx context.Context, t Tenant) (bool, error) {
	p, err := c.signIn(ctx, t, "")
	if err != nil {
		return false, err
	}
	r, err := c.activate(ctx, t, p, json.RawMessage("null"))
	switch fault, ok := errors.AsType[*Fault](err); {
	case err == nil && r.Succeeded:
		return false, garbled("activation of nothing succeeded")
	case err == nil, errors.Is(err, ErrNothing), ok && fault.Status == http.StatusBadRequest:
		return true, nil
	case errors.Is(err, ErrDenied) && !errors.Is(err, ErrTicket):
		return false, nil
	}
	return false, err
}
