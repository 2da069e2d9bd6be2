package licence

import (
	"errors"
	"regexp"
	"testing"
	"time"
)

// TestInstants: an instant is taken as the standard libraries of many languages print it; what could mean
// two instants, or none, is refused. The pattern says the same.
func TestInstants(t *testing.T) {
	at := time.Date(2026, 11, 29, 10, 15, 0, 0, time.UTC)
	pattern := regexp.MustCompile(InstantPattern)
	for s, want := range map[string]time.Time{
		"2026-11-29T10:15:00Z":                at, // Go, Java's Instant, JavaScript
		"2026-11-29T10:15:00.000Z":            at,
		"2026-11-29T10:15Z":                   at, // Java's OffsetDateTime
		"2026-11-29T11:15+01:00":              at,
		"2026-11-29t10:15:00z":                at, // RFC 3339 in lower case
		"2026-11-29T10:15:00+00:00":           at, // Python's isoformat, Rust's chrono
		"2026-11-29 10:15:00+00:00":           at, // Python's str
		"2026-11-29 10:15:00+00":              at, // PostgreSQL
		"2026-11-29T10:15:00-00:00":           at,
		"2026-11-29T11:15:00+0100":            at, // strftime's %z, Java's SimpleDateFormat
		"2026-11-29T10:15:00.123456789Z":      at.Add(123456789),
		"2026-11-29T10:15:00.123456Z":         at.Add(123456000),
		"2026-11-29T10:15:00.1234567890123Z":  at.Add(123456789),
		"2026-11-29T10:15:00.5+00:00":         at.Add(500 * time.Millisecond),
		"2026-11-28T20:15:00-14:00":           at,
		"1900-01-01T00:00:00Z":                time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC),
		"9998-12-31T23:59:59.999999999+00:00": time.Date(9998, 12, 31, 23, 59, 59, 999999999, time.UTC),
	} {
		got, err := ParseInstant(s)
		if err != nil || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s: %s, %v, want %s", s, got, err, want)
		}
		if !pattern.MatchString(s) {
			t.Errorf("the pattern refuses %s", s)
		}
		if d, err := ParseDate(s); err != nil || !d.Start(time.UTC).Equal(want) {
			t.Errorf("as a date %s is %s, %v", s, d, err)
		}
	}
	for _, s := range []string{"", "now", "1764411300", "2026-11-29", "2026-11-29Z", "2026-11-29T10Z", "2026-11-29T1:15:00Z", "2026-11-29T10:15:0Z", "2026-11-29T10:15:00,5Z",
		"2026-11-29T10:15:00.Z", "2026-11-29T10:15.5Z", "2026-11-29T10:15:00 Z", "2026-11-29T10:15:00 UTC", "2026-11-29T10:15:00+1", "2026-11-29T10:15:00+100", "2026-11-29T10:15:00+24:00",
		"2026-11-29T10:15:00+01:60", "2026-11-29T10:15:00+01:0", "2026-11-29T10:15:00+01:00[Europe/Stockholm]", "2026-11-29T24:00:00Z", "2026-11-29T10:60:00Z", "2026-11-29T10:15:60Z", "2026-13-29T10:15:00Z",
		"20261129T101500Z", "2026-11-29_10:15:00Z", "02026-11-29T10:15:00Z", "2026-11-29T10:15:00+０１:00", "2026-11-29T10:15:00Zx", "2026-11-29T10:15:00zz", "2026-11-29T10:15:00+0a:00"} {
		if got, err := ParseInstant(s); err == nil {
			t.Errorf("%q is taken as %s", s, got)
		}
		if pattern.MatchString(s) {
			t.Errorf("the pattern takes %q", s)
		}
	}
	for _, s := range []string{"2026-11-29T10:15:00", "2026-11-29 10:15", "2026-11-29T10:15:00.123"} {
		if _, err := ParseInstant(s); !errors.Is(err, ErrNoOffset) {
			t.Errorf("%q without its offset: %v", s, err)
		}
	}
	for _, s := range []string{"1899-12-31T23:59:59Z", "9999-01-01T00:00:00Z", "2026-02-30T10:15:00Z"} { // the pattern cannot tell
		if got, err := ParseInstant(s); err == nil {
			t.Errorf("%q is taken as %s", s, got)
		}
	}
	if n := testing.AllocsPerRun(100, func() { ParseInstant("2026-11-29T10:15:00Z") }); n > 1 {
		t.Errorf("%v allocations for an instant as RFC 3339 writes it", n)
	}
}
