package crmsim

import (
	"encoding/xml"
	"net/http"
)

// A licenceFile is what support sends to a customer whose server does not reach the licence
// server. The real one holds every module; here its signature stands for them.
type licenceFile struct {
	XMLName   xml.Name `xml:"license"`
	Company   string   `xml:"companyName"`
	Serial    string   `xml:"serialNr"`
	Expires   string   `xml:"expiryDate"`
	Signature string   `xml:"signature"`
}

// File is the tenant's new licence as a file; "" where none waits.
func (t *Tenant) File() string {
	x := t.licence(fromServer)
	if x.New == nil {
		return ""
	}
	raw, err := xml.MarshalIndent(licenceFile{
		Company: x.New.CompanyName, Serial: x.New.SerialNr, Expires: x.New.ExpiryDate, Signature: x.New.Signature,
	}, "", "  ")
	if err != nil {
		panic(err) // unreachable: it is four strings
	}
	return xml.Header + string(raw) + "\n"
}

// loadFile activates the licence that a file holds, or says why not.
func (t *Tenant) loadFile(content string) error {
	var posted, mine licenceFile
	if xml.Unmarshal([]byte(content), &posted) != nil {
		return refused("The file is no licence.")
	}
	if xml.Unmarshal([]byte(t.File()), &mine) != nil || posted != mine {
		return refused("The file is not the licence that was issued: its signature does not match.")
	}
	return t.activate()
}

// licenceFile loads a file; AddLicenseFromFile activates it too.
func (s *Sim) licenceFile(w http.ResponseWriter, r *http.Request, c *call, method string) {
	var in struct{ FileContent string }
	if !read(w, r, &in) {
		return
	}
	trial := clone(c.Tenant)
	loaded := trial.licence(fromServer)
	err := trial.loadFile(in.FileContent)
	if method == "AddLicenseFromFile" {
		err = s.change(c.CustID, func(t *Tenant) error {
			err := t.loadFile(in.FileContent)
			loaded = t.licence(fromServer)
			return err
		})
	}
	if err != nil {
		restError(w, http.StatusBadRequest, "SoLicenseException", err.Error())
		return
	}
	answer(w, loaded)
}
