package casework

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// The customer of these tests, and what is told of it.

var stockholmZone, _ = time.LoadLocation("Europe/Stockholm")

// stockholm reads "2026-11-23 09:00" as they read it in Stockholm.
func stockholm(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, stockholmZone)
	if err != nil {
		panic(err)
	}
	return t
}

// fjord is the customer of these tests: one production installation, a trial, two contacts.
func fjord() licence.AccountChanged {
	return licence.AccountChanged{
		Account: "C-1042", Name: "Fjord Foods AB", Locale: "sv", Timezone: "Europe/Stockholm", Model: "plans",
		Contacts: []licence.Contact{
			{ID: "anna", Name: "Anna Berg", Email: "anna@fjord.example", Role: licence.Admin, Locale: "sv"},
			{ID: "bo", Name: "Bo Lind", Email: "ap@fjord.example", Role: licence.Billing, Locale: "sv"},
		},
		Installations: []licence.Installation{
			{CustID: "Cust12345", Serial: "1801550193", Kind: "production", Hosting: "online", URL: "https://online2.superoffice.example/Cust12345"},
			{CustID: "Cust9001", Serial: "1801550010", Kind: "trial", Hosting: "online", URL: "https://online.superoffice.example/Cust9001"},
		},
		Billing: []licence.Mapping{{Sender: "stripe", ID: "cus_F10rd"}},
		Plans: []licence.Plan{
			{Plan: "sales-premium", Name: "Sales Premium", Module: "ten-sales", Prices: []string{"price_sp"}},
			{Plan: "service-premium", Name: "Service Premium", Module: "ten-service", Prices: []string{"price_sv"}},
			{Plan: "marketing", Name: "Marketing", Module: "ten-marketing", Prices: []string{"price_ma"}},
		},
		Mail: licence.Some("on"),
	}
}

// licenceLine is a plan's line of the licence; offered -1: nothing is offered.
func licenceLine(plan string, total, offered, inUse int) licence.LicenceLine {
	modules := map[string]string{"sales-premium": "ten-sales", "service-premium": "ten-service", "marketing": "ten-marketing", "sales-essentials": "ten-essentials"}
	l := licence.LicenceLine{Plan: plan, Module: modules[plan], Description: plan, Total: total, InUse: inUse}
	if l.Module == "" {
		l.Module = plan
	}
	if offered >= 0 {
		l.NewTotal = &offered
	}
	return l
}

// lapsingLicence expires on Sunday 13 December 2026, warns from 28 November and asked on the 20th.
func lapsingLicence(lines ...licence.LicenceLine) licence.LicenceReported {
	l := licence.LicenceReported{
		CustID: "Cust12345", Serial: "1801550193", Version: "12.2", LicensedVersion: "12.2", Maintenance: "2026-12-31",
		NextCheck: "2026-11-20", AdminWarning: "2026-11-28", Expires: "2026-12-13", GraceUntil: "2026-12-25",
		Markers: []string{"online"}, Plans: lines,
	}
	if slices.ContainsFunc(lines, func(l licence.LicenceLine) bool { return l.NewTotal != nil }) {
		l.Offered, l.NewExpires = true, "2027-12-13"
	}
	return l
}

// soundLicence is a licence that has most of a year left.
func soundLicence(lines ...licence.LicenceLine) licence.LicenceReported {
	l := lapsingLicence(lines...)
	l.NextCheck, l.AdminWarning, l.Expires, l.GraceUntil = "2027-08-20", "2027-08-28", "2027-09-13", "2027-09-25"
	l.NewExpires = ""
	return l
}

// orderOf is a live subscription of plans and numbers.
func orderOf(id string, lines ...any) licence.SubscriptionChanged {
	s := licence.SubscriptionChanged{Subscription: id, Status: "active", Items: []licence.Item{}}
	for i := 0; i < len(lines); i += 2 {
		s.Items = append(s.Items, licence.Item{Plan: lines[i].(string), Quantity: lines[i+1].(int)})
	}
	return s
}

func licenceInvoice(status string, due, paid, from, to licence.Date) licence.InvoiceChanged {
	return licence.InvoiceChanged{
		Invoice: "INV-7", Status: status, Due: due, PaidAt: paid, Amount: "12500.00", Currency: "SEK",
		URL: "https://pay.example/INV-7", From: from, To: to,
	}
}

func person(id string) licence.User {
	return licence.User{ID: id, Name: "User " + id, Email: id + "@fjord.example", CanLogin: true, Activity: "known", LastActive: stockholm("2026-11-01 08:00")}
}

// holders lists so many holders of a plan, u1, u2 and on.
func holders(plan string, n int) licence.SeatsListed {
	l := licence.SeatsListed{CustID: "Cust12345"}
	for i := range n {
		l.Rows = append(l.Rows, licence.SeatChanged{CustID: "Cust12345", Plan: plan, Held: true, User: person(fmt.Sprint("u", i+1))})
	}
	return l
}

func warnedLogin(custID, user string, daysLeft int) licence.LoginWarned {
	return licence.LoginWarned{CustID: custID, Version: "12.2", Message: "The licence will expire soon.", DaysLeft: &daysLeft, User: licence.LoginUser{ID: user, Name: user, Email: user + "@fjord.example"}}
}

// invoiced is an order, invoices and the licence that ends on 13 December, asked on 30 November.
func invoiced(t *testing.T, invoices ...licence.InvoiceChanged) *world {
	t.Helper()
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.told(stockholm("2026-01-05 08:00"), "order", orderOf("sub_1", "sales-premium", 10))
	for _, in := range invoices {
		w.told(stockholm("2026-11-05 08:00"), "told "+in.Invoice, in)
	}
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, -1, 9)))
	return w
}

// nextInvoice is a licence invoice for the time after the licence.
func nextInvoice(id, status string, change func(*licence.InvoiceChanged)) licence.InvoiceChanged {
	in := licenceInvoice(status, "2026-11-10", "", "2026-12-13", "2027-12-13")
	in.Invoice = id
	if status == "paid" {
		in.PaidAt = "2026-11-05"
	}
	if change != nil {
		change(&in)
	}
	return in
}
