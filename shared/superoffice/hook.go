package superoffice

import (
	"context"
	"encoding/json"
	"errors"
)

// A Hook is a webhook as a tenant keeps it: a carrier of the wire. Its secret is written and never read.
type Hook struct {
	WebhookId   int
	Name        string
	Events      []string
	TargetUrl   string
	Secret      string `json:",omitempty"`
	State       string // Active, Stopped or TooManyErrors
	Type        string
	ErrorEmails []string `json:",omitempty"`
}

// HookActive is the State of a webhook that is sent.
const HookActive = "Active"

// Hooks lists the webhooks whose name has a part. Where we may not, it is ErrDenied.
func (c *Client) Hooks(ctx context.Context, t Tenant, name string) ([]Hook, error) {
	answer, err := c.agent(ctx, t, "Webhook", "GetAllWebhooks", struct{ NameFilter, EventFilter, StatusFilter string }{name, "", "Unknown"})
	if errors.Is(err, ErrNothing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Hook
	if err := json.Unmarshal(answer, &all); err != nil {
		return nil, garbled("webhooks: %v", err)
	}
	return all, nil
}

// TryHook has the tenant post the event test to a webhook's address, and tells what came of it.
func (c *Client) TryHook(ctx context.Context, t Tenant, h Hook) (ok bool, said string, err error) {
	answer, err := c.agent(ctx, t, "Webhook", "TestWebhook", struct{ Webhook Hook }{h})
	if err != nil {
		return false, "", err
	}
	var r struct {
		Success *bool
		Message string
	}
	if err := json.Unmarshal(answer, &r); err != nil || r.Success == nil {
		return false, "", garbled("test of a webhook: neither yes nor no")
	}
	return *r.Success, shorten(r.Message), nil
}

// SaveHook keeps a webhook: a new one, or that of its id.
func (c *Client) SaveHook(ctx context.Context, t Tenant, h Hook) error {
	_, err := c.agent(ctx, t, "Webhook", "SaveWebhook", h)
	return err
}
