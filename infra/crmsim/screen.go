package crmsim

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"
)

//go:embed screen.html
var screenHTML string

var screenTemplate = template.Must(template.New("screen").Funcs(template.FuncMap{
	"login": func(at time.Time) string {
		if at.IsZero() {
			return "never"
		}
		return at.UTC().Format("2 January 2006")
	},
	"day": func(day string) string {
		if day == "" {
			return "not set"
		}
		return day
	},
	"state": func(state string) string {
		if state == "" {
			return "Running"
		}
		return state
	},
}).Parse(screenHTML))

// A screen is the Licences screen of one tenant, as numbers and people.
type screen struct {
	Tenant  Tenant
	Today   string
	Said    string
	Lines   []line
	Sites   []string
	Fits    bool
	CanDo   bool // the new licence can be activated
	Over    bool
	Faults  []choice
	Version string
}

// A line is a user licence on it.
type line struct {
	Module             Module
	InUse, Free        int
	Surplus            int
	Holders            []*User
	Removable, Offered bool
	// Others could be given this licence, while one is free.
	Others []*User
}

// The screen shows some of very many, as a person would not read further.
const shown = 200

func (s *Sim) screen(t Tenant) screen {
	v := screen{
		Tenant: t, Today: s.now().UTC().Format(time.DateOnly), Sites: t.siteLicences(),
		Fits: t.fits(), CanDo: t.canActivate(), Faults: faults(), Version: t.Version,
	}
	s.mu.Lock()
	v.Said = s.said[strings.ToLower(t.CustID)]
	s.mu.Unlock()
	for i := range t.Modules {
		m := &t.Modules[i]
		holders := t.holders(m)
		l := line{
			Module: *m, InUse: len(holders), Free: m.Total - len(holders), Surplus: t.surplus(m),
			Holders: holders[:min(shown, len(holders))], Removable: m.Kind != Hidden, Offered: t.Offer != nil,
		}
		v.Over = v.Over || l.Surplus > 0 && l.Removable
		if l.Removable && (l.Free > 0 || m.Unrestricted) {
			l.Others = t.others(m)
		}
		v.Lines = append(v.Lines, l)
	}
	return v
}

// others do not hold a module and could.
func (t *Tenant) others(m *Module) []*User {
	var some []*User
	for i := range t.Users {
		if u := &t.Users[i]; !u.Retired && !t.holds(u, m) && len(some) < shown {
			some = append(some, u)
		}
	}
	return some
}

func (s *Sim) screens() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		show(w, "list", s.Tenants())
	})
	mux.HandleFunc("GET /sim/{cust}", func(w http.ResponseWriter, r *http.Request) {
		t, ok := s.Tenant(r.PathValue("cust"))
		if !ok {
			http.NotFound(w, r)
			return
		}
		if r.Header.Get("Accept") == "application/json" {
			answer(w, s.screen(t))
			return
		}
		show(w, "tenant", s.screen(t))
	})
	mux.Handle("POST /sim/{cust}/remove", s.button(func(t *Tenant, f form) (string, error) {
		if err := t.remove(f.user, f.module); err != nil {
			return "", err
		}
		return "The licence has been removed.", nil
	}))
	mux.Handle("POST /sim/{cust}/assign", s.button(func(t *Tenant, f form) (string, error) {
		if err := t.assign(f.user, f.module); err != nil {
			return "", err
		}
		return "The licence has been assigned. It takes effect at the next login.", nil
	}))
	mux.Handle("POST /sim/{cust}/activate", s.button(func(t *Tenant, f form) (string, error) {
		if err := t.activate(); err != nil {
			return "", err
		}
		return "The new licence has been activated.", nil
	}))
	mux.Handle("POST /sim/{cust}/free-and-activate", s.button(freeAndActivate))
	mux.Handle("POST /sim/{cust}/fault", s.button(func(t *Tenant, f form) (string, error) {
		if !known(f.fault) {
			return "", refused("No such fault.")
		}
		t.Fault = f.fault
		return "The fault has been set.", nil
	}))
	mux.HandleFunc("POST /sim/{cust}/give", s.give)
	return mux
}

func freeAndActivate(t *Tenant, f form) (string, error) {
	if t.Offer == nil {
		return "", refused("Your licence is up to date.")
	}
	freed, err := t.free()
	if err != nil {
		return "", err
	}
	if err := t.activate(); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d freed. The new licence has been activated.", freed), nil
}

// A form is what a button sends.
type form struct {
	user   int
	module string
	fault  Fault
}

func read(r *http.Request) form {
	// A user that is no number is user 0, whom nobody has.
	user, _ := strconv.Atoi(r.PostFormValue("user"))
	return form{user, r.PostFormValue("module"), Fault(r.PostFormValue("fault"))}
}

// button does what the administrator pressed, all of it or nothing, and shows the screen again.
func (s *Sim) button(do func(*Tenant, form) (string, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		said := ""
		err := s.change(r.PathValue("cust"), func(t *Tenant) (err error) {
			said, err = do(t, read(r))
			return err
		})
		s.back(w, r, said, err)
	})
}

// give moves requests to a colleague. That one changes tickets, so SuperOffice would tell.
func (s *Sim) give(w http.ResponseWriter, r *http.Request) {
	var said string
	var events []event
	err := s.change(r.PathValue("cust"), func(t *Tenant) error {
		user := read(r).user
		if u := t.user(user); u != nil {
			events = s.ticketEvents(t, u)
		}
		from, to, err := t.give(user)
		if err == nil {
			said = fmt.Sprintf("The open requests of %s are now with %s.", from.Name, to.Name)
		}
		return err
	})
	if err == nil && s.Webhook != nil {
		for _, e := range events {
			s.Webhook(e.ContextIdentifier, e)
		}
	}
	s.back(w, r, said, err)
}

// An event is the body of SuperOffice's webhook.
type event struct {
	EventId              string
	Timestamp            time.Time
	Changes              []string
	Event                string
	PrimaryKey           int
	Entity               string
	ContextIdentifier    string
	ChangedByAssociateId int
	WebhookName          string
}

func (s *Sim) ticketEvents(t *Tenant, owner *User) []event {
	var all []event
	now := s.now().UTC()
	for i := range owner.OpenRequests {
		id := ticketID(owner.ID, i)
		all = append(all, event{
			EventId:   fmt.Sprintf("sim-%s-%d-%d", t.CustID, id, now.UnixNano()),
			Timestamp: now, Changes: []string{"owned_by"}, Event: "ticket.changed", PrimaryKey: id, Entity: "ticket",
			ContextIdentifier: t.CustID, WebhookName: "simulator",
		})
	}
	return all
}

// back returns to the screen, which then shows what came of it.
func (s *Sim) back(w http.ResponseWriter, r *http.Request, said string, err error) {
	cust := r.PathValue("cust")
	switch why := refused(""); {
	case errors.Is(err, errNobody):
		http.NotFound(w, r)
		return
	case errors.As(err, &why):
		said = "Not done: " + string(why)
	case err != nil:
		broken(w, err)
		return
	}
	s.say(cust, said)
	http.Redirect(w, r, "/sim/"+cust, http.StatusSeeOther)
}

func show(w http.ResponseWriter, name string, data any) {
	var page bytes.Buffer
	if err := screenTemplate.ExecuteTemplate(&page, name, data); err != nil {
		broken(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")
	w.Header().Set("Cache-Control", "no-store")
	page.WriteTo(w)
}
