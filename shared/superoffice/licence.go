package superoffice

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// Kinds of module.
const (
	KindPlan   = "plan"   // one per user, chosen by an administrator
	KindAddon  = "addon"  // beside the plan
	KindHidden = "hidden" // comes with a plan; nobody assigns it
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
	CanActivate      bool
	NewExpires       string // "" where none is offered, or the offer sets no date
	Reason           string // why it cannot be activated, in the licence system's words
	Markers          []string
	Modules          []Module
	Raw              json.RawMessage // for Activate
}

// A Module is a user licence: Total in force, NewTotal in the offer (nil: no offer), InUse assigned.
type Module struct {
	Module, Description, Kind string
	Total                     int
	NewTotal                  *int
	InUse                     int
	Unrestricted              bool
}

// Licence reads the licence in force, and the one that waits at the licence server.
func (c *Client) Licence(ctx context.Context, t Tenant) (ExtendedLicenceInfo, error) {
	answer, err := c.call(ctx, t, http.MethodPost, "/api/v1/Agents/License/GetLicenseFromLicenseServer", []byte(`{"OwnerName":"SUPEROFFICE"}`))
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
	if x.ExtendedModuleLicenses == nil {
		return garbled("licence: no list of modules")
	}
	for _, m := range x.ExtendedModuleLicenses {
		one := m.either()
		if one == nil || one.ModuleName == "" {
			return garbled("licence: a module without a name")
		}
		if one.LicenseType != "UserLicense" {
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

// Licence puts what Client.Licence read into our terms. Running is the version that
// runs (Version tells it), which no licence knows.
func (x ExtendedLicenceInfo) Licence(running string) Licence {
	l := Licence{
		Serial: x.Current.SerialNr, Company: x.Current.CompanyName,
		Version: running, LicensedVersion: x.Current.LicenseVersion,
		NextCheck:        string(x.Current.NextCheckDate),
		AdminWarning:     string(x.Current.AdminWarningDate),
		Expires:          string(x.Current.ExpiryDate),
		GraceUntil:       string(x.Current.GraceDate),
		MaintenanceUntil: string(x.Current.MaintenanceDate),
		Offered:          x.offered(),
		Markers:          []string{},
		Raw:              x.Raw,
	}
	if l.Offered {
		l.CanActivate, l.Reason, l.NewExpires = x.CanBeActivated, x.Reason, string(x.New.ExpiryDate)
	}
	for _, m := range x.Current.ModuleLicenses {
		l.mark(&m)
	}
	for _, m := range x.ExtendedModuleLicenses {
		l.mark(m.Current)
		if m.either().LicenseType == "UserLicense" {
			l.Modules = append(l.Modules, m.module(l.Offered))
		}
	}
	return l
}

// mark notes a site licence: what an installation has as a whole, such as
// freetrial, sandbox, online or scim.
func (l *Licence) mark(m *ModuleLicence) {
	if m != nil && m.LicenseType == "SiteLicense" && !slices.Contains(l.Markers, m.ModuleName) {
		l.Markers = append(l.Markers, m.ModuleName)
	}
}

func (m ExtendedModuleLicence) module(offered bool) Module {
	one := m.either()
	out := Module{
		Module: one.ModuleName, Description: one.ModuleDescription, Kind: one.kind(),
		InUse: *m.NumberOfLicensesInUse, Unrestricted: one.Unrestricted,
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
	case m.IsHidden:
		return KindHidden
	case strings.Contains(strings.ToLower(m.ModuleName), "suite"):
		return KindSuite
	case m.ExtraFlags == 1:
		return KindPlan
	default:
		return KindAddon
	}
}

// Status asks what the licence system itself says.
func (c *Client) Status(ctx context.Context, t Tenant) (LicenceStatus, error) {
	answer, err := c.call(ctx, t, http.MethodPost, "/api/v1/Agents/License/GetLicenseStatusFromLicenseServer", []byte(`{"OwnerName":"SUPEROFFICE"}`))
	if err != nil {
		return LicenceStatus{}, err
	}
	var s LicenceStatus
	if err := json.Unmarshal(answer, &s); err != nil || s.LicenseStatus == "" {
		return LicenceStatus{}, garbled("licence status: %s", inWords(answer))
	}
	return s, nil
}

// Activate makes the licence that was read the one in force. Raw must be the Raw of
// that read. A refusal is an answer, not an error; and after an error it is not known
// whether it was done: read again.
func (c *Client) Activate(ctx context.Context, t Tenant, raw json.RawMessage) (LicenceResult, error) {
	if len(raw) == 0 {
		return LicenceResult{}, ErrNothing
	}
	// Put together by hand: json.Marshal would write some characters of raw differently.
	body := slices.Concat([]byte(`{"NewLicense":`), raw, []byte(`}`))
	answer, err := c.call(ctx, t, http.MethodPost, "/api/v1/Agents/License/ActivateLicenseInfo", body)
	if err != nil {
		return LicenceResult{}, err
	}
	var r struct {
		Succeeded *bool
		Reason    string
	}
	if err := json.Unmarshal(answer, &r); err != nil || r.Succeeded == nil {
		return LicenceResult{}, garbled("activation: %s", inWords(answer))
	}
	return LicenceResult{Succeeded: *r.Succeeded, Reason: r.Reason}, nil
}
