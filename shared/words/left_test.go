package words

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"seatmend/shared/words/wordstest"
)

// No sentence of a language was left in English: none is the English one, but for names, and none has the
// words that stand in nearly every English sentence, but in labels of SuperOffice's own screens.
func TestNothingIsLeftInEnglish(t *testing.T) {
	var labels []string
	for _, words := range screenWords(t, "en") {
		labels = append(labels, words...)
	}
	slices.SortFunc(labels, func(a, b string) int { return len(b) - len(a) })
	for _, l := range Languages[1:] {
		for key, text := range l.Text {
			if left := wordstest.English(text, labels); len(left) > 0 {
				t.Errorf("%s %s has %v: %q", l.Tag, key, left, text)
			}
			if n := len(strings.Fields(regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(text, ""))); text == english.Text[key] && n > 2 {
				t.Errorf("%s %s is the English one: %q", l.Tag, key, text)
			}
		}
		for id, steps := range l.Steps {
			for i, text := range steps {
				if left := wordstest.English(text, labels); len(left) > 0 || text == english.Steps[id][i] {
					t.Errorf("%s, step %d of %s has %v: %q", l.Tag, i+1, id, left, text)
				}
			}
		}
	}
}

// No text is another language's, nor on closer terms with its reader than its language is.
func TestEachLanguageIsItsOwn(t *testing.T) {
	var labels []string
	for _, words := range screenWords(t, "en") {
		labels = append(labels, words...)
	}
	texts := map[string]map[string]string{}
	for _, l := range Languages {
		texts[l.Tag] = maps.Clone(l.Text)
		for id, steps := range l.Steps {
			texts[l.Tag]["steps."+id] = strings.Join(steps, " ")
		}
	}
	wordstest.Tongues(t, texts, labels, "task.too-large.source")
	for text, want := range map[string]string{"Haben Sie Ihr Dutzend?": "", "Gib deinen Platz frei.": "deinen", "Hast du": "du"} {
		if got := wordstest.Familiar("de", text); got != want {
			t.Errorf("%s: %q is familiar, want %q", text, got, want)
		}
	}
}

// Where SuperOffice has no word of a language, what it shows is English: there a word of ours stands beside it,
// in brackets, or the screen cannot be followed by who reads no English.
func TestOurWordStandsBesideAnEnglishOne(t *testing.T) {
	for _, l := range Languages[1:] {
		var labels []string
		for _, row := range screenRows(t, l.Tag) {
			if row[l.Tag] == "-" {
				labels = append(labels, row["en"])
			}
		}
		check := func(where, text string) {
			for _, m := range grammars[l.Tag].labels.FindAllStringSubmatchIndex(text, -1) {
				label, rest := text[m[2]:m[3]], text[m[1]:]
				if slices.Contains(labels, label) && !strings.HasPrefix(rest, " (") {
					t.Errorf("%s %s: %q stands alone: %q", l.Tag, where, label, text)
				}
			}
		}
		for key, text := range l.Text {
			check(key, text)
		}
		for id, steps := range l.Steps {
			for i, text := range steps {
				check(fmt.Sprintf("step %d of %s", i+1, id), text)
			}
		}
	}
}

// Every sentence is asked for by somebody: its key stands in our source, or is put together of pieces that do.
// A rule's own sentences are looked at by TestEverySayIsKnown.
func TestEverySentenceIsAskedFor(t *testing.T) {
	pieces := map[string]bool{}
	for _, pattern := range []string{"../*/*.go", "../../functions/*/*.go", "../../functions/*/*.html", "../../infra/local/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") || strings.HasPrefix(f, "../words/") && len(filepath.Base(f)) == len("en.go") || strings.Contains(f, "/desk/text_") {
				continue
			}
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range literal.FindAllStringSubmatch(string(b), -1) {
				pieces[m[1]] = true
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(english.Text)) {
		first, rest, _ := strings.Cut(key, ".")
		if !slices.Contains([]string{"page", "mail", "message", "reply", "tasks", "solved", "doctor", "button", "told", "dated", "placed", "as-of"}, first) {
			continue
		}
		if !pieces[key] && !made(key, pieces) && !(first == "page" && (pieces[rest] || made(rest, pieces))) {
			t.Errorf("nobody asks for %q", key)
		}
	}
}

var literal = regexp.MustCompile(`"([a-z.@][a-zA-Z0-9.@_-]+)"`)

// made tells whether a key is put together of pieces, each of which ends or begins with a dot where they meet.
func made(key string, pieces map[string]bool) bool {
	for i := 1; i < len(key); i++ {
		left, right := key[:i], key[i:]
		if pieces[left] && (strings.HasSuffix(left, ".") || strings.HasPrefix(right, ".")) && (pieces[right] || made(right, pieces)) {
			return true
		}
		if strings.Count(left, ".") > 1 && right[0] == '.' && pieces[right[1:]] && (pieces[left] || made(left, pieces)) { // codes, in what is narrow already
			return true
		}
	}
	return false
}
