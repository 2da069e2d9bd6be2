package functions_test

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"seatmend/infra/crmsim"
	"seatmend/shared/licence"
)

// A customer is one that a test makes: what the directory says of it, and what SuperOffice has.
type customer struct {
	account licence.AccountChanged
	tenant  crmsim.Tenant
}

const (
	sales, service = "sales", "service" // plans of the made customers, whose modules are ten-sales and ten-service
	granitCust     = "Cust50001"
)

// granit has nine people on Sales, of whom the next licence has seven, and a seat free on
// Service. Two of them, Ulla and Per, are its administrators and its contacts.
func granit() customer {
	names := []string{"Ulla Sten", "Per Alm", "Ada Nord", "Bror Ek", "Cilla Vik", "Dan Lund", "Elsa Berg", "Folke Dal", "Gull Hed"}
	c := customer{
		account: licence.AccountChanged{
			Account: "G-1", Name: "Granit AB", Locale: "en", Timezone: "Europe/Stockholm", Model: "plans", Billing: []licence.Mapping{},
			Contacts: []licence.Contact{
				{ID: "ulla", Name: "Ulla Sten", Email: "ulla.sten@granit.example", Role: licence.Admin, Locale: "en", User: "1"},
				{ID: "per", Name: "Per Alm", Email: "per.alm@granit.example", Role: licence.Admin, Locale: "en", User: "2", Rank: 1},
				{ID: "siv", Name: "Siv Moa", Email: "faktura@granit.example", Role: licence.Billing, Locale: "en"},
			},
			Installations: []licence.Installation{{CustID: granitCust, Serial: "1805000117", Kind: "production", Hosting: "online", URL: "https://online2.superoffice.com/Cust50001"}},
			Plans: []licence.Plan{
				{Plan: sales, Name: "Sales", Module: "ten-sales", Prices: []string{"price_s"}},
				{Plan: service, Name: "Service", Module: "ten-service", Prices: []string{"price_v"}},
			},
		},
		tenant: crmsim.Tenant{
			CustID: granitCust, Serial: "1805000117", Company: "Granit AB", Kind: "production", Version: "12.2", LicensedVersion: "12.2",
			NextCheck: "2026-11-20", AdminWarning: "2026-11-18", Expires: "2026-12-13", GraceUntil: "2026-12-25", MaintenanceUntil: "2026-12-31",
			Grants: []string{crmsim.ReadLicence, crmsim.ReadUsers, crmsim.Activate},
			Modules: []crmsim.Module{
				{Name: "ten-sales", Description: "Sales", Kind: crmsim.Plan, Total: 10, NewTotal: 7},
				{Name: "ten-service", Description: "Service", Kind: crmsim.Plan, Total: 3, NewTotal: 3},
			},
			Offer: &crmsim.Offer{NextCheck: "2027-11-23", AdminWarning: "2027-11-18", Expires: "2027-12-13", GraceUntil: "2027-12-25"},
		},
	}
	for i, name := range names {
		c.tenant.Users = append(c.tenant.Users, person(i+1, name, i, "ten-sales"))
	}
	c.tenant.Users[0].Admin, c.tenant.Users[1].Admin = true, true
	c.tenant.Users = append(c.tenant.Users, person(21, "Hugo Fors", 2, "ten-service"), person(22, "Iris Lo", 3, "ten-service"))
	return c
}

// person is somebody who has logged in so many days ago.
func person(id int, name string, days int, modules ...string) crmsim.User {
	mail := strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@granit.example"
	return crmsim.User{ID: id, Name: name, Email: mail, CanLogin: true, LastLogin: morning.AddDate(0, 0, -days), Created: morning.AddDate(-2, 0, 0), Plans: modules}
}

// holding changes a customer before it is met.
func (c customer) holding(change func(c *customer)) customer {
	change(&c)
	return c
}

// meet tells a customer, lets its SuperOffice be read, and an hour pass: the first mail goes.
func (w *world) meet(c customer) *browser {
	w.Helper()
	if err := w.sim.Put(c.tenant); err != nil {
		w.Fatal(err)
	}
	w.direct(c.account)
	w.advance(w.clock.Now().Add(time.Hour))
	return w.browse(w.link())
}

// direct tells what the directory has of a customer.
func (w *world) direct(a licence.AccountChanged) {
	w.Helper()
	data, err := json.Marshal(a)
	if err != nil {
		w.Fatal(err)
	}
	w.must(w.say("account.changed", w.clock.Now().Add(-time.Hour), string(data)), "applied")
}

// linkOf has a link mailed to a contact, and opens it on a device of that person.
func (w *world) linkOf(account, contact string) *browser {
	w.Helper()
	w.ids++
	f := licence.Fact{
		ID: "test/link/" + strconv.Itoa(w.ids), To: []licence.Name{{Sender: "account", ID: account}}, At: w.clock.Now(), Source: "page",
		Payload: licence.LinkAsked{To: contact},
	}
	if _, err := w.app.Engine.Apply(w.Context(), f); err != nil {
		w.Fatal(err)
	}
	w.sweep()
	for _, m := range w.mailRows() {
		if m.Draft != "" && m.Why == "link" { // where mails wait for a person, a person sends it
			if _, err := w.app.Engine.Drafts(w.Context(), account, m.ID, true); err != nil {
				w.Fatal(err)
			}
			w.sweep()
		}
	}
	mails := w.inbox()
	last := mails[len(mails)-1]
	if last.Why != "link" {
		w.Fatalf("no link has come to %s: %+v", contact, last.Subject)
	}
	return w.browse(path(w.T, last.Link))
}

// inSuperOffice changes what SuperOffice has, as somebody else would there.
func (w *world) inSuperOffice(cust string, change func(*crmsim.Tenant)) {
	w.Helper()
	t, ok := w.sim.Tenant(cust)
	if !ok {
		w.Fatalf("no tenant %s", cust)
	}
	change(&t)
	if err := w.sim.Put(t); err != nil {
		w.Fatal(err)
	}
}

// take takes a licence from people, on the administrator's screen.
func (w *world) take(cust, module string, users ...string) {
	w.Helper()
	for _, u := range users {
		if said := w.screen(cust, "remove", url.Values{"user": {u}, "module": {module}}); said != "The licence has been removed." {
			w.Fatalf("the screen says %q", said)
		}
	}
}

// said are the facts of one kind in the account's audit trail, the newest first.
func (w *world) said(account, kind string) (all []map[string]any) {
	w.Helper()
	var v struct {
		Facts []struct {
			ID, Type, Source string
			Timestamp        time.Time
			Received         time.Time `json:"received_at"`
			Data             map[string]any
		}
	}
	w.ask("/accounts/"+account+"/facts?limit=200", &v)
	for _, f := range v.Facts {
		if f.Type == kind {
			f.Data["received_at"], f.Data["fact id"] = f.Received, f.ID
			all = append(all, f.Data)
		}
	}
	return all
}
