package crmsim_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"seatmend/infra/crmsim"
	"seatmend/shared/superoffice"
)

var today = time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)

// fjord has nine of Sales Premium assigned and seven in the offer; user n last logged in n months ago.
func fjord() crmsim.Tenant {
	t := crmsim.Tenant{
		CustID: "Cust12345", Serial: "1801550193", Company: "Fjord Foods AB", Kind: "production", Version: "12.2", Released: "2026-07-09",
		NextCheck: "2026-11-20", AdminWarning: "2026-11-15", Expires: "2026-12-13", GraceUntil: "2026-12-25", MaintenanceUntil: "2026-12-31",
		Markers: []string{"online"},
		Modules: []crmsim.Module{
			{Name: "ten-sales", Description: "Sales Premium", Kind: crmsim.Plan, Total: 10, NewTotal: 7, Includes: []string{"sale-cal"}},
			{Name: "ten-service", Description: "Service Premium", Kind: crmsim.Plan, Total: 3, NewTotal: 5},
			{Name: "sale-cal", Description: "Sale", Kind: crmsim.Hidden, Total: 10, NewTotal: 7},
			{Name: "superlicense-no-selection", Description: "(No Selection)", Kind: crmsim.Plan, Unrestricted: true},
		},
		Offer:  &crmsim.Offer{NextCheck: "2027-11-20", AdminWarning: "2027-11-15", Expires: "2027-12-13", GraceUntil: "2027-12-25"},
		Grants: []string{crmsim.ReadLicence, crmsim.ReadUsers, crmsim.Activate},
	}
	for n := 1; n <= 9; n++ {
		t.Users = append(t.Users, crmsim.User{
			ID: n, Name: fmt.Sprint("User ", n), Email: fmt.Sprintf("user%d@fjord.example", n), CanLogin: true,
			LastLogin: today.AddDate(0, -n, 0), Created: today.AddDate(-2, 0, 0), Plans: []string{"ten-sales"},
		})
	}
	t.Users[0].Admin = true
	return t
}

// A stage is a simulator with one tenant, and a client before it.
type stage struct {
	sim    *crmsim.Sim
	server *httptest.Server
	client *superoffice.Client
	clock  *clock
}

// A clock stands still until a test moves it.
type clock struct{ at atomic.Pointer[time.Time] }

func (c *clock) now() time.Time       { return *c.at.Load() }
func (c *clock) move(d time.Duration) { at := c.now().Add(d); c.at.Store(&at) }

func newStage(t *testing.T, tenants ...crmsim.Tenant) stage {
	t.Helper()
	c := &clock{}
	c.at.Store(&today)
	sim := crmsim.New(c.now)
	for _, one := range tenants {
		if err := sim.Put(one); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(server.Close)
	s := stage{sim: sim, server: server, clock: c}
	s.client = s.newClient(server.Client())
	return s
}

// newClient is one that has signed in nowhere yet.
func (s stage) newClient(h *http.Client) *superoffice.Client {
	secret, key := s.sim.App()
	return &superoffice.Client{
		HTTP: h, Login: s.server.URL, Now: s.clock.now, App: superoffice.App{Secret: secret, Key: key}, System: s.sim.SystemToken,
		Onsite: func(cust string) (superoffice.Onsite, bool) {
			t, ok := s.sim.Tenant(cust)
			return superoffice.Onsite{URL: s.server.URL + "/" + t.CustID, User: t.User, Password: t.Password}, ok && t.Hosting == crmsim.Onsite
		},
	}
}

func (s stage) tenant(t *testing.T) superoffice.Tenant {
	t.Helper()
	tenant, err := s.client.State(t.Context(), "cust12345")
	if err != nil {
		t.Fatal(err)
	}
	return tenant
}

func (s stage) licence(t *testing.T) superoffice.Licence {
	t.Helper()
	x, err := s.client.Licence(t.Context(), s.tenant(t))
	if err != nil {
		t.Fatal(err)
	}
	return x.Licence("")
}

// press presses a button of the administrator's screen, and returns the screen shown then.
func (s stage) press(t *testing.T, button string, fields ...string) string {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	resp, err := s.server.Client().PostForm(s.server.URL+"/sim/Cust12345/"+button, form)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got, want := resp.Request.Method+" "+resp.Request.URL.Path, "GET /sim/Cust12345"; got != want {
		t.Errorf("%s ended at %s, want %s", button, got, want)
	}
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

func wantIn(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("the page does not say %q", text)
		}
	}
}

func (s stage) module(t *testing.T, name string) superoffice.Module {
	t.Helper()
	modules := s.licence(t).Modules
	i := slices.IndexFunc(modules, func(m superoffice.Module) bool { return m.Module == name })
	if i < 0 {
		t.Fatalf("the licence has no %s: %+v", name, modules)
	}
	return modules[i]
}

// A plan that the offer lacks, and one that only the offer has.
// Where the disk refuses, the screen says so and nothing has changed.

// signed is a system user token as the documentation says how to sign one. It is written
// here anew, so that our client's signature is not checked by itself.
func signed(t *testing.T, key *rsa.PrivateKey, token string, at time.Time) string {
	t.Helper()
	text := token + "." + at.UTC().Format("200601021504")
	sum := sha256.Sum256([]byte(text))
	raw, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.StdEncoding.EncodeToString(raw)
}

// An authenticated is the answer to a sign-in.
type authenticated struct {
	IsSuccessful bool
	Token        string
	ErrorMessage string
}

func (s stage) authenticate(t *testing.T, body map[string]string) authenticated {
	t.Helper()
	status, raw := s.send(t, "POST", "/Login/api/PartnerSystemUser/Authenticate", nil, body)
	var out authenticated
	if err := json.Unmarshal([]byte(raw), &out); err != nil || status != http.StatusOK {
		t.Fatalf("sign-in answered %d %s", status, raw)
	}
	return out
}

// signIn is a good sign-in at a tenant.
func (s stage) signIn(t *testing.T, cust string) authenticated {
	t.Helper()
	secret, key := s.sim.App()
	token, ok := s.sim.SystemToken(cust)
	if !ok {
		t.Fatalf("%s has approved nobody", cust)
	}
	return s.authenticate(t, map[string]string{
		"SignedSystemToken": signed(t, key, token, s.clock.now()), "ApplicationToken": secret, "ContextIdentifier": cust, "ReturnTokenType": "JWT",
	})
}

const claim = "http://schemes.superoffice.net/identity/"

// claims reads a token without verifying it.
func claims(t *testing.T, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no token", token)
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// pass is what a call shows to be let in.
func (s stage) pass(t *testing.T, cust string) http.Header {
	t.Helper()
	secret, _ := s.sim.App()
	ticket, _ := claims(t, s.signIn(t, cust).Token)[claim+"ticket"].(string)
	return http.Header{"Authorization": {"SOTicket " + ticket}, "So-Apptoken": {secret}, "So-Language": {"en"}}
}

// send makes a call. A body that is no string is sent as JSON.
func (s stage) send(t *testing.T, method, path string, header http.Header, body any) (int, string) {
	t.Helper()
	text, ok := body.(string)
	if !ok && body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		text = string(raw)
	}
	r, err := http.NewRequest(method, s.server.URL+path, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header.Clone()
	if r.Header == nil {
		r.Header = http.Header{}
	}
	if r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := s.server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSpace(string(raw))
}
