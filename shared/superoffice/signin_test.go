package superoffice_test

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"seatmend/shared/superoffice"
)

const twelve = `{"NetServerVersion":"12.2"}`

// Whatever is wrong with the token that should prove the ticket, no call is made with it.
func TestATokenThatProvesNothingIsRefused(t *testing.T) {
	const claim = "http://schemes.superoffice.net/identity/"
	set := func(name string, value any) func(*place) {
		return func(p *place) { p.claims = func(c map[string]any) { c[name] = value } }
	}
	for name, c := range map[string]struct {
		spoil func(*place)
		want  error
	}{
		"nothing is wrong":             {func(*place) {}, nil},
		"expired within leeway":        {set("exp", noon.Add(-4*time.Minute).Unix()), nil},
		"no exp":                       {func(p *place) { p.claims = func(c map[string]any) { delete(c, "exp") } }, nil},
		"expired":                      {set("exp", noon.Add(-6*time.Minute).Unix()), superoffice.ErrToken},
		"aud of another serial number": {set("aud", "spn:1010000014"), superoffice.ErrToken},
		"no aud":                       {set("aud", ""), superoffice.ErrToken},
		"another iss":                  {set("iss", "SuperOffice"), superoffice.ErrToken},
		"ctx of another tenant":        {set(claim+"ctx", "Cust2"), superoffice.ErrToken},
		"ctx in other case":            {set(claim+"ctx", "cust1"), nil},
		"no ctx":                       {set(claim+"ctx", ""), superoffice.ErrToken},
		"no ticket":                    {set(claim+"ticket", ""), superoffice.ErrToken},
		"no serial":                    {set(claim+"serial", ""), superoffice.ErrToken},
		"signed by somebody":           {func(p *place) { p.signer = otherKey() }, superoffice.ErrToken},
		"alg none":                     {func(p *place) { p.method = "none" }, superoffice.ErrToken},
		"alg RS512":                    {func(p *place) { p.method = jose.RS512 }, superoffice.ErrToken},
		"alg HS256 by the public key": {func(p *place) {
			p.method, p.signer = jose.HS256, x509.MarshalPKCS1PublicKey(&loginKey().PublicKey)
		}, superoffice.ErrToken},
		"a key that nobody names": {func(p *place) { p.kid = "k9" }, superoffice.ErrToken},
		"keys 503": {func(p *place) {
			p.jwks = func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) }
		}, errAny},
		"a key for encryption": {func(p *place) { p.jwks = publishFor("enc") }, superoffice.ErrGarbled},
		"a key for anything":   {func(p *place) { p.jwks = publishFor("") }, nil},
		"no keys":              {func(p *place) { p.jwks = func(w http.ResponseWriter) { io.WriteString(w, `{"keys":[]}`) } }, superoffice.ErrGarbled},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, says(twelve))
			c.spoil(p)
			_, err := p.client().Version(t.Context(), p.tenant(t))
			if c.want == nil && err != nil || c.want == errAny && err == nil || c.want != nil && c.want != errAny && !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if err != nil && p.calls("api")+p.calls("unsigned") > 0 {
				t.Error("the tenant was called all the same")
			}
			if errors.Is(err, superoffice.ErrDenied) {
				t.Errorf("%v says what the tenant grants", err)
			}
		})
	}
}

func publishFor(use string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: loginKey().Public(), KeyID: "k1", Use: use}}})
	}
}

var errAny = errors.New("any error")

func TestSignInThatIsRefused(t *testing.T) {
	for text, denied := range map[string]bool{
		"Revoked": true, "NeedsReapproval": true, "Denied": true, "Application access has expired": true,
		"InvalidSignature": false, "InvalidTimestamp: it has expired": false, "": false, "Unknown tenant": false,
	} {
		p := newPlace(t, says(twelve))
		p.refuse = text + " "
		_, err := p.client().Status(t.Context(), p.tenant(t))
		var no *superoffice.SignInRefused
		if !errors.As(err, &no) || errors.Is(err, superoffice.ErrDenied) != denied || errors.Is(err, superoffice.ErrNotApproved) != denied {
			t.Errorf("%q: %v, denied %v, want %v", text, err, errors.Is(err, superoffice.ErrDenied), denied)
		}
		if p.calls("authenticate") != 1 {
			t.Errorf("%q: asked %d times", text, p.calls("authenticate"))
		}
	}
}

// The minute is part of what is signed: one that ended on the way is no refusal.
func TestTheMinuteEndsOnTheWay(t *testing.T) {
	p := newPlace(t, says(twelve))
	c := p.client()
	c.Now = func() time.Time {
		if p.calls("authenticate") == 0 {
			return noon.Add(-time.Minute)
		}
		return noon
	}
	if _, err := c.Version(t.Context(), p.tenant(t)); err != nil || p.calls("authenticate") != 2 {
		t.Errorf("got %v after %d tries, want the second to do", err, p.calls("authenticate"))
	}
	wrong := p.client()
	wrong.Now = func() time.Time { return noon.Add(time.Hour) }
	if _, err := wrong.Version(t.Context(), p.tenant(t)); err == nil {
		t.Error("a clock that is an hour wrong signed in")
	}
}

func TestWithoutApprovalNothingIsAsked(t *testing.T) {
	p := newPlace(t, says(`{"LicenseStatus":"Ok"}`))
	c := p.client()
	c.System = nil
	tenant := p.tenant(t)
	_, licence := c.Licence(t.Context(), tenant)
	_, _, users := c.Users(t.Context(), tenant)
	_, result := c.Activate(t.Context(), tenant, []byte(`{}`))
	for name, err := range map[string]error{"Licence": licence, "Users": users, "Activate": result} {
		if !errors.Is(err, superoffice.ErrNotApproved) || !errors.Is(err, superoffice.ErrDenied) || errors.Is(err, superoffice.ErrTicket) {
			t.Errorf("%s: %v, want ErrNotApproved", name, err)
		}
	}
	if n := p.calls("api") + p.calls("unsigned") + p.calls("authenticate"); n != 0 {
		t.Errorf("%d calls were made", n)
	}
	// Which version runs is no secret, and told without a ticket.
	p.open = true
	p.api = func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" || r.Header.Get("SO-AppToken") != "" {
			t.Error("shows a ticket")
		}
		io.WriteString(w, twelve)
	}
	if v, err := c.Version(t.Context(), tenant); err != nil || v.Number != "12.2" {
		t.Errorf("version %+v, %v", v, err)
	}
}

func TestTicketIsKeptAndRenewedOnce(t *testing.T) {
	p := newPlace(t, says(twelve))
	c, tenant := p.client(), p.tenant(t)
	ask := func() error {
		_, err := c.Version(t.Context(), tenant)
		return err
	}
	want := func(what string, err error, signIns int) {
		t.Helper()
		if got := p.calls("authenticate"); err != nil || got != signIns {
			t.Errorf("%s: %v, signed in %d times, want %d", what, err, got, signIns)
		}
	}
	want("first", ask(), 1)
	want("again", ask(), 1)
	p.now = p.now.Add(5 * time.Hour)
	want("five hours later", ask(), 1)
	p.now = p.now.Add(5 * time.Hour)
	want("ten hours later, since using it prolongs it", ask(), 1)
	p.now = p.now.Add(6 * time.Hour)
	want("unused for six hours", ask(), 2)
	clear(p.tickets)
	want("after a 401, with a fresh one", ask(), 3)
	p.api = func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusUnauthorized) }
	before := p.calls("api")
	if err := ask(); !errors.Is(err, superoffice.ErrTicket) || p.calls("api") != before+2 || p.calls("authenticate") != 4 {
		t.Errorf("401 twice: %v, %d calls, want ErrTicket after two", err, p.calls("api")-before)
	}
}

func TestManyAtOnceSignInOnce(t *testing.T) {
	p := newPlace(t, says(twelve))
	c, tenant := p.client(), p.tenant(t)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := c.Version(t.Context(), tenant); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := p.calls("authenticate"); got != 1 {
		t.Errorf("signed in %d times", got)
	}
}

// While the login host replaces its key, tokens signed with either are good; while it cannot
// TestKeysRoll its keys, those known go on; and nobody makes us ask more than once a minute.
func TestKeysRoll(t *testing.T) {
	p := newPlace(t, says(twelve))
	c, tenant := p.client(), p.tenant(t)
	ask := func(what string, ok bool, looks int) {
		t.Helper()
		clear(p.tickets)
		if _, err := c.Version(t.Context(), tenant); (err == nil) != ok || p.calls("jwks") != looks {
			t.Errorf("%s: %v after %d looks, want ok %v after %d", what, err, p.calls("jwks"), ok, looks)
		}
	}
	ask("first", true, 1)
	p.jwks = publish(map[string]*rsa.PrivateKey{"k1": loginKey(), "k2": otherKey()})
	p.kid, p.signer = "k2", otherKey()
	ask("a new key within a minute", false, 1)
	p.now = p.now.Add(time.Minute)
	ask("a new key", true, 2)
	p.kid, p.signer = "k1", loginKey()
	ask("the old key still", true, 2)
	p.jwks = func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) }
	p.now = p.now.Add(25 * time.Hour)
	ask("the next day, 503", true, 3)
	p.kid, p.signer = "k3", appKey()
	p.now = p.now.Add(time.Minute)
	ask("a third key, 503", false, 4)
	p.jwks = publish(map[string]*rsa.PrivateKey{"k3": appKey()})
	p.now = p.now.Add(time.Minute)
	ask("a third key", true, 5)
	p.kid, p.signer = "k1", loginKey()
	ask("the first key, which is gone", false, 5)
}

func TestReadKey(t *testing.T) {
	one := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(appKey())})
	eight, err := x509.MarshalPKCS8PrivateKey(appKey())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"PKCS#1": one, "PKCS#8": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: eight})} {
		if key, err := superoffice.ReadKey(text); err != nil || !key.Equal(appKey()) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, text := range [][]byte{nil, []byte("canary"), bytes.Replace(one, []byte("M"), []byte("N"), 20)} {
		if key, err := superoffice.ReadKey(text); err == nil {
			t.Errorf("%.40s: got %v", text, key)
		}
	}
}
