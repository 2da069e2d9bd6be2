package desk

import (
	"maps"
	"net/url"
	"testing"

	"seatmend/shared/licence"
)

// Languages are called by their names, and all locales of one language are one choice; who reads one
// that we do not speak reads English.
func TestLanguagesAreNamed(t *testing.T) {
	var all []licence.Entry
	for _, locale := range []string{"nb", "nb-NO", "no", "nn_NO", "da-DK", "de-AT", "nl-BE", "sv_SE.UTF-8", "fi-FI"} {
		all = append(all, licence.Entry{Account: locale, Lang: locale, Summary: "needs-action", Codes: []licence.Code{"surplus"}})
	}
	d := filtersOf(url.Values{}, "en")
	got := map[string]int{}
	for _, g := range d.groups(all) {
		if g.Name == d.g.say("board.by.lang") {
			for _, c := range g.Counts {
				got[c.Name] = c.Count
			}
		}
	}
	if want := map[string]int{"Norwegian": 4, "Danish": 1, "German": 1, "Dutch": 1, "Swedish": 1, "English": 1}; !maps.Equal(got, want) {
		t.Errorf("the filter has %v, want %v", got, want)
	}
	d = filtersOf(url.Values{"lang": {"nb"}}, "en")
	if list := d.listed(all); len(list) != 4 {
		t.Errorf("Norwegian are %d", len(list))
	}
}
