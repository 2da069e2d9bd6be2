package page

import (
	"cmp"
	"strings"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// A card is one finding on the page.
type card struct {
	words.Finding
	Badge   string
	Bar     *bar
	First   *words.Remedy
	Others  []words.Remedy
	Holders []row
	More    string
	Ask     bool // two buttons: which number is right
	Pay     bool // a form: paid already
	Exits   bool
	Acts    bool // it is the reader's, who may have done it, or let a colleague do it
	Page    *pageModel
	Load    bool   // a file was to be loaded, and nobody can read the licence
	Who     string // somebody is on it, and since when
	Back    string // it had ended, and has come back
	Go      string // the page on which it is done, below the base; "": none
	GoText  string
	Begun   bool
	Short   bool   // fewer are chosen than have to go
	Leads   bool   // its deadline and its button stand on top of the page
	Tops    bool   // its deadline and the link at which it is paid stand there, and all else below
	Ours    string // our own people have it, under which number, and with what
}

// A row is one holder.
type row struct {
	User, Name, Reason string
	Blocked            []blocked
}

type blocked struct{ What, Cure string }

func (m *pageModel) card(f words.Finding) card {
	c := card{Finding: f, Page: m}
	c.Badge = m.Say(nil, "page.badge."+string(f.State), "page.badge.open")
	if f.State == licence.Open {
		c.Badge = m.Say(nil, "page.badge."+string(f.Owner), "page.badge.open")
		if f.Mine {
			c.Badge = m.Say(nil, "page.badge.mine")
		}
	}
	for i, b := range m.Bars {
		if b.Subject == f.Subject {
			b.Reduced = reduced(f)
			x := m.bar(b, i)
			c.Bar = &x
		}
	}
	if f.Mine && len(f.Remedies) > 0 {
		c.First = &f.Remedies[0]
		for _, r := range f.Remedies[1:] {
			// What is said with a button waits for the session; paying has a form of its own.
			if m.Session != nil && r.ID != "claim" || r.ID == "move" || r.ID == "order" || r.ID == "free-activate-give" || r.ID == "load-file" {
				c.Others = append(c.Others, r)
			}
		}
	}
	if f.Code == licence.OrderDiffers {
		c.First, c.Others = nil, nil
	}
	m.begun(&c)
	if !m.Reads { // no button of this page reads anything: it asks instead, under one name or another
		for n, r := range f.Remedies {
			var steps []string
			for _, step := range r.Steps {
				steps = append(steps, strings.ReplaceAll(step, m.T("screen.press"), m.T("screen.tell")))
			}
			f.Remedies[n].Steps = steps
		}
	}
	o := offersOf(m.View, f, m.Reads)
	c.Load = o.Loaded
	s := m.Session
	if s == nil {
		return c
	}
	c.Ask, c.Pay, c.Exits, c.Acts = o.May("numbers-right"), o.Paid, o.May("not-right"), o.Colleague
	for _, seats := range s.Seats {
		if seats.Fingerprint != f.Fingerprint {
			continue
		}
		for _, h := range seats.Holders {
			c.Holders = append(c.Holders, m.row(h))
		}
		if seats.More > 0 {
			c.More = m.Say(words.Args{"more": seats.More}, "page.more")
		}
	}
	return c
}

// begun says who is on it, and where it is done.
func (m *pageModel) begun(c *card) {
	b, ok := m.Begun[c.Fingerprint]
	a := words.Args{"by": b.By, "at": b.At, "ended": c.Ended}
	if b.Of > 0 {
		a["done"], a["of"] = b.Done, b.Of
	}
	c.Short = b.Of > 0 && b.Of-b.Done < c.Need
	switch c.Begun = b.Of > 0; {
	case ok && b.Mine:
		c.Who = m.Say(a, "page.begun.mine")
	case ok && m.Session == nil:
		c.Who = m.Say(a, "page.begun.somebody") // names wait for the session
	case ok:
		c.Who = m.Say(a, "page.begun")
	}
	if !c.Ended.IsZero() && m.Now.Sub(c.Ended) < 60*24*time.Hour {
		c.Back = m.Say(a, "page.back-again")
	}
	if c.Owner.Operator() && c.State == licence.Open {
		c.Ours = m.Say(words.Args{"case": c.Case}, "page.ours")
	}
	if !c.Mine || m.View.Reader == licence.Billing {
		return
	}
	switch c.Code {
	case licence.Surplus, licence.PlanSwap:
		c.Go, c.GoText = "seats/"+c.Fingerprint, m.Say(nil, "page.go."+string(c.Code))
	case licence.NotActivated:
		if len(c.BlockedBy) == 0 {
			c.Go, c.GoText = "activate/"+c.Subject.CustID, m.Say(nil, "page.go.activate")
		}
	}
}

// PaidID is the name of the form in which it is said that the invoice is paid.
func (c card) PaidID() string { return "say-paid-" + c.Fingerprint }

// MainGo tells whether its button is the main one of the page.
func (c card) MainGo() bool { return c.Leads && c.Page.Main == "go" }

// Reduced is what a smaller order leaves of a plan now, where a finding says so; nil: none does.
func Reduced(v words.View, plan licence.Subject) *int {
	for _, f := range v.Findings {
		if n := reduced(f); f.Subject == plan && n != nil {
			return n
		}
	}
	return nil
}

// reduced is what a smaller order leaves, where it is that which makes a surplus.
func reduced(f words.Finding) *int {
	if f.Code != licence.Surplus || f.Starts == "" && f.Say != "c" && f.Say != "c-later" && f.Say != "c-suite" && f.Say != "c-later-suite" {
		return nil
	}
	for _, e := range f.Evidence {
		if n, ok := e.Value.(int); ok && e.Name == "ordered" {
			return &n
		}
	}
	return nil
}

// ExitsText names the ways out that the card has: what it does not have, its fold does not promise.
func (c card) ExitsText() string { return c.Page.exits(c.Acts && !c.Pay, c.Acts) }

// exits names ways out: it is done, it is wrong, a colleague does it.
func (m *pageModel) exits(done, colleague bool) string {
	out := m.T("exits.wrong")
	if done {
		out = m.T("exits.done") + " " + out
	}
	if colleague && m.Hands {
		out += " " + m.T("exits.colleague")
	}
	return out
}

// Unread tells whether nobody can read what the reader says is done: then the screen is asked for.
func (c card) Unread() bool {
	return !c.Page.Reads && c.Page.View.Reader != licence.Billing && c.Subject.CustID != ""
}

// row says why a holder stands where it stands, and what is in the way.
func (m *pageModel) row(h Holder) row {
	u := h.User
	a := words.Args{"since": licence.DateOf(u.LastActive, m.Zone), "created": u.Created}
	if !u.Created.IsZero() {
		a["created"] = licence.DateOf(u.Created, m.Zone)
	}
	reason := "active"
	switch {
	case !u.CanLogin:
		reason = "no-login"
	case u.Waiting:
		reason = "waiting"
	case u.Activity == "never" && !u.Created.IsZero() && u.Created.After(m.Now.Add(-licence.TooNew)):
		reason = "new"
	case u.Activity == "never":
		reason = "never"
	case u.Activity == "unknown" || u.LastActive.IsZero():
		reason = "unknown"
	case u.LastActive.Before(m.Now.Add(-licence.Idle)):
		reason = "idle"
	}
	out := row{User: u.ID, Name: u.Name, Reason: m.Say(a, "reason."+reason)}
	out.Name = cmp.Or(out.Name, u.Email)
	seen := map[string]bool{}
	for _, b := range h.Blockers {
		if !seen[b.Code] {
			seen[b.Code] = true
			a := words.Args{"count": b.Count, "until": u.LeaveUntil}
			out.Blocked = append(out.Blocked, blocked{m.Say(a, "blocker."+b.Code, "blocker."), m.Say(a, "cure."+b.Code, "cure.")})
		}
	}
	return out
}

// Answer is a form with one button that says something of the finding.
func (c card) Answer(value, text string) any {
	return struct{ Base, Fingerprint, Value, Text string }{c.Page.Base, c.Fingerprint, value, c.Page.T(text)}
}
