package app

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
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
