package crmsim

import (
	"cmp"
	"fmt"
	"net/http"
)

// userPlans lists the plans as a list to choose from. The ids differ from tenant to tenant.
func userPlans(w http.ResponseWriter, r *http.Request, c *call) {
	if !c.granted(ReadUsers) {
		deny(w, "List agent is not available to this application")
		return
	}
	answer(w, c.planList(r))
}

func (t *Tenant) planList(r *http.Request) []map[string]any {
	items := []map[string]any{}
	for i, m := range t.Modules {
		if m.Kind != Plan && m.Kind != Suite {
			continue
		}
		name := m.Description
		if r.Header.Get("SO-Language") == "" && r.Header.Get("Accept-Language") == "" {
			name = fmt.Sprintf(`US:"%s";NO:"%s"`, name, name)
		}
		items = append(items, listItem(moduleID(i), name, m.Name, i+1))
	}
	return items
}

func moduleID(i int) int { return 79 + i }

// principal is who calls, with the licences that the tenant and that one have.
func principal(w http.ResponseWriter, r *http.Request, c *call) {
	type granted struct {
		OwnerId                                 int
		OwnerName, OwnerDescription             string
		ModuleId                                int
		Name, Description, Version, LicenseType string
		ExtraFlags                              int
		ExtraInfo                               string
		SortOrder, LicenseNumber                int
		IsHidden, IsUnrestricted                bool
		ExpiryDate                              string
	}
	user := c.user(c.by)
	all := []granted{}
	for i, m := range c.licence(fromDatabase).Current.ModuleLicenses {
		if own := c.module(m.ModuleName); own != nil && (user == nil || !c.holds(user, own)) {
			continue
		}
		all = append(all, granted{
			1, m.OwnerName, "SuperOffice AS", moduleID(i), m.ModuleName, m.ModuleDescription, m.ModuleVersion, m.LicenseType,
			m.ExtraFlags, m.ExtraInfo, m.SortOrder, m.NumberOfLicenses, m.IsHidden, m.Unrestricted, wireDate(c.Expires),
		})
	}
	name, kind := "Simulated App", "SystemAssociate"
	if user != nil {
		name, kind = user.Name, "InternalAssociate"
	}
	answer(w, map[string]any{
		"AssociateId": c.by, "Associate": name, "FullName": name, "UserType": kind, "DatabaseContextIdentifier": c.CustID,
		"DatabaseSerialNumber": c.Serial, "Licenses": all,
	})
}

// texts are strings of SuperOffice's own table. Those of the first are as its help has them,
// those of the others are ours: theirs are not published.
var texts = map[string]map[string]string{
	"SR_REQUEST_DEPENDENCY": {
		"en": "The user has open requests in Service. The licence cannot be removed",
		"sv": "Användaren har öppna förfrågningar i Service. Licensen kan inte tas bort",
		"no": "Brukeren har åpne saker i Service. Lisensen kan ikke fjernes.",
		"da": "Brugeren har åbne sager i Service. Licensen kan ikke fjernes",
	},
	"SR_LICENSE_EXPIRED_ADMINWARNING": {"en": "The licence expires soon (simulated text)", "sv": "Licensen går snart ut (simulerad text)"},
	"SR_LICENSE_EXPIRED_GRACE":        {"en": "The licence has expired and works for a few days more (simulated text)", "sv": "Licensen har gått ut och fungerar några dagar till (simulerad text)"},
	"SR_LICENSE_EXPIRED_EXPIRED":      {"en": "The licence has expired (simulated text)", "sv": "Licensen har gått ut (simulerad text)"},
	"SR_LICENSE_NODATA":               {"en": "There is no licence (simulated text)", "sv": "Det finns ingen licens (simulerad text)"},
}

// translated gives a string in a language; English where there is none; its key where nobody
// says which language.
func translated(name, language string) string {
	if len(language) < 2 {
		return "[" + name + "]"
	}
	if text := texts[name][language[:2]]; text != "" {
		return text
	}
	return texts[name]["en"]
}

func stringResource(w http.ResponseWriter, r *http.Request, c *call) {
	name := r.PathValue("name")
	if texts[name] == nil {
		notFound(w, "no such string")
		return
	}
	language := r.URL.Query().Get("isoLangCode")
	language = cmp.Or(language, r.Header.Get("SO-Language"))
	answer(w, translated(name, language))
}
