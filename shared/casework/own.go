package casework

import (
	"maps"
	"slices"
	"time"

	"seatmend/shared/licence"
)

// A history is shared with whoever gave it: a settling copies what it writes to, and that alone.

// newSettling is one that has copied what nearly every settling writes to: what is remembered of
// findings, and the conversations.
func newSettling(s licence.State, c *licence.Change, now time.Time) *settling {
	m := &settling{s: s, now: now, cal: s.Calendar(), c: c}
	m.h = &m.s.History
	pasts := make([]licence.Past, 0, len(m.h.Findings))
	findings := make(map[string]*licence.Past, len(m.h.Findings))
	for fp, p := range m.h.Findings {
		pasts = append(pasts, *p)
		findings[fp] = &pasts[len(pasts)-1]
	}
	m.h.Findings = findings
	episodes := make(map[string]*licence.Episode, len(m.h.Episodes))
	for address, ep := range m.h.Episodes {
		mine := *ep
		mine.Waits = maps.Clone(ep.Waits)
		episodes[address] = &mine
	}
	m.h.Episodes = episodes
	return m
}

// put writes an entry of a map of the history.
func put[K comparable, V any](m *settling, of *map[K]V, key K, v V) {
	own(m, of)
	(*of)[key] = v
}

// drop takes an entry out of a map of the history.
func drop[K comparable, V any](m *settling, of *map[K]V, key K) {
	if _, has := (*of)[key]; has {
		own(m, of)
		delete(*of, key)
	}
}

func own[K comparable, V any](m *settling, of *map[K]V) {
	if slices.Contains(m.owned, any(of)) {
		return
	}
	m.owned = append(m.owned, of)
	if *of = maps.Clone(*of); *of == nil {
		*of = map[K]V{}
	}
}

// mailed is the list of mails, for writing.
func (m *settling) mailed() []licence.Mailed {
	if of := any(&m.h.Mailed); !slices.Contains(m.owned, of) {
		m.owned = append(m.owned, of)
		m.h.Mailed = slices.Clone(m.h.Mailed)
	}
	return m.h.Mailed
}
