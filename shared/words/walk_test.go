package words

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"seatmend/shared/licence"
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

// A language that is invented, and is nothing but its data, says all that is mailed, told and printed: no sentence
// stands in the code.
func TestALanguageIsItsData(t *testing.T) {
	all := wordstest.Stories()
	invented := invented()
	x := wordstest.Lexicon{}
	x.Add("en", english.Sentences()...)
	x.Add(invented.Tag, invented.Sentences()...)
	check := func(name, text string) {
		if found := x.Foreign(invented.Tag, text, inTheStories...); len(found) > 0 || !strings.Contains(text, "qx") {
			t.Errorf("%s says %q:\n%s", name, found, text)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		d := all[name].Diagnosis(t)
		for _, role := range []licence.Role{licence.Admin, licence.Billing} {
			m := invented.Mail(mailOf(t, d, role))
			check(name, m.Subject+"\n"+m.Text+"\n"+wordstest.Visible(m.HTML))
		}
		check("message of "+name, invented.Message(d, MessageInput{CustID: "Cust12345", Zone: wordstest.Zone(t)}))
		check("doctor of "+name, invented.Doctor(invented.View(d, options(t, "")), false))
	}
}

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

// invented is English, each word of it changed.
func invented() *Language {
	l := english
	l.Tag, l.Also, l.Countries = "qx", nil, nil
	for _, names := range [][]string{l.Months[:], l.Weekdays[:], l.Short.Months[:], l.Short.Weekdays[:]} {
		for i := range names {
			names[i] = wordstest.Invented(names[i])
		}
	}
	for _, said := range []*string{&l.And, &l.Clock, &l.By, &l.Today, &l.OnDay, &l.Here} {
		*said = wordstest.Invented(*said)
	}
	l.Text, l.Steps = map[string]string{}, map[string][]string{}
	for key, text := range english.Text {
		l.Text[key] = wordstest.Invented(text)
	}
	for id, steps := range english.Steps {
		for _, s := range steps {
			l.Steps[id] = append(l.Steps[id], wordstest.Invented(s))
		}
	}
	return &l
}
