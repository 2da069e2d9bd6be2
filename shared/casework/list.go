package casework

import (
	"time"

	"seatmend/shared/licence"
)

// ListOf is under what the lists of a code are one conversation with a desk: see licence.List. Its
// case number follows from it.
func ListOf(account string, e licence.Effect) string {
	return licence.Fingerprint(account, e.Code, licence.Subject{Kind: "desk", ID: string(e.To)})
}

// Listed tells whether the fleet's account owes a list of that code for later: what comes to wait now
// will stand in it.
func Listed(s licence.State, code string, now time.Time) bool {
	for _, e := range s.History.Pending {
		if e.Kind == licence.List && e.Code == code && e.Ripe.After(now) {
			return true
		}
	}
	return false
}

// listDone enters that a list went, or that it was no time for one, and owes the next one while
// something waits.
func (m *settling) listDone(d licence.Result) {
	next := d.Retry
	switch {
	case d.Outcome == "failed":
		return
	case d.Outcome == "uncertain":
		next = m.cal.Morning(m.now)
	case d.Outcome == "sent":
		m.took(d)
	}
	if d.Outcome != "done" {
		fp := ListOf(m.s.Account, d.Effect)
		t := m.h.Threads[fp]
		goOn(&t, d)
		put(m, &m.h.Threads, fp, t)
	}
	if !next.IsZero() && !Listed(licence.State{History: *m.h}, d.Effect.Code, m.now) {
		m.c.Add = append(m.c.Add, licence.Effect{Kind: licence.List, Ripe: next, To: d.Effect.To, Code: d.Effect.Code})
	}
}
