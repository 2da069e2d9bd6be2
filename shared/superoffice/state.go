package superoffice

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
)

// The states in which a tenant's API may be called. SuperOffice has others, among
// them Suspended, Deleting, Deleted, DeleteFailed, OfflineMaintenance and Provisioning.
const (
	Running           = "Running"
	OnlineMaintenance = "OnlineMaintenance"
)

// A Tenant is one customer's installation and where it lives. Only State and
// Server make one that can be called, so that nothing else can choose a host for us.
type Tenant struct {
	CustID     string
	State      string
	Version    string // the release's label, such as Release_11.10_2026.02.24-02
	ValidUntil time.Time
	endpoint   string
	onsite     bool // from Server: it has no state that anybody could tell
}

// Endpoint is the tenant's address, such as https://online2.superoffice.com/Cust12345.
func (t Tenant) Endpoint() string { return t.endpoint }

// Callable tells whether the tenant's API answers in this state.
func (t Tenant) Callable() bool {
	return t.onsite || t.State == Running || t.State == OnlineMaintenance
}

// stateKept bounds how long a state is kept, whatever was promised, and most how many are.
const (
	stateKept = 24 * time.Hour
	most      = 1000
)

// State asks the login host where a tenant lives and how it is, or remembers it until ValidUntil.
func (c *Client) State(ctx context.Context, custID string) (Tenant, error) {
	c.mu.Lock()
	t, ok := c.tenants[strings.ToLower(custID)]
	c.mu.Unlock()
	if ok && c.Now != nil && c.Now().Before(t.ValidUntil) {
		return t, nil
	}
	return c.lookUp(ctx, custID)
}

// remember keeps a tenant that can be called; what is closed today may be open in a minute.
func (c *Client) remember(custID string, t Tenant) {
	key := strings.ToLower(custID)
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.tenants, key)
	if c.Now == nil || !t.Callable() || !c.Now().Before(t.ValidUntil) {
		return
	}
	if latest := c.Now().Add(stateKept); t.ValidUntil.After(latest) {
		t.ValidUntil = latest
	}
	if c.tenants == nil {
		c.tenants = map[string]Tenant{}
	}
	if len(c.tenants) >= most {
		delete(c.tenants, earliest(c.tenants, func(t Tenant) time.Time { return t.ValidUntil }))
	}
	c.tenants[key] = t
}

// earliest is the key whose entry is the first to go.
func earliest[T any](m map[string]T, at func(T) time.Time) (key string) {
	for k, v := range m {
		if key == "" || at(v).Before(at(m[key])) {
			key = k
		}
	}
	return key
}

// lookUp asks the login host, whatever is remembered.
func (c *Client) lookUp(ctx context.Context, custID string) (Tenant, error) {
	if !plausible(custID) {
		return Tenant{}, ErrUnknownTenant
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(c.Login, "/")+"/api/state/"+custID, nil)
	if err != nil {
		return Tenant{}, err
	}
	answer, err := c.do(req, nil)
	if fault := (*Fault)(nil); errors.As(err, &fault) && fault.Status == http.StatusNotFound {
		return Tenant{}, ErrUnknownTenant
	}
	if err != nil {
		return Tenant{}, err
	}
	var s struct {
		ContextIdentifier, Endpoint, State, Version string
		ValidUntil                                  time.Time
	}
	if err := json.Unmarshal(answer, &s); err != nil {
		return Tenant{}, garbled("state: %v", err)
	}
	// Which of the two a foreign CustID gets, 404 or Unknown, is not documented.
	if s.State == "Unknown" {
		return Tenant{}, ErrUnknownTenant
	}
	if s.State == "" || !strings.EqualFold(s.ContextIdentifier, custID) {
		return Tenant{}, garbled("state of %q is about %q and says %q", custID, s.ContextIdentifier, s.State)
	}
	t := Tenant{CustID: s.ContextIdentifier, State: s.State, Version: s.Version, ValidUntil: s.ValidUntil}
	// A tenant that is gone may have no address any more: its state is still news.
	if s.Endpoint == "" && !t.Callable() {
		c.remember(custID, t)
		return t, nil
	}
	if t.endpoint, err = c.endpoint(s.Endpoint); err != nil {
		return Tenant{}, err
	}
	c.remember(custID, t)
	return t, nil
}

// plausible keeps anything but a plain identifier out of the address.
func plausible(custID string) bool {
	for _, r := range custID {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '_':
		default:
			return false
		}
	}
	return custID != "" && len(custID) <= 128
}
