package licence

import (
	"maps"
	"slices"
)

// solved ends the episodes whose matters have come to their end. Each recipient who was mailed
// in one hears of it once; what ends without its verify ends in silence.
func (m *settling) solved() {
	for _, address := range slices.Sorted(maps.Keys(m.h.Episodes)) {
		ep := m.h.Episodes[address]
		for _, fp := range slices.Sorted(maps.Keys(ep.Waits)) {
			v := ep.Waits[fp]
			switch m.verified(fp, v) {
			case "yes":
				ep.Seen = append(ep.Seen, v)
				delete(ep.Waits, fp)
			case "never":
				delete(ep.Waits, fp)
			case "paid":
				if !v.Thanked && m.mayMail() {
					v.Thanked = true
					ep.Waits[fp] = v
					m.c.Add = append(m.c.Add, Effect{Kind: Mail, Ripe: m.now, To: ep.To, Address: address, Why: "thanks", Solved: []Verify{v}, About: []About{{Fingerprint: fp, To: ep.To}}})
				}
			}
		}
		if len(ep.Waits) > 0 {
			continue
		}
		delete(m.h.Episodes, address)
		if len(ep.Seen) > 0 && m.mayMail() {
			m.c.Add = append(m.c.Add, Effect{Kind: Mail, Ripe: m.now, To: ep.To, Address: address, Why: "solved", Solved: ep.Seen})
		}
	}
	for _, e := range m.pending() {
		if e.Kind == Mail && (e.Why == "solved" || e.Why == "thanks" || e.Why == "code") && e.Sending.IsZero() && !m.mayMail() {
			m.c.Drop = append(m.c.Drop, e.ID) // the customer hears nothing, not even that it is over
		}
	}
}

// verified judges one matter of an episode: "yes" it was seen to be over, "no" not yet,
// "never" it ended some other way, "paid" it is paid and the licence not longer yet.
func (m *settling) verified(fp string, v Verify) string {
	p := m.h.Findings[fp]
	stands := p != nil && p.Open
	s := m.siteOf(Subject{CustID: v.CustID})
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
		case m.totals(s, v):
			return "yes"
		}
		return "never"
	case "extended":
		in := m.s.Known.Invoices.of(v.Invoice)
		reached := longer
		if in != nil && in.Value.To != "" && s.ExpiresOn != "" {
			reached = s.ExpiresOn >= in.Value.To.Day(m.r.Cal.Zone) || longer && s.ExpiresOn.Add(Reach) >= in.Value.To.Day(m.r.Cal.Zone)
		}
		switch {
		case stands:
			return "no"
		case later && (s.Longer || reached):
			return "yes"
		case in != nil && in.Value.Status == "paid":
			return "paid"
		case in != nil && in.Value.Status == "void", !s.AtRisk:
			return "never"
		}
		return "no"
	}
	switch {
	case stands:
		return "no"
	case p != nil && p.Code == "wrong-installation":
		return "never" // nobody was warned there any more: that is silence, and no proof
	case later && longer:
		return "yes"
	case !s.AtRisk:
		return "never"
	}
	return "no"
}

// totals tells whether the licence in force has the numbers that were mailed.
func (m *settling) totals(s *Site, v Verify) bool {
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
