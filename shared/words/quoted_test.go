package words_test

import (
	"strings"
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/words"
)

// SuperOffice's warning is known in English only: who reads another language sees it as a quotation that
// is said to be English, in text and for programs. A key of SuperOffice's own strings is no sentence.
func TestItsWarningIsQuoted(t *testing.T) {
	const warning = "Your license will soon reach its expiry date."
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	said := map[string]string{
		"en": "“" + warning + "”", "sv": "”" + warning + "” (på engelska)", "nb": "«" + warning + "» (på engelsk)", "da": "”" + warning + "” (på engelsk)",
		"de": "„" + warning + "“ (auf Englisch)", "nl": "“" + warning + "” (in het Engels)",
	}
	for _, l := range words.Languages {
		for text, want := range map[string]words.Evidence{warning: {Text: said[l.Tag], Lang: "en"}, "[SR_LICENSE_EXPIRED_GRACE]": {Text: "[SR_LICENSE_EXPIRED_GRACE]"}} {
			f := diagnosis.Finding{Code: "unexplained", Fingerprint: "0123456789abcdef", Evidence: []diagnosis.Evidence{{Name: "warning", Value: text, At: at}}}
			v := l.View(diagnosis.Diagnosis{At: at, Now: at, Findings: []diagnosis.Finding{f}}, words.Options{Zone: time.UTC})
			got := v.Findings[0].Evidence[0]
			if got.Text != want.Text || got.Lang != want.Lang || got.Value != text {
				t.Errorf("%s: %q in %q, want %q in %q", l.Tag, got.Text, got.Lang, want.Text, want.Lang)
			}
			if strings.Contains(got.Label, "{") {
				t.Error(got.Label)
			}
		}
	}
}
