package superoffice_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/superoffice"
)

// A place is a login host and a tenant host in one. It answers the state API for
// Cust1, and every tenant call with what api says.
type place struct {
	*httptest.Server
	api      http.HandlerFunc
	endpoint string // what the state API names; "": here
	state    string
}

func newPlace(t *testing.T, api http.HandlerFunc) *place {
	p := &place{api: api, state: "Running"}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/state/Cust1" {
			p.api(w, r)
			return
		}
		endpoint := p.endpoint
		if endpoint == "" {
			endpoint = p.URL + "/Cust1"
		}
		fmt.Fprintf(w, `{"ContextIdentifier":"Cust1","Endpoint":%q,"State":%q,"ValidUntil":"2026-02-23T09:52:01.9342965Z","Version":"Release_12.2"}`, endpoint, p.state)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *place) client() *superoffice.Client {
	return &superoffice.Client{HTTP: p.Client(), Login: p.URL}
}

func (p *place) tenant(t *testing.T) superoffice.Tenant {
	t.Helper()
	tenant, err := p.client().State(t.Context(), "Cust1")
	if err != nil {
		t.Fatal(err)
	}
	return tenant
}

// says answers every call with one body.
func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, body) }
}

func TestState(t *testing.T) {
	p := newPlace(t, http.NotFound)
	tenant := p.tenant(t)
	if got, want := tenant.Endpoint(), p.URL+"/Cust1"; got != want {
		t.Errorf("endpoint %q, want %q", got, want)
	}
	if !tenant.Callable() || tenant.State != superoffice.Running || tenant.ValidUntil.IsZero() {
		t.Errorf("got %+v", tenant)
	}
	for _, cust := range []string{"Cust2", "", "../x", "Cust1?x", strings.Repeat("a", 129)} {
		if _, err := p.client().State(t.Context(), cust); !errors.Is(err, superoffice.ErrUnknownTenant) {
			t.Errorf("State(%q): %v, want ErrUnknownTenant", cust, err)
		}
	}
	p.state = "Unknown"
	if _, err := p.client().State(t.Context(), "Cust1"); !errors.Is(err, superoffice.ErrUnknownTenant) {
		t.Errorf("state Unknown: %v, want ErrUnknownTenant", err)
	}
	p.state = "Suspended"
	suspended := p.tenant(t)
	if _, err := p.client().Version(t.Context(), suspended); !errors.Is(err, superoffice.ErrNotRunning) {
		t.Errorf("call of a suspended tenant: %v, want ErrNotRunning", err)
	}
}

func TestStateOfAnotherTenantIsNoState(t *testing.T) {
	server := httptest.NewServer(says(`{"ContextIdentifier":"Cust9","Endpoint":"https://online2.superoffice.com/Cust9","State":"Running"}`))
	defer server.Close()
	c := &superoffice.Client{HTTP: server.Client(), Login: server.URL}
	if _, err := c.State(t.Context(), "Cust1"); !errors.Is(err, superoffice.ErrGarbled) {
		t.Errorf("got %v, want ErrGarbled", err)
	}
}

func TestOnlyHostsOfSuperOffice(t *testing.T) {
	p := newPlace(t, http.NotFound)
	for endpoint, want := range map[string]error{
		"https://online2.superoffice.com/Cust1":          nil,
		"https://app.superoffice.com/Cust1/":             nil,
		"http://online2.superoffice.com/Cust1":           superoffice.ErrHost,
		"https://notsuperoffice.com/Cust1":               superoffice.ErrHost,
		"https://superoffice.com.evil.example/Cust1":     superoffice.ErrHost,
		"https://169.254.169.254/latest":                 superoffice.ErrHost,
		"https://u:p@online2.superoffice.com/Cust1":      superoffice.ErrHost,
		"https://evil.example/?x=online.superoffice.com": superoffice.ErrHost,
		"file:///etc/passwd":                             superoffice.ErrHost,
		"/Cust1":                                         superoffice.ErrHost,
	} {
		p.endpoint = endpoint
		if _, err := p.client().State(t.Context(), "Cust1"); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", endpoint, err, want)
		}
	}
	p.endpoint = "https://crm.fjord.example/Cust1"
	c := p.client()
	c.MayCall = func(host string) bool { return host == "crm.fjord.example" }
	if _, err := c.State(t.Context(), "Cust1"); err != nil {
		t.Errorf("a host that MayCall allows: %v", err)
	}
	if _, err := c.Version(t.Context(), superoffice.Tenant{CustID: "Cust1", State: "Running"}); !errors.Is(err, superoffice.ErrHost) {
		t.Errorf("a tenant that State did not make: %v, want ErrHost", err)
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("followed, with ticket %q", r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	p := newPlace(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) })
	c := p.client()
	c.Token = func(context.Context, string) (string, string, error) { return "ticket", "secret", nil }
	var fault *superoffice.Fault
	if _, err := c.Version(t.Context(), p.tenant(t)); !errors.As(err, &fault) || fault.Status != http.StatusFound {
		t.Errorf("got %v, want a Fault of 302", err)
	}
}

func TestTokenIsSent(t *testing.T) {
	p := newPlace(t, func(w http.ResponseWriter, r *http.Request) {
		if got, want := r.Header.Get("Authorization")+"|"+r.Header.Get("SO-AppToken"), "SOTicket 7T:abc|secret"; got != want {
			t.Errorf("headers %q, want %q", got, want)
		}
		io.WriteString(w, `{"NetServerVersion":"12.2","NetServerDate":"2026-07-09"}`)
	})
	c := p.client()
	c.Token = func(_ context.Context, cust string) (string, string, error) {
		if cust != "Cust1" {
			t.Errorf("token for %q", cust)
		}
		return "7T:abc", "secret", nil
	}
	got, err := c.Version(t.Context(), p.tenant(t))
	if want := (superoffice.Version{Number: "12.2", Released: "2026-07-09"}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	c.Token = func(context.Context, string) (string, string, error) { return "", "", errors.New("no key") }
	if _, err := c.Version(t.Context(), p.tenant(t)); err == nil {
		t.Error("called without a ticket")
	}
}

func TestMovedTenantIsLookedUpOnce(t *testing.T) {
	calls := 0
	var p *place
	p = newPlace(t, func(w http.ResponseWriter, r *http.Request) {
		calls++
		if r.URL.Path != "/new/Cust1/api" {
			p.endpoint = p.URL + "/new/Cust1"
			w.WriteHeader(http.StatusMisdirectedRequest)
			return
		}
		io.WriteString(w, `{"NetServerVersion":"12.2"}`)
	})
	if v, err := p.client().Version(t.Context(), p.tenant(t)); err != nil || v.Number != "12.2" || calls != 2 {
		t.Errorf("got %+v, %v after %d calls", v, err, calls)
	}
}

// Whatever a fault looks like, each call answers it with an error.
func TestFaultIsNeverANumber(t *testing.T) {
	status := func(code int, header, value, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if header != "" {
				w.Header().Set(header, value)
			}
			w.Header().Set("Date", "Wed, 04 Nov 2026 09:00:00 GMT")
			w.WriteHeader(code)
			io.WriteString(w, body)
		}
	}
	isFault := func(code int) func(error) bool {
		return func(err error) bool {
			var f *superoffice.Fault
			return errors.As(err, &f) && f.Status == code
		}
	}
	isBusy := func(after time.Duration) func(error) bool {
		return func(err error) bool {
			var b *superoffice.Busy
			return errors.As(err, &b) && b.RetryAfter == after
		}
	}
	is := func(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
	for name, fault := range map[string]struct {
		api  http.HandlerFunc
		want func(error) bool
	}{
		"null":           {says("null"), is(superoffice.ErrNothing)},
		"null with mark": {says("\ufeff null\n"), is(superoffice.ErrNothing)},
		"empty":          {says(""), is(superoffice.ErrNothing)},
		"html":           {says("<!doctype html><title>Login</title>"), is(superoffice.ErrGarbled)},
		"half":           {says(`{"CanBeActivated":true,`), is(superoffice.ErrGarbled)},
		"empty object":   {says(`{}`), func(err error) bool { return err != nil }},
		"array":          {says(`[]`), is(superoffice.ErrGarbled)},
		"message in 200": {says(`{"Message":"The request is invalid.","MessageDetail":"x"}`), isFault(200)},
		"error in 200":   {says(`{"Error":true,"ErrorType":"SoServerException","ErrorMessage":"x"}`), isFault(200)},
		"400":            {status(400, "", "", `{"Message":"The request is invalid."}`), func(err error) bool { return err != nil }},
		"401":            {status(401, "", "", ""), is(superoffice.ErrTicket)},
		"401 is denied":  {status(401, "", "", ""), is(superoffice.ErrDenied)},
		"403":            {status(403, "", "", ""), is(superoffice.ErrDenied)},
		"404":            {status(404, "", "", ""), isFault(404)},
		"421":            {status(421, "", "", ""), is(superoffice.ErrMoved)},
		"429":            {status(429, "Retry-After", "30", ""), isBusy(30 * time.Second)},
		"429 by date":    {status(429, "Retry-After", "Wed, 04 Nov 2026 09:02:00 GMT", ""), isBusy(2 * time.Minute)},
		"429 alone":      {status(429, "", "", ""), isBusy(0)},
		"503 with time":  {status(503, "Retry-After", "5", ""), isBusy(5 * time.Second)},
		"500":            {status(500, "", "", `{"Error":true,"ErrorMessage":"down"}`), isFault(500)},
		"502":            {status(502, "", "", "<html>"), isFault(502)},
	} {
		p := newPlace(t, fault.api)
		c, tenant := p.client(), p.tenant(t)
		_, licence := c.Licence(t.Context(), tenant)
		_, users := c.Users(t.Context(), tenant, "ten-sales")
		_, requests := c.OpenRequests(t.Context(), tenant, "12")
		_, result := c.Activate(t.Context(), tenant, json.RawMessage(`{}`))
		_, version := c.Version(t.Context(), tenant)
		_, said := c.Status(t.Context(), tenant)
		for call, err := range map[string]error{"Licence": licence, "Users": users, "OpenRequests": requests, "Activate": result, "Version": version, "Status": said} {
			if !fault.want(err) {
				t.Errorf("%s: %s: got %v", name, call, err)
			}
		}
	}
}

func TestHalfALicenceIsNone(t *testing.T) {
	for name, body := range map[string]string{
		"no current":       `{"CanBeActivated":true,"Current":null,"New":null,"ExtendedModuleLicenses":[]}`,
		"no modules":       `{"Current":{"SerialNr":"1"},"New":null}`,
		"no count":         `{"Current":{},"ExtendedModuleLicenses":[{"Current":{"ModuleName":"a","LicenseType":"UserLicense"},"NumberOfLicensesTotal":3}]}`,
		"no new total":     `{"Current":{},"New":{},"ExtendedModuleLicenses":[{"New":{"ModuleName":"a","LicenseType":"UserLicense"},"NumberOfLicensesInUse":3}]}`,
		"nameless":         `{"Current":{},"ExtendedModuleLicenses":[{"NumberOfLicensesInUse":3,"NumberOfLicensesTotal":3}]}`,
		"negative":         `{"Current":{},"ExtendedModuleLicenses":[{"Current":{"ModuleName":"a","LicenseType":"UserLicense"},"NumberOfLicensesInUse":-1,"NumberOfLicensesTotal":3}]}`,
		"count in letters": `{"Current":{},"ExtendedModuleLicenses":[{"Current":{"ModuleName":"a","LicenseType":"UserLicense"},"NumberOfLicensesInUse":"x","NumberOfLicensesTotal":3}]}`,
		"no date":          `{"Current":{"ExpiryDate":"soon"},"ExtendedModuleLicenses":[]}`,
	} {
		p := newPlace(t, says(body))
		if got, err := p.client().Licence(t.Context(), p.tenant(t)); err == nil {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestLicenceInOurTerms(t *testing.T) {
	p := newPlace(t, says(`{"Reason":"too many","CanBeActivated":false,
 "Current":{"CompanyName":"Fjord Foods AB","SerialNr":"1801550193","NextCheckDate":"2026-11-20T00:00:00","MaintenanceDate":"0001-01-01T00:00:00",
  "AdminWarningDate":"2026-11-15T00:00:00","ExpiryDate":"2026-12-13T00:00:00","GraceDate":"2026-12-25T00:00:00","LicenseVersion":"12.2",
  "ModuleLicenses":[{"ModuleName":"online","LicenseType":"SiteLicense"}]},
 "New":{"ExpiryDate":"2027-12-13T00:00:00"},
 "ExtendedModuleLicenses":[
  {"Current":{"ModuleName":"ten-sales","ModuleDescription":"Sales Premium","LicenseType":"UserLicense","ExtraFlags":1},"New":{"ModuleName":"ten-sales"},
   "NumberOfLicensesInUse":9,"NumberOfLicensesTotal":10,"NumberOfLicensesNewTotal":7},
  {"Current":{"ModuleName":"ten-service","LicenseType":"UserLicense","ExtraFlags":1},"New":null,
   "NumberOfLicensesInUse":2,"NumberOfLicensesTotal":3,"NumberOfLicensesNewTotal":3},
  {"Current":null,"New":{"ModuleName":"ten-marketing","LicenseType":"UserLicense","ExtraFlags":1},"NumberOfLicensesInUse":0,"NumberOfLicensesNewTotal":4},
  {"Current":{"ModuleName":"user","LicenseType":"UserLicense","IsHidden":true},"New":{"ModuleName":"user","IsHidden":true},"NumberOfLicensesInUse":9,"NumberOfLicensesTotal":10,"NumberOfLicensesNewTotal":7},
  {"Current":{"ModuleName":"pocket","LicenseType":"UserLicense","Unrestricted":true},"New":{"ModuleName":"pocket","Unrestricted":true},"NumberOfLicensesInUse":9,"NumberOfLicensesTotal":1,"NumberOfLicensesNewTotal":1},
  {"Current":{"ModuleName":"suite-user","LicenseType":"UserLicense","ExtraFlags":1},"New":{"ModuleName":"suite-user"},"NumberOfLicensesInUse":1,"NumberOfLicensesTotal":1,"NumberOfLicensesNewTotal":1},
  {"Current":{"ModuleName":"sales-t2","LicenseType":"SiteLicense","ExtraFlags":2},"New":null,"NumberOfLicensesInUse":0}]}`))
	x, err := p.client().Licence(t.Context(), p.tenant(t))
	if err != nil {
		t.Fatal(err)
	}
	l := x.Licence("12.3")
	for _, c := range []struct{ name, got, want string }{
		{"serial", l.Serial, "1801550193"}, {"company", l.Company, "Fjord Foods AB"},
		{"version", l.Version, "12.3"}, {"licensed version", l.LicensedVersion, "12.2"},
		{"next check", l.NextCheck, "2026-11-20"}, {"admin warning", l.AdminWarning, "2026-11-15"},
		{"expires", l.Expires, "2026-12-13"}, {"grace", l.GraceUntil, "2026-12-25"}, {"maintenance", l.MaintenanceUntil, ""},
		{"offered", fmt.Sprint(l.Offered), "true"}, {"can activate", fmt.Sprint(l.CanActivate), "false"},
		{"new expires", l.NewExpires, "2027-12-13"}, {"reason", l.Reason, "too many"}, {"markers", fmt.Sprint(l.Markers), "[online sales-t2]"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
	var modules []string
	for _, m := range l.Modules {
		modules = append(modules, fmt.Sprint(m.Module, " ", m.Kind, " ", m.InUse, "/", m.Total, "/", *m.NewTotal, " ", m.Unrestricted))
	}
	want := []string{
		"ten-sales plan 9/10/7 false", "ten-service plan 2/3/0 false", "ten-marketing plan 0/0/4 false",
		"user hidden 9/10/7 false", "pocket addon 9/1/1 true", "suite-user suite 1/1/1 false",
	}
	if !slices.Equal(modules, want) {
		t.Errorf("got  %q\nwant %q", modules, want)
	}
}

func TestTheSameLicenceAgainIsNoOffer(t *testing.T) {
	for name, body := range map[string]string{
		"same text":      `{"CanBeActivated":true,"Current":{"SerialNr":"1"},"New":{"SerialNr":"1"},"ExtendedModuleLicenses":[]}`,
		"same signature": `{"CanBeActivated":true,"Current":{"SerialNr":"1","Signature":"x"},"New":{"Signature":"x","SerialNr":"1"},"ExtendedModuleLicenses":[]}`,
		"none":           `{"CanBeActivated":true,"Current":{"SerialNr":"1"},"New":null,"ExtendedModuleLicenses":[]}`,
	} {
		p := newPlace(t, says(body))
		x, err := p.client().Licence(t.Context(), p.tenant(t))
		if err != nil {
			t.Fatal(err)
		}
		if l := x.Licence(""); l.Offered || l.CanActivate {
			t.Errorf("%s: offered %v, can activate %v", name, l.Offered, l.CanActivate)
		}
	}
}

func TestActivateSendsWhatCame(t *testing.T) {
	raw := json.RawMessage(`{"New": {"b":1, "PublicKey":"<&>", "a":1.0},  "Current":{}}`)
	p := newPlace(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if got, want := string(body), `{"NewLicense":`+string(raw)+`}`; got != want {
			t.Errorf("sent %s, want %s", got, want)
		}
		io.WriteString(w, `{"Succeeded":false,"Reason":"too many","TableRight":null}`)
	})
	got, err := p.client().Activate(t.Context(), p.tenant(t), raw)
	if want := (superoffice.LicenceResult{Reason: "too many"}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestUsersAreAllOrNone(t *testing.T) {
	for name, rows := range map[string]string{
		"no can login":   `{"associateDbId":5,"superoffice_ten-sales":1}`,
		"no plan column": `{"associateDbId":5,"canLogin":true}`,
		"no id":          `{"canLogin":true,"superoffice_ten-sales":1}`,
		"twice":          `{"associateDbId":5,"canLogin":true,"superoffice_ten-sales":1},{"associateDbId":5,"canLogin":true,"superoffice_ten-sales":1}`,
	} {
		p := newPlace(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "dynamic") {
				io.WriteString(w, `{"value":[]}`)
				return
			}
			io.WriteString(w, `{"odata.nextLink":null,"value":[`+rows+`]}`)
		})
		if got, err := p.client().Users(t.Context(), p.tenant(t), "ten-sales"); !errors.Is(err, superoffice.ErrGarbled) {
			t.Errorf("%s: %+v, %v, want ErrGarbled", name, got, err)
		}
	}
}

func TestUserWhoseLoginIsNotTold(t *testing.T) {
	p := newPlace(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "dynamic") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		io.WriteString(w, `{"value":[{"PrimaryKey":"5","associateDbId":"5","userName":"eva@fjord.example","role":"Administrator","canLogin":1,"superoffice_ten-sales":1,"superoffice_ten-service":0}]}`)
	})
	got, err := p.client().Users(t.Context(), p.tenant(t), "ten-sales", "ten-service")
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	u := got[0]
	if u.ID != "5" || u.Email != "eva@fjord.example" || !u.Admin || !u.CanLogin || u.Activity != superoffice.ActivityUnknown || !slices.Equal(u.Plans, []string{"ten-sales"}) {
		t.Errorf("got %+v", u)
	}
}
