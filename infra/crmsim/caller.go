package crmsim

import (
	"crypto/subtle"
	"net/http"
	"strings"
)

// A call is one to a tenant's API, by somebody who has signed in: a copy of the tenant in
// which Grants are what that one may do, and by is who it is.
type call struct{ Tenant }

// adminMay is what an administrator may do through an application with rights of their own.
var adminMay = []string{ReadLicence, ReadUsers, Activate, Tickets}

// caller finds out who calls a tenant. The words say what is wrong, and are for the log too.
func (s *Sim) caller(r *http.Request, t Tenant) (c call, wrong string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c = call{t}
	c.by = systemUser
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch strings.ToLower(scheme) {
	case "soticket":
		if t.Hosting == Onsite {
			if t.Ticket == "" || !equal(token, t.Ticket) {
				return c, "The ticket is none of this server"
			}
			return c, ""
		}
		return c, s.badTicket(r, t, token)
	case "bearer":
		b, ok := s.bearers[token]
		switch {
		case !ok || !s.now().Before(b.until):
			return c, "The access token is unknown or has expired"
		case !strings.EqualFold(b.cust, t.CustID):
			return c, "The access token is of another tenant"
		}
		u := t.user(b.user)
		if u == nil || !u.Admin {
			c.Grants = nil
		} else {
			c.Grants = adminMay
		}
		c.by = b.user
		return c, ""
	case "basic":
		user, password, _ := r.BasicAuth()
		if t.Hosting != Onsite || t.User == "" || !equal(user, t.User) || !equal(password, t.Password) {
			return c, "User or password is wrong"
		}
		return c, ""
	case "":
		return c, "No Authorization header"
	}
	return c, "The authorization scheme is not known"
}

// badTicket says what is wrong with a ticket, or with the application's token beside it. A
// good one lives on from now.
func (s *Sim) badTicket(r *http.Request, t Tenant, ticket string) string {
	if !equal(r.Header.Get("SO-AppToken"), s.application().Secret) {
		return "SO-AppToken is missing or wrong"
	}
	p, ok := s.tickets[ticket]
	now := s.now()
	switch {
	case !ok:
		return "The ticket is unknown or has expired"
	case !strings.EqualFold(p.cust, t.CustID):
		return "The ticket is of another tenant"
	case !now.Before(p.until):
		return "The ticket has expired"
	case t.Revoked || !t.approved():
		return "The approval has been withdrawn"
	}
	p.until = now.Add(ticketLife)
	s.tickets[ticket] = p
	return ""
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
