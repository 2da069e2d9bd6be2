package crmsim_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

const back = "http://127.0.0.1:9/back"

// wish is an authorization request that is right but for what changes say.
func wish(s stage, changes ...string) url.Values {
	v := url.Values{"response_type": {"code"}, "client_id": {s.sim.ClientID()}, "redirect_uri": {back}, "scope": {"openid"}, "state": {"s1"}, "acr_values": {"tenant:Cust12345"}}
	for i := 0; i < len(changes); i += 2 {
		v.Set(changes[i], changes[i+1])
	}
	return v
}

// authorize presses the button of the sign-in page, and gives where that leads.
func (s stage) authorize(t *testing.T, v url.Values) url.Values {
	t.Helper()
	client := *s.server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.PostForm(s.server.URL+"/login/common/oauth/authorize", v)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	to, err := resp.Location()
	if err != nil || !strings.HasPrefix(to.String(), back+"?") {
		t.Fatalf("status %d, leads to %v", resp.StatusCode, to)
	}
	return to.Query()
}

// A token is the answer of the token endpoint.
type token struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	IDToken      string `json:"id_token"`
	ExpiresIn    int    `json:"expires_in"`
	Error        string
}

func (s stage) exchange(t *testing.T, changes ...string) (got token) {
	t.Helper()
	secret, _ := s.sim.App()
	v := url.Values{"grant_type": {"authorization_code"}, "client_id": {s.sim.ClientID()}, "client_secret": {secret}, "redirect_uri": {back}}
	for i := 0; i < len(changes); i += 2 {
		v.Set(changes[i], changes[i+1])
	}
	_, raw := s.send(t, "POST", "/login/common/oauth/tokens", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, v.Encode())
	if err := json.Unmarshal([]byte(raw), &got); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return got
}

func TestAdministratorSignsIn(t *testing.T) {
	other := fjord()
	other.CustID, other.Grants = "Cust2", nil
	s := newStage(t, fjord(), other)
	_, page := s.send(t, "GET", "/login/common/oauth/authorize?"+wish(s).Encode(), nil, nil)
	wantIn(t, page, `value="Cust12345/1"`, "User 1, administrator", "Deny")
	if strings.Contains(page, "Cust2/") {
		t.Error("the page offers a tenant beside the one that was asked for")
	}
	q := s.authorize(t, wish(s, "as", "Cust12345/1", "nonce", "n1"))
	if q.Get("state") != "s1" || q.Get("code") == "" {
		t.Fatalf("came back with %v", q)
	}
	got := s.exchange(t, "code", q.Get("code"))
	c := claims(t, got.IDToken)
	if !verifies(t, s, got.IDToken) || c["iss"] != s.server.URL || c["aud"] != s.sim.ClientID() || c["nonce"] != "n1" || c[claim+"ctx"] != "Cust12345" ||
		c[claim+"is_administrator"] != "True" || c[claim+"associateid"] != "1" || c[claim+"serial"] != "1801550193" || got.ExpiresIn != 3600 {
		t.Errorf("%+v, claims %v", got, c)
	}
	if system, _ := s.sim.SystemToken("Cust12345"); c[claim+"system_token"] != system {
		t.Errorf("system_token %v, want %v", c[claim+"system_token"], system)
	}
	if again := s.exchange(t, "code", q.Get("code")); again.Error != "invalid_grant" {
		t.Errorf("a code used twice: %+v", again)
	}
	call := func(cust, access string) int {
		status, _ := s.send(t, "GET", "/"+cust+"/api/v1/License/SuperOffice", http.Header{"Authorization": {"Bearer " + access}}, nil)
		return status
	}
	fresh := s.exchange(t, "grant_type", "refresh_token", "refresh_token", got.RefreshToken)
	if call("Cust12345", got.AccessToken) != 200 || call("Cust2", got.AccessToken) != 401 || call("Cust12345", fresh.AccessToken) != 200 {
		t.Error("the access tokens open not what they should")
	}
	s.clock.move(time.Hour)
	if call("Cust12345", got.AccessToken) != 401 {
		t.Error("an access token lives longer than an hour")
	}
}

func TestOthersSignIn(t *testing.T) {
	retired := fjord()
	retired.Users[4].Retired = true
	other := fjord()
	other.CustID = "Cust2"
	s := newStage(t, retired, other)
	q := s.authorize(t, wish(s, "as", "Cust12345/2"))
	got := s.exchange(t, "code", q.Get("code"))
	c := claims(t, got.IDToken)
	if c[claim+"is_administrator"] != "False" || c[claim+"system_token"] != nil {
		t.Errorf("no administrator: %v", c)
	}
	if status, _ := s.send(t, "GET", "/Cust12345/api/v1/License/SuperOffice", http.Header{"Authorization": {"Bearer " + got.AccessToken}}, nil); status != 403 {
		t.Errorf("no administrator reads the licence: %d", status)
	}
	// Somebody signs in where they should not have: the claim says so.
	q = s.authorize(t, wish(s, "as", "Cust2/1"))
	if c := claims(t, s.exchange(t, "code", q.Get("code")).IDToken); c[claim+"ctx"] != "Cust2" {
		t.Errorf("wrong tenant: %v", c)
	}
	if q := s.authorize(t, wish(s, "deny", "1")); q.Get("error") != "access_denied" || q.Get("code") != "" {
		t.Errorf("denied: %v", q)
	}
	if q := s.authorize(t, wish(s, "as", "Cust12345/5")); q.Get("error") != "login_required" {
		t.Errorf("a former employee: %v", q)
	}
}

func TestCodesThatAreNotGood(t *testing.T) {
	s := newStage(t, fjord())
	code := func(changes ...string) string {
		t.Helper()
		return s.authorize(t, wish(s, append(changes, "as", "Cust12345/1")...)).Get("code")
	}
	sum := sha256.Sum256([]byte("verifier"))
	pkce := []string{"code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]), "code_challenge_method", "S256"}
	for name, c := range map[string]struct {
		fields []string
		want   string
	}{
		"good":                   {[]string{"code", code()}, ""},
		"made up":                {[]string{"code", "x"}, "invalid_grant"},
		"another redirect_uri":   {[]string{"code", code(), "redirect_uri", back + "2"}, "invalid_grant"},
		"wrong secret":           {[]string{"code", code(), "client_secret", "x"}, "invalid_client"},
		"challenge, verifier":    {[]string{"code", code(pkce...), "code_verifier", "verifier"}, ""},
		"challenge, wrong one":   {[]string{"code", code(pkce...), "code_verifier", "guess"}, "invalid_grant"},
		"challenge, no verifier": {[]string{"code", code(pkce...)}, "invalid_grant"},
	} {
		if got := s.exchange(t, c.fields...); got.Error != c.want || (got.AccessToken != "") != (c.want == "") {
			t.Errorf("%s: %+v, want %q", name, got, c.want)
		}
	}
	old := code()
	s.clock.move(11 * time.Minute)
	if got := s.exchange(t, "code", old); got.Error != "invalid_grant" {
		t.Errorf("after eleven minutes: %+v", got)
	}
	for name, changes := range map[string][]string{
		"another client":      {"client_id", "x"},
		"redirects elsewhere": {"redirect_uri", "https://evil.example/"},
		"implicit":            {"response_type", "token"},
		"plain challenge":     {"code_challenge", "x", "code_challenge_method", "plain"},
	} {
		if status, _ := s.send(t, "GET", "/login/common/oauth/authorize?"+wish(s, changes...).Encode(), nil, nil); status != 400 {
			t.Errorf("%s: %d", name, status)
		}
	}
}
