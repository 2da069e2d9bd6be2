package casework

import (
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

func TestNextRead(t *testing.T) {
	day := func(s string) time.Time { at, _ := time.Parse(time.RFC3339, s); return at }
	for _, c := range []struct {
		name, read string
		risk       time.Time
	}{
		{"a working day", "2026-11-24T09:00:00Z", time.Time{}},
		{"at risk", "2026-11-24T09:00:00Z", day("2026-11-20T00:00:00Z")},
		{"before a Sunday morning", "2026-11-28T04:00:00Z", day("2026-11-20T00:00:00Z")},
		{"before a Thursday night", "2026-11-26T02:00:00Z", day("2026-11-20T00:00:00Z")},
	} {
		seen := map[time.Time]bool{}
		for _, cust := range []string{"cust1", "cust2", "cust3", "cust4", "cust5"} {
			s := &diagnosis.Installation{KnownInstallation: &licence.KnownInstallation{CustID: cust}, ReadAt: day(c.read), Risk: c.risk}
			at := s.NextRead()
			if end := s.ReadAt.Add(s.Span()); !at.Before(end) || !at.After(s.ReadAt.Add(time.Hour)) {
				t.Errorf("%s: %s is read at %s, want between an hour after %s and %s", c.name, cust, at, s.ReadAt, end)
			}
			if _, quiet := diagnosis.QuietHours(at); quiet {
				t.Errorf("%s: %s is read at %s, in the quiet hours", c.name, cust, at)
			}
			seen[at] = true
		}
		if len(seen) < 4 {
			t.Errorf("%s: five installations are read at %d instants, want them spread", c.name, len(seen))
		}
	}
}

// A burst of hints is one read, a minute after the one before; who asks is not made to wait.
func TestHintsComeInBursts(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.reads = func(string) []licence.Payload {
		return []licence.Payload{soundLicence(licenceLine("sales-premium", 10, -1, 9))}
	}
	w.until(w.now.Add(time.Second)) // read once, and connected
	read := w.s.History.Reads["cust12345"].Done
	owed := func() (out []licence.Effect) {
		for _, e := range w.s.History.Pending {
			if e.Kind == licence.Read && e.CustID == "cust12345" {
				out = append(out, e)
			}
		}
		return out
	}
	for range 4 {
		w.now = w.now.Add(time.Second)
		w.tell(licence.InstallationHinted{CustID: "Cust12345", Event: "ticket.changed"})
	}
	if got := owed(); len(got) != 1 || !got[0].Ripe.Equal(read.Add(time.Minute)) {
		t.Errorf("read at %s, and owed: %+v", read, got)
	}
	w.tell(licence.CheckAsked{CustID: "Cust12345", By: "Anna Berg"})
	if got := owed(); len(got) != 1 || got[0].Ripe.After(w.now) {
		t.Errorf("somebody waits, and owed: %+v", got)
	}
}
