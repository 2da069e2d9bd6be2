package casework

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// A settling is one run of settle: the history that it writes, and what it comes to owe.
type settling struct {
	s        licence.State
	now      time.Time
	cal      licence.Calendar
	h        *licence.History // of s
	owned    []any            // what of it is ours to write to: see own
	c        *licence.Change
	r        *diagnosis.Reading
	verdicts map[string]*diagnosis.Verdict // that stand, by fingerprint
	d        diagnosis.Diagnosis
	numbers  map[string]licence.Number // as they are now
	due      []time.Time
	waiting  []Notice         // that are owed and have not gone
	outbox   []string         // ids of mails, reads and activations in it, once somebody has asked
	keep     []licence.Effect // of the outbox, written anew under their own ids
	left     int              // how much more this commit may owe
	more     bool             // something is owed beyond that, and is due at once
	indexed  bool             // people find the account by all there is
}

// AtOnce is how many effects, drops and rows one commit adds beside those that its fact brings.
// The rest is owed by the next commit, which is due at once.
const AtOnce = 40

// owes tells whether this commit may still add n effects, drops or rows. What it may not add stays
// as it is, so that the next settling finds it owed again.
func (m *settling) owes(n int) bool {
	if m.left < n {
		m.more = true
		return false
	}
	m.left -= n
	return true
}

// add owes an effect, if this commit may still take it.
func (m *settling) add(e licence.Effect) bool {
	if !m.owes(1) {
		return false
	}
	m.c.Add = append(m.c.Add, e)
	return true
}

// settle compares what is known with what has been said, at an instant: history, effects to
// add and effects to drop go into the change.
func settle(c *licence.Change, s licence.State, done []licence.Result, now time.Time) {
	m := newSettling(s, c, now)
	m.indexed = m.h.Indexed == indexForm
	m.left = min(AtOnce, licence.MaxActions-c.Actions()-4*len(done))
	for _, d := range done {
		m.reported(d)
	}
	m.read()
	m.unsent()
	m.remember()
	if len(s.Known.Profile.Answers) > 0 {
		m.read() // again: an answer may have lapsed with the numbers that just changed
		m.remember()
	}
	m.tasks()
	m.reads()
	m.pulls()
	m.notices()
	m.asks()
	m.desk()
	m.abroad()
	m.oweTasks()
	m.solved()
	m.links()
	m.codes()
	m.activations()
	m.moves()
	m.statements()
	m.drafts()
	m.index()
	m.close()
	m.r.Done()
}

// read runs the rules on what is known now.
func (m *settling) read() {
	if m.r != nil {
		m.r.Done()
	}
	m.r = diagnosis.ReadAt(&m.s, m.cal, diagnosis.NewClock(m.now, m.now))
	m.numbers = m.r.Numbers()
	last := "" // of those that are remembered
	if len(m.numbers) > maxNumbers {
		last = licence.SortedKeys(m.numbers)[maxNumbers-1]
	}
	for of, n := range m.numbers {
		if last != "" && of > last {
			continue
		}
		n.Value = short(n.Value)
		if old, ok := m.h.Numbers[of]; !ok || short(old.Value) != n.Value {
			n.Was = old.Value
			put(m, &m.h.Numbers, of, n)
		}
	}
	found := diagnosis.RunRules(m.r, diagnosis.Rules)
	m.verdicts = map[string]*diagnosis.Verdict{}
	for i := range found {
		if v := &found[i]; !v.Hidden && v.Answer == diagnosis.Holds {
			m.verdicts[v.Fingerprint(m.r)] = v
		}
	}
	m.d = m.r.Standing(found)
	var later []licence.Fault
	m.d.Upcoming, later = m.r.Upcoming(m.d.Findings)
	m.c.Faults = append(m.r.Faults, later...)
	m.narrow()
}

// verdict is the one that stands of a fingerprint; none: it says nothing.
func (m *settling) verdict(fp string) *diagnosis.Verdict {
	if v := m.verdicts[fp]; v != nil {
		return v
	}
	return &diagnosis.Verdict{}
}

// narrow keeps, of more findings than can be remembered, those that are remembered already, and
// then what is to be fixed first. The others show in the diagnosis, and come in when there is room.
func (m *settling) narrow() {
	m.d.Upcoming = m.d.Upcoming[:min(len(m.d.Upcoming), maxUpcoming)]
	if len(m.d.Findings) <= maxStanding {
		return
	}
	kept := slices.Clone(m.d.Findings)
	slices.SortStableFunc(kept, func(a, b diagnosis.Finding) int { return open(m.h, b.Fingerprint) - open(m.h, a.Fingerprint) })
	for _, f := range kept[maxStanding:] {
		delete(m.verdicts, f.Fingerprint)
	}
	m.d.Findings = kept[:maxStanding]
	diagnosis.SortFindings(m.d.Findings)
}

// remember writes down when each finding was first seen, when its numbers last changed, and
// when it ended.
func (m *settling) remember() {
	for fp, v := range m.verdicts {
		m.stands(fp, v)
	}
	ahead := map[string]bool{}
	for _, f := range m.d.Upcoming {
		if _, now := m.verdicts[f.Fingerprint]; now {
			continue
		}
		ahead[f.Fingerprint] = true
		if p := m.h.Findings[f.Fingerprint]; p == nil || !p.Open {
			m.indexed = m.indexed && p != nil
			m.h.Findings[f.Fingerprint] = &licence.Past{Code: f.Code, Subject: f.Subject, FirstSeen: f.FirstSeen, Noticed: m.now, Open: true, Ahead: true}
		} else if !p.Ahead && m.r.TurnedUnknown(p) == nil {
			// It stood, and now is only to come: the thread goes on, its task does not.
			p.Ahead, p.State = true, ""
			if p.Task.Open() {
				p.Task.ClosedAt = m.now
			}
		}
	}
	for i := range m.r.Found {
		v := &m.r.Found[i]
		if !v.Hidden || v.Answer != diagnosis.Holds {
			continue
		}
		// What is hidden goes on counting, so that an answer lapses with the numbers all the same.
		if p := m.h.Findings[v.Fingerprint(m.r)]; p != nil {
			m.count(p, v)
		}
	}
	for fp, p := range m.h.Findings {
		_, standing := m.verdicts[fp]
		if !p.Open || standing || ahead[fp] || m.r.TurnedUnknown(p) != nil {
			continue
		}
		p.Open, p.Gone, p.State = false, m.now, ""
		if p.Task.Open() {
			p.Task.ClosedAt = m.now
		}
		if p.Incident {
			p.Incident = !m.add(licence.Effect{Kind: licence.Incident, Ripe: m.now, Why: "closed", Code: string(p.Code), Source: p.Subject.ID})
		}
		m.ended(fp)
	}
}

// ended enters that what mails were about has ended.
func (m *settling) ended(fp string) {
	for i := range m.h.Mailed {
		if x := &m.h.Mailed[i]; x.Fingerprint == fp && !x.Over {
			m.mailed()[i].Over = true
		}
	}
}

func (m *settling) stands(fp string, v *diagnosis.Verdict) {
	p := m.h.Findings[fp]
	if p == nil {
		p = &licence.Past{Code: v.Code, Subject: v.Subject}
		m.h.Findings[fp] = p
		m.indexed = false // people find it by its number
	}
	began := m.r.Began(v)
	switch {
	case !p.Open:
		p.FirstSeen, p.Noticed, p.Open = began, m.now, true
		p.Ended, p.Warned, p.Seats = time.Time{}, false, 0
		if !p.Task.OpenedAt.IsZero() {
			p.Ended = p.Gone // it was somebody's to mend, and was mended
		}
		p.Gone = time.Time{}
		p.Task.ClosedAt = time.Time{} // a finding that comes back reopens the same task
		if !p.Task.OpenedAt.IsZero() {
			p.Task.OpenedAt = time.Time{}
		}
	case p.Ahead:
		p.FirstSeen = began
	case began.Before(p.FirstSeen):
		p.FirstSeen = began
	}
	p.Ahead, p.Apart = false, v.Apart
	p.Warned = p.Warned || diagnosis.Worse(m.d.Phase, diagnosis.PhaseUnknown)
	if v.Code == licence.Surplus {
		p.Seats = max(p.Seats, v.Need)
	}
	m.count(p, v)
}

// count notes the numbers of a finding, and when they last changed.
func (m *settling) count(p *licence.Past, v *diagnosis.Verdict) {
	var room [200]byte
	b, at := append(room[:0], v.Say...), time.Time{}
	for _, e := range v.Evidence {
		if _, isTime := e.Value.(time.Time); isTime {
			continue
		}
		b = append(append(append(b, '|'), e.Name...), '=')
		switch value := e.Value.(type) {
		case string:
			b = append(b, value...)
		case int:
			b = strconv.AppendInt(b, int64(value), 10)
		default:
			b = fmt.Append(b, value)
		}
		at = licence.Latest(at, m.r.Since(e))
	}
	if text := short(string(b)); text != short(p.Numbers) {
		p.Numbers, p.Changed = text, at
	}
}

// tasks opens a task for each finding that is open and somebody's to mend.
func (m *settling) tasks() {
	for _, f := range m.d.Findings {
		p := m.h.Findings[f.Fingerprint]
		if p == nil {
			continue
		}
		p.State = f.State
		owner, at := m.whose(f), p.Noticed.Add(licence.Quarter)
		if owner == licence.Nobody || owner == licence.EndUser {
			continue
		}
		if owner == licence.Ops {
			m.incident(f, p)
			continue
		}
		p.Task.Owner, p.Task.Beside, p.Task.Severity = owner, m.verdict(f.Fingerprint).Beside, f.Severity
		if p.Task.Open() {
			continue
		}
		if at.After(m.now) {
			m.due = append(m.due, at)
		} else {
			p.Task.OpenedAt, p.Task.ClosedAt = m.now, time.Time{}
		}
	}
}

// whose a finding is to mend: nobody's unless it is open, but finance's while it looks for a payment
// that was claimed, from a quarter of an hour after that was said.
func (m *settling) whose(f diagnosis.Finding) licence.Role {
	if c, ok := m.s.Known.Invoices.Claims[f.Subject.ID]; ok && f.State == licence.Waiting && f.WaitingFor == "claim" {
		at := c.At.Add(licence.Quarter)
		if !at.After(m.now) {
			return licence.Finance
		}
		m.due = append(m.due, at)
	}
	if f.State != licence.Open {
		return licence.Nobody
	}
	return f.Owner
}

// incident tells the fleet that a source is silent here too: ops have one task per source,
// not one per customer.
func (m *settling) incident(f diagnosis.Finding, p *licence.Past) {
	if p.Incident {
		return
	}
	if at := p.Noticed.Add(licence.Quarter); at.After(m.now) {
		m.due = append(m.due, at)
		return
	}
	p.Incident = m.add(licence.Effect{Kind: licence.Incident, Ripe: m.now, Why: "opened", Code: string(f.Code), Source: f.Subject.ID})
}

// reported enters what an executor did.
func (m *settling) reported(d licence.Result) {
	e := d.Effect
	drop(m, &m.h.Pending, e.ID)
	m.c.Drop = append(m.c.Drop, e.ID)
	if d.Outcome == "sending" {
		// It is about to be handed over: from here on it may have gone, and is never sent twice.
		m.c.Drop = nil
		put(m, &m.h.Pending, e.ID, e)
		m.keep = append(m.keep, e)
		return
	}
	if d.Outcome == "failed" && e.Kind != licence.Read && owedAgain(d) {
		at, again := d.Retry, true
		if d.Refused != nil {
			at, again = m.refused(d)
		}
		if again {
			e.ID, e.Ripe, e.Fails, e.Sending = "", at, e.Fails+1, time.Time{}
			m.c.Add = append(m.c.Add, e)
		}
	}
	switch e.Kind {
	case licence.Read:
		m.readDone(d)
	case licence.ReadBack:
		m.readBack(d)
	case licence.Mail:
		m.mailDone(d)
	case licence.TaskSent:
		m.taskDone(d)
	case licence.AskPayer:
		m.askDone(d)
	case licence.DeskList:
		m.listDone(d)
	case licence.Forward:
		if d.Outcome == "done" {
			m.took(d)
		}
	}
}

// close writes what the change needs: pending effects, the entry of lists, and when to look
// again.
func (m *settling) close() {
	n := m.c.N + 1
	for i := range m.c.Add {
		m.c.Add[i].ID = licence.EffectID(n, i)
		put(m, &m.h.Pending, m.c.Add[i].ID, m.c.Add[i])
	}
	m.c.Add = append(m.c.Add, m.keep...)
	for _, id := range m.c.Drop {
		drop(m, &m.h.Pending, id)
	}
	for _, e := range m.h.Pending {
		if e.Sending.IsZero() {
			m.due = append(m.due, e.Ripe)
		} else {
			m.due = append(m.due, e.Sending.Add(licence.Uncertain))
		}
	}
	m.trim(m.numbers)
	m.c.Entry, m.c.History = m.entry(), *m.h
	if m.more {
		m.due = append(m.due, m.now)
	}
	m.c.Due = licence.Earliest(append(m.due, m.r.C.Next())...)
}

// siteFor is the installation that must be known before a finding is told: of an account-wide
// one the soonest to stop of those that it is about. None: it is about no installation here.
func (m *settling) siteFor(subject licence.Subject, v *diagnosis.Verdict) *diagnosis.Installation {
	if v.Apart {
		return nil
	}
	if subject.CustID == "" && len(v.Sites) > 0 {
		return diagnosis.Soonest(slices.DeleteFunc(slices.Clone(m.r.Production()), func(s *diagnosis.Installation) bool { return !v.Concerns(s) }))
	}
	return m.siteOf(subject)
}

// siteOf is the installation that a finding is about; of an account-wide one the worst.
func (m *settling) siteOf(subject licence.Subject) *diagnosis.Installation {
	for _, s := range m.r.Sites {
		if subject.CustID != "" && strings.EqualFold(s.Installation.CustID, subject.CustID) {
			return s
		}
	}
	return m.r.Worst()
}
