package crmsim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A Fault is what a tenant's API answers whatever it is asked.
type Fault string

// The faults. Late is of activation only: it is done, and then nobody says so.
const (
	FaultNone        Fault = ""
	FaultNull        Fault = "null"
	FaultTicket      Fault = "401"
	FaultDenied      Fault = "403"
	FaultMoved       Fault = "421"
	FaultBusy        Fault = "429"
	FaultServer      Fault = "500"
	FaultUnavailable Fault = "503"
	FaultHTML        Fault = "html"
	FaultMessage     Fault = "message"
	FaultTimeout     Fault = "timeout"
	FaultLate        Fault = "late"
)

// faults lists them with what a person would call them.
func faults() []choice {
	return []choice{
		{string(FaultNone), "none"},
		{string(FaultNull), "null with status 200"},
		{string(FaultTicket), "401 ticket has run out"},
		{string(FaultDenied), "403 not allowed"},
		{string(FaultMoved), "421 wrong subdomain"},
		{string(FaultBusy), "429 too many calls"},
		{string(FaultServer), "500 with an error in JSON"},
		{string(FaultUnavailable), "503 with a page of HTML"},
		{string(FaultHTML), "HTML with status 200"},
		{string(FaultMessage), "an error with status 200"},
		{string(FaultTimeout), "no answer in time"},
		{string(FaultLate), "activation done, answer lost"},
	}
}

// A choice is one line of a select.
type choice struct{ Value, Text string }

func known(f Fault) bool {
	return slices.ContainsFunc(faults(), func(c choice) bool { return c.Value == string(f) })
}

// timeout bounds how long a call hangs that nobody gives up on.
const timeout = 5 * time.Second

// stateLife is how long a state may be kept; short, for a simulator is there to be played with.
const stateLife = 5 * time.Minute

// Handler serves the login host, the tenants and the administrator's screen.
func (s *Sim) Handler() http.Handler {
	// Two tables, for a CustID stands first in the API's paths and would shadow /sim/.
	mux := http.NewServeMux()
	mux.Handle("/", s.api())
	screens := s.screens()
	mux.Handle("GET /{$}", screens)
	mux.Handle("/sim/", screens)
	// A page elsewhere must not press the administrator's buttons.
	return http.NewCrossOriginProtection().Handler(mux)
}

func (s *Sim) api() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/state/{cust}", s.state)
	tenant := func(pattern string, do func(http.ResponseWriter, *http.Request, Tenant)) {
		mux.Handle(pattern, s.tenantCall(do))
	}
	tenant("GET /{cust}/api", s.version)
	tenant("POST /{cust}/api/v1/Agents/License/{method}", s.licenceAgent)
	tenant("GET /{cust}/api/v1/License/{owner}", s.licenceFromDB)
	tenant("GET /{cust}/api/v1/Archive/{provider}", s.archive)
	tenant("GET /{cust}/api/v1/archive/dynamic", s.dynamic)
	tenant("/{cust}/api/v1/Agents/User/{method}", manageUsers)
	tenant("/{cust}/api/v1/User/{id}", manageUsers)
	tenant("/{cust}/api/", func(w http.ResponseWriter, r *http.Request, t Tenant) {
		notFound(w, "the simulator does not know "+r.Method+" "+r.URL.Path)
	})
	return mux
}

// manageUsers is what partner applications may not do in SuperOffice Online, whatever the method.
func manageUsers(w http.ResponseWriter, r *http.Request, t Tenant) {
	deny(w, "User agent is restricted: user management is not allowed for partner apps")
}

// state tells where a tenant lives: here, under the very address that was asked.
func (s *Sim) state(w http.ResponseWriter, r *http.Request) {
	t, ok := s.Tenant(r.PathValue("cust"))
	if !ok {
		notFound(w, "no such tenant")
		return
	}
	state := t.State
	if state == "" {
		state = "Running"
	}
	endpoint := "http://" + r.Host + "/" + t.CustID
	answer(w, map[string]any{
		"ContextIdentifier": t.CustID, "Endpoint": endpoint, "State": state, "IsRunning": state == "Running",
		"ValidUntil": s.now().Add(stateLife).UTC(), "Api": endpoint + "/api", "Version": release(t),
	})
}

func release(t Tenant) string { return "Release_" + t.Version + "_" + t.Released }

func (s *Sim) version(w http.ResponseWriter, r *http.Request, t Tenant) {
	v := map[string]any{
		"v1": "http://" + r.Host + "/" + t.CustID + "/api/v1/", "NetServerVersion": t.Version,
		"NetServer": "SuperOffice " + t.Version + " NetServer (simulated)", "Version": "v1",
	}
	if t.Released != "" {
		v["NetServerDate"], v["NetServerLabel"] = t.Released, release(t)
	}
	answer(w, v)
}

func (s *Sim) licenceFromDB(w http.ResponseWriter, r *http.Request, t Tenant) {
	switch {
	case !t.granted(ReadLicence):
		deny(w, "License is not available to this application")
	case !strings.EqualFold(r.PathValue("owner"), "SuperOffice"):
		answer(w, nil)
	default:
		answer(w, t.licence(false))
	}
}

// tenantCall finds the tenant and plays its fault, before anything else is looked at.
func (s *Sim) tenantCall(do func(http.ResponseWriter, *http.Request, Tenant)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t, ok := s.Tenant(r.PathValue("cust"))
		if !ok {
			// To a host, a tenant that it does not have is one that lives elsewhere.
			wrongHost(w)
			return
		}
		if !t.running() {
			htmlError(w, http.StatusServiceUnavailable)
			return
		}
		switch t.Fault {
		case FaultNone, FaultLate:
			do(w, r, t)
		case FaultNull:
			answer(w, nil)
		case FaultTicket:
			restError(w, http.StatusUnauthorized, "SoSessionException", "The ticket has expired")
		case FaultDenied:
			deny(w, "Access denied")
		case FaultMoved:
			wrongHost(w)
		case FaultBusy:
			w.Header().Set("Retry-After", "30")
			restError(w, http.StatusTooManyRequests, "SoThrottled", "Too many requests")
		case FaultServer:
			restError(w, http.StatusInternalServerError, "SoServerException", "The licence server cannot be reached")
		case FaultUnavailable:
			htmlError(w, http.StatusServiceUnavailable)
		case FaultHTML:
			htmlError(w, http.StatusOK)
		case FaultMessage:
			answer(w, map[string]string{"Message": "An error has occurred.", "MessageDetail": "The licence server gave no answer"})
		case FaultTimeout:
			wait(r)
			htmlError(w, http.StatusGatewayTimeout)
		default:
			broken(w, fmt.Errorf("crmsim: unknown fault %q", t.Fault))
		}
	})
}

// wait hangs until the caller gives up, but not for ever.
func wait(r *http.Request) {
	// Only once the body is read does the server notice that the caller is gone.
	io.Copy(io.Discard, r.Body)
	select {
	case <-r.Context().Done():
	case <-time.After(timeout):
	}
}

// wire encodes as SuperOffice does: characters such as < and & as they are.
func wire(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

func answer(w http.ResponseWriter, v any) { send(w, http.StatusOK, v) }

func send(w http.ResponseWriter, status int, v any) {
	body, err := wire(v)
	if err != nil {
		broken(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	w.Write(body)
}

func restError(w http.ResponseWriter, status int, kind, text string) {
	send(w, status, map[string]any{"Error": true, "ErrorType": kind, "ErrorMessage": text, "ErrorSource": "SuperOffice.Services.Implementation"})
}

func deny(w http.ResponseWriter, text string) {
	restError(w, http.StatusForbidden, "SoSecurityException", text)
}

func notFound(w http.ResponseWriter, text string) {
	restError(w, http.StatusNotFound, "SoNotFoundException", text)
}

func malformed(w http.ResponseWriter, what string) {
	send(w, http.StatusBadRequest, map[string]string{"Message": "The request is invalid.", "MessageDetail": what})
}

func wrongHost(w http.ResponseWriter) {
	http.Error(w, "Wrong subdomain used to access tenant", http.StatusMisdirectedRequest)
}

func htmlError(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintln(w, "<!doctype html><title>SuperOffice</title><h1>We will be back soon</h1>")
}

// broken is a fault of the simulator itself.
func broken(w http.ResponseWriter, err error) {
	http.Error(w, err.Error(), http.StatusInternalServerError)
}
