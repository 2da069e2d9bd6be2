package crmsim

import (
	"fmt"
	"time"
)

// A Scenario is a tenant in which something is so that somebody must find out.
type Scenario struct {
	Name  string
	About string
	shape func(*Tenant, days)
}

// days gives dates around the instant for which a tenant is made.
type days func(days int) string

// Make makes the tenant for an instant, under a CustID.
func (c Scenario) Make(custID string, now time.Time) Tenant {
	at := days(func(n int) string { return now.UTC().AddDate(0, 0, n).Format(time.DateOnly) })
	t := usual(custID, now, at)
	c.shape(&t, at)
	return t
}

// usual is a tenant with nine people and ten seats, of which the new licence keeps them all.
func usual(custID string, now time.Time, at days) Tenant {
	t := Tenant{
		CustID: custID, Serial: "1801852599", Company: "Wordslayer AS", Kind: "production", Version: "12.2", Released: "2026-07-09",
		NextCheck: at(5), AdminWarning: at(-1), Expires: at(27), GraceUntil: at(39), MaintenanceUntil: at(45), Markers: []string{"online"},
		Modules: []Module{
			{Name: "ten-sales", Description: "Sales Premium", Kind: Plan, Total: 10, NewTotal: 10, Includes: []string{"sale-cal"}},
			{Name: "ten-service", Description: "Service Premium", Kind: Plan, Total: 4, NewTotal: 4},
			{Name: "sale-cal", Description: "Sale", Kind: Hidden, Total: 10, NewTotal: 10},
		},
		Offer:  &Offer{NextCheck: at(370), AdminWarning: at(365), Expires: at(392), GraceUntil: at(404)},
		Grants: []string{ReadLicence, ReadUsers, Activate},
	}
	t.Modules = append(t.Modules, Beside()...)
	for n := 1; n <= 9; n++ {
		t.Users = append(t.Users, User{
			ID: n, Name: fmt.Sprint("Person ", n), Email: fmt.Sprintf("person%d@wordslayer.example", n), Group: "Sales", Admin: n == 1, CanLogin: true,
			LastLogin: now.AddDate(0, 0, -7*n).UTC().Truncate(time.Second), Created: now.AddDate(-2, 0, 0).UTC().Truncate(time.Second), Plans: []string{"ten-sales"},
		})
	}
	return t
}

// Beside are the modules that tenants have beside what they bought: one of system users, whom the
// list of employees has no column for, one that everybody may have, and the plan that is none.
func Beside() []Module {
	return []Module{
		{Name: "system-user-cal", Description: "System user", Kind: System, Total: 1, NewTotal: 1, Used: 1},
		{Name: "visible-for", Description: "Visible for", Kind: Addon, Unrestricted: true},
		{Name: "superlicense-no-selection", Description: "(No Selection)", Kind: Plan, Unrestricted: true},
	}
}

// total sets what the new licence has of a module, and of what comes with it.
func (t *Tenant) total(name string, n int) {
	m := t.module(name)
	m.NewTotal = n
	for _, hidden := range m.Includes {
		t.module(hidden).NewTotal = n
	}
}

// Scenarios lists them.
func Scenarios() []Scenario {
	over := func(t *Tenant, _ days) { t.total("ten-sales", 7) }
	return []Scenario{
		{"surplus-one-plan", "Two more hold Sales Premium than the new licence has.", over},
		{"surplus-two-plans", "Too many of two plans at once.", func(t *Tenant, _ days) {
			for i := range t.Users[5:] {
				t.Users[5+i].Plans = []string{"ten-service"}
			}
			t.total("ten-sales", 4)
			t.total("ten-service", 3)
		}},
		{"plan-swap", "The plan that all hold is missing in the new licence, another has come for it.", func(t *Tenant, _ days) {
			t.total("ten-sales", 0)
			t.Modules = append(t.Modules, Module{Name: "ten-salesservice", Description: "Sales and Service Premium", Kind: Plan, NewTotal: 10})
		}},
		{"surplus-blocked-open-requests", "Who could give a seat back has open requests in Service.", func(t *Tenant, d days) {
			over(t, d)
			for i := 4; i < 9; i++ {
				t.Users[i].OpenRequests = i
			}
			t.Users[8].Postponed = t.Users[8].OpenRequests
		}},
		{"blocked-category-master", "Who could give a seat back is master of a request category.", func(t *Tenant, d days) {
			over(t, d)
			t.Users[8].CategoryMaster = true
		}},
		{"suite-seats-over", "CRM Suite: more can log in than there will be seats.", func(t *Tenant, _ days) {
			t.Modules = []Module{{Name: "suite-user", Description: "Core", Kind: Suite, Total: 10, NewTotal: 7}}
			for i := range t.Users {
				t.Users[i].Plans = nil
			}
		}},
		{"trial-installation", "A trial that people log in to, while the company has a real one.", func(t *Tenant, d days) {
			t.Kind, t.Offer, t.Expires, t.GraceUntil = "trial", nil, d(3), d(3)
		}},
		{"sandbox", "A copy that is there to try things out.", func(t *Tenant, _ days) { t.Kind, t.Offer = "sandbox", nil }},
		{"demo-serial", "A serial number that only demonstrations have.", func(t *Tenant, _ days) { t.Serial, t.Offer = "1010000006", nil }},
		{"wrong-tenant-login", "The old trial, where people still sign in; one of them is administrator.", func(t *Tenant, d days) {
			t.Kind, t.Serial, t.Offer = "trial", "1801852600", nil
			t.Expires, t.GraceUntil, t.AdminWarning = d(1), d(1), d(-10)
		}},
		{"unpaid-warning", "It warns, and no new licence has come: nothing was paid.", func(t *Tenant, _ days) { t.Offer = nil }},
		{"unpaid-grace", "It has run out, and works for some days more.", func(t *Tenant, d days) {
			t.Offer, t.AdminWarning, t.Expires, t.GraceUntil, t.NextCheck = nil, d(-32), d(-4), d(8), d(-1)
		}},
		{"expired", "It has run out for good.", func(t *Tenant, d days) {
			t.Offer, t.AdminWarning, t.Expires, t.GraceUntil, t.NextCheck = nil, d(-60), d(-30), d(-18), d(-20)
		}},
		{"onsite-maintenance-ended", "A server of its own, newer than what its maintenance covers.", func(t *Tenant, d days) {
			t.onsite()
			t.Version, t.Released, t.LicensedVersion = "9.2.8060.1530", "", "8.5"
			t.Offer, t.MaintenanceUntil, t.Status = nil, d(-40), "ProblemWithLicense"
		}},
		{"onsite-no-internet", "A server of its own that does not reach the licence server: the licence comes in a file.", func(t *Tenant, _ days) {
			t.onsite()
			t.Offline = true
		}},
		{"company-renamed", "The company has a new name.", func(t *Tenant, _ days) {
			t.Status, t.Offer.Company = "NewCompanyNameAvailable", "Wordslayer Norden AS"
		}},
		{"serial-changed", "The installation has a new serial number.", func(t *Tenant, _ days) {
			t.Status, t.Offer.Serial = "NewSerialAvailable", "1801999991"
		}},
		{"all-ok-no-new-licence", "Nothing is wrong and nothing waits.", func(t *Tenant, d days) {
			t.Offer, t.NextCheck, t.AdminWarning, t.Expires, t.GraceUntil = nil, d(200), d(210), d(238), d(250)
		}},
		{"license-api-denied", "Reading the licence is not granted.", func(t *Tenant, d days) {
			over(t, d)
			t.Grants = []string{ReadUsers}
		}},
		{"tenant-moved", "It has moved to another host.", func(t *Tenant, d days) {
			over(t, d)
			t.Host = "online3"
		}},
		{"tenant-suspended", "The customer is about to leave.", func(t *Tenant, _ days) { t.State, t.Offer = "Suspended", nil }},
		{"scim-readds-user", "A directory gives back at night what was taken by hand.", func(t *Tenant, d days) {
			over(t, d)
			t.Markers = append(t.Markers, "scim")
		}},
	}
}

// onsite makes a tenant a server at the customer's, with a user of its own for whoever calls.
func (t *Tenant) onsite() {
	t.Hosting, t.User, t.Password = Onsite, "seatmend", "simulated password"
	t.Markers = []string{"maintenance"}
}
