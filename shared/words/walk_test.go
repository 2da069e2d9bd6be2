package words

import (
	"slices"
	"strings"
	"testing"

	"seatmend/shared/words/wordstest"
)

// lexicon has the words of all languages.
func lexicon() wordstest.Lexicon {
	x := wordstest.Lexicon{}
	for _, l := range Languages {
		x.Add(l.Tag, l.Sentences()...)
	}
	return x
}

// inTheStories are names and addresses of the invented customers, and what SuperOffice calls its
// plans: the same in every language.
var inTheStories = []string{"Sales Premium Service Premium CRM Suite Fjord Foods AB Fjordpartner AS Anna Berg Bo Lind Per https licence fjordpartner example support superoffice com online stripe pay", "Module crm5-web is over its limit"}

// TestNoOtherLanguage walks through all that is mailed, told and printed, in each language, and
// finds no word of another one.
func TestNoOtherLanguage(t *testing.T) {
	x, all := lexicon(), everything(t)
	looked := map[string]int{}
	check := func(name, text string) {
		i := slices.IndexFunc(Languages, func(l *Language) bool {
			return strings.HasSuffix(name, "-"+l.Tag) || strings.Contains(name, "-"+l.Tag+"-")
		})
		if i < 0 {
			t.Fatalf("%s is in no language", name)
		}
		lang := Languages[i].Tag
		looked[lang]++
		if words := x.Foreign(lang, text, inTheStories...); len(words) > 0 {
			t.Errorf("%s says %q:\n%s", name, words, text)
		}
	}
	for name, m := range all.mails {
		check(name, m.Subject+"\n"+m.Text+"\n"+wordstest.Visible(m.HTML))
	}
	for name, m := range all.messages {
		check(name, m)
	}
	for _, l := range Languages {
		for name, s := range wordstest.Stories() {
			check("doctor-"+name+"-"+l.Tag, l.Doctor(l.View(s.Diagnosis(t), options(t, "")), false))
		}
		if looked[l.Tag] < 200 {
			t.Errorf("%s: looked at %d texts only", l.Tag, looked[l.Tag])
		}
	}
	if got := x.Foreign("sv", "Licensen är i ordning, and that is all of it"); !slices.Contains(got, "and") || slices.Contains(got, "ordning") {
		t.Errorf("English in a Swedish sentence: found %q", got)
	}
}
