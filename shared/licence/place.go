package licence

import (
	"net/url"
	"slices"
	"strings"
)

// PlaceOf is where somebody logged in, as far as it tells installations apart: the host and the
// first part of the path, in lower case; "": the address does not say.
func PlaceOf(address string) string {
	if !strings.Contains(address, "//") {
		address = "//" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return ""
	}
	first, _, _ := strings.Cut(strings.TrimLeft(u.Path, "/"), "/")
	place := Lower(strings.TrimSuffix(u.Hostname(), ".") + "/" + first)
	if len(place) > 300 {
		return ""
	}
	return place
}

// Elsewhere tells whether a place is another installation's. Onsite each has a host of its own;
// online they share hosts, and the CustID in the path tells them apart.
func (a *AccountChanged) Elsewhere(i Installation, place string) bool {
	host, path, _ := strings.Cut(place, "/")
	if i.Hosting == "onsite" {
		own, _, _ := strings.Cut(PlaceOf(i.URL), "/")
		return host != "" && own != "" && host != own
	}
	return path != Lower(i.CustID) && (looksLikeCustID(path) || a.Lists(path))
}

func looksLikeCustID(s string) bool {
	digits, ok := strings.CutPrefix(s, "cust")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// Lists tells whether the customer has an installation of that CustID.
func (a *AccountChanged) Lists(custID string) bool {
	return slices.ContainsFunc(a.Installations, func(i Installation) bool { return strings.EqualFold(i.CustID, custID) })
}
