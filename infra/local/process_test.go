package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/webhook"
)

// TestMain is the program itself where a test starts it: by the very main, as a process that
// can be killed. It ends when the test does, which holds the other end of its input.
func TestMain(m *testing.M) {
	if os.Getenv("SEATMEND_TEST_IS_RUN") != "1" {
		os.Exit(m.Run())
	}
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(99)
	}()
	asNobody()
	main()
}

// patience bounds what ought to take a moment. It only ends tests that hang.
const patience = 9 * time.Minute

// A process is a run of the program.
type process struct {
	t       *testing.T
	cmd     *exec.Cmd
	address string
	secrets app.Secrets
	client  *http.Client
	says    *bytes.Buffer // on standard error, whole once it has ended
	ended   chan error
	at      atomic.Int64 // the run's clock as it was seen last, for who signs much
}

// launch starts a program, or this one; ready is closed without a line if it ends before it is ready.
func launch(t *testing.T, program string, args ...string) (p *process, ready chan string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	p = &process{t: t, says: &bytes.Buffer{}, ended: make(chan error, 1)}
	p.cmd = exec.CommandContext(ctx, cmp.Or(program, os.Args[0]), args...)
	p.cmd.Env = append(os.Environ(), "SEATMEND_TEST_IS_RUN=1")
	p.cmd.Stderr = p.says
	if _, err := p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cancel)
	ready = make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			ready <- lines.Text()
		}
		close(ready)
		p.ended <- p.cmd.Wait()
		close(p.ended)
	}()
	return p, ready
}

// start starts a run on the data, and waits until it is ready.
func start(t *testing.T, data string, args ...string) *process {
	t.Helper()
	return started(t, "", data, args...)
}

// started starts a run of another program; "": of this one.
func started(t *testing.T, program, data string, args ...string) *process {
	t.Helper()
	args = append([]string{"-addr", "127.0.0.1:0", "-crm-addr", "127.0.0.1:0", "-data", data}, args...)
	p, ready := launch(t, program, args...)
	line := <-ready
	var ok bool
	p.address, ok = strings.CutPrefix(line, "ready ")
	if !ok {
		err := <-p.ended
		t.Fatalf("the run said %q: %v\n%s", line, err, p.says)
	}
	b, err := os.ReadFile(filepath.Join(data, "secrets.json"))
	if err == nil {
		p.secrets, err = app.ReadSecrets(b)
	}
	if err != nil {
		t.Fatal(err)
	}
	p.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(p.client.CloseIdleConnections)
	return p
}

// kill ends it as a power cut does.
func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatal(err)
	}
	<-p.ended
}

// stop asks it to end, and gives its exit status.
func (p *process) stop() int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	return p.exit()
}

func (p *process) exit() int {
	<-p.ended
	return p.cmd.ProcessState.ExitCode()
}

// ask makes a request as the operator and gives status and body.
func (p *process) ask(method, path, body string, header ...string) (int, string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.address+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	if len(p.secrets) > 0 {
		req.Header.Set("Authorization", "Bearer "+p.secrets["operator"][0])
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := p.client.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// get reads JSON as the operator.
func get[T any](p *process, path string) (v T) {
	p.t.Helper()
	status, body := p.ask("GET", path, "")
	if status != 200 {
		p.t.Fatalf("GET %s: %d %s", path, status, body)
	}
	return decoded[T](p.t, body)
}

func decoded[T any](t *testing.T, body string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("%v in %.1000s", err, body)
	}
	return v
}

// all pages through a list.
func all[T any](p *process, path, name string) (list []T) {
	p.t.Helper()
	for cursor := ""; ; {
		page := get[map[string]json.RawMessage](p, path+"?limit=500&cursor="+cursor)
		var some []T
		if err := errors.Join(json.Unmarshal(page[name], &some), json.Unmarshal(page["cursor"], &cursor)); err != nil {
			p.t.Fatal(err)
		}
		if list = append(list, some...); cursor == "" {
			return list
		}
	}
}

// advance moves the run's clock on.
func (p *process) advance(by string) {
	p.t.Helper()
	if status, body := p.ask("POST", "/local/clock", fmt.Sprintf(`{"advance":%q}`, by)); status != 200 {
		p.t.Fatalf("advance %s: %d %s", by, status, body)
	}
}

// An answer is what became of a webhook.
type answer struct {
	status  int
	Outcome string
	Account string
}

// tell posts a signed body by the clock of the run. The error is that of the connection.
func (p *process) tell(id, body string, now time.Time) (answer, error) {
	name := "standard"
	if strings.Contains(body, `"login.warned"`) {
		name = "login"
	}
	s, ok := webhook.Find(name)
	if !ok {
		return answer{}, errors.New("no such sender")
	}
	status, text, err := poster{p.address, p.client}.post(p.t.Context(), s, p.secrets[name][0], []byte(body), id, now)
	a := answer{status: status}
	if err == nil {
		err = json.Unmarshal([]byte(text), &a)
	}
	return a, err
}

// must posts a signed body that is to have this outcome.
func (p *process) must(outcome, id, body string, now time.Time) {
	p.t.Helper()
	a, err := p.tell(id, body, now)
	if err != nil || a.Outcome != outcome {
		p.t.Fatalf("%s: %+v %v, want %s", id, a, err, outcome)
	}
}

func told(kind string, at time.Time, data string, args ...any) string {
	return fmt.Sprintf(`{"type":%q,"timestamp":%q,"data":%s}`, kind, at.UTC().Format(time.RFC3339Nano), fmt.Sprintf(data, args...))
}

// The customers of these tests are called by a number.
func accountBody(n int, at time.Time) string {
	return told("account.changed", at, `{"account":"C-%d","name":"Kund %[1]d AB","locale":"sv","timezone":"Europe/Stockholm","model":"plans","mail":"on",
		"contacts":[{"id":"anna","name":"Anna Berg","email":"anna@kund%[1]d.example","role":"admin","locale":"sv"}],
		"installations":[{"cust_id":"Cust%[1]d","serial":"18%[1]d","kind":"production","hosting":"onsite","url":"https://crm.kund%[1]d.example"}],
		"billing":[],"plans":[{"plan":"sales-premium","name":"Sales Premium","module":"ten-sales","prices":["price_sp"]}]}`, n)
}

// reportBody is a licence that lapses soon, and an offer of 7 seats.
func reportBody(n, used int, at time.Time) string {
	day := func(days int) string { return at.AddDate(0, 0, days).Format(time.DateOnly) }
	return told("licence.reported", at, `{"account":"C-%d","cust_id":"Cust%[1]d","serial":"18%[1]d","version":"12.2","licensed_version":"12.2",
		"maintenance_until":%q,"next_check":%q,"admin_warning":%q,"expires":%q,"grace_until":%q,"offered":true,"can_activate":false,"markers":["onsite"],
		"new_expires":%q,"plans":[{"plan":"sales-premium","module":"ten-sales","description":"Sales Premium","total":10,"new_total":7,"in_use":%d,"unrestricted":false}]}`,
		n, day(200), day(-3), day(-5), day(20), day(32), day(385), used)
}

func userJSON(id, name string) string {
	return fmt.Sprintf(`{"id":%q,"name":%q,"email":"","can_login":true,"admin":false,"protected":false,"waiting_for_approval":false,"last_active":null}`, id, name)
}

func seatBody(n int, user string, held bool, at time.Time) string {
	return told("seat.changed", at, `{"account":"C-%d","cust_id":"Cust%[1]d","plan":"sales-premium","held":%t,"open_requests":0,"user":%s}`, n, held, userJSON(user, "Person"))
}

func invoiceBody(n, invoice int, at time.Time) string {
	return told("invoice.changed", at, `{"account":"C-%d","invoice":"INV-%d-%d","status":"open","due":%q,"paid_at":null,"amount":"12500.00","currency":"SEK","url":""}`,
		n, n, invoice, at.AddDate(0, 0, 20).Format(time.DateOnly))
}
