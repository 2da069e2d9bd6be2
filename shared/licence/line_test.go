package licence

import "testing"

func TestLine(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Eva Holm", "Eva Holm"},
		{" two  blanks ", " two  blanks "}, // as it was told
		{"Eva\u00a0Holm", "Eva Holm"},
		{"Eva\u202f\u00a0 Holm\u00a0", "Eva Holm"},
		{"\ufeffEva\tHolm\r\n", "Eva Holm"},
		{"Aktie\u00adbolaget", "Aktiebolaget"},
		{"Ev\u200ba\u200c Ho\u200dlm\u2060", "Eva Holm"},
		{"\u202eEva\u202c \u200fHolm", "Eva Holm"},
		{"pays\x1b[31m in\x00 January\u0085\u2028soon", "pays[31m in January soon"},
		{"Åsa Öhrn-Ł’Ó 東京 😀", "Åsa Öhrn-Ł’Ó 東京 😀"},
		{"a\ue000b\U0010ffffc", "abc"}, // of nobody's alphabet
		{"\u00a0\u00ad", ""},
		{"", ""},
	} {
		if got := Line(c.text); got != c.want {
			t.Errorf("%q is %q, want %q", c.text, got, c.want)
		}
		if got := Line(Line(c.text)); got != Line(c.text) {
			t.Errorf("%q is %q the second time", c.text, got)
		}
	}
}
