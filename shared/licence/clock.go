package licence

import "time"

// A Clock is the only way in which rules compare instants. It notes each instant that it is
// asked about: the next one at which a verdict can change is the least noted after the
// clock's own, so it cannot drift from the rules.
type Clock struct {
	at, now time.Time
	nextAt  time.Time // least noted instant after at
	nextNow time.Time // least noted instant after now
}

// NewClock asks about the instant at, by somebody who asks at now.
func NewClock(now, at time.Time) *Clock { return &Clock{at: at, now: now} }

// At is the instant asked about. Only texts and dates "today" may use it; rules ask Past.
func (c *Clock) At() time.Time { return c.at }

// Past tells whether t has come. An instant that is not known has not.
func (c *Clock) Past(t time.Time) bool {
	if t.IsZero() {
		return false
	}
	if t.After(c.at) {
		if c.nextAt.IsZero() || t.Before(c.nextAt) {
			c.nextAt = t
		}
		return false
	}
	return true
}

// Fresh tells whether what was told at t is at most span old when the question is asked:
// freshness is judged at now, never at a future instant.
func (c *Clock) Fresh(t time.Time, span time.Duration) bool {
	return !t.IsZero() && c.Until(t.Add(span))
}

// Until tells whether the end has not come when the question is asked.
func (c *Clock) Until(end time.Time) bool {
	if !end.After(c.now) {
		return false
	}
	if c.nextNow.IsZero() || end.Before(c.nextNow) {
		c.nextNow = end
	}
	return true
}

// Next is the next instant at which something that was asked can change.
func (c *Clock) Next() time.Time { return earliest(c.nextAt, c.nextNow) }

// earliest is the least of the instants that are known.
func earliest(ts ...time.Time) time.Time {
	var min time.Time
	for _, t := range ts {
		if !t.IsZero() && (min.IsZero() || t.Before(min)) {
			min = t
		}
	}
	return min
}

// latest is the greatest of the instants.
func latest(ts ...time.Time) time.Time {
	var max time.Time
	for _, t := range ts {
		if t.After(max) {
			max = t
		}
	}
	return max
}
