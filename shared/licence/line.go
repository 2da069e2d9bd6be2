package licence

import (
	"strings"
	"unicode"
)

// Line is a text that somebody pasted, as one line of what can be printed: a no-break space, a tab
// or a new line is a blank, and what shows nothing (a soft hyphen, a joiner, a mark of direction, a
// control character) is gone. A text that has nothing of the kind stays as it is;
// of blanks alone nothing is left.
func Line(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		if strings.Trim(s, " ") == "" {
			return "" // blanks alone are no text
		}
		return s
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Z, r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
