package crmsim_test

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"seatmend/infra/crmsim"
	"seatmend/infra/peer"
	"seatmend/shared/superoffice"
)

// official is SuperOffice's own client.
const official, officialVersion = "@superoffice/webapi", "12.4.1514"

// seen is what the official client says: the fields that are compared, in its spelling.
type seen struct {
	Older   bool
	Licence struct {
		CanBeActivated bool
		New, Current   *struct {
			SerialNr, CompanyName, ExpiryDate, LicenseVersion string
			PublicKey                                         struct{ Key struct{ P string } }
		}
		ExtendedModuleLicenses []struct {
			Current, New                                                           *struct{ ModuleName, LicenseType, AllowedUserType string }
			NumberOfLicensesInUse, NumberOfLicensesTotal, NumberOfLicensesNewTotal int
		}
	}
	Stored        struct{ New any }
	Status        struct{ LicenseStatus string }
	Owners, Bare  []owner
	Installation  struct{ UserLicenses []string }
	Shop          string
	Fencing       struct{ Maximum *int }
	Activation    struct{ Succeeded bool }
	System        struct{ WarningEnglish, WarningResource, AccumulatedNextCheckDate string }
	Plans, People []struct {
		ID              int
		Name, ExtraInfo string
	}
	Columns         []string
	Users, Requests []struct {
		PrimaryKey int
		ColumnData map[string]struct{ DisplayValue string }
	}
	Nobody        any
	User, Moved   struct{ LicenseOwners []owner }
	Retired, Back struct{ Deleted bool }
	Tested        struct{ Success bool }
	Saved         struct{ WebhookID int }
	Hooks, Left   []struct{ Name, State, Secret string }
}

type owner struct {
	RestrictedModuleLicenses []struct {
		Name     string
		Assigned bool
		Free     int
	}
}

// holds are the modules of an owner's that are assigned.
func (o owner) holds() (names []string) {
	for _, l := range o.RestrictedModuleLicenses {
		if l.Assigned {
			names = append(names, l.Name)
		}
	}
	return names
}

// see runs the official client against a stage.
func see(t *testing.T, s stage, person, busy int) (out seen) {
	t.Helper()
	modules := peer.Modules(t, official, officialVersion)
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer target.Close()
	secret, key := s.sim.App()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	token, _ := s.sim.SystemToken("Cust12345")
	given, err := json.Marshal(map[string]any{
		"login": s.server.URL, "cust": "Cust12345", "token": token, "secret": secret, "minute": today.Format("200601021504"), "hook": target.URL,
		"key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "person": person, "busy": busy,
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "given.json")
	if err := os.WriteFile(file, given, 0o600); err != nil {
		t.Fatal(err)
	}
	raw := peer.Node(t, modules, "testdata/client.cjs", file)
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return out
}

// TestOfficialClient lets SuperOffice's own client do what ours does, and more: it sees what ours sees.
func TestOfficialClient(t *testing.T) {
	tenant := everything()
	tenant.Users[6].OpenRequests = 3
	tenant.Modules = append(tenant.Modules, crmsim.Module{Name: "system-user-cal", Description: "System user", Kind: crmsim.System, Total: 5, NewTotal: 5, Used: 1},
		crmsim.Module{Name: "visible-for", Description: "Visible for", Kind: crmsim.Addon, Total: 10, NewTotal: 10})
	s := newStage(t, tenant)
	ours := s.licence(t)
	users, unlisted, err := s.client.Users(t.Context(), s.tenant(t), "ten-sales", "visible-for", "system-user-cal")
	if err != nil || !slices.Equal(unlisted, []string{"system-user-cal"}) {
		t.Fatalf("unlisted %v, %v", unlisted, err)
	}
	requests, err := s.client.OpenRequests(t.Context(), s.tenant(t), "7")
	if err != nil {
		t.Fatal(err)
	}
	their := see(t, s, 5, 7)
	their.licence(t, ours)
	their.users(t, users, requests)
	their.changes(t)
	if !their.Older || their.Activation.Succeeded || !their.Tested.Success || their.Saved.WebhookID == 0 || len(their.Hooks) != 1 || their.Hooks[0].State != "Active" ||
		their.Hooks[0].Secret != "" || len(their.Left) != 0 || !strings.HasPrefix(their.Shop, "https://") || their.Fencing.Maximum == nil {
		t.Errorf("sign-in, activation, webhooks, shop, limit: %+v", their)
	}
	now, _ := s.sim.Tenant("Cust12345")
	if len(now.Messages) != 1 || now.Messages[0].Type != "Warning" {
		t.Errorf("messages %+v", now.Messages)
	}
}

func (s seen) licence(t *testing.T, ours superoffice.Licence) {
	t.Helper()
	l := s.Licence
	if l.New == nil || l.Current == nil || s.Stored.New != nil || l.CanBeActivated != ours.CanActivate || s.Status.LicenseStatus != "NewLicenseAvailable" {
		t.Fatalf("licence %+v, ours %+v", l, ours)
	}
	if l.Current.SerialNr != ours.Serial || l.Current.CompanyName != ours.Company || l.Current.LicenseVersion != ours.LicensedVersion ||
		!strings.HasPrefix(l.Current.ExpiryDate, ours.Expires) || !strings.HasPrefix(l.New.ExpiryDate, ours.NewExpires) || l.Current.PublicKey.Key.P == "" {
		t.Errorf("licence %+v, ours %+v", l.Current, ours)
	}
	if s.System.WarningEnglish == "" || s.System.AccumulatedNextCheckDate == "" {
		t.Errorf("system %+v", s.System)
	}
	theirs := map[string][3]int{}
	for _, m := range l.ExtendedModuleLicenses {
		if m.Current != nil && m.Current.LicenseType == "UserLicense" {
			theirs[m.Current.ModuleName] = [3]int{m.NumberOfLicensesInUse, m.NumberOfLicensesTotal, m.NumberOfLicensesNewTotal}
		}
	}
	for _, m := range ours.Modules {
		if got, want := theirs[m.Module], [3]int{m.InUse, m.Total, *m.NewTotal}; got != want {
			t.Errorf("%s: %v, ours %v", m.Module, got, want)
		}
	}
	if len(theirs) != len(ours.Modules) {
		t.Errorf("%d modules, ours %d", len(theirs), len(ours.Modules))
	}
}

func (s seen) users(t *testing.T, ours []superoffice.User, requests int) {
	t.Helper()
	if len(s.Users) != len(ours) || len(s.People) != len(ours) || len(s.Plans) < 3 || len(s.Requests) != requests || requests != 3 {
		t.Errorf("%d users, %d people, ours %d; %d plans; %d requests, ours %d", len(s.Users), len(s.People), len(ours), len(s.Plans), len(s.Requests), requests)
	}
	for i, u := range s.Users {
		held, can := "[I:0]", "[I:0]"
		if slices.Contains(ours[i].Plans, "ten-sales") {
			held = "[I:1]"
		}
		if ours[i].CanLogin {
			can = "[I:1]"
		}
		if u.ColumnData["superoffice_ten-sales"].DisplayValue != held || u.ColumnData["canLogin"].DisplayValue != can || u.ColumnData["fullName"].DisplayValue != ours[i].Name {
			t.Errorf("%+v, ours %+v", u, ours[i])
		}
	}
	for name, want := range map[string]bool{"superoffice_ten-sales": true, "superoffice_visible-for": true, "superoffice_system-user-cal": false, "superoffice_sale-cal": false} {
		if slices.Contains(s.Columns, name) != want {
			t.Errorf("column %s: %v, want %v", name, !want, want)
		}
	}
}

// changes are those that the official client makes to a person, each seen by the next call.
func (s seen) changes(t *testing.T) {
	t.Helper()
	for _, c := range []struct {
		when  string
		holds []owner
		want  []string
	}{
		{"before", s.Owners, []string{"ten-sales", "sale-cal"}}, {"as user", s.User.LicenseOwners, []string{"ten-sales", "sale-cal"}},
		{"moved", s.Moved.LicenseOwners, []string{"ten-service"}}, {"freed", s.Bare, nil},
	} {
		if len(c.holds) != 1 || !slices.Equal(c.holds[0].holds(), c.want) {
			t.Errorf("%s: %+v, want %v", c.when, c.holds, c.want)
		}
	}
	if s.Nobody != nil || !s.Retired.Deleted || s.Back.Deleted {
		t.Errorf("nobody %v, retired %+v, back %+v", s.Nobody, s.Retired, s.Back)
	}
}
