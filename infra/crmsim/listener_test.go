package crmsim_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"seatmend/infra/crmsim"
)

// A heard is one request that a webhook made.
type heard struct {
	header http.Header
	body   []byte
}

func (h heard) field(t *testing.T, name string) any {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal(bytes.TrimPrefix(h.body, []byte("\ufeff")), &all); err != nil {
		t.Fatalf("%s: %v", h.body, err)
	}
	return all[name]
}

// A listener is the target of a webhook.
type listener struct {
	*testing.T
	stage
	url     string
	mu      sync.Mutex
	all     []heard
	answers []int // to what comes next; then 200
	slept   []time.Duration
}

const hookSecret = "Something Super Secret"

// newListener registers a webhook for Cust12345. Its waits are noted and take no time.
func newListener(t *testing.T, s stage, events ...string) *listener {
	t.Helper()
	l := &listener{T: t, stage: s}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		l.mu.Lock()
		defer l.mu.Unlock()
		if r.Header.Get("X-Hook-Test") == "true" {
			return
		}
		l.all = append(l.all, heard{r.Header.Clone(), body})
		if len(l.answers) > 0 {
			w.WriteHeader(l.answers[0])
			l.answers = l.answers[1:]
		}
	}))
	t.Cleanup(server.Close)
	l.url = server.URL + "/hook"
	s.sim.Sleep = func(ctx context.Context, d time.Duration) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.slept = append(l.slept, d)
		return nil
	}
	if _, err := s.sim.Register(t.Context(), "Cust12345", crmsim.Hook{Name: "test", Events: events, TargetURL: l.url, Secret: hookSecret}); err != nil {
		t.Fatal(err)
	}
	return l
}

// hear sends what is owed, and gives what came since the last time.
func (l *listener) hear() []heard {
	l.Helper()
	l.sim.Deliver(l.Context())
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.all
	l.all = nil
	return all
}

// events are the names of what came since the last time.
func (l *listener) events() (names []string) {
	l.Helper()
	for _, h := range l.hear() {
		names = append(names, h.header.Get("X-SuperOffice-Event"))
	}
	return names
}

func (l *listener) answer(status ...int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers = append(l.answers, status...)
}

func mac(body []byte) string {
	m := hmac.New(sha256.New, []byte(hookSecret))
	m.Write(body)
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}
