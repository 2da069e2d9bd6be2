package desk

import (
	"net/http"
	"slices"

	"seatmend/functions/app"
)

// mays are what people of each desk may do. All see all, assign, note, and read a licence again. Who
// belongs to no desk by the settings belongs to all.
var mays = map[string][]string{
	"answer":      {"support", "finance", "sales"},
	"paid":        {"support", "finance"},
	"arrangement": {"support", "finance"},
	"screen":      {"support", "ops"},
	"drafts":      {"support"},
	"mail":        {"support", "ops"},
	"revoke":      {"support", "ops"},
	"aside":       {"support", "ops"},
}

// may tells whether who is signed in may do something.
func (v *deskVisit) may(what string) bool {
	desks, bound := mays[what]
	return !bound || len(v.staff.Desks) == 0 || slices.ContainsFunc(desks, func(d string) bool { return slices.Contains(v.staff.Desks, d) })
}

// mayNot refuses what another desk does, and says which.
func (v *deskVisit) mayNot(what string) error {
	if v.may(what) {
		return nil
	}
	return &app.Refusal{Status: http.StatusForbidden, Code: "desk", Message: v.g.say("fault.other-desk", v.g.all("owner.", mays[what]))}
}

// home is the list that a person begins with: of who belongs to one desk and not to support, what is
// that desk's.
func home(s app.Staff) string {
	if len(s.Desks) == 1 && s.Desks[0] != "support" {
		return "/support?owner=" + s.Desks[0]
	}
	return "/support"
}

// staffNames are the operator's people, who may have a case.
func (v *deskVisit) staffNames() (out []string) {
	for _, s := range v.Operator.Staff {
		out = append(out, s.Name)
	}
	return out
}
