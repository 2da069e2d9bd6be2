// Package wordstest has the customers whose situations the tests put into words: mails and what
// the command line prints in package words, the customer's pages in package page.
package wordstest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// Now is the instant of all tests: a Monday morning in Stockholm, while the warning is shown.
var Now = time.Date(2026, 11, 23, 9, 14, 0, 0, time.UTC)

var stockholm = sync.OnceValues(func() (*time.Location, error) { return licence.LoadZone("Europe/Stockholm") })

// Zone is the customers'.
func Zone(t *testing.T) *time.Location {
	t.Helper()
	zone, err := stockholm()
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// A Story is what was told of a customer.
type Story struct {
	Account licence.AccountChanged
	Facts   []licence.Payload
	ago     []time.Duration // of each fact
}

func customer() *Story {
	return &Story{Account: licence.AccountChanged{
		Account: "C-1042", Name: "Fjord Foods AB", Locale: "sv", Timezone: "Europe/Stockholm", Model: "plans",
		Contacts: []licence.Contact{
			{ID: "anna", Name: "Anna Berg", Email: "anna@fjord.example", Role: licence.Admin},
			{ID: "bo", Name: "Bo Lind", Email: "ap@fjord.example", Role: licence.Billing},
		},
		Installations: []licence.Installation{
			{CustID: "Cust12345", Serial: "1801550193", Kind: "production", Hosting: "online", URL: "https://online2.superoffice.com/Cust12345"},
			{CustID: "Cust9001", Serial: "1801550010", Kind: "trial", Hosting: "online", URL: "https://online.superoffice.com/Cust9001"},
		},
		Billing: []licence.Mapping{{Sender: "stripe", ID: "cus_F10rd"}},
		Plans: []licence.Plan{
			{Plan: "sales-premium", Name: "Sales Premium", Module: "ten-sales", Prices: []string{"price_sp"}},
			{Plan: "service-premium", Name: "Service Premium", Module: "ten-service", Prices: []string{"price_sv"}},
		},
	}}
}

func (s *Story) with(ago time.Duration, p licence.Payload) *Story {
	s.Facts, s.ago = append(s.Facts, p), append(s.ago, ago)
	return s
}

// report is the licence of the fixtures: a warning is shown, and it has asked.
func report(change func(*licence.LicenceReported)) licence.LicenceReported {
	r := licence.LicenceReported{
		CustID: "Cust12345", Serial: "1801550193", Version: "12.2", LicensedVersion: "12.2", Maintenance: "2026-12-31",
		NextCheck: "2026-11-20", AdminWarning: "2026-11-15", Expires: "2026-12-13", GraceUntil: "2026-12-25",
		Markers: []string{"online"},
		Plans:   []licence.LicenceLine{{Plan: "sales-premium", Module: "ten-sales", Description: "Sales Premium", Total: 10, InUse: 9}},
	}
	if change != nil {
		change(&r)
	}
	return r
}

// offer makes a report offer a new licence of n seats.
func offer(n int) func(*licence.LicenceReported) {
	return func(r *licence.LicenceReported) {
		r.Offered, r.NewExpires = true, "2027-12-13"
		r.Plans[0].NewTotal = new(n)
		r.CanActivate = r.Plans[0].InUse <= n
	}
}

// State is what is known of the customer.
func (s *Story) State() licence.State {
	state := licence.State{Account: s.Account.Account}
	ago := append([]time.Duration{90 * 24 * time.Hour}, s.ago...)
	for i, p := range append([]licence.Payload{s.Account}, s.Facts...) {
		f := licence.Fact{ID: fmt.Sprintf("f%02d", i), At: Now.Add(-ago[i]), Source: "standard", Payload: p}
		k, _, _ := state.Known.Fold(f, licence.Items{})
		state.Known = k
	}
	return state
}

// Diagnosis is what follows from it.
func (s *Story) Diagnosis(t *testing.T) diagnosis.Diagnosis {
	t.Helper()
	return diagnosis.Diagnose(s.State(), Now, Now)
}

// lapsed makes a report one of a licence whose date is past, and that waits for seven.
func lapsed(expires, grace licence.Date) func(*licence.LicenceReported) {
	return func(r *licence.LicenceReported) {
		offer(7)(r)
		r.NextCheck, r.AdminWarning, r.Expires, r.GraceUntil = "2026-10-28", "2026-10-24", expires, grace
	}
}

const hour, day24 = time.Hour, 24 * time.Hour

func ordered(n, sv int) licence.SubscriptionChanged {
	return licence.SubscriptionChanged{Subscription: "sub_1", Status: "active", RenewsAt: "2027-01-01",
		Items: []licence.Item{{Plan: "sales-premium", Quantity: n}, {Plan: "service-premium", Quantity: sv}}}
}

func invoice(status string) licence.InvoiceChanged {
	return licence.InvoiceChanged{Invoice: "INV-7", Number: "7", Status: status, Due: "2026-11-01", Amount: "12500.00", Currency: "SEK",
		URL: "https://pay.example/INV-7", From: "2026-12-13", To: "2027-12-13"}
}

// server is a customer whose SuperOffice runs on a server of its own.
func server(i licence.Installation) *Story {
	s := customer()
	i.CustID, i.Serial, i.Kind, i.Hosting, i.URL = "Cust12345", "1801550193", "production", "onsite", "https://crm.fjord.example"
	s.Account.Installations = []licence.Installation{i}
	return s
}

// Reported is a customer of whom only a licence was told, changed in what the caller says.
func Reported(change func(*licence.LicenceReported)) *Story {
	return customer().with(hour, report(change))
}

// Stories are the situations that the goldens show.
func Stories() map[string]*Story {
	paid := invoice("paid")
	paid.PaidAt = "2026-11-10"
	fresh := paid
	fresh.PaidAt = "2026-11-20"
	swap := report(func(r *licence.LicenceReported) {
		r.Offered, r.NewExpires = true, "2027-12-13"
		r.Plans[0] = licence.LicenceLine{Plan: "sales-premium", Module: "ten-sales", Description: "Sales Premium", Total: 10, InUse: 10, NewTotal: new(0)}
		r.Plans = append(r.Plans, licence.LicenceLine{Plan: "service-premium", Module: "ten-service", Description: "Service Premium", Total: 0, InUse: 0, NewTotal: new(10)})
	})
	onsite := server(licence.Installation{})
	suite := customer()
	suite.Account.Model = "suite"
	suite.Account.Plans = []licence.Plan{{Plan: "suite", Name: "CRM Suite", Module: "ten-suite"}}
	login := func(user string) licence.LoginWarned {
		return licence.LoginWarned{CustID: "Cust9001", Serial: "1801550010", User: licence.LoginUser{ID: user}}
	}
	noPlan := invoice("open")
	noPlan.Payment = "processing"
	return map[string]*Story{
		"surplus":      customer().with(50*day24, ordered(10, 0)).with(22*day24, ordered(7, 0)).with(hour, report(offer(7))),
		"surplus-told": customer().with(50*day24, ordered(10, 0)).with(22*day24, ordered(7, 0)).with(4*day24, report(offer(7))), // by a sheet, say
		"surplus-one":  customer().with(hour, report(offer(8))),
		"surplus-suite": suite.with(hour, report(func(r *licence.LicenceReported) {
			r.Plans = []licence.LicenceLine{{Plan: "suite", Module: "ten-suite", Kind: "suite", Total: 30, NewTotal: new(25), InUse: 28}}
			r.Offered, r.NewExpires = true, "2027-12-13"
		})),
		"over-used": customer().with(hour, report(func(r *licence.LicenceReported) { r.Plans[0].InUse = 12 })),
		"reduction": customer().with(50*day24, ordered(10, 0)).with(30*hour, func() licence.SubscriptionChanged {
			s := ordered(10, 0)
			s.Scheduled = []licence.Phase{{At: time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC), Items: ordered(7, 0).Items}}
			return s
		}()).with(hour, report(func(r *licence.LicenceReported) {
			r.NextCheck, r.AdminWarning, r.Expires, r.GraceUntil = "2027-11-20", "2027-11-15", "2027-12-13", "2027-12-25"
		})),
		"swap":          customer().with(50*day24, ordered(10, 0)).with(2*day24, ordered(0, 10)).with(hour, swap),
		"order-differs": customer().with(22*day24, ordered(10, 0)).with(hour, report(offer(7))),
		"ready":         customer().with(hour, report(offer(9))),
		"renews": customer().with(hour, report(func(r *licence.LicenceReported) {
			offer(9)(r)
			r.NextCheck, r.AdminWarning = "2026-11-25", "2026-11-28"
			r.OfferedSince = "2026-11-22"
		})),
		"refused": customer().with(hour, report(func(r *licence.LicenceReported) {
			offer(9)(r)
			r.CanActivate, r.Reason = false, "Module crm5-web is over its limit"
		})),
		"trial":           customer().with(hour, report(offer(9))).with(3*hour, login("1")).with(2*hour, login("2")).with(hour, login("3")),
		"overdue":         customer().with(30*day24, invoice("open")).with(hour, report(nil)),
		"overdue-surplus": customer().with(30*day24, invoice("open")).with(50*day24, ordered(10, 0)).with(22*day24, ordered(7, 0)).with(hour, report(nil)),
		"processing":      customer().with(2*day24, noPlan).with(hour, report(nil)),
		"disputed":        customer().with(3*day24, func() licence.InvoiceChanged { i := invoice("disputed"); i.Dispute = "card"; return i }()).with(hour, report(nil)),
		"paid":            customer().with(13*day24, paid).with(hour, report(nil)),
		"paid-lately":     customer().with(3*day24, fresh).with(hour, report(nil)),
		"cancelled":       customer().with(5*day24, func() licence.SubscriptionChanged { s := ordered(10, 0); s.EndsAt = "2026-12-20"; return s }()).with(hour, report(nil)),
		"version":         onsite.with(hour, report(func(r *licence.LicenceReported) { r.Version, r.LicensedVersion, r.Markers = "9.1", "8.5", nil })),
		"unexplained":     customer().with(40*day24, func() licence.SubscriptionChanged { s := ordered(9, 0); return s }()).with(hour, report(func(r *licence.LicenceReported) { r.Plans[0].Total = 9 })),
		"fine": customer().with(40*day24, ordered(10, 0)).with(hour, report(func(r *licence.LicenceReported) {
			r.NextCheck, r.AdminWarning, r.Expires, r.GraceUntil = "2027-11-20", "2027-11-15", "2027-12-13", "2027-12-25"
		})),
		"awaited": customer().with(5*day24, func() licence.InvoiceChanged { i := invoice("open"); i.Due = "2026-12-15"; return i }()).with(hour, report(nil)),
		"not-invoiced": customer().with(30*day24, ordered(9, 0)).with(300*day24, func() licence.InvoiceChanged {
			i := invoice("paid")
			i.PaidAt, i.From, i.To = "2026-01-02", "2025-12-13", "2026-12-13"
			return i
		}()).with(hour, report(func(r *licence.LicenceReported) { r.Plans[0].Total = 9 })),
		"not-fetched":  server(licence.Installation{}).with(3*day24, licence.LicenceIssued{CustID: "Cust12345", Expires: "2027-12-13"}).with(hour, report(func(r *licence.LicenceReported) { r.Markers = nil })),
		"fetch-waits":  server(licence.Installation{}).with(2*hour, licence.LicenceIssued{CustID: "Cust12345", Expires: "2027-12-13"}).with(hour, report(func(r *licence.LicenceReported) { r.Markers = nil })),
		"fetch-online": customer().with(3*day24, licence.LicenceIssued{CustID: "Cust12345", Expires: "2027-12-13"}).with(hour, report(nil)),
		"file":         server(licence.Installation{Fetch: "file"}).with(2*hour, licence.LicenceIssued{CustID: "Cust12345", Expires: "2027-12-13"}).with(hour, report(func(r *licence.LicenceReported) { r.Markers = nil })),
		"renamed":      customer().with(2*hour, licence.InstallationReported{CustID: "Cust12345", State: "running", Company: licence.Some("Fjord Group AB")}).with(hour, report(func(r *licence.LicenceReported) { r.Company = "Fjord Foods AB" })),
		"closed":       customer().with(11*day24, licence.InstallationReported{CustID: "Cust12345", State: "suspended"}).with(hour, report(nil)),
		"trial-alone": func() *Story { s := customer(); s.Account.Installations = s.Account.Installations[1:]; return s }().with(hour, report(func(r *licence.LicenceReported) {
			r.CustID, r.Markers, r.Expires, r.GraceUntil = "Cust9001", []string{"freetrial"}, "2026-12-05", ""
		})),
		"grace":      customer().with(50*day24, ordered(10, 0)).with(22*day24, ordered(7, 0)).with(hour, report(lapsed("2026-11-20", "2026-12-02"))),
		"expired":    customer().with(30*day24, invoice("open")).with(hour, report(lapsed("2026-11-08", "2026-11-20"))),
		"two-causes": customer().with(30*day24, invoice("open")).with(hour, report(offer(7))),
	}
}
