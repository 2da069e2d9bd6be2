// Package events holds bodies exactly as their senders send them, about customers who are
// invented. Tests, the demo and the tour read the same files.
//
// A file's name is its place in the order of telling, its sender and what it is about:
// 03-stripe-reduction.json. All dates are told as on one day, [Base], a Monday; [Shift] moves
// them to another.
package events

import (
	"embed"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Files are demo/<customer>/, first/ for the tour, billing/<system>/ of the demo's customers as each
// billing system tells of them, and samples/ of what the demo does not need.
//
//go:embed demo first samples billing
var Files embed.FS

// Base is the day on which the bodies are told.
var Base = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// Sender is who sends the body of a file: 03-stripe-reduction.json is Stripe's.
func Sender(file string) string {
	name := file[strings.LastIndexByte(file, '/')+1:]
	parts := strings.SplitN(name, "-", 3)
	if len(parts) < 3 {
		return ""
	}
	return parts[1]
}

// stamps are the values that Shift moves: a civil date or an RFC 3339 instant that is a whole
// string, and a number of unix seconds, or of milliseconds, under a name that a billing system gives
// to times.
var stamps = regexp.MustCompile(`"(\d{4}-\d\d-\d\d)(T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?"` +
	`|"(?:created|start|end|date|[a-z_]+_(?:at|date|end|start|attempt|anchor|from|to|since)|cancel_at|effective_at)"\s*:\s*(\d{9,10})\b` +
	`|"(?:resource_version)"\s*:\s*(\d{13})\b`)

// Shift moves every date of a body by whole days, so that what is told as on the day of from
// is told as on the day of to. The days are those of the calendar, each time as its own zone
// has it; the time of day stays as it is written, whatever the clocks did in between.
func Shift(body []byte, from, to time.Time) []byte {
	days := int(civil(to).Sub(civil(from)) / (24 * time.Hour)) // UTC has no other days
	if days == 0 {
		return body
	}
	var out []byte
	last := 0
	for _, m := range stamps.FindAllSubmatchIndex(body, -1) {
		switch {
		case m[2] >= 0: // only the civil part of an instant moves
			day, err := time.Parse(time.DateOnly, string(body[m[2]:m[3]]))
			if err != nil {
				continue // 2026-02-30 is some other text
			}
			out = append(append(out, body[last:m[2]]...), day.AddDate(0, 0, days).Format(time.DateOnly)...)
			last = m[3]
		default:
			from, to, day := m[6], m[7], int64(86400)
			if from < 0 {
				from, to, day = m[8], m[9], 86400*1000
			}
			unix, err := strconv.ParseInt(string(body[from:to]), 10, 64)
			if err != nil {
				continue // unreachable: so many digits fit
			}
			out = append(append(out, body[last:from]...), strconv.FormatInt(unix+int64(days)*day, 10)...)
			last = to
		}
	}
	return append(out, body[last:]...)
}

// civil is the day of a time in its own zone, as a day in UTC.
func civil(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
