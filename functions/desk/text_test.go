package desk

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"seatmend/shared/diagnosis"
	"seatmend/shared/words"
	"seatmend/shared/words/wordstest"
)

// Every text that the screen says is there, and every text that is there is said.
func TestDeskTexts(t *testing.T) {
	said := map[string]bool{}
	prefixes := []string{"said.", "fault.", "mailwhy.", "audit.", "n.", "fate.", "board.by.", "board.sort.", "board.view.", "selected.", "line.of.", "lang.", "figure.", "figures.", "source."}
	err := fs.WalkDir(deskFiles, "pages/support", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".html") {
			return err
		}
		text, err := fs.ReadFile(deskFiles, path)
		for _, m := range regexp.MustCompile(`\(?\b(?:t|many) "([^"]+)"`).FindAllStringSubmatch(string(text), -1) {
			said[m[1]] = true
			if !deskKnows(m[1]) {
				t.Errorf("%s says %q, which is no text", path, m[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources: %v", err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || strings.HasPrefix(file, "text") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?:\bsay|many|line|say\(key|singular)\("([^"]+)"|(?:key|said) :?= "([^"]+)"|"(told\.[^"]+|policy\.[^"]+|bar|none|board\.[a-z.]+|export\.[a-z.]+)"`).FindAllStringSubmatch(string(source), -1) {
			said[m[1]+m[2]+m[3]] = true
			if m[1] != "" && !strings.HasSuffix(m[1], ".") && !deskKnows(m[1]) {
				t.Errorf("%s says %q, which is no text", file, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`(?:text\(|"key" \+ |say\()"([a-z.]+\.)"`).FindAllStringSubmatch(string(source), -1) {
			prefixes = append(prefixes, m[1])
		}
	}
	for key := range deskTexts {
		known := said[key] || said[strings.TrimSuffix(key, ".1")]
		for _, p := range prefixes {
			known = known || strings.HasPrefix(key, p)
		}
		if !known {
			t.Errorf("nobody says %q", key)
		}
	}
}

// What a demanding reader marked in Swedish and English is said no more, to customers or at the desk.
func TestWhatNobodyWouldSay(t *testing.T) {
	for lang, list := range map[string][]string{
		"sv": {"förkryssa", "Talen ", "Något saknas: Det är inte koden", "Länken är inte hel", "brev", "Redan gjort, fel", "Ditt att göra", "det är vårt att föra vidare", "needs-action", "(1 lediga)"},
		"en": {"We see that it is active", "needs-action"},
	} {
		l := words.Of(lang)
		for _, texts := range []map[string]string{l.Text, tongues[tongue(lang)]} {
			if len(texts) < 100 {
				t.Fatalf("%s: %d texts", lang, len(texts))
			}
			for key, text := range texts {
				for _, never := range list {
					if strings.Contains(text, never) {
						t.Errorf("%s: %s says %q: %s", lang, key, never, text)
					}
				}
			}
		}
	}
}

// What is said in English is said in every language, of the same numbers and names.
func TestDeskInEveryLanguage(t *testing.T) {
	verbs := regexp.MustCompile(`%(?:\[\d\])?[a-z]`)
	of := func(text string) string {
		var out []string
		for i, verb := range verbs.FindAllString(text, -1) {
			if !strings.Contains(verb, "[") {
				verb = fmt.Sprintf("%%[%d]%s", i+1, verb[1:])
			}
			out = append(out, verb)
		}
		slices.Sort(out)
		return strings.Join(slices.Compact(out), " ")
	}
	for _, l := range words.Languages {
		texts, ok := tongues[tongue(l.Tag)]
		if !ok {
			t.Errorf("the desk does not speak %s", l.Tag)
			continue
		}
		for key, en := range deskTexts {
			text, ok := texts[key]
			switch {
			case strings.HasPrefix(key, "bundle."):
				if ok && l.Tag != "en" {
					t.Errorf("%s: %s leaves the house, and is English", l.Tag, key)
				}
			case !ok || text == "":
				t.Errorf("%s: missing %q", l.Tag, key)
			case of(en) != of(text):
				t.Errorf("%s: %s: %q is not of the same as %q", l.Tag, key, text, en)
			}
		}
		for key := range texts {
			if !deskKnows(key) {
				t.Errorf("%s: nobody says %q", l.Tag, key)
			}
		}
		if !deskKnows("lang." + l.Tag) {
			t.Errorf("the desk has no name for %s", l.Tag)
		}
	}
	if len(tongues) != len(words.Languages) {
		t.Errorf("the desk speaks %d languages, mails and pages %d", len(tongues), len(words.Languages))
	}
}

// The desk's texts are each in its own language.
func TestEachTongueIsItsOwn(t *testing.T) {
	texts := map[string]map[string]string{}
	for g, all := range tongues {
		texts[string(g)] = all
		for key, text := range all {
			if left := wordstest.English(text, nil); g != english && len(left) > 0 {
				t.Errorf("%s %s has %v: %q", g, key, left, text)
			}
		}
	}
	wordstest.Tongues(t, texts, nil, "cause.too-large.source", "figures.sheet")
}

// Whatever a rule finds, whoever has it, whatever a mail waits for, it has a name.
func TestDeskKnowsEveryCode(t *testing.T) {
	for _, r := range diagnosis.Rules {
		if !deskKnows("cause." + string(r.Code)) {
			t.Errorf("no text for what %s finds", r.Code)
		}
		for _, said := range sayable(r.Code) {
			if !deskKnows("answer." + said) {
				t.Errorf("no text for the answer %s", said)
			}
		}
		if !deskKnows("owner." + string(r.Owner)) {
			t.Errorf("no text for %s, who has %s", r.Owner, r.Code)
		}
	}
	waits := regexp.MustCompile(`n\.Why = "([a-z-]+)"|later\(.*, "([a-z-]+)"\)`)
	source, err := os.ReadFile("../../shared/casework/notice.go")
	if err != nil {
		t.Fatal(err)
	}
	found := waits.FindAllStringSubmatch(string(source), -1)
	if len(found) < 5 {
		t.Errorf("only %d reasons were found in notice.go", len(found))
	}
	for _, m := range found {
		if key := "why." + strings.TrimSuffix(m[1]+m[2], "-"); m[1] != "mail-" && !deskKnows(key) {
			t.Errorf("no text for what a mail waits for: %s", key)
		}
	}
}
