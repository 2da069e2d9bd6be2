package superoffice_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"seatmend/shared/superoffice"
	"strings"
	"testing"
	"time"
)

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
	var fault *superoffice.Fault
	if _, err := c.Version(t.Context(), p.tenant(t)); !errors.As(err, &fault) || fault.Status != http.StatusFound {
		t.Errorf("got %v, want a Fault of 302", err)
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

func TestStateIsKeptUntilItsTime(t *testing.T) {
	p := newPlace(t, says(twelve))
	p.until = noon.Add(time.Minute)
	c := p.client()
	look := func(what string, looks int) {
		t.Helper()
		if _, err := c.State(t.Context(), "cust1"); err != nil || p.calls("state") != looks {
			t.Errorf("%s: %v, %d looks, want %d", what, err, p.calls("state"), looks)
		}
	}
	look("first", 1)
	look("within its time", 1)
	p.now = p.until
	look("after its time", 2)
	p.until = p.now.AddDate(1, 0, 0)
	look("now for a year", 3)
	p.now = p.now.Add(25 * time.Hour)
	look("a day later all the same", 4)
	p.now, p.state = p.now.Add(25*time.Hour), "Suspended"
	look("suspended", 5)
	look("still suspended?", 6)
}

// Status 421 is asked about once, whatever is remembered, and never in circles.
func TestTenantAtTheSamePlaceHasNotMoved(t *testing.T) {
	p := newPlace(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusMisdirectedRequest) })
	p.until = noon.Add(time.Hour)
	c := p.client()
	tenant, err := c.State(t.Context(), "Cust1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Version(t.Context(), tenant); !errors.Is(err, superoffice.ErrMoved) || p.calls("state") != 2 || p.calls("api") != 1 {
		t.Errorf("%v after %d looks and %d calls, want ErrMoved after two and one", err, p.calls("state"), p.calls("api"))
	}
}

func TestTenantThatMovesInCirclesIsLeft(t *testing.T) {
	n := 0
	var p *place
	p = newPlace(t, func(w http.ResponseWriter, r *http.Request) {
		n++
		p.endpoint = fmt.Sprintf("%s/%d/Cust1", p.URL, n)
		w.WriteHeader(http.StatusMisdirectedRequest)
	})
	if _, err := p.client().Version(t.Context(), p.tenant(t)); !errors.Is(err, superoffice.ErrMoved) || n != 2 {
		t.Errorf("%v after %d calls, want ErrMoved after two", err, n)
	}
}

func TestNoMoreThanAThousandStatesAreKept(t *testing.T) {
	asked := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cust := strings.TrimPrefix(r.URL.Path, "/api/state/")
		asked[cust]++
		var n int
		fmt.Sscanf(cust, "Cust%d", &n)
		fmt.Fprintf(w, `{"ContextIdentifier":%q,"Endpoint":"https://online.superoffice.com/%s","State":"Running","ValidUntil":%q}`, cust, cust, noon.Add(time.Duration(n+1)*time.Minute/100).Format(time.RFC3339Nano))
	}))
	defer server.Close()
	c := &superoffice.Client{HTTP: server.Client(), Login: server.URL, Now: func() time.Time { return noon }}
	for i := range 1001 {
		if _, err := c.State(t.Context(), fmt.Sprint("Cust", i)); err != nil {
			t.Fatal(err)
		}
	}
	for _, i := range []int{1000, 500, 1, 0} {
		if _, err := c.State(t.Context(), fmt.Sprint("Cust", i)); err != nil {
			t.Fatal(err)
		}
	}
	if asked["Cust1000"] != 1 || asked["Cust500"] != 1 || asked["Cust1"] != 1 || asked["Cust0"] != 2 {
		t.Errorf("asked %v of the first, want the first to be forgotten alone", asked["Cust0"])
	}
}

func TestEveryStateOfATenant(t *testing.T) {
	for state, callable := range map[string]bool{
		"Running": true, "OnlineMaintenance": true, "OfflineMaintenance": false, "Provisioning": false, "ProvisioningFailed": false,
		"Suspended": false, "Deleting": false, "Deleted": false, "DeleteFailed": false, "MigrationPending": false, "OfTomorrow": false,
	} {
		p := newPlace(t, says(twelve))
		p.state = state
		if got := p.tenant(t); got.Callable() != callable || got.State != state {
			t.Errorf("%s: callable %v as %q", state, got.Callable(), got.State)
		}
	}
}
