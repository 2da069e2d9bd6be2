package crmsim

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// A ChangeType is what happened to a tenant as a whole.
type ChangeType int

// The change types, with SuperOffice's numbers.
const (
	Upgrade ChangeType = iota
	BackupRestored
	Suspend
	Resume
	Delete
	Move
)

// A Token is how the message of a change is proven.
type Token string

// The tokens: the login host's own, or one that somebody else made up.
const (
	Signed Token = "signed"
	Forged Token = "forged"
)

// ChangeState does something to a tenant as a whole, and tells the address of StateChanges.
// A forged message is told without anything having happened.
func (s *Sim) ChangeState(ctx context.Context, cust string, c ChangeType, token Token) error {
	if token == Signed {
		if err := s.change(cust, func(t *Tenant) error { return t.undergo(c) }); err != nil {
			return err
		}
	}
	if s.StateChanges == "" {
		return nil
	}
	if !loopback(s.StateChanges) {
		return fmt.Errorf("crmsim: the simulator sends to this machine alone")
	}
	t, ok := s.Tenant(cust)
	if !ok {
		return errNobody
	}
	host := t.Host
	host = cmp.Or(host, "online")
	raw, err := json.Marshal(map[string]any{
		"ChangeType": c, "ContextIdentifier": t.CustID, "VersionName": release(&t), "FileVersion": t.Version,
		"Token": s.stateToken(t, token), "PublicEndpoint": host + ".superoffice.example",
	})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.StateChanges, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := s.HTTP.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func (s *Sim) stateToken(t Tenant, token Token) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	claims := map[string]any{"iss": "https://online.superoffice.example", "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), claim + "ctx": t.CustID}
	if token == Forged {
		return s.signing().forged(FaultSignature, claims)
	}
	return s.signing().jwt(claims)
}

// undergo changes a tenant as a whole.
func (t *Tenant) undergo(c ChangeType) error {
	switch c {
	case Upgrade:
		t.Version += ".1"
	case BackupRestored:
		t.Hooks = nil // the time before they were registered is back
	case Suspend:
		t.State = "Suspended"
	case Resume:
		t.State = "Running"
	case Delete:
		t.State = "Deleted"
	case Move:
		if t.Host == "online3" {
			t.Host = "online4"
		} else {
			t.Host = "online3"
		}
	default:
		return refused("No such change.")
	}
	return nil
}
