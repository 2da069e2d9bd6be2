package casework

import (
	"maps"
	"slices"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// solved ends the episodes whose matters have all come to their end. What was seen to be over
// is judged again until then, so that *solved* is said only of what still is: an installation
// that renewed while another was waited for may have a new offer by now. Each recipient who was
// mailed in an episode hears of its end once; what ends without its verify ends in silence.
func (m *settling) solved() {
	m.takeBack()
	for _, address := range slices.Sorted(maps.Keys(m.h.Episodes)) {
		ep := m.h.Episodes[address]
		goesOn := false
		var over []licence.Verify
		for _, v := range ep.Seen { // of an episode that an earlier version began
			if m.verified(v) == "yes" {
				over = append(over, v)
			}
		}
		for _, fp := range slices.Sorted(maps.Keys(ep.Waits)) {
			v := ep.Waits[fp]
			v.Finding = fp
			switch m.verified(v) {
			case "yes":
				v.Seen = true
				ep.Waits[fp] = v
				over = append(over, v)
			case "never":
				delete(ep.Waits, fp)
			case "paid":
				goesOn = true
				if v.Thanked || !m.mayMail() {
					break
				}
				v.Thanked = true
				if m.add(licence.Effect{Kind: licence.Mail, Ripe: m.now, To: ep.To, Address: address, Why: "thanks", Solved: []licence.Verify{v}, About: []licence.About{{Fingerprint: fp, To: ep.To}}}) {
					ep.Waits[fp] = v
				}
			default:
				goesOn = true
			}
		}
		if goesOn {
			continue
		}
		if len(over) == 0 || !m.mayMail() || m.add(licence.Effect{Kind: licence.Mail, Ripe: m.now, To: ep.To, Address: address, Why: "solved", Solved: over, Thread: ep.Mails.First, Code: ep.Case}) {
			delete(m.h.Episodes, address)
		}
	}
	for e := range m.pending() {
		if e.Kind == licence.Mail && (e.Why == "solved" || e.Why == "thanks" || e.Why == "code") && e.Sending.IsZero() && !m.mayMail() && m.owes(1) {
			m.c.Drop = append(m.c.Drop, e.ID) // the customer hears nothing, not even that it is over
		}
	}
}

// takeBack takes back each *solved* that has not gone yet, or lies as a draft, and is true no
// more. Its episode goes on.
func (m *settling) takeBack() {
	untrue := func(e licence.Effect) bool {
		if e.Kind != licence.Mail || e.Why != "solved" || !e.Sending.IsZero() || m.over(e.Solved) {
			return false
		}
		if ep := m.goesOn(e.Address, e.To, e.Solved); ep.Mails.First == "" {
			ep.Mails.First = e.Thread
			ep.Case = e.Code
		}
		return true
	}
	m.c.Add = slices.DeleteFunc(m.c.Add, untrue) // one that failed, and would be tried again
	for e := range m.pending() {
		if untrue(e) {
			m.c.Drop = append(m.c.Drop, e.ID)
		}
	}
	for i := range m.h.Mailed {
		x := &m.h.Mailed[i]
		if x.Why == "solved" && (x.Draft == "review" || x.Draft == "flood") && !x.Over && !m.over(x.Solved) {
			m.mailed()[i].Over = true
			m.goesOn(x.Address, x.To, x.Solved)
		}
	}
}

// over tells whether every matter of a *solved* is still seen to be over.
func (m *settling) over(all []licence.Verify) bool {
	return !slices.ContainsFunc(all, func(v licence.Verify) bool { return m.verified(v) != "yes" })
}

// goesOn lets the conversation with a recipient wait again for what it called solved.
func (m *settling) goesOn(address string, to licence.Role, all []licence.Verify) *licence.Episode {
	ep := m.h.Episodes[address]
	if ep == nil {
		ep = &licence.Episode{To: to, Began: m.now, Waits: map[string]licence.Verify{}}
		m.h.Episodes[address] = ep
	}
	for _, v := range all {
		if _, mailed := ep.Waits[v.Finding]; !mailed {
			ep.Waits[v.Finding] = v
		}
	}
	return ep
}

// verified judges one matter of an episode: "yes" it was seen to be over, "no" not yet,
// "never" it ended some other way, "paid" it is paid and the licence not longer yet.
func (m *settling) verified(v licence.Verify) string {
	p := m.h.Findings[v.Finding]
	stands := p != nil && p.Open
	if v.Kind == "asked" {
		switch told := m.s.Known.Invoices.Asked[v.Invoice].Value; {
		case stands:
			return "no"
		case told.Over == "paid" && !v.Thanked:
			return "paid"
		}
		return "never" // what comes of it is the other account's
	}
	s := m.siteOf(licence.Subject{CustID: v.CustID})
	if s == nil {
		return "never"
	}
	later := s.Told && s.ReadAt.After(v.Since)
	longer := v.Expires == "" || s.ExpiresOn > v.Expires
	switch v.Kind {
	case "activated":
		switch {
		case !later || s.L.Offered || stands || !longer:
			return "no" // what was mailed of a reduction is over with the next licence too
		case v.Seen || m.totals(s, v):
			return "yes"
		}
		return "never"
	case "extended":
		b := m.r.Bill(v.Invoice)
		reached := longer
		if b != nil && b.To != "" && s.ExpiresOn != "" {
			reached = s.ExpiresOn >= b.To || longer && s.ExpiresOn.Add(licence.Reach) >= b.To
		}
		switch {
		case stands:
			return "no"
		case later && (s.Longer || reached):
			return "yes"
		case b != nil && b.Money == licence.Paid:
			return "paid"
		case b != nil && b.Money == licence.Void, !s.AtRisk:
			return "never"
		}
		return "no"
	}
	switch {
	case stands:
		return "no"
	case p != nil && p.Code == licence.WrongInstallation:
		return "never" // nobody was warned there any more: that is silence, and no proof
	case later && longer:
		return "yes"
	case !s.AtRisk:
		return "never"
	}
	return "no"
}

// totals tells whether the licence in force has the numbers that were mailed.
func (m *settling) totals(s *diagnosis.Installation, v licence.Verify) bool {
	for key, n := range v.Totals {
		have := 0
		for _, mod := range s.Modules {
			if mod.Key == key {
				have = mod.T.N
			}
		}
		if have != n {
			return false
		}
	}
	return true
}
