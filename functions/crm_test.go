package functions_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"strings"
	"testing"
	"time"

	"seatmend/functions/app"
	"seatmend/functions/outside"
)

func rsaKey(t *testing.T) (*rsa.PrivateKey, string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

func TestCRMIsMadeOfItsSecrets(t *testing.T) {
	key, text := rsaKey(t)
	_, older := rsaKey(t)
	s := app.Secrets{
		"crm_app": {"first", "second"}, "crm_key": {text, older},
		"crm_system": {"Cust12345 Seatmend for all-aB3", ""},
		"crm_onsite": {"Cust700 https://crm.fjord.example/SuperOffice basic reader:a b:c", "Cust701 http://127.0.0.1:8081 ticket 7T:abc"},
	}
	c, err := outside.CRM(s, "http://127.0.0.1:8081", &http.Client{}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if c.App.Secret != "first" || !c.App.Key.Equal(key) || c.HTTP == nil || c.Now == nil || c.Login != "http://127.0.0.1:8081" {
		t.Errorf("got %+v", c)
	}
	if token, ok := c.System("cust12345"); !ok || token != "Seatmend for all-aB3" {
		t.Errorf("system user %q, %v", token, ok)
	}
	if _, ok := c.System("Cust700"); ok {
		t.Error("a tenant that approved nothing has a system user")
	}
	if o, ok := c.Onsite("CUST700"); !ok || o.URL != "https://crm.fjord.example/SuperOffice" || o.User != "reader" || o.Password != "a b:c" || o.Ticket != "" {
		t.Errorf("onsite %+v, %v", o, ok)
	}
	if o, ok := c.Onsite("Cust701"); !ok || o.Ticket != "7T:abc" || o.User != "" {
		t.Errorf("onsite %+v, %v", o, ok)
	}
	nothing, err := outside.CRM(app.Secrets{}, outside.OnlineCRM, nil, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := nothing.System("Cust12345"); ok {
		t.Error("without secrets, a tenant has a system user")
	}
}

// Every fault is named at once, and none of them tells the secret.
func TestFaultsOfTheCRMsSecrets(t *testing.T) {
	b, err := json.Marshal(map[string][]string{
		"link":       {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="},
		"crm_key":    {"canary-key"},
		"crm_system": {"canary-token", "Cust1 canary-a", "cust1 canary-b"},
		"crm_onsite": {
			"Cust2 https://crm.fjord.example canary", "Cust3 http://crm.fjord.example basic a:canary", "Cust4 https://a:canary@crm.fjord.example ticket canary",
			"Cust5 https://crm.fjord.example basic canary", "Cust6 https://crm.fjord.example bearer canary", "Cust7 https://crm.fjord.example ticket canary",
			"Cust7 https://crm.fjord.example ticket canary",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = outside.ReadSecrets(b)
	if err == nil {
		t.Fatal("no fault is named")
	}
	for _, want := range []string{
		"crm_key[0]", "crm_system[0]", "crm_system[2]", "crm_system needs crm_app", "crm_onsite[0]", "crm_onsite[1]", "crm_onsite[2]",
		"crm_onsite[3]", "crm_onsite[4]", "crm_onsite[6]",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing is said of %s in: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "crm_onsite[5]") {
		t.Errorf("too much is said: %v", err)
	}
	for login, ok := range map[string]bool{
		outside.OnlineCRM: true, "https://sod.superoffice.com/": true, "http://localhost:8081": true, "http://online.superoffice.com": false,
		"online.superoffice.com": false, "": false, "https://u:p@online.superoffice.com": false,
	} {
		if _, err := outside.CRM(app.Secrets{}, login, nil, nil); (err == nil) != ok {
			t.Errorf("login host %q: %v", login, err)
		}
	}
}
