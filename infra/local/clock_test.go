package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"seatmend/functions"
	"seatmend/functions/app"
	"seatmend/shared/effects"
	"seatmend/shared/store/sqlite"
	"seatmend/shared/version"
)

// clock is what the run's clock shows.
func (p *process) clock() time.Time {
	p.t.Helper()
	return get[struct{ Now time.Time }](p, "/local/clock").Now
}

// clockOr is the run's clock, or another time if the run has ended.
func (p *process) clockOr(other time.Time) time.Time {
	if now, err := (poster{p.address, p.client}).clock(p.t.Context()); err == nil {
		return now
	}
	return other
}

// advance asks for it, whether or not there is anybody to answer.
func (p poster) advance(ctx context.Context, token, by string) error {
	req, err := http.NewRequestWithContext(ctx, "POST", p.to+"/local/clock", strings.NewReader(fmt.Sprintf(`{"advance":%q}`, by)))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := p.client.Do(req)
	if err == nil {
		resp.Body.Close()
	}
	return err
}

// within checks that an instant is the wanted one or a while later: the clock runs.
func within(t *testing.T, what string, got, want time.Time) {
	t.Helper()
	if got.Before(want) || got.After(want.Add(patience)) {
		t.Errorf("%s: the clock shows %s, want %s and what has passed since", what, got, want)
	}
}

// TestClock: it is moved by the operator, by way of every instant at which something falls due,
// and goes back neither by that nor by a new start.
func TestClock(t *testing.T) {
	data := t.TempDir()
	p := start(t, data, "-demo=false", "-now", monday.Format(time.RFC3339))
	within(t, "at first", p.clock(), monday)
	p.must("applied", "account", accountBody(7, ago(10)), p.clock())
	p.must("applied", "report", reportBody(7, 9, ago(5)), p.clock())
	noticed := p.clock()

	for _, c := range []struct {
		what, body string
		header     []string
		status     int
		says       string
	}{
		{"no token", `{"advance":"1h"}`, []string{"Authorization", ""}, 401, `"unauthorized"`},
		{"a wrong token", `{"advance":"1h"}`, []string{"Authorization", "Bearer x"}, 401, `"unauthorized"`},
		{"nothing", `{}`, nil, 422, `"invalid"`},
		{"no duration", `{"advance":"tomorrow"}`, nil, 422, `"invalid"`},
		{"a number", `{"advance":26}`, nil, 422, `"invalid"`},
		{"back", `{"advance":"-1h"}`, nil, 422, `"invalid"`},
		{"too far", `{"advance":"999999h"}`, nil, 422, `"invalid"`},
		{"no JSON", `advance`, nil, 400, `"malformed"`},
		{"twice", `{"advance":"1h","advance":"2h"}`, nil, 400, `advance stands twice`},
		{"more behind", `{"advance":"1h"} {}`, nil, 400, `more than one JSON value`},
		{"misspelt", `{"advance":"1h","advanse":"2h"}`, nil, 422, `advanse is no field`},
		{"from another site", `advance=1h`, []string{"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "cross-site"}, 403, ""},
	} {
		status, body := p.ask("POST", "/local/clock", c.body, c.header...)
		if status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d %s, want %d %s", c.what, status, body, c.status, c.says)
		}
	}
	within(t, "after what was refused", p.clock(), monday)

	p.advance("26h")
	within(t, "after 26h", p.clock(), monday.Add(26*time.Hour))
	m := get[struct{ Mails []effects.MailRow }](p, "/accounts/C-7/mails").Mails
	if len(m) != 1 {
		t.Fatalf("%d mails, want 1", len(m))
	}
	// A quarter of an hour after it was noticed, and not when the clock had arrived.
	if got := m[0].SentAt.Sub(noticed).Round(time.Minute); got < 14*time.Minute || got > 18*time.Minute {
		t.Errorf("mailed after %s", got)
	}
	status, _ := p.ask("POST", "/local/clock", "advance=1h", "Content-Type", "application/x-www-form-urlencoded", "Authorization", "")
	if status != 303 {
		t.Errorf("the form's button: %d", status)
	}
	shown := p.clock()
	within(t, "after the button", shown, monday.Add(27*time.Hour))

	p.kill()
	p = start(t, data, "-demo=false", "-now", monday.Format(time.RFC3339))
	within(t, "after a power cut", p.clock(), shown)
	shown = p.clock()
	if got, want := p.stop(), 0; got != want {
		t.Errorf("ended with %d, want %d\n%s", got, want, p.says)
	}
	p = start(t, data, "-demo=false", "-now", monday.Format(time.RFC3339))
	within(t, "after a stop", p.clock(), shown)
	p.stop()
	p = start(t, data, "-demo=false", "-now", monday.Add(72*time.Hour).Format(time.RFC3339))
	within(t, "from a later instant", p.clock(), monday.Add(72*time.Hour))
	p.stop()
}

// TestClockFile: without a given instant the clock starts at the real time and what it was
// moved by, and while it is set back for the demo nothing of that is kept.
func TestClockFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clock.json")
	open := func(given time.Time) *Clock {
		t.Helper()
		c, err := OpenClock(path, given)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	keep := func(c *Clock) {
		t.Helper()
		if err := c.Keep(0); err != nil {
			t.Fatal(err)
		}
	}
	c := open(time.Time{})
	began := time.Now()
	within(t, "at first", c.Now(), began)
	c.MoveTo(c.Now().Add(30 * time.Hour))
	keep(c)
	within(t, "moved before", open(time.Time{}).Now(), began.Add(30*time.Hour))

	c = open(time.Time{})
	home := c.Now()
	c.SetBack(home.Add(-50 * time.Hour))
	within(t, "set back", c.Now(), home.Add(-50*time.Hour))
	c.MoveTo(home.Add(-20 * time.Hour))
	keep(c)
	within(t, "broken off", open(time.Time{}).Now(), home)
	c.MoveTo(home)
	c.MoveTo(home.Add(time.Hour))
	keep(c)
	within(t, "and on", open(time.Time{}).Now(), began.Add(31*time.Hour))

	given := home.Add(1000 * time.Hour)
	within(t, "given a later one", open(given).Now(), given)
	within(t, "given an earlier one", open(monday.AddDate(-9, 0, 0)).Now(), home.Add(time.Hour))
}

// TestHealth: whoever watches the run is told that it answers, without a token.
func TestHealth(t *testing.T) {
	p := start(t, t.TempDir(), "-demo=false")
	status, body := p.ask("GET", "/healthz", "", "Authorization", "")
	if want := `{"ok":true,"version":"` + version.Number + `"}`; status != 200 || strings.TrimSpace(body) != want {
		t.Errorf("%d %s, want 200 %s", status, body, want)
	}
	db, err := sqlite.Open(filepath.Join(t.TempDir(), "seatmend.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	db.Close()
	secrets := app.Secrets{"link": {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}
	ill, err := app.NewApp(db, secrets, app.Invented, "http://127.0.0.1", time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if ill.Handler("loginwarning", functions.Routes).ServeHTTP(w, httptest.NewRequest("GET", "/healthz", nil)); w.Code != 503 || !strings.Contains(w.Body.String(), "unavailable") {
		t.Errorf("where the store does not answer: %d %s, want 503", w.Code, w.Body)
	}
}
