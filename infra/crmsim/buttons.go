package crmsim

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// A form is what a button sends.
type form struct {
	user    int
	module  string
	request *http.Request
}

func (f form) get(name string) string { return f.request.PostFormValue(name) }

func readForm(r *http.Request) form {
	// A user that is no number is user 0, whom nobody has.
	user, _ := strconv.Atoi(r.PostFormValue("user"))
	return form{user, r.PostFormValue("module"), r}
}

// A press is what a button does to a tenant, and what the screen says then.
type press func(*Tenant, form) (said string, err error)

func (s *Sim) screens() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.desk)
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
		show(w, "tenant", s.screen(t), "")
	})
	for name, do := range map[string]press{
		"remove":            removeButton,
		"assign":            assignButton,
		"reassign":          reassignButton,
		"retire":            retireButton,
		"give":              s.giveButton,
		"activate":          activateButton,
		"free-and-activate": freeAndActivate,
		"load-file":         loadFileButton,
		"sync":              s.syncButton,
		"grants":            grantsButton,
		"fault":             faultButton,
		"variant":           variantButton,
		"unhook":            unhookButton,
	} {
		mux.Handle("POST /sim/{cust}/"+name, s.button(do))
	}
	mux.HandleFunc("POST /sim/{cust}/hook", s.hookButton)
	mux.HandleFunc("POST /sim/{cust}/signal", s.signalButton)
	mux.HandleFunc("POST /sim/{cust}/state", s.stateButton)
	mux.HandleFunc("POST /sim/scenario", s.scenarioButton)
	mux.HandleFunc("POST /sim/keys", s.keysButton)
	return mux
}

// button does what the administrator pressed, all of it or nothing, and shows the screen again.
func (s *Sim) button(do press) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		said := ""
		err := s.change(r.PathValue("cust"), func(t *Tenant) (err error) {
			said, err = do(t, readForm(r))
			return err
		})
		s.back(w, r, said, err)
	})
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

func removeButton(t *Tenant, f form) (string, error) {
	return "The licence has been removed.", t.remove(f.user, f.module)
}

func assignButton(t *Tenant, f form) (string, error) {
	return "The licence has been assigned. It takes effect at the next login.", t.assign(f.user, f.module)
}

func reassignButton(t *Tenant, f form) (string, error) {
	return "The user has been reassigned. It takes effect at the next login.", t.reassign(f.user, f.module, f.get("to"))
}

func retireButton(t *Tenant, f form) (string, error) {
	return "The user is a former employee now.", t.retire(f.user, true)
}

// giveButton moves requests to a colleague. That one changes requests, so SuperOffice tells.
func (s *Sim) giveButton(t *Tenant, f form) (string, error) {
	from, to, err := t.give(f.user, s.now())
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("The open requests of %s are now with %s.", from.Name, to.Name), nil
}

func activateButton(t *Tenant, f form) (string, error) {
	if t.Offline {
		return "", refused("The licence server cannot be reached. Load the licence from a file.")
	}
	return "The new licence has been activated.", t.activate()
}

func freeAndActivate(t *Tenant, f form) (string, error) {
	if t.Offer == nil {
		return "", refused("Your licence is up to date.")
	}
	freed, err := t.freeSurplus()
	if err != nil {
		return "", err
	}
	if err := t.activate(); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d freed. The new licence has been activated.", freed), nil
}

func loadFileButton(t *Tenant, f form) (string, error) {
	return "The licence has been loaded from the file and activated.", t.loadFile(f.get("file"))
}

func (s *Sim) syncButton(t *Tenant, f form) (string, error) {
	t.stamp(s.now())
	return fmt.Sprintf("The directory has run: %d given back.", t.sync(s.now().Add(1))), nil
}

func grantsButton(t *Tenant, f form) (string, error) {
	t.Grants = nil
	for _, c := range capabilities() {
		if f.get(c.Value) != "" {
			t.Grants = append(t.Grants, c.Value)
		}
	}
	t.Revoked = f.get("revoked") != ""
	return "What is granted has been set.", nil
}

func faultButton(t *Tenant, f form) (string, error) {
	if !known(Fault(f.get("fault"))) {
		return "", refused("No such fault.")
	}
	t.Fault = Fault(f.get("fault"))
	return "The fault has been set.", nil
}

func variantButton(t *Tenant, f form) (string, error) {
	if !odd(Variant(f.get("variant"))) {
		return "", refused("Webhooks cannot be like that.")
	}
	t.Variant = Variant(f.get("variant"))
	return "The next webhooks will be so.", nil
}

func unhookButton(t *Tenant, f form) (string, error) {
	id, _ := strconv.Atoi(f.get("hook"))
	h := t.hook(id)
	if h == nil {
		return "", refused("No such webhook.")
	}
	h.State = Stopped
	return "The webhook has been stopped.", nil
}

// hookButton registers a webhook, or lets an old one run again.
func (s *Sim) hookButton(w http.ResponseWriter, r *http.Request) {
	cust := r.PathValue("cust")
	f := readForm(r)
	h := Hook{Name: f.get("name"), TargetURL: f.get("target"), Secret: f.get("secret"), Events: strings.Fields(strings.ReplaceAll(f.get("events"), ",", " "))}
	if id, _ := strconv.Atoi(f.get("hook")); id != 0 {
		t, _ := s.Tenant(cust)
		old := t.hook(id)
		if old == nil {
			s.back(w, r, "", refused("No such webhook."))
			return
		}
		h = *old
		h.State = Active
	}
	_, err := s.Register(r.Context(), cust, h)
	s.back(w, r, "The webhook is registered. Its target has answered the test event.", err)
}

func (s *Sim) signalButton(w http.ResponseWriter, r *http.Request) {
	key, err := strconv.Atoi(r.PostFormValue("key"))
	event := strings.TrimSpace(r.PostFormValue("event"))
	if err != nil || !strings.Contains(event, ".") {
		s.back(w, r, "", refused("An event is written associate.changed, and its key is a number."))
		return
	}
	s.back(w, r, "The event is on its way to the webhooks that want it.", s.Signal(r.PathValue("cust"), event, key))
}

func (s *Sim) stateButton(w http.ResponseWriter, r *http.Request) {
	change, err := strconv.Atoi(r.PostFormValue("change"))
	if err != nil {
		s.back(w, r, "", refused("No such change."))
		return
	}
	token := Signed
	if r.PostFormValue("forged") != "" {
		token = Forged
	}
	s.back(w, r, "Done.", s.ChangeState(r.Context(), r.PathValue("cust"), ChangeType(change), token))
}

// scenarioButton makes the tenant of a scenario, or makes it anew.
func (s *Sim) scenarioButton(w http.ResponseWriter, r *http.Request) {
	for i, c := range Scenarios() {
		if c.Name != r.PostFormValue("name") {
			continue
		}
		t := c.Make(fmt.Sprintf("Cust80%02d", i+1), s.now())
		if err := s.Put(t); err != nil {
			broken(w, err)
			return
		}
		s.say(t.CustID, "Made: "+c.About)
		http.Redirect(w, r, "/sim/"+t.CustID, http.StatusSeeOther)
		return
	}
	s.say("", "There is no such scenario.")
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *Sim) keysButton(w http.ResponseWriter, r *http.Request) {
	switch r.PostFormValue("do") {
	case "rotate":
		s.RotateKeys()
		s.say("", "A new key signs. The one before it is still published.")
	case "hide":
		s.HideKeys()
		s.say("", "The keys cannot be fetched.")
	case "show":
		s.ShowKeys()
		s.say("", "The keys can be fetched.")
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
