package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

// pasted are the lines that a section of README gives to paste.
func pasted(t *testing.T, file, heading string) (lines []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), heading)
	if !ok {
		t.Fatalf("%s has no %q", file, heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	for line := range strings.Lines(section) {
		if code, ok := strings.CutPrefix(line, "    "); ok {
			lines = append(lines, strings.TrimSpace(code))
		}
	}
	return lines
}

// needs is a program of the system that a test needs. Where it is missing the test skips, which CI forbids.
func needs(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("SEATMEND_MUST_NOT_SKIP") != "" {
		t.Fatalf("no %s: .ci/programs installs it", name)
	}
	if err != nil {
		t.Skipf("no %s on this machine", name)
	}
	return path
}

// shell runs a line as somebody pastes it, in the folder of the sources, with this very program in place
// of go run, and gives what it prints.
func shell(t *testing.T, line string, env ...string) (code int, out string) {
	t.Helper()
	self, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), needs(t, "bash"), "-c", strings.ReplaceAll(line, "go run ./infra/local", `"$SELF"`))
	cmd.Dir = root
	cmd.Env = append(append(os.Environ(), "SEATMEND_TEST_IS_RUN=1", "SELF="+self), env...)
	hold, err := cmd.StdinPipe() // it ends when this does
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Close()
	var all bytes.Buffer
	cmd.Stdout, cmd.Stderr = &all, &all
	err = cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatalf("%s: %v", line, err)
	}
	return cmd.ProcessState.ExitCode(), all.String()
}

// TestReadmeFirstWebhook pastes what README says of the first webhook, and sees what it promises.
func TestReadmeFirstWebhook(t *testing.T) {
	needs(t, "curl")
	lines := pasted(t, "README.md", "## Your first webhook")
	if len(lines) < 6 || !strings.HasSuffix(lines[0], "&") {
		t.Fatalf("README gives %q", lines)
	}
	data := t.TempDir()
	args := strings.Fields(strings.TrimSuffix(strings.ReplaceAll(strings.TrimPrefix(lines[0], "go run ./infra/local"), ".first", data), "&"))
	p := start(t, data, args...) // on free ports, and else as it is pasted
	here := strings.NewReplacer("http://127.0.0.1:8080", p.address, ".first", data, "local send", "local send -to "+p.address)
	sent := 0
	for _, line := range lines[1:] {
		switch {
		case strings.Contains(line, " diagnose "):
			if code, out := shell(t, here.Replace(line)); code != 1 || !strings.Contains(out, "Free 2") {
				t.Errorf("%s\n%d %s", line, code, out)
			}
			continue
		case strings.Contains(line, "04-standard-renewed"): // a day after the others
			if _, page := p.ask("GET", "/", ""); !strings.Contains(page, "Storvik Möbler AB") || !strings.Contains(page, "Free 2") {
				t.Errorf("the start page does not say what is wrong: %s", page)
			}
			if status, body := p.ask("POST", "/local/clock", "advance=24h", "Content-Type", "application/x-www-form-urlencoded", "Authorization", ""); status != 303 {
				t.Errorf("a day later: %d %s", status, body)
			}
			if _, inbox := p.ask("GET", "/mail?account=C-1", ""); !strings.Contains(inbox, "anna.storm@storvik.example") {
				t.Errorf("nobody was mailed: %s", inbox)
			}
		}
		code, out := shell(t, here.Replace(line))
		if code != 0 {
			t.Errorf("%s\n%d %s", line, code, out)
		}
		if strings.Contains(line, " send ") {
			sent++
			if !strings.Contains(out, `200 {"outcome":"applied","account":"C-1"`) {
				t.Errorf("%s\n%s", line, out)
			}
		}
	}
	if sent != 4 {
		t.Errorf("%d bodies were sent", sent)
	}
	p.advance("24h")
	if v := get[struct{ Summary string }](p, "/accounts/C-1/diagnosis"); v.Summary != "ok" {
		t.Errorf("renewed, it is %s", v.Summary)
	}
	if m := get[struct {
		Mails []struct{ Subject, Why string }
	}](p, "/accounts/C-1/mails"); len(m.Mails) != 2 || m.Mails[1].Why != "solved" {
		t.Errorf("she was told %+v", m.Mails)
	}
}

// TestReadmeClock: curl calls JSON a form by itself; with a token it is JSON all the same.
func TestReadmeClock(t *testing.T) {
	p := start(t, t.TempDir(), "-demo=false")
	if status, body := p.ask("POST", "/local/clock", `{"advance":"2h"}`, "Content-Type", "application/x-www-form-urlencoded"); status != 200 {
		t.Errorf("%d %s", status, body)
	}
}

// TestReadmeBackup copies the database beside a running server as README says, loses the folder, and goes on
// from the copy with nothing lost that was told before; links open as before.
func TestReadmeBackup(t *testing.T) {
	needs(t, "python3")
	var copying string
	for _, line := range pasted(t, "README.md", "## One machine: backup") {
		if _, python, ok := strings.Cut(line, "# or: "); ok && strings.Contains(line, "VACUUM INTO") {
			copying = python
		}
	}
	if copying == "" {
		t.Fatal("README does not say how a database is copied")
	}
	old := t.TempDir()
	p := leaver(t, old)
	link := p.link("C-1")
	facts := all[any](p, "/accounts/C-1/facts", "facts")
	backup := filepath.Join(t.TempDir(), "backup.db")
	stop, told := make(chan struct{}), make(chan int)
	go func() { // somebody writes all the while
		n := 0
		for ; ; n++ {
			select {
			case <-stop:
				told <- n
				return
			default:
			}
			now := p.clock()
			if a, err := p.tell("w"+regexp.MustCompile(`\D`).ReplaceAllString(now.String(), "")+"-"+string(rune('a'+n%26)), seatBody(2, "5", n%2 == 0, now), now); err != nil || a.status != 200 {
				t.Errorf("while it is copied: %+v %v", a, err)
			}
		}
	}()
	if code, out := shell(t, strings.NewReplacer(".seatmend", old, "backup.db", backup).Replace(copying)); code != 0 {
		t.Fatalf("%s\n%d %s", copying, code, out)
	}
	close(stop)
	if n := <-told; n == 0 {
		t.Error("nobody wrote")
	}
	p.kill()

	data := filepath.Join(t.TempDir(), "restored")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{backup: "seatmend.db", filepath.Join(old, "secrets.json"): "secrets.json", filepath.Join(old, "clock.json"): "clock.json"} {
		b, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(filepath.Join(data, to), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	p = start(t, data) // as README says it; the demo leaves the folder alone
	if got := all[any](p, "/accounts/C-1/facts", "facts"); len(got) != len(facts) {
		t.Errorf("%d facts of %d", len(got), len(facts))
	}
	if list := all[entry](p, "/accounts", "accounts"); len(list) != 2 {
		t.Errorf("customers: %v, want the two of the copy", list)
	}
	if status, body := p.ask("GET", link, ""); status != 200 {
		t.Errorf("the mailed link: %d %.300s", status, body)
	}
	p.must("duplicate", "r1", reportBody(2, 9, monday.Add(-3600e9)), p.clock())
	p.must("applied", "after", seatBody(1, "5", true, p.clock()), p.clock())
}
