package effects

import (
	"cmp"
	"context"
	"slices"

	"seatmend/shared/licence"
	"seatmend/shared/superoffice"
)

// modules are those that people hold and that the list of people tells of.
func modules(l superoffice.Licence) []string {
	var out []string
	for _, m := range l.Modules {
		if m.Listed && m.Kind != superoffice.KindHidden {
			out = append(out, m.Module)
		}
	}
	return out
}

// planOf is the directory's plan of a module, where one plan alone has it; else the module.
func planOf(s licence.State, module string) string {
	found := ""
	for _, p := range s.Known.Profile.Account.Value.Plans {
		if p.Module == module || slices.Contains(p.Modules, module) {
			if found != "" {
				return module
			}
			found = p.Plan
		}
	}
	return cmp.Or(found, module)
}

func licenceOf(s licence.State, i licence.Installation, l superoffice.Licence) licence.LicenceReported {
	p := licence.LicenceReported{
		CustID: i.CustID, Serial: l.Serial, Version: l.Version, LicensedVersion: l.LicensedVersion, Company: l.Company,
		Maintenance: licence.Date(l.MaintenanceUntil), NextCheck: licence.Date(l.NextCheck), AdminWarning: licence.Date(l.AdminWarning),
		Expires: licence.Date(l.Expires), GraceUntil: licence.Date(l.GraceUntil), Offered: l.Offered, CanActivate: l.CanActivate,
		NewExpires: licence.Date(l.NewExpires), Reason: l.Reason, Markers: l.Markers, Plans: []licence.LicenceLine{},
	}
	for _, m := range l.Modules {
		p.Plans = append(p.Plans, licence.LicenceLine{
			Plan: planOf(s, m.Module), Module: m.Module, Description: m.Description, Kind: m.Kind,
			Total: m.Total, NewTotal: m.NewTotal, InUse: m.InUse, Unrestricted: m.Unrestricted,
		})
	}
	return p
}

// list makes a list of everybody who holds a seat, with their open requests.
func (r Reader) list(ctx context.Context, s licence.State, i licence.Installation, t superoffice.Tenant, users []superoffice.User) (licence.SeatsListed, error) {
	var ids []string
	for _, u := range users {
		if len(u.Plans) > 0 && !u.Retired {
			ids = append(ids, u.ID)
		}
	}
	requests, err := r.Client.OpenRequestsOf(ctx, t, ids)
	if denied(err) {
		requests = nil // whose requests we may not see is not somebody without any
	} else if err != nil {
		return licence.SeatsListed{}, err
	}
	list := licence.SeatsListed{CustID: i.CustID}
	for _, u := range users {
		if u.Retired {
			continue // the licence does not count former employees
		}
		open := licence.Unseen
		if requests != nil {
			open = requests[u.ID]
		}
		for _, module := range u.Plans {
			list.Rows = append(list.Rows, licence.SeatChanged{
				CustID: i.CustID, Plan: planOf(s, module), Held: true, OpenRequests: open,
				User: licence.User{
					ID: u.ID, Name: licence.Line(u.Name), Email: licence.Line(u.Email), CanLogin: u.CanLogin, Admin: u.Admin, Waiting: u.Waiting,
					LastActive: u.LastLogin, Activity: u.Activity, Created: u.Created, Group: u.Group,
				},
			})
		}
	}
	return list, nil
}
