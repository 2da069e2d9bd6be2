package app

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
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
	for n := range 2 {
		if err := s.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "SEATMEND_SECRETS_ARN") || v.reads != n+1 {
			t.Fatalf("after %d readings: %v", v.reads, err)
		}
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
