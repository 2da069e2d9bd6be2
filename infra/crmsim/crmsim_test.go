package crmsim_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/infra/crmsim"
	"seatmend/shared/superoffice"
)

var today = time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)

func now() time.Time { return today }

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
}

func newStage(t *testing.T, tenants ...crmsim.Tenant) stage {
	t.Helper()
	sim := crmsim.New(now)
	for _, one := range tenants {
		if err := sim.Put(one); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(server.Close)
	return stage{sim, server, &superoffice.Client{HTTP: server.Client(), Login: server.URL}}
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

func TestNobodyIsKnown(t *testing.T) {
	s := newStage(t)
	if _, err := s.client.State(t.Context(), "Cust12345"); !errors.Is(err, superoffice.ErrUnknownTenant) {
		t.Errorf("got %v, want ErrUnknownTenant", err)
	}
	resp, err := s.server.Client().Get(s.server.URL + "/Cust12345/api")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if got, want := resp.StatusCode, http.StatusMisdirectedRequest; got != want {
		t.Errorf("status %d, want %d", got, want)
	}
}

func TestClientReads(t *testing.T) {
	s := newStage(t, fjord())
	tenant := s.tenant(t)
	if got, want := tenant.Endpoint(), s.server.URL+"/Cust12345"; got != want {
		t.Errorf("endpoint %q, want %q", got, want)
	}
	version, err := s.client.Version(t.Context(), tenant)
	if want := (superoffice.Version{Number: "12.2", Released: "2026-07-09", Label: "Release_12.2_2026-07-09"}); err != nil || version != want {
		t.Errorf("version %+v, %v, want %+v", version, err, want)
	}
	status, err := s.client.Status(t.Context(), tenant)
	if err != nil || status.LicenseStatus != "NewLicenseAvailable" {
		t.Errorf("status %+v, %v", status, err)
	}
	l := s.licence(t)
	if !l.Offered || l.CanActivate || l.Expires != "2026-12-13" || l.NewExpires != "2027-12-13" || l.Serial != "1801550193" ||
		l.LicensedVersion != "12.2" || !slices.Equal(l.Markers, []string{"online"}) {
		t.Errorf("licence %+v", l)
	}
	if m := s.module(t, "ten-sales"); m.InUse != 9 || m.Total != 10 || *m.NewTotal != 7 || m.Kind != superoffice.KindPlan || m.Description != "Sales Premium" {
		t.Errorf("ten-sales %+v", m)
	}
	if m := s.module(t, "sale-cal"); m.InUse != 9 || *m.NewTotal != 7 || m.Kind != superoffice.KindHidden {
		t.Errorf("sale-cal %+v", m)
	}
	if m := s.module(t, "superlicense-no-selection"); !m.Unrestricted {
		t.Errorf("no-selection %+v", m)
	}
}

// A plan that the offer lacks, and one that only the offer has.
func TestPlanSwap(t *testing.T) {
	tenant := fjord()
	tenant.Modules = []crmsim.Module{
		{Name: "ten-sales", Description: "Sales", Kind: crmsim.Plan, Total: 10},
		{Name: "ten-marketing", Description: "Marketing", Kind: crmsim.Plan, NewTotal: 10},
	}
	s := newStage(t, tenant)
	if m := s.module(t, "ten-sales"); m.Total != 10 || *m.NewTotal != 0 || m.InUse != 9 {
		t.Errorf("old plan %+v", m)
	}
	if m := s.module(t, "ten-marketing"); m.Total != 0 || *m.NewTotal != 10 || m.InUse != 0 {
		t.Errorf("new plan %+v", m)
	}
	wantIn(t, s.press(t, "assign", "user", "5", "module", "ten-marketing"), "No licence of Marketing is free.")
	for n := 1; n <= 9; n++ {
		s.press(t, "remove", "user", fmt.Sprint(n), "module", "ten-sales")
	}
	wantIn(t, s.press(t, "activate"), "has been activated", "Your licence is up to date.")
	wantIn(t, s.press(t, "assign", "user", "5", "module", "ten-marketing"), "has been assigned")
	l := s.licence(t)
	if len(l.Modules) != 1 || l.Modules[0].Module != "ten-marketing" || l.Modules[0].InUse != 1 {
		t.Errorf("after the swap %+v", l.Modules)
	}
}

func TestClientListsUsers(t *testing.T) {
	tenant := fjord()
	tenant.Users[1].CanLogin = false
	tenant.Users[2].LastLogin = time.Time{}
	tenant.Users[3].Waiting = true
	tenant.Users[4].Retired = true
	s := newStage(t, tenant)
	users, err := s.client.Users(t.Context(), s.tenant(t), "ten-sales", "ten-service")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(users), 8; got != want {
		t.Fatalf("%d users, want %d", got, want)
	}
	first := users[0]
	if first.ID != "1" || first.Name != "User 1" || first.Email != "user1@fjord.example" || !first.Admin || !first.CanLogin || first.Waiting ||
		!first.LastLogin.Equal(today.AddDate(0, -1, 0)) || first.Activity != superoffice.ActivityKnown ||
		!first.Created.Equal(today.AddDate(-2, 0, 0)) || !slices.Equal(first.Plans, []string{"ten-sales"}) {
		t.Errorf("first %+v", first)
	}
	if users[1].CanLogin || users[1].Admin || users[2].Activity != superoffice.ActivityNever || !users[3].Waiting || users[4].ID != "6" {
		t.Errorf("others %+v", users[1:5])
	}
	if _, err := s.client.Users(t.Context(), s.tenant(t), "no-such-plan"); err == nil {
		t.Error("an unknown plan column was answered")
	}
}

func TestClientReadsManyPages(t *testing.T) {
	tenant := fjord()
	tenant.Users = nil
	for n := range 2500 {
		u := crmsim.User{ID: 2*n + 1, Name: fmt.Sprint("User ", n), CanLogin: true, Plans: []string{"ten-sales"}}
		if n == 7 {
			u.OpenRequests = 2001
		}
		tenant.Users = append(tenant.Users, u)
	}
	s := newStage(t, tenant)
	users, err := s.client.Users(t.Context(), s.tenant(t), "ten-sales")
	if err != nil || len(users) != 2500 || users[2499].ID != "4999" {
		t.Fatalf("%d users, %v", len(users), err)
	}
	n, err := s.client.OpenRequests(t.Context(), s.tenant(t), "15")
	if err != nil || n != 2001 {
		t.Errorf("%d open requests, %v", n, err)
	}
}

func TestClientCountsOpenRequests(t *testing.T) {
	tenant := fjord()
	tenant.Users[6].OpenRequests = 4
	tenant.Users[8].OpenRequests = 1
	s := newStage(t, tenant)
	for user, want := range map[string]int{"7": 4, "9": 1, "1": 0} {
		if got, err := s.client.OpenRequests(t.Context(), s.tenant(t), user); err != nil || got != want {
			t.Errorf("user %s: %d, %v, want %d", user, got, err, want)
		}
	}
	got, err := s.client.OpenRequestsOf(t.Context(), s.tenant(t), []string{"1", "7", "9"})
	if err != nil || fmt.Sprint(got) != "map[1:0 7:4 9:1]" {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestGrants(t *testing.T) {
	tenant := fjord()
	tenant.Grants = nil
	s := newStage(t, tenant)
	at := s.tenant(t)
	_, licence := s.client.Licence(t.Context(), at)
	_, users := s.client.Users(t.Context(), at)
	_, requests := s.client.OpenRequests(t.Context(), at, "1")
	for call, err := range map[string]error{"licence": licence, "users": users, "requests": requests} {
		if !errors.Is(err, superoffice.ErrDenied) {
			t.Errorf("%s: %v, want ErrDenied", call, err)
		}
	}
	tenant.Grants = []string{crmsim.ReadLicence}
	s.sim.Put(tenant)
	if _, err := s.client.Activate(t.Context(), at, s.licence(t).Raw); !errors.Is(err, superoffice.ErrDenied) {
		t.Errorf("activate: %v, want ErrDenied", err)
	}
	for _, method := range []string{"RemoveLicenses", "MakeRetired", "SaveUser"} {
		resp, err := s.server.Client().Post(s.server.URL+"/Cust12345/api/v1/Agents/User/"+method, "application/json", strings.NewReader(`{"AssociateId":2}`))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got, want := resp.StatusCode, http.StatusForbidden; got != want {
			t.Errorf("%s: status %d, want %d", method, got, want)
		}
	}
}

func TestFaults(t *testing.T) {
	s := newStage(t, fjord())
	hasty := *s.client
	hasty.HTTP = &http.Client{Timeout: 100 * time.Millisecond}
	at := s.tenant(t)
	fault := func(status int) func(error) bool {
		return func(err error) bool {
			var f *superoffice.Fault
			return errors.As(err, &f) && f.Status == status
		}
	}
	is := func(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
	for name, want := range map[crmsim.Fault]func(error) bool{
		crmsim.FaultNull:        is(superoffice.ErrNothing),
		crmsim.FaultTicket:      is(superoffice.ErrTicket),
		crmsim.FaultDenied:      is(superoffice.ErrDenied),
		crmsim.FaultMoved:       is(superoffice.ErrMoved),
		crmsim.FaultServer:      fault(500),
		crmsim.FaultUnavailable: fault(503),
		crmsim.FaultHTML:        is(superoffice.ErrGarbled),
		crmsim.FaultMessage:     fault(200),
		crmsim.FaultTimeout:     is(context.DeadlineExceeded),
		crmsim.FaultBusy: func(err error) bool {
			var b *superoffice.Busy
			return errors.As(err, &b) && b.RetryAfter == 30*time.Second
		},
	} {
		s.press(t, "fault", "fault", string(name))
		_, licence := hasty.Licence(t.Context(), at)
		_, version := hasty.Version(t.Context(), at)
		if !want(licence) || !want(version) {
			t.Errorf("fault %s: licence %v, version %v", name, licence, version)
		}
		// A dynamic archive that is denied is only the last logins; the users themselves are denied too.
		if _, err := hasty.Users(t.Context(), at, "ten-sales"); !want(err) {
			t.Errorf("fault %s: users %v", name, err)
		}
	}
	wantIn(t, s.press(t, "fault", "fault", "no such"), "No such fault.")
	s.press(t, "fault", "fault", "")
	if !s.licence(t).Offered {
		t.Error("the fault is still there")
	}
	if err := s.sim.Put(crmsim.Tenant{CustID: "Cust1", Fault: "no such"}); err == nil {
		t.Error("Put took an unknown fault")
	}
}

func TestOfflineMaintenance(t *testing.T) {
	tenant := fjord()
	tenant.State = "OfflineMaintenance"
	s := newStage(t, tenant)
	if _, err := s.client.Licence(t.Context(), s.tenant(t)); !errors.Is(err, superoffice.ErrNotRunning) {
		t.Errorf("got %v, want ErrNotRunning", err)
	}
	tenant.State = "OnlineMaintenance"
	s.sim.Put(tenant)
	if l := s.licence(t); !l.Offered {
		t.Errorf("got %+v", l)
	}
}

func TestActivateByAPI(t *testing.T) {
	s := newStage(t, fjord())
	at := s.tenant(t)
	activate := func(raw json.RawMessage) superoffice.LicenceResult {
		t.Helper()
		got, err := s.client.Activate(t.Context(), at, raw)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := activate(s.licence(t).Raw); got.Succeeded || got.Reason == "" {
		t.Errorf("two too many: %+v", got)
	}
	s.press(t, "remove", "user", "9", "module", "ten-sales")
	s.press(t, "remove", "user", "8", "module", "ten-sales")
	l := s.licence(t)
	if !l.CanActivate {
		t.Fatalf("seven of seven: %+v", l)
	}
	altered := json.RawMessage(strings.Replace(string(l.Raw), `"NumberOfLicenses":7`, `"NumberOfLicenses":9`, 1))
	var fields map[string]any
	if err := json.Unmarshal(l.Raw, &fields); err != nil {
		t.Fatal(err)
	}
	// Written anew, keys in another order: no signature survives that.
	rewritten, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string]json.RawMessage{"altered": altered, "rewritten": rewritten, "empty": json.RawMessage(`{}`)} {
		if got := activate(raw); got.Succeeded || !strings.Contains(got.Reason, "signature") {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := activate(l.Raw); !got.Succeeded {
		t.Errorf("unaltered: %+v", got)
	}
	after := s.licence(t)
	if after.Offered || after.Expires != "2027-12-13" || after.NextCheck != "2027-11-20" || after.MaintenanceUntil != "2026-12-31" {
		t.Errorf("after: %+v", after)
	}
	if m := s.module(t, "ten-sales"); m.Total != 7 || m.InUse != 7 || m.NewTotal != nil {
		t.Errorf("after: %+v", m)
	}
	for name, raw := range map[string]json.RawMessage{"the offer again": l.Raw, "what is in force": after.Raw} {
		if got := activate(raw); !got.Succeeded {
			t.Errorf("%s: %+v, want harmless", name, got)
		}
	}
}

func TestRefusedThoughItFits(t *testing.T) {
	tenant := fjord()
	tenant.Users = tenant.Users[:7]
	tenant.Offer.Refusal = "Prerequisite module is missing"
	s := newStage(t, tenant)
	l := s.licence(t)
	if l.CanActivate || l.Reason != "Prerequisite module is missing" {
		t.Errorf("got %+v", l)
	}
	got, err := s.client.Activate(t.Context(), s.tenant(t), l.Raw)
	if want := (superoffice.LicenceResult{Reason: "Prerequisite module is missing"}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestActivationWhoseAnswerIsLost(t *testing.T) {
	tenant := fjord()
	tenant.Users = tenant.Users[:7]
	tenant.Fault = crmsim.FaultLate
	s := newStage(t, tenant)
	l := s.licence(t)
	hasty := *s.client
	hasty.HTTP = &http.Client{Timeout: 200 * time.Millisecond}
	if _, err := hasty.Activate(t.Context(), s.tenant(t), l.Raw); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want a time-out", err)
	}
	if after := s.licence(t); after.Offered {
		t.Error("it was not done")
	}
}

func TestScreen(t *testing.T) {
	tenant := fjord()
	tenant.Users[8].OpenRequests = 3 // user 9, away longest
	tenant.Users[1].CanLogin = false
	s := newStage(t, tenant)
	var events []any
	s.sim.Webhook = func(cust string, e any) { events = append(events, e) }

	get := func(path string) string {
		resp, err := s.server.Client().Get(s.server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		page, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(page)
	}
	wantIn(t, get("/"), `<a href="/sim/Cust12345">Fjord Foods AB</a>`, "A new licence waits")
	wantIn(t, get("/sim/Cust12345"), "<h1>Licences</h1>", "2 too many", "1801550193", "Remove licence", "Free what is too many, and activate", "Give the requests to somebody else")

	// What can't be done says why, and changes nothing.
	wantIn(t, s.press(t, "remove", "user", "9", "module", "ten-sales"), "User 9 has open requests in Service (3). The licence cannot be removed.")
	wantIn(t, s.press(t, "activate"), "Remove superfluous licences first.")
	wantIn(t, s.press(t, "remove", "user", "99", "module", "ten-sales"), "No such user")
	wantIn(t, s.press(t, "remove", "user", "3", "module", "sale-cal"), "cannot be removed by itself")
	if got, want := s.module(t, "ten-sales").InUse, 9; got != want {
		t.Fatalf("in use %d, want %d", got, want)
	}

	s.press(t, "remove", "user", "3", "module", "ten-sales")
	if len(events) != 0 {
		t.Errorf("removing a licence sent %d webhooks; SuperOffice sends none", len(events))
	}
	wantIn(t, s.press(t, "give", "user", "9"), "The open requests of User 9 are now with User 1.")
	if len(events) != 3 {
		t.Errorf("giving three requests away sent %d webhooks", len(events))
	}
	wantIn(t, s.press(t, "remove", "user", "9", "module", "ten-sales"), "The licence has been removed.")
	wantIn(t, s.press(t, "remove", "user", "9", "module", "ten-sales"), "The licence has been removed.")
	wantIn(t, s.press(t, "activate"), "The new licence has been activated.")
}

func TestFreeAndActivate(t *testing.T) {
	tenant := fjord()
	tenant.Users[3].CanLogin = false // user 4 goes first
	tenant.Users[8].OpenRequests = 1 // user 9 would be next, and cannot
	s := newStage(t, tenant)
	wantIn(t, s.press(t, "free-and-activate"), "2 freed. The new licence has been activated.")
	after, _ := s.sim.Tenant("Cust12345")
	for _, u := range after.Users {
		freed := u.ID == 4 || u.ID == 8
		if got := len(u.Plans) == 0; got != freed {
			t.Errorf("user %d freed: %v, want %v", u.ID, got, freed)
		}
	}
	if l := s.licence(t); l.Offered || l.Expires != "2027-12-13" {
		t.Errorf("licence %+v", l)
	}
	wantIn(t, s.press(t, "free-and-activate"), "Not done: Your licence is up to date.")
}

func TestFreeAndActivateIsAllOrNothing(t *testing.T) {
	tenant := fjord()
	for i := range tenant.Users {
		tenant.Users[i].OpenRequests = 1
	}
	tenant.Users[4].OpenRequests = 0
	s := newStage(t, tenant)
	before, _ := s.sim.Tenant("Cust12345")
	wantIn(t, s.press(t, "free-and-activate"), "1 cannot be freed", "User 9 has open requests", "User 1 is an administrator")
	after, _ := s.sim.Tenant("Cust12345")
	if fmt.Sprint(after.Users) != fmt.Sprint(before.Users) || after.Offer == nil {
		t.Errorf("changed:\n%+v\n%+v", before, after)
	}
}

func TestSuite(t *testing.T) {
	tenant := fjord()
	tenant.Modules = []crmsim.Module{{Name: "suite-user", Description: "Core", Kind: crmsim.Suite, Total: 10, NewTotal: 7}}
	s := newStage(t, tenant)
	if m := s.module(t, "suite-user"); m.InUse != 9 || m.Kind != superoffice.KindSuite {
		t.Errorf("got %+v", m)
	}
	wantIn(t, s.press(t, "remove", "user", "5", "module", "suite-user"), "Uncheck Can log in")
	users, err := s.client.Users(t.Context(), s.tenant(t), "suite-user")
	if err != nil || users[4].CanLogin || len(users[4].Plans) != 0 || len(users[5].Plans) != 1 {
		t.Errorf("got %+v, %v", users, err)
	}
}

func TestActivatesItself(t *testing.T) {
	tenant := fjord()
	tenant.Auto = true
	tenant.Users = tenant.Users[:7]
	at := today
	sim := crmsim.New(func() time.Time { return at })
	sim.Put(tenant)
	if got, _ := sim.Tenant("Cust12345"); got.Offer == nil {
		t.Error("activated before its check was due")
	}
	at = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	if got, _ := sim.Tenant("Cust12345"); got.Offer != nil || got.Expires != "2027-12-13" {
		t.Errorf("got %+v", got)
	}
}

func TestGetChangesNothing(t *testing.T) {
	s := newStage(t, fjord())
	before, _ := s.sim.Tenant("Cust12345")
	for _, path := range []string{"/", "/sim/Cust12345", "/sim/Cust12345/activate", "/sim/Cust12345/free-and-activate?user=1", "/sim/Cust12345/remove?user=9&module=ten-sales"} {
		resp, err := s.server.Client().Get(s.server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	after, _ := s.sim.Tenant("Cust12345")
	if fmt.Sprintf("%+v", after.Users) != fmt.Sprintf("%+v", before.Users) || after.Offer == nil {
		t.Error("a GET changed the tenant")
	}
	req, err := http.NewRequest("POST", s.server.URL+"/sim/Cust12345/remove?user=9&module=ten-sales", strings.NewReader("user=9&module=ten-sales"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", "https://evil.example")
	resp, err := s.server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if got, want := resp.StatusCode, http.StatusForbidden; got != want {
		t.Errorf("POST of another origin: status %d, want %d", got, want)
	}
}

func TestScreenAsJSON(t *testing.T) {
	s := newStage(t, fjord())
	req, err := http.NewRequest("GET", s.server.URL+"/sim/Cust12345", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	resp, err := s.server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var got struct {
		Over  bool
		Lines []struct{ InUse, Surplus int }
	}
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || !got.Over || got.Lines[0].InUse != 9 || got.Lines[0].Surplus != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestKeptOnDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "crm.json")
	s := newStage(t)
	if err := s.sim.Load(path); err != nil {
		t.Fatal(err)
	}
	if err := s.sim.Put(fjord()); err != nil {
		t.Fatal(err)
	}
	s.press(t, "free-and-activate")

	// Nothing was closed or flushed: this is what a kill leaves.
	again := crmsim.New(now)
	if err := again.Load(path); err != nil {
		t.Fatal(err)
	}
	got, ok := again.Tenant("Cust12345")
	want, _ := s.sim.Tenant("Cust12345")
	if !ok || got.Offer != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}

	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := os.WriteFile(path, []byte(`{"Version":1,"Tena`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := crmsim.New(now).Load(path); err == nil {
		t.Error("half a file was taken for a whole one")
	}
}

// Where the disk refuses, the screen says so and nothing has changed.
func TestDiskRefuses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := newStage(t)
	if err := s.sim.Load(filepath.Join(dir, "crm.json")); err != nil {
		t.Fatal(err)
	}
	if err := s.sim.Put(fjord()); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	resp, err := s.server.Client().PostForm(s.server.URL+"/sim/Cust12345/remove", url.Values{"user": {"9"}, "module": {"ten-sales"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if got, want := resp.StatusCode, http.StatusInternalServerError; got != want {
		t.Errorf("status %d, want %d", got, want)
	}
	if got, want := s.module(t, "ten-sales").InUse, 9; got != want {
		t.Errorf("in use %d, want %d", got, want)
	}
}
