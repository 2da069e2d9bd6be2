package crmsim

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// A Call is one that the API was sent, and what was wrong with it.
type Call struct {
	At     time.Time
	Method string
	Path   string
	Status int
	Wrong  string // "" is nothing
}

// remembered is how many calls, and how many webhooks, are kept of each tenant.
const remembered = 50

// A recorder notes what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	said   string
}

// WriteHeader notes the status.
func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController find what it wraps.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// note says in the log what is wrong.
func note(w http.ResponseWriter, text string) {
	if r, ok := w.(*recorder); ok {
		r.said = text
	}
}

// logCall keeps a call; the caller holds the lock.
func (s *Sim) logCall(cust string, r *http.Request, rec *recorder) {
	key := strings.ToLower(cust)
	// No query: it may name people, and what was selected tells little.
	all := append(s.calls[key], Call{s.now(), r.Method, r.URL.Path, rec.status, rec.said})
	s.calls[key] = all[max(0, len(all)-remembered):]
}

// Calls lists the last calls to a tenant's API, the latest first.
func (s *Sim) Calls(cust string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := slices.Clone(s.calls[strings.ToLower(cust)])
	slices.Reverse(all)
	return all
}
