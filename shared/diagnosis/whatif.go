package diagnosis

import (
	"strings"

	"seatmend/shared/licence"
)

// WhatIf is the state as it would be if the picks were done in SuperOffice, and read: the
// same rules then say what would remain. Nothing else is supposed.
func WhatIf(s licence.State, custID string, picks []licence.Pick) licence.State {
	s.Known = s.Known.Clone()
	in := s.Known.Licences.Inst(custID)
	suite := s.Known.Profile.Account.Value.Model == "suite"
	for _, p := range picks {
		if p.Skip {
			continue
		}
		move(in, p.Plan, -1)
		if suite || p.Plan == "" {
			in.Roster.Employees = max(0, in.Roster.Employees-1)
			in.Roster.CanLogin = max(0, in.Roster.CanLogin-1)
		}
		if p.To != "" {
			move(in, p.To, 1)
		}
	}
	if l := &in.Report.Value; l.Offered && !l.CanActivate && l.Reason == "" {
		l.CanActivate = l.Fits()
	}
	return s
}

// move counts one holder more, or one fewer, of a plan: on the list and in the licence read.
func move(i *licence.KnownInstallation, plan string, by int) {
	if i.Roster.Held[plan]+by >= 0 && i.Roster.Held != nil {
		i.Roster.Held[plan] += by
	}
	for n := range i.Report.Value.Plans {
		l := &i.Report.Value.Plans[n]
		if strings.EqualFold(l.Plan, plan) || l.Kind == "suite" && plan == "" {
			l.InUse = max(0, l.InUse+by)
		}
	}
}
