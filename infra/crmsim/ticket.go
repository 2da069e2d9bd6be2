package crmsim

import (
	"net/http"
	"strconv"
	"time"
)

// A ticketEntity is a request as its REST resource has it, as far as anybody here reads it.
type ticketEntity struct {
	TicketId    int
	Title       string
	BaseStatus  string
	LastChanged string
	OwnedBy     *ticketOwner
}

type ticketOwner struct {
	AssociateId int
	FullName    string
}

func (t *Tenant) ticket(u *User, id int) ticketEntity {
	status := "Active"
	if u.status(id) == 3 {
		status = "Postponed"
	}
	return ticketEntity{id, "Request " + strconv.Itoa(id), status, wireTime(t.Touched[id]), &ticketOwner{u.ID, u.Name}}
}

func readTicket(w http.ResponseWriter, r *http.Request, c *call) {
	// What is no number is request 0, which is nobody's.
	id, _ := strconv.Atoi(r.PathValue("id"))
	u := c.owner(id)
	switch {
	case !c.granted(ReadUsers):
		deny(w, "Ticket is not available to this application")
	case u == nil:
		notFound(w, "Ticket id "+r.PathValue("id")+" not found")
	default:
		answer(w, c.ticket(u, id))
	}
}

// saveTicket gives a request to somebody else; nothing else of it can be changed here.
func (s *Sim) saveTicket(w http.ResponseWriter, r *http.Request, c *call) {
	id, _ := strconv.Atoi(r.PathValue("id"))
	switch {
	case !c.granted(Tickets):
		deny(w, "Ticket is not available to this application")
		return
	case c.owner(id) == nil:
		notFound(w, "Ticket id "+r.PathValue("id")+" not found")
		return
	case changedSince(r, c.Touched[id]):
		restError(w, http.StatusPreconditionFailed, "SoUpdateConcurrencyException", "The request was changed in the meantime")
		return
	}
	var in ticketEntity
	if !read(w, r, &in) {
		return
	}
	if in.OwnedBy == nil || c.user(in.OwnedBy.AssociateId) == nil || c.user(in.OwnedBy.AssociateId).Retired {
		malformed(w, "OwnedBy")
		return
	}
	var saved ticketEntity
	err := s.change(c.CustID, func(t *Tenant) error {
		t.by = c.by
		to := t.user(in.OwnedBy.AssociateId)
		t.move(id, to, s.now())
		saved = t.ticket(to, id)
		return nil
	})
	if err != nil {
		broken(w, err)
		return
	}
	answer(w, saved)
}

// changedSince tells whether the caller has read a state that is no longer so.
func changedSince(r *http.Request, at time.Time) bool {
	read, err := http.ParseTime(r.Header.Get("If-Unmodified-Since"))
	return err == nil && at.After(read.Add(time.Second-1))
}
