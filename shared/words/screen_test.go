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

// screenRows are the rows of the table, by the name of their columns.
func screenRows(t *testing.T, lang string) (rows []map[string]string) {
	t.Helper()
	file, err := os.Open("testdata/screen-words.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.Comma, r.Comment, r.LazyQuotes = '\t', '#', true
	all, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(all[0], lang) {
		t.Fatalf("the table of screen words has no column %q", lang)
	}
	for _, cells := range all[1:] {
		row := map[string]string{}
		for i, cell := range cells {
			row[all[0][i]] = cell
		}
		if row["source"] == "" {
			t.Errorf("%s: no source", row["en"])
		}
		rows = append(rows, row)
	}
	return rows
}

// screenWords are the words on SuperOffice's own screens in a language, by what they are. Where
// it has none, the English one is named beside words of ours.
func screenWords(t *testing.T, lang string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, row := range screenRows(t, lang) {
		word := row[lang]
		if word == "-" {
			word = row["en"]
		}
		out[row["kind"]] = append(out[row["kind"]], strings.Split(word, " / ")...)
	}
	return out
}

// screenWord is what a screen calls something in a language that it calls so in English.
func screenWord(t *testing.T, lang, english string) string {
	t.Helper()
	for _, row := range screenRows(t, lang) {
		if row["en"] == english {
			return row[lang]
		}
	}
	t.Fatalf("the table of screen words has no %q", english)
	return ""
}

// A grammar is how a language writes that something is pressed, how it names a tab, and how it
// quotes. What follows a word of pressing is a label in quotes, or one of its plain words.
type grammar struct {
	press, tab, labels *regexp.Regexp
	plain              []string       // what is pressed without being named: it, the button
	never              *regexp.Regexp // words that SuperOffice has given up, or never had
}

// Of a seventh language, its line belongs here.
var grammars = map[string]grammar{
	"en": writes(`\b[Pp]ress(?:es)?`, `\btab`, "“", "”", "it|the button|we", `superfluous|\bmail filter|clear “|screen says valid`),
	"sv": writes(`\b[Tt]ryck(?:a|er)? på`, `\bfliken`, "”", "”", "det|knappen", `förfråg|provinstall|bocka ur|giltig till|överflödig|byt(a|er)? till en annan plan|(ärende|ärendet) \{case\}`),
	"nb": writes(`\b[Tt]rykk(?:e|er)? på`, `\bfanen`, "«", "»", "den|det|knappen", `forespørs|prøveinstall|overflødige lisenser|gyldig til|(sak|saken) \{case\}`),
	"da": writes(`\b[Tt]ryk(?:ke|ker)? på`, `\bfanen`, "”", "”", "den|det|knappen", `forespørg|prøveinstall|overflødige licenser|gyldig til|(sag|sagen) \{case\}`),
	"de": writes(`\b[Kk]licken Sie auf`, `\bRegisterkarte`, "„", "“", "ihn|sie|es|die Schaltfläche", `Überflüssige Lizenzen|gültig bis:`),
	"nl": writes(`\b[Kk]lik(?:t|ken)?(?: telkens| dan)? op`, `\btabblad`, "“", "”", "het|de knop", `overbodige licenties|geldig tot:`),
}

func writes(press, tab, open, shut, plain, never string) grammar {
	label := open + "[^" + open + shut + "]+" + shut
	return grammar{
		press:  regexp.MustCompile(press + " (" + label + `|(?:` + plain + `)\b|.{0,12})`),
		tab:    regexp.MustCompile(tab + " " + open + `?([\p{L} ]+)`),
		labels: regexp.MustCompile(open + "([^" + open + shut + "]+)" + shut),
		plain:  strings.Split(plain, "|"), never: regexp.MustCompile("(?i)" + never),
	}
}

// Every word of SuperOffice's screens that a text names is on the screen: what is to be pressed
// can be pressed, screens and tabs have those names, and what else stands in quotes is a label
// of theirs or of our own pages. A wrong name of a button sends people to the telephone.
func TestTextsNameWhatTheScreenHas(t *testing.T) {
	for _, l := range Languages {
		is, words := grammars[l.Tag], screenWords(t, l.Tag)
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
				label := m[1]
				if quoted := is.labels.FindStringSubmatch(label); quoted != nil {
					label = quoted[1]
				}
				switch {
				case label == m[1] && !slices.Contains(is.plain, label):
					t.Errorf("%s: %s presses %q, which does not stand in quotes", l.Tag, where, label)
				case label != m[1] && !ours[label] && !slices.Contains(words["press"], label):
					t.Errorf("%s: %s presses %q, which cannot be pressed", l.Tag, where, label)
				}
			}
			parts := strings.Split(text, " > ")
			for i, part := range parts {
				if i > 0 && !begins(part, "screen") {
					t.Errorf("%s: %s leads to %q, which is no screen", l.Tag, where, part)
				}
				if i < len(parts)-1 && !ends(part, "screen") {
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
	for _, l := range Languages {
		users, save := " > "+screenWord(t, l.Tag, "Users"), screenWord(t, l.Tag, "Save")
		saves := func(text string) (n int) {
			for _, m := range grammars[l.Tag].labels.FindAllStringSubmatch(text, -1) {
				if m[1] == save {
					n++
				}
			}
			return n
		}
		n := 0
		for id, steps := range l.Steps {
			// One saving for each time that somebody is sent there.
			text := strings.Join(steps, "\n")
			sent := strings.Count(text, users)
			n += sent
			if saved := saves(text); saved < sent {
				t.Errorf("%s: steps of %s lead through Users %d times, and save %d times:\n%s", l.Tag, id, sent, saved, text)
			}
		}
		for _, key := range []string{"page.do.suite", "page.do.swap-give", "page.do.leavers"} {
			if saves(l.Text[key]) == 0 {
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
	for _, l := range Languages {
		texts := maps.Clone(l.Text)
		for id, steps := range l.Steps {
			texts["steps of "+id] = strings.Join(steps, "\n")
		}
		for where, text := range texts {
			if bad := grammars[l.Tag].never.FindString(text); bad != "" {
				t.Errorf("%s: %s says %q", l.Tag, where, bad)
			}
			if l.Tag != "sv" || strings.HasPrefix(where, "tasks.") { // a desk has cases of its own
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
