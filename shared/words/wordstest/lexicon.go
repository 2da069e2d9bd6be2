package wordstest

import (
	"html"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// A Lexicon has the words of each language, by its tag, in small letters.
type Lexicon map[string]map[string]bool

// Add adds the words of some texts of a language. What stands in braces is a place, but for the
// words of a plural.
func (x Lexicon) Add(lang string, texts ...string) {
	if x[lang] == nil {
		x[lang] = map[string]bool{}
	}
	for _, text := range texts {
		for _, word := range wordsOf(text) {
			x[lang][word] = true
		}
	}
}

// Foreign are the words of a text in a language that are another language's, and not its own nor
// of the data: of these somebody chose another language than the reader.
func (x Lexicon) Foreign(lang, text string, data ...string) []string {
	found := map[string]bool{}
	given := wordsOf(strings.Join(data, " "))
	for _, word := range wordsOf(html.UnescapeString(text)) {
		if x[lang][word] || slices.Contains(given, word) {
			continue
		}
		for _, other := range x {
			if other[word] {
				found[word] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// inEnglish are words that stand in nearly every English sentence, and in no other language's.
var inEnglish = strings.Fields("the and you your with that this has been not are from they what when which where their there would could should")

// English are words of a text that are English: somebody has left a sentence as it was. Labels of SuperOffice's
// screens, as they are quoted, are not looked at.
func English(text string, labels []string) (found []string) {
	for _, label := range labels {
		text = strings.ReplaceAll(text, label, " ")
	}
	for _, word := range wordsOf(places.ReplaceAllString(text, " ")) {
		if slices.Contains(inEnglish, word) && !slices.Contains(found, word) {
			found = append(found, word)
		}
	}
	return found
}

// places are the names of what is filled in; of a plural its words stay.
var places = regexp.MustCompile(`\{[a-z_.]+`)

// wordsOf are the words of a text; what has digits is a number or a code, and a letter alone is no word.
func wordsOf(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return slices.DeleteFunc(words, func(w string) bool { return len(w) < 2 || strings.ContainsFunc(w, unicode.IsDigit) })
}
