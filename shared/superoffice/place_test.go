package superoffice_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"seatmend/shared/superoffice"
)

// What no error may ever say.
const (
	appSecret   = "canary-app-secret"
	systemToken = "Seatmend-canary-token"
	ticketMark  = "7T:canary-ticket"
)

var (
	noon = time.Date(2026, 11, 16, 12, 0, 30, 0, time.UTC)

	appKey   = sync.OnceValue(newKey) // ours
	loginKey = sync.OnceValue(newKey) // the login host's
	otherKey = sync.OnceValue(newKey) // somebody's
)

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

// A place is a login host and a tenant host in one. It answers the state API and signs in for
// Cust1, and lets api answer every tenant call that shows a ticket of its.
type place struct {
	*httptest.Server
	api      http.HandlerFunc
	open     bool   // calls without a ticket reach api, too
	endpoint string // what the state API names; "": here
	state    string
	until    time.Time
	now      time.Time // the clock of both sides

	mu      sync.Mutex
	refuse  string // what Authenticate says instead of yes
	claims  func(map[string]any)
	method  jose.SignatureAlgorithm
	signer  any // what signs the token
	kid     string
	jwks    func(w http.ResponseWriter)
	tickets map[string]bool // those that are good
	count   map[string]int  // calls by what they were
}

func newPlace(t testing.TB, api http.HandlerFunc) *place {
	p := &place{
		api: api, state: "Running", now: noon, method: jose.RS256, signer: loginKey(), kid: "k1", until: noon,
		tickets: map[string]bool{}, count: map[string]int{}, claims: func(map[string]any) {},
	}
	p.jwks = publish(map[string]*rsa.PrivateKey{"k1": loginKey()})
	p.Server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.Close)
	return p
}

// publish is a key set of the public halves.
func publish(keys map[string]*rsa.PrivateKey) func(http.ResponseWriter) {
	var set jose.JSONWebKeySet
	for kid, key := range keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: key.Public(), KeyID: kid, Use: "sig", Algorithm: "RS256"})
	}
	return func(w http.ResponseWriter) { json.NewEncoder(w).Encode(set) }
}

func (p *place) client() *superoffice.Client {
	return &superoffice.Client{
		HTTP: p.Client(), Login: p.URL, Now: func() time.Time { return p.now.In(time.FixedZone("CET", 3600)) },
		App:    superoffice.App{Secret: appSecret, Key: appKey()},
		System: func(cust string) (string, bool) { return systemToken, strings.EqualFold(cust, "Cust1") },
	}
}

func (p *place) tenant(t testing.TB) superoffice.Tenant {
	t.Helper()
	tenant, err := p.client().State(t.Context(), "Cust1")
	if err != nil {
		t.Fatal(err)
	}
	return tenant
}

func (p *place) calls(what string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.count[what]
}

func (p *place) serve(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case strings.EqualFold(r.URL.Path, "/api/state/Cust1"):
		p.count["state"]++
		endpoint := p.endpoint
		if endpoint == "" {
			endpoint = p.URL + "/Cust1"
		}
		fmt.Fprintf(w, `{"ContextIdentifier":"Cust1","Endpoint":%q,"State":%q,"IsRunning":true,"ValidUntil":%q,"Version":"Release_12.2"}`, endpoint, p.state, p.until.Format(time.RFC3339Nano))
	case r.URL.Path == "/login/.well-known/jwks":
		p.count["jwks"]++
		p.jwks(w)
	case r.URL.Path == "/Login/api/PartnerSystemUser/Authenticate":
		p.count["authenticate"]++
		p.authenticate(w, r)
	case strings.HasPrefix(r.URL.Path, "/api/state/"):
		http.NotFound(w, r)
	case !p.open && !p.tickets[strings.TrimPrefix(r.Header.Get("Authorization"), "SOTicket ")] || !p.open && r.Header.Get("SO-AppToken") != appSecret:
		p.count["unsigned"]++
		w.WriteHeader(http.StatusUnauthorized)
	default:
		p.count["api"]++
		p.mu.Unlock() // api may take its time
		p.api(w, r)
		p.mu.Lock()
	}
}

// authenticate checks what the real one checks, and signs what it is told to.
func (p *place) authenticate(w http.ResponseWriter, r *http.Request) {
	var q struct{ SignedSystemToken, ApplicationToken, ContextIdentifier, ReturnTokenType string }
	body, _ := io.ReadAll(r.Body)
	json.Unmarshal(body, &q)
	no := func(why string) {
		json.NewEncoder(w).Encode(map[string]any{"IsSuccessful": false, "Token": nil, "ErrorMessage": why})
	}
	signed, signature := q.SignedSystemToken, ""
	if i := strings.LastIndexByte(signed, '.'); i >= 0 {
		signed, signature = signed[:i], signed[i+1:]
	}
	raw, _ := base64.StdEncoding.DecodeString(signature)
	sum := sha256.Sum256([]byte(signed))
	switch {
	case p.refuse != "":
		no(p.refuse + " " + string(body)) // one that says too much
	case q.ReturnTokenType != "JWT" || q.ApplicationToken != appSecret:
		no("Denied")
	case rsa.VerifyPKCS1v15(&appKey().PublicKey, crypto.SHA256, sum[:], raw) != nil:
		no("InvalidSignature")
	case signed != systemToken+"."+p.now.UTC().Format("200601021504"):
		no("InvalidTimestamp")
	default:
		ticket := fmt.Sprintf("%s-%d", ticketMark, p.count["authenticate"])
		p.tickets[ticket] = true
		json.NewEncoder(w).Encode(map[string]any{"IsSuccessful": true, "Token": p.token(q.ContextIdentifier, ticket), "ErrorMessage": nil})
	}
}

func (p *place) token(cust, ticket string) string {
	const claim = "http://schemes.superoffice.net/identity/"
	c := map[string]any{
		claim + "ticket": ticket, claim + "serial": "1801550193", claim + "ctx": cust,
		"iss": "SuperOffice AS", "aud": "spn:1801550193", "exp": p.now.Add(time.Hour).Unix(), "nbf": p.now.Unix(), "iat": p.now.Unix(),
	}
	p.claims(c)
	if p.method == "none" {
		part := func(v any) string {
			b, _ := json.Marshal(v)
			return base64.RawURLEncoding.EncodeToString(b)
		}
		return part(map[string]string{"alg": "none", "kid": p.kid}) + "." + part(c) + "."
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: p.method, Key: p.signer}, (&jose.SignerOptions{}).WithHeader("kid", p.kid))
	if err != nil {
		panic(err)
	}
	text, err := jwt.Signed(signer).Claims(c).Serialize()
	if err != nil {
		panic(err)
	}
	return text
}

// says answers every call with one body.
func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, body) }
}

// answers answers by the end of the path.
func answers(bodies map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, bodies[r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]])
	}
}
