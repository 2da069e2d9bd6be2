package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"seatmend/events"
)

// TestSend: bodies of a file are signed by the clock of the run that they go to, and each
// answer is a line.
func TestSend(t *testing.T) {
	data := t.TempDir()
	p := start(t, data, "-demo=false", "-now", monday.Format(time.RFC3339))
	secrets := filepath.Join(data, "secrets.json")
	body := func(name string) string {
		b, err := events.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(string(b), "\n", "")
	}
	account, licence, login := body("first/01-standard-account.json"), body("first/02-standard-licence.json"), body("first/03-login-warned.json")
	send := func(in string, args ...string) (int, string, string) {
		t.Helper()
		return run(t, in, append([]string{"send", "-to", p.address + "/", "-secrets", secrets}, args...)...)
	}
	for _, c := range []struct {
		what, in string
		args     []string
		code     int
		lines    []string // what each line has
		says     string
	}{
		{"one of a file", "", []string{"-sender", "standard", write(t, "account.json", account)}, 0, []string{"1 line 1: 200", `"applied"`}, ""},
		{"one a line", account + "\n" + licence + "\n", []string{"-sender", "standard", "-"}, 0, []string{"1 line 1: 200", `"duplicate"`, "2 line 2: 200", `"applied"`}, ""},
		{"an array", "[\n" + licence + ",\n" + licence + "]", []string{"-sender", "standard", "-"}, 0, []string{"1 line 2: 200", "2 line 3: 200", `"duplicate"`}, ""},
		{"a warned login", login, []string{"-sender", "login", "-"}, 0, []string{"1 line 1: 200", `"surplus"`}, ""},
		{"a hint", body("samples/01-superoffice-associate.json"), []string{"-sender", "superoffice", "-"}, 0, []string{"1 line 1: 200"}, ""},
		{"of Stripe", body("samples/04-stripe-failed.json"), []string{"-sender", "stripe", "-"}, 0, []string{"1 line 1: 200"}, ""},
		{"a wrong one among them", account + `{"type":"account.changed","timestamp":"2026-11-23T06:00:00Z","data":{}}` + licence, []string{"-sender", "standard", "-"}, 1,
			[]string{"1 line 1: 200", "2 line 1: 422", "data.account", "3 line 1: 200"}, "1 of 3"},
		{"mended under the timestamp that it had, and a mistyped field", strings.Replace(strings.Replace(account, "{", `{"id":".",`, 1), `"data": {`, `"data": {"locales":"sv",`, 1), []string{"-sender", "standard", "-"}, 0,
			[]string{"1 line 1: 200", `"unchanged"`, "with a newer timestamp", `"unread":["data.locales (locale?)"]`}, "data.locales"},
		{"another fact under an id that is taken", strings.NewReplacer(`{ "type"`, `{"id":"x9", "type"`, "2026-10-24T06:00", "2026-11-23T06:30").Replace(account[:60]) + account[60:] + strings.Replace(licence, "{", `{"id":"x9",`, 1), []string{"-sender", "standard", "-"}, 1,
			[]string{`200 {"outcome":"applied"`, "2 line 1: 409", "send this one under another id"}, "1 of 2"},
		{"a folder", "", []string{"-sender", "standard", t.TempDir()}, 2, nil, "is a folder: name one file"},
		{"cut off", account + "\n{", []string{"-sender", "standard", "-"}, 2, []string{"1 line 1: 200"}, "line 2"},
		{"no sender", account, []string{"-"}, 2, nil, "-sender"},
		{"no such sender", account, []string{"-sender", "pigeon", "-"}, 2, nil, "-sender"},
		{"no file", "", []string{"-sender", "standard"}, 2, nil, "file"},
		{"no such file", "", []string{"-sender", "standard", "none.json"}, 2, nil, "none.json"},
		{"no such flag", "", []string{"-as", "standard", "-"}, 2, nil, "-as"},
		{"no secrets", account, []string{"-secrets", "none.json", "-sender", "standard", "-"}, 2, nil, "none.json"},
		{"no secret of the sender", account, []string{"-secrets", write(t, "s.json", `{"standard":["whpk_AAAA"],"link":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]}`), "-sender", "standard", "-"}, 2, nil, "s.json"},
		{"another's secret", account, []string{"-secrets", write(t, "s.json", `{"standard":["whsec_AAAA"],"link":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]}`), "-sender", "standard", "-"}, 1, []string{"1 line 1: 401"}, "1 of 1"},
	} {
		code, out, errs := send(c.in, c.args...)
		if code != c.code || !strings.Contains(errs, c.says) || c.says == "" && errs != "" {
			t.Errorf("%s: ended with %d, want %d: %s", c.what, code, c.code, errs)
		}
		rest := out
		for _, has := range c.lines {
			_, after, found := strings.Cut(rest, has)
			if !found {
				t.Errorf("%s: no %q in order in %s", c.what, has, out)
			}
			rest = after
		}
		if len(c.lines) == 0 && out != "" {
			t.Errorf("%s: printed %s", c.what, out)
		}
	}
	p.stop()
	if code, _, errs := send(account, "-sender", "standard", "-"); code != 2 || errs == "" {
		t.Errorf("nobody is there: ended with %d: %s", code, errs)
	}
	if _, err := os.Stat(secrets); err != nil {
		t.Error(err)
	}
}
