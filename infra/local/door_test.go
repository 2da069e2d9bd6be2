package main

import (
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"seatmend/shared/store/sqlite"
)

// TestHosts: the run and its simulator serve the hosts that they were told, and no page of
// another site whose name was made to lead here.
func TestHosts(t *testing.T) {
	p := start(t, t.TempDir(), "-demo=false", "-base-url", "https://licens.fjord.example")
	knock := func(address, host string, header ...string) (int, string) {
		t.Helper()
		req, err := http.NewRequest("GET", address, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		for i := 0; i+1 < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		resp, err := p.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body := make([]byte, 4096)
		n, _ := resp.Body.Read(body)
		return resp.StatusCode, string(body[:n])
	}
	for _, c := range []struct {
		host   string
		status int
	}{
		{"127.0.0.1", 200}, {"localhost:8080", 200}, {"LOCALHOST.", 200}, {"[::1]:9", 200}, {"127.9.9.9", 200}, {"licens.fjord.example", 200}, {"Licens.Fjord.Example:443", 200},
		{"rebound.example", 421}, {"127.0.0.1.rebound.example", 421}, {"localhost.rebound.example:8080", 421}, {"192.168.1.7:8080", 421}, {"fjord.example", 421}, {"xlicens.fjord.example", 421},
	} {
		for _, path := range []string{"/local/clock", "/help"} {
			if status, body := knock(p.address+path, c.host); status != c.status || status == 421 && !strings.Contains(body, "-base-url") {
				t.Errorf("%s asked of %s: %d %s, want %d", path, c.host, status, body, c.status)
			}
		}
	}
	// What is for the people of this machine is closed to whoever comes by another name, or a proxy.
	token := p.secrets["operator"][0]
	for _, path := range []string{"/", "/mail"} {
		for _, c := range []struct {
			host   string
			header []string
			status int
		}{
			{"127.0.0.1", nil, 401}, {"licens.fjord.example", nil, 401}, {"127.0.0.1", []string{"X-Forwarded-For", "203.0.113.7"}, 401},
			{"licens.fjord.example", []string{"Authorization", "Bearer " + token}, 200}, {"licens.fjord.example", []string{"Authorization", "Bearer x"}, 401},
		} {
			if status, body := knock(p.address+path, c.host, c.header...); status != c.status {
				t.Errorf("%s of %s with %v: %d %s, want %d", path, c.host, c.header, status, body, c.status)
			}
		}
	}
	if p.stop(); !strings.Contains(p.says.String(), "Warning: -base-url https://licens.fjord.example") {
		t.Errorf("it does not warn: %s", p.says)
	}
}

// TestFarDoor: on an address that other machines reach, the local pages take the operator's token.
func TestFarDoor(t *testing.T) {
	p := start(t, t.TempDir(), "-demo=false", "-addr", "0.0.0.0:0")
	_, port, err := net.SplitHostPort(strings.TrimPrefix(p.address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	p.address = "http://" + net.JoinHostPort("127.0.0.1", port)
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	for _, c := range []struct {
		method, path, body string
		open               int
		header             []string
	}{
		{"GET", "/", "", 200, nil}, {"GET", "/mail", "", 200, nil}, {"GET", "/mail/C-1/x", "", 404, nil}, {"GET", "/mail/C-1/x/html", "", 404, nil}, {"GET", "/local/diagnosis/C-1", "", 404, nil},
		{"POST", "/local/clock", "advance=1h", 303, form}, {"POST", "/support/local-sign-in", "", 303, form},
	} {
		for proof, want := range map[string]int{"": 401, "Bearer x": 401, "Basic eDp4": 401, "Bearer " + p.secrets["operator"][0]: c.open} {
			if status, body := p.ask(c.method, c.path, c.body, append([]string{"Authorization", proof}, c.header...)...); status != want {
				t.Errorf("%s %s with %.8q: %d %.200s, want %d", c.method, c.path, proof, status, body, want)
			}
		}
	}
	// A browser asks for a password.
	req, err := http.NewRequest("GET", p.address+"/mail", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("anybody", p.secrets["operator"][0])
	resp, err := p.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 {
		t.Errorf("with the token as password: %d", resp.StatusCode)
	}
	if status, _ := p.ask("GET", "/local/clock", "", "Authorization", ""); status != 200 {
		t.Errorf("anybody may ask what the clock shows: %d", status)
	}
	if p.stop(); !strings.Contains(p.says.String(), "Warning: -addr ") {
		t.Errorf("it does not warn: %s", p.says)
	}
	near := start(t, t.TempDir(), "-demo=false")
	if near.stop(); strings.Contains(near.says.String(), "Warning") {
		t.Errorf("at home it warns: %s", near.says)
	}
}

// TestFiles: nobody but the owner may read what a run keeps, even where an older run left it open.
func TestFiles(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	look := func(when string) {
		t.Helper()
		met := 0
		err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			want := fs.FileMode(0o600)
			if d.IsDir() {
				want = 0o700
			}
			if met++; err == nil && info.Mode().Perm() != want {
				t.Errorf("%s: %s is %o, want %o", when, path, info.Mode().Perm(), want)
			}
			return err
		})
		if err != nil || met < 6 {
			t.Errorf("%s: %d files, %v", when, met, err)
		}
	}
	p := start(t, data, "-demo=false", "-now", monday.Format(time.RFC3339))
	p.must("applied", "account", accountBody(7, ago(10)), p.clock())
	look("while it runs")
	p.stop()
	for _, name := range []string{".", "seatmend.db", "secrets.json"} {
		if err := os.Chmod(filepath.Join(data, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	p = start(t, data, "-demo=false", "-now", monday.Format(time.RFC3339))
	look("after a start")
	p.stop()

	// A folder that has other things in it is not closed, but said.
	shared := t.TempDir()
	if err := os.WriteFile(filepath.Join(shared, "thesis.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(shared, 0o755); err != nil {
		t.Fatal(err)
	}
	p = start(t, shared, "-demo=false")
	p.stop()
	if info, err := os.Stat(shared); err != nil || info.Mode().Perm() != 0o755 || !strings.Contains(p.says.String(), "Warning: others may look into") {
		t.Errorf("a folder of others: %v %v, said %s", info.Mode(), err, p.says)
	}
}

// TestPaddedSecretIsSaid: a secret that ends in a new line works, and the start says so.
func TestPaddedSecretIsSaid(t *testing.T) {
	data := t.TempDir()
	p := start(t, data, "-demo=false")
	p.stop()
	path := filepath.Join(data, "secrets.json")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	token, secret := p.secrets["operator"][0], p.secrets["standard"][0]
	padded := strings.NewReplacer(token, token+`\n`, secret, ` `+secret+`\r\n`).Replace(string(b))
	if err := os.WriteFile(path, []byte(padded), 0o600); err != nil {
		t.Fatal(err)
	}
	p = start(t, data, "-demo=false")
	if status, body := p.ask("GET", "/accounts", "", "Authorization", "Bearer "+token); status != 200 {
		t.Errorf("the token without its new line: %d %s", status, body)
	}
	p.must("applied", "account", accountBody(7, time.Now().Add(-time.Minute)), p.clock())
	p.stop()
	if says := p.says.String(); !strings.Contains(says, "operator[0], standard[0]") || strings.Contains(says, token) {
		t.Errorf("the start says %s", says)
	}
}

// TestOneServer: a second server on one folder ends with a clear line, and other commands go on.
func TestOneServer(t *testing.T) {
	data := t.TempDir()
	p := start(t, data, "-demo=false")
	code, out, errs := run(t, "", "-addr", "127.0.0.1:0", "-crm-addr", "127.0.0.1:0", "-demo=false", "-data", data)
	if code != 2 || out != "" || !strings.Contains(errs, "another server runs on the data folder "+data) || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "-crm-addr of its own; send goes to it with -to") {
		t.Errorf("the second ended with %d: %s%s", code, out, errs)
	}
	if code, out, errs := run(t, accountBody(9, time.Now().Add(-time.Minute)), "onboard", "-data", data, "-"); code != 0 {
		t.Errorf("onboard beside it ended with %d: %s%s", code, out, errs)
	}
	if status, body := p.ask("GET", "/accounts/C-9", ""); status != 200 {
		t.Errorf("who was taken in beside it: %d %s", status, body)
	}
	p.kill()
	start(t, data, "-demo=false").stop() // a power cut gives the folder free
}

// TestSlowBodies: who sends no more is not waited for, and who sends much in time is heard.
func TestSlowBodies(t *testing.T) {
	defer func(was time.Duration) { readTime = was }(readTime)
	if readTime = 700 * time.Millisecond; server(nil).ReadTimeout != readTime {
		t.Fatal("the time to read is not bounded")
	}
	got := make(chan error, 1)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		_, err := io.Copy(io.Discard, q.Body)
		got <- err
	}))
	s.Config = server(s.Config.Handler)
	s.Start()
	defer s.Close()
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000000\r\n\r\nslow")
	select {
	case err := <-got:
		if err == nil {
			t.Error("a body that never ends was read to its end")
		}
	case <-time.After(patience):
		t.Error("a body that never ends is waited for")
	}
	if s := server(nil); s.ReadHeaderTimeout == 0 || s.WriteTimeout == 0 || s.IdleTimeout == 0 {
		t.Errorf("not all is bounded: %+v", s)
	}
}

// TestHold: the lock of a folder is one for all handles, in this process too.
func TestHold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "running")
	held, err := sqlite.Hold(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Hold(path); err != sqlite.ErrHeld {
		t.Errorf("held twice: %v", err)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := sqlite.Hold(path)
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}
