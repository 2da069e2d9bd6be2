package casework

import (
	"slices"
	"strings"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// mayMail tells whether mails are made at all, be it as drafts.
func (m *settling) mayMail() bool {
	p := m.s.MailPolicy()
	return p != "off" && p != "operator"
}

// A Notice is a mail that is owed, and why it has not gone yet.
type Notice struct {
	About   licence.About
	Code    licence.Code
	Address string    // "" : there is nobody to tell
	At      time.Time // not before
	Why     string    // what it waits for; "": nothing
}

// Notices are the mails that the findings owe now: why each waits is the answer to "why was
// this not sent".
func Notices(s licence.State, now time.Time) []Notice {
	m := newSettling(s, &licence.Change{N: s.N}, now)
	m.read()
	owed := m.owed()
	return append(owed, m.unsentNotices(owed)...)
}

// owed are the notices that open findings owe, each with the earliest instant that everything
// allows.
func (m *settling) owed() []Notice {
	var out []Notice
	for _, f := range m.d.Findings {
		v := m.verdict(f.Fingerprint)
		if f.State != licence.Open || m.silenced(f) {
			continue
		}
		for _, t := range v.Tell {
			if t.Account != "" {
				continue // it is the other account's to mail
			}
			if n, ok := m.notice(f, v, t); ok {
				out = append(out, n)
			}
		}
	}
	for _, f := range m.d.Upcoming {
		if f.Code != licence.Surplus || len(f.BlockedBy) > 0 || f.State != licence.Open || m.r.Cancelled(f.Subject.CustID) {
			continue
		}
		if _, now := m.verdicts[f.Fingerprint]; now {
			continue
		}
		t := diagnosis.Tell{To: licence.Admin, Rank: 1}
		for _, days := range []int{30, 14, 7} {
			at := f.Starts.AddDate(0, 0, -days)
			if at.After(m.now) {
				m.due = append(m.due, at)
			} else {
				t.Rank++
			}
		}
		site := m.siteOf(f.Subject)
		for _, x := range site.Modules {
			if x.Subject == f.Subject {
				t.Rested = x.Settles(m.r)
			}
		}
		v := &diagnosis.Verdict{Verify: site.Activated()}
		if n, ok := m.notice(f, v, t); ok {
			out = append(out, n)
		}
	}
	if n, ok := m.figuresAsked(); ok {
		out = append(out, n)
	}
	return out
}

// silenced tells whether nobody hears of a finding: a customer who has cancelled hears of
// nothing else.
func (m *settling) silenced(f diagnosis.Finding) bool {
	return f.Code != licence.SubscriptionEnded && m.r.Cancelled(f.Subject.CustID) && !m.verdict(f.Fingerprint).Apart
}

// notice is what one tell of a finding owes now; false: it has been said.
func (m *settling) notice(f diagnosis.Finding, v *diagnosis.Verdict, t diagnosis.Tell) (Notice, bool) {
	rank, count := 0, 0
	var last time.Time
	for _, x := range m.h.Mailed {
		if x.Fingerprint != f.Fingerprint || x.To != t.To || !m.counts(x) {
			continue
		}
		last = licence.Latest(last, x.At)
		if !x.Over {
			rank, count = max(rank, x.Rank), count+1
		}
	}
	if count > 0 && t.Rank <= rank && !t.Same || t.Max > 0 && count >= t.Max {
		return Notice{}, false
	}
	gap := t.Gap
	if gap == 0 {
		gap = licence.Week
	}
	n := Notice{About: licence.About{Fingerprint: f.Fingerprint, To: t.To, Rank: t.Rank, Verify: v.Verify}, Code: f.Code}
	later := func(at time.Time, why string) {
		if at.After(n.At) {
			n.At = at
			if at.After(m.now) {
				n.Why = why
			}
		}
	}
	noticed := m.now
	if p := m.h.Findings[f.Fingerprint]; p != nil {
		noticed = p.Noticed
	} else if k := m.h.Desks[f.Fingerprint]; k.Code != "" {
		noticed = k.Noticed
	}
	later(Resting(m.s, m.now), "settling") // nobody is mailed of what somebody has just said otherwise
	later(noticed.Add(licence.Quarter), "settling")
	later(t.From, "not-yet")
	later(t.Rested, "order-in-motion")
	if !last.IsZero() {
		later(last.Add(gap), "told-lately")
	}
	quiet := func(c licence.Contact) bool { return count > 0 && Stopped(m.s, c) }
	to, ok := m.r.Recipient(t.To, func(c licence.Contact) bool { return !m.h.Skipped[c.ID].IsZero() || quiet(c) })
	if !ok {
		to, ok = m.r.Recipient(t.To, quiet)
	}
	if c, there := m.r.Recipient(t.To, nil); !ok && there {
		n.Why, n.Address = "unsubscribed", c.Email
		return n, true
	}
	if !ok {
		n.Why = "nobody"
		for _, c := range m.r.A.Contacts {
			if u := m.h.Unsent[strings.ToLower(c.Email)]; c.Role == t.To && u.Bars(m.now) {
				n.Why, n.Address, n.At = u.Reason(), c.Email, u.Next
			}
		}
		return n, true
	}
	n.Address = to.Email
	unsent := m.h.Unsent[strings.ToLower(to.Email)]
	later(unsent.Next, "")
	if at, ok := m.h.Nobody[t.To]; ok && at.Add(licence.Day).After(m.now) {
		// Whoever there is left or cannot log in: look again tomorrow.
		n.At, n.Why, n.Address = at.Add(licence.Day), "nobody", ""
		return n, true
	}
	urgent := m.r.Phase == diagnosis.PhaseGrace || m.r.Phase == diagnosis.PhaseExpired
	why := "working-hours"
	if n.At.After(m.now) {
		why = n.Why // that is what it waits for: the hours only round it up
	}
	later(m.r.Cal.Working(licence.Latest(n.At, m.now), urgent), why)
	today := licence.DateOf(m.now, m.r.Cal.Zone)
	for _, x := range m.h.Mailed {
		if x.Address == to.Email && x.Day == today && x.Draft == "" {
			later(m.r.Cal.Working(today.Add(1).Start(m.r.Cal.Zone), urgent), "one-mail-a-day")
		}
	}
	if !m.mayMail() {
		n.Why = "mail-" + m.s.MailPolicy()
		return n, true
	}
	if n.At.After(m.now) {
		if unsent.Tries > 0 {
			n.Why = unsent.Reason() // whatever else it waits for meanwhile
		}
		return n, true
	}
	n.Why = m.unread(f, v)
	return n, true
}

// Stopped tells whether a contact wishes not to be reminded.
func Stopped(s licence.State, c licence.Contact) bool {
	return s.Known.Profile.Reminders[c.ID].Value.Stop
}

// Reminds tells whether a mail says nothing that was not mailed to its roles before.
func Reminds(s licence.State, e licence.Effect) bool {
	m := &settling{s: s, h: &s.History}
	return len(e.About) > 0 && !slices.ContainsFunc(e.About, func(a licence.About) bool {
		return !slices.ContainsFunc(s.History.Mailed, func(x licence.Mailed) bool {
			return x.Fingerprint == a.Fingerprint && x.To == a.To && x.Mail != e.Draft && !x.Over && m.counts(x)
		})
	})
}

// unread tells why nothing is said of a finding yet: a licence that can be read is read within
// the hour before, and of one that cannot be, something was heard lately. "": nothing is missing.
func (m *settling) unread(f diagnosis.Finding, v *diagnosis.Verdict) string {
	s := m.siteFor(f.Subject, v)
	switch {
	case s == nil:
	case s.Connected:
		rs := m.h.Reads[s.KnownInstallation.CustID]
		old := rs.Done.Add(time.Hour)
		if !rs.OK || !old.After(m.now) {
			return "read"
		}
		m.due = append(m.due, old)
	case (f.Verify == "extended" || f.Code == licence.VersionNotCovered) && !s.Lately(m.r.C):
		return "stale" // what we heard last may have been mended since
	}
	return ""
}

// counts tells whether a mail counts as told: it was sent, or lies as a draft where drafts
// are what becomes of mails.
func (m *settling) counts(x licence.Mailed) bool {
	return x.Draft == "" || x.Draft == "flood" || m.s.MailPolicy() == "review"
}

// notices puts into the outbox what is owed and ripe: one mail a person.
func (m *settling) notices() {
	ready := map[string][]licence.About{}
	m.waiting = m.owed()
	for _, n := range m.waiting {
		switch {
		case n.Why == "":
			ready[n.Address] = append(ready[n.Address], n.About)
		case n.Why == "read":
			fp := n.About.Fingerprint
			m.owe(m.siteFor(m.h.Findings[fp].Subject, m.verdict(fp)), false, m.now)
		case n.At.After(m.now):
			m.due = append(m.due, n.At)
		}
	}
	for e := range m.pending() {
		if e.Kind != licence.Mail || e.Why != "notice" {
			continue
		}
		if !e.Sending.IsZero() {
			// It has been handed over: what it says is being said.
			delete(ready, e.Address)
			continue
		}
		if same(e.About, ready[e.Address]) {
			delete(ready, e.Address)
			continue
		}
		if !m.owes(1) {
			delete(ready, e.Address) // what it says is renewed by the next commit
			continue
		}
		m.c.Drop = append(m.c.Drop, e.ID)
	}
	for _, address := range licence.SortedKeys(ready) {
		abouts := ready[address]
		m.add(licence.Effect{Kind: licence.Mail, Ripe: m.now, To: abouts[0].To, Address: address, About: abouts, Why: "notice"})
	}
}

func same(a, b []licence.About) bool {
	return slices.EqualFunc(a, b, func(x, y licence.About) bool {
		return x.Fingerprint == y.Fingerprint && x.To == y.To && x.Rank == y.Rank
	})
}

// mailDone enters a mail that went, or became a draft.
func (m *settling) mailDone(d licence.Result) {
	e := d.Effect
	if d.Outcome == "failed" {
		return
	}
	if len(d.Looked) > 0 {
		for _, id := range d.Looked {
			drop(m, &m.h.Skipped, id)
		}
		for _, id := range d.Skipped {
			put(m, &m.h.Skipped, id, d.At)
		}
	}
	if strings.HasPrefix(d.Outcome, "mail-") {
		// Nothing goes to this customer now: what it said was not said, and is owed anew if that changes.
		m.h.Mailed = slices.DeleteFunc(m.mailed(), func(x licence.Mailed) bool { return e.Draft != "" && x.Mail == e.Draft })
		return
	}
	if d.Outcome == "sent" {
		m.took(d)
	}
	if e.Draft != "" {
		m.draftDone(d)
		return
	}
	if d.Outcome == "nobody" || d.Outcome == "dropped" {
		if e.Why == "notice" {
			put(m, &m.h.Nobody, e.To, m.now)
		}
		return
	}
	draft := ""
	if d.Outcome != "sent" && d.Outcome != "uncertain" {
		draft = d.Outcome // review or flood
	}
	zone := m.cal.Zone
	why := e.Why
	if why == "notice" {
		why = ""
	}
	if len(e.About) == 0 {
		// Of a solved mail or a link only the day counts: one mail a day.
		m.h.Mailed = append(m.mailed(), licence.Mailed{Mail: d.Mail, To: e.To, Address: d.Address, At: d.At, Day: licence.DateOf(d.At, zone), Draft: draft, Why: why, Solved: e.Solved})
	}
	for _, a := range e.About {
		m.h.Mailed = append(m.mailed(), licence.Mailed{
			Mail: d.Mail, Fingerprint: a.Fingerprint, To: a.To, Address: d.Address, Rank: a.Rank, Uncertain: d.Outcome == "uncertain", At: d.At, Day: licence.DateOf(d.At, zone), Draft: draft, Why: why, Solved: e.Solved,
		})
		if draft == "" {
			m.follow(d, a)
		}
	}
}

// follow lets an episode with the recipient wait for the verify of what was mailed.
func (m *settling) follow(d licence.Result, a licence.About) {
	ep := m.h.Episodes[d.Address]
	if ep == nil {
		ep = &licence.Episode{To: a.To, Began: d.At, Thread: d.Mail, Case: licence.Case(a.Fingerprint)}
		m.h.Episodes[d.Address] = ep
	}
	goOn(&ep.Mails, d)
	if ep.Waits == nil {
		ep.Waits = map[string]licence.Verify{}
	}
	v := a.Verify
	v.Since = d.At
	if old, ok := ep.Waits[a.Fingerprint]; ok {
		v.Expires, v.Thanked = old.Expires, old.Thanked // as first mailed in this episode
	}
	if v.Kind != "" {
		ep.Waits[a.Fingerprint] = v
	}
}

// links owes the mail with a link that somebody asked for, to each whom one is for.
func (m *settling) links() {
	if old := m.s.Known.Profile.Asked; old.Told() && old.After(m.h.Asked) {
		if m.now.Sub(old.At) > licence.Day || !m.mayMail() || m.wished(licence.Effect{To: licence.Role(old.Value.To), Why: "link"}) {
			m.h.Asked = old.Stamp
		}
	}
	for _, of := range licence.SortedKeys(m.s.Known.Profile.Links) {
		wish := m.s.Known.Profile.Links[of]
		if !wish.After(m.h.Linked[of]) {
			continue
		}
		if m.now.Sub(wish.At) <= licence.Day && m.mayMail() && !m.wished(licence.Effect{To: wish.Value.Role, Contact: wish.Value.To, Why: "link"}) {
			continue
		}
		put(m, &m.h.Linked, of, wish.Stamp) // it is on its way, nobody waits for it any more, or nothing goes to this customer
	}
	for of := range m.h.Linked {
		if _, ok := m.s.Known.Profile.Links[of]; !ok {
			drop(m, &m.h.Linked, of)
		}
	}
}

// goOn adds a mail that went, or may have gone.
func goOn(t *licence.Thread, d licence.Result) {
	t.At = d.At
	if d.MessageID != "" && (t.First == "" || t.Unsure) {
		t.First, t.Unsure = d.MessageID, d.Outcome == "uncertain"
	}
}
