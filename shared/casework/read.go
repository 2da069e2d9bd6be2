package casework

import (
	"iter"
	"slices"
	"strings"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// reads owes a read of each installation that somebody or something asks for.
func (m *settling) reads() {
	for _, f := range m.d.Findings {
		s := m.siteOf(f.Subject)
		if f.WaitingFor != "read" || s == nil || !s.Connected || f.Until.After(m.now) {
			continue
		}
		if rs := m.h.Reads[s.KnownInstallation.CustID]; rs.Fails > 0 || rs.Done.Before(f.Until) {
			m.owe(s, false, m.now)
		}
	}
	for _, s := range m.r.Sites {
		rs := m.h.Reads[s.KnownInstallation.CustID]
		probe := rs.Done.IsZero()
		asked := s.KnownInstallation.Asked.At.After(rs.Done)
		hint := s.Hint.At
		if !strings.HasPrefix(s.Tried.ID, licence.ReadPrefix) {
			hint = licence.Latest(hint, s.Tried.At) // a try of ours has read already what came of it
		}
		hinted := s.Connected && hint.After(rs.Done) || s.Owes && s.Login.At.After(rs.Done)
		stale := s.Connected && !s.Told && rs.Fails > 0 // nothing is known of it until one succeeds
		if s.Connected && s.Told {
			at := s.NextRead()
			if at.After(m.now) {
				m.due = append(m.due, at)
			} else {
				stale = rs.Done.Before(at) || rs.Fails > 0
			}
		}
		switch {
		case asked:
			m.owe(s, true, m.now)
		case probe, stale:
			m.owe(s, false, m.now)
		case hinted:
			m.owe(s, false, rs.Done.Add(time.Minute)) // hints come in bursts
		}
	}
}

// owe adds a read of the site, at most one at a time; after a failure not before its time,
// unless a person asks.
func (m *settling) owe(s *diagnosis.Installation, urgent bool, from time.Time) {
	rs := m.h.Reads[s.KnownInstallation.CustID]
	ripe := licence.Latest(rs.Next, from)
	if urgent || ripe.Before(m.now) {
		ripe = m.now
	}
	for e := range m.pending() {
		if e.Kind == licence.Read && e.CustID == s.KnownInstallation.CustID {
			if !urgent || !e.Ripe.After(m.now) {
				return
			}
			if !m.owes(1) {
				return
			}
			m.c.Drop = append(m.c.Drop, e.ID)
		}
	}
	m.add(licence.Effect{Kind: licence.Read, Ripe: ripe, CustID: s.KnownInstallation.CustID})
}

// pending are the effects that a settling may owe already: those in the outbox and those that this
// change adds.
func (m *settling) pending() iter.Seq[licence.Effect] {
	if m.outbox == nil {
		m.outbox = []string{}
		for id, e := range m.h.Pending {
			if e.Kind == licence.Mail || e.Kind == licence.Read || e.Kind == licence.Activate || e.Kind == licence.Move || e.Kind == licence.Count || e.Kind == licence.ReadBack {
				m.outbox = append(m.outbox, id)
			}
		}
		slices.Sort(m.outbox)
	}
	return func(yield func(licence.Effect) bool) {
		for _, id := range m.outbox {
			if !slices.Contains(m.c.Drop, id) && !yield(m.h.Pending[id]) {
				return
			}
		}
		for _, e := range m.c.Add {
			if !yield(e) {
				return
			}
		}
	}
}

// pends tells whether an effect is pending that is so.
func (m *settling) pends(so func(licence.Effect) bool) bool {
	for e := range m.pending() {
		if so(e) {
			return true
		}
	}
	return false
}

func (m *settling) readDone(d licence.Result) {
	rs := m.h.Reads[d.Effect.CustID]
	rs.Done, rs.OK = d.At, d.Outcome == "done"
	rs.Fails, rs.Next, rs.Unfit = rs.Fails+1, d.Retry, d.Unfit
	if rs.OK {
		rs.Unheard = d.Unheard
		rs.Fails, rs.Next = 0, time.Time{}
	} else {
		back := min(licence.Quarter<<min(rs.Fails-1, 5), 6*time.Hour)
		rs.Next = licence.Latest(rs.Next, m.now.Add(back)) // a short Retry-After is no reason to ask all day
	}
	put(m, &m.h.Reads, d.Effect.CustID, rs)
}
