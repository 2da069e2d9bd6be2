package superoffice_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const fiveDates = `"NextCheckDate":"2026-11-20T00:00:00","MaintenanceDate":"0001-01-01T00:00:00","AdminWarningDate":"2026-11-15T00:00:00","ExpiryDate":"2026-12-13T00:00:00","GraceDate":"2026-12-25T00:00:00"`

func TestHalfALicenceIsNone(t *testing.T) {
	for name, body := range map[string]string{
		"no current":       `{"CanBeActivated":true,"Current":null,"New":null,"ExtendedModuleLicenses":[]}`,
		"no modules":       `{"Current":{"SerialNr":"1",DATES},"New":null}`,
		"no count":         `{"Current":{DATES},"ExtendedModuleLicenses":[{"Current":{"ModuleName":"a","LicenseType":"UserLicense"},"NumberOfLicensesTotal":3}]}`,
		"no new total":     `{"Current":{DATES},"New":{},"ExtendedModuleLicenses":[{"New":{"ModuleName":"a","LicenseType":"UserLicense"},"NumberOfLicensesInUse":3}]}`,
		"nameless":         `{"Current":{DATES},"ExtendedModuleLicenses":[{"NumberOfLicensesInUse":3,"NumberOfLicensesTotal":3}]}`,
		"negative":         `{"Current":{DATES},"ExtendedModuleLicenses":[{"Current":{"ModuleName":"a","LicenseType":"UserLicense"},"NumberOfLicensesInUse":-1,"NumberOfLicensesTotal":3}]}`,
		"count in letters": `{"Current":{DATES},"ExtendedModuleLicenses":[{"Current":{"ModuleName":"a","LicenseType":"UserLicense"},"NumberOfLicensesInUse":"x","NumberOfLicensesTotal":3}]}`,
		"no dates":         `{"Current":{"SerialNr":"1"},"ExtendedModuleLicenses":[]}`,
		"null for a date":  `{"Current":{DATES,"ExpiryDate":null},"ExtendedModuleLicenses":[]}`,
		"no type":          `{"Current":{DATES},"ExtendedModuleLicenses":[{"Current":{"ModuleName":"a"},"NumberOfLicensesInUse":3,"NumberOfLicensesTotal":3}]}`,
		"no date":          `{"Current":{"ExpiryDate":"soon"},"ExtendedModuleLicenses":[]}`,
	} {
		p := newPlace(t, says(strings.ReplaceAll(body, "DATES", fiveDates)))
		if got, err := p.client().Licence(t.Context(), p.tenant(t)); err == nil {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestLicenceInOurTerms(t *testing.T) {
	p := newPlace(t, answers(map[string]string{"GetLicenseStatusFromLicenseServer": `{"LicenseStatus":"NewLicenseAvailable","Message":"fetch it","Url":""}`, "GetLicenseFromLicenseServer": `{"Reason":"too many","CanBeActivated":false,
 "Current":{"CompanyName":"Fjord Foods AB","SerialNr":"1801550193","NextCheckDate":"2026-11-20T00:00:00","MaintenanceDate":"0001-01-01T00:00:00",
  "AdminWarningDate":"2026-11-15T00:00:00","ExpiryDate":"2026-12-13T00:00:00","GraceDate":"2026-12-25T00:00:00","LicenseVersion":"12.2",
  "ModuleLicenses":[{"ModuleName":"online","LicenseType":"SiteLicense"}]},
 "New":{"ExpiryDate":"2027-12-13T00:00:00"},
 "ExtendedModuleLicenses":[
  {"Current":{"ModuleName":"ten-sales","ModuleDescription":"Sales Premium","LicenseType":"UserLicense","ExtraFlags":1},"New":{"ModuleName":"ten-sales"},
   "NumberOfLicensesInUse":9,"NumberOfLicensesTotal":10,"NumberOfLicensesNewTotal":7},
  {"Current":{"ModuleName":"ten-service","LicenseType":"UserLicense","ExtraFlags":1},"New":null,
   "NumberOfLicensesInUse":2,"NumberOfLicensesTotal":3,"NumberOfLicensesNewTotal":3},
  {"Current":null,"New":{"ModuleName":"ten-marketing","LicenseType":"UserLicense","ExtraFlags":1},"NumberOfLicensesInUse":0,"NumberOfLicensesNewTotal":4},
  {"Current":{"ModuleName":"user","LicenseType":"UserLicense","IsHidden":true},"New":{"ModuleName":"user","IsHidden":true},"NumberOfLicensesInUse":9,"NumberOfLicensesTotal":10,"NumberOfLicensesNewTotal":7},
  {"Current":{"ModuleName":"pocket","LicenseType":"UserLicense","Unrestricted":true},"New":{"ModuleName":"pocket","Unrestricted":true},"NumberOfLicensesInUse":9,"NumberOfLicensesTotal":1,"NumberOfLicensesNewTotal":1},
  {"Current":{"ModuleName":"suite-user","LicenseType":"UserLicense","ExtraFlags":1},"New":{"ModuleName":"suite-user"},"NumberOfLicensesInUse":1,"NumberOfLicensesTotal":1,"NumberOfLicensesNewTotal":1},
  {"Current":{"ModuleName":"sales-t2","LicenseType":"SiteLicense","ExtraFlags":2},"New":null,"NumberOfLicensesInUse":0}]}`}))
	x, err := p.client().Licence(t.Context(), p.tenant(t))
	if err != nil {
		t.Fatal(err)
	}
	l := x.Licence("12.3")
	for _, c := range []struct{ name, got, want string }{
		{"serial", l.Serial, "1801550193"}, {"company", l.Company, "Fjord Foods AB"},
		{"version", l.Version, "12.3"}, {"licensed version", l.LicensedVersion, "12.2"},
		{"next check", l.NextCheck, "2026-11-20"}, {"admin warning", l.AdminWarning, "2026-11-15"},
		{"expires", l.Expires, "2026-12-13"}, {"grace", l.GraceUntil, "2026-12-25"}, {"maintenance", l.MaintenanceUntil, ""},
		{"said", x.Said.LicenseStatus + " " + x.Said.Message, "NewLicenseAvailable fetch it"},
		{"offered", fmt.Sprint(l.Offered, l.OfferKnown), "true true"}, {"can activate", fmt.Sprint(l.CanActivate), "false"},
		{"new expires", l.NewExpires, "2027-12-13"}, {"reason", l.Reason, "too many"}, {"markers", fmt.Sprint(l.Markers), "[online sales-t2]"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
	var modules []string
	for _, m := range l.Modules {
		modules = append(modules, fmt.Sprint(m.Module, " ", m.Kind, " ", m.InUse, "/", m.Total, "/", *m.NewTotal, " ", m.Unrestricted))
	}
	want := []string{
		"ten-sales plan 9/10/7 false", "ten-service plan 2/3/0 false", "ten-marketing plan 0/0/4 false",
		"user hidden 9/10/7 false", "pocket addon 9/1/1 true", "suite-user suite 1/1/1 false",
	}
	if !slices.Equal(modules, want) {
		t.Errorf("got  %q\nwant %q", modules, want)
	}
}

func TestTheSameLicenceAgainIsNoOffer(t *testing.T) {
	for name, body := range map[string]string{
		"same text":      `{"CanBeActivated":true,"Current":{"SerialNr":"1",DATES},"New":{"SerialNr":"1",DATES},"ExtendedModuleLicenses":[]}`,
		"same signature": `{"CanBeActivated":true,"Current":{"SerialNr":"1","Signature":"x",DATES},"New":{"Signature":"x","SerialNr":"1"},"ExtendedModuleLicenses":[]}`,
		"none":           `{"CanBeActivated":true,"Current":{"SerialNr":"1",DATES},"New":null,"ExtendedModuleLicenses":[]}`,
	} {
		p := newPlace(t, says(strings.ReplaceAll(body, "DATES", fiveDates)))
		x, err := p.client().Licence(t.Context(), p.tenant(t))
		if err != nil {
			t.Fatal(err)
		}
		if l := x.Licence(""); l.Offered || l.CanActivate {
			t.Errorf("%s: offered %v, can activate %v", name, l.Offered, l.CanActivate)
		}
	}
}

// That nothing is offered is said by the licence server alone.
func TestWhetherALicenceWaitsIsKnownOrNot(t *testing.T) {
	current := `{"SerialNr":"1","Signature":"x",` + fiveDates + `}`
	for name, c := range map[string]struct {
		offer, status  string
		offered, known bool
	}{
		"a new one":                  {`{"SerialNr":"1","Signature":"y","ExpiryDate":"2027-12-13T00:00:00"}`, "NewLicenseAvailable", true, true},
		"a new one, status unknown":  {`{"SerialNr":"1","Signature":"y","ExpiryDate":"2027-12-13T00:00:00"}`, "", true, true},
		"the same":                   {current, "", false, true},
		"the same, another promised": {current, "NewLicenseAvailable", false, false},
		"null, Ok":                   {"null", "Ok", false, true},
		"null, activated":            {"null", "NewLicenseActivated", false, true},
		"null, message":              {"null", "UseCustomMessage", false, true},
		"null, message and url":      {"null", "UseCustomMessageAndUrl", false, true},
		"null, promised":             {"null", "NewLicenseAvailable", false, false},
		"null, new company":          {"null", "NewCompanyNameAvailable", false, false},
		"null, new serial":           {"null", "NewSerialAvailable", false, false},
		"null, problem":              {"null", "ProblemWithLicense", false, false},
		"null, error":                {"null", "UnknownError", false, false},
		"null, word of tomorrow":     {"null", "LicenseOnTheMoon", false, false},
		"null, no status":            {"null", "", false, false},
	} {
		licence := `{"CanBeActivated":true,"Current":` + current + `,"New":` + c.offer + `,"ExtendedModuleLicenses":[]}`
		bodies := map[string]string{"GetLicenseFromLicenseServer": licence, "GetLicenseFromDB": licence}
		if c.status != "" {
			bodies["GetLicenseStatusFromLicenseServer"] = `{"LicenseStatus":"` + c.status + `","Message":"","Url":""}`
		}
		p := newPlace(t, answers(bodies))
		client, tenant := p.client(), p.tenant(t)
		x, err := client.Licence(t.Context(), tenant)
		if err != nil {
			t.Fatal(name, err)
		}
		if l := x.Licence(""); l.Offered != c.offered || l.OfferKnown != c.known || l.CanActivate != c.offered {
			t.Errorf("%s: offered %v, known %v, want %v, %v", name, l.Offered, l.OfferKnown, c.offered, c.known)
		}
		stored, err := client.StoredLicence(t.Context(), tenant)
		if err != nil {
			t.Fatal(name, err)
		}
		if l := stored.Licence(""); l.Offered || l.OfferKnown || l.CanActivate || l.NewExpires != "" {
			t.Errorf("%s: the stored licence tells of an offer: %+v", name, l)
		}
	}
}
