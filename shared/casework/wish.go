package casework

import (
	"time"

	"seatmend/shared/licence"
)

// LinksADay is how many links a person is mailed on one civil day because somebody asked for them,
// whoever it was.
const LinksADay = 3

// LinksAsked counts the mails with a link that somebody asked for, and that went to the address, or
// became drafts for it, on the civil day of an instant; "": to any address, drafts aside.
func LinksAsked(s licence.State, address string, now time.Time) (n int) {
	today := licence.DateOf(now, s.Calendar().Zone)
	for _, m := range s.History.Mailed {
		if m.Why == "link" && m.Day == today && (m.Address == address || address == "" && m.Draft == "") {
			n++
		}
	}
	return n
}

// wished owes a mail that somebody asked for, if this commit may still take it. One that is owed
// already and has not begun is that mail: what it brings is made when it goes.
func (m *settling) wished(e licence.Effect) bool {
	comes := func(x licence.Effect) bool {
		return x.Kind == licence.Mail && x.Why == e.Why && x.Draft == "" && x.To == e.To && x.Contact == e.Contact && x.By == e.By && x.Sending.IsZero() && !x.Ripe.After(m.now)
	}
	e.Kind, e.Ripe = licence.Mail, m.now
	return m.pends(comes) || m.add(e)
}
