package outside

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/superoffice"
)

// OnlineCRM is where SuperOffice's production lets in.
const OnlineCRM = "https://online.superoffice.com"

// CRM is a client of SuperOffice, made of four lists: crm_app, the application's secret, and
// crm_key, its RSA key in PEM or in XML, of each of which the first is used; crm_system, a line
// "Cust12345 App Name-xxxx" for each tenant that has approved it; crm_onsite, a line
// "Cust700 https://crm.fjord.example/SuperOffice basic user:password", or "... ticket 7T:abc",
// for each server of a customer's own. It names every fault at once, and quotes no secret. An
// empty line is no fault, and grants nothing.
func CRM(s app.Secrets, login string, client *http.Client, now func() time.Time) (*superoffice.Client, error) {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf("secrets: "+format, args...)) }
	if err := LoginHost(login); err != nil {
		faults = append(faults, err)
	}
	var our superoffice.App
	if list := s["crm_app"]; len(list) > 0 {
		our.Secret = list[0]
	}
	for i, text := range s["crm_key"] {
		if text == "" {
			continue
		}
		key, err := superoffice.ReadKey([]byte(text))
		if err != nil {
			fault("crm_key[%d]: %w", i, err)
		} else if i == 0 {
			our.Key = key
		}
	}
	system := map[string]string{}
	for i, line := range s["crm_system"] {
		cust, token, _ := strings.Cut(line, " ")
		switch token = strings.TrimSpace(token); {
		case line == "":
		case cust == "" || token == "":
			fault("crm_system[%d] is not a CustID, a space, and the system user token", i)
		case system[strings.ToLower(cust)] != "":
			fault("crm_system[%d] is the second of %s", i, cust)
		default:
			system[strings.ToLower(cust)] = token
		}
	}
	if len(system) > 0 && (our.Secret == "" || len(s["crm_key"]) == 0 || s["crm_key"][0] == "") {
		fault("crm_system needs crm_app and crm_key, which sign in")
	}
	onsite := map[string]superoffice.Onsite{}
	for i, line := range s["crm_onsite"] {
		cust, server, err := onsiteOf(line)
		switch {
		case line == "":
		case err != nil:
			fault("crm_onsite[%d] %w", i, err)
		case onsite[strings.ToLower(cust)].URL != "":
			fault("crm_onsite[%d] is the second of %s", i, cust)
		default:
			onsite[strings.ToLower(cust)] = server
		}
	}
	return &superoffice.Client{
		HTTP: client, Login: login, Now: now, App: our,
		System: func(cust string) (string, bool) {
			token, ok := system[strings.ToLower(cust)]
			return token, ok
		},
		Onsite: func(cust string) (superoffice.Onsite, bool) {
			server, ok := onsite[strings.ToLower(cust)]
			return server, ok
		},
	}, errors.Join(faults...)
}

// onsiteOf reads one line of crm_onsite.
func onsiteOf(line string) (cust string, o superoffice.Onsite, err error) {
	parts := strings.SplitN(line, " ", 4)
	if len(parts) < 4 || parts[0] == "" {
		return "", o, errors.New("is not a CustID, an address, basic or ticket, and what signs in")
	}
	o.URL = parts[1]
	switch user, password, ok := strings.Cut(parts[3], ":"); {
	case parts[2] == "ticket":
		o.Ticket = parts[3]
	case parts[2] != "basic":
		return "", o, errors.New("signs in with neither basic nor ticket")
	case !ok || user == "" || password == "":
		return "", o, errors.New("basic needs user:password")
	default:
		o.User, o.Password = user, password
	}
	return parts[0], o, o.Check()
}

// LoginHost refuses a login host that is not one: what is sent there signs us in.
func LoginHost(login string) error {
	u, err := url.Parse(login)
	switch local := err == nil && (u.Hostname() == "127.0.0.1" || u.Hostname() == "localhost" || u.Hostname() == "::1"); {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Path != "" && u.Path != "/" || u.Scheme != "https" && (u.Scheme != "http" || !local):
		return errors.New("the login host is not an address such as " + OnlineCRM)
	case !local && !strings.HasSuffix(strings.ToLower(u.Hostname()), ".superoffice.com"):
		return errors.New("the login host is not below superoffice.com, as " + OnlineCRM + " is")
	}
	return nil
}
