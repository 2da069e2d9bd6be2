package link_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"seatmend/shared/link"
)

// What SafeLinks and Proofpoint make of an address, and what they lead to in the end.
var rewriters = map[string]struct{ wrap, open func(string) string }{
	"SafeLinks": {
		func(u string) string {
			return "https://eur03.safelinks.protection.outlook.com/?url=" + url.QueryEscape(u) + "&data=05%7C02%7C&reserved=0"
		},
		func(w string) string { u, _ := url.Parse(w); return u.Query().Get("url") },
	},
	"Proofpoint v2": {
		func(u string) string {
			return "https://urldefense.proofpoint.com/v2/url?u=" + strings.NewReplacer("-", "-2D", "_", "-5F", ":", "-3A", "/", "_").Replace(u) + "&d=DwMFaQ"
		},
		func(w string) string {
			u := regexp.MustCompile(`u=([^&]*)`).FindStringSubmatch(w)[1]
			u, _ = url.PathUnescape(strings.NewReplacer("-", "%", "_", "/").Replace(u))
			return u
		},
	},
	"Proofpoint v3": {
		func(u string) string { return "https://urldefense.com/v3/__" + u + "__;!!AbC!dEf$" },
		func(w string) string {
			return regexp.MustCompile(`v3/__(.+?)__;.*?!`).FindStringSubmatch(w)[1]
		},
	},
}

func TestATokenSurvivesMailProgramsAndFilters(t *testing.T) {
	const base = "https://licens.fjordpartner.example/r/"
	k := keys(t, secret("a"))
	for i := range 300 { // so that tokens end in every character, the underscore too
		l := mailed
		l.Expires = mailed.Expires.Add(time.Duration(i) * time.Second)
		token := k.Sign(l)
		for _, after := range []string{"", ".", ",", ")", ").", ">", ">.", "]", "\"", "'", "»", "…", "*", "_", "=", "-", "%20", ".Tack"} {
			opens(t, k, token+after, l)
		}
		for _, broken := range []string{"\n", "\r\n", "=\r\n", " ", "\u200b"} {
			opens(t, k, token[:76-len(base)]+broken+token[76-len(base):], l)
		}
		for name, r := range rewriters {
			if got := r.open(r.wrap(base + token)); got != base+token {
				t.Errorf("%s leads to %q", name, got)
			}
		}
	}
}

func opens(t *testing.T, k link.Keys, spelt string, want link.Link) {
	t.Helper()
	if got, err := k.Open(link.Tidy(spelt), now); err != nil || got != want {
		t.Errorf("%q: %v, %v", spelt, got, err)
	}
}

func TestWhatIsNoTokenStaysNone(t *testing.T) {
	k := keys(t, secret("a"))
	token := k.Sign(mailed)
	for _, no := range []string{"", ".", "..", "nonsense", token[:len(token)-1], token[1:], "x" + token, token[:30], strings.ToLower(token)} {
		if _, err := k.Open(link.Tidy(no), now); err == nil {
			t.Errorf("%q opens", no)
		}
	}
}

// A text that is shown to others opens nothing, however the link stands in it; what is no link of ours stays.
func TestHide(t *testing.T) {
	const base = "https://licens.fjordpartner.example"
	token := keys(t, secret("a")).Sign(mailed)
	for _, path := range []string{"/r/", "/unsubscribe/"} {
		for _, spelt := range []string{token, token + ".", token[:30] + "\n" + token[30:], token + "/seats/1"} {
			if got := link.Hide("See " + base + path + spelt); strings.Contains(got, token[:20]) || !strings.HasPrefix(got, "See "+base+path+"…") {
				t.Errorf("%q", got)
			}
		}
		for name, r := range rewriters {
			if got := link.Hide(r.wrap(base + path + token)); strings.Contains(got, token[:20]) || strings.Contains(got, strings.ReplaceAll(token[:20], "-", "-2D")) {
				t.Errorf("%s: %q", name, got)
			}
		}
	}
	if text := "Invoice INV-7: https://pay.example/INV-7, 12/r/7 and " + base + "/support"; link.Hide(text) != text {
		t.Errorf("%q", link.Hide(text))
	}
}
