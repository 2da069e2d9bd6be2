package wordstest

import (
	"flag"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Golden compares with a file of testdata.
func Golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run with -update)", err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run with -update and read the difference):\n%s", path, got)
	}
}

var look = flag.String("look", "", "a folder to write pages and mails into, to be looked at")

// Look writes a page or mail to be looked at, where a folder is given.
func Look(t *testing.T, name, body string) {
	t.Helper()
	if *look == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*look, name), []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Visible is the text of a page as a person reads it.
func Visible(page string) string {
	page = regexp.MustCompile(`(?s)<(style|head)>.*?</(style|head)>`).ReplaceAllString(page, " ")
	page = regexp.MustCompile(`</?a[ >][^>]*>?`).ReplaceAllString(page, "")
	page = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")
	return html.UnescapeString(page)
}

// Squeeze makes one blank of many.
func Squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// Secret is what only billing reads.
var Secret = regexp.MustCompile(`(?i)12[ ,.]?500|INV-7|pay\.example|invoice 7|faktura 7|overdue|förf(ö|a)ll|contested|ifrågasatt|unpaid|obetald|written off|avskriven`)

var rawKey = regexp.MustCompile(`\b(title|why|head|when|verify|remedy|page|mail|waits|state|owner|evidence|value|subject|button|next)\.[a-z@-]+`)

// Clean tells of what no reader must see: a place that was not filled, a key, a code.
func Clean(t *testing.T, name, s string) {
	t.Helper()
	for _, bad := range []string{"{", "[[", "]]", "<nil>", "%!", "  .", " ,", "..", "invoice-overdue", "order-differs", "not-activated"} {
		if strings.Contains(s, bad) {
			t.Errorf("%s shows %q:\n%s", name, bad, s)
		}
	}
	if key := rawKey.FindString(s); key != "" {
		t.Errorf("%s shows the key %q", name, key)
	}
}
