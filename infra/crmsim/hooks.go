package crmsim

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// States of a hook.
const (
	Active        = "Active"
	Stopped       = "Stopped"
	TooManyErrors = "TooManyErrors"
)

// A Hook is a webhook that somebody has registered with a tenant.
type Hook struct {
	ID                                         int `json:"WebhookId"`
	Name                                       string
	Events                                     []string
	TargetURL                                  string `json:"TargetUrl"`
	Secret                                     string
	State                                      string
	Type                                       string
	Headers                                    map[string]string
	Properties                                 map[string]any
	Description                                string
	ErrorEmails                                []string
	NotifyVia, NotifyWhen                      any // a word in the documents, a number in the official client
	Registered, Updated                        time.Time
	TotalCalls, TotalErrors, ConsecutiveErrors int
	LastError                                  string
}

// wants tells whether a hook has asked for an event. It may name an entity with all its verbs.
func (h *Hook) wants(event string) bool {
	entity, _, _ := strings.Cut(event, ".")
	return slices.Contains(h.Events, event) || slices.Contains(h.Events, entity+".*")
}

func (t *Tenant) hook(id int) *Hook {
	for i := range t.Hooks {
		if t.Hooks[i].ID == id {
			return &t.Hooks[i]
		}
	}
	return nil
}

// loopback tells whether an address is on this machine: the simulator sends to no other.
func loopback(target string) bool {
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// Register saves a webhook as SuperOffice does: only where the target answers 200 to the event
// test. One of the same name is replaced.
func (s *Sim) Register(ctx context.Context, cust string, h Hook) (Hook, error) {
	t, ok := s.Tenant(cust)
	if !ok {
		return h, errNobody
	}
	if i := slices.IndexFunc(t.Hooks, func(old Hook) bool { return h.Name != "" && old.Name == h.Name }); h.ID == 0 && i >= 0 {
		h.ID = t.Hooks[i].ID
	}
	return s.keepHook(ctx, t, h)
}

func (s *Sim) keepHook(ctx context.Context, t Tenant, h Hook) (Hook, error) {
	h.State = cmp.Or(h.State, Active)
	h.Type = cmp.Or(h.Type, "webhook")
	switch {
	case h.Name == "" || len(h.Events) == 0:
		return h, refused("Name and Events must be given")
	case !slices.Contains([]string{Active, Stopped, TooManyErrors}, h.State):
		return h, refused("State is none of Active, Stopped, TooManyErrors")
	}
	if h.State == Active {
		if why := s.test(ctx, t, h); why != "" {
			return h, refused("The target did not answer 200 to the test event: " + why)
		}
	}
	err := s.change(t.CustID, func(t *Tenant) error {
		now := s.now().UTC()
		h.Updated = now
		if old := t.hook(h.ID); old != nil {
			h.Registered, h.TotalCalls, h.TotalErrors, h.LastError = old.Registered, old.TotalCalls, old.TotalErrors, old.LastError
			h.ConsecutiveErrors = 0
			*old = h
			return nil
		}
		h.Registered, h.ID = now, 1
		for _, other := range t.Hooks {
			h.ID = max(h.ID, other.ID+1)
		}
		t.Hooks = append(t.Hooks, h)
		return nil
	})
	return h, err
}

// public is a hook as the API shows it: nobody is told a secret.
func (h Hook) public() Hook {
	h.Secret = ""
	return h
}

func (c *call) mayHook(w http.ResponseWriter) bool {
	if !c.granted(Webhooks) {
		deny(w, "Webhook agent is restricted and not available to this application")
		return false
	}
	return true
}

// hookOf finds the hook that an address names, or answers that there is none.
func (c *call) hookOf(w http.ResponseWriter, r *http.Request) *Hook {
	if !c.mayHook(w) {
		return nil
	}
	id, _ := strconv.Atoi(r.PathValue("id"))
	h := c.hook(id)
	if h == nil {
		notFound(w, "Webhook id "+r.PathValue("id")+" not found")
	}
	return h
}

func listHooks(w http.ResponseWriter, r *http.Request, c *call) {
	if c.mayHook(w) {
		q := r.URL.Query()
		answer(w, c.hooks(q.Get("nameFilter"), q.Get("eventFilter"), q.Get("statusFilter")))
	}
}

// hooks are those that pass the filters; Unknown is the official client's word for any state.
func (t *Tenant) hooks(name, event, state string) []Hook {
	all := []Hook{}
	for _, h := range t.Hooks {
		if strings.Contains(h.Name, name) && (event == "" || h.wants(event)) && (state == "" || state == "Unknown" || h.State == state) {
			all = append(all, h.public())
		}
	}
	return all
}

func defaultHook(w http.ResponseWriter, r *http.Request, c *call) {
	if c.mayHook(w) {
		answer(w, Hook{State: Active, Type: "webhook"})
	}
}

func readHook(w http.ResponseWriter, r *http.Request, c *call) {
	if h := c.hookOf(w, r); h != nil {
		answer(w, h.public())
	}
}

func lastError(w http.ResponseWriter, r *http.Request, c *call) {
	if h := c.hookOf(w, r); h != nil {
		answer(w, h.LastError)
	}
}

// saveHook takes a new hook, a whole one, or of an old one what is to be changed.
func (s *Sim) saveHook(w http.ResponseWriter, r *http.Request, c *call) {
	var h Hook
	if r.Method != http.MethodPost {
		old := c.hookOf(w, r)
		if old == nil {
			return
		}
		h = Hook{ID: old.ID, Secret: old.Secret}
		if r.Method == http.MethodPatch {
			h = *old
		}
	} else if !c.mayHook(w) {
		return
	}
	id := h.ID
	if !read(w, r, &h) {
		return
	}
	h.ID = id
	s.answerSaved(w, r, c, h)
}

func (s *Sim) answerSaved(w http.ResponseWriter, r *http.Request, c *call, h Hook) {
	saved, err := s.keepHook(r.Context(), c.Tenant, h)
	switch why := refused(""); {
	case errors.As(err, &why):
		restError(w, http.StatusBadRequest, "SoArgumentException", string(why))
	case err != nil:
		broken(w, err)
	default:
		answer(w, saved.public())
	}
}

func (s *Sim) testHook(w http.ResponseWriter, r *http.Request, c *call) {
	var h Hook
	if c.mayHook(w) && read(w, r, &h) {
		s.answerTest(w, r, c, h)
	}
}

func (s *Sim) answerTest(w http.ResponseWriter, r *http.Request, c *call, h Hook) {
	why := s.test(r.Context(), c.Tenant, h)
	answer(w, map[string]any{"Success": why == "", "Message": why})
}

func (s *Sim) deleteHook(w http.ResponseWriter, r *http.Request, c *call) {
	if h := c.hookOf(w, r); h != nil {
		s.drop(w, c, h.ID)
	}
}

func (s *Sim) drop(w http.ResponseWriter, c *call, id int) {
	if err := s.change(c.CustID, func(t *Tenant) error {
		t.Hooks = slices.DeleteFunc(t.Hooks, func(one Hook) bool { return one.ID == id })
		return nil
	}); err != nil {
		broken(w, err)
		return
	}
	done(w)
}

func (s *Sim) signalHook(w http.ResponseWriter, r *http.Request, c *call) {
	if !c.mayHook(w) {
		return
	}
	key, err := strconv.Atoi(r.PathValue("key"))
	if err != nil {
		malformed(w, "primaryKey")
		return
	}
	s.signal(w, c, r.PathValue("event"), key)
}

// signal sends an event of the caller's own naming; SuperOffice's own may not be made up.
func (s *Sim) signal(w http.ResponseWriter, c *call, name string, key int) {
	entity, _, _ := strings.Cut(name, ".")
	if slices.Contains([]string{"associate", "person", "contact", "ticket", "test"}, entity) {
		malformed(w, "eventName")
		return
	}
	if err := s.Signal(c.CustID, name, key); err != nil {
		broken(w, err)
		return
	}
	done(w)
}

// Signal sends an event to the hooks that want it, as if its row had changed.
func (s *Sim) Signal(cust, event string, key int) error {
	return s.change(cust, func(t *Tenant) error {
		t.raise(event, key, "updated")
		return nil
	})
}
