package licence

import (
	"errors"
	"fmt"
	"time"
)

// ErrNoOffset is a time of day that does not say where: which instant is meant is not known.
var ErrNoOffset = errors.New("says no offset from UTC, such as Z or +01:00")

// InstantPattern is the regular expression (ECMA 262) of what ParseInstant takes, but for what no such
// expression can say: how long a month is, and that the year in UTC lies between 1900 and 9998.
const InstantPattern = `^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?([Zz]|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)$`

// ParseInstant reads an instant as RFC 3339 writes it, or as programs print one by themselves: t or a
// blank before the time, z behind it, no seconds (Java), more digits than nanoseconds have, +0100 or
// +01. In another year than can be meant, it is none.
func ParseInstant(s string) (time.Time, error) {
	text, err := canonical(s)
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err == nil && !Sane(t) {
		err = fmt.Errorf("%q is of no year that can be meant", s)
	}
	return t.UTC(), err
}

// canonical writes an instant as RFC 3339 does.
func canonical(s string) (string, error) {
	const shape = "0000-00-00T00:00"
	if len(s) < len(shape) {
		return "", notInstant(s)
	}
	for i := range len(shape) {
		c := s[i]
		if i == 10 && (c == 't' || c == ' ') {
			c = 'T'
		}
		if shape[i] != '0' && c != shape[i] || shape[i] == '0' && !digit(c) {
			return "", notInstant(s)
		}
	}
	second, rest := ":00", s[len(shape):]
	if len(rest) > 2 && rest[0] == ':' && digit(rest[1]) && digit(rest[2]) {
		n := 3
		if n < len(rest) && rest[n] == '.' {
			for n++; n < len(rest) && digit(rest[n]); n++ {
			}
			if rest[n-1] == '.' {
				return "", notInstant(s)
			}
		}
		second, rest = rest[:n], rest[n:]
	}
	switch {
	case rest == "":
		return "", fmt.Errorf("%q %w", s, ErrNoOffset)
	case rest == "Z" || rest == "z":
		rest = "Z"
	case rest[0] != '+' && rest[0] != '-' || len(rest) != 3 && len(rest) != 5 && len(rest) != 6 || rest[1:3] > "23":
		return "", notInstant(s)
	case len(rest) == 3:
		rest += ":00"
	case len(rest) == 5:
		rest = rest[:3] + ":" + rest[3:]
	}
	if rest > "Z" || rest != "Z" && rest[4:] > "59" {
		return "", notInstant(s)
	}
	if s[10] == 'T' && len(s) == 16+len(second)+len(rest) && s[len(s)-len(rest):] == rest {
		return s, nil // as RFC 3339 has it: nothing is written anew
	}
	return s[:10] + "T" + s[11:16] + second + rest, nil
}

func notInstant(s string) error {
	return fmt.Errorf("%q is not an instant such as 2026-11-20T09:14:00Z", s)
}

func digit(c byte) bool { return '0' <= c && c <= '9' }
