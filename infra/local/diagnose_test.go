package main

import (
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/events"
)

var update = flag.Bool("update", false, "rewrite the transcripts in testdata")

// told7 is a week after the day on which the events are told.
var told7 = events.Base.AddDate(0, 0, 7)

// shifted writes a folder of events as told on that day, and gives the files' paths.
func shifted(t *testing.T, folder string) []string {
	t.Helper()
	names, err := fs.Glob(events.Files, folder+"/*.json")
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %d files, %v", folder, len(names), err)
	}
	dir := t.TempDir()
	for i, name := range names {
		body, err := events.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		names[i] = filepath.Join(dir, filepath.Base(name))
		if err := os.WriteFile(names[i], events.Shift(body, events.Base, told7), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

// TestDiagnoseTranscripts: what the command prints is reviewed as prose. -update rewrites it.
func TestDiagnoseTranscripts(t *testing.T) {
	for _, c := range []struct {
		name   string
		folder string
		files  int // of the folder; 0: all
		code   int
	}{
		{"surplus", "first", 3, 1},
		{"renewed", "first", 0, 0},
		{"unpaid", "demo/bjorkdal-bygg", 0, 1},
		{"calm", "demo/mjolner-kjokken", 0, 1},
	} {
		for _, lang := range []string{"en", "sv"} {
			t.Run(c.name+"-"+lang, func(t *testing.T) {
				files := shifted(t, c.folder)
				if c.files > 0 {
					files = files[:c.files]
				}
				code, out, errs := run(t, "", append([]string{"diagnose", "-now", told7.Add(9 * time.Hour).Format(time.RFC3339), "-lang", lang}, files...)...)
				if code != c.code || errs != "" {
					t.Errorf("ended with %d, want %d: %s", code, c.code, errs)
				}
				golden := filepath.Join("testdata", "diagnose-"+c.name+"-"+lang+".golden")
				if *update {
					if err := os.WriteFile(golden, []byte(out), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(golden)
				if err != nil {
					t.Fatal(err)
				}
				if out != string(want) {
					t.Errorf("prints\n%s\nwant\n%s", out, want)
				}
			})
		}
	}
}

// TestDiagnoseJSON: one account is the object of the contract, several are an array of them.
func TestDiagnoseJSON(t *testing.T) {
	type finding struct{ Code, State, Severity, Fingerprint, Title, Owner string }
	type diagnosis struct {
		Account, Phase, Summary   string
		At, Now                   time.Time
		Findings, Passed, Unknown []finding
		Upcoming                  []finding
	}
	now := told7.Add(9 * time.Hour)
	first, calm := shifted(t, "first")[:3], shifted(t, "demo/mjolner-kjokken")
	code, out, errs := run(t, "", append([]string{"diagnose", "-json", "-now", now.Format(time.RFC3339)}, first...)...)
	if code != 1 || errs != "" {
		t.Errorf("ended with %d: %s", code, errs)
	}
	one := decoded[diagnosis](t, out)
	if one.Account != "C-1" || one.Summary != "needs-action" || one.Phase != "admin-warning" || !one.Now.Equal(now) || !one.At.Equal(now) {
		t.Errorf("got %+v", one)
	}
	if len(one.Findings) != 1 || one.Findings[0].Code != "surplus" || one.Findings[0].State != "open" || len(one.Findings[0].Fingerprint) != 16 {
		t.Errorf("found %+v", one.Findings)
	}
	keys := decoded[map[string]json.RawMessage](t, out)
	for _, key := range []string{"account", "at", "now", "phase", "summary", "findings", "upcoming", "passed", "unknown"} {
		if keys[key] == nil || string(keys[key]) == "null" {
			t.Errorf("%s is %s", key, keys[key])
		}
	}

	code, out, _ = run(t, "", append([]string{"diagnose", "-json", "-now", now.Format(time.RFC3339)}, slices.Concat(first, calm)...)...)
	if code != 1 {
		t.Errorf("of two ended with %d", code)
	}
	two := decoded[[]diagnosis](t, out)
	if len(two) != 2 || two[0].Account != "C-1" || two[1].Summary != "waiting" {
		t.Errorf("of two got %+v", two)
	}
	_, out, _ = run(t, "", append([]string{"diagnose", "-json", "-account", "C-1", "-now", now.Format(time.RFC3339)}, slices.Concat(first, calm)...)...)
	if only := decoded[diagnosis](t, out); only.Account != "C-1" {
		t.Errorf("of one of two got %+v", only)
	}
	later := now.AddDate(0, 0, 20)
	code, out, _ = run(t, "", append([]string{"diagnose", "-json", "-now", now.Format(time.RFC3339), "-at", later.Format(time.RFC3339)}, first...)...)
	if at := decoded[diagnosis](t, out); code != 1 || !at.At.Equal(later) || !at.Now.Equal(now) || at.Phase != "grace" {
		t.Errorf("asked about later: %d %+v", code, at)
	}
}

// TestDiagnoseInput: one body, an array, one a line, or standard input; and what is wrong is
// said with its file and line.
func TestDiagnoseInput(t *testing.T) {
	var bodies []string
	for _, name := range shifted(t, "first") {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, string(b))
	}
	line := func(body string) string { return strings.ReplaceAll(body, "\n", "") }
	now := []string{"diagnose", "-json", "-now", told7.Add(9 * time.Hour).Format(time.RFC3339)}
	_, want, _ := run(t, "["+strings.Join(bodies[:3], ",")+"]", append(now, "-")...)
	for what, in := range map[string]string{
		"one after the other": strings.Join(bodies[:3], "\n"),
		"one a line":          line(bodies[0]) + "\n" + line(bodies[1]) + "\n\n" + line(bodies[2]) + "\n",
		"in another order":    bodies[2] + bodies[0] + bodies[1],
	} {
		if code, out, errs := run(t, in, append(now, "-")...); code != 1 || !sameBut(out, want) {
			t.Errorf("%s: ended with %d, printed %s\n%s", what, code, out, errs)
		}
	}
	file := write(t, "facts.json", line(bodies[0])+"\n"+line(bodies[1])+"\n")
	if code, out, errs := run(t, bodies[2], append(now, file, "-")...); code != 1 || !sameBut(out, want) {
		t.Errorf("a file and standard input: ended with %d, printed %s\n%s", code, out, errs)
	}
	if code, _, errs := run(t, strings.Join(bodies[2:], ""), append(now, file, "-")...); code != 0 {
		t.Errorf("renewed: ended with %d: %s", code, errs)
	}

	// A folder is its files; a billing system's own bodies are read as that system's.
	code, whole, errs := run(t, "", "diagnose", "-now", told7.Add(9*time.Hour).Format(time.RFC3339), filepath.Dir(shifted(t, "first")[0]))
	if code != 0 || errs != "" {
		t.Errorf("a folder: %d %s%s", code, whole, errs)
	}
	for _, system := range []string{"paddle", "chargebee", "stripe"} {
		folder := filepath.Dir(shifted(t, "billing/"+system)[0])
		code, out, errs := run(t, "", "diagnose", "-json", "-now", told7.AddDate(0, 1, 0).Format(time.RFC3339), "-sender", system, folder)
		if code > 1 || errs != "" || !strings.Contains(out, `"source": "`+system+`"`) {
			t.Errorf("%s: %d %.600s%s", system, code, out, errs)
		}
	}
	if code, _, errs := run(t, "", "diagnose", "-sender", "recurly", filepath.Dir(shifted(t, "billing/recurly")[0])); code > 1 || !strings.Contains(errs, "02-recurly-thin-created.json:1: nothing is read from it: ") {
		t.Errorf("bodies that only hint: %d %s", code, errs)
	}

	for _, c := range []struct {
		what string
		args []string
		says []string
	}{
		{"a folder without files", []string{t.TempDir()}, []string{"is a folder without files that end with .json"}},
		{"Paddle's own", shifted(t, "billing/paddle")[1:2], []string{"02-paddle-subscription.json:1: ", "is read with -sender, and one of"}},
		{"Stripe's own", shifted(t, "billing/stripe")[1:2], []string{"02-stripe-subscription.json:1: nothing is read from it", "is read with -sender, and one of"}},
		{"no such sender", []string{"-sender", "padle", file}, []string{"-sender padle: there is no such sender"}},
		{"no file", nil, []string{"name a file"}},
		{"no such file", []string{"none.json", "neither.json"}, []string{"none.json", "neither.json"}},
		{"an empty file", []string{write(t, "empty.json", "")}, []string{"empty.json"}},
		{"cut off", []string{write(t, "cut.json", line(bodies[0])+"\n{\"type\":")}, []string{"cut.json", "line 2"}},
		{"no JSON", []string{write(t, "text.json", line(bodies[0])+"\nhello\n")}, []string{"text.json", "line 2"}},
		{"a field is wrong", []string{write(t, "wrong.json", line(bodies[0])+"\n"+strings.ReplaceAll(line(bodies[1]), `"total": 10`, `"total": -1`)+"\n")},
			[]string{"wrong.json:2", "data.plans[0].total"}},
		{"two faults", []string{write(t, "a.json", `{"type":"seat.changed"}`), write(t, "b.json", "\n\n"+`{"type":"account.changed"}`)}, []string{"a.json:1", "b.json:3"}},
		{"nobody describes the account", []string{write(t, "facts.json", "\n"+line(bodies[1]))}, []string{"facts.json:2", "C-1"}},
		{"no such account", []string{"-account", "C-2", file}, []string{"C-2"}},
		{"no instant", []string{"-now", "soon", file}, []string{"-now", "soon"}},
		{"not asked about an instant", []string{"-at", "then", file}, []string{"-at", "then"}},
		{"no such flag", []string{"-when", "then", file}, []string{"-when"}},
	} {
		code, out, errs := run(t, "", append(slices.Clone(now), c.args...)...)
		if code != 2 || out != "" {
			t.Errorf("%s: ended with %d, printed %q", c.what, code, out)
		}
		for _, s := range c.says {
			if !strings.Contains(errs, s) {
				t.Errorf("%s: does not name %q: %s", c.what, s, errs)
			}
		}
	}
}

// sameBut compares two printed diagnoses but for whitespace.
func sameBut(a, b string) bool {
	return strings.Join(strings.Fields(a), " ") == strings.Join(strings.Fields(b), " ")
}
