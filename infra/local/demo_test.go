package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"seatmend/shared/effects"
)

// TestDemo: it is told once, by day and by night; when the run is ready its first mails lie in
// the inbox.
func TestDemo(t *testing.T) {
	for _, c := range []struct {
		what string
		now  time.Time
		day  string
	}{
		{"a Sunday night", time.Date(2026, 11, 29, 2, 0, 0, 0, time.UTC), "2026-11-27"},
		{"Christmas", time.Date(2026, 12, 25, 12, 0, 0, 0, time.UTC), "2026-12-23"},
		{"now", time.Time{}, ""},
	} {
		if c.what != "a Sunday night" && testing.Short() {
			continue
		}
		t.Run(c.what, func(t *testing.T) {
			data := t.TempDir()
			var args []string
			if c.now.IsZero() {
				c.now = time.Now()
			} else {
				args = []string{"-now", c.now.Format(time.RFC3339)}
			}
			p := start(t, data, args...)
			within(t, "when it is ready", p.clock(), c.now)
			p.demo()
			facts, mails := p.count(c.day)
			p.kill()
			if says := p.says.String(); !strings.Contains(says, " opens "+data) || !strings.Contains(says, "The demo: ") || !strings.Contains(says, "It takes a few seconds") {
				t.Errorf("it starts in silence: %s", says)
			}
			p = start(t, data, args...)
			within(t, "at the second start", p.clock(), c.now)
			p.demo()
			if f, m := p.count(c.day); f != facts || m != mails {
				t.Errorf("told again: %d facts and %d mails, before %d and %d", f, m, facts, mails)
			}
			if got, want := p.stop(), 0; got != want {
				t.Errorf("ended with %d, want %d\n%s", got, want, p.says)
			}
		})
	}
}

// TestDemoBrokenOff: killed while it is told, it is told to its end by the next start.
func TestDemoBrokenOff(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	night := monday.Add(18 * time.Hour)
	data, now := t.TempDir(), night.Format(time.RFC3339)
	p, ready := launch(t, "", "-addr", "127.0.0.1:0", "-crm-addr", "127.0.0.1:0", "-data", data, "-now", now)
	select {
	case <-ready:
	case <-time.After(time.Duration(rand.New(rand.NewPCG(seed, 0)).IntN(1000)) * time.Millisecond):
	}
	p.kill()
	p = start(t, data, "-now", now)
	within(t, "when it is ready", p.clock(), night)
	p.demo()
	p.count("2026-11-23")
}

type entry struct {
	Account, Summary, Phase string
	Codes                   []string
}

// demo checks that the customers suffer from what the tour says.
func (p *process) demo() {
	p.t.Helper()
	list := all[entry](p, "/accounts", "accounts")
	if len(list) < 9 {
		p.t.Errorf("%d customers, want 9 or more", len(list))
	}
	codes, calm, two := map[string]bool{}, 0, false
	for _, e := range list {
		for _, code := range e.Codes {
			codes[code] = true
		}
		two = two || len(e.Codes) > 1
		if e.Phase != "ok" && (e.Summary == "ok" || e.Summary == "waiting") {
			calm++
		}
	}
	for _, code := range []string{"surplus", "plan-swap", "wrong-installation", "invoice-overdue", "paid-not-extended", "version-not-covered"} {
		if !codes[code] {
			p.t.Errorf("nobody suffers from %s: %v", code, list)
		}
	}
	if calm < 2 || !two {
		p.t.Errorf("%d are warned and fine, want 2; one with two causes: %t", calm, two)
	}
	page, front := p.open("/mail"), p.open("/")
	letter := regexp.MustCompile(`/mail/[^/"]+/[^"/]+`).FindString(page)
	if p.open(letter); !strings.Contains(p.open(letter), "<iframe") {
		p.t.Errorf("%q does not show its mail", letter)
	}
	for _, e := range list {
		mails := get[struct{ Mails []effects.MailRow }](p, "/accounts/"+e.Account+"/mails").Mails
		if len(mails) == 0 && e.Summary == "needs-action" {
			_, why := p.ask("GET", "/accounts/"+e.Account+"/mails", "")
			_, d := p.ask("GET", "/accounts/"+e.Account+"/diagnosis", "")
			p.t.Errorf("%s needs action, and nobody has heard: %s\n%s", e.Account, why, d)
		}
		for _, m := range mails {
			if !strings.Contains(page, m.To) {
				p.t.Errorf("the inbox does not show the mail to %s", m.To)
			}
		}
		if !strings.Contains(front, e.Account) {
			p.t.Errorf("the start page does not show %s", e.Account)
		}
	}
}

// open is a page of the run as a browser gets it, whose policy must allow what the page is made of.
func (p *process) open(path string) string {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), "GET", p.address+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html,application/xhtml+xml")
	resp, err := p.client.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		p.t.Fatalf("%s: %d %v", path, resp.StatusCode, err)
	}
	for part, allows := range map[string]string{"<style": "style-src 'unsafe-inline'", "<iframe": "frame-src 'self'", "<form": "form-action 'self'"} {
		if policy := resp.Header.Get("Content-Security-Policy"); strings.Contains(string(b), part) && !strings.Contains(policy, allows) {
			p.t.Errorf("%s has %s>, and its policy is %s", path, part, policy)
		}
	}
	return string(b)
}

// count counts the demo's facts, whose ids carry the day, and its mails, each of which went once.
func (p *process) count(day string) (facts, mails int) {
	p.t.Helper()
	for _, e := range all[entry](p, "/accounts", "accounts") {
		for _, f := range all[struct{ ID, Source string }](p, "/accounts/"+e.Account+"/facts", "facts") {
			if f.Source == "superoffice" {
				continue // read from the simulator
			}
			if facts++; f.Source == "standard" && !strings.HasPrefix(f.ID, "standard/demo-"+day) {
				p.t.Errorf("fact %s is not of the demo of %s", f.ID, day)
			}
		}
		once := map[string]bool{}
		for _, m := range get[struct{ Mails []effects.MailRow }](p, "/accounts/"+e.Account+"/mails").Mails {
			mails++
			key := fmt.Sprint(m.To, m.About)
			if once[key] {
				p.t.Errorf("%s was mailed twice of %v", m.To, m.About)
			}
			once[key] = true
		}
	}
	return facts, mails
}
