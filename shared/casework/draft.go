package casework

import (
	"cmp"
	"time"

	"seatmend/shared/licence"
)

// draftDone enters what became of a draft that a person decided on.
func (m *settling) draftDone(d licence.Result) {
	for i := range m.h.Mailed {
		if m.h.Mailed[i].Mail != d.Effect.Draft {
			continue
		}
		x := &m.mailed()[i]
		switch d.Outcome {
		case "sent", "uncertain":
			x.Draft, x.At, x.Address = "", d.At, d.Address
			x.Day = licence.DateOf(d.At, m.cal.Zone)
			for _, a := range d.Effect.About {
				if a.Fingerprint == x.Fingerprint {
					m.follow(d, a)
				}
			}
		default:
			x.Draft = "dropped"
		}
	}
}

// drafts throws away those whose findings have ended, and all of them once mail is on: what
// stands is then owed as if it had just opened.
func (m *settling) drafts() {
	alive := map[string]bool{}
	on := m.s.MailPolicy() == "on"
	for _, x := range m.h.Mailed {
		if x.Draft != "" && !x.Over && !(on && x.Draft == "review") {
			alive[x.Mail] = true
		}
	}
	var keep []licence.Mailed
	gone := map[string]bool{}
	for _, x := range m.h.Mailed {
		if (x.Draft == "review" || x.Draft == "flood") && !alive[x.Mail] && (gone[x.Mail] || m.owes(1)) {
			gone[x.Mail] = true
			continue
		}
		keep = append(keep, x)
	}
	if len(gone) > 0 {
		m.h.Mailed = keep
	}
	for _, id := range licence.SortedKeys(gone) {
		m.c.Rows = append(m.c.Rows, licence.Row{Kind: "mail", ID: id, Gone: true})
	}
}

// SendDrafts owes the sending, or the dropping, of drafts that a person decided on; id "": all.
// It tells how many it took, at most AtOnce: there may be more.
func SendDrafts(s licence.State, id string, send bool, now time.Time) (licence.Change, int) {
	m := newSettling(s, &licence.Change{}, now)
	m.read()
	byMail := map[string]licence.Effect{}
	for _, x := range m.h.Mailed {
		if x.Draft != "review" && x.Draft != "flood" || id != "" && x.Mail != id {
			continue
		}
		e, ok := byMail[x.Mail]
		if !ok {
			e = licence.Effect{Kind: licence.Mail, Ripe: now, To: x.To, Address: x.Address, Why: x.Why, Draft: x.Mail, Solved: x.Solved}
			e.Why = cmp.Or(e.Why, "draft")
			if !send {
				e.Why = "drop"
			}
		}
		if x.Fingerprint != "" {
			e.About = append(e.About, licence.About{Fingerprint: x.Fingerprint, To: x.To, Rank: x.Rank, Verify: m.verdict(x.Fingerprint).Verify})
		}
		byMail[x.Mail] = e
	}
	for _, e := range m.h.Pending {
		delete(byMail, e.Draft) // it is on its way already
	}
	c := licence.Change{Account: s.Account, N: s.N, Known: s.Known}
	for _, mail := range licence.SortedKeys(byMail) {
		if len(c.Add) < AtOnce {
			c.Add = append(c.Add, byMail[mail])
		}
	}
	n := len(c.Add)
	settle(&c, s, nil, now)
	return c, n
}
