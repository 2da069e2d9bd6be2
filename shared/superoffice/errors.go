package superoffice

import (
	"errors"
	"fmt"
	"time"
)

// What can go wrong, told apart by what the caller should do about it.
// Anything else that comes back is the transport's own error (a time-out, a refused connection).
var (
	// ErrUnknownTenant means that the login host knows no such tenant.
	ErrUnknownTenant = errors.New("superoffice: no such tenant")
	// ErrNotRunning means that the tenant's state lets nobody call its API now.
	ErrNotRunning = errors.New("superoffice: tenant is not running")
	// ErrNothing means a well-formed answer that holds nothing: SuperOffice says
	// null, with status 200, where an object is missing.
	ErrNothing = errors.New("superoffice: answered with nothing")
	// ErrDenied means that we may not do this here: asking again will not help.
	ErrDenied = errors.New("superoffice: denied")
	// ErrTicket is the ErrDenied of a ticket that has run out: a fresh one may help.
	ErrTicket = fmt.Errorf("%w: ticket refused", ErrDenied)
	// ErrMoved means that the tenant does not live at this host, and that asking
	// the login host again did not name another.
	ErrMoved = errors.New("superoffice: tenant lives elsewhere")
	// ErrGarbled means an answer that is not what the documentation promises.
	ErrGarbled = errors.New("superoffice: answer not understood")
	// ErrHost means that we were pointed at a host that we do not call.
	ErrHost = errors.New("superoffice: host not allowed")
)

// Busy says that SuperOffice wants to be left alone for a while. RetryAfter is 0
// where it did not say for how long.
type Busy struct{ RetryAfter time.Duration }

func (b *Busy) Error() string {
	return fmt.Sprintf("superoffice: busy, retry after %v", b.RetryAfter)
}

// A Fault is an error that SuperOffice reported in words. Status may be 200: some
// errors are delivered as successes.
type Fault struct {
	Status int
	Text   string
}

func (f *Fault) Error() string {
	return fmt.Sprintf("superoffice: status %d: %s", f.Status, f.Text)
}

func garbled(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrGarbled, fmt.Sprintf(format, args...))
}
