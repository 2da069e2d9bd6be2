package link

import "strings"

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
