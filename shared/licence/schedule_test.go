package licence

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
		from, quiet := quietHours(at)
		got := ""
		if quiet {
			got = from.UTC().Format(time.RFC3339)
		}
		if got != c.from {
			t.Errorf("quietHours(%s) = %q, want %q", c.at, got, c.from)
		}
	}
}

func TestNextRead(t *testing.T) {
	day := func(s string) time.Time { at, _ := time.Parse(time.RFC3339, s); return at }
	for _, c := range []struct {
		name, read string
		span       time.Duration
	}{
		{"a working day", "2026-11-24T09:00:00Z", Fresh},
		{"at risk", "2026-11-24T09:00:00Z", FreshAtRisk},
		{"before a Sunday morning", "2026-11-28T04:00:00Z", FreshAtRisk},
		{"before a Thursday night", "2026-11-26T02:00:00Z", FreshAtRisk},
	} {
		seen := map[time.Time]bool{}
		for _, cust := range []string{"cust1", "cust2", "cust3", "cust4", "cust5"} {
			s := &Site{Inst: &Inst{CustID: cust}, ReadAt: day(c.read), span: c.span}
			at := s.nextRead()
			if end := s.ReadAt.Add(s.span); !at.Before(end) || !at.After(s.ReadAt.Add(time.Hour)) {
				t.Errorf("%s: %s is read at %s, want between an hour after %s and %s", c.name, cust, at, s.ReadAt, end)
			}
			if _, quiet := quietHours(at); quiet {
				t.Errorf("%s: %s is read at %s, in the quiet hours", c.name, cust, at)
			}
			seen[at] = true
		}
		if len(seen) < 4 {
			t.Errorf("%s: five installations are read at %d instants, want them spread", c.name, len(seen))
		}
	}
}
