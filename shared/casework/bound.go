package casework

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"sort"
	"time"

	"seatmend/shared/licence"
)

// Bounds of what the history remembers.
const (
	maxStanding = 300  // findings that stand
	maxUpcoming = 100  // findings to come
	maxGone     = 60   // findings that have ended
	maxMailed   = 400  // mails, one for each finding that they are about
	maxThreads  = 200  // tasks whose first mail is known
	maxSpoken   = 20   // matters of a mail that was not taken
	maxNumbers  = 1000 // numbers of which it is known since when they are so
)

// short is a text that is only compared: itself, or its hash.
func short(text string) string {
	if len(text) <= licence.MaxText {
		return text
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// open is 1 where the finding is remembered as standing, else 0.
func open(h *licence.History, fingerprint string) int {
	if p := h.Findings[fingerprint]; p != nil && p.Open {
		return 1
	}
	return 0
}

// trim keeps what is remembered bounded: of findings that are gone and of mails the latest, and
// the numbers that still are. What a history can be in the end is measured in bytes.
func (m *settling) trim(live map[string]licence.Number) {
	h := m.h
	for of := range h.Numbers {
		if _, ok := live[of]; !ok {
			drop(m, &h.Numbers, of)
		}
	}
	m.outdated()
	forget(h, maxGone)
	m.unmail(maxMailed)
	m.unthread(maxThreads)
	if 500*(len(h.Findings)+len(h.Mailed)+len(h.Pending))+200*len(h.Numbers) < licence.MaxPart {
		return
	}
	for step := 1; licence.Size(h) > licence.MaxPart && step <= 4; step++ {
		forget(h, maxGone>>step)
		m.unmail(maxMailed >> step)
		for _, of := range licence.SortedKeys(h.Numbers)[len(h.Numbers)/2:] {
			drop(m, &h.Numbers, of) // since when it is so is then what its latest fact says
		}
	}
}

// How long is remembered what decides nothing any more, counted back from the latest of its kind: so
// that nothing is forgotten because time has passed, and nothing is due for it.
const (
	goneFor   = 400 * licence.Day
	mailedFor = 35 * licence.Day // longer than any two mails about a finding lie apart
)

// outdated forgets findings that ended long ago and that no conversation waits for, and mails whose
// finding has ended, or that were about none.
func (m *settling) outdated() {
	var gone, mailed time.Time
	waited := map[string]bool{}
	for _, p := range m.h.Findings {
		gone = licence.Latest(gone, p.Gone)
	}
	for _, ep := range m.h.Episodes {
		for fp := range ep.Waits {
			waited[fp] = true
		}
	}
	for fp, p := range m.h.Findings {
		if !p.Open && p.Gone.Before(gone.Add(-goneFor)) && !waited[fp] {
			delete(m.h.Findings, fp)
		}
	}
	for fp, t := range m.h.Threads {
		if m.h.Findings[fp] == nil && t.At.Before(gone.Add(-goneFor)) {
			drop(m, &m.h.Threads, fp)
		}
	}
	for _, x := range m.h.Mailed {
		mailed = licence.Latest(mailed, x.At)
	}
	old := func(x licence.Mailed) bool {
		return (x.Over || x.Fingerprint == "") && (x.Draft == "" || x.Draft == "dropped") && x.At.Before(mailed.Add(-mailedFor))
	}
	if slices.ContainsFunc(m.h.Mailed, old) {
		m.h.Mailed = slices.DeleteFunc(m.mailed(), old)
	}
}

// forget keeps the n findings that went last.
func forget(h *licence.History, n int) {
	var gone []string
	for fp, p := range h.Findings {
		if !p.Open {
			gone = append(gone, fp)
		}
	}
	sort.Slice(gone, func(i, j int) bool {
		a, b := h.Findings[gone[i]].Gone, h.Findings[gone[j]].Gone
		return a.After(b) || a.Equal(b) && gone[i] < gone[j]
	})
	for _, fp := range gone[min(len(gone), n):] {
		delete(h.Findings, fp)
	}
}

// unthread keeps the n threads of tasks in which something was mailed last.
func (m *settling) unthread(n int) {
	h := m.h
	if len(h.Threads) <= n {
		return
	}
	last := slices.SortedFunc(maps.Keys(h.Threads), func(a, b string) int {
		return cmp.Or(h.Threads[b].At.Compare(h.Threads[a].At), cmp.Compare(a, b))
	})
	for _, fp := range last[min(len(last), n):] {
		drop(m, &h.Threads, fp)
	}
}

// unmail keeps n mails: before all others those that lie as drafts, then those about what still
// stands, then the latest.
func (m *settling) unmail(n int) {
	h := m.h
	for _, spare := range []func(licence.Mailed) bool{
		func(x licence.Mailed) bool { return x.Draft == "" && x.Over },
		func(x licence.Mailed) bool { return x.Draft == "" },
		func(licence.Mailed) bool { return true },
	} {
		for i := 0; i < len(h.Mailed) && len(h.Mailed) > n; {
			if spare(h.Mailed[i]) {
				h.Mailed = slices.Delete(m.mailed(), i, i+1)
			} else {
				i++
			}
		}
	}
}
