package crmsim_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"seatmend/infra/crmsim"
	"seatmend/shared/superoffice"
)

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

func TestScreen(t *testing.T) {
	tenant := fjord()
	tenant.Users[8].OpenRequests = 3 // user 9, away longest
	tenant.Users[1].CanLogin = false
	s := newStage(t, tenant)
	heard := newListener(t, s, "ticket.*", "associate.*", "person.*")

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
	if got := heard.events(); len(got) != 0 {
		t.Errorf("removing a licence sent %v; SuperOffice sends nothing", got)
	}
	wantIn(t, s.press(t, "give", "user", "9"), "The open requests of User 9 are now with User 1.")
	if got := heard.events(); len(got) != 3 {
		t.Errorf("giving three requests away sent %v", got)
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
	users, _, err := s.client.Users(t.Context(), s.tenant(t), "suite-user")
	if err != nil || users[4].CanLogin || len(users[4].Plans) != 0 || len(users[5].Plans) != 1 {
		t.Errorf("got %+v, %v", users, err)
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

func TestReassign(t *testing.T) {
	s := newStage(t, fjord())
	wantIn(t, s.press(t, "reassign", "user", "9", "module", "ten-sales", "to", "ten-service"), "The user has been reassigned.")
	if sales, service := s.module(t, "ten-sales"), s.module(t, "ten-service"); sales.InUse != 8 || service.InUse != 1 {
		t.Errorf("sales %+v, service %+v", sales, service)
	}
	for _, c := range []struct{ user, from, to, why string }{
		{"9", "ten-service", "ten-service", "No such user or licence"},
		{"9", "ten-sales", "ten-service", "does not hold Sales Premium"},
		{"8", "ten-sales", "nonsense", "No such user or licence"},
		{"8", "ten-sales", "sale-cal", "holds Sale already"},
		{"9", "ten-service", "sale-cal", "comes with a plan"},
	} {
		wantIn(t, s.press(t, "reassign", "user", c.user, "module", c.from, "to", c.to), "Not done: ", c.why)
	}
	s.press(t, "reassign", "user", "8", "module", "ten-sales", "to", "ten-service")
	s.press(t, "reassign", "user", "7", "module", "ten-sales", "to", "ten-service")
	wantIn(t, s.press(t, "reassign", "user", "6", "module", "ten-sales", "to", "ten-service"), "Not done: No licence of Service Premium is free.")
	if got := s.module(t, "ten-sales").InUse; got != 6 {
		t.Errorf("a reassignment that was refused took a licence: %d in use", got)
	}
}

func TestRetire(t *testing.T) {
	tenant := fjord()
	tenant.Users[8].OpenRequests, tenant.Users[7].CategoryMaster = 1, true
	s := newStage(t, tenant)
	wantIn(t, s.press(t, "retire", "user", "9"), "Not done: User 9 has open requests")
	wantIn(t, s.press(t, "retire", "user", "8"), "Not done: User 8 is master of a request category.")
	wantIn(t, s.press(t, "retire", "user", "1"), "Not done: User 1 is the last administrator.")
	wantIn(t, s.press(t, "retire", "user", "7"), "The user is a former employee now.", "<h2>Former employees</h2><p>User 7</p>")
	if got := s.module(t, "ten-sales").InUse; got != 8 {
		t.Errorf("%d in use: who is retired holds nothing", got)
	}
}

func TestGrantsAreSetOnThePage(t *testing.T) {
	s := newStage(t, fjord())
	wantIn(t, s.press(t, "grants", "read-users", "1"), `name="read-users" value="1" checked`, `name="read-licence" value="1">`)
	if _, err := s.client.Licence(t.Context(), s.tenant(t)); !errors.Is(err, superoffice.ErrDenied) {
		t.Errorf("licence: %v", err)
	}
	wantIn(t, s.press(t, "grants", "read-licence", "1", "revoked", "1"), `name="revoked" value="1" checked`)
	if _, err := s.newClient(s.server.Client()).Licence(t.Context(), s.tenant(t)); !errors.Is(err, superoffice.ErrDenied) {
		t.Errorf("withdrawn: %v", err)
	}
	s.press(t, "grants")
	if _, ok := s.sim.SystemToken("Cust12345"); ok {
		t.Error("nothing is granted, and there is a token")
	}
}

func TestPageShowsWhatItWasSent(t *testing.T) {
	s := newStage(t, fjord())
	l := newListener(t, s, "contact.changed")
	s.send(t, "GET", "/Cust12345/api/v1/License/SuperOffice?secret=1", http.Header{"Authorization": {"SOTicket 7T:x"}}, nil)
	s.client.Activate(t.Context(), s.tenant(t), json.RawMessage(`{"New":{"CompanyName":"altered"}}`))
	l.answer(500)
	s.press(t, "signal", "event", "contact.changed", "key", "1")
	l.hear()
	page := s.press(t, "fault", "fault", "")
	wantIn(t, page, "SO-AppToken is missing or wrong", "GET /Cust12345/api/v1/License/SuperOffice</td>", "its signature does not match", "status 500", ">contact.changed<")
	wantIn(t, s.press(t, "variant", "variant", "nonsense"), "Not done: ")
	wantIn(t, s.press(t, "signal", "event", "nonsense", "key", "1"), "Not done: ")
	wantIn(t, s.press(t, "unhook", "hook", "1"), "The webhook has been stopped.")
	wantIn(t, s.press(t, "hook", "name", "far", "target", "https://elsewhere.example/", "events", "associate.*"), "Not done: ", "this machine alone")
	wantIn(t, s.press(t, "state", "change", "2"), "<dt>State</dt><dd>Suspended</dd>")
}

// What a person would see: every field has a label, and nothing is a script.
func TestPagesAreWhole(t *testing.T) {
	c := scenario("onsite-no-internet")
	tenant := fjord()
	tenant.Users[8].OpenRequests = 2
	tenant.Markers = append(tenant.Markers, "scim")
	s := newStage(t, tenant, c.Make("Cust2", today))
	newListener(t, s, "contact.changed")
	for _, path := range []string{"/", "/sim/Cust12345", "/sim/Cust2", "/login/common/oauth/authorize?" + wish(s).Encode()} {
		status, page := s.send(t, "GET", path, nil, nil)
		if status != 200 || strings.Count(page, "<h1") != 1 || strings.Contains(page, "<script") || !strings.HasSuffix(page, "</html>") {
			t.Errorf("%s: %d", path, status)
		}
		for _, field := range regexp.MustCompile(`<(?:input|select|textarea)[^>]*>`).FindAllStringIndex(page, -1) {
			tag, before := page[field[0]:field[1]], page[:field[0]]
			inLabel := strings.LastIndex(before, "<label") > strings.LastIndex(before, "</label>")
			if !inLabel && !strings.Contains(tag, "aria-label") && !strings.Contains(tag, `type="hidden"`) {
				t.Errorf("%s: no label: %s", path, tag)
			}
		}
	}
}
