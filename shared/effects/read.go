// Package effects does outside what accounts owe: one kind of effect a file.
package effects

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/superoffice"
)

// A Reader reads installations from SuperOffice.
type Reader struct {
	Client *superoffice.Client
	Now    func() time.Time
}

// Read asks an installation for its state, its licence and its people. What it is not granted
// it does not learn: a refusal, a time-out or an empty answer never becomes a number.
func (r Reader) Read(ctx context.Context, s licence.State, e licence.Effect) ([]licence.Payload, licence.Done, error) {
	done := licence.Done{Effect: e, At: r.Now(), Outcome: "failed"}
	site, ok := installation(s, e.CustID)
	if !ok || site.Hosting == "onsite" {
		return nil, done, nil
	}
	tenant, err := r.Client.State(ctx, site.CustID)
	if err != nil {
		return nil, retry(done, err), nil
	}
	var out []licence.Payload
	state := licence.InstallationReported{CustID: site.CustID, State: stateOf(tenant.State)}
	if !tenant.Callable() {
		done.Outcome = "done"
		return append(out, state), done, nil
	}
	version := ""
	if v, err := r.Client.Version(ctx, tenant); err == nil {
		version = v.Number
		state.Version = licence.Some(v.Number)
		if v.Released != "" {
			state.Released = licence.Some(licence.Date(v.Released))
		}
	}
	can := []string{}
	info, err := r.Client.Licence(ctx, tenant)
	if err != nil {
		done = retry(done, err)
		if errors.Is(err, superoffice.ErrDenied) {
			state.Can = licence.Some(can)
			return append(out, state), done, nil
		}
		return nil, done, nil
	}
	done.Outcome = "done"
	can = append(can, "read-licence")
	l := info.Licence(version)
	report := licenceOf(s, site, l)
	users, err := r.Client.Users(ctx, tenant, modules(l)...)
	if err == nil {
		can = append(can, "read-users")
		if list, err := r.list(ctx, s, site, tenant, users); err == nil {
			out = append(out, list)
		}
	}
	if info.Licence(version).CanActivate || slices.Contains(told(s, site), "activate") {
		can = append(can, "activate")
	}
	state.Can = licence.Some(can)
	return append(out, state, report), done, nil
}

func retry(d licence.Done, err error) licence.Done {
	var busy *superoffice.Busy
	if errors.As(err, &busy) {
		d.Retry = d.At.Add(busy.RetryAfter)
	}
	return d
}

func installation(s licence.State, custID string) (licence.Installation, bool) {
	for _, i := range s.Known.Profile.Account.Value.Installations {
		if strings.EqualFold(i.CustID, custID) {
			return i, true
		}
	}
	return licence.Installation{}, false
}

func told(s licence.State, i licence.Installation) []string {
	if can := s.Known.Inst(i.CustID).Can.Value; can != nil {
		return *can
	}
	return nil
}

// stateOf is a tenant's state in our terms.
func stateOf(state string) string {
	switch strings.ToLower(state) {
	case "running":
		return "running"
	case "suspended":
		return "suspended"
	case "deleting":
		return "deleting"
	case "deleted":
		return "deleted"
	case "deletefailed", "delete-failed":
		return "delete-failed"
	case "backup", "backuprestored", "maintenance", "maintenancerunning", "upgrade", "upgrading", "restoring", "off", "offfordeleting":
		return "maintenance"
	}
	return "unknown"
}

func modules(l superoffice.Licence) []string {
	var out []string
	for _, m := range l.Modules {
		if m.Kind == superoffice.KindPlan || m.Kind == superoffice.KindAddon || m.Kind == superoffice.KindSuite {
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
	if found == "" {
		return module
	}
	return found
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
		if len(u.Plans) > 0 {
			ids = append(ids, u.ID)
		}
	}
	requests, err := r.Client.OpenRequestsOf(ctx, t, ids)
	if err != nil && !errors.Is(err, superoffice.ErrDenied) {
		return licence.SeatsListed{}, err
	}
	list := licence.SeatsListed{CustID: i.CustID}
	for _, u := range users {
		for _, module := range u.Plans {
			list.Rows = append(list.Rows, licence.SeatChanged{
				CustID: i.CustID, Plan: planOf(s, module), Held: true, OpenRequests: requests[u.ID],
				User: licence.User{
					ID: u.ID, Name: u.Name, Email: u.Email, CanLogin: u.CanLogin, Admin: u.Admin, Waiting: u.Waiting,
					LastActive: u.LastLogin, Activity: u.Activity, Created: u.Created, Group: u.Group,
				},
			})
		}
	}
	return list, nil
}
