package main

import (
	"bytes"
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
		{"a port that is taken", []string{"-addr", taken.Addr().String()}, []string{taken.Addr().String()}},
		{"the simulator's port is taken", []string{"-addr", "127.0.0.1:0", "-crm-addr", taken.Addr().String()}, []string{taken.Addr().String()}},
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
	if code, _, errs := run(t, "", "-h"); code != 0 || !strings.Contains(errs, "-base-url") {
		t.Errorf("-h ended with %d: %s", code, errs)
	}
}

// TestStop: asked to end, it ends, even in the middle of the demo's telling.
func TestStop(t *testing.T) {
	for _, while := range []time.Duration{50, 300, 600} {
		t.Run(fmt.Sprint(int(while)), func(t *testing.T) {
			p, ready := launch(t, "-addr", "127.0.0.1:0", "-crm-addr", "127.0.0.1:0", "-data", t.TempDir())
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
