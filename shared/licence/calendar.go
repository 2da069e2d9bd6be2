package licence

import (
	"slices"
	"time"
)

// A Calendar knows a customer's zone and banking days: Monday to Friday, less the country's
// public holidays.
type Calendar struct {
	Zone    *time.Location
	Country string // "" : Monday to Friday alone
}

// holidays are a country's days off, as data: fixed days, days from Easter Sunday, and the
// Fridays that fall in a span of June.
type holidays struct {
	fixed        []string
	easter       []int
	midsummerEve bool
}

var byCountry = map[string]holidays{
	"SE": {[]string{"01-01", "01-06", "05-01", "06-06", "12-24", "12-25", "12-26", "12-31"}, []int{-2, 1, 39}, true},
	"NO": {[]string{"01-01", "05-01", "05-17", "12-24", "12-25", "12-26", "12-31"}, []int{-3, -2, 1, 39, 50}, false},
	"DK": {[]string{"01-01", "06-05", "12-24", "12-25", "12-26", "12-31"}, []int{-3, -2, 1, 39, 40, 50}, false},
	"FI": {[]string{"01-01", "01-06", "05-01", "12-06", "12-24", "12-25", "12-26"}, []int{-2, 1, 39}, true},
	"DE": {[]string{"01-01", "05-01", "10-03", "12-24", "12-25", "12-26", "12-31"}, []int{-2, 1, 39, 50}, false},
	"NL": {[]string{"01-01", "04-27", "12-25", "12-26"}, []int{-2, 1, 39, 50}, false},
	"GB": {[]string{"01-01", "12-25", "12-26"}, []int{-2, 1}, false},
}

var countryOf = map[string]string{
	"Europe/Stockholm": "SE", "Europe/Oslo": "NO", "Europe/Copenhagen": "DK", "Europe/Helsinki": "FI",
	"Europe/Berlin": "DE", "Europe/Amsterdam": "NL", "Europe/London": "GB",
}

// NewCalendar is the calendar of a time zone and a country; no country: from the time zone.
func NewCalendar(timezone, country string) Calendar {
	zone, err := time.LoadLocation(timezone)
	if err != nil {
		zone = time.UTC
	}
	if country == "" {
		country = countryOf[timezone]
	}
	return Calendar{zone, country}
}

// Banking tells whether banks work on the day.
func (c Calendar) Banking(d Date) bool {
	t := d.Start(time.UTC)
	if wd := t.Weekday(); wd == time.Saturday || wd == time.Sunday {
		return false
	}
	h := byCountry[c.Country]
	if slices.Contains(h.fixed, t.Format("01-02")) {
		return false
	}
	if h.midsummerEve && t.Month() == time.June && t.Weekday() == time.Friday && t.Day() >= 19 && t.Day() <= 25 {
		return false
	}
	return !slices.Contains(h.easter, int(t.Sub(easter(t.Year())).Hours()/24))
}

// easter is Easter Sunday of a year (the anonymous Gregorian algorithm).
func easter(y int) time.Time {
	a, b, c := y%19, y/100, y%100
	h := (19*a + b - b/4 - (b-(b+8)/25+1)/3 + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(y, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}

// Before is the latest banking day with n whole banking days between it and d.
func (c Calendar) Before(d Date, n int) Date {
	if d == "" {
		return ""
	}
	for d = d.Day(c.Zone).Add(-1); ; d = d.Add(-1) {
		if c.Banking(d) {
			if n == 0 {
				return d
			}
			n--
		}
	}
}

// After is the start of the day after n whole banking days that follow d.
func (c Calendar) After(d Date, n int) time.Time {
	if d == "" {
		return time.Time{}
	}
	for d = d.Day(c.Zone); n > 0; {
		if d = d.Add(1); c.Banking(d) {
			n--
		}
	}
	return d.Add(1).Start(c.Zone)
}

// Working is the first instant from t on in working hours: 08 to 17 on banking days, and,
// where the matter is urgent, 07 to 21 on any day.
func (c Calendar) Working(t time.Time, urgent bool) time.Time {
	from, to := 8, 17
	if urgent {
		from, to = 7, 21
	}
	day := DateOf(t, c.Zone)
	for {
		if urgent || c.Banking(day) {
			y, m, d := day.Start(c.Zone).Date()
			open := time.Date(y, m, d, from, 0, 0, 0, c.Zone)
			shut := time.Date(y, m, d, to, 0, 0, 0, c.Zone)
			if t.Before(open) {
				return open
			}
			if t.Before(shut) {
				return t
			}
		}
		day = day.Add(1)
		t = day.Start(c.Zone)
	}
}
