package casework

import (
	"time"

	"seatmend/shared/licence"
)

// ListOf is under what the lists of a code are one conversation with a desk: see licence.DeskList.
func ListOf(account string, e licence.Effect) string {
	return licence.Fingerprint(account, licence.Code(e.Code), licence.Subject{Kind: "desk", ID: string(e.To)})
}

// OweList owes a desk the list of what waits for it, on the next banking day of a time zone, unless
// one is owed already. It is the fleet's. False: nothing is to be written.
func OweList(s licence.State, code, zone string, now time.Time) (licence.Change, bool) {
	for _, e := range s.History.Pending {
		if e.Kind == licence.DeskList && e.Code == code {
			return licence.Change{}, false
		}
	}
	e := licence.Effect{Kind: licence.DeskList, To: licence.Support, Code: code, Source: zone}
	e.Ripe = morning(s, e, now)
	return Owe(s, nil, []licence.Effect{e}, now), true
}

func morning(s licence.State, e licence.Effect, now time.Time) time.Time {
	return licence.NewCalendar(e.Source, "").Closing(s.Closed).Morning(now)
}

// listDone enters that a list went, and owes that of the next banking day. It ends with the second that
// found nothing: while the first was made, something may have come that no index showed yet.
func (m *settling) listDone(d licence.Result) {
	if d.Outcome == "failed" {
		return // it is owed again already
	}
	empty := d.Outcome == "nothing"
	if d.Outcome == "done" {
		m.took(d)
	}
	if !empty {
		fp := ListOf(m.s.Account, d.Effect)
		t := m.h.Threads[fp]
		goOn(&t, d)
		put(m, &m.h.Threads, fp, t)
	}
	if empty && d.Effect.Told {
		return
	}
	e := licence.Effect{Kind: licence.DeskList, To: d.Effect.To, Code: d.Effect.Code, Source: d.Effect.Source, Told: empty}
	e.Ripe = morning(m.s, e, m.now)
	m.c.Add = append(m.c.Add, e)
}
