package licence

import (
	"testing"
	"time"
)

// TestDayBegins: a civil day begins at its first instant in the zone, also where its hour zero
// is missing, or comes twice.
func TestDayBegins(t *testing.T) {
	for _, c := range []struct {
		day  Date
		zone string
		want string
	}{
		{"2026-12-13", "Europe/Stockholm", "2026-12-12T23:00:00Z"},
		{"2027-09-05", "America/Santiago", "2027-09-05T04:00:00Z"}, // 00:00 to 01:00 is missing
		{"2027-09-04", "America/Santiago", "2027-09-04T04:00:00Z"},
		{"2027-09-06", "America/Santiago", "2027-09-06T03:00:00Z"},
		{"2027-04-04", "America/Santiago", "2027-04-04T04:00:00Z"}, // the hour before it came twice
		{"2024-04-26", "Africa/Cairo", "2024-04-25T22:00:00Z"},     // missing, east of Greenwich
		{"2026-03-29", "Atlantic/Azores", "2026-03-29T01:00:00Z"},
		{"2026-10-25", "Atlantic/Azores", "2026-10-25T00:00:00Z"}, // 00:00 comes twice
		{"2026-11-01", "America/Havana", "2026-11-01T04:00:00Z"},
		{"2011-12-31", "Pacific/Apia", "2011-12-30T10:00:00Z"}, // the day before was left out
		{"2026-12-13T23:59:59Z", "Pacific/Auckland", "2026-12-13T23:59:59Z"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.day.Start(zone).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("%s begins in %s at %s, want %s", c.day, c.zone, got, c.want)
		}
		if len(c.day) == len(time.DateOnly) {
			first := c.day.Start(zone)
			if DateOf(first, zone) != c.day || DateOf(first.Add(-1), zone) == c.day {
				t.Errorf("%s in %s: %s is not its first instant", c.day, c.zone, first)
			}
		}
	}
}

// TestNever: an end in the year 9999 is none, however it is written.
func TestNever(t *testing.T) {
	auckland, _ := time.LoadLocation("Pacific/Auckland")
	for _, s := range []string{"9999-12-31", "9999-01-01", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.9999999-05:00", "9999-12-31T00:00:00+14:00"} {
		d, err := ParseDate(s)
		if err != nil || d != Never {
			t.Errorf("%s reads as %q, %v", s, d, err)
		}
	}
	for _, d := range []Date{Never, Never.Add(Reach), Never.Day(auckland), "9999-12-30"} {
		if !d.Start(auckland).IsZero() {
			t.Errorf("%s comes at %s", d, d.Start(auckland))
		}
	}
	if d, _ := ParseDate("9998-12-31"); d.Start(time.UTC).IsZero() {
		t.Error("the year 9998 never comes")
	}
}

// civil is as strict as the standard library.
func TestCivilDates(t *testing.T) {
	for _, s := range []string{"2026-02-28", "2026-02-29", "2028-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "2026-1-01", "0001-01-01", "0000-01-01", "2026/01/01", "2026-01-0x", "2026-01-32", "", "2026-04-31", "1900-12-31"} {
		want, err := time.Parse(time.DateOnly, s)
		if got, ok := Date(s).civil(); ok != (err == nil) || ok && !got.Equal(want) {
			t.Errorf("%q: %v %v, want %v %v", s, got, ok, want, err)
		}
	}
}
