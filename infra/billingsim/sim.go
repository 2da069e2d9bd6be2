// Package billingsim plays four billing systems, Stripe, Paddle, Chargebee and Recurly, as far as they are
// read: their objects one by one and by lists, with their ways of proof, paging and refusal. It gives the
// objects that it was given, as they are.
package billingsim

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
)

// A Sim is all four systems. New makes one.
type Sim struct {
	// Keys are those that are taken, by sender: as each system has them, without what our secrets file
	// writes before them.
	Keys map[string][]string
	// Fault is asked before each call; nil: none has any. What it gives is the answer; 0: the right one.
	Fault func(Call) Answer
	// OnPage is told before a page of a list is made, so that a list can be torn.
	OnPage func(sender, kind string, page int)
	// PageSize is how much stands on a page at most; 0: as much as the system gives.
	PageSize int
	// EmptyPages puts an empty page before the last one, as Recurly may.
	EmptyPages bool

	mu      sync.Mutex
	objects map[string]map[string]json.RawMessage // by "sender kind", then id
	calls   []Call
}

// A Call is one that came.
type Call struct {
	Sender, Path, Query string
	Header              http.Header
}

// An Answer is a fault: a status and headers, or a connection that breaks off.
type Answer struct {
	Status int
	Header map[string]string
	Body   string
	Cut    bool
}

// New makes systems that have nothing.
func New() *Sim {
	return &Sim{Keys: map[string][]string{}, objects: map[string]map[string]json.RawMessage{}}
}

// Start serves each system on a port of its own of this machine, and gives where, and what ends it.
func (s *Sim) Start() (at map[string]string, stop func()) {
	at = map[string]string{}
	var all []*httptest.Server
	for sender := range systems {
		server := httptest.NewServer(s.Handler(sender))
		at[sender], all = server.URL, append(all, server)
	}
	return at, func() {
		for _, server := range all {
			server.Close()
		}
	}
}

// Put gives a system an object, or another one in its place. Kinds are subscription, schedule, invoice,
// customer, and as each system calls others; Chargebee's scheduled is what a subscription will be, ramp a step
// of it, and payment_schedule when the parts of an invoice are due.
func (s *Sim) Put(sender, kind string, object string) {
	var v struct{ ID string }
	if err := json.Unmarshal([]byte(object), &v); err != nil || v.ID == "" {
		panic("billingsim: no object with an id: " + object) // a test's own mistake
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := sender + " " + kind
	if s.objects[key] == nil {
		s.objects[key] = map[string]json.RawMessage{}
	}
	s.objects[key][v.ID] = json.RawMessage(object)
}

// Delete takes an object away: it is as if it had never been.
func (s *Sim) Delete(sender, kind, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects[sender+" "+kind], id)
}

// Calls are those that came to a system since the last time that this was asked.
func (s *Sim) Calls(sender string) (calls []Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := s.calls[:0:0]
	for _, c := range s.calls {
		if c.Sender == sender {
			calls = append(calls, c)
		} else {
			rest = append(rest, c)
		}
	}
	s.calls = rest
	return calls
}

func (s *Sim) object(sender, kind, id string) (json.RawMessage, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.objects[sender+" "+kind][id]
	return o, ok
}

// list are the objects of a kind for which something holds, by id.
func (s *Sim) list(sender, kind string, of func(map[string]any) bool) (all []json.RawMessage, ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	objects := s.objects[sender+" "+kind]
	for _, id := range slices.Sorted(maps.Keys(objects)) {
		var v map[string]any
		if json.Unmarshal(objects[id], &v) == nil && of(v) {
			all, ids = append(all, objects[id]), append(ids, id)
		}
	}
	return all, ids
}

// at is what stands in an object under a path such as account.code, as text.
func at(v map[string]any, path string) string {
	for {
		name, rest, more := strings.Cut(path, ".")
		if !more {
			text, _ := v[name].(string)
			return text
		}
		v, _ = v[name].(map[string]any)
		path = rest
	}
}

// Handler is one system.
func (s *Sim) Handler(sender string) http.Handler {
	system := systems[sender]
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call := Call{sender, r.URL.Path, r.URL.RawQuery, r.Header.Clone()}
		s.mu.Lock()
		s.calls = append(s.calls, call)
		s.mu.Unlock()
		if s.Fault != nil {
			if a := s.Fault(call); a.Cut {
				w.Header().Set("Content-Length", "1000")
				w.Write([]byte(`{"data":[`))
				panic(http.ErrAbortHandler)
			} else if a.Status != 0 {
				for name, value := range a.Header {
					w.Header().Set(name, value)
				}
				w.WriteHeader(a.Status)
				w.Write([]byte(a.Body))
				return
			}
		}
		if status := system.proof(r, s.Keys[sender]); status != 0 {
			w.WriteHeader(status)
			w.Write([]byte(`{"error":{"type":"unauthorized"}}`))
			return
		}
		status, body := system.answer(s, r)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(body)
	})
}

// page cuts a list: from behind an id, at most so many.
func (s *Sim) page(sender, kind string, page int, limit, most int, after string, of func(map[string]any) bool) (objects []json.RawMessage, last string, more bool) {
	if s.OnPage != nil {
		s.OnPage(sender, kind, page)
	}
	all, ids := s.list(sender, kind, of)
	for len(ids) > 0 && ids[0] <= after {
		all, ids = all[1:], ids[1:]
	}
	if limit = min(limit, most); s.PageSize > 0 {
		limit = min(limit, s.PageSize)
	}
	if len(all) > limit {
		return all[:limit], ids[limit-1], true
	}
	if len(ids) > 0 {
		last = ids[len(ids)-1]
	}
	return all, last, false
}
