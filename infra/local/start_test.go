package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// run is one of the commands, within this process.
func run(t *testing.T, in string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = command(t.Context(), args, strings.NewReader(in), &o, &e)
	return code, o.String(), e.String()
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestBadStart: what is wrong with flags and files is said at once, and nothing is started.
func TestBadStart(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	secrets := write(t, "secrets.json", `{"stripe":[""],"strip":["x"],"link":["short"]}`)
	operator := write(t, "operator.json", `{"name":"","from":"nobody","mail":"perhaps"}`)
	for _, c := range []struct {
		what string
		args []string
		says []string
	}{
		{"everything", []string{"-now", "soon", "-secrets", secrets, "-operator", operator, "serve"},
			[]string{"-now", "soon", `"serve"`, secrets, `"strip"`, "link[0]", operator, "name", "nobody", "perhaps", "desks.ops"}},
		{"no JSON", []string{"-secrets", operator + "x", "-operator", write(t, "o.json", "{")}, []string{operator + "x", "o.json"}},
		{"no such flag", []string{"-port", "80"}, []string{"-port"}},
		{"no value", []string{"-demo=maybe"}, []string{"maybe", "-demo"}},
		{"on or off, apart", []string{"-demo", "false"}, []string{`"false"`, "-demo=false"}},
		{"a port that is taken", []string{"-addr", taken.Addr().String()}, []string{"-addr " + taken.Addr().String(), "another program", ":0"}},
		{"the simulator's port is taken", []string{"-addr", "127.0.0.1:0", "-crm-addr", taken.Addr().String()}, []string{"-crm-addr " + taken.Addr().String(), "another program"}},
		{"no address", []string{"-addr", "here"}, []string{"-addr here", "127.0.0.1:8090"}},
		{"no such SuperOffice", []string{"-crm", "foo"}, []string{"-crm foo", "sim", "superoffice.com"}},
		{"another's host", []string{"-crm", "https://notsuperoffice.com"}, []string{"-crm https://notsuperoffice.com", "below superoffice.com"}},
		{"no mail server", []string{"-smtp", "mail"}, []string{"-smtp mail", "mail.example:25"}},
		{"no base", []string{"-base-url", "licens.example"}, []string{"-base-url licens.example", "https://"}},
		{"nobody can sign", []string{"-addr", "127.0.0.1:0", "-crm-addr", "127.0.0.1:0", "-secrets",
			write(t, "none.json", `{"standard":[],"link":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="],"operator":["x"]}`)}, []string{"demo", "standard"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			data := filepath.Join(t.TempDir(), "data")
			code, out, errs := run(t, "", append([]string{"-data", data}, c.args...)...)
			if code != 2 || out != "" {
				t.Errorf("ended with %d, said %q", code, out)
			}
			for _, s := range c.says {
				if !strings.Contains(errs, s) {
					t.Errorf("does not name %q:\n%s", s, errs)
				}
			}
		})
	}
}

// TestHelp: whoever asks a command how it goes gets its usage, flags and an example on standard output,
// wherever they ask, and 0; what is none of the commands, or has no use there, is named.
func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"-h"}, {"--help"}, {"-demo=false", "-h"}, {"help", "help"}} {
		code, out, errs := run(t, "", args...)
		if code != 0 || errs != "" || !strings.Contains(out, "usage: "+program) || !strings.Contains(out, "-base-url") || !strings.Contains(out, "For example:") {
			t.Errorf("%q: %d %s%s", args, code, errs, out)
		}
		for _, c := range subcommands() {
			if !strings.Contains(out, "  "+c.name+" ") {
				t.Errorf("%q does not name %s", args, c.name)
			}
		}
	}
	for _, c := range subcommands() {
		for _, args := range [][]string{{c.name, "-h"}, {"help", c.name}, {c.name, "file", "--help"}} {
			code, out, errs := run(t, "", args...)
			if code != 0 || errs != "" || !strings.Contains(out, "usage: "+program+" "+c.name) || !strings.Contains(out, "For example:\n  "+program+" "+c.name) || !strings.Contains(out, "  -") {
				t.Errorf("%q: %d %s%s", args, code, errs, out)
			}
		}
	}
	if code, out, _ := run(t, "", "-version"); code != 0 || strings.Count(out, "\n") != 1 {
		t.Errorf("-version: %d %q", code, out)
	}
	first := filepath.Join("..", "..", "events", "first", "01-standard-account.json")
	for _, c := range []struct {
		args []string
		says []string
	}{
		{[]string{"serve"}, []string{`"serve"`, "diagnose, send, onboard", "reset"}},
		{[]string{"help", "serve"}, []string{`"serve"`, "reset"}},
		{[]string{"send", "-sender", "foo", first}, []string{"-sender foo", "standard", "stripe"}},
		{[]string{"send", first}, []string{"-sender", "standard"}},
		{[]string{"send", first, "again.json", "-sender", "standard"}, []string{`"again.json"`}},
		{[]string{"diagnose", "-lang", "xx", first}, []string{"-lang xx", "en, sv"}},
		{[]string{"diagnose", first, "-langue", "sv"}, []string{"-langue", "diagnose -h"}},
		{[]string{"reset", "now"}, []string{`"now"`, "reset -h"}},
		{[]string{"reset", "-data", t.TempDir(), "-yes"}, []string{"no run"}},
	} {
		code, out, errs := run(t, "", c.args...)
		if code != 2 || out != "" {
			t.Errorf("%q: ended with %d, said %q", c.args, code, out)
		}
		for _, s := range c.says {
			if !strings.Contains(errs, s) {
				t.Errorf("%q does not say %q: %s", c.args, s, errs)
			}
		}
	}
}

// TestReset: a run's data is deleted after a yes and never while a server runs there; secrets stay.
func TestReset(t *testing.T) {
	data := t.TempDir()
	p := start(t, data, "-demo=false", "-now", monday.Format(time.RFC3339))
	p.must("applied", "a1", accountBody(1, monday), monday)
	if code, _, errs := run(t, "", "reset", "-data", data, "-yes"); code != 2 || !strings.Contains(errs, "stop it first; nothing was deleted") {
		t.Errorf("beside a server: %d %s", code, errs)
	}
	p.stop()
	secrets, err := os.ReadFile(filepath.Join(data, "secrets.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, answer := range []string{"", "no\n", "\n"} {
		code, out, errs := run(t, answer, "reset", "-data", data)
		if code != 1 || !strings.Contains(out, "all customers in "+data+" (1), their mails") || !strings.Contains(errs, "nothing was deleted") {
			t.Errorf("answered %q: %d %s %s", answer, code, out, errs)
		}
	}
	p = start(t, data, "-demo=false")
	if n := len(all[map[string]any](p, "/accounts", "accounts")); n != 1 {
		t.Errorf("%d customers before, want 1", n)
	}
	p.stop()
	if code, out, errs := run(t, "yes\n", "reset", "-data", data); code != 0 {
		t.Errorf("ended with %d: %s %s", code, out, errs)
	}
	p = start(t, data, "-demo=false")
	if n := len(all[map[string]any](p, "/accounts", "accounts")); n != 0 {
		t.Errorf("%d customers after it, want none", n)
	}
	if again, err := os.ReadFile(filepath.Join(data, "secrets.json")); err != nil || string(again) != string(secrets) {
		t.Errorf("other secrets: %v", err)
	}
	var clock struct{ Now time.Time }
	if _, body := p.ask("GET", "/local/clock", ""); json.Unmarshal([]byte(body), &clock) != nil || time.Since(clock.Now).Abs() > time.Hour {
		t.Errorf("the clock shows %s", body)
	}
}

// TestStop: asked to end, it ends, even in the middle of the demo's telling.
func TestStop(t *testing.T) {
	for _, while := range []time.Duration{50, 300, 600} {
		t.Run(fmt.Sprint(int(while)), func(t *testing.T) {
			p, ready := launch(t, "", "-addr", "127.0.0.1:0", "-crm-addr", "127.0.0.1:0", "-data", t.TempDir())
			select {
			case <-ready:
			case <-time.After(while * time.Millisecond):
			}
			// Asked before it listens to signals, it ends as any program does.
			if got := p.stop(); got != 0 && got != -1 {
				t.Errorf("ended with %d\n%s", got, p.says)
			}
		})
	}
}
