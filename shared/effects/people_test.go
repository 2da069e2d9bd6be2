package effects_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"seatmend/shared/licence"
)

// owners answers GetUserLicenses: user 5 holds ten-sales, whoever else is asked for nothing of it.
func owners(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	fmt.Fprintf(w, `[{"Name":"PARTNER","RestrictedModuleLicenses":[{"Name":"ten-sales","Assigned":true}]},{"Name":"SUPEROFFICE","RestrictedModuleLicenses":[{"Name":"ten-sales","Assigned":%v,"Free":1}],"UnrestrictedModuleLicenses":[]}]`,
		string(body) == `{"AssociateId":5}`)
}

const people = `[{"Id":5,"Name":"Eva","FullName":"Eva Holm"},{"Id":6,"Name":"Ola"},{"Id":7,"Name":"Gone","Deleted":true}]`

// Where the archive may not be read, or has no column for a plan that is in use, each person is asked
// about; what may not be seen is no number.
func TestPeopleAreFoundWithoutTheArchive(t *testing.T) {
	no := code(403, "")
	unlisted := says(`{"value":[{"EntityName":"all","associateDbId":5,"fullName":"Eva","canLogin":false},{"EntityName":"all","associateDbId":6,"fullName":"Ola","canLogin":true}]}`)
	for name, c := range map[string]struct {
		say   map[string]http.HandlerFunc
		seats string // "" is no list
		can   string
	}{
		"archive and requests denied": {map[string]http.HandlerFunc{"InternalUsers": no, "dynamic": no, "Ticket": no, "GetList": says(people), "GetUserLicenses": owners}, "5 Eva Holm login true requests -1", "[read-licence read-users activate]"},
		"archive alone denied":        {map[string]http.HandlerFunc{"InternalUsers": no, "GetList": says(people), "GetUserLicenses": owners}, "5 Eva Holm login true requests 1", "[read-licence read-users activate]"},
		"a plan without a column":     {map[string]http.HandlerFunc{"InternalUsers": unlisted, "GetAvailableColumns": says(`[{"Name":"associateDbId"}]`), "GetUserLicenses": owners}, "5 Eva login false requests 1", "[read-licence read-users activate]"},
		"nor a second way":            {map[string]http.HandlerFunc{"InternalUsers": no}, "", "[read-licence activate]"},
		"the list alone":              {map[string]http.HandlerFunc{"InternalUsers": no, "GetList": says(people), "GetUserLicenses": no}, "", "[read-licence activate]"},
		"half an answer":              {map[string]http.HandlerFunc{"InternalUsers": no, "GetList": says(people), "GetUserLicenses": says(`[]`)}, "", "[read-licence activate]"},
		"null":                        {map[string]http.HandlerFunc{"InternalUsers": no, "GetList": says(people), "GetUserLicenses": says(`null`)}, "", "[read-licence activate]"},
		"twice the same":              {map[string]http.HandlerFunc{"InternalUsers": no, "GetList": says(`[{"Id":5},{"Id":5}]`), "GetUserLicenses": owners}, "", "[read-licence activate]"},
		"a fault":                     {map[string]http.HandlerFunc{"InternalUsers": no, "GetList": says(people), "GetUserLicenses": code(500, "")}, "", "[read-licence activate]"},
		"too many to ask":             {map[string]http.HandlerFunc{"InternalUsers": no, "GetList": says(crowd(301)), "GetUserLicenses": owners}, "", "[read-licence activate]"},
	} {
		t.Run(name, func(t *testing.T) {
			crm := newCRM(t)
			for call, h := range c.say {
				crm.say[call] = h
			}
			r := crm.read(t, told{})
			if r.licence == nil {
				t.Fatal("no licence")
			}
			got := ""
			if r.seats != nil {
				var all []string
				for _, row := range r.seats.Rows {
					all = append(all, fmt.Sprintf("%s %s login %v requests %d", row.User.ID, row.User.Name, row.User.CanLogin, row.OpenRequests))
				}
				got = strings.Join(all, "; ")
			}
			if got != c.seats || c.seats != "" && r.can() != c.can {
				t.Errorf("seats %q, can %s; want %q, %s", got, r.can(), c.seats, c.can)
			}
		})
	}
	if licence.Unseen >= 0 {
		t.Error("what is not seen is a number")
	}
}

func crowd(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`{"Id":%d,"Name":"P"}`, i+1))
	}
	return "[" + strings.Join(all, ",") + "]"
}
