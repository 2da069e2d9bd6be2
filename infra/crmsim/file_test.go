package crmsim_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"seatmend/infra/crmsim"
)

func TestKeptOnDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "crm.json")
	s := newStage(t)
	if err := s.sim.Load(path); err != nil {
		t.Fatal(err)
	}
	if err := s.sim.Put(fjord()); err != nil {
		t.Fatal(err)
	}
	s.press(t, "free-and-activate")

	// Nothing was closed or flushed: this is what a kill leaves.
	again := crmsim.New(s.clock.now)
	if err := again.Load(path); err != nil {
		t.Fatal(err)
	}
	got, ok := again.Tenant("Cust12345")
	want, _ := s.sim.Tenant("Cust12345")
	if !ok || got.Offer != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}

	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := os.WriteFile(path, []byte(`{"Version":1,"Tena`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := crmsim.New(s.clock.now).Load(path); err == nil {
		t.Error("half a file was taken for a whole one")
	}
}

func TestDiskRefuses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := newStage(t)
	if err := s.sim.Load(filepath.Join(dir, "crm.json")); err != nil {
		t.Fatal(err)
	}
	if err := s.sim.Put(fjord()); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	resp, err := s.server.Client().PostForm(s.server.URL+"/sim/Cust12345/remove", url.Values{"user": {"9"}, "module": {"ten-sales"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if got, want := resp.StatusCode, http.StatusInternalServerError; got != want {
		t.Errorf("status %d, want %d", got, want)
	}
	if got, want := s.module(t, "ten-sales").InUse, 9; got != want {
		t.Errorf("in use %d, want %d", got, want)
	}
}

// An application outlives a restart, also in another process that has made one of its own.
func TestAppIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "crm.json")
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pkcs, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	raw := fmt.Sprintf(`{"Version":1,"App":{"ID":"theirs","Secret":"of another process","Key":%q},"Tenants":{}}`, base64.StdEncoding.EncodeToString(pkcs))
	if err := os.WriteFile(path, []byte(raw), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second reads what the first has written
		s := newStage(t)
		if err := s.sim.Load(path); err != nil {
			t.Fatal(err)
		}
		if err := s.sim.Put(fjord()); err != nil {
			t.Fatal(err)
		}
		secret, kept := s.sim.App()
		if secret != "of another process" || !kept.Equal(key) || s.sim.ClientID() != "theirs" {
			t.Error("the application is another after a restart")
		}
		s.client = s.newClient(s.server.Client())
		s.licence(t) // and signs in as it
	}
}
