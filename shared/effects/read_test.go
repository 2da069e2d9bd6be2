package effects_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/superoffice"
)

// A told is what an account knows of its installation before.
type told struct {
	can     []string // nil: never told
	offered bool
	markers []string
	fetch   *licence.Fetch
	hosting string
	shown   string
}

// A reading is what a read came to.
type reading struct {
	licence *licence.LicenceReported
	seats   *licence.SeatsListed
	site    *licence.InstallationReported
	shown   *licence.WarningShown
	done    licence.Result
}

func (c *crm) read(t *testing.T, before told) reading {
	t.Helper()
	client := &superoffice.Client{
		HTTP: &http.Client{Timeout: time.Second}, Login: c.URL, Now: func() time.Time { return noon },
		App: superoffice.App{Secret: "secret", Key: key()},
		System: func(cust string) (string, bool) {
			return "App-token", cust == "Cust1" && before.hosting != "unapproved"
		},
		Onsite: func(cust string) (superoffice.Onsite, bool) {
			return superoffice.Onsite{URL: c.URL + "/Cust1", User: "reader", Password: "p"}, before.hosting == "onsite"
		},
	}
	var s licence.State
	site := licence.Installation{CustID: "Cust1", Hosting: "online"}
	if strings.HasPrefix(before.hosting, "onsite") {
		site.Hosting = "onsite"
	}
	s.Known.Profile.Account.Value = licence.AccountChanged{
		Installations: []licence.Installation{site}, Plans: []licence.Plan{{Plan: "sales-premium", Module: "ten-sales"}},
	}
	in := &licence.KnownInstallation{CustID: "cust1"}
	if before.can != nil {
		in.Can.Value = &before.can
	}
	in.Shown.Value.Text = before.shown
	in.Report.Value.Offered, in.Report.Value.Markers, in.LastFetch.Value = before.offered, before.markers, before.fetch
	s.Known.Licences.By = map[string]*licence.KnownInstallation{"cust1": in}
	payloads, done, err := effects.Reader{Client: client, Now: func() time.Time { return noon }}.Read(t.Context(), s, licence.Effect{Kind: licence.Read, CustID: "cust1"})
	if err != nil {
		t.Fatal(err)
	}
	out := reading{done: done}
	for _, p := range payloads {
		switch p := p.(type) {
		case licence.LicenceReported:
			out.licence = &p
		case licence.SeatsListed:
			out.seats = &p
		case licence.InstallationReported:
			out.site = &p
		case licence.WarningShown:
			out.shown = &p
		default:
			t.Fatalf("a read tells %T", p)
		}
	}
	return out
}

// can is what the read says that we may do; "as before" where it says nothing of it.
func (r reading) can() string {
	if r.site == nil || !r.site.Can.Told {
		return "as before"
	}
	return fmt.Sprint(*r.site.Can.Value)
}

func TestReadTells(t *testing.T) {
	for _, hosting := range []string{"online", "onsite"} {
		c := newCRM(t)
		r := c.read(t, told{hosting: hosting})
		if r.licence == nil || r.seats == nil || r.site == nil || r.done.Outcome != "done" {
			t.Fatalf("%s: %+v", hosting, r)
		}
		if l, p := r.licence, r.licence.Plans[0]; !l.Offered || l.NewExpires != "2027-12-13" || l.Status != "NewLicenseAvailable" || l.Message != "fetch it" ||
			l.Expires != "2026-12-13" || l.Version != "12.2.2072.0" || p.Plan != "sales-premium" || p.InUse != 9 || p.Total != 10 || *p.NewTotal != 7 {
			t.Errorf("%s: licence %+v", hosting, l)
		}
		if rows := r.seats.Rows; len(rows) != 1 || rows[0].User.ID != "5" || rows[0].OpenRequests != 1 || rows[0].User.Activity != "known" {
			t.Errorf("%s: seats %+v", hosting, rows)
		}
		if s := r.site; s.State != "running" || *s.Version.Value != "12.2.2072.0" || *s.Released.Value != "2026-07-09" || s.Sync.Told || s.LastFetch.Told || r.can() != "[read-licence read-users activate]" {
			t.Errorf("%s: installation %+v, can %s", hosting, s, r.can())
		}
		if asked := c.was("Authenticate") > 0; asked != (hosting == "online") {
			t.Errorf("%s: the login host was asked: %v", hosting, asked)
		}
	}
}

// Unknown never becomes fine: whatever a fault looks like, no number comes out of it, and it
// takes nothing away but what was refused for good.
func TestUnknownNeverBecomesFine(t *testing.T) {
	const claim = "http://schemes.superoffice.net/identity/"
	tenant := func(h http.HandlerFunc) func(*crm) { return func(c *crm) { c.all = h } }
	one := func(call string, h http.HandlerFunc) func(*crm) { return func(c *crm) { c.say[call] = h } }
	claims := func(name string, v any) func(*crm) { return func(c *crm) { c.claims[name] = v } }
	const licenceServer = "GetLicenseFromLicenseServer"
	for name, c := range map[string]struct {
		spoil func(*crm)
		can   string
	}{
		"null":                    {tenant(says("null")), "as before"},
		"empty":                   {tenant(says("")), "as before"},
		"html":                    {tenant(says("<html>Login</html>")), "as before"},
		"message in 200":          {tenant(says(`{"Message":"An error has occurred.","MessageDetail":"x"}`)), "as before"},
		"empty object":            {tenant(says(`{}`)), "as before"},
		"400":                     {tenant(code(400, `{"Message":"x"}`)), "as before"},
		"401":                     {tenant(code(401, "")), "as before"},
		"403":                     {tenant(code(403, "")), "[read-users free]"},
		"404":                     {tenant(code(404, "")), "as before"},
		"421":                     {tenant(code(421, "Wrong subdomain used to access tenant")), "as before"},
		"429":                     {tenant(code(429, "")), "as before"},
		"500":                     {tenant(code(500, `{"Error":true,"ErrorMessage":"x"}`)), "as before"},
		"502":                     {tenant(code(502, "")), "as before"},
		"503 html":                {tenant(code(503, "<html>")), "as before"},
		"reset":                   {tenant(reset), "as before"},
		"slow":                    {tenant(func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body); <-r.Context().Done() }), "as before"},
		"state 503":               {one("Cust1", code(503, "")), "as before"},
		"state null":              {one("Cust1", says("null")), "as before"},
		"state 404":               {one("Cust1", code(404, "")), "as before"},
		"keys 503":                {one("jwks", code(503, "")), "as before"},
		"sign-in 500":             {one("Authenticate", code(500, "")), "as before"},
		"sign-in by a wrong time": {one("Authenticate", says(`{"IsSuccessful":false,"Token":null,"ErrorMessage":"InvalidTimestamp"}`)), "as before"},
		"sign-in revoked":         {one("Authenticate", says(`{"IsSuccessful":false,"Token":null,"ErrorMessage":"Revoked"}`)), "[free]"},
		"ticket of another":       {claims(claim+"ctx", "Cust2"), "as before"},
		"wrong aud":               {claims("aud", "spn:2"), "as before"},
		"wrong iss":               {claims("iss", "x"), "as before"},
		"licence null":            {one(licenceServer, says("null")), "as before"},
		"licence 500":             {one(licenceServer, code(500, `{"Error":true,"ErrorMessage":"no licence server"}`)), "as before"},
		"licence half":            {one(licenceServer, says(`{"Current":`+current+`,"New":null,"ExtendedModuleLicenses":[{"Current":{"ModuleName":"a","LicenseType":"UserLicense"}}]}`)), "as before"},
		"licence 403":             {one(licenceServer, code(403, "")), "[read-users free]"},
		"offer not shown":         {one(licenceServer, says(`{"Current":`+current+`,"New":null,"ExtendedModuleLicenses":[]}`)), "[read-licence read-users free activate]"},
		"no offer, no status": {func(c *crm) {
			one(licenceServer, says(`{"Current":`+current+`,"New":null,"ExtendedModuleLicenses":[]}`))(c)
			one("GetLicenseStatusFromLicenseServer", code(500, ""))(c)
		}, "[read-licence read-users free activate]"},
	} {
		t.Run(name, func(t *testing.T) {
			crm := newCRM(t)
			c.spoil(crm)
			r := crm.read(t, told{can: []string{"read-licence", "read-users", "free", "activate"}})
			if r.licence != nil || r.seats != nil {
				t.Errorf("it tells a licence %+v and seats %+v", r.licence, r.seats)
			}
			if r.done.Outcome != "failed" {
				t.Errorf("outcome %q", r.done.Outcome)
			}
			if got := r.can(); got != c.can {
				t.Errorf("can %s, want %s", got, c.can)
			}
		})
	}
}

// TestListOfPeople: a module of which the archive of employees has no column loses nobody's list: it
// is not asked for, or left out where the archive refuses it. Of a plan that people hold that is no
// list, and the read is made again.
func TestListOfPeople(t *testing.T) {
	module := func(name, more string) string {
		return `{"ModuleName":"` + name + `","ModuleDescription":"` + name + `","LicenseType":"UserLicense"` + more + `}`
	}
	both := func(m string, used int) string {
		return fmt.Sprintf(`{"Current":%s,"New":%s,"NumberOfLicensesInUse":%d,"NumberOfLicensesTotal":5,"NumberOfLicensesNewTotal":5}`, m, m, used)
	}
	for name, c := range map[string]struct {
		module, kind, outcome string
		seats, asked          bool
	}{
		"of system users":         {both(module("system-user-cal", `,"AllowedUserType":"SystemAssociate","ExtraFlags":0`), 1), "hidden", "done", true, false},
		"of system users, untold": {both(module("system-user-cal", `,"ExtraFlags":0`), 1), "hidden", "done", true, true},
		"only offered":            {`{"Current":null,"New":` + module("suite-core", `,"ExtraFlags":1`) + `,"NumberOfLicensesInUse":0,"NumberOfLicensesTotal":0,"NumberOfLicensesNewTotal":7}`, "suite", "done", true, false},
		"that nobody holds":       {both(module("ten-service", `,"AllowedUserType":"InternalAssociate","ExtraFlags":1`), 0), "plan", "done", true, true},
		"that people hold":        {both(module("ten-service", `,"AllowedUserType":"InternalAssociate","ExtraFlags":1`), 3), "plan", "failed", false, true},
	} {
		t.Run(name, func(t *testing.T) {
			crm := newCRM(t)
			crm.say["GetLicenseFromLicenseServer"] = says(`{"CanBeActivated":false,"Reason":"too many","Current":` + current + `,"New":` + offer + `,"ExtendedModuleLicenses":[` + sales + `,` + c.module + `]}`)
			list, asked, zone := crm.say["InternalUsers"], false, ""
			crm.say["InternalUsers"] = func(w http.ResponseWriter, r *http.Request) {
				for _, column := range strings.Split(r.URL.Query().Get("$select"), ",") {
					if strings.HasPrefix(column, "superoffice_") && column != "superoffice_ten-sales" {
						asked = true
						code(400, `{"Message":"Unknown column `+column+`"}`)(w, r)
						return
					}
				}
				list(w, r)
			}
			logins := crm.say["dynamic"]
			crm.say["dynamic"] = func(w http.ResponseWriter, r *http.Request) {
				zone = r.Header.Get("SO-TimeZone")
				logins(w, r)
			}
			licences := crm.say["GetLicenseFromLicenseServer"]
			crm.say["GetLicenseFromLicenseServer"] = func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("SO-TimeZone") != "" {
					t.Error("a licence is asked for in a zone: its dates have none")
				}
				licences(w, r)
			}
			r := crm.read(t, told{})
			if r.licence == nil || (r.seats != nil) != c.seats || r.done.Outcome != c.outcome || asked != c.asked {
				t.Fatalf("licence told %v, seats told %v, %s, asked %v", r.licence != nil, r.seats != nil, r.done.Outcome, asked)
			}
			if got := r.licence.Plans[1].Kind; got != c.kind {
				t.Errorf("it is told as %s, want %s", got, c.kind)
			}
			if c.seats && (len(r.seats.Rows) != 1 || r.seats.Rows[0].User.ID != "5") {
				t.Errorf("the people are %+v", r.seats.Rows)
			}
			if zone != "UTC" {
				t.Errorf("logins are asked for in the zone %q", zone)
			}
		})
	}
}

// The warning that the system shows is read with the licence. Where a version lacks it, or it cannot be
// read now, nothing changes; that nothing is shown any more is told once something was.
func TestReadTellsTheWarning(t *testing.T) {
	const rest = `"License":{"SerialNr":"1"},"BuildLabel":"Release_12.4"`
	for name, c := range map[string]struct {
		says   http.HandlerFunc
		before string
		want   *licence.WarningShown
	}{
		"a warning":          {says(`{"WarningEnglish":" It expires soon\n","AccumulatedNextCheckDate":"2026-11-30T00:00:00",` + rest + `}`), "", &licence.WarningShown{CustID: "Cust1", Text: "It expires soon", NextCheck: "2026-11-30"}},
		"a key alone":        {says(`{"WarningEnglish":null,"WarningResource":"[SR_LICENSE_EXPIRED_GRACE]",` + rest + `}`), "", &licence.WarningShown{CustID: "Cust1", Text: "[SR_LICENSE_EXPIRED_GRACE]"}},
		"still":              {says(`{"WarningEnglish":"It expires soon",` + rest + `}`), "It expires soon", &licence.WarningShown{CustID: "Cust1", Text: "It expires soon"}},
		"a very long one":    {says(`{"WarningEnglish":"` + strings.Repeat("å", 600) + `",` + rest + `}`), "", &licence.WarningShown{CustID: "Cust1", Text: strings.Repeat("å", 500) + "…"}},
		"none":               {says(`{"WarningEnglish":"",` + rest + `}`), "", nil},
		"none any more":      {says(`{"WarningEnglish":"",` + rest + `}`), "It expires soon", &licence.WarningShown{CustID: "Cust1"}},
		"an older version":   {code(404, `{"Message":"No such method."}`), "It expires soon", nil},
		"not granted":        {code(403, `{}`), "It expires soon", nil},
		"null":               {says(`null`), "It expires soon", nil},
		"something else":     {says(`{"Name":"x"}`), "It expires soon", nil},
		"a page of HTML":     {says(`<html>`), "It expires soon", nil},
		"a fault":            {code(500, ``), "It expires soon", nil},
		"an error of a 200":  {says(`{"Message":"An error has occurred."}`), "It expires soon", nil},
		"a connection reset": {reset, "It expires soon", nil},
	} {
		t.Run(name, func(t *testing.T) {
			crm := newCRM(t)
			crm.say["GetSystemInfo"] = c.says
			r := crm.read(t, told{shown: c.before})
			if r.licence == nil || r.done.Outcome != "done" || r.seats == nil {
				t.Errorf("the read is none: %+v", r)
			}
			if fmt.Sprint(r.shown) != fmt.Sprint(c.want) {
				t.Errorf("%+v, want %+v", r.shown, c.want)
			}
		})
	}
}
