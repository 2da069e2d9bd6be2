package words

import (
	"encoding/csv"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// screenWords are the words on SuperOffice's own screens in a language, by what they are.
func screenWords(t *testing.T, lang string) map[string][]string {
	t.Helper()
	file, err := os.Open("testdata/screen-words.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.Comma, r.Comment, r.LazyQuotes = '\t', '#', true
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := slices.Index(rows[0], lang)
	if column < 0 {
		t.Fatalf("the table of screen words has no column %q", lang)
	}
	out := map[string][]string{}
	for _, row := range rows[1:] {
		if row[len(row)-1] == "" {
			t.Errorf("%s: no source", row[2])
		}
		if word := row[column]; word != "-" {
			out[row[1]] = append(out[row[1]], word)
		}
	}
	return out
}

// How a language writes that something is pressed, and names a tab. What follows a word of
// pressing is a label in quotes, or one of these.
var pressing = map[string]struct{ press, tab, labels *regexp.Regexp }{
	"en": {
		press:  regexp.MustCompile(`\b[Pp]ress(?:es)? (“[^”]+”|it\b|the button|we\b|.{0,12})`),
		tab:    regexp.MustCompile(`\btab “?([\p{L} ]+)`),
		labels: regexp.MustCompile(`“([^“”]+)”`),
	},
	"sv": {
		press:  regexp.MustCompile(`\b[Tt]ryck(?:a|er)? på (”[^”]+”|det\b|knappen|.{0,12})`),
		tab:    regexp.MustCompile(`\bfliken ”?([\p{L} ]+)`),
		labels: regexp.MustCompile(`”([^”]+)”`),
	},
}

// Every word of SuperOffice's screens that a text names is on the screen: what is to be pressed
// can be pressed, screens and tabs have those names, and what else stands in quotes is a label
// of theirs or of our own pages. A wrong name of a button sends people to the telephone.
func TestTextsNameWhatTheScreenHas(t *testing.T) {
	for _, l := range Languages {
		is, words := pressing[l.Tag], screenWords(t, l.Tag)
		if is.press == nil {
			t.Fatalf("%s: it is not known how it says that something is pressed", l.Tag)
		}
		ours := map[string]bool{}
		for key, text := range l.Text {
			if strings.HasPrefix(key, "page.") {
				ours[text] = true
			}
		}
		begins := func(text string, kind string) bool {
			return slices.ContainsFunc(words[kind], func(w string) bool { return strings.HasPrefix(text, w) })
		}
		ends := func(text string, kind string) bool {
			return slices.ContainsFunc(words[kind], func(w string) bool { return strings.HasSuffix(text, w) })
		}
		found := 0
		check := func(where, text string) {
			for _, m := range is.labels.FindAllStringSubmatch(text, -1) {
				label := m[1]
				if strings.Contains(label, "{") || ours[label] {
					continue
				}
				found++
				if slices.Contains(words["title"], label) {
					t.Errorf("%s: %s names %q, which is the title of a dialog", l.Tag, where, label)
				} else if !slices.Contains(slices.Concat(words["press"], words["read"], words["tab"]), label) {
					t.Errorf("%s: %s names %q, which no screen has", l.Tag, where, label)
				}
			}
			for _, m := range is.press.FindAllStringSubmatch(text, -1) {
				label := strings.Trim(m[1], "“”")
				switch {
				case label == m[1] && label != "it" && label != "the button" && label != "we" && label != "det" && label != "knappen":
					t.Errorf("%s: %s presses %q, which does not stand in quotes", l.Tag, where, label)
				case label != m[1] && !ours[label] && !slices.Contains(words["press"], label):
					t.Errorf("%s: %s presses %q, which cannot be pressed", l.Tag, where, label)
				}
			}
			for i, part := range strings.Split(text, " > ") {
				rest := strings.Split(text, " > ")
				if i > 0 && !begins(part, "screen") {
					t.Errorf("%s: %s leads to %q, which is no screen", l.Tag, where, part)
				}
				if i < len(rest)-1 && !ends(part, "screen") {
					t.Errorf("%s: %s leads through %q, which is no screen", l.Tag, where, part)
				}
			}
			for _, m := range is.tab.FindAllStringSubmatch(text, -1) {
				if !begins(m[1], "tab") {
					t.Errorf("%s: %s names a tab %q, which no screen has", l.Tag, where, m[1])
				}
			}
		}
		for key, text := range l.Text {
			check(key, text)
		}
		for id, steps := range l.Steps {
			for _, s := range steps {
				check("steps of "+id, s)
			}
		}
		if found < 60 {
			t.Errorf("%s: found only %d labels: the search is broken", l.Tag, found)
		}
	}
}

// Nothing that is done on the screen Users counts until it is saved.
func TestWhatIsDoneInUsersIsSaved(t *testing.T) {
	users := map[string]string{"en": " > Users", "sv": " > Användare"}
	save := map[string]string{"en": "“Save”", "sv": "”Spara”"}
	for _, l := range Languages {
		n := 0
		for id, steps := range l.Steps {
			// One saving for each time that somebody is sent there.
			text := strings.Join(steps, "\n")
			n += strings.Count(text, users[l.Tag])
			if sent, saved := strings.Count(text, users[l.Tag]), strings.Count(text, save[l.Tag]); saved < sent {
				t.Errorf("%s: steps of %s lead through Users %d times, and save %d times:\n%s", l.Tag, id, sent, saved, text)
			}
		}
		for _, key := range []string{"page.do.suite", "page.do.swap-give", "page.do.leavers"} {
			if !strings.Contains(l.Text[key], save[l.Tag]) {
				t.Errorf("%s: %s saves nothing: %q", l.Tag, key, l.Text[key])
			}
		}
		if n < 10 {
			t.Errorf("%s: only %d steps lead through Users: the search is broken", l.Tag, n)
		}
	}
}

// What SuperOffice has given up or never said, no text says; its requests (in Swedish "ärenden")
// are never mixed up with a case of ours; and one button has one name.
func TestOneWordForOneThing(t *testing.T) {
	never := map[string]*regexp.Regexp{
		"en": regexp.MustCompile(`(?i)superfluous|\bmail filter|clear “|screen says valid`),
		"sv": regexp.MustCompile(`(?i)förfråg|provinstall|bocka ur|giltig till|överflödig|byt(a|er)? till en annan plan|(ärende|ärendet) \{case\}`),
	}
	for _, l := range Languages {
		texts := maps.Clone(l.Text)
		for id, steps := range l.Steps {
			texts["steps of "+id] = strings.Join(steps, "\n")
		}
		for where, text := range texts {
			if bad := never[l.Tag].FindString(text); bad != "" {
				t.Errorf("%s: %s says %q", l.Tag, where, bad)
			}
			if l.Tag != "sv" {
				continue
			}
			if strings.Contains(strings.ToLower(text), "ärende") && !strings.Contains(text, "Service") && !strings.Contains(text, "ärendekategori") {
				t.Errorf("sv: %s calls something else than a request of Service %q", where, text)
			}
			if n := strings.Count(text, "Reassign"); n != strings.Count(text, "flytta licensen (Reassign)") {
				t.Errorf("sv: %s has another word for Reassign: %q", where, text)
			}
		}
	}
}
