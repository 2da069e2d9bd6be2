package wordstest

import (
	"flag"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
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
		t.Errorf("%s differs (run with -update and read the difference):\n%s", path, difference(string(want), got))
	}
}

// difference are the lines that stand in one of two texts alone, of each a few.
func difference(want, got string) string {
	alone := func(mark, text, other string) (out []string) {
		there := map[string]bool{}
		for line := range strings.Lines(other) {
			there[line] = true
		}
		for line := range strings.Lines(text) {
			if !there[line] && len(out) < 20 {
				out = append(out, mark+line)
			}
		}
		return out
	}
	lines := append(alone("- ", want, got), alone("+ ", got, want)...)
	if len(lines) == 0 {
		return "the same lines in another order, or other ends of them"
	}
	return strings.Join(lines, "")
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

// Once keeps goldens short: of many texts that share most of their lines, each line stands where
// it comes first, and elsewhere how many known ones are left out.
type Once map[string]bool

// Text is a text without the lines that were there before.
func (o Once) Text(text string) string {
	var b strings.Builder
	known := 0
	flush := func() {
		if known > 0 {
			fmt.Fprintf(&b, "… %d\n", known)
		}
		known = 0
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \n")
		switch {
		case line == "":
		case o[line]:
			known++
		default:
			flush()
			o[line] = true
			b.WriteString(line + "\n")
		}
	}
	flush()
	return b.String()
}

// Shown are the texts of a page, each on its line.
func Shown(page string) string {
	page = strings.ReplaceAll(page, "<wbr>", "") // where an address may break
	page = notShown.ReplaceAllString(page, "\n")
	page = inLine.ReplaceAllString(page, "")
	var lines []string
	for line := range strings.SplitSeq(element.ReplaceAllString(page, "\n"), "\n") {
		if line = Squeeze(html.UnescapeString(line)); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

var (
	notShown = regexp.MustCompile(`(?s)<(style|head)>.*?</(style|head)>`)
	inLine   = regexp.MustCompile(`</?(?:a|b|strong|em|time|span)(?: [^>]*)?>`)
	linked   = regexp.MustCompile(`</?a[ >][^>]*>?`)
	element  = regexp.MustCompile(`<[^>]*>`)
	folds    = regexp.MustCompile(`<(/?)(details|summary)[ >]`)
	notRead  = regexp.MustCompile(`(?s)<(svg|footer)[^>]*>.*?</(svg|footer)>`)
)

// FirstScreen is what a page shows: of what is folded, the line that opens it.
func FirstScreen(page string) string { return Squeeze(Visible(Unfolded(page))) }

// Unfolded is the part of a page that shows before anything is opened, as it is written.
func Unfolded(page string) string {
	var b strings.Builder
	page = notRead.ReplaceAllString(page[max(0, strings.Index(page, "<main")):], " ")
	deep, summary, from := 0, false, 0
	for _, m := range folds.FindAllStringSubmatchIndex(page, -1) {
		if deep == 0 || deep == 1 && summary {
			b.WriteString(page[from:m[0]])
		}
		from = m[0]
		ends, tag := page[m[2]:m[3]] == "/", page[m[4]:m[5]]
		switch {
		case tag == "summary":
			summary = !ends
		case ends:
			deep--
		default:
			deep++
		}
	}
	b.WriteString(page[from:])
	return b.String()
}

// Visible is the text of a page as a person reads it.
func Visible(page string) string {
	page = notShown.ReplaceAllString(page, " ")
	page = linked.ReplaceAllString(strings.ReplaceAll(page, "<wbr>", ""), "")
	page = element.ReplaceAllString(page, " ")
	return html.UnescapeString(page)
}

// Squeeze makes one blank of many.
func Squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

var secret = regexp.MustCompile(`(?i)12[ ,.\x{a0}]?500|INV-7|pay\.example|(invoice|faktura|rechnung|factuur) 7\b|overdue|förf(ö|a)ll|forfal|überfällig|vervallen factu|` +
	`contested|ifrågasatt|bestri[dt]|bestritten|betwist|unpaid|obetald|ubetalt|unbezahlt|onbetaald|written off|avskriven|avskrevet|afskrevet|abgeschrieben|afgeschreven`)

var looked sync.Map // line -> what is secret of it

// SecretIn finds in a text what only billing reads; "": nothing. Most lines come again and again, and are looked at once.
func SecretIn(text string) string {
	for line := range strings.Lines(text) {
		hit, known := looked.Load(line)
		if !known {
			hit = secret.FindString(line)
			looked.Store(line, hit)
		}
		if hit != "" {
			return hit.(string)
		}
	}
	return ""
}

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
