package app

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// A vault is where the secrets lie, and counts how often they are read.
type vault struct {
	text  string
	fails error
	reads int
	now   time.Time
	logs  strings.Builder
}

func (v *vault) safe() *Safe {
	return &Safe{
		Read: ReadSecrets, now: func() time.Time { return v.now }, log: slog.New(slog.NewJSONHandler(&v.logs, nil)),
		fetch: func(context.Context) ([]byte, error) { v.reads++; return []byte(v.text), v.fails },
	}
}

const someKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

func with(stripe string) string {
	return `{"stripe":["` + stripe + `"],"link":["` + someKey + `"]}`
}

func proved(s *Safe, secret string) bool {
	return s.Proves(context.Background(), func(h *Held) bool { return len(h.Secrets["stripe"]) > 0 && h.Secrets["stripe"][0] == secret })
}

// A secret that was put in counts at once, where something is signed with it; however much is
// forged, they are not read more often than once in half a minute.
func TestNewSecretsAreReadWhereASignatureFails(t *testing.T) {
	v := &vault{text: with("old"), now: time.Unix(1e9, 0)}
	s := v.safe()
	if err := s.Ready(t.Context()); err != nil || !proved(s, "old") {
		t.Fatalf("not read: %v", err)
	}
	v.reads = 0
	for range 1000 {
		if proved(s, "forged") {
			t.Fatal("a forged one is proved")
		}
	}
	if v.reads > 1 {
		t.Errorf("a flood of forged ones read the secrets %d times", v.reads)
	}
	v.text, v.now = with("new"), v.now.Add(apart)
	if !proved(s, "new") {
		t.Error("a new secret is refused")
	}
	if proved(s, "old") {
		t.Error("a secret that was taken out goes on")
	}
}

// What was taken out ends after some minutes, though nothing fails.
func TestStaleSecretsAreReadAgain(t *testing.T) {
	v := &vault{text: with("old"), now: time.Unix(1e9, 0)}
	s := v.safe()
	for range 100 {
		if err := s.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if v.reads != 1 {
		t.Errorf("read %d times", v.reads)
	}
	held := s.Held()
	v.now = v.now.Add(stale)
	if err := s.Ready(t.Context()); err != nil || v.reads != 2 || s.Held() != held {
		t.Errorf("read %d times: %v; the same are held anew: %v", v.reads, err, s.Held() != held)
	}
	v.text, v.now = with("new"), v.now.Add(stale)
	if err := s.Ready(t.Context()); err != nil || proved(s, "old") {
		t.Errorf("a secret that was taken out goes on: %v", err)
	}
}

// Where they cannot be read again, what is held goes on, and the log says so; where they never were,
// whoever waits for them is told.
func TestSecretsThatCannotBeRead(t *testing.T) {
	v := &vault{text: with("old"), fails: errors.New("throttled"), now: time.Unix(1e9, 0)}
	s := v.safe()
	if s.early(t.Context()); v.reads != 1 || strings.Contains(v.logs.String(), "ERROR") || !strings.Contains(v.logs.String(), `"level":"WARN"`) {
		t.Errorf("nobody waited for them yet, and the log has %s", v.logs.String())
	}
	v.reads = 0
	for n := range 2 {
		if err := s.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "SEATMEND_SECRETS_ARN") || v.reads != n+1 {
			t.Fatalf("after %d readings: %v", v.reads, err)
		}
	}
	if n := strings.Count(v.logs.String(), `"level":"ERROR"`); n != 2 {
		t.Errorf("two were refused, and the log has %s", v.logs.String())
	}
	v.fails = nil
	if err := s.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, fail := range map[string]func(){
		"they cannot be read":         func() { v.fails = errors.New("throttled") },
		"they are none":               func() { v.fails, v.text = nil, "{" },
		"one of them is of no sender": func() { v.text = `{"strpe":[],"link":["` + someKey + `"]}` },
		"no key signs links":          func() { v.text = `{"stripe":["new"],"link":["short"]}` },
	} {
		fail()
		v.logs.Reset()
		v.now, v.reads = v.now.Add(stale), 0
		for range 100 {
			if err := s.Ready(t.Context()); err != nil || !proved(s, "old") {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if v.reads != 1 || strings.Count(v.logs.String(), `"level":"ERROR"`) != 1 {
			t.Errorf("%s: read %d times, logged %s", name, v.reads, v.logs.String())
		}
	}
}

// Whatever calls a function, it does nothing before the secrets are read: no key to read billing systems with
// would be taken for what the operator wants.
func TestNobodyIsHeardBeforeTheSecrets(t *testing.T) {
	ours := func(a *App) error {
		a.Hear(func(context.Context) ([]string, error) { return a.Secrets.Held().Reads, nil })
		return nil
	}
	for name, entry := range map[string]func(*App) error{"stream": Stream, "schedule": Schedule, "mails": MailEvents, "one of its own": ours} {
		v := &vault{text: `{"stripe_api":["rk_live_1"],"link":["` + someKey + `"]}`, fails: errors.New("throttled"), now: time.Unix(1e9, 0)}
		a := &App{Secrets: v.safe(), Now: time.Now}
		if err := entry(a); err != nil {
			t.Fatal(err)
		}
		called, ok := a.serves("", nil).(lambda.Handler)
		if !ok {
			t.Errorf("%s: whoever calls it is heard at once", name)
			continue
		}
		if _, err := called.Invoke(t.Context(), []byte(`{}`)); err == nil || !strings.Contains(err.Error(), "SEATMEND_SECRETS_ARN") {
			t.Errorf("%s: no secrets, and it says %v", name, err)
		}
		if v.fails = nil; name == "one of its own" {
			if got, err := called.Invoke(t.Context(), []byte(`{}`)); err != nil || string(got) != `["stripe"]` {
				t.Errorf("there is a key for %s: %v", got, err)
			}
		}
	}
}

// A function that cannot start says so in a line that the log's filters read.
func TestAFailedStartIsALine(t *testing.T) {
	if os.Getenv("SEATMEND_OPERATOR") == "{" {
		Main("sweep", nil) // ends the process
	}
	start := exec.Command(os.Args[0], "-test.run=^TestAFailedStartIsALine$")
	start.Env = []string{"AWS_LAMBDA_LOG_FORMAT=JSON", "SEATMEND_OPERATOR={"}
	out, err := start.Output()
	var line struct{ Level, Message, Function, Error string }
	if failed, ok := errors.AsType[*exec.ExitError](err); !ok || failed.ExitCode() != 1 {
		t.Fatalf("it ended with %v", err)
	}
	if err := json.Unmarshal(out, &line); err != nil || line.Level != "ERROR" || line.Message != "boot" || line.Function != "sweep" || line.Error == "" {
		t.Errorf("it says %s: %v", out, err)
	}
}
