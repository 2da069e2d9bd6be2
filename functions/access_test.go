package functions_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"seatmend/functions"
)

// Where a handler panics, the caller is told that something of ours went wrong, here and behind
// the gateway alike, and the stack lies in the log alone.
func TestAPanicIsA503(t *testing.T) {
	g := guard(t)
	g.app.Store = nil // whatever reads panics
	operator := func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+testSecrets["operator"][0]) }
	for _, c := range []struct {
		method, path, media string
		proof               func(*http.Request)
	}{
		{"GET", "/accounts", "application/json", operator},
		{"GET", "/parked", "application/json", operator},
		{"GET", "/r/" + g.tokens["link"], "text/html", func(*http.Request) {}},
		{"POST", "/r/" + g.tokens["link"] + "/check", "text/html", func(*http.Request) {}},
		{"POST", "/help", "text/html", func(*http.Request) {}},
		{"GET", "/support", "text/html", func(r *http.Request) { r.AddCookie(g.session["staff"]) }},
	} {
		typed := url.Values{"value": {"Cust10001"}}.Encode()
		r := httptest.NewRequest(c.method, c.path, strings.NewReader(typed))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		c.proof(r)
		e := events.APIGatewayV2HTTPRequest{RawPath: c.path, Body: typed, Headers: map[string]string{}}
		e.RequestContext.HTTP.Method = c.method
		for name := range r.Header {
			e.Headers[strings.ToLower(name)] = r.Header.Get(name)
		}
		remote, err := functions.Lambda(g.app.Handler(""))(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		g.logs.Reset()
		local := g.do(r)
		for where, got := range map[string]reply{"here": local, "behind the gateway": {remote.StatusCode, http.Header{"Content-Type": {remote.Headers["Content-Type"]}}, remote.Body}} {
			if got.status != 503 || !strings.HasPrefix(got.header.Get("Content-Type"), c.media) || strings.Contains(got.body, "goroutine") || strings.Contains(got.body, "runtime") {
				t.Errorf("%s %s, %s: %d %s: %.300s", c.method, c.path, where, got.status, got.header.Get("Content-Type"), got.body)
			}
		}
		var line struct{ Msg, Stack string }
		if err := json.Unmarshal([]byte(strings.SplitN(g.logs.String(), "\n", 2)[0]), &line); err != nil || line.Msg != "panic" || !strings.Contains(line.Stack, "guard.go") {
			t.Errorf("%s %s: the log has %.300s", c.method, c.path, g.logs)
		}
	}
}

// What was written before a handler panicked is not sent.
func TestAnAnswerIsWholeOrNone(t *testing.T) {
	w := newWorld(t, nil)
	rec := httptest.NewRecorder()
	w.app.Guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "half=1")
		w.Write([]byte("half of it"))
		panic("the other half")
	})).ServeHTTP(rec, httptest.NewRequest("GET", "/accounts", nil))
	if rec.Code != 503 || strings.Contains(rec.Body.String(), "half") || rec.Header().Get("Set-Cookie") != "" {
		t.Errorf("answered %d %v %s", rec.Code, rec.Header(), rec.Body)
	}
}
