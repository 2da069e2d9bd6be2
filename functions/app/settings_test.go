package app

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"seatmend/shared/words"
)

// White space at the ends of a secret does not count, and the start can name where it stands.
func TestPaddedSecrets(t *testing.T) {
	link := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	b, err := json.Marshal(map[string][]string{
		"stripe": {"whsec_abc\n"}, "standard": {"whsec_a", " whsec_b\t"}, "superoffice": {" in the middle "}, "login": {"\r\n"}, "link": {link + "\n"}, "operator": {"token\r\n", "other"},
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := ReadSecrets(b)
	if err != nil {
		t.Fatal(err)
	}
	want := Secrets{"stripe": {"whsec_abc"}, "standard": {"whsec_a", "whsec_b"}, "superoffice": {"in the middle"}, "login": {""}, "link": {link}, "operator": {"token", "other"}}
	if fmt.Sprint(s) != fmt.Sprint(want) {
		t.Errorf("read as %q, want %q", s, want)
	}
	if got, want := fmt.Sprint(PaddedSecrets(b)), "[link[0] login[0] operator[0] standard[1] stripe[0] superoffice[0]]"; got != want {
		t.Errorf("named are %s, want %s", got, want)
	}
	if got := PaddedSecrets([]byte(`{"stripe":["whsec_abc"],"crm_key":["-----BEGIN PRIVATE KEY-----\n"]}`)); got != nil {
		t.Errorf("named are %v, want none", got)
	}
}

// A language that nobody is written to in is named at the start, in each place; those that there are, are
// package words'.
func TestLanguagesOfTheSettings(t *testing.T) {
	const settings = `{"name":"P","from":"P <p@p.example>","reply_to":"p@p.example","phone":"1","hours":"8","desks":{"support":"a@p.example","finance":"a@p.example","sales":"a@p.example","ops":"a@p.example"},%s}`
	for more, wrong := range map[string]string{
		`"lang":"sv-SE","from_names":{"nb":"Lisens","de":""},"staff":[{"name":"A","email":"a@p.example","lang":"nn"}]`: "",
		`"lang":"fi"`:                    `lang: "fi" is none of en, sv`,
		`"from_names":{"no":"Lisens"}`:   `from_names: "no" is none of en, sv`,
		`"from_names":{"sv":"Li\ncens"}`: `from_names.sv: "Li\ncens" is no name on one line`,
		`"staff":[{"name":"A","email":"a@p.example","lang":"xx"}]`: `staff[0].lang: "xx" is none of en`,
	} {
		_, err := ReadOperator(fmt.Appendf(nil, settings, more))
		if wrong == "" && err != nil || wrong != "" && (err == nil || !strings.Contains(err.Error(), wrong)) {
			t.Errorf("%s: %v, want %q", more, err, wrong)
		}
	}
	var tags []string
	for _, l := range words.Languages {
		tags = append(tags, l.Tag)
		for _, other := range append(l.Also, l.Tag) {
			if !spoken(other) {
				t.Errorf("%s is not spoken", other)
			}
		}
	}
	if !slices.Equal(tags, Languages) {
		t.Errorf("the settings know %v, package words has %v", Languages, tags)
	}
}
