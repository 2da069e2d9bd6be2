package licence

import (
	"strings"
	"time"
)

// A Date is a civil date ("2026-11-20") or an RFC 3339 instant, as a sender told it.
// A civil date has no zone of its own: it is read in the customer's.
type Date string

// Never is the end of what has none: SuperOffice writes it as a day in the year 9999. No instant
// is after it, and no text prints it.
const Never Date = "9999-12-31"

// Sane tells whether an instant is one that can be meant: years such as 1 and 9999 stand for "none" in
// other programs (of a date that is Never), and others cannot be written down again in UTC.
func Sane(t time.Time) bool { y := t.UTC().Year(); return 1900 <= y && y < 9999 }

// ParseDate checks that s is a civil date or an instant. An end in the year 9999 is Never.
func ParseDate(s string) (Date, error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		if t.Year() == 9999 {
			return Never, nil
		}
		return Date(s), nil
	}
	text, err := canonical(s)
	if err != nil {
		return "", err
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return "", err
	}
	if t.Year() == 9999 || t.UTC().Year() >= 9999 {
		return Never, nil
	}
	return Date(t.UTC().Format(time.RFC3339Nano)), nil
}

// End is the date, if it ever comes.
func (d Date) End() Date {
	if d == Never {
		return ""
	}
	return d
}

// DateOf is the civil date of an instant in a zone; "" for the zero instant.
func DateOf(t time.Time, zone *time.Location) Date {
	if t.IsZero() {
		return ""
	}
	return Date(t.In(zone).Format(time.DateOnly))
}

// Start is the instant at which the date begins in the zone: of a licence date the first
// unsafe instant. It is zero where no date was told, and where it never comes.
func (d Date) Start(zone *time.Location) time.Time {
	if d >= "9999" {
		return time.Time{} // also of what was stored before Never had its name
	}
	if len(d) > len(time.DateOnly) {
		t, _ := time.Parse(time.RFC3339Nano, string(d))
		return t
	}
	day, ok := d.civil()
	if !ok {
		return time.Time{}
	}
	if zone == time.UTC {
		return day
	}
	return midnight(day, zone)
}

// civil is the start in UTC of a civil date; false: it is none. Rules ask this all the time, and
// time.Parse takes four times as long.
func (d Date) civil() (time.Time, bool) {
	if len(d) != len(time.DateOnly) || d[4] != '-' || d[7] != '-' {
		return time.Time{}, false
	}
	n := 0
	for i := range len(d) {
		switch c := d[i]; {
		case i == 4 || i == 7:
		case c < '0' || c > '9':
			return time.Time{}, false
		default:
			n = n*10 + int(c-'0')
		}
	}
	t := time.Date(n/10000, time.Month(n/100%100), n%100, 0, 0, 0, 0, time.UTC)
	return t, t.Day() == n%100 && int(t.Month()) == n/100%100
}

// midnight is the first instant of a civil day in a zone. On the night on which clocks go
// forward at midnight there is no hour zero: the day begins when they do. Where they go back over
// midnight there are two, and it begins with the first.
func midnight(day time.Time, zone *time.Location) time.Time {
	y, m, d := day.Date()
	t := time.Date(y, m, d, 0, 0, 0, 0, zone)
	began, ends := t.ZoneBounds()
	if t.Day() != d {
		return ends
	}
	if before := began.Add(-time.Nanosecond).In(zone); !began.IsZero() && t.Sub(began) < time.Hour && before.Day() == d {
		_, offset := before.Zone()
		return time.Date(y, m, d, 0, 0, 0, 0, time.FixedZone("", offset)).In(zone)
	}
	return t
}

// Day is the civil date in the zone.
func (d Date) Day(zone *time.Location) Date {
	if d >= "9999" {
		return Never
	}
	if len(d) > len(time.DateOnly) {
		return DateOf(d.Start(zone), zone)
	}
	return d
}

// Add is the date n days later; "" for no date.
func (d Date) Add(days int) Date {
	if d == "" || d >= "9999" {
		return d
	}
	t := d.Start(time.UTC)
	return Date(t.AddDate(0, 0, days).Format(time.DateOnly))
}

func Lower(s string) string { return strings.ToLower(s) }

// Earliest is the least of the instants that are known.
func Earliest(ts ...time.Time) time.Time {
	var min time.Time
	for _, t := range ts {
		if !t.IsZero() && (min.IsZero() || t.Before(min)) {
			min = t
		}
	}
	return min
}

// Latest is the greatest of the instants.
func Latest(ts ...time.Time) time.Time {
	var max time.Time
	for _, t := range ts {
		if t.After(max) {
			max = t
		}
	}
	return max
}

func DaysBetween(a, b Date) int {
	return int(b.Start(time.UTC).Sub(a.Start(time.UTC)).Hours() / 24)
}
