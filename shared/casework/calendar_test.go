package casework

import (
	"testing"
	"time"

	"seatmend/shared/licence"
)

func TestDayArithmetic(t *testing.T) {
	se, no := licence.NewCalendar("Europe/Stockholm", ""), licence.NewCalendar("Europe/Oslo", "")
	for _, c := range []struct {
		cal  licence.Calendar
		d    licence.Date
		n    int
		want licence.Date
	}{
		{se, "2026-12-13", 5, "2026-12-04"}, {se, "2026-12-13", 0, "2026-12-11"}, {se, "2026-12-13", 1, "2026-12-10"},
		{se, "2026-12-25", 0, "2026-12-23"}, {se, "2026-12-28", 0, "2026-12-23"}, {se, "2027-01-02", 1, "2026-12-29"},
		{se, "2027-03-30", 0, "2027-03-25"}, {no, "2027-03-30", 0, "2027-03-24"}, {se, "2027-06-27", 0, "2027-06-24"},
		{se, "2026-12-12T23:30:00Z", 0, "2026-12-11"}, {se, "", 3, ""},
	} {
		if got := c.cal.Before(c.d, c.n); got != c.want {
			t.Errorf("%s: %s - %d bd is %s, want %s", c.cal.Country, c.d, c.n, got, c.want)
		}
	}
	for _, c := range []struct {
		cal  licence.Calendar
		d    licence.Date
		n    int
		want string
	}{
		{se, "2026-11-01", 3, "2026-11-05 00:00"}, {se, "2026-11-23", 3, "2026-11-27 00:00"}, {se, "2026-11-26", 3, "2026-12-02 00:00"},
		{se, "2026-12-23", 1, "2026-12-29 00:00"}, {se, "2026-12-30", 2, "2027-01-06 00:00"}, {se, "2026-12-30", 3, "2027-01-08 00:00"},
		{se, "2027-03-24", 2, "2027-03-31 00:00"}, {no, "2027-03-24", 2, "2027-04-01 00:00"},
	} {
		if got := c.cal.After(c.d, c.n); !got.Equal(stockholm(c.want)) {
			t.Errorf("%s: %s + %d bd is %s, want %s", c.cal.Country, c.d, c.n, got, c.want)
		}
	}
	if !se.After("", 3).IsZero() {
		t.Error("no date and three banking days is a date")
	}
}

func TestWorkingHours(t *testing.T) {
	se := licence.NewCalendar("Europe/Stockholm", "")
	for _, c := range []struct {
		at     string
		urgent bool
		want   string
	}{
		{"2026-11-24 07:59", false, "2026-11-24 08:00"}, {"2026-11-24 08:00", false, "2026-11-24 08:00"},
		{"2026-11-24 16:59", false, "2026-11-24 16:59"}, {"2026-11-24 17:00", false, "2026-11-25 08:00"},
		{"2026-11-28 10:00", false, "2026-11-30 08:00"}, {"2026-12-23 18:00", false, "2026-12-28 08:00"},
		{"2026-12-25 06:00", true, "2026-12-25 07:00"}, {"2026-12-26 20:59", true, "2026-12-26 20:59"}, {"2026-12-26 21:00", true, "2026-12-27 07:00"},
	} {
		if got := se.Working(stockholm(c.at), c.urgent); !got.Equal(stockholm(c.want)) {
			t.Errorf("from %s (urgent %v): %s, want %s", c.at, c.urgent, got, c.want)
		}
	}
	helsinki := licence.NewCalendar("Europe/Helsinki", "")
	if got, want := helsinki.Working(stockholm("2026-11-24 06:00"), false), time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("in Helsinki: %s, want %s", got, want)
	}
}
