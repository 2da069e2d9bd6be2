package crmsim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"seatmend/infra/crmsim"
)

// everything is a tenant that grants all there is.
func everything() crmsim.Tenant {
	t := fjord()
	t.Grants = []string{crmsim.ReadLicence, crmsim.ReadUsers, crmsim.Activate, crmsim.Tickets, crmsim.Messages, crmsim.Webhooks, crmsim.ManageUsers}
	return t
}

func TestEndpointShapes(t *testing.T) {
	tenant := everything()
	tenant.Users[6].OpenRequests, tenant.Users[6].Postponed = 3, 1
	tenant.Users[7].Retired = true
	tenant.Modules = append(tenant.Modules, crmsim.Module{Name: "system-user-cal", Description: "System user", Kind: crmsim.System, Total: 5, NewTotal: 5, Used: 1},
		crmsim.Module{Name: "suite-core", Description: "Core", Kind: crmsim.Plan, NewTotal: 7})
	s := newStage(t, tenant)
	pass := s.pass(t, "Cust12345")
	for _, c := range []struct {
		method, path string
		body         any
		status       int
		says         []string
	}{
		{"GET", "License/SuperOffice", nil, 200, []string{`"CanBeActivated":false`, `"New":null`, `"NumberOfLicensesInUse":8`, `"ExpiryDate":"2026-12-13T00:00:00"`}},
		{"GET", "License/partner", nil, 200, []string{`null`}},
		{"POST", "Agents/License/GetLicenseFromDB", `{"OwnerName":"SUPEROFFICE"}`, 200, []string{`"New":null`}},
		{"POST", "Agents/License/GetLicenseFromLicenseServer", `{}`, 200, []string{`"New":{`, `"NumberOfLicensesNewFree":-1`, `"NumberOfLicensesAdded":-3`}},
		{"POST", "Agents/License/GetLicenseStatusFromLicenseServer", `{}`, 200, []string{`{"LicenseStatus":"NewLicenseAvailable","Message":"","Url":""}`}},
		{"POST", "Agents/License/GetUserAndInstallationLicenceStatus", `{"AssociateId":2}`, 200, []string{`"UserLicenses":["ten-sales","sale-cal"]`, `"SerialNr":"1801550193"`, `"GraceDate":"2026-12-25T00:00:00"`}},
		{"POST", "Agents/License/ActivateLicenseInfo", `{"NewLicense":null}`, 400, []string{`"MessageDetail":"NewLicense"`}},
		{"POST", "Agents/License/ActivateLicenseInfo", `{"NewLicense":`, 400, []string{`The request is invalid.`}},
		{"POST", "Agents/License/ValidateLicenseInfo", `{"LicenseInfo":null}`, 400, []string{`LicenseInfo`}},
		{"POST", "Agents/License/ValidateLicenseInfo", `{"LicenseInfo":{"New":null}}`, 200, []string{`"Succeeded":false`, `signature`}},
		{"POST", "Agents/License/Nonsense", `{}`, 404, []string{`SoNotFoundException`}},
		{"GET", "Archive/InternalUsers?$select=associateDbId,userplan,superoffice_ten-sales&$orderBy=associateDbId", nil, 200,
			[]string{`"EntityName":"all"`, `"PrimaryKey":1,`, `"PrimaryKey":"2"`, `"superoffice_ten-sales":1`, `"userplan":"Sales Premium"`}},
		{"GET", "Archive/InternalUsers?$select=associateDbId,retired&$entities=retired", nil, 200, []string{`"associateDbId":8,`, `"retired":true`}},
		{"GET", "Archive/AllUsers?$select=associateDbId&$entities=superoffice_ten-service", nil, 200, []string{`"value":[]`}},
		{"GET", "Archive/InternalUsers?$select=associateDbId,superoffice_system-user-cal", nil, 400, []string{`unknown column superoffice_system-user-cal`}},
		{"GET", "Archive/AllUsers?$select=associateDbId,superoffice_system-user-cal", nil, 200, []string{`"superoffice_system-user-cal":0`}},
		{"GET", "Archive/InternalUsers?$select=associateDbId,superoffice_suite-core", nil, 400, []string{`unknown column superoffice_suite-core`}}, // it is only offered
		{"GET", "Archive/InternalUsers?$select=associateDbId,lastLogin", nil, 400, []string{`unknown column lastLogin`}},
		{"GET", "Archive/Ticket?$select=ticketId,nonsense&$filter=" + esc("ownedBy/associateDbId associateIsOneOf (1)"), nil, 400, []string{`unknown column nonsense`}},
		{"GET", "Archive/InternalUsers?$select=associateDbId&$filter=name%20like%20x", nil, 400, []string{`not understood`}},
		{"GET", "Archive/Nonsense?$select=a", nil, 404, nil},
		{"GET", "archive/dynamic?$select=associate.associate_id,associate.lastlogin,associate.ejuserid", nil, 200, []string{`"associate.lastlogin":"2026-10-16T10:00:00"`, `"associate.ejuserid":1001`}},
		{"GET", "Archive/Ticket?$select=ticketId,status&$filter=" + esc("ownedBy/associateDbId associateIsOneOf (7) and status oneOf (1,3)"), nil, 200, []string{`"ticketId":70001`, `"ticketId":70003`, `"status":3`}},
		{"GET", "Archive/Ticket?$select=ticketId&$filter=" + esc("ownedBy/associateDbId associateIsOneOf (1)"), nil, 200, []string{`"value":[]`}},
		{"GET", "archive/dynamic?$select=ticket.id,ticket.title&$filter=" + esc("ticket.owned_by eq 1007 and ticket.status eq 3"), nil, 200, []string{`"ticket.id":70001`, `"ticket.title":"Request 70001"`}},
		{"GET", "MDOList/userplan", nil, 200, []string{`"Name":"Sales Premium"`, `"ExtraInfo":"ten-sales"`}},
		{"GET", "User/currentPrincipal", nil, 200, []string{`"UserType":"SystemAssociate"`, `"Name":"online"`, `"LicenseType":"SiteLicense"`}},
		{"GET", "Ticket/70001", nil, 200, []string{`"TicketId":70001`, `"AssociateId":7`, `"BaseStatus":"Postponed"`}},
		{"GET", "Ticket/5", nil, 404, nil},
		{"GET", "String/SR_REQUEST_DEPENDENCY?isoLangCode=sv", nil, 200, []string{`"Användaren har öppna förfrågningar i Service. Licensen kan inte tas bort"`}},
		{"GET", "String/SR_NO_SUCH?isoLangCode=sv", nil, 404, nil},
		{"POST", "Agents/Diagnostics/SendSystemMessage", `{"SystemMessageId":"lic-1","AssociateId":1,"MarkdownMessage":"Look","Type":"Warning","Expire":"2026-12-31T00:00:00Z"}`, 204, nil},
		{"POST", "Agents/Diagnostics/SendSystemMessage", `{"SystemMessageId":"lic-1","AssociateId":1,"MarkdownMessage":"Look","Type":"Loud"}`, 400, nil},
		{"POST", "Agents/Diagnostics/RemoveSystemMessageForAssociate", `{"SystemMessageId":"lic-1","AssociateId":1}`, 204, nil},
		{"POST", "Agents/Nonsense/Do", `{}`, 404, nil},
	} {
		status, body := s.send(t, c.method, "/Cust12345/api/v1/"+c.path, pass, c.body)
		if status != c.status {
			t.Errorf("%s %s: %d %s, want %d", c.method, c.path, status, body, c.status)
		}
		for _, text := range c.says {
			if !strings.Contains(body, text) {
				t.Errorf("%s %s: no %s in %s", c.method, c.path, text, body)
			}
		}
	}
	if now, _ := s.sim.Tenant("Cust12345"); now.Offer == nil || len(now.Messages) != 0 {
		t.Error("something was activated, or a message is left")
	}
	pass.Set("SO-TimeZone", "UTC")
	if _, body := s.send(t, "GET", "/Cust12345/api/v1/archive/dynamic?$select=associate.associate_id,associate.lastlogin", pass, nil); !strings.Contains(body, `"associate.lastlogin":"2026-10-16T09:00:00"`) {
		t.Errorf("in UTC: %s", body)
	}
	pass.Del("SO-Language")
	if _, body := s.send(t, "GET", "/Cust12345/api/v1/MDOList/userplan", pass, nil); !strings.Contains(body, `US:\"Sales Premium\"`) {
		t.Errorf("without a language: %s", body)
	}
}

func esc(text string) string {
	return strings.NewReplacer(" ", "%20", "(", "%28", ")", "%29").Replace(text)
}

func TestOldServers(t *testing.T) {
	tenant := fjord()
	tenant.Version, tenant.Released = "9.2.8060.1530", ""
	s := newStage(t, tenant)
	if status, body := s.send(t, "POST", "/Cust12345/api/v1/Agents/License/GetUserAndInstallationLicenceStatus", s.pass(t, "Cust12345"), `{"AssociateId":2}`); status != 404 {
		t.Errorf("9.2: %d %s", status, body)
	}
	status, body := s.send(t, "GET", "/Cust12345/api", nil, nil)
	if status != 200 || !strings.Contains(body, `"NetServerVersion":"9.2.8060.1530"`) || strings.Contains(body, "NetServerLabel") {
		t.Errorf("version: %d %s", status, body)
	}
	for version, want := range map[string]int{"10.5.2.9": 404, "10.5.3": 200, "11.0": 200} {
		tenant.Version = version
		s.sim.Put(tenant)
		if status, _ := s.send(t, "POST", "/Cust12345/api/v1/Agents/License/GetUserAndInstallationLicenceStatus", s.pass(t, "Cust12345"), `{"AssociateId":2}`); status != want {
			t.Errorf("%s: %d, want %d", version, status, want)
		}
	}
}

func TestLicenceStatusSaysAnyWord(t *testing.T) {
	s := newStage(t)
	for _, word := range []string{"Ok", "NewLicenseAvailable", "NewCompanyNameAvailable", "NewSerialAvailable", "UseCustomMessage", "UseCustomMessageAndUrl",
		"NewLicenseActivated", "ProblemWithLicense", "UnknownError", "SomethingOfTomorrow"} {
		tenant := fjord()
		tenant.Status, tenant.StatusText, tenant.StatusURL = word, "Call us", "https://help.example"
		s.sim.Put(tenant)
		_, body := s.send(t, "POST", "/Cust12345/api/v1/Agents/License/GetLicenseStatusFromLicenseServer", s.pass(t, "Cust12345"), `{}`)
		if want := fmt.Sprintf(`{"LicenseStatus":%q,"Message":"Call us","Url":"https://help.example"}`, word); body != want {
			t.Errorf("%s, want %s", body, want)
		}
	}
}

func TestWhatIsNotGrantedIsRefused(t *testing.T) {
	calls := map[string][]string{ // capability -> calls that need it
		crmsim.ReadLicence: {"GET License/SuperOffice", "POST Agents/License/GetLicenseFromDB", "POST Agents/License/GetLicenseFromLicenseServer"},
		crmsim.ReadUsers:   {"GET Archive/InternalUsers?$select=associateDbId", "GET archive/dynamic?$select=associate.associate_id", "GET MDOList/userplan", "GET Ticket/70001"},
		crmsim.Activate:    {"POST Agents/License/ActivateLicenseInfo", "POST Agents/License/AddLicenseFromFile"},
		crmsim.Tickets:     {"PUT Ticket/70001"},
		crmsim.Messages:    {"POST Agents/Diagnostics/SendSystemMessage"},
		crmsim.Webhooks:    {"GET Webhook", "POST Webhook", "DELETE Webhook/1"},
		crmsim.ManageUsers: {"POST Agents/User/RemoveLicenses", "POST Agents/User/SaveUser", "POST Agents/User/MakeRetired", "POST Agents/User/GetUser?userId=1", "POST Agents/User/GetUserInfoList", "GET User/1", "PUT User/1", "DELETE User/1"},
	}
	for missing, refused := range calls {
		tenant := everything()
		tenant.Users[6].OpenRequests = 1
		tenant.Grants = nil
		for capability := range calls {
			if capability != missing {
				tenant.Grants = append(tenant.Grants, capability)
			}
		}
		s := newStage(t, tenant)
		for _, call := range refused {
			method, path, _ := strings.Cut(call, " ")
			status, body := s.send(t, method, "/Cust12345/api/v1/"+path, s.pass(t, "Cust12345"), `{"NewLicense":null}`)
			if status != http.StatusForbidden || !strings.Contains(body, `"Error":true`) {
				t.Errorf("%s without %s: %d %s", call, missing, status, body)
			}
		}
	}
	tenant := fjord()
	tenant.RefusalStatus = 501
	s := newStage(t, tenant)
	if status, _ := s.send(t, "POST", "/Cust12345/api/v1/Agents/User/RemoveLicenses", s.pass(t, "Cust12345"), `{"AssociateId":2}`); status != 501 {
		t.Errorf("refused with %d, want what was set", status)
	}
}

func TestUsersAreManagedWhereThatIsGranted(t *testing.T) {
	tenant := everything()
	tenant.Users[8].OpenRequests = 2
	s := newStage(t, tenant)
	l := newListener(t, s, "associate.*", "person.*", "ticket.*")
	pass := s.pass(t, "Cust12345")
	ask := func(method, path string, body any) (int, string) {
		t.Helper()
		return s.send(t, method, "/Cust12345/api/v1/"+path, pass, body)
	}
	for range 2 { // removed twice is removed
		if status, body := ask("POST", "Agents/User/RemoveLicenses", `{"AssociateId":5}`); status != 204 {
			t.Errorf("RemoveLicenses: %d %s", status, body)
		}
	}
	pass.Set("SO-Language", "no")
	if status, body := ask("POST", "Agents/User/RemoveLicenses", `{"AssociateId":9}`); status != 400 || !strings.Contains(body, "Brukeren har åpne saker i Service. Lisensen kan ikke fjernes.") {
		t.Errorf("with open requests: %d %s", status, body)
	}
	if status, _ := ask("POST", "Agents/User/RemoveLicenses", `{"AssociateId":77}`); status != 404 {
		t.Errorf("nobody: %d", status)
	}
	if got := l.events(); len(got) != 0 {
		t.Errorf("licences sent %v", got)
	}
	// One plan is exchanged for another.
	_, raw := ask("POST", "Agents/User/GetUser?userId=6", `{}`)
	var user map[string]any
	if err := json.Unmarshal([]byte(raw), &user); err != nil {
		t.Fatal(err)
	}
	links := user["LicenseOwners"].([]any)[0].(map[string]any)["RestrictedModuleLicenses"].([]any)
	for _, one := range links {
		link := one.(map[string]any)
		if link["Free"].(float64)+link["InUse"].(float64) != link["Total"].(float64) {
			t.Errorf("%v", link)
		}
		link["Assigned"] = link["Name"] == "ten-service"
	}
	if status, body := ask("POST", "Agents/User/SaveUser", user); status != 200 || !strings.Contains(body, `"Assigned":true`) {
		t.Errorf("SaveUser: %d %s", status, body)
	}
	now, _ := s.sim.Tenant("Cust12345")
	if got := fmt.Sprint(now.Users[4].Plans, now.Users[5].Plans); got != "[] [ten-service]" {
		t.Errorf("users 5 and 6 hold %s", got)
	}
	if status, body := ask("PUT", "User/6", user); status != 200 {
		t.Errorf("PUT User: %d %s", status, body)
	}
	if status, _ := ask("POST", "Agents/User/MakeRetired", `{"AssociateId":6,"Retired":true}`); status != 204 {
		t.Errorf("MakeRetired: %d", status)
	}
	if got := fmt.Sprint(l.events()); got != "[associate.changed person.changed]" {
		t.Errorf("retiring sent %s", got)
	}
}

func TestRequestIsGivenAway(t *testing.T) {
	tenant := everything()
	tenant.Users[6].OpenRequests = 2
	s := newStage(t, tenant)
	l := newListener(t, s, "ticket.changed")
	pass := s.pass(t, "Cust12345")
	put := func(id, owner int) (int, string) {
		t.Helper()
		return s.send(t, "PUT", fmt.Sprintf("/Cust12345/api/v1/Ticket/%d?notify=false", id), pass, fmt.Sprintf(`{"TicketId":%d,"OwnedBy":{"AssociateId":%d}}`, id, owner))
	}
	if status, body := put(70002, 2); status != 200 || !strings.Contains(body, `"AssociateId":2`) {
		t.Errorf("%d %s", status, body)
	}
	got := l.hear()
	if len(got) != 1 || got[0].field(t, "PrimaryKey") != 70002.0 || got[0].field(t, "ChangedByAssociateId") != 900001.0 ||
		!strings.Contains(string(got[0].body), `"owned_by":1002`) {
		t.Errorf("sent %s", got)
	}
	now, _ := s.sim.Tenant("Cust12345")
	if now.Users[6].OpenRequests != 1 || now.Users[1].OpenRequests != 1 || fmt.Sprint(now.Users[1].Requests) != "[70002]" {
		t.Errorf("%+v\n%+v", now.Users[6], now.Users[1])
	}
	if status, _ := put(5, 2); status != 404 {
		t.Errorf("no such request: %d", status)
	}
	if status, _ := put(70001, 99); status != 400 {
		t.Errorf("to nobody: %d", status)
	}
	s.clock.move(time.Minute)
	pass.Set("If-Unmodified-Since", s.clock.now().Format(http.TimeFormat))
	if status, _ := put(70002, 3); status != 200 {
		t.Errorf("not changed since: %d", status)
	}
	pass.Set("If-Unmodified-Since", today.Format(http.TimeFormat))
	if status, _ := put(70002, 4); status != 412 {
		t.Errorf("changed since: %d", status)
	}
}
