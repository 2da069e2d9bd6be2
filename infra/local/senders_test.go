package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSenders runs the sender of the guide in each language, as the guide says, and what is forgotten most is
// answered as it says.
func TestSenders(t *testing.T) {
	runtime := map[string]string{"go run ./events/senders": "go", "node": "node", "python3": "python3", "java": "java", "events/senders/send.sh": "openssl"}
	p := start(t, t.TempDir(), "-demo=false")
	secret := "SEATMEND_SECRET=" + p.secrets["standard"][0]
	here := strings.NewReplacer("http://127.0.0.1:8080", p.address)
	var calls []string
	for _, line := range pasted(t, "events/README.md", "## A sender in five languages") {
		if !strings.HasPrefix(line, "export ") {
			calls = append(calls, line)
		}
	}
	if len(calls) != len(runtime) {
		t.Fatalf("the guide calls %q", calls)
	}
	p.must("applied", "before", accountBody(7, p.clock()), p.clock())
	changed := filepath.Join(t.TempDir(), "changed.json")
	if err := os.WriteFile(changed, []byte(accountBody(8, time.Now())+"\n"), 0o600); err != nil { // with a line end, which is signed too
		t.Fatal(err)
	}
	for how, name := range runtime {
		t.Run(name, func(t *testing.T) {
			needs(t, name)
			if name == "openssl" {
				needs(t, "curl")
			}
			for _, line := range calls {
				if !strings.HasPrefix(line, how) {
					continue
				}
				code, out := shell(t, here.Replace(line), secret)
				if code != 0 || !strings.HasPrefix(out, "200 ") || !strings.Contains(out, `"outcome":"applied"`) && !strings.Contains(out, `"outcome":"duplicate"`) {
					t.Errorf("%s\n%d %s", line, code, out)
				}
				line = strings.NewReplacer("msg_1", "new-"+name, "events/first/01-standard-account.json", changed).Replace(here.Replace(line))
				if code, out := shell(t, line, secret); code != 0 || !strings.Contains(out, `"new-`+name+`"`) {
					t.Errorf("%s\n%d %s", line, code, out)
				}
				if code, out := shell(t, line, "SEATMEND_SECRET=whsec_c29tZWJvZHkgZWxzZQ=="); code != 1 || !strings.HasPrefix(out, "401 ") {
					t.Errorf("by another's secret: %d %s", code, out)
				}
			}
		})
	}
	if list := all[any](p, "/accounts", "accounts"); len(list) != 3 {
		t.Errorf("%d customers came of it, want 3", len(list))
	}
	if status, body := p.ask("POST", "/billing/standard", accountBody(9, time.Now()), "Content-Type", "application/x-www-form-urlencoded"); status != 401 {
		t.Errorf("unsigned and called a form: %d %s", status, body) // what is not proved is told nothing more
	}
}
