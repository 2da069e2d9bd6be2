package page

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"seatmend/shared/words"
	"seatmend/shared/words/wordstest"
)

// TestPagesSpeakOneLanguage finds no word of another language on any page of a language, nor in
// what its tags say, nor another language in the lang attribute.
func TestPagesSpeakOneLanguage(t *testing.T) {
	x := wordstest.Lexicon{}
	for _, l := range words.Languages {
		x.Add(l.Tag, l.Sentences()...)
	}
	data := []string{"Sales Premium Service Premium Fjord Foods AB Fjordpartner AS Anna Berg Bo Lind Kim Strand Olle Ek Siv Ask Eva Holm Lars Lund", "https://online2.superoffice.com licence.fjordpartner.example support pay",
		// What the fixtures give as already said.
		"Olle Ek den äldre. Your new licence is ready. Nothing. Module crm5-web is over its limit"}
	said := regexp.MustCompile(`(?:aria-label|title|placeholder|alt|content)="([^"]*)"`)
	all := everyPage(t)
	looked := map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		page := all[name]
		i := slices.IndexFunc(words.Languages, func(l *words.Language) bool { return strings.HasSuffix(strings.TrimSuffix(name, "-open"), "-"+l.Tag) })
		lang := words.Languages[i].Tag
		looked[lang]++
		if !strings.Contains(page, `<html lang="`+lang+`"`) {
			t.Errorf("%s does not say that it is in %s", name, lang)
		}
		shown := wordstest.Shown(page)
		for _, m := range said.FindAllStringSubmatch(page, -1) {
			if !strings.Contains(m[1], "width=device-width") {
				shown += "\n" + m[1]
			}
		}
		if found := x.Foreign(lang, shown, data...); len(found) > 0 {
			t.Errorf("%s says %q:\n%s", name, found, shown)
		}
	}
	for _, l := range words.Languages {
		if looked[l.Tag] < 100 {
			t.Errorf("%s: looked at %d pages only", l.Tag, looked[l.Tag])
		}
	}
}
