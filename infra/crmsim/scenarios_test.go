package crmsim_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/infra/crmsim"
	"seatmend/shared/superoffice"
)

// Every scenario can be made and read, and is what its name says.
func TestScenarios(t *testing.T) {
	surplus := func(m superoffice.Module) int {
		if m.NewTotal == nil || m.Unrestricted {
			return 0
		}
		return max(0, m.InUse-*m.NewTotal)
	}
	over := func(l superoffice.Licence) (all []string) {
		for _, m := range l.Modules {
			if n := surplus(m); n > 0 {
				all = append(all, fmt.Sprint(m.Module, " ", n))
			}
		}
		return all
	}
	two := func(l superoffice.Licence, _ crmsim.Tenant) bool {
		return l.Offered && !l.CanActivate && fmt.Sprint(over(l)) == "[ten-sales 2 sale-cal 2]"
	}
	marked := func(mark string) func(superoffice.Licence, crmsim.Tenant) bool {
		return func(l superoffice.Licence, _ crmsim.Tenant) bool { return slices.Contains(l.Markers, mark) }
	}
	phase := func(want string) func(superoffice.Licence, crmsim.Tenant) bool {
		return func(l superoffice.Licence, _ crmsim.Tenant) bool {
			now, got := today.Format(time.DateOnly), "ok"
			for _, p := range []struct{ from, is string }{{l.AdminWarning, "warning"}, {l.Expires, "grace"}, {l.GraceUntil, "expired"}} {
				if now >= p.from {
					got = p.is
				}
			}
			return !l.Offered && got == want
		}
	}
	is := map[string]func(superoffice.Licence, crmsim.Tenant) bool{
		"surplus-one-plan": two,
		"surplus-two-plans": func(l superoffice.Licence, _ crmsim.Tenant) bool {
			return fmt.Sprint(over(l)) == "[ten-sales 1 ten-service 1 sale-cal 1]"
		},
		"plan-swap": func(l superoffice.Licence, _ crmsim.Tenant) bool {
			return fmt.Sprint(over(l)) == "[ten-sales 9 sale-cal 9]" && slices.ContainsFunc(l.Modules, func(m superoffice.Module) bool {
				return m.Module == "ten-salesservice" && m.Total == 0 && *m.NewTotal == 10
			})
		},
		"surplus-blocked-open-requests": func(l superoffice.Licence, t crmsim.Tenant) bool {
			return two(l, t) && t.Users[8].OpenRequests == 8 && t.Users[8].Postponed == 8
		},
		"blocked-category-master": func(l superoffice.Licence, t crmsim.Tenant) bool { return two(l, t) && t.Users[8].CategoryMaster },
		"suite-seats-over": func(l superoffice.Licence, _ crmsim.Tenant) bool {
			return fmt.Sprint(over(l)) == "[suite-user 2]" && l.Modules[0].Kind == superoffice.KindSuite
		},
		"trial-installation":    marked("freetrial"),
		"sandbox":               marked("sandbox"),
		"demo-serial":           func(l superoffice.Licence, _ crmsim.Tenant) bool { return l.Serial == "1010000006" },
		"wrong-tenant-login":    marked("freetrial"),
		"unpaid-warning":        phase("warning"),
		"unpaid-grace":          phase("grace"),
		"expired":               phase("expired"),
		"all-ok-no-new-licence": phase("ok"),
		"onsite-maintenance-ended": func(l superoffice.Licence, t crmsim.Tenant) bool {
			return l.LicensedVersion == "8.5" && strings.HasPrefix(t.Version, "9.") && l.MaintenanceUntil < today.Format(time.DateOnly) && marked("maintenance")(l, t)
		},
		"company-renamed": func(_ superoffice.Licence, t crmsim.Tenant) bool { return t.Offer.Company == "Wordslayer Norden AS" },
		"serial-changed":  func(_ superoffice.Licence, t crmsim.Tenant) bool { return t.Offer.Serial == "1801999991" },
		"tenant-moved":    two,
		"scim-readds-user": func(l superoffice.Licence, t crmsim.Tenant) bool {
			return two(l, t) && marked("scim")(l, t)
		},
	}
	unreadable := map[string]error{"license-api-denied": superoffice.ErrDenied, "tenant-suspended": superoffice.ErrNotRunning, "onsite-no-internet": nil}
	all := crmsim.Scenarios()
	if len(all) != 22 || len(is)+len(unreadable) != len(all) {
		t.Fatalf("%d scenarios, %d checks", len(all), len(is)+len(unreadable))
	}
	for _, c := range all {
		t.Run(c.Name, func(t *testing.T) {
			s := newStage(t, c.Make("Cust12345", today))
			made, _ := s.sim.Tenant("Cust12345")
			s.press(t, "fault", "fault", "") // the screen can be shown
			at, err := s.client.State(t.Context(), "Cust12345")
			if made.Hosting == crmsim.Onsite {
				at, err = s.client.Server("Cust12345")
			}
			if err != nil {
				t.Fatal(err)
			}
			x, err := s.client.Licence(t.Context(), at)
			if want, ok := unreadable[c.Name]; ok {
				if err == nil || want != nil && !errors.Is(err, want) {
					t.Errorf("read with %v, want %v", err, want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if l := x.Licence(made.Version); is[c.Name] == nil || !is[c.Name](l, made) {
				t.Errorf("it is not so: %+v", l)
			}
		})
	}
}

func TestScenarioIsMadeOnThePage(t *testing.T) {
	s := newStage(t)
	_, page := s.send(t, "GET", "/", nil, nil)
	wantIn(t, page, "There are none.", `<option value="scim-readds-user">`)
	form := map[string][]string{"Content-Type": {"application/x-www-form-urlencoded"}}
	_, page = s.send(t, "POST", "/sim/scenario", form, "name=surplus-one-plan")
	wantIn(t, page, "<h1>Licences</h1>", "2 too many", "Made: Two more hold Sales Premium")
	_, page = s.send(t, "POST", "/sim/scenario", form, "name=nonsense")
	wantIn(t, page, "There is no such scenario.", "Cust8001")
	_, page = s.send(t, "POST", "/sim/keys", form, "do=rotate")
	wantIn(t, page, "2 published")
}

// Every licence that fits can be activated, and then stands as it was offered; any that does
// not fit cannot. That is the whole of the state machine.
func TestActivationFollowsTheCounts(t *testing.T) {
	for _, c := range crmsim.Scenarios() {
		made := c.Make("Cust12345", today)
		if made.Offer == nil || made.Offline {
			continue
		}
		made.Grants = []string{crmsim.ReadLicence, crmsim.ReadUsers, crmsim.Activate}
		s := newStage(t, made)
		at := s.tenant(t)
		x, err := s.client.Licence(t.Context(), at)
		if err != nil {
			t.Fatal(c.Name, err)
		}
		before, fits := x.Licence(""), true
		for _, m := range before.Modules {
			fits = fits && (m.Unrestricted || m.InUse <= *m.NewTotal)
		}
		got, err := s.client.Activate(t.Context(), at, x.Raw)
		if err != nil || got.Succeeded != fits || before.CanActivate != fits {
			t.Errorf("%s: fits %v, can be activated %v, was %v, %v", c.Name, fits, before.CanActivate, got, err)
		}
		after := s.licence(t)
		if !fits {
			if !after.Offered || after.Expires != before.Expires {
				t.Errorf("%s: refused, and changed", c.Name)
			}
			continue
		}
		if after.Offered || after.Expires != before.NewExpires {
			t.Errorf("%s: activated, and stands %+v", c.Name, after)
		}
		for _, m := range after.Modules {
			for _, old := range before.Modules {
				if m.Module == old.Module && !m.Unrestricted && m.Total != *old.NewTotal {
					t.Errorf("%s: %s has %d, offered were %d", c.Name, m.Module, m.Total, *old.NewTotal)
				}
			}
		}
		status, err := s.client.Status(t.Context(), at)
		if err != nil || status.LicenseStatus != "Ok" {
			t.Errorf("%s: status %v, %v", c.Name, status, err)
		}
	}
}

// A directory gives back at night what was taken by hand, unless it is a plan that was activated away.
func TestDirectoryGivesBack(t *testing.T) {
	c := scenario("scim-readds-user")
	s := newStage(t, c.Make("Cust12345", today))
	s.press(t, "remove", "user", "9", "module", "ten-sales")
	s.press(t, "remove", "user", "8", "module", "ten-sales")
	if got := s.module(t, "ten-sales").InUse; got != 7 {
		t.Fatalf("%d in use", got)
	}
	s.clock.move(16 * time.Hour) // 01:00
	if got := s.module(t, "ten-sales").InUse; got != 7 {
		t.Errorf("before it runs: %d in use", got)
	}
	s.clock.move(2 * time.Hour)
	if got := s.module(t, "ten-sales").InUse; got != 9 {
		t.Errorf("after it ran: %d in use", got)
	}
	s.press(t, "remove", "user", "9", "module", "ten-sales")
	s.press(t, "remove", "user", "8", "module", "ten-sales")
	wantIn(t, s.press(t, "sync"), "The directory has run: 2 given back.")
	s.press(t, "remove", "user", "9", "module", "ten-sales")
	s.press(t, "remove", "user", "8", "module", "ten-sales")
	s.press(t, "activate")
	s.clock.move(48 * time.Hour)
	if got := s.module(t, "ten-sales"); got.InUse != 7 || got.Total != 7 {
		t.Errorf("no seat is left, and %+v", got)
	}
}

func TestLicenceComesInAFile(t *testing.T) {
	c := scenario("onsite-no-internet")
	s := newStage(t, c.Make("Cust12345", today))
	made, _ := s.sim.Tenant("Cust12345")
	at, err := s.client.Server("Cust12345")
	if err != nil {
		t.Fatal(err)
	}
	if x, err := s.client.StoredLicence(t.Context(), at); err != nil || x.Licence("").Expires != made.Expires {
		t.Errorf("its database: %v", err)
	}
	header := map[string][]string{"Authorization": {"Basic c2VhdG1lbmQ6c2ltdWxhdGVkIHBhc3N3b3Jk"}}
	load := func(method, file string) (int, string) {
		t.Helper()
		return s.send(t, "POST", "/Cust12345/api/v1/Agents/License/"+method, header, map[string]string{"FileContent": file})
	}
	file := made.File()
	if status, body := load("AddLicenseFromFile", strings.Replace(file, made.Serial, "1801852598", 1)); status != 400 || !strings.Contains(body, "signature") {
		t.Errorf("altered: %d %s", status, body)
	}
	if status, body := load("AddLicenseFromFile", "nonsense"); status != 400 || !strings.Contains(body, "no licence") {
		t.Errorf("nonsense: %d %s", status, body)
	}
	if status, body := load("GetLicenseFromFile", file); status != 200 || !strings.Contains(body, `"New":{`) {
		t.Errorf("only looked at: %d %s", status, body)
	}
	wantIn(t, s.press(t, "activate"), "Not done: The licence server cannot be reached.")
	wantIn(t, s.press(t, "load-file", "file", "nonsense"), "Not done: The file is no licence.")
	wantIn(t, s.press(t, "load-file", "file", file), "The licence has been loaded from the file and activated.")
	now, _ := s.sim.Tenant("Cust12345")
	if now.Offer != nil || now.Expires != made.Offer.Expires {
		t.Errorf("%+v", now)
	}
}

// scenario is the one of that name.
func scenario(name string) crmsim.Scenario {
	all := crmsim.Scenarios()
	return all[slices.IndexFunc(all, func(c crmsim.Scenario) bool { return c.Name == name })]
}
