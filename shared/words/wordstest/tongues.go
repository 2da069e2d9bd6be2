package wordstest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Tongues holds the texts of all languages, by tag and key, to each other. None is another language's: none has two
// words that stand nowhere else in its own, and often in another. None is on closer terms with its reader than its
// language is. What is the same in two of them stands in a golden, to be read. Labels are as SuperOffice's screens
// have them; quoting are the keys of what names fields or files of ours.
func Tongues(t *testing.T, texts map[string]map[string]string, labels []string, quoting ...string) {
	t.Helper()
	slices.SortFunc(labels, func(a, b string) int { return len(b) - len(a) })
	in, often := map[string]map[string][]string{}, map[string]map[string]int{}
	for lang, all := range texts {
		in[lang], often[lang] = map[string][]string{}, map[string]int{}
		for key, text := range all {
			if found := Familiar(lang, text); found != "" && !slices.Contains(quoting, key) {
				t.Errorf("%s %s says %q: %q", lang, key, found, text)
			}
			for _, label := range labels {
				text = strings.ReplaceAll(text, label, " ")
			}
			words := wordsOf(places.ReplaceAllString(text, " "))
			slices.Sort(words)
			in[lang][key] = slices.Compact(words)
			for _, w := range in[lang][key] {
				often[lang][w]++
			}
		}
	}
	for lang, all := range in {
		for key, words := range all {
			for other := range in {
				var found []string
				for _, w := range words {
					if often[lang][w] == 1 && often[other][w] >= 5 {
						found = append(found, w)
					}
				}
				if other != lang && len(found) > 1 && !slices.Contains(quoting, key) {
					t.Errorf("%s %s has %q, which is %s: %q", lang, key, found, other, texts[lang][key])
				}
			}
		}
	}
	Golden(t, "twins.txt", twins(texts))
}

// twins are the texts of four words or more that are the same in two languages.
func twins(texts map[string]map[string]string) string {
	var b strings.Builder
	tags := slices.Sorted(maps.Keys(texts))
	for i, one := range tags {
		for _, other := range tags[i+1:] {
			for _, key := range slices.Sorted(maps.Keys(texts[one])) {
				if text := texts[one][key]; text == texts[other][key] && len(strings.Fields(text)) >= 4 {
					fmt.Fprintf(&b, "%s %s %s: %s\n", one, other, key, strings.ReplaceAll(text, "\n", `\n`))
				}
			}
		}
	}
	return b.String()
}

// familiar are words to somebody whom one knows well, where readers are spoken to as Sie and u.
var familiar = map[string]*regexp.Regexp{
	"de": regexp.MustCompile(`(?i)\b(du|dein(e[mnrs]?)?|dir|dich|euch|euer|eure[mnrs]?)\b`),
	"nl": regexp.MustCompile(`(?i)\b(je|jij|jou|jouw|jullie)\b`),
}

// Familiar is a word of a text that is on closer terms with its reader than the language is; "": there is none.
func Familiar(lang, text string) string {
	if r := familiar[lang]; r != nil {
		return r.FindString(text)
	}
	return ""
}

// Invented is a text of a language that nobody speaks: each word is longer than the English one, and its places are
// as they were.
func Invented(text string) string {
	return spelled.ReplaceAllStringFunc(text, func(s string) string {
		if s[0] == '{' || s[0] == '%' {
			return s
		}
		return s + "qx"
	})
}

// spelled are the words of a text, and what must stay: names of places, and verbs of package fmt.
var spelled = regexp.MustCompile(`\{[a-z_.]+|%(\[\d\])?[a-z]|\p{L}{2,}`)
