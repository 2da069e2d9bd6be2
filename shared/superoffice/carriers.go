package superoffice

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
)

// A Date is a civil date in the tenant's zone, yyyy-mm-dd, or "" where none is set.
// On the wire it is a midnight without a zone, and 0001-01-01 (in older servers
// 1760-01-01) where there is none.
type Date string

// UnmarshalJSON takes the day as it is written: shifting it by a zone would move it to its neighbour.
func (d *Date) UnmarshalJSON(raw []byte) error {
	*d = ""
	var s *string
	if err := json.Unmarshal(raw, &s); err != nil {
		return err
	}
	if s == nil || *s == "" {
		return nil
	}
	day, err := time.Parse(time.DateOnly, (*s)[:min(len(*s), len(time.DateOnly))])
	if err != nil {
		return errors.New("not a date")
	}
	if day.Year() >= 1900 {
		*d = Date(day.Format(time.DateOnly))
	}
	return nil
}

// day is the date as text; one that is absent is told apart before.
func (d *Date) day() string {
	if d == nil {
		return ""
	}
	return string(*d)
}

// ExtendedLicenceInfo is the licence in force, the one that waits, and who uses how
// much: the carrier of the License agent, with the names of the wire. Of the fields
// that we do not read, Raw keeps all.
type ExtendedLicenceInfo struct {
	Reason                 string
	CanBeActivated         bool
	New, Current           *LicenceInfo
	ExtendedModuleLicenses []ExtendedModuleLicence

	// Raw is the whole answer, byte for byte: licences are signed, so Activate must
	// send back exactly what came.
	Raw json.RawMessage `json:"-"`
	// Said is what the licence server said when it was asked for this.
	Said LicenceStatus `json:"-"`

	asked bool // the licence server was asked; else New says nothing
}

// LicenceInfo is one licence of one owner. The dates are pointers because one that is absent is
// not one that is none: a licence without an end would be a fine one.
type LicenceInfo struct {
	CompanyName, SerialNr                   string
	NextCheckDate, MaintenanceDate          *Date
	AdminWarningDate, ExpiryDate, GraceDate *Date
	LicenseVersion                          string
	ModuleLicenses                          []ModuleLicence
	Signature                               string
}

// ModuleLicence is one licensable thing. ExtraFlags 1 marks a user plan, 2 a tier.
type ModuleLicence struct {
	ModuleName, ModuleDescription, LicenseType string
	Unrestricted, IsHidden                     bool
	ExtraFlags                                 int
	AllowedUserType                            json.RawMessage // a word, which some servers leave out
}

// employees tells whether people who work there may hold it, and not system users or customers alone.
func (m *ModuleLicence) employees() bool {
	return !slices.Contains(NoEmployees, strings.Trim(string(m.AllowedUserType), `"`))
}

// NoEmployees are the types of users that work nowhere, and UserLicence and SiteLicence those of licences that
// are read, as SuperOffice calls them.
var NoEmployees = []string{"SystemAssociate", "AnonymousAssociate", "ExternalAssociate", "ResourceAssociate"}

const (
	UserLicence = "UserLicense"
	SiteLicence = "SiteLicense"
)

// ExtendedModuleLicence is a module in both licences, and its use. The counts are
// pointers because an absent number is not zero.
type ExtendedModuleLicence struct {
	New, Current             *ModuleLicence
	NumberOfLicensesInUse    *int
	NumberOfLicensesTotal    *int
	NumberOfLicensesNewTotal *int
}

// LicenceResult is the licence system's answer to an activation.
type LicenceResult struct {
	Succeeded bool
	Reason    string
}
