package diagnosis

import (
	"time"

	"seatmend/shared/licence"
)

// A Clock is the only way in which rules compare instants. It notes each instant that it is
// asked about: the next one at which a verdict can change is the least noted after the
// clock's own, so it cannot drift from the rules.
type Clock struct {
	at, now time.Time
	NextAt  time.Time // least noted instant after at
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
		if c.NextAt.IsZero() || t.Before(c.NextAt) {
			c.NextAt = t
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
func (c *Clock) Next() time.Time { return licence.Earliest(c.NextAt, c.nextNow) }
