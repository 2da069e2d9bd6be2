package licence

import (
	"slices"
	"time"
)

// Where another account pays, this one owes it a fact: what it is asked to pay, and later that
// it is no longer. The mail is the payer's own: by its setting, to its contact, among its mails.

// An Ask is what was told to the account that pays for a finding.
type Ask struct {
	Payer  string       `json:"payer"`
	Told   PaymentAsked `json:"told,omitzero"`   // as last told; without a Time: nothing was
	At     time.Time    `json:"at,omitzero"`     // of the latest reminder
	Nobody time.Time    `json:"nobody,omitzero"` // when nobody was found there who pays
}

// key is by what an account that pays tells one thing that it is asked for from others.
func (p PaymentAsked) key() string { return p.Code + "\n" + p.For + "\n" + p.Invoice }

// asks owes to each account that pays for this one what it is to know of the findings.
func (m *settling) asks() {
	standing := map[string]bool{}
	for _, f := range m.d.Findings {
		fp := f.Fingerprint
		have := m.h.Asks[fp]
		payer, _ := f.Args["payer"].(string)
		standing[fp] = payer != "" && payer == have.Payer && m.mayMail() && (f.State == "open" || f.State == "waiting") && !m.silenced(f)
		if !standing[fp] && (payer == "" || f.State != "open" || !m.mayMail() || m.silenced(f)) {
			continue
		}
		if have.Payer != payer {
			if standing[fp] = true; !m.unask(fp) {
				continue
			}
			have = Ask{Payer: payer}
		}
		told := m.asked(f, have)
		if told.Time > have.Told.Time {
			have.At = m.now
		}
		if told.Time == 0 || told.same(have.Told) {
			continue
		}
		if have.Told = told; m.ask(fp, payer, told) {
			m.h.Asks[fp] = have
		}
	}
	for _, fp := range sortedKeys(m.h.Asks) {
		if !standing[fp] {
			m.unask(fp)
		}
	}
}

// asked is what the account that pays is to know of a finding now. A further reminder of an open
// one is due as its tell says, and goes after a fresh read of the licence that waits.
func (m *settling) asked(f Finding, have Ask) PaymentAsked {
	text := func(name string) string { s, _ := f.Args[name].(string); return s }
	date := func(name string) Date { d, _ := f.Args[name].(Date); return d }
	out := PaymentAsked{
		Code: f.Code, For: m.s.Account, Name: m.r.A.Name, Invoice: f.Subject.ID, Number: text("number"), Amount: text("amount"),
		Currency: text("currency"), URL: text("url"), Reference: text("reference"), Due: date("due"), Expires: date("expires"),
		Say: f.Say, Severity: f.Severity, ActBy: f.Deadline.ActBy, Stops: f.Deadline.At,
		Rests: f.WaitingFor, Until: f.Until, At: m.now, Time: have.Told.Time,
	}
	v := m.verdicts[f.Fingerprint]
	for _, t := range v.Tell {
		if t.Account == "" || f.State != "open" || out.Time >= t.Max {
			continue
		}
		at := latest(m.noticed(f.Fingerprint).Add(Quarter), t.From)
		switch {
		case out.Time > 0:
			at = latest(at, have.At.Add(t.Gap))
		case !have.Nobody.IsZero():
			at = latest(at, have.Nobody.Add(day)) // somebody may pay there by now
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

// same tells whether two askings say the same, at whatever instant.
func (p PaymentAsked) same(o PaymentAsked) bool {
	until := p.Until.Equal(o.Until)
	p.At, o.At, p.Until, o.Until = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	return until && p == o
}

// unask tells an account that it is no longer asked, and whether because it is paid. False: this
// commit may owe no more.
func (m *settling) unask(fp string) bool {
	have := m.h.Asks[fp]
	if over := have.Told; over.Time > 0 { // else nothing was told there
		over.At, over.Over = m.now, "gone"
		if b := m.r.bill(over.Invoice); b != nil && b.money == paid {
			over.Over = "paid"
		}
		if !m.ask(fp, have.Payer, over) {
			return false
		}
	}
	delete(m.h.Asks, fp)
	return true
}

func (m *settling) ask(fp, payer string, p PaymentAsked) bool {
	return m.add(Effect{Kind: AskPayer, Ripe: m.now, Account: payer, Asked: &p, About: []About{{Fingerprint: fp}}})
}

// askDone notes whether somebody is there who pays.
func (m *settling) askDone(d Done) {
	fp := d.Effect.About[0].Fingerprint
	have, ok := m.h.Asks[fp]
	switch {
	case !ok || have.Payer != d.Effect.Account:
	case d.Outcome == "nobody":
		m.h.Asks[fp] = Ask{Payer: have.Payer, Nobody: d.At}
	case d.Outcome == "done":
		have.Nobody = time.Time{}
		m.h.Asks[fp] = have
	}
}

// Pays tells whether an account has a billing contact of its own who can be asked to pay.
func Pays(s State, now time.Time) bool {
	r := NewReading(s, now, now)
	return slices.ContainsFunc(r.A.Contacts, func(c Contact) bool { return c.Role == Billing && r.there(c) })
}

// asked are the invoices of other accounts that this one is asked to pay.
func (r *Reading) asked(code string) []Verdict {
	var out []Verdict
	for _, key := range sortedKeys(r.K.Invoices.Asked) {
		told := r.K.Invoices.Asked[key]
		p := told.Value
		if p.Over != "" || p.Code != code {
			continue
		}
		v := Verdict{
			Subject: Subject{Kind: "invoice", ID: p.For + "/" + p.Invoice}, Answer: Holds, Say: p.Say + "-for", Owner: Billing, Severity: p.Severity,
			Args: map[string]any{
				"for": p.For, "invoice": p.Invoice, "account": p.Name, "number": p.Number, "amount": p.Amount, "currency": p.Currency,
				"due": p.Due, "expires": p.Expires, "url": p.URL, "reference": p.Reference,
			},
			Evidence: []Evidence{{"remaining", p.Amount + " " + p.Currency, told.Source, told.At, ""}},
			Deadline: Deadline{ActBy: p.ActBy, At: p.Stops, Consequence: "lapse"},
			Remedies: payRemedies(p.Say), Verify: Verify{Kind: "asked", Invoice: key}, Apart: true,
			Tell: []Tell{{To: Billing, Rank: p.Time}},
		}
		if p.Rests != "" {
			v.Waits = []Wait{{For: p.Rests, Until: p.Until}}
		}
		out = append(out, v)
	}
	return out
}
