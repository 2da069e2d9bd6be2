package crmsim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Sim is a small SuperOffice with any number of tenants. New makes one.
type Sim struct {
	// Webhook, if set, hears of what SuperOffice would send a webhook for. Licences
	// are never among it.
	Webhook func(cust string, event any)

	now func() time.Time

	mu      sync.Mutex
	path    string            // where tenants are kept; "": nowhere
	tenants map[string]Tenant // by CustID in lower case
	said    map[string]string // the screen's last answer to the administrator, until the next
}

// New makes a simulator that knows nobody.
func New(now func() time.Time) *Sim {
	return &Sim{now: now, tenants: map[string]Tenant{}, said: map[string]string{}}
}

// file is what is kept on disk.
type file struct {
	Version int
	Tenants map[string]Tenant
}

// Load reads the tenants from a file, which need not exist yet, and keeps them there
// from now on: what a change answered is on disk before the answer.
func (s *Sim) Load(path string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	default:
		f := file{Tenants: map[string]Tenant{}}
		if err := json.Unmarshal(raw, &f); err != nil {
			return fmt.Errorf("crmsim: %s: %w", path, err)
		}
		s.tenants = f.Tenants
	}
	s.path = path
	return nil
}

// Save writes the tenants to a file.
func (s *Sim) Save(path string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return save(path, s.tenants)
}

// save never leaves half a file: the old one stands until the new one is whole and on disk.
func save(path string, tenants map[string]Tenant) error {
	raw, err := json.MarshalIndent(file{Version: 1, Tenants: tenants}, "", " ")
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // after the rename there is nothing left to remove
	_, err = temp.Write(raw)
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return err
	}
	// The rename itself is on disk only when the folder is.
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Put registers a tenant, or replaces it.
func (s *Sim) Put(t Tenant) error {
	if strings.Trim(t.CustID, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" || t.CustID == "" {
		return fmt.Errorf("crmsim: %q is no CustID", t.CustID)
	}
	if !known(t.Fault) {
		return fmt.Errorf("crmsim: %q is no fault", t.Fault)
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
	custs := slices.Sorted(maps.Keys(s.tenants))
	s.mu.Unlock()
	var all []Tenant
	for _, cust := range custs {
		if t, ok := s.Tenant(cust); ok {
			all = append(all, t)
		}
	}
	return all
}

var errNobody = errors.New("crmsim: no such tenant")

// change does something to a tenant: all of it, on disk too, or nothing.
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
	return s.replace(t)
}

// replace stores a tenant. Where the disk refuses, memory stays as it was.
func (s *Sim) replace(t Tenant) error {
	next := maps.Clone(s.tenants)
	next[strings.ToLower(t.CustID)] = clone(t)
	if s.path != "" {
		if err := save(s.path, next); err != nil {
			return err
		}
	}
	s.tenants = next
	return nil
}

// passTime gives a copy of the tenant as it is by now. One that activates by itself
// has done so once its check is due; that follows from what is stored and the
// clock, so that reading need not write.
func (s *Sim) passTime(t Tenant) Tenant {
	t = clone(t)
	if t.Auto && t.NextCheck != "" && s.now().UTC().Format(time.DateOnly) >= t.NextCheck && t.canActivate() {
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
