package diagnosis

import (
	"testing"
	"time"
)

func TestQuietHours(t *testing.T) {
	for _, c := range []struct{ at, from string }{
		{"2026-11-23T00:30:00Z", "2026-11-23T00:00:00Z"}, // Monday 01:30 there
		{"2026-11-23T02:00:00Z", ""},                     // 03:00: over
		{"2026-11-26T20:59:00Z", ""},                     // Thursday 21:59
		{"2026-11-26T21:00:00Z", "2026-11-26T21:00:00Z"}, // Thursday 22:00
		{"2026-11-27T04:59:00Z", "2026-11-26T21:00:00Z"}, // Friday 05:59
		{"2026-11-27T05:00:00Z", ""},                     // Friday 06:00
		{"2026-11-28T19:00:00Z", "2026-11-28T19:00:00Z"}, // Saturday 20:00
		{"2026-11-29T03:00:00Z", "2026-11-28T19:00:00Z"}, // Sunday 04:00
		{"2026-11-29T05:00:00Z", ""},                     // Sunday 06:00
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		from, quiet := QuietHours(at)
		got := ""
		if quiet {
			got = from.UTC().Format(time.RFC3339)
		}
		if got != c.from {
			t.Errorf("quietHours(%s) = %q, want %q", c.at, got, c.from)
		}
	}
}
