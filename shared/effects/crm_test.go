package effects_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

var (
	noon = time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC)
	key  = sync.OnceValue(func() *rsa.PrivateKey {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		return k
	})
)

const (
	fiveDates = `"NextCheckDate":"2026-11-20T00:00:00","MaintenanceDate":"2026-12-31T00:00:00","AdminWarningDate":"2026-11-15T00:00:00","ExpiryDate":"2026-12-13T00:00:00","GraceDate":"2026-12-25T00:00:00"`
	current   = `{"CompanyName":"Fjord Foods AB","SerialNr":"1801550193","Signature":"a","ModuleLicenses":[{"ModuleName":"online","LicenseType":"SiteLicense"}],` + fiveDates + `}`
	offer     = `{"SerialNr":"1801550193","Signature":"b","ExpiryDate":"2027-12-13T00:00:00"}`
	sales     = `{"Current":{"ModuleName":"ten-sales","ModuleDescription":"Sales Premium","LicenseType":"UserLicense","ExtraFlags":1},"New":{"ModuleName":"ten-sales","LicenseType":"UserLicense","ExtraFlags":1},"NumberOfLicensesInUse":9,"NumberOfLicensesTotal":10,"NumberOfLicensesNewTotal":7}`
)

// A crm is a login host and a tenant in one. Of both, each answer can be another.
type crm struct {
	*httptest.Server
	say    map[string]http.HandlerFunc // by the last word of the path
	all    http.HandlerFunc            // what the tenant answers whatever it is asked, if set
	claims map[string]any              // over those of a good token

	mu    sync.Mutex
	asked []string
}

func newCRM(t *testing.T) *crm {
	c := &crm{claims: map[string]any{}, say: map[string]http.HandlerFunc{
		"api":                               says(`{"NetServerVersion":"12.2.2072.0","NetServerDate":"2026-07-09"}`),
		"GetLicenseFromLicenseServer":       says(`{"CanBeActivated":false,"Reason":"too many","Current":` + current + `,"New":` + offer + `,"ExtendedModuleLicenses":[` + sales + `]}`),
		"GetLicenseFromDB":                  says(`{"Current":` + current + `,"New":null,"ExtendedModuleLicenses":[` + sales + `]}`),
		"GetLicenseStatusFromLicenseServer": says(`{"LicenseStatus":"NewLicenseAvailable","Message":"fetch it","Url":""}`),
		"ActivateLicenseInfo":               code(400, `{"Message":"The request is invalid."}`),
		"InternalUsers":                     says(`{"value":[{"EntityName":"all","associateDbId":5,"fullName":"Eva","canLogin":true,"superoffice_ten-sales":1},{"EntityName":"retired","associateDbId":6,"fullName":"Ola","canLogin":false,"superoffice_ten-sales":1}]}`),
		"dynamic":                           says(`{"value":[{"associate.associate_id":5,"associate.lastlogin":"2026-11-03T09:12:00","associate.deleted":0}]}`),
		"Ticket":                            says(`{"value":[{"ticketId":101,"ownedBy/associateDbId":5}]}`),
	}}
	var set jose.JSONWebKeySet
	set.Keys = []jose.JSONWebKey{{Key: key().Public(), KeyID: "k", Use: "sig", Algorithm: "RS256"}}
	jwks, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		last := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		c.mu.Lock()
		c.asked = append(c.asked, last)
		c.mu.Unlock()
		do := c.say[last]
		switch {
		case do == nil && last == "Cust1":
			c.state("Running")(w, r)
		case do == nil && last == "jwks":
			w.Write(jwks)
		case do == nil && last == "Authenticate":
			json.NewEncoder(w).Encode(map[string]any{"IsSuccessful": true, "Token": c.token(t)})
		case c.all != nil && strings.Contains(r.URL.Path, "/Cust1/"):
			c.all(w, r)
		case do != nil:
			do(w, r)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(c.Close)
	return c
}

// was is how often a call was made.
func (c *crm) was(call string) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range c.asked {
		if call == "" || one == call {
			n++
		}
	}
	return n
}

func (c *crm) state(state string) http.HandlerFunc {
	return says(fmt.Sprintf(`{"ContextIdentifier":"Cust1","Endpoint":"%s/Cust1","State":%q,"ValidUntil":"2026-11-16T12:00:00Z"}`, c.URL, state))
}

func (c *crm) token(t *testing.T) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key()}, (&jose.SignerOptions{}).WithHeader("kid", "k"))
	if err != nil {
		t.Error(err)
	}
	const claim = "http://schemes.superoffice.net/identity/"
	good := map[string]any{claim + "ticket": "7T:abc", claim + "serial": "1", claim + "ctx": "Cust1", "iss": "SuperOffice AS", "aud": "spn:1"}
	for name, v := range c.claims {
		good[name] = v
	}
	text, err := jwt.Signed(signer).Claims(good).Serialize()
	if err != nil {
		t.Error(err)
	}
	return text
}

func says(body string) http.HandlerFunc { return code(200, body) }

func code(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func reset(w http.ResponseWriter, r *http.Request) {
	if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
		conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	}
}
