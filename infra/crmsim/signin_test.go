package crmsim_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"seatmend/infra/crmsim"
	"seatmend/shared/superoffice"
)

// published are the login host's keys, by their names.
func published(t *testing.T, s stage) map[string]*rsa.PublicKey {
	t.Helper()
	_, raw := s.send(t, "GET", "/login/.well-known/jwks", nil, nil)
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal([]byte(raw), &set); err != nil {
		t.Fatal(err)
	}
	all := map[string]*rsa.PublicKey{}
	for _, k := range set.Keys {
		n, _ := base64.RawURLEncoding.DecodeString(k["n"])
		e, _ := base64.RawURLEncoding.DecodeString(k["e"])
		all[k["kid"]] = &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	}
	return all
}

// verifies checks a token with what is published, as anybody can.
func verifies(t *testing.T, s stage, token string) bool {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no token", token)
	}
	raw, _ := base64.RawURLEncoding.DecodeString(parts[0])
	var header struct{ Alg, Kid string }
	if err := json.Unmarshal(raw, &header); err != nil {
		t.Fatal(err)
	}
	key := published(t, s)[header.Kid]
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	return header.Alg == "RS256" && key != nil && err == nil && rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) == nil
}

func TestSignIn(t *testing.T) {
	other := fjord()
	other.CustID, other.Serial = "Cust2", "1801550194"
	revoked := fjord()
	revoked.CustID, revoked.Revoked = "Cust3", true
	s := newStage(t, fjord(), other, revoked)
	secret, key := s.sim.App()
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	token, _ := s.sim.SystemToken("cust12345")
	theirs, _ := s.sim.SystemToken("Cust2")
	gone, _ := s.sim.SystemToken("Cust3")
	good := map[string]string{"SignedSystemToken": signed(t, key, token, today), "ApplicationToken": secret, "ContextIdentifier": "Cust12345", "ReturnTokenType": "JWT"}
	for name, c := range map[string]struct {
		field, value string
		says         string // "" is success
	}{
		"good":                  {"", "", ""},
		"three minutes early":   {"SignedSystemToken", signed(t, key, token, today.Add(3*time.Minute)), ""},
		"an hour late":          {"SignedSystemToken", signed(t, key, token, today.Add(-time.Hour)), "InvalidTimestamp"},
		"ten minutes early":     {"SignedSystemToken", signed(t, key, token, today.Add(10*time.Minute)), "InvalidTimestamp"},
		"unsigned":              {"SignedSystemToken", token + ".202611160900", "InvalidSignature"},
		"nothing":               {"SignedSystemToken", "", "InvalidSignature"},
		"another key":           {"SignedSystemToken", signed(t, stranger, token, today), "InvalidSignature"},
		"altered":               {"SignedSystemToken", strings.Replace(signed(t, key, token, today), "App", "Apq", 1), "InvalidSignature"},
		"another tenant's":      {"SignedSystemToken", signed(t, key, theirs, today), "not of this tenant"},
		"wrong secret":          {"ApplicationToken", secret + "x", "Denied"},
		"no such tenant":        {"ContextIdentifier", "Cust404", "no such tenant"},
		"token of another type": {"ReturnTokenType", "SAML", "ReturnTokenType"},
	} {
		body := maps.Clone(good)
		if c.field != "" {
			body[c.field] = c.value
		}
		got := s.authenticate(t, body)
		if got.IsSuccessful != (c.says == "") || !strings.Contains(got.ErrorMessage, c.says) || got.IsSuccessful != (got.Token != "") {
			t.Errorf("%s: %+v, want %q", name, got, c.says)
		}
	}
	withdrawn := maps.Clone(good)
	withdrawn["SignedSystemToken"], withdrawn["ContextIdentifier"] = signed(t, key, gone, today), "Cust3"
	if got := s.authenticate(t, withdrawn); got.IsSuccessful || got.ErrorMessage != "Revoked" {
		t.Errorf("revoked: %+v", got)
	}
	got := s.authenticate(t, good)
	c := claims(t, got.Token)
	if c["iss"] != "SuperOffice AS" || c["aud"] != "spn:1801550193" || c[claim+"serial"] != "1801550193" || c[claim+"ctx"] != "Cust12345" ||
		c[claim+"ticket"] == "" || c["exp"] != float64(today.Add(time.Hour).Unix()) {
		t.Errorf("claims %v", c)
	}
	if !verifies(t, s, got.Token) {
		t.Error("the token does not verify")
	}
}

// A token that is not what it should be lets our client in nowhere.
func TestFalseTokens(t *testing.T) {
	for _, fault := range []crmsim.Fault{crmsim.FaultSignIn, crmsim.FaultIssuer, crmsim.FaultAudience, crmsim.FaultContext, crmsim.FaultExpired,
		crmsim.FaultSignature, crmsim.FaultUnsigned, crmsim.FaultShared} {
		s := newStage(t, fjord())
		s.press(t, "fault", "fault", string(fault))
		if _, err := s.client.Licence(t.Context(), s.tenant(t)); err == nil {
			t.Errorf("%s: a licence was read", fault)
		}
		s.press(t, "fault", "fault", "")
		if _, err := s.newClient(s.server.Client()).Licence(t.Context(), s.tenant(t)); err != nil {
			t.Errorf("%s, mended: %v", fault, err)
		}
	}
}

func TestCallsMustBeSignedIn(t *testing.T) {
	other, own := fjord(), fjord()
	other.CustID = "Cust2"
	own.CustID, own.Hosting, own.User, own.Password, own.Ticket = "Cust700", crmsim.Onsite, "seatmend", "hemligt", "7T:own"
	s := newStage(t, fjord(), other, own)
	good := s.pass(t, "Cust12345")
	secret, _ := s.sim.App()
	theirs := s.pass(t, "Cust2")
	basic := func(user, password string) http.Header {
		r := http.Request{Header: http.Header{}}
		r.SetBasicAuth(user, password)
		return r.Header
	}
	for name, c := range map[string]struct {
		cust   string
		header http.Header
		status int
		says   string
	}{
		"good":                        {"Cust12345", good, 200, ""},
		"nothing":                     {"Cust12345", nil, 401, "No Authorization"},
		"a made up ticket":            {"Cust12345", http.Header{"Authorization": {"SOTicket 7T:guess"}, "SO-AppToken": {secret}}, 401, "unknown"},
		"a ticket of another tenant":  {"Cust12345", theirs, 401, "another tenant"},
		"no SO-AppToken":              {"Cust12345", http.Header{"Authorization": good["Authorization"]}, 401, "SO-AppToken"},
		"a wrong SO-AppToken":         {"Cust12345", http.Header{"Authorization": good["Authorization"], "SO-AppToken": {"x"}}, 401, "SO-AppToken"},
		"a made up bearer":            {"Cust12345", http.Header{"Authorization": {"Bearer 8A:x"}}, 401, "access token"},
		"basic, online":               {"Cust12345", basic("seatmend", "hemligt"), 401, "wrong"},
		"basic, onsite":               {"Cust700", basic("seatmend", "hemligt"), 200, ""},
		"basic, onsite, wrong":        {"Cust700", basic("seatmend", "gissat"), 401, "wrong"},
		"a ticket of its own, onsite": {"Cust700", http.Header{"Authorization": {"SOTicket 7T:own"}}, 200, ""},
		"a ticket from online":        {"Cust700", good, 401, "none of this server"},
	} {
		status, body := s.send(t, "GET", "/"+c.cust+"/api/v1/License/SuperOffice", c.header, nil)
		if status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d %s", name, status, body)
		}
		log := s.sim.Calls(c.cust)[0]
		if log.Status != c.status || !strings.Contains(log.Wrong, c.says) || (c.says == "") != (log.Wrong == "") {
			t.Errorf("%s: the log says %+v", name, log)
		}
	}
	if status, _ := s.send(t, "GET", "/api/state/Cust700", nil, nil); status != 404 {
		t.Errorf("the login host knows a server at a customer's: %d", status)
	}
	at, err := s.client.Server("Cust700")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.client.Licence(t.Context(), at); err != nil {
		t.Errorf("our client, onsite: %v", err)
	}
}

// A ticket lives six hours after its last use.
func TestTicketSlides(t *testing.T) {
	s := newStage(t, fjord())
	pass := s.pass(t, "Cust12345")
	status := func() int {
		n, _ := s.send(t, "GET", "/Cust12345/api/v1/License/SuperOffice", pass, nil)
		return n
	}
	for range 3 {
		s.clock.move(5 * time.Hour)
		if got := status(); got != 200 {
			t.Fatalf("used every five hours: %d", got)
		}
	}
	s.clock.move(6 * time.Hour)
	if got := status(); got != 401 {
		t.Errorf("unused for six hours: %d", got)
	}
	pass = s.pass(t, "Cust12345")
	tenant, _ := s.sim.Tenant("Cust12345")
	tenant.Revoked = true
	s.sim.Put(tenant)
	if got := status(); got != 401 {
		t.Errorf("revoked: %d", got)
	}
}

func TestKeysAreExchanged(t *testing.T) {
	s := newStage(t, fjord())
	before := s.signIn(t, "Cust12345").Token
	s.sim.RotateKeys()
	after := s.signIn(t, "Cust12345").Token
	if len(published(t, s)) != 2 || !verifies(t, s, before) || !verifies(t, s, after) {
		t.Errorf("%d keys; the old token verifies: %v, the new: %v", len(published(t, s)), verifies(t, s, before), verifies(t, s, after))
	}
	s.sim.RotateKeys()
	if len(published(t, s)) != 2 || verifies(t, s, before) {
		t.Errorf("%d keys; the oldest token verifies: %v", len(published(t, s)), verifies(t, s, before))
	}
	s.sim.HideKeys()
	if status, _ := s.send(t, "GET", "/login/.well-known/jwks", nil, nil); status != 503 {
		t.Errorf("hidden: %d", status)
	}
	if _, err := s.newClient(s.server.Client()).Licence(t.Context(), s.tenant(t)); err == nil {
		t.Error("our client took a token that it cannot verify")
	}
	s.sim.ShowKeys()
	_, raw := s.send(t, "GET", "/login/.well-known/openid-configuration", nil, nil)
	if !strings.Contains(raw, `"jwks_uri":"`+s.server.URL+`/login/.well-known/jwks"`) {
		t.Errorf("openid-configuration %s", raw)
	}
}

func TestNothingGrantedIsNotApproved(t *testing.T) {
	tenant := fjord()
	tenant.Grants = nil
	s := newStage(t, tenant)
	if _, ok := s.sim.SystemToken("Cust12345"); ok {
		t.Error("there is a system user token")
	}
	if _, err := s.client.Licence(t.Context(), s.tenant(t)); !errors.Is(err, superoffice.ErrDenied) {
		t.Errorf("got %v, want ErrDenied", err)
	}
	if calls := s.sim.Calls("Cust12345"); len(calls) != 0 {
		t.Errorf("called all the same: %v", calls)
	}
}
