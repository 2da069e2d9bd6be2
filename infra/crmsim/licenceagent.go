package crmsim

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
)

func licenceFromDB(w http.ResponseWriter, r *http.Request, c *call) {
	switch {
	case !c.granted(ReadLicence):
		deny(w, "License is not available to this application")
	case !strings.EqualFold(r.PathValue("owner"), "SuperOffice"):
		answer(w, nil)
	default:
		answer(w, c.licence(fromDatabase))
	}
}

func (s *Sim) licenceAgent(w http.ResponseWriter, r *http.Request, c *call) {
	if !c.granted(ReadLicence) {
		deny(w, "License agent is not available to this application")
		return
	}
	switch method := r.PathValue("method"); method {
	case "GetLicenseFromDB":
		answer(w, c.licence(fromDatabase))
	case "GetLicenseFromLicenseServer":
		if c.unreachable(w) {
			return
		}
		from := fromServer
		if c.Fault == FaultNoOffer {
			from = fromDatabase
		}
		answer(w, c.licence(from))
	case "GetLicenseStatusFromLicenseServer":
		if !c.unreachable(w) {
			answer(w, c.status())
		}
	case "GetUserAndInstallationLicenceStatus":
		userLicences(w, r, c)
	case "GetUserLicenses":
		userOwners(w, r, c)
	case "GetShopUrl":
		answer(w, "https://shop.superoffice.example/"+c.Serial)
	case "GetFencingInfo":
		if older(c.Version, 12) {
			notFound(w, "License agent has no such method")
			return
		}
		answer(w, c.fencing())
	case "ValidateLicenseInfo", "ActivateLicenseInfo", "AddLicenseFromFile", "GetLicenseFromFile":
		if !c.granted(Activate) {
			deny(w, method+" is not available to this application")
			return
		}
		switch method {
		case "ValidateLicenseInfo":
			s.validate(w, r, c)
		case "ActivateLicenseInfo":
			s.activateLicenceInfo(w, r, c)
		default:
			s.licenceFile(w, r, c, method)
		}
	default:
		notFound(w, "License agent has no such method")
	}
}

// unreachable answers for a licence server that cannot be reached.
func (c *call) unreachable(w http.ResponseWriter) bool {
	if c.Fault != FaultServerDown && !c.Offline {
		return false
	}
	restError(w, http.StatusInternalServerError, "SoServerException", "The licence server cannot be reached")
	return true
}

// status is what the licence system says of the tenant.
func (t *Tenant) status() map[string]string {
	status := t.Status
	switch {
	case status != "":
	case t.Offer != nil:
		status = "NewLicenseAvailable"
	default:
		status = "Ok"
	}
	return map[string]string{"LicenseStatus": status, "Message": t.StatusText, "Url": t.StatusURL}
}

// userLicences came with 10.5.3.
func userLicences(w http.ResponseWriter, r *http.Request, c *call) {
	if older(c.Version, 10, 5, 3) {
		notFound(w, "License agent has no such method")
		return
	}
	var in struct{ AssociateId int }
	if !read(w, r, &in) {
		return
	}
	names := []string{}
	u := c.user(in.AssociateId)
	for i := range c.Modules {
		if u != nil && c.holds(u, &c.Modules[i]) {
			names = append(names, c.Modules[i].Name)
		}
	}
	answer(w, map[string]any{
		"AdminWarningDate": wireDate(c.AdminWarning), "ExpiryDate": wireDate(c.Expires), "GraceDate": wireDate(c.GraceUntil),
		"CompanyName": c.Company, "SerialNr": c.Serial, "UserLicenses": names,
	})
}

// userOwners is what one user holds, and what could be given: as the user's own page in the
// administration has it.
func userOwners(w http.ResponseWriter, r *http.Request, c *call) {
	var in struct{ AssociateId int }
	if !read(w, r, &in) {
		return
	}
	owners := []licenseOwner{}
	if u := c.user(in.AssociateId); u != nil {
		owners = c.entity(u).LicenseOwners
	}
	answer(w, owners)
}

// older compares a version such as 8.5 or 10.5.3.871. What is not written is 0.
func older(version string, than ...int) bool {
	parts := strings.Split(version, ".")
	for i, n := range than {
		have := 0
		if i < len(parts) {
			have, _ = strconv.Atoi(parts[i])
		}
		if have != n {
			return have < n
		}
	}
	return false
}

// posted is a licence as it comes back to us.
type posted struct{ New, Current json.RawMessage }

// validate tells what an activation would say, and activates nothing.
func (s *Sim) validate(w http.ResponseWriter, r *http.Request, c *call) {
	var in struct{ LicenseInfo *posted }
	if !read(w, r, &in) {
		return
	}
	if in.LicenseInfo == nil {
		malformed(w, "LicenseInfo")
		return
	}
	trial := clone(c.Tenant)
	verdict(w, trial.put(*in.LicenseInfo))
}

func (s *Sim) activateLicenceInfo(w http.ResponseWriter, r *http.Request, c *call) {
	var in struct{ NewLicense *posted }
	if !read(w, r, &in) {
		return
	}
	if in.NewLicense == nil {
		malformed(w, "NewLicense")
		return
	}
	err := s.change(c.CustID, func(t *Tenant) error { return t.put(*in.NewLicense) })
	if c.Fault == FaultLate {
		s.wait(r)
		htmlError(w, http.StatusGatewayTimeout)
		return
	}
	verdict(w, err)
}

// put activates the licence that was sent, which must be the one that was issued.
func (t *Tenant) put(p posted) error {
	mine := t.licence(fromServer)
	switch {
	case t.Offer != nil && same(p.New, mine.New):
		return t.activate()
	case same(p.New, mine.Current), isNull(p.New) && same(p.Current, mine.Current):
		return nil // active already: harmless
	}
	return refused("The licence is not the one that was issued: its signature does not match.")
}

// verdict answers as the licence system does: a refusal is a success of status 200.
func verdict(w http.ResponseWriter, err error) {
	result := licenseResult{Succeeded: err == nil}
	if why := refused(""); errors.As(err, &why) {
		result.Reason = string(why)
		note(w, result.Reason)
	} else if err != nil {
		broken(w, err)
		return
	}
	answer(w, result)
}

// same compares as a signature would: a field lost, added or written anew is another licence.
func same(posted json.RawMessage, mine *licenseInfo) bool {
	raw, err := wire(mine)
	if err != nil {
		return false
	}
	var tidy bytes.Buffer
	return json.Compact(&tidy, posted) == nil && bytes.Equal(tidy.Bytes(), bytes.TrimSpace(raw))
}

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }
