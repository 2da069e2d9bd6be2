package link

import (
	"regexp"
	"strings"
)

var mailed = regexp.MustCompile(`(?i)((?:/|%(?:25)*2f|_)(?:r|unsubscribe)(?:/|%(?:25)*2f|_))[a-z0-9._~-]{6,}`)

// Hide is a text without the tokens of links in it, as they were mailed or as a filter of mail writes them: who
// reads the text shall not open them.
func Hide(text string) string { return mailed.ReplaceAllString(text, "${1}…") }

// Tidy is a token as it was mailed, of what a mail program or a filter may have made of it on the way:
// a dot, bracket or quote of the text around it at its end, a line broken within it, a mark of
// quoted-printable left standing. Of what never was a token it is something that Open does not open.
// Open itself takes one spelling alone.
func Tidy(token string) string {
	token = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		}
		return -1
	}, token)
	mac := 0
	for range 2 {
		dot := strings.IndexByte(token[mac:], '.')
		if dot < 0 {
			return token
		}
		mac += dot + 1
	}
	return token[:min(len(token), mac+macLength)]
}

// macLength is how many characters prove a token.
const macLength = 43
