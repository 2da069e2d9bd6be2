package licence

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Calendar knows a customer's zone and banking days: Monday to Friday, less the days on which
// the country's banks are closed.
type Calendar struct {
	Zone    *time.Location
	Country string // "": not known
	closed  []Date // by the operator's settings
}

// zones are the countries of the time zones whose banking days are known. The zones of a
// country are those of the tz database's zone.tab, and their older names.
var zones = map[string]string{
	"Europe/Vienna": "AT", "Europe/Brussels": "BE", "Europe/Sofia": "BG", "Europe/Zurich": "CH", "Asia/Nicosia": "CY", "Asia/Famagusta": "CY",
	"Europe/Nicosia": "CY", "Europe/Prague": "CZ", "Europe/Berlin": "DE", "Europe/Busingen": "DE", "Europe/Copenhagen": "DK", "Europe/Tallinn": "EE",
	"Europe/Madrid": "ES", "Africa/Ceuta": "ES", "Atlantic/Canary": "ES", "Europe/Helsinki": "FI", "Europe/Paris": "FR", "Europe/London": "GB",
	"Europe/Belfast": "GB-NIR", "Europe/Athens": "GR", "Europe/Zagreb": "HR", "Europe/Budapest": "HU", "Europe/Dublin": "IE",
	"Atlantic/Reykjavik": "IS", "Europe/Rome": "IT", "Europe/Vaduz": "LI", "Europe/Vilnius": "LT", "Europe/Luxembourg": "LU", "Europe/Riga": "LV",
	"Europe/Malta": "MT", "Europe/Amsterdam": "NL", "Europe/Oslo": "NO", "Arctic/Longyearbyen": "NO", "Europe/Warsaw": "PL",
	"Europe/Lisbon": "PT", "Atlantic/Madeira": "PT", "Atlantic/Azores": "PT", "Europe/Bucharest": "RO", "Europe/Stockholm": "SE",
	"Europe/Ljubljana": "SI", "Europe/Bratislava": "SK", "Europe/Mariehamn": "AX", "Atlantic/Faroe": "FO", "Atlantic/Faeroe": "FO",
	"America/Nuuk": "GL", "America/Godthab": "GL", "America/Danmarkshavn": "GL", "America/Scoresbysund": "GL", "America/Thule": "GL",
}

// NewCalendar is the calendar of a time zone and a country; no country: from the time zone.
func NewCalendar(timezone, country string) Calendar {
	zone := zoneOf(timezone)
	country = cmp.Or(country, zones[timezone])
	return Calendar{Zone: zone, Country: country}
}

// located are the time zones that were asked for: each is read from the disk once.
var located sync.Map // string -> *time.Location

func zoneOf(timezone string) *time.Location {
	if zone, ok := located.Load(timezone); ok {
		return zone.(*time.Location)
	}
	zone, err := LoadZone(timezone)
	if err != nil {
		return time.UTC
	}
	located.Store(timezone, zone)
	return zone
}

// Closing is the calendar with the days on which banks are closed besides, by country. What
// holds for a country holds for its parts.
func (c Calendar) Closing(closed map[string][]Date) Calendar {
	c.closed = slices.Concat(closed[c.Country])
	if whole, _, part := strings.Cut(c.Country, "-"); part {
		c.closed = append(c.closed, closed[whole]...)
	}
	return c
}

// Known tells whether the country's banking days are known. Elsewhere banks are taken to be
// closed on 25 December and 1 January alone.
func (c Calendar) Known() bool { _, ok := countries[c.Country]; return ok }

// Paying is the calendar of a payment: of one in euro the days of TARGET count, wherever the
// customer is.
func (c Calendar) Paying(currency string) Calendar {
	if currency == "EUR" {
		return Calendar{Zone: c.Zone, Country: target}
	}
	return c
}

// Banking tells whether banks work on the day.
func (c Calendar) Banking(d Date) bool { return c.banking(d.Start(time.UTC)) }

// banking tells it of a day by its start in UTC.
func (c Calendar) banking(t time.Time) bool {
	if wd := t.Weekday(); wd == time.Saturday || wd == time.Sunday {
		return false
	}
	year, month, day := t.Date()
	return !closedIn(c.Country, year).has(month, day) && (len(c.closed) == 0 || !slices.Contains(c.closed, DateOf(t, time.UTC)))
}

// Before is the latest banking day with n whole banking days between it and d.
func (c Calendar) Before(d Date, n int) Date {
	if d = d.Day(c.Zone); d == "" || d == Never {
		return d
	}
	for t := d.Add(-1).Start(time.UTC); ; t = t.AddDate(0, 0, -1) {
		if c.banking(t) {
			if n == 0 {
				return DateOf(t, time.UTC)
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

// Morning is the first instant after t at which a desk's working day has begun: 08:30 on a banking
// day, when what fell due at 08 lies there.
func (c Calendar) Morning(t time.Time) time.Time {
	for day := DateOf(t, c.Zone); ; day = day.Add(1) {
		y, m, d := day.Start(time.UTC).Date()
		if at := time.Date(y, m, d, 8, 30, 0, 0, c.Zone); c.Banking(day) && at.After(t) {
			return at
		}
	}
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
			y, m, d := day.Start(time.UTC).Date()
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
