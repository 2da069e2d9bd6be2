package superoffice

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
)

// ofSuperOffice names the owner of the licence that we ask about.
var ofSuperOffice = struct{ OwnerName string }{superOffice}

// Kinds of module.
const (
	KindPlan   = "plan"   // one per user, chosen by an administrator
	KindAddon  = "addon"  // beside the plan
	KindHidden = "hidden" // comes with a plan, or is for no employee: nobody assigns it to one
	KindSuite  = "suite"  // CRM Suite: counts everybody who can log in
)

// A Licence is ExtendedLicenceInfo in the terms of our rules. Dates are yyyy-mm-dd or "".
type Licence struct {
	Serial, Company  string
	Version          string // what runs
	LicensedVersion  string // what the licence was issued for
	NextCheck        string
	AdminWarning     string
	Expires          string
	GraceUntil       string
	MaintenanceUntil string
	Offered          bool // a new licence waits
	OfferKnown       bool // else the licence server did not tell, and Offered says nothing
	CanActivate      bool
	NewExpires       string // "" where none is offered, or the offer sets no date
	Reason           string // why it cannot be activated, in the licence system's words
	Markers          []string
	Modules          []Module
	Raw              json.RawMessage // for Activate
}

// A Module is a user licence: Total in force, NewTotal in the offer (nil: no offer), InUse assigned.
// Listed says that the archive of employees has a column for it: one that is only offered has none.
type Module struct {
	Module, Description, Kind string
	Total                     int
	NewTotal                  *int
	InUse                     int
	Unrestricted, Listed      bool
}

// Licence reads the licence in force, the one that waits at the licence server, and what the
// licence server says of both (Said, empty where it would not say).
func (c *Client) Licence(ctx context.Context, t Tenant) (ExtendedLicenceInfo, error) {
	x, err := c.licence(ctx, t, "GetLicenseFromLicenseServer")
	if err != nil {
		return ExtendedLicenceInfo{}, err
	}
	x.asked = true
	if said, err := c.Status(ctx, t); err == nil {
		x.Said = said
	}
	return x, nil
}

// StoredLicence reads the licence in force as the tenant has it, which is all that can be known
// while the licence server is down. Whether another one waits it does not tell.
func (c *Client) StoredLicence(ctx context.Context, t Tenant) (ExtendedLicenceInfo, error) {
	return c.licence(ctx, t, "GetLicenseFromDB")
}

func (c *Client) licence(ctx context.Context, t Tenant, method string) (ExtendedLicenceInfo, error) {
	answer, err := c.agent(ctx, t, "License", method, ofSuperOffice)
	if err != nil {
		return ExtendedLicenceInfo{}, err
	}
	var x ExtendedLicenceInfo
	if err := json.Unmarshal(answer, &x); err != nil {
		return ExtendedLicenceInfo{}, garbled("licence: %v", err)
	}
	x.Raw = answer
	if err := x.check(); err != nil {
		return ExtendedLicenceInfo{}, err
	}
	return x, nil
}

// check refuses a licence from which no number may be taken.
func (x ExtendedLicenceInfo) check() error {
	if x.Current == nil {
		return ErrNothing
	}
	for _, d := range []*Date{x.Current.NextCheckDate, x.Current.AdminWarningDate, x.Current.ExpiryDate, x.Current.GraceDate, x.Current.MaintenanceDate} {
		if d == nil {
			return garbled("licence: it lacks one of its five dates")
		}
	}
	if x.ExtendedModuleLicenses == nil {
		return garbled("licence: no list of modules")
	}
	for _, m := range x.ExtendedModuleLicenses {
		one := m.either()
		if one == nil || one.ModuleName == "" || one.LicenseType == "" {
			return garbled("licence: a module without a name or a type")
		}
		if one.LicenseType != UserLicence {
			continue
		}
		if m.NumberOfLicensesInUse == nil || m.Current != nil && m.NumberOfLicensesTotal == nil || m.New != nil && m.NumberOfLicensesNewTotal == nil {
			return garbled("licence: %s lacks a count", one.ModuleName)
		}
		if *m.NumberOfLicensesInUse < 0 {
			return garbled("licence: %s is used %d times", one.ModuleName, *m.NumberOfLicensesInUse)
		}
	}
	return nil
}

// either is the module as it stands, or as it will.
func (m ExtendedModuleLicence) either() *ModuleLicence {
	if m.Current != nil {
		return m.Current
	}
	return m.New
}

// offered tells whether New is news: it may also be the present licence once more.
func (x ExtendedLicenceInfo) offered() bool {
	if x.New == nil {
		return false
	}
	if x.New.Signature != "" && x.New.Signature == x.Current.Signature {
		return false
	}
	var halves struct{ New, Current json.RawMessage }
	return json.Unmarshal(x.Raw, &halves) != nil || !bytes.Equal(halves.New, halves.Current)
}

// offerKnown tells whether it is known if a licence waits. A New that is null may also mean that
// the licence server could not be reached: only its own word makes a no of it.
func (x ExtendedLicenceInfo) offerKnown() bool {
	switch {
	case !x.asked:
		return false
	case x.offered():
		return true
	case x.Said.announces():
		return false // it offers what it does not show
	}
	return x.New != nil || x.Said.content()
}

// Licence puts what Client.Licence read into our terms. Running is the version that
// runs (Version tells it), which no licence knows.
func (x ExtendedLicenceInfo) Licence(running string) Licence {
	l := Licence{
		Serial: x.Current.SerialNr, Company: x.Current.CompanyName,
		Version: running, LicensedVersion: x.Current.LicenseVersion,
		NextCheck:        x.Current.NextCheckDate.day(),
		AdminWarning:     x.Current.AdminWarningDate.day(),
		Expires:          x.Current.ExpiryDate.day(),
		GraceUntil:       x.Current.GraceDate.day(),
		MaintenanceUntil: x.Current.MaintenanceDate.day(),
		Offered:          x.asked && x.offered(),
		OfferKnown:       x.offerKnown(),
		Markers:          []string{},
		Raw:              x.Raw,
	}
	if l.Offered {
		l.CanActivate, l.Reason, l.NewExpires = x.CanBeActivated, x.Reason, x.New.ExpiryDate.day()
	}
	for _, m := range x.Current.ModuleLicenses {
		l.mark(&m)
	}
	for _, m := range x.ExtendedModuleLicenses {
		l.mark(m.Current)
		if m.either().LicenseType == UserLicence {
			l.Modules = append(l.Modules, m.module(l.Offered))
		}
	}
	return l
}

// mark notes a site licence: what an installation has as a whole, such as
// freetrial, sandbox, online or scim.
func (l *Licence) mark(m *ModuleLicence) {
	if m != nil && m.LicenseType == SiteLicence && !slices.Contains(l.Markers, m.ModuleName) {
		l.Markers = append(l.Markers, m.ModuleName)
	}
}

func (m ExtendedModuleLicence) module(offered bool) Module {
	one := m.either()
	out := Module{
		Module: one.ModuleName, Description: one.ModuleDescription, Kind: one.kind(),
		InUse: *m.NumberOfLicensesInUse, Unrestricted: one.Unrestricted, Listed: m.Current != nil && one.employees(),
	}
	if m.Current != nil {
		out.Total = *m.NumberOfLicensesTotal
	}
	if !offered {
		return out
	}
	// SuperOffice never says 0 bought: a plan that is gone is missing from the new licence.
	out.NewTotal = new(int)
	if m.New != nil {
		*out.NewTotal, out.Unrestricted = *m.NumberOfLicensesNewTotal, m.New.Unrestricted
	}
	return out
}

// kind follows the flags; only CRM Suite has to be known by name, as its module
// ids are not documented.
func (m *ModuleLicence) kind() string {
	switch {
	case m.IsHidden, !m.employees():
		return KindHidden
	case strings.Contains(strings.ToLower(m.ModuleName), "suite"):
		return KindSuite
	case m.ExtraFlags == 1:
		return KindPlan
	default:
		return KindAddon
	}
}
