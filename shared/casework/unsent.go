package casework

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"seatmend/shared/licence"
)

// How a mail is tried again that a mail server did not take.
const (
	backoffFrom = 5 * time.Minute  // and twice as long after each try,
	backoffTo   = 4 * time.Hour    // up to this
	givenUp     = 2 * licence.Day  // of being put off count as being refused
	refusedFor  = 30 * licence.Day // an address that was refused is left alone
	oursFor     = time.Hour        // of being put off by our own mail server, until ops hear of it
)

// unsentKey is under what it is remembered to whom a mail was to go: a desk by its name.
func unsentKey(d licence.Result) string {
	switch d.Effect.Kind {
	case licence.TaskSent, licence.DeskList, licence.Forward:
		return string(d.Effect.To)
	}
	return strings.ToLower(d.Address)
}

// refused enters that a mail server did not take a mail, and tells whether and when that very
// mail is tried again. A notice is decided anew: it may go to another contact, or not at all.
func (m *settling) refused(d licence.Result) (at time.Time, again bool) {
	e, key := d.Effect, unsentKey(d)
	if key == "" {
		return d.Retry, true // a code: it is good for minutes
	}
	u := m.h.Unsent[key]
	if d.At.Sub(u.At) > licence.Day {
		u = licence.Unsent{Since: d.At}
	}
	u.To, u.Why, u.About, u.At, u.Tries = cmp.Or(e.To, d.Role), e.Why, e.About[:min(len(e.About), maxSpoken)], d.At, u.Tries+1
	u.Final, u.Ours, u.Said = d.Refused.Final, d.Refused.Ours, d.Refused.Said
	if !u.Ours && d.At.Sub(u.Since) >= givenUp {
		u.Final = true
	}
	u.Next = m.now.Add(min(backoffFrom<<min(u.Tries-1, 8), backoffTo))
	if u.Final && !u.Ours {
		u.Next = m.now.Add(refusedFor)
	}
	put(m, &m.h.Unsent, key, u)
	switch {
	case e.Why == "notice":
		return time.Time{}, false
	case e.Kind == licence.Forward: // it may lie nowhere else that the operator reads
		return licence.Earliest(u.Next, m.now.Add(licence.Day)), true
	case !u.Bars(m.now), e.Kind == licence.DeskList:
		return u.Next, true
	}
	return m.now, e.Why == "draft" // whoever sent it may have it go to the next contact
}

// took enters that a mail server took a mail.
func (m *settling) took(d licence.Result) { drop(m, &m.h.Unsent, unsentKey(d)) }

// unsent forgets what is over: addresses that the directory has no more, refusals that are old,
// and mails that were put off and are owed no more. The fleet hears when our own mail server
// refuses us for good, or has put us off for an hour, and when that ends.
func (m *settling) unsent() {
	ours := false
	for _, key := range licence.SortedKeys(m.h.Unsent) {
		u := m.h.Unsent[key]
		_, known := m.addressed(key)
		switch {
		case !known, !u.Ends().After(m.now):
			drop(m, &m.h.Unsent, key)
		case u.Final:
			m.due = append(m.due, u.Ends())
			ours = ours || u.Ours
		case u.Ours:
			ours = ours || u.At.Sub(u.Since) >= oursFor
		}
	}
	if ours != m.h.Barred {
		why := "closed"
		if ours {
			why = "opened"
		}
		if m.add(licence.Effect{Kind: licence.Incident, Ripe: m.now, Why: why, Code: string(licence.MailRefused), Source: "mail"}) {
			m.h.Barred = ours
		}
	}
}

// addressed is whom an entry of Unsent is about.
func (m *settling) addressed(key string) (licence.Subject, bool) {
	if licence.Role(key).Operator() {
		return licence.Subject{Kind: "desk", ID: key}, true
	}
	for _, c := range m.r.A.Contacts {
		if strings.EqualFold(c.Email, key) {
			return licence.Subject{Kind: "contact", ID: c.ID}, true
		}
	}
	return licence.Subject{}, false
}

// unsentNotices are the mails that a server refused, and those that it put off and that are not
// notices: of notices that wait, each tells itself.
func (m *settling) unsentNotices(owed []Notice) []Notice {
	var out []Notice
	for _, address := range licence.SortedKeys(m.h.Unsent) {
		u := m.h.Unsent[address]
		if _, known := m.addressed(address); !known || u.To.Operator() || !u.Final && u.Why == "notice" {
			continue
		}
		abouts := u.About
		if len(abouts) == 0 {
			abouts = []licence.About{{To: u.To}}
		}
		for _, a := range abouts {
			listed := slices.ContainsFunc(owed, func(n Notice) bool {
				return n.About.Fingerprint == a.Fingerprint && strings.EqualFold(n.Address, address) && n.Why == u.Reason()
			})
			if listed {
				continue
			}
			n := Notice{About: a, Address: address, At: u.Next, Why: u.Reason()}
			if p := m.h.Findings[a.Fingerprint]; p != nil {
				n.Code = p.Code
			}
			out = append(out, n)
		}
	}
	return out
}
