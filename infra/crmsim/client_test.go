package crmsim_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"seatmend/infra/crmsim"
	"seatmend/shared/superoffice"
)

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

func TestClientListsUsers(t *testing.T) {
	tenant := fjord()
	tenant.Users[1].CanLogin = false
	tenant.Users[2].LastLogin = time.Time{}
	tenant.Users[3].Waiting = true
	tenant.Users[4].Retired = true
	s := newStage(t, tenant)
	users, _, err := s.client.Users(t.Context(), s.tenant(t), "ten-sales", "ten-service")
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
	if users, unlisted, err := s.client.Users(t.Context(), s.tenant(t), "no-such-plan", "ten-sales"); err != nil || len(users) != 8 || !slices.Equal(unlisted, []string{"no-such-plan"}) {
		t.Errorf("of a plan without a column: %d users, %v unlisted, %v", len(users), unlisted, err)
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
	users, _, err := s.client.Users(t.Context(), s.tenant(t), "ten-sales")
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
	_, _, users := s.client.Users(t.Context(), at)
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
		status, _ := s.send(t, "POST", "/Cust12345/api/v1/Agents/User/"+method, s.pass(t, "Cust12345"), `{"AssociateId":2}`)
		if got, want := status, http.StatusForbidden; got != want {
			t.Errorf("%s: status %d, want %d", method, got, want)
		}
	}
}
