package casework

import (
	"hash/fnv"
	"maps"
	"slices"
	"time"

	"seatmend/shared/licence"
)

// What is billed is read at the systems that a key is given for: what a webhook hinted at, at once,
// and once a day all that a customer has there.

const (
	// tellAfter is after how many failures of one read the fleet is told, half an hour, and failing is for
	// how long none may succeed.
	tellAfter = 5
	failing   = 2 * time.Hour
	// pullTries is how often a pull is tried before it waits for its next day, and hintTries how often
	// what was hinted at is: for three days. The next pull reads it all the same.
	pullTries = 8
	hintTries = 24
)

// OweReads owes a read of each thing that was hinted at. One that is owed already is owed anew: it
// may have begun before the news. False: the account owes too many for the fleet to take more.
func OweReads(s licence.State, sender string, hints []licence.Hint, now time.Time) (licence.Change, bool) {
	c := licence.Change{Account: s.Account, N: s.N, Known: s.Known}
	var owed []licence.Effect
	for _, id := range slices.Sorted(maps.Keys(s.History.Pending)) {
		if e := s.History.Pending[id]; e.Kind == licence.ReadBack && e.Source == sender && e.Object != nil {
			owed = append(owed, e)
		}
	}
	fleet := !s.Known.Profile.Account.Told()
	switch {
	case fleet && len(owed)+len(hints) > licence.MaxFleetHints:
		return c, false
	case !fleet && len(owed)+len(hints) > licence.MaxHints:
		// So much has changed that all is read at once.
		for _, e := range owed {
			c.Drop = append(c.Drop, e.ID)
		}
		c.Add = []licence.Effect{{Kind: licence.ReadBack, Ripe: now, Source: sender}}
		for _, e := range s.History.Pending {
			if e.Kind == licence.ReadBack && e.Source == sender && e.Object == nil {
				c.Drop = append(c.Drop, e.ID)
			}
		}
		hints = nil
	}
	for _, h := range hints {
		h.To = nil
		e := licence.Effect{Kind: licence.ReadBack, Ripe: now, Source: sender, Object: &h}
		for _, was := range owed {
			if was.Object.Same(&h) {
				c.Drop = append(c.Drop, was.ID)
				e.Fails, e.Ripe = was.Fails, licence.Latest(now, was.Ripe) // news is no reason to ask sooner who said: not now
			}
		}
		c.Add = append(c.Add, e)
	}
	settle(&c, s, nil, now)
	return c, true
}

// pulled tells whether what the account has at a billing system is read: it is listed there, and there is a
// key for its mode.
func (m *settling) pulled(sender string) bool {
	return slices.ContainsFunc(m.s.Known.Profile.Account.Value.Billing, func(b licence.Mapping) bool {
		return b.Sender == sender && slices.Contains(m.s.Reads, licence.ReadsAs(sender, b.Mode))
	})
}

// pulls owes a read of all that is billed, once a day, at a time of the day that is the account's own.
func (m *settling) pulls() {
	looked := map[string]bool{}
	for _, b := range m.s.Known.Profile.Account.Value.Billing {
		sender := b.Sender
		if looked[sender] || !m.pulled(sender) {
			continue
		}
		looked[sender] = true
		st, ok := m.h.Billed[sender]
		if !ok {
			st.Since = m.now
			put(m, &m.h.Billed, sender, st)
		}
		if m.pends(func(e licence.Effect) bool {
			return e.Kind == licence.ReadBack && e.Source == sender && e.Object == nil
		}) {
			continue
		}
		if at := slot(m.s.Account+" "+sender, licence.Latest(st.Since, st.Done)); at.After(m.now) {
			m.due = append(m.due, at)
		} else {
			m.add(licence.Effect{Kind: licence.ReadBack, Ripe: m.now, Source: sender})
		}
	}
}

// slot is the first instant after another that lies at the time of the day that a text comes to.
func slot(text string, after time.Time) time.Time {
	h := fnv.New32a()
	h.Write([]byte(text))
	at := after.UTC().Truncate(licence.Day).Add(time.Duration(h.Sum32()%86400) * time.Second)
	if !at.After(after) {
		at = at.Add(licence.Day)
	}
	return at
}

// owedAgain tells whether what failed is tried again. A read that is not is made by the next pull: so is
// one that gave more than the account can hold.
func owedAgain(d licence.Result) bool {
	e := d.Effect
	switch {
	case e.Kind != licence.ReadBack:
		return true
	case d.Unfit:
		return false
	case e.Object == nil:
		return e.Fails+1 < pullTries
	}
	return e.Fails+1 < hintTries
}

// readBack enters how a read at a billing system went: the fleet hears of one that goes on failing,
// and of the first that succeeds after it.
func (m *settling) readBack(d licence.Result) {
	e := d.Effect
	st := m.h.Billed[e.Source]
	failed := d.Outcome == "failed" && !d.Unfit
	if e.Object == nil && !failed {
		st.Unfit = d.Unfit
	}
	if st.Since.IsZero() {
		st.Since = m.now
	}
	if e.Object == nil && (!failed || !owedAgain(d)) {
		st.Done = d.At
	}
	if e.Object == nil && d.Found > 0 {
		st.Found = true // its next try finds as told what this one tells
	}
	if e.Object == nil && d.Outcome == "done" {
		if !st.Good.IsZero() {
			m.h.Drift = drift(m.h.Drift, e.Source, st.Found, d.At)
		}
		st.Good, st.Found = d.At, false
	}
	if !failed {
		st.Fails = time.Time{}
	} else if st.Fails.IsZero() {
		st.Fails = m.now
	}
	switch {
	case failed && !st.Told && (e.Fails+1 >= tellAfter || m.now.Sub(st.Fails) >= failing):
		st.Told = m.add(licence.Effect{Kind: licence.Incident, Ripe: m.now, Why: "opened", Code: "not-read", Source: e.Source})
	case !failed && st.Told && !m.pends(func(o licence.Effect) bool {
		return o.Kind == licence.ReadBack && o.Source == e.Source && o.Fails >= tellAfter
	}):
		st.Told = !m.add(licence.Effect{Kind: licence.Incident, Ripe: m.now, Why: "closed", Code: "not-read", Source: e.Source})
	}
	put(m, &m.h.Billed, e.Source, st)
}
