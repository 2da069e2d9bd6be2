package main

import (
	"testing"

	"seatmend/shared/store/storetest"
)

// TestMonth: what changes something costs fewer than six write units in the mean of a month, its fact and what
// it owes included, and reads four at most; no page takes more than four round trips and twelve read units.
func TestMonth(t *testing.T) {
	client := storetest.Dynamo(t)
	m, err := ofMonth(t.Context(), client, storetest.TableName(t, client), 50)
	if err != nil {
		t.Fatal(err)
	}
	if m.events < 50 || len(m.pages) < 6 {
		t.Fatalf("%d events and %d pages are no month", m.events, len(m.pages))
	}
	if got := m.perEvent(m.answered); got >= 6 {
		t.Errorf("an event writes %.2f units, want fewer than 6", got)
	}
	if got := m.perEvent(m.all); got > 10 {
		t.Errorf("with mails, tasks and what falls due an event writes %.2f units, want 10 at most", got)
	}
	if got := m.answered.read / float64(m.events); got > 4 {
		t.Errorf("an event reads %.2f units, want 4 at most", got)
	}
	t.Logf("%d events: %.2f write units each until answered, %.2f with all else; reads %.2f; all %s, the dearest %s", m.events, m.perEvent(m.answered), m.perEvent(m.all), m.answered.read/float64(m.events), m.all, m.most)
	for _, l := range m.pages {
		t.Logf("%s: %s", l.event, l.answered)
		if fault := above(line{event: "page: " + l.event, answered: l.answered}); fault != "" {
			t.Errorf("%s: %s, but %s", l.event, l.answered, fault)
		}
	}
}
