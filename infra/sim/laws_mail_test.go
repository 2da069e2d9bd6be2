package sim

import (
	"context"
	"strings"
	"time"

	"seatmend/shared/casework"
	"seatmend/shared/diagnosis/lawtest"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// A flight is a mail from the commit that says it is about to go to the one that says it went.
type flight struct {
	state  licence.State
	effect licence.Effect
	barred map[string]bool // who was not to be mailed at any instant of it
}

// barred are the customer's people who must not be mailed now.
func (w *world) barred(s licence.State) map[string]bool {
	out := map[string]bool{}
	zone := s.Calendar().Zone
	for _, c := range s.Known.Profile.Account.Value.Contacts {
		gone := w.cannotLogIn(s, c)
		if gone || c.Left != "" && !c.Left.Start(zone).After(w.now()) {
			out[c.Email] = true
		}
	}
	return out
}

// cannotLogIn is judged by what was told, and only of whom we have read ourselves by what we know.
func (w *world) cannotLogIn(s licence.State, c licence.Contact) bool {
	for _, who := range w.plan.Who {
		if who.account() == s.Account && !who.Connected {
			return c.User != "" && w.lockedOut(who, c.User)
		}
	}
	gone, _ := effects.CannotLogIn(context.Background(), w.db, s, c, w.now())
	return gone
}

// lawMailed: no mail is handed over twice, and none to whom it must not go.
func (w *world) lawMailed(m mailed) {
	key := m.account + "/" + m.effect
	for _, of := range []string{key, "id " + m.ID} {
		if w.handed[of]++; w.handed[of] > 1 {
			w.fail("mail %s to %s was handed over %d times", of, m.To, w.handed[of])
		}
	}
	w.lawNames(m.account, "a mail", m.Subject+"\n"+m.Text)
	f := w.flying[key]
	if f == nil {
		w.fail("mail %s to %s goes, and nobody has written down that it is about to", key, m.To)
		return
	}
	delete(w.flying, key)
	if f.effect.Kind != licence.Mail {
		return
	}
	w.saw("a customer was mailed")
	if n := strings.Count(m.Text, "Bruker "); n > 3 {
		w.fail("N7: a mail of %s has the names of %d people", m.account, n)
	}
	f.state.Settings.Mail = "on"
	if policy := f.state.MailPolicy(); policy == "off" || policy == "operator" || policy == "review" && f.effect.Draft == "" && f.effect.Why != "code" {
		w.fail("N10: mail is %s, and %s of %s goes to %s", policy, f.effect.Why, m.account, m.To)
	}
	if u := f.state.History.Unsent[strings.ToLower(m.To)]; f.effect.Why == "notice" && u.Final && u.Bars(f.effect.Sending) {
		w.fail("%s is mailed by %s, and mails to it came back", m.To, m.account)
	}
	if f.barred[m.To] {
		w.fail("N7: %s was mailed by %s, and has left or cannot log in", m.To, m.account)
	}
	w.lawTold(f, m)
	day := m.To + " " + f.effect.Sending.In(f.state.Calendar().Zone).Format(time.DateOnly)
	if f.effect.Why == "link" {
		if w.asked[day]++; w.asked[day] > casework.LinksADay {
			w.fail("N9: %d links were mailed because somebody asked, %s", w.asked[day], day)
		}
	}
	if f.effect.Why != "notice" {
		return
	}
	if other := w.told[day]; other != "" {
		w.fail("N9: %s by %s and %s", day, other, key)
	}
	w.told[day] = key
	hour := f.effect.Sending.UTC().Format("2006-01-02T15")
	if f.state.History.Episodes[m.To] != nil {
		w.saw("a reminder went")
	} else {
		if w.firsts[hour]++; w.firsts[hour] > firstMails {
			w.fail("N9: %d first mails in the hour %s", w.firsts[hour], hour)
		}
	}
}

// lawTold: what a mail tells is so: nobody is reminded of what is over, paid or answered, told of money that is not
// the reader's, or led to activate what differs (N1, N3, N6, N8); and nothing is called solved without proof (N5).
func (w *world) lawTold(f *flight, m mailed) {
	s := f.state
	s.Settings = w.rules
	l, broken := lawtest.Seen(s, f.effect.Sending), ""
	switch f.effect.Why {
	case "notice":
		broken = l.Notice(m.To, f.effect.About)
	case "solved":
		w.saw("a solution was told")
		facts := w.facts(m.account)
		for _, v := range f.effect.Solved {
			if broken == "" {
				broken = l.Proven(v, facts)
			}
		}
	}
	if broken != "" {
		w.fail("%s: %s", m.account, broken)
	}
}

// lawNames: what one customer's people see names no other customer (N4).
func (w *world) lawNames(account, what, text string) {
	for _, c := range w.plan.Who {
		if account != "" && c.account() != account && account != store.Operations && strings.Contains(text, c.name()) {
			w.fail("N4: %s of %s names %s", what, account, c.name())
		}
	}
}
