package words

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"seatmend/shared/licence"
)

// A mail with a code says for what it is and what to do if nobody asked for it, and neither its
// subject nor its preview shows the digits.
func TestMailWithCode(t *testing.T) {
	for _, c := range []struct{ lang, account, subject, not string }{
		{"en", "Fjord Foods AB", "Your code for the licence of Fjord Foods AB", "did not ask"},
		{"sv", "Fjord Foods AB", "Din kod för licensen hos Fjord Foods AB", "inte var du"},
		{"en", strings.Repeat("Fjord ", 12) + "AB", "Your code for the licence page", "did not ask"},
	} {
		o := options(t, licence.Admin)
		o.Account = c.account
		m := Of(c.lang).Mail(MailInput{
			Kind: "code", Operator: operator, To: Person{"Anna Berg", licence.Admin}, Options: o, Link: link,
			Code: Code{Digits: "042917", CustID: "Cust12345", Until: time.Date(2026, 11, 23, 8, 10, 0, 0, time.UTC)},
		})
		if m.Subject != c.subject || utf8.RuneCountInString(m.Subject) >= 60 {
			t.Errorf("%s: subject %q", c.lang, m.Subject)
		}
		for part, body := range map[string]string{"text": m.Text, "html": m.HTML} {
			if strings.Count(body, "042917") != 1 {
				t.Errorf("%s, %s: the code stands there %d times", c.lang, part, strings.Count(body, "042917"))
			}
			for _, want := range []string{c.account, "Cust12345", c.not, strings.TrimPrefix(operator.Phone, "+"), "09:10"} {
				if !strings.Contains(body, want) {
					t.Errorf("%s, %s: no %q in\n%s", c.lang, part, want, body)
				}
			}
			for _, never := range []string{"/r/", "href", "http"} {
				if strings.Contains(body, never) {
					t.Errorf("%s, %s: it leads somewhere: %q", c.lang, part, never)
				}
			}
		}
		if preview, _, _ := strings.Cut(m.HTML, "<table"); strings.Contains(preview, "042917") {
			t.Errorf("%s: the preview shows the code", c.lang)
		}
	}
}
