package crmsim

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// The carriers, with SuperOffice's names.
type (
	extendedLicenseInfo struct {
		Reason                   string
		CanBeActivated           bool
		New                      *licenseInfo
		Current                  *licenseInfo
		ExtendedModuleLicenses   []extendedModuleLicense
		AccumulatedNextCheckDate string
	}
	licenseInfo struct {
		CompanyName, SerialNr, OwnerName, OwnerDescription                      string
		NextCheckDate, MaintenanceDate, AdminWarningDate, ExpiryDate, GraceDate string
		ExtraFlags                                                              int
		LicenseUrl, LicenseVersion                                              string
		DeploymentType                                                          int
		ProductType, ProductDescription                                         string
		ModuleLicenses                                                          []moduleLicense
		PublicKey                                                               signedPublicKey
		Signature                                                               string
	}
	// signedPublicKey is what the issuer's other signatures are checked with. In JSON, bytes are base64.
	signedPublicKey struct {
		OwnerName, SignDate, ExpiryDate string
		Key                             dsaParameters
		Signature                       string
	}
	dsaParameters struct {
		Counter             int
		G, J, P, Q, Seed, X []byte
		Y                   []byte
	}
	moduleLicense struct {
		OwnerName, ModuleName, ModuleDescription, ModuleTooltip, ModuleVersion string
		LicenseType                                                            string
		Unrestricted                                                           bool
		AllowedUserType                                                        string
		NumberOfLicenses, ExtraFlags                                           int
		ExtraInfo                                                              string
		SortOrder                                                              int
		IsHidden                                                               bool
		PrerequisiteModuleName, Signature                                      string
	}
	extendedModuleLicense struct {
		New                      *moduleLicense
		Current                  *moduleLicense
		NumberOfLicensesInUse    int
		NumberOfLicensesFree     int
		NumberOfLicensesAdded    int
		NumberOfLicensesNewTotal int
		NumberOfLicensesNewFree  int
		NumberOfLicensesTotal    int
	}
	licenseResult struct {
		Succeeded       bool
		Reason          string
		TableRight      any
		FieldProperties struct{}
	}
)

// wireDate is how SuperOffice writes a civil date, and the absence of one.
func wireDate(day string) string {
	day = cmp.Or(day, "0001-01-01")
	return day + "T00:00:00"
}

// A source is where a licence is read from.
type source int

const (
	fromDatabase source = iota
	fromServer
)

// licence is what the tenant's database says; with the server asked, the offer too.
func (t *Tenant) licence(from source) extendedLicenseInfo {
	x := extendedLicenseInfo{
		Current:                  t.info(func(m Module) int { return m.Total }),
		ExtendedModuleLicenses:   []extendedModuleLicense{},
		AccumulatedNextCheckDate: wireDate(t.NextCheck),
	}
	if from == fromServer && t.Offer != nil {
		after := clone(*t)
		after.take(t.Offer)
		x.New = after.info(func(m Module) int { return m.NewTotal })
		x.CanBeActivated, x.Reason = t.canActivate(), t.Offer.Refusal
	}
	for i := range t.Modules {
		m := &t.Modules[i]
		e := extendedModuleLicense{
			Current:               x.Current.find(m.Name),
			NumberOfLicensesInUse: t.inUse(m),
			NumberOfLicensesTotal: m.Total,
		}
		e.NumberOfLicensesFree = m.Total - e.NumberOfLicensesInUse
		if x.New != nil {
			e.New = x.New.find(m.Name)
			e.NumberOfLicensesNewTotal = m.NewTotal
			e.NumberOfLicensesAdded = m.NewTotal - m.Total
			e.NumberOfLicensesNewFree = m.NewTotal - e.NumberOfLicensesInUse
		}
		if e.New != nil || e.Current != nil {
			x.ExtendedModuleLicenses = append(x.ExtendedModuleLicenses, e)
		}
	}
	return x
}

// info is one licence, signed, with as many of each module as count says.
func (t *Tenant) info(count func(Module) int) *licenseInfo {
	version := t.LicensedVersion
	version = cmp.Or(version, t.Version)
	l := &licenseInfo{
		CompanyName: t.Company, SerialNr: t.Serial, OwnerName: "SUPEROFFICE", OwnerDescription: "SuperOffice AS",
		NextCheckDate: wireDate(t.NextCheck), MaintenanceDate: wireDate(t.MaintenanceUntil),
		AdminWarningDate: wireDate(t.AdminWarning), ExpiryDate: wireDate(t.Expires), GraceDate: wireDate(t.GraceUntil),
		LicenseVersion: version, DeploymentType: 1, ModuleLicenses: []moduleLicense{},
		PublicKey: signedPublicKey{
			OwnerName: "SUPEROFFICE", SignDate: wireDate("2020-01-01"), ExpiryDate: wireDate(""),
			Key: dsaParameters{G: []byte("simulated"), P: []byte("simulated & <not> secret"), Q: []byte("simulated"), Y: []byte("simulated")}, Signature: "simulated & <not> secret",
		},
	}
	for _, name := range t.siteLicences() {
		l.add(moduleLicense{ModuleName: name, ModuleDescription: name, LicenseType: "SiteLicense", NumberOfLicenses: 1})
	}
	for _, m := range t.Modules {
		n := count(m)
		if n == 0 && !m.Unrestricted {
			continue
		}
		one := moduleLicense{
			ModuleName: m.Name, ModuleDescription: m.Description, LicenseType: "UserLicense", ModuleVersion: version,
			AllowedUserType: "InternalAssociate", NumberOfLicenses: max(1, n), Unrestricted: m.Unrestricted, IsHidden: m.Kind == Hidden,
		}
		if m.Kind == System {
			one.AllowedUserType = "SystemAssociate"
		}
		if m.Kind == Plan || m.Kind == Suite {
			one.ExtraFlags, one.ExtraInfo = 1, "set="+strings.Join(append([]string{"user", "web"}, m.Includes...), ",")
		}
		l.add(one)
	}
	l.Signature = sign(l)
	return l
}

func (l *licenseInfo) add(m moduleLicense) {
	m.OwnerName, m.SortOrder = "SUPEROFFICE", len(l.ModuleLicenses)+1
	m.Signature = sign(m)
	l.ModuleLicenses = append(l.ModuleLicenses, m)
}

func (l *licenseInfo) find(name string) *moduleLicense {
	for i := range l.ModuleLicenses {
		if l.ModuleLicenses[i].ModuleName == name {
			return &l.ModuleLicenses[i]
		}
	}
	return nil
}

// sign stands in for SuperOffice's signature: same content, same signature.
func sign(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // unreachable: the carriers are plain data
	}
	sum := sha256.Sum256(raw)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// siteLicences mark what kind of installation this is.
func (t *Tenant) siteLicences() []string {
	switch t.Kind {
	case "trial":
		return append([]string{"online", "freetrial"}, t.Markers...)
	case "sandbox":
		return append([]string{"online", "sandbox"}, t.Markers...)
	}
	return t.Markers
}
