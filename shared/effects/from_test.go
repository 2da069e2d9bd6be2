package effects

import (
	"testing"

	"seatmend/shared/words"
)

// A mail is from the name that its reader's language has, where the operator has given one.
func TestWhoWrites(t *testing.T) {
	o := words.Operator{From: "Fjordpartner licens <licens@fjordpartner.example>", FromNames: map[string]string{"nb": "Fjordpartner lisens", "de": "Fjordpartner, Lizenz für Sie", "nl": ""}}
	for lang, want := range map[string]string{
		"nb": `"Fjordpartner lisens" <licens@fjordpartner.example>`, "sv": o.From, "nl": o.From,
		"de": "=?utf-8?b?RmpvcmRwYXJ0bmVyLCBMaXplbnogZsO8ciBTaWU=?= <licens@fjordpartner.example>",
	} {
		if got := Writes(o, lang); got != want {
			t.Errorf("%s: from %s, want %s", lang, got, want)
		}
	}
	if got := Writes(words.Operator{From: "licens@fjordpartner.example"}, "nb"); got != "licens@fjordpartner.example" {
		t.Errorf("without names: from %s", got)
	}
}
