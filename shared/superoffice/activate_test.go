package superoffice_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"seatmend/shared/superoffice"
	"testing"
	"time"
)

func TestActivateSendsWhatCame(t *testing.T) {
	raw := json.RawMessage(`{"New": {"b":1, "PublicKey":"<&>", "a":1.0},  "Current":{}}`)
	p := newPlace(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if got, want := string(body), `{"NewLicense":`+string(raw)+`}`; got != want {
			t.Errorf("sent %s, want %s", got, want)
		}
		io.WriteString(w, `{"Succeeded":false,"Reason":"too many","TableRight":null}`)
	})
	got, err := p.client().Activate(t.Context(), p.tenant(t), raw)
	if want := (superoffice.LicenceResult{Reason: "too many"}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestWhatComesBackFromActivating(t *testing.T) {
	code := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	denied, ticket, maybe := superoffice.ErrDenied, superoffice.ErrTicket, superoffice.ErrMaybe
	for name, c := range map[string]struct {
		api       http.HandlerFunc
		activate  error // nil: an answer
		may       bool
		mayBeTold bool // else MayActivate is an error
	}{
		"a no":               {says(`{"Succeeded":false,"Reason":"altered"}`), nil, true, true},
		"a yes":              {says(`{"Succeeded":true,"Reason":""}`), nil, false, false},
		"null":               {says(`null`), maybe, true, true},
		"400":                {code(400, `{"Message":"The request is invalid."}`), errAny, true, true},
		"400 restricted":     {code(400, `{"Message":"Online Restricted: the agent is not available"}`), denied, false, true},
		"403":                {code(403, ``), denied, false, true},
		"401 twice":          {code(401, ``), ticket, false, false},
		"404":                {code(404, ``), errAny, false, false},
		"429":                {code(429, ``), errAny, false, false},
		"503 and wait":       {func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Retry-After", "5"); w.WriteHeader(503) }, maybe, false, false},
		"503 with html":      {code(503, `<html>`), maybe, false, false},
		"502":                {code(502, ``), maybe, false, false},
		"500":                {code(500, `{"Error":true,"ErrorMessage":"down"}`), maybe, false, false},
		"html":               {says(`<html>`), maybe, false, false},
		"message in 200":     {says(`{"Message":"An error has occurred."}`), maybe, false, false},
		"neither yes nor no": {says(`{}`), maybe, false, false},
		"reset":              {reset, maybe, false, false},
		"cut":                {cut, maybe, false, false},
	} {
		p := newPlace(t, c.api)
		client, tenant := p.client(), p.tenant(t)
		_, err := client.Activate(t.Context(), tenant, json.RawMessage(`{"New":{}}`))
		if c.activate == nil && err != nil || c.activate == errAny && err == nil || c.activate != nil && c.activate != errAny && !errors.Is(err, c.activate) ||
			errors.Is(err, maybe) != (c.activate == maybe) {
			t.Errorf("%s: Activate: %v, want %v", name, err, c.activate)
		}
		may, err := client.MayActivate(t.Context(), tenant)
		if may != c.may || (err == nil) != c.mayBeTold {
			t.Errorf("%s: MayActivate: %v, %v, want %v, told %v", name, may, err, c.may, c.mayBeTold)
		}
	}
}

// An activation that was sent may have been done, whether or not we waited for the answer; one
// that never left was not.
func TestLateAnswerMeansMaybe(t *testing.T) {
	done, calls := make(chan struct{}), 0
	p := newPlace(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if calls++; calls == 1 { // the first one signs in, which may take long where much is going on
			io.WriteString(w, "null")
			return
		}
		<-done
	})
	defer close(done)
	c, tenant := p.client(), p.tenant(t)
	if _, err := c.MayActivate(t.Context(), tenant); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Second)
	defer stop()
	if _, err := c.Activate(ctx, tenant, json.RawMessage(`{}`)); !errors.Is(err, superoffice.ErrMaybe) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("late: %v", err)
	}
	if _, err := c.Activate(ctx, tenant, json.RawMessage(`{}`)); err == nil || errors.Is(err, superoffice.ErrMaybe) {
		t.Errorf("never sent: %v", err)
	}
}

func TestProbeActivatesNothing(t *testing.T) {
	p := newPlace(t, func(w http.ResponseWriter, r *http.Request) {
		if body, _ := io.ReadAll(r.Body); string(body) != `{"NewLicense":null}` {
			t.Errorf("sent %s", body)
		}
		io.WriteString(w, "null")
	})
	if may, err := p.client().MayActivate(t.Context(), p.tenant(t)); !may || err != nil {
		t.Error(may, err)
	}
}
