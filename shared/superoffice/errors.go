package superoffice

import (
	"errors"
	"fmt"
	"strings"
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
	// ErrNotApproved is the ErrDenied of a tenant whose administrator has not approved us, or not any more.
	ErrNotApproved = fmt.Errorf("%w: not approved", ErrDenied)
	// ErrTicket is the ErrDenied of a ticket that has run out: a fresh one may help.
	ErrTicket = fmt.Errorf("%w: ticket refused", ErrDenied)
	// ErrToken means that the login host's answer to our signing in proves nothing: it is not
	// signed by its keys, or not about this tenant.
	ErrToken = errors.New("superoffice: token refused")
	// ErrMaybe means that it is not known whether a change was made: read again to learn.
	ErrMaybe = errors.New("superoffice: it may have been done")
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
type Busy struct {
	Status     int // 429, or 503
	RetryAfter time.Duration
}

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

// SignInRefused is the login host's no to our signing in, which it says with status 200. It is
// an ErrNotApproved where the tenant's administrator has to approve us first.
type SignInRefused struct{ Text string }

func (r *SignInRefused) Error() string { return "superoffice: sign-in refused: " + r.Text }

// Is knows the reasons that are the tenant's. A signature or a clock that is wrong is ours, and
// says nothing about what the tenant grants.
func (r *SignInRefused) Is(target error) bool {
	text := strings.ToLower(r.Text)
	ours := strings.Contains(text, "timestamp") || strings.Contains(text, "signature")
	theirs := false
	for _, reason := range []string{"revoked", "denied", "expired", "approv"} {
		theirs = theirs || strings.Contains(text, reason)
	}
	return (target == ErrDenied || target == ErrNotApproved) && theirs && !ours
}

// UnknownColumn says which column an archive of this tenant does not have.
type UnknownColumn struct {
	Archive, Column string
	Fault           *Fault
}

func (u *UnknownColumn) Error() string {
	return fmt.Sprintf("superoffice: %s has no column %s", u.Archive, u.Column)
}

func (u *UnknownColumn) Unwrap() error { return u.Fault }

func garbled(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrGarbled, fmt.Sprintf(format, args...))
}
