package effects_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"seatmend/shared/licence"
)

func TestStatesInWhichNothingIsRead(t *testing.T) {
	for state, want := range map[string]string{
		"OnlineMaintenance": "maintenance failed", "OfflineMaintenance": "maintenance failed", "Suspended": "suspended done", "Deleting": "deleting done",
		"Deleted": "deleted done", "DeleteFailed": "delete-failed done", "Provisioning": "unknown done", "MigrationPending": "unknown done", "OfTomorrow": "unknown done",
	} {
		c := newCRM(t)
		c.say["Cust1"] = c.state(state)
		r := c.read(t, told{})
		if r.site == nil || r.site.State+" "+r.done.Outcome != want || r.licence != nil || r.seats != nil || c.was("") != 1 || r.can() != "as before" {
			t.Errorf("%s: %+v after %d calls, want %s", state, r, c.was(""), want)
		}
	}
}

func TestWhatWeMayDoIsFoundOut(t *testing.T) {
	all := []string{"read-licence", "read-users", "free", "activate"}
	nothing := says(`{"Current":` + current + `,"New":null,"ExtendedModuleLicenses":[]}`)
	for name, c := range map[string]struct {
		before  []string
		say     map[string]http.HandlerFunc
		want    string
		licence bool
		seats   bool
		probed  bool
	}{
		"never told":              {nil, nil, "[read-licence read-users activate]", true, true, true},
		"all as it was":           {all, nil, "[read-licence read-users free activate]", true, true, true},
		"may not activate":        {all, map[string]http.HandlerFunc{"ActivateLicenseInfo": code(403, "")}, "[read-licence read-users free]", true, true, true},
		"restricted agent":        {all, map[string]http.HandlerFunc{"ActivateLicenseInfo": code(400, `{"Message":"Online Restricted"}`)}, "[read-licence read-users free]", true, true, true},
		"not known whether":       {all, map[string]http.HandlerFunc{"ActivateLicenseInfo": code(500, "")}, "[read-licence read-users free activate]", true, true, true},
		"not known, and not told": {[]string{}, map[string]http.HandlerFunc{"ActivateLicenseInfo": reset}, "[read-licence read-users]", true, true, true},
		"users 403":               {all, map[string]http.HandlerFunc{"InternalUsers": code(403, "")}, "[read-licence free activate]", true, false, true},
		"users 500":               {all, map[string]http.HandlerFunc{"InternalUsers": code(500, "")}, "[read-licence read-users free activate]", true, false, true},
		"requests 403":            {all, map[string]http.HandlerFunc{"Ticket": code(403, "")}, "[read-licence read-users free activate]", true, true, true},
		"requests cut":            {all, map[string]http.HandlerFunc{"Ticket": reset}, "[read-licence read-users free activate]", true, false, true},
		"user management 403":     {all, map[string]http.HandlerFunc{"GetUser": code(403, "")}, "[read-licence read-users activate]", true, true, true},
		"no such agent":           {all, map[string]http.HandlerFunc{"GetUser": code(404, "")}, "[read-licence read-users activate]", true, true, true},
		"user management 500":     {all, map[string]http.HandlerFunc{"GetUser": code(500, "")}, "[read-licence read-users free activate]", true, true, true},
		"found to be granted":     {[]string{}, map[string]http.HandlerFunc{"GetUser": says("null")}, "[read-licence read-users activate free]", true, true, true},
		"logins 403":              {all, map[string]http.HandlerFunc{"dynamic": code(403, "")}, "[read-licence read-users free activate]", true, true, true},
		"nothing offered": {[]string{"read-licence"}, map[string]http.HandlerFunc{
			"GetLicenseFromLicenseServer": nothing, "GetLicenseStatusFromLicenseServer": says(`{"LicenseStatus":"Ok"}`),
		}, "[read-licence read-users]", true, true, false},
	} {
		crm := newCRM(t)
		if slices.Contains(c.before, "free") {
			crm.say["GetUser"] = says("null") // of nobody
		}
		for call, h := range c.say {
			crm.say[call] = h
		}
		outcome := "done"
		if name == "users 500" || name == "requests cut" {
			outcome = "failed" // a list that could not be read is read again
		}
		r := crm.read(t, told{can: c.before})
		if r.can() != c.want || (r.licence != nil) != c.licence || (r.seats != nil) != c.seats || r.done.Outcome != outcome {
			t.Errorf("%s: can %s, licence %v, seats %v, %s; want can %s", name, r.can(), r.licence != nil, r.seats != nil, r.done.Outcome, c.want)
		}
		if probed := crm.was("ActivateLicenseInfo") > 0; probed != c.probed {
			t.Errorf("%s: probed %v", name, probed)
		}
	}
	unapproved := newCRM(t).read(t, told{hosting: "unapproved", can: all})
	if unapproved.can() != "[free]" || unapproved.site.Version.Value == nil || unapproved.licence != nil {
		t.Errorf("not approved: %+v, can %s", unapproved.site, unapproved.can())
	}
	if r := newCRM(t).read(t, told{hosting: "onsite, not configured"}); r.site != nil || r.licence != nil || r.done.Outcome != "failed" {
		t.Errorf("a server that nobody configured: %+v", r)
	}
}

// Where the licence system has a problem, a licence without an offer is told only if none was
// known: else the offer would seem to be gone.
func TestWhatTheLicenceSystemSays(t *testing.T) {
	for name, c := range map[string]struct {
		status  string
		offered bool
		failing bool
		licence bool
		fetch   string
	}{
		"ok":                           {"Ok", true, false, true, "none"},
		"ok again":                     {"Ok", true, true, true, "true"},
		"a problem, nothing offered":   {"ProblemWithLicense", false, false, true, "false ProblemWithLicense"},
		"a problem, something offered": {"ProblemWithLicense", true, false, false, "false ProblemWithLicense"},
		"a new company":                {"NewCompanyNameAvailable", false, false, true, "none"},
		"a new serial":                 {"NewSerialAvailable", true, true, false, "true"},
		"an error":                     {"UnknownError", false, false, false, "false UnknownError"},
		"a word of tomorrow":           {"OnTheMoon", false, false, false, "none"},
	} {
		crm := newCRM(t)
		crm.say["GetLicenseFromLicenseServer"] = says(`{"Current":` + current + `,"New":null,"ExtendedModuleLicenses":[` + strings.Replace(sales, `"New":{`, `"Old":{`, 1) + `]}`)
		crm.say["GetLicenseStatusFromLicenseServer"] = says(`{"LicenseStatus":"` + c.status + `"}`)
		before := told{offered: c.offered}
		if c.failing {
			before.fetch = &licence.Fetch{At: noon.AddDate(0, 0, -1), Error: "x"}
		}
		r := crm.read(t, before)
		fetch := "none"
		if f := r.site.LastFetch.Value; f != nil {
			fetch = strings.TrimSpace(fmt.Sprint(f.OK, " ", f.Error))
		}
		if (r.licence != nil) != c.licence || fetch != c.fetch {
			t.Errorf("%s: licence %v, fetch %s, want %v, %s", name, r.licence != nil, fetch, c.licence, c.fetch)
		}
		if r.licence != nil && (r.licence.Status != c.status || r.licence.Offered || r.licence.Plans[0].NewTotal != nil) {
			t.Errorf("%s: %+v", name, r.licence)
		}
	}
	down := newCRM(t)
	down.say["GetLicenseFromLicenseServer"] = code(500, `{"Error":true,"ErrorMessage":"the licence server is away"}`)
	r := down.read(t, told{})
	if f := r.site.LastFetch.Value; f == nil || f.OK || f.Error != "the licence server is away" || !f.At.Equal(noon) || r.licence != nil {
		t.Errorf("licence server down: %+v", r.site)
	}
}

// An older server without the question does not show that the licence server is away.
func TestOldServerHasNotFailedToAsk(t *testing.T) {
	c := newCRM(t)
	c.say["GetLicenseFromLicenseServer"] = code(404, `{"Message":"No HTTP resource was found"}`)
	if r := c.read(t, told{}); r.site != nil || r.licence != nil || r.done.Outcome != "failed" {
		t.Errorf("got %+v", r)
	}
}

func TestWhoManagesTheUsers(t *testing.T) {
	scim := strings.Replace(current, `{"ModuleName":"online"`, `{"ModuleName":"scim","LicenseType":"SiteLicense"},{"ModuleName":"online"`, 1)
	for name, c := range map[string]struct {
		licence string
		before  []string
		want    string
	}{
		"scim":            {scim, nil, "scim"},
		"still scim":      {scim, []string{"scim"}, "scim"},
		"scim no more":    {current, []string{"scim"}, "taken back"},
		"never by itself": {current, []string{"online"}, "as before"},
	} {
		crm := newCRM(t)
		crm.say["GetLicenseFromLicenseServer"] = says(`{"Current":` + c.licence + `,"New":` + offer + `,"ExtendedModuleLicenses":[]}`)
		got := "as before"
		if s := crm.read(t, told{markers: c.before}).site.Sync; s.Told && s.Value == nil {
			got = "taken back"
		} else if s.Told {
			got = *s.Value
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
