package crmsim

import "slices"

// fits tells whether the offer covers what is assigned, hidden modules included.
func (t *Tenant) fits() bool {
	return !slices.ContainsFunc(t.Modules, func(m Module) bool { return t.surplus(&m) > 0 })
}

func (t *Tenant) canActivate() bool {
	return t.Offer != nil && t.Offer.Refusal == "" && t.fits()
}

// activate puts the offer in force.
func (t *Tenant) activate() error {
	switch {
	case t.Offer == nil:
		return refused("Your licence is up to date.")
	case !t.fits():
		return refused("More licences are assigned than the new licence has. Remove superfluous licences first.")
	case t.Offer.Refusal != "":
		return refused(t.Offer.Refusal)
	}
	t.take(t.Offer)
	t.Offer, t.Status, t.StatusText, t.StatusURL = nil, "", "", ""
	var kept []Module
	for _, m := range t.Modules {
		m.Total, m.NewTotal = m.NewTotal, 0
		if m.Total > 0 || m.Unrestricted {
			kept = append(kept, m)
		}
	}
	t.Modules = kept
	return nil
}

// take takes over what the offer changes.
func (t *Tenant) take(o *Offer) {
	for _, d := range []struct {
		of  *string
		now string
	}{
		{&t.Company, o.Company}, {&t.Serial, o.Serial}, {&t.LicensedVersion, o.LicensedVersion},
		{&t.NextCheck, o.NextCheck}, {&t.AdminWarning, o.AdminWarning}, {&t.Expires, o.Expires},
		{&t.GraceUntil, o.GraceUntil}, {&t.MaintenanceUntil, o.MaintenanceUntil},
	} {
		if d.now != "" {
			*d.of = d.now
		}
	}
}
