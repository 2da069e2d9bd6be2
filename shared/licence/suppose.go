package licence

import "strings"

// Suppose is the state as it would be if the picks were done in SuperOffice, and read: the
// same rules then say what would remain. Nothing else is supposed.
func Suppose(s State, custID string, picks []Pick) State {
	s.Known = s.Known.clone()
	in := s.Known.Licences.inst(custID)
	suite := s.Known.Profile.Account.Value.Model == "suite"
	for _, p := range picks {
		if p.Skip {
			continue
		}
		in.move(p.Plan, -1)
		if suite || p.Plan == "" {
			in.Roster.Employees = max(0, in.Roster.Employees-1)
			in.Roster.CanLogin = max(0, in.Roster.CanLogin-1)
		}
		if p.To != "" {
			in.move(p.To, 1)
		}
	}
	if l := &in.Report.Value; l.Offered && !l.CanActivate && l.Reason == "" {
		l.CanActivate = l.Fits()
	}
	return s
}

// move counts one holder more, or one fewer, of a plan: on the list and in the licence read.
func (i *Inst) move(plan string, by int) {
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

// Fits tells whether no more is in use of anything that people see than the new licence has.
func (l LicenceReported) Fits() bool {
	for _, p := range l.Plans {
		limit := 0
		if p.NewTotal != nil {
			limit = *p.NewTotal
		}
		if p.Kind != "hidden" && !p.Unrestricted && p.InUse > limit {
			return false
		}
	}
	return true
}
