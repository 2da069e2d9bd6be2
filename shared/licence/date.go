package licence

import (
	"fmt"
	"strings"
	"time"
)

// A Date is a civil date ("2026-11-20") or an RFC 3339 instant, as a sender told it.
// A civil date has no zone of its own: it is read in the customer's.
type Date string

// ParseDate checks that s is a civil date or an RFC 3339 instant.
func ParseDate(s string) (Date, error) {
	if _, err := time.Parse(time.DateOnly, s); err == nil {
		return Date(s), nil
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return Date(t.UTC().Format(time.RFC3339Nano)), nil
	}
	return "", fmt.Errorf("%q is not a date such as 2026-11-20", s)
}

// DateOf is the civil date of an instant in a zone.
func DateOf(t time.Time, zone *time.Location) Date { return Date(t.In(zone).Format(time.DateOnly)) }

// Start is the instant at which the date begins in the zone: of a licence date the first
// unsafe instant. It is zero where no date was told.
func (d Date) Start(zone *time.Location) time.Time {
	if len(d) > len(time.DateOnly) {
		t, _ := time.Parse(time.RFC3339Nano, string(d))
		return t
	}
	t, err := time.ParseInLocation(time.DateOnly, string(d), zone)
	if err != nil {
		return time.Time{}
	}
	return t
}

// Day is the civil date in the zone.
func (d Date) Day(zone *time.Location) Date {
	if len(d) > len(time.DateOnly) {
		return DateOf(d.Start(zone), zone)
	}
	return d
}

// Add is the date n days later; of no date it is no date.
func (d Date) Add(days int) Date {
	if d == "" {
		return ""
	}
	t := d.Start(time.UTC)
	return Date(t.AddDate(0, 0, days).Format(time.DateOnly))
}

func lower(s string) string { return strings.ToLower(s) }
