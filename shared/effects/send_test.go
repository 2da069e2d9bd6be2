package effects

import (
	"context"
	"testing"
)

// What is handed over has the domains of its addresses in ASCII; what is kept of a mail has them
// as they were told.
func TestPunycode(t *testing.T) {
	var sent Message
	send := Punycode(func(_ context.Context, m Message) (string, error) {
		sent = m
		return "", nil
	})
	for _, c := range []struct{ to, want string }{
		{"anna@fjord.example", "anna@fjord.example"},
		{"anna@örn.example", "anna@xn--rn-eka.example"},
		{"anna@ÖRN.example", "anna@xn--rn-eka.example"},
		{"anna@o\u0308rn.example", "anna@xn--rn-eka.example"}, // the same letter, in two parts
		{"anna@straße.example", "anna@xn--strae-oqa.example"},
		{"anna@例え.example", "anna@xn--r8jz45g.example"},
		{"Örn AS <licens@örn.example>", "Örn AS <licens@xn--rn-eka.example>"},
		{"åsa@fjord.example", "åsa@fjord.example"}, // the mailbox is the server's own affair
		{`"a@b"@örn.example`, `"a@b"@xn--rn-eka.example`},
		{"anna@no domain", "anna@no domain"},
		{"nobody", "nobody"},
		{"", ""},
	} {
		if _, err := send(t.Context(), Message{To: c.to, From: c.to, ReplyTo: c.to}); err != nil {
			t.Fatal(err)
		}
		for _, got := range []string{sent.To, sent.From, sent.ReplyTo} {
			if got != c.want {
				t.Errorf("%s goes out as %q, want %q", c.to, got, c.want)
			}
		}
	}
	if Punycode(nil) != nil {
		t.Error("of no sender there is one")
	}
}
