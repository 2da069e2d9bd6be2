package casework

import (
	"slices"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// asks owes to each account that pays for this one what it is to know of the findings.
func (m *settling) asks() {
	standing := map[string]bool{}
	for _, f := range m.d.Findings {
		fp := f.Fingerprint
		have := m.h.Asks[fp]
		payer, _ := f.Args["payer"].(string)
		standing[fp] = payer != "" && payer == have.Payer && m.mayMail() && (f.State == licence.Open || f.State == licence.Waiting) && !m.silenced(f)
		if !standing[fp] && (payer == "" || f.State != licence.Open || !m.mayMail() || m.silenced(f)) {
			continue
		}
		if have.Payer != payer {
			if standing[fp] = true; !m.unask(fp) {
				continue
			}
			have = licence.Ask{Payer: payer}
		}
		told := m.asked(f, have)
		if told.Time > have.Told.Time {
			have.At = m.now
		}
		if told.Time == 0 || told.Same(have.Told) {
			continue
		}
		if have.Told = told; m.ask(fp, payer, told) {
			put(m, &m.h.Asks, fp, have)
		}
	}
	for _, fp := range licence.SortedKeys(m.h.Asks) {
		if !standing[fp] {
			m.unask(fp)
		}
	}
}

// asked is what the account that pays is to know of a finding now. A further reminder of an open
// one is due as its tell says, and goes after a fresh read of the licence that waits.
func (m *settling) asked(f diagnosis.Finding, have licence.Ask) licence.PaymentAsked {
	text := func(name string) string { s, _ := f.Args[name].(string); return s }
	date := func(name string) licence.Date { d, _ := f.Args[name].(licence.Date); return d }
	out := licence.PaymentAsked{
		Code: f.Code, For: m.s.Account, Name: m.r.A.Name, Invoice: f.Subject.ID, Number: text("number"), Amount: text("amount"),
		Currency: text("currency"), URL: text("url"), Reference: text("reference"), Due: date("due"), Expires: date("expires"),
		Say: f.Say, Severity: f.Severity, ActBy: f.Deadline.ActBy, Stops: f.Deadline.At,
		Rests: f.WaitingFor, Until: f.Until, At: m.now, Time: have.Told.Time,
	}
	v := m.verdict(f.Fingerprint)
	for _, t := range v.Tell {
		if t.Account == "" || f.State != licence.Open || out.Time >= t.Max {
			continue
		}
		at := licence.Latest(m.noticed(f.Fingerprint).Add(licence.Quarter), t.From)
		switch {
		case out.Time > 0:
			at = licence.Latest(at, have.At.Add(t.Gap))
		case !have.Nobody.IsZero():
			at = licence.Latest(at, have.Nobody.Add(licence.Day)) // somebody may pay there by now
		}
		if at.After(m.now) {
			m.due = append(m.due, at)
		} else if why := m.unread(f, v); why == "" {
			out.Time++
		} else if why == "read" {
			m.owe(m.siteFor(f.Subject, v), false, m.now)
		}
	}
	return out
}

// noticed is when a finding was; one that is not remembered is noticed now.
func (m *settling) noticed(fp string) time.Time {
	if p := m.h.Findings[fp]; p != nil {
		return p.Noticed
	}
	return m.now
}

// unask tells an account that it is no longer asked, and whether because it is paid. False: this
// commit may owe no more.
func (m *settling) unask(fp string) bool {
	have := m.h.Asks[fp]
	if over := have.Told; over.Time > 0 { // else nothing was told there
		over.At, over.Over = m.now, "gone"
		if b := m.r.Bill(over.Invoice); b != nil && b.Money == licence.Paid {
			over.Over = "paid"
		}
		if !m.ask(fp, have.Payer, over) {
			return false
		}
	}
	drop(m, &m.h.Asks, fp)
	return true
}

func (m *settling) ask(fp, payer string, p licence.PaymentAsked) bool {
	return m.add(licence.Effect{Kind: licence.AskPayer, Ripe: m.now, Account: payer, Asked: &p, About: []licence.About{{Fingerprint: fp}}})
}

// askDone notes whether somebody is there who pays.
func (m *settling) askDone(d licence.Result) {
	fp := d.Effect.About[0].Fingerprint
	have, ok := m.h.Asks[fp]
	switch {
	case !ok || have.Payer != d.Effect.Account:
	case d.Outcome == "nobody":
		put(m, &m.h.Asks, fp, licence.Ask{Payer: have.Payer, Nobody: d.At})
	case d.Outcome == "done":
		have.Nobody = time.Time{}
		put(m, &m.h.Asks, fp, have)
	}
}

// Pays tells whether an account has a billing contact of its own who can be asked to pay.
func Pays(s licence.State, now time.Time) bool {
	r := diagnosis.NewReading(s, now, now)
	return slices.ContainsFunc(r.A.Contacts, func(c licence.Contact) bool { return c.Role == licence.Billing && r.There(c) })
}
