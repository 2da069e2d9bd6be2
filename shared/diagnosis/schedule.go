package diagnosis

import (
	"hash/fnv"
	"time"
)

// early is how long before freshness runs out a connected installation is read again.
const early = 4 * time.Hour

// NextRead is when the site is to be read by itself: before its facts are too old, each a
// little earlier than the next so that they do not all come at once, and not in SuperOffice's
// own quiet hours.
func (s *Installation) NextRead() time.Time {
	spread := spreadOf(s.KnownInstallation.CustID)
	at := s.ReadAt.Add(s.Span() - early - spread)
	if from, quiet := QuietHours(at); quiet {
		if before := from.Add(-spread); before.After(s.ReadAt.Add(time.Hour)) {
			return before
		}
	}
	return at
}

// spreadOf is up to an hour, the same for an installation at all times.
func spreadOf(cust string) time.Duration {
	h := fnv.New32a()
	h.Write([]byte(cust))
	return time.Duration(h.Sum32()%3600) * time.Second
}

// superOfficeTime is the zone in which SuperOffice tells its quiet hours.
var superOfficeTime = time.FixedZone("UTC+1", 3600)

// QuietHours tells whether SuperOffice maintains itself then, and since when: each night from
// one to three, from Saturday 20 to Sunday 6, and from Thursday 22 to Friday 6.
func QuietHours(t time.Time) (from time.Time, quiet bool) {
	l := t.In(superOfficeTime)
	y, m, d := l.Date()
	hour := func(day, h int) time.Time { return time.Date(y, m, d+day, h, 0, 0, 0, superOfficeTime) }
	switch w := l.Weekday(); {
	case w == time.Saturday && l.Hour() >= 20:
		return hour(0, 20), true
	case w == time.Sunday && l.Hour() < 6:
		return hour(-1, 20), true
	case w == time.Thursday && l.Hour() >= 22:
		return hour(0, 22), true
	case w == time.Friday && l.Hour() < 6:
		return hour(-1, 22), true
	case l.Hour() >= 1 && l.Hour() < 3:
		return hour(0, 1), true
	}
	return time.Time{}, false
}
