package casework

import (
	"maps"
	"slices"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// CodeLife is how long a mailed code proves anything.
const CodeLife = 10 * time.Minute

// MayActivate tells whether the new licence of an installation may be activated through us
// now, as the offer that was shown: it is granted, it fits, and nobody disputes its numbers.
func MayActivate(s licence.State, custID, offer string, now time.Time) bool {
	in := s.Known.Inst(custID)
	if in.Can.Value == nil || !slices.Contains(*in.Can.Value, "activate") || in.Report.Value.Offer() != offer || offer == "" {
		return false
	}
	for _, f := range diagnosis.Diagnose(s, now, now).Findings {
		if f.Code == licence.NotActivated && licence.Lower(f.Subject.CustID) == in.CustID {
			return f.Leads()
		}
	}
	return false
}

// MayExchange tells whether the new licence might be activated through us once so much is given up: what stands
// against it besides, such as another plan with too many users, would leave people without a plan.
func MayExchange(s licence.State, custID string, gone []licence.Pick, now time.Time) bool {
	picks := slices.Clone(gone)
	for i := range picks {
		picks[i].To = "" // it comes later
	}
	s = diagnosis.WhatIf(s, custID, picks)
	l := &s.Known.Inst(custID).Report.Value
	l.CanActivate = l.Fits() // whatever the licence system says of what is assigned now
	return MayActivate(s, custID, l.Offer(), now)
}

// activations owes the activation that a person asked for: each wish once, and one at a time.
func (m *settling) activations() {
	for _, s := range m.r.Production() {
		id := s.KnownInstallation.CustID
		wish := s.KnownInstallation.Wanted
		if !wish.Told() || !wish.After(m.h.Wanted[id]) {
			continue
		}
		before := m.h.Wanted[id]
		put(m, &m.h.Wanted, id, wish.Stamp)
		busy := m.pends(func(e licence.Effect) bool { return e.Kind == licence.Activate && e.CustID == id })
		if busy || m.now.Sub(wish.At) > time.Hour || !MayActivate(m.s, id, wish.Value.Offer, m.now) {
			continue // somebody is on it, nobody waits for it any more, or it is not what was shown
		}
		if !m.add(licence.Effect{Kind: licence.Activate, Ripe: m.now, CustID: id, Code: wish.Value.Offer, By: wish.Value.By}) {
			put(m, &m.h.Wanted, id, before)
		}
	}
}

// codes owes the mail with the code that a contact asked for.
func (m *settling) codes() {
	for _, contact := range slices.Sorted(maps.Keys(m.s.Known.Profile.Codes)) {
		wish := m.s.Known.Profile.Codes[contact]
		if !wish.After(m.h.Coded[contact]) {
			continue
		}
		if m.now.Sub(wish.At) < CodeLife && m.mayMail() {
			if !m.wished(licence.Effect{Contact: contact, Why: "code"}) {
				continue
			}
			if also := wish.Value.Also; also != "" && !m.wished(licence.Effect{Contact: also, Why: "code", By: contact}) {
				continue
			}
		}
		put(m, &m.h.Coded, contact, wish.Stamp)
	}
	for contact := range m.h.Coded {
		if _, ok := m.s.Known.Profile.Codes[contact]; !ok {
			drop(m, &m.h.Coded, contact)
		}
	}
}
