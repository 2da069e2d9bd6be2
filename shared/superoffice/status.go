package superoffice

import (
	"context"
	"encoding/json"
)

// What the licence system may say of a tenant. It may say a word of tomorrow, too.
const (
	StatusOk                  = "Ok"
	StatusNewLicence          = "NewLicenseAvailable"
	StatusNewCompanyName      = "NewCompanyNameAvailable"
	StatusNewSerial           = "NewSerialAvailable"
	StatusCustomMessage       = "UseCustomMessage"
	StatusCustomMessageAndURL = "UseCustomMessageAndUrl"
	StatusActivated           = "NewLicenseActivated"
	StatusProblem             = "ProblemWithLicense"
	StatusUnknownError        = "UnknownError"
)

// LicenceStatus is what the licence system says of the tenant.
type LicenceStatus struct {
	LicenseStatus, Message, Url string
}

// announces tells whether there is a licence to fetch.
func (s LicenceStatus) announces() bool {
	switch s.LicenseStatus {
	case StatusNewLicence, StatusNewCompanyName, StatusNewSerial:
		return true
	}
	return false
}

// content tells whether the licence system answered, and has nothing to offer.
func (s LicenceStatus) content() bool {
	switch s.LicenseStatus {
	case StatusOk, StatusActivated, StatusCustomMessage, StatusCustomMessageAndURL:
		return true
	}
	return false
}

// Status asks what the licence system itself says.
func (c *Client) Status(ctx context.Context, t Tenant) (LicenceStatus, error) {
	answer, err := c.agent(ctx, t, "License", "GetLicenseStatusFromLicenseServer", ofSuperOffice)
	if err != nil {
		return LicenceStatus{}, err
	}
	var s LicenceStatus
	if err := json.Unmarshal(answer, &s); err != nil || s.LicenseStatus == "" {
		return LicenceStatus{}, garbled("licence status: none given")
	}
	return s, nil
}
