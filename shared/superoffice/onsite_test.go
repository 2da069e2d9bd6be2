package superoffice_test

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"seatmend/shared/superoffice"
)

// onsite is a client that knows the place as a customer's own server, too.
func (p *place) onsite() *superoffice.Client {
	c := p.client()
	c.Onsite = func(cust string) (superoffice.Onsite, bool) {
		return superoffice.Onsite{URL: p.URL + "/SuperOffice/", User: "reader", Password: "canary-password"}, cust == "Cust700"
	}
	return c
}

func TestOnsiteServerIsAskedWithoutAStateAPI(t *testing.T) {
	var got http.Header
	p := newPlace(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		if r.URL.Path != "/SuperOffice/api" {
			t.Errorf("asked %s", r.URL.Path)
		}
		io.WriteString(w, `{"NetServerVersion":"8.5.7500.1200","NetServer":"SuperOffice 8.5 R08 NetServer expires in 76 days"}`)
	})
	p.open = true
	c := p.onsite()
	tenant, err := c.Server("Cust700")
	if err != nil || !tenant.Callable() {
		t.Fatal(tenant, err)
	}
	if v, err := c.Version(t.Context(), tenant); err != nil || v != (superoffice.Version{Number: "8.5.7500.1200"}) {
		t.Errorf("version %+v, %v", v, err)
	}
	if want := "Basic cmVhZGVyOmNhbmFyeS1wYXNzd29yZA=="; got.Get("Authorization") != want || got.Get("SO-AppToken") != appSecret {
		t.Errorf("headers %v", got)
	}
	c.App.Secret = ""
	c.Onsite = func(string) (superoffice.Onsite, bool) {
		return superoffice.Onsite{URL: p.URL + "/SuperOffice", Ticket: "7T:abc"}, true
	}
	if _, err := c.Version(t.Context(), tenant); err != nil || got.Get("Authorization") != "SOTicket 7T:abc" || got["So-Apptoken"] != nil {
		t.Errorf("%v, headers %v", err, got)
	}
	p.api = func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusUnauthorized) }
	before := p.calls("api")
	if _, err := c.Version(t.Context(), tenant); !errors.Is(err, superoffice.ErrTicket) || p.calls("api") != before+1 {
		t.Errorf("a wrong password: %v after %d calls", err, p.calls("api")-before)
	}
	if n := p.calls("state") + p.calls("authenticate"); n != 0 {
		t.Errorf("the login host was asked %d times", n)
	}
	if _, err := c.Server("Cust701"); err != nil {
		t.Error(err)
	}
	c.Onsite = nil
	if _, err := c.Server("Cust700"); !errors.Is(err, superoffice.ErrUnknownTenant) {
		t.Errorf("no server: %v", err)
	}
}

func TestOnsiteServerIsWhereItWasConfigured(t *testing.T) {
	for url, ok := range map[string]bool{
		"https://crm.fjord.example/SuperOffice": true, "https://10.0.0.7": true, "http://127.0.0.1:8081/x": true, "http://localhost:1": true, "http://[::1]:8081": true,
		"http://crm.fjord.example": false, "http://10.0.0.7": false, "https://u:canary@crm.fjord.example": false, "https://crm.fjord.example/?a=b": false,
		"ftp://127.0.0.1": false, "crm.fjord.example": false, "": false, "http://127.0.0.1.evil.example": false,
	} {
		if err := (superoffice.Onsite{URL: url, Ticket: "7T:abc"}).Check(); (err == nil) != ok || !ok && !errors.Is(err, superoffice.ErrHost) {
			t.Errorf("%s: %v", url, err)
		}
	}
	for _, o := range []superoffice.Onsite{{}, {User: "a", Password: "b", Ticket: "c"}, {Password: "b"}} {
		o.URL = "https://crm.fjord.example"
		if o.Check() == nil {
			t.Errorf("%+v signs in", o)
		}
	}
}

func TestVersionsOfAllAges(t *testing.T) {
	for body, want := range map[string]superoffice.Version{
		`{"NetServerVersion":"12.2.2072.0","NetServerDate":"2026-07-09","NetServerLabel":"Release_12.2"}`: {Number: "12.2.2072.0", Released: "2026-07-09", Label: "Release_12.2"},
		`{"NetServerVersion":"9.2 R05","NetServerDate":"05.10.2020"}`:                                     {Number: "9.2 R05"},
		`{"NetServerVersion":"","NetServerAssembly":"8.2.0.0","NetServerDate":null}`:                      {Number: "8.2.0.0"},
	} {
		p := newPlace(t, says(body))
		if got, err := p.client().Version(t.Context(), p.tenant(t)); err != nil || got != want {
			t.Errorf("%s: %+v, %v", body, got, err)
		}
	}
}
