package crmsim

import (
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"
)

// keyBits is the size of every key here.
const keyBits = 2048

// A registration is the application that SuperOffice knows: ours.
type registration struct {
	ID, Secret string
	Key        *rsa.PrivateKey
}

// newKey makes a key. The library takes its chance from the system, whatever it is given.
func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(nil, keyBits)
	if err != nil {
		panic(err) // unreachable: the size is one that the library allows
	}
	return key
}

// ownApp is the application of every simulator in this process that read none from a file:
// a key takes a while to make.
var ownApp = sync.OnceValue(func() *registration {
	key := newKey()
	sum := sha256.Sum256(key.D.Bytes())
	return &registration{ID: "simulated-application", Secret: hex.EncodeToString(sum[:16]), Key: key}
})

// keptApp is a registration on disk.
type keptApp struct {
	ID, Secret string
	Key        []byte // PKCS#8
}

// MarshalJSON writes the key in its standard form.
func (r *registration) MarshalJSON() ([]byte, error) {
	key, err := x509.MarshalPKCS8PrivateKey(r.Key)
	if err != nil {
		return nil, err
	}
	return json.Marshal(keptApp{r.ID, r.Secret, key})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *registration) UnmarshalJSON(raw []byte) error {
	var k keptApp
	if err := json.Unmarshal(raw, &k); err != nil {
		return err
	}
	any, err := x509.ParsePKCS8PrivateKey(k.Key)
	if err != nil {
		return errors.New("crmsim: the application's key cannot be read")
	}
	key, ok := any.(*rsa.PrivateKey)
	if !ok || k.Secret == "" {
		return errors.New("crmsim: the application's key is none of RSA, or its secret is missing")
	}
	*r = registration{k.ID, k.Secret, key}
	return nil
}

// application is our registration; the caller holds the lock.
func (s *Sim) application() *registration {
	if s.app == nil {
		s.app = ownApp()
	}
	return s.app
}

// App gives what SuperOffice gives who registers an application: the client secret, and the
// key that signs system user tokens.
func (s *Sim) App() (secret string, key *rsa.PrivateKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	app := s.application()
	return app.Secret, app.Key
}

// ClientID is the application's name at the login host.
func (s *Sim) ClientID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.application().ID
}

// SystemToken gives the token that a tenant's administrator has handed out by approving the
// application; false: no administrator has. It stays the same, also when it is revoked: that
// shows when somebody signs in with it.
func (s *Sim) SystemToken(cust string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.tenants[strings.ToLower(cust)]
	if !ok || !t.approved() {
		return "", false
	}
	return s.systemToken(t.CustID), true
}

// approved tells whether an administrator has let the application in: only who grants
// something has, and a server at the customer's has no login host to do it at.
func (t *Tenant) approved() bool { return len(t.Grants) > 0 && t.Hosting != Onsite }

func (s *Sim) systemToken(cust string) string {
	return "Simulated App-" + s.derive("system token", strings.ToLower(cust))[:10]
}

// derive makes something that nobody can guess who does not know the secret.
func (s *Sim) derive(what ...string) string {
	mac := hmac.New(sha256.New, []byte(s.application().Secret))
	mac.Write([]byte(strings.Join(what, "\x00")))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// once is a derived value that no other call returns.
func (s *Sim) once(what string) string {
	s.issued++
	return s.derive(what, strconv.Itoa(s.issued), s.now().UTC().Format(time.RFC3339Nano))
}
