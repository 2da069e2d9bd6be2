package crmsim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Sim is a small SuperOffice with any number of tenants. New makes one.
type Sim struct {
	// HTTP carries the webhooks that are sent. They go to this machine alone.
	HTTP *http.Client
	// Sleep waits, unless the context ends first. Tests give another that does not.
	Sleep func(context.Context, time.Duration) error
	// StateChanges is the address, as the developer portal has it, that hears of tenants
	// which are moved, suspended and so on; "": nobody does.
	StateChanges string

	now func() time.Time

	mu      sync.Mutex
	path    string            // where tenants are kept; "": nowhere
	app     *registration     // nil until somebody asks
	tenants map[string]Tenant // by CustID in lower case
	said    map[string]string // the screen's last answer to the administrator, until the next
	calls   map[string][]Call
	posts   map[string][]Post

	keys     []signingKey // of the login host: the last signs
	keysDown bool
	issued   int // counts what must never be the same twice
	tickets  map[string]pass
	codes    map[string]grant
	bearers  map[string]bearer

	queue []delivery
	rang  chan struct{} // something may be in the queue
}

// New makes a simulator that knows nobody.
func New(now func() time.Time) *Sim {
	return &Sim{
		HTTP: &http.Client{Timeout: 10 * time.Second}, Sleep: sleep, now: now,
		tenants: map[string]Tenant{}, said: map[string]string{}, calls: map[string][]Call{}, posts: map[string][]Post{},
		tickets: map[string]pass{}, codes: map[string]grant{}, bearers: map[string]bearer{},
		rang: make(chan struct{}, 1),
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Put registers a tenant, or replaces it.
func (s *Sim) Put(t Tenant) error {
	if strings.Trim(t.CustID, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" || t.CustID == "" {
		return fmt.Errorf("crmsim: %q is no CustID", t.CustID)
	}
	if !known(t.Fault) {
		return fmt.Errorf("crmsim: %q is no fault", t.Fault)
	}
	if !odd(t.Variant) {
		return fmt.Errorf("crmsim: %q is nothing that webhooks could be", t.Variant)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.replace(t)
}

// Tenant tells how a tenant stands.
func (s *Sim) Tenant(cust string) (Tenant, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.tenants[strings.ToLower(cust)]
	if !ok {
		return Tenant{}, false
	}
	return s.passTime(t), true
}

// Tenants lists all, by CustID.
func (s *Sim) Tenants() []Tenant {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Tenant
	for _, cust := range slices.Sorted(maps.Keys(s.tenants)) {
		all = append(all, s.passTime(s.tenants[cust]))
	}
	return all
}

var errNobody = errors.New("crmsim: no such tenant")

// change does something to a tenant: all of it, on disk too, or nothing. What webhooks it
// owes is sent after that.
func (s *Sim) change(cust string, do func(*Tenant) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.tenants[strings.ToLower(cust)]
	if !ok {
		return errNobody
	}
	t = s.passTime(t)
	if err := do(&t); err != nil {
		return err
	}
	t.stamp(s.now())
	if err := s.replace(t); err != nil {
		return err
	}
	s.owe(t)
	return nil
}

// replace stores a tenant. Where the disk refuses, memory stays as it was.
func (s *Sim) replace(t Tenant) error {
	t = clone(t)
	t.number()
	key := strings.ToLower(t.CustID)
	next := maps.Clone(s.tenants)
	next[key] = t
	if s.path != "" {
		if err := save(s.path, s.app, next); err != nil {
			return err
		}
	}
	if t.Fault == FaultStale && s.tenants[key].Fault != FaultStale {
		maps.DeleteFunc(s.tickets, func(_ string, p pass) bool { return strings.EqualFold(p.cust, t.CustID) })
	}
	s.tenants = next
	return nil
}

// passTime gives a copy of the tenant as it is by now. Its directory has run at night, and
// one that activates by itself has done so once its check is due; both follow from what is
// stored and the clock, so that reading need not write.
func (s *Sim) passTime(t Tenant) Tenant {
	t = clone(t)
	now := s.now()
	t.sync(lastSync(now))
	if t.Auto && t.NextCheck != "" && now.UTC().Format(time.DateOnly) >= t.NextCheck && t.canActivate() {
		t.activate() // canActivate was asked: it cannot refuse
	}
	return t
}

// clone shares nothing with the original. What may be saved may be copied this way.
func clone(t Tenant) Tenant {
	raw, err := json.Marshal(t)
	var c Tenant
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err != nil {
		panic(err) // unreachable: Tenant is plain data
	}
	return c
}

func (s *Sim) say(cust, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said[strings.ToLower(cust)] = text
}
