package crmsim

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"time"
)

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
	return http.NewCrossOriginProtection().Handler(byHost(mux))
}

// numbered is what stands for one of SuperOffice's many hosts: there is one address here, so
// that the host is the path's first part.
var numbered = regexp.MustCompile(`^/(online[0-9]+)(/.*)$`)

type hostKey struct{}

func byHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if m := numbered.FindStringSubmatch(r.URL.Path); m != nil {
			r = r.Clone(context.WithValue(r.Context(), hostKey{}, m[1]))
			r.URL.Path, r.URL.RawPath = m[2], ""
		}
		next.ServeHTTP(w, r)
	})
}

func hostOf(r *http.Request) string {
	host, _ := r.Context().Value(hostKey{}).(string)
	return host
}

// address is where a tenant is called.
func address(r *http.Request, t *Tenant) string {
	if t.Host == "" {
		return "http://" + r.Host + "/" + t.CustID
	}
	return "http://" + r.Host + "/" + t.Host + "/" + t.CustID
}

func (s *Sim) api() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/state/{cust}", s.state)
	mux.HandleFunc("GET /login/.well-known/openid-configuration", s.openID)
	mux.HandleFunc("GET /login/.well-known/jwks", s.jwks)
	mux.HandleFunc("POST /Login/api/PartnerSystemUser/Authenticate", s.authenticate)
	mux.HandleFunc("GET /login/common/oauth/authorize", s.authorizePage)
	mux.HandleFunc("POST /login/common/oauth/authorize", s.authorize)
	mux.HandleFunc("POST /login/common/oauth/tokens", s.tokens)
	mux.Handle("GET /{cust}/api", s.tenantCall(s.version, open))
	tenant := func(pattern string, do func(http.ResponseWriter, *http.Request, *call)) {
		method, path, _ := strings.Cut(pattern, " ")
		mux.Handle(method+" /{cust}/api/v1/"+path, s.tenantCall(do, signedIn))
	}
	tenant("POST Agents/License/{method}", s.licenceAgent)
	tenant("GET License/{owner}", licenceFromDB)
	tenant("GET Archive/{provider}", archive)
	tenant("GET archive/dynamic", dynamic)
	tenant("GET MDOList/userplan", userPlans)
	tenant("POST Agents/MDO/{method}", listAgent)
	tenant("POST Agents/Archive/{method}", archiveAgent)
	tenant("POST Agents/Webhook/{method}", s.hookAgent)
	tenant("GET User/currentPrincipal", principal)
	tenant("PUT Ticket/{id}", s.saveTicket)
	tenant("GET Ticket/{id}", readTicket)
	tenant("POST Agents/User/{method}", s.userAgent)
	tenant("GET User/{id}", s.userResource)
	tenant("PUT User/{id}", s.userResource)
	tenant("DELETE User/{id}", s.userResource)
	tenant("POST Agents/Diagnostics/{method}", s.systemMessage)
	tenant("GET String/{name}", stringResource)
	tenant("GET Webhook", listHooks)
	tenant("POST Webhook", s.saveHook)
	tenant("GET Webhook/default", defaultHook)
	tenant("POST Webhook/Test", s.testHook)
	tenant("GET Webhook/{id}", readHook)
	tenant("PUT Webhook/{id}", s.saveHook)
	tenant("PATCH Webhook/{id}", s.saveHook)
	tenant("DELETE Webhook/{id}", s.deleteHook)
	tenant("GET Webhook/{id}/LastError", lastError)
	tenant("POST Webhook/{event}/{key}", s.signalHook)
	mux.Handle("/{cust}/api/", s.tenantCall(func(w http.ResponseWriter, r *http.Request, c *call) {
		notFound(w, "the simulator does not know "+r.Method+" "+r.URL.Path)
	}, signedIn))
	return mux
}

// Who may call: everybody, or who has signed in.
type door int

const (
	open door = iota
	signedIn
)

// tenantCall finds the tenant, plays its fault before anything else is looked at, and then
// asks who calls.
func (s *Sim) tenantCall(do func(http.ResponseWriter, *http.Request, *call), who door) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t, ok := s.Tenant(r.PathValue("cust"))
		if !ok {
			// To a host, a tenant that it does not have is one that lives elsewhere.
			wrongHost(w)
			return
		}
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.logCall(t.CustID, r, rec)
		}()
		if t.Host != hostOf(r) {
			wrongHost(rec)
			return
		}
		if !t.running() {
			note(rec, "the tenant is not running")
			htmlError(rec, http.StatusServiceUnavailable)
			return
		}
		if s.play(rec, r, t.Fault) {
			return
		}
		c := call{t}
		if who == signedIn {
			var wrong string
			if c, wrong = s.caller(r, t); wrong != "" {
				unauthorized(rec, wrong)
				return
			}
		}
		do(rec, r, &c)
	})
}

// state tells where a tenant lives. It knows nothing of servers at a customer's.
func (s *Sim) state(w http.ResponseWriter, r *http.Request) {
	t, ok := s.Tenant(r.PathValue("cust"))
	if !ok || t.Hosting == Onsite {
		notFound(w, "no such tenant")
		return
	}
	if t.Fault == FaultSlow {
		s.play(w, r, t.Fault)
	}
	state := t.State
	state = cmp.Or(state, "Running")
	endpoint := address(r, &t)
	answer(w, map[string]any{
		"ContextIdentifier": t.CustID, "Endpoint": endpoint, "State": state, "IsRunning": state == "Running",
		"ValidUntil": s.now().Add(stateLife).UTC(), "Api": endpoint + "/api", "Version": release(&t),
	})
}

func release(t *Tenant) string { return "Release_" + t.Version + "_" + t.Released }

func (s *Sim) version(w http.ResponseWriter, r *http.Request, c *call) {
	v := map[string]any{
		"v1": address(r, &c.Tenant) + "/api/v1/", "NetServerVersion": c.Version,
		"NetServer": "SuperOffice " + c.Version + " NetServer (simulated)", "Version": "v1",
	}
	if c.Released != "" {
		v["NetServerDate"], v["NetServerLabel"] = c.Released, release(&c.Tenant)
	}
	answer(w, v)
}

// read takes a call's body, and answers where it is none.
func read(w http.ResponseWriter, r *http.Request, v any) bool {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 16<<20)).Decode(v); err != nil {
		malformed(w, err.Error())
		return false
	}
	return true
}
