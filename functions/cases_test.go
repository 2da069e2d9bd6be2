package functions_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/effects"
	"seatmend/shared/store"
	"seatmend/shared/webhook"
	"seatmend/shared/words"
)

// The cases of testdata/cases went wrong once. Each is a file of bodies and an instant of asking;
// each is played by its name in a test of the files cases_*_test.go.

// A played case is a world in which everything that a case tells has been told, each body at its
// own timestamp, and everything that fell due until the instant of asking has been lived through.
type played struct {
	*world
	account string // the first that the case tells of
}

// play plays the case of this name, such as "domain/pay-action", up to now (RFC 3339). Mails of
// all accounts are on where the case says so; the world's language is English.
func play(t *testing.T, name, now string) *played {
	t.Helper()
	return playWith(t, name, now, nil)
}

// playWith is play with a change to each body before it is told; nil: none.
func playWith(t *testing.T, name, now string, change func([]byte) []byte) *played {
	t.Helper()
	return newWorld(t, nil).playCase(name, now, change)
}

func (w *world) playCase(name, now string, change func([]byte) []byte) *played {
	t := w.T
	t.Helper()
	end, err := time.Parse(time.RFC3339, now)
	if err != nil {
		t.Fatal(err)
	}
	p := &played{world: w}
	type telling struct {
		at   time.Time
		id   string
		kind string
		body []byte
	}
	var all []telling
	for i, raw := range caseBodies(t, name) {
		if change != nil {
			raw = change(raw)
		}
		var head struct {
			ID, Type  string
			Timestamp time.Time
			Data      struct{ Account string }
		}
		if err := json.Unmarshal(raw, &head); err != nil {
			t.Fatalf("%s, body %d: %v", name, i+1, err)
		}
		if p.account == "" {
			p.account = head.Data.Account
		}
		if head.ID == "" {
			head.ID = name + "-" + string(rune('a'+i))
		}
		all = append(all, telling{head.Timestamp, head.ID, head.Type, raw})
	}
	slices.SortStableFunc(all, func(a, b telling) int { return a.at.Compare(b.at) })
	w.clock.set(all[0].at)
	for _, one := range all {
		if one.at.After(w.clock.Now()) {
			w.advance(one.at)
		}
		sender, path := "standard", "/users/standard"
		if one.kind == "login.warned" {
			sender, path = "login", "/login-warnings"
		}
		if r := w.post(sender, path, one.id, one.body); r.status != 200 {
			t.Fatalf("%s: %s of %s is answered %v", name, one.kind, one.at, r)
		}
	}
	w.advance(end)
	return p
}

// caseBodies are the bodies of a case.
func caseBodies(t *testing.T, name string) (all [][]byte) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata/cases", name+".json*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("case %s: %v %v", name, files, err)
	}
	file, err := os.Open(files[0])
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for raw, err := range webhook.Bodies(file) {
		if err != nil {
			t.Fatalf("case %s: %v", name, err)
		}
		all = append(all, raw.Body)
	}
	return all
}

// seen is the diagnosis as the outside sees it, with its sentences in a language.
func (p *played) seen(lang string) words.View {
	p.Helper()
	l, err := p.db.Load(p.Context(), p.account, store.Want{})
	if err != nil {
		p.Fatal(err)
	}
	d := diagnosis.Diagnose(l.State, p.clock.Now(), p.clock.Now())
	o, err := effects.Options(p.Context(), p.db, l.State, d)
	if err != nil {
		p.Fatal(err)
	}
	return words.Of(lang).View(d, o)
}

// read is what the command diagnose prints of it in a language.
func (p *played) read(lang string) string {
	p.Helper()
	return words.Of(lang).Doctor(p.seen(lang), false)
}

// all is the diagnosis as JSON, every sentence of it.
func (p *played) all(lang string) string {
	p.Helper()
	out, err := json.MarshalIndent(p.seen(lang), "", " ")
	if err != nil {
		p.Fatal(err)
	}
	return string(out)
}

// mailsTo are the mails that were sent to an address, the earliest first.
func (p *played) mailsTo(address string) (all []effects.MailRow) {
	p.Helper()
	for _, m := range p.inbox() {
		if m.To == address {
			all = append(all, m)
		}
	}
	return all
}

// TestEveryCaseIsTried holds that each file of testdata/cases is named by a test.
func TestEveryCaseIsTried(t *testing.T) {
	var tests strings.Builder
	sources, _ := filepath.Glob("cases_*_test.go")
	for _, s := range sources {
		text, err := os.ReadFile(s)
		if err != nil {
			t.Fatal(err)
		}
		tests.Write(text)
	}
	files, _ := filepath.Glob("testdata/cases/*/*.json*")
	if len(files) < 50 {
		t.Fatalf("there are %d cases", len(files))
	}
	for _, f := range files {
		name := strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(f), "testdata/cases/"), ".jsonl"), ".json")
		if !strings.Contains(tests.String(), `"`+name+`"`) {
			t.Errorf("no test names %q", name)
		}
	}
}
