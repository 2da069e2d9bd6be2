package diagnosis_test

import (
	"fmt"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// A new licence is offered with seven seats, nine are in use, and seven are ordered: two people
// must give theirs up before it can be activated.
func ExampleDiagnose() {
	now := time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)
	var known licence.Known
	tell := func(id string, at time.Time, p licence.Payload) {
		known, _, _ = known.Fold(licence.Fact{ID: id, At: at, Source: "standard", Payload: p}, nil)
	}
	tell("account", now.AddDate(0, -10, 0), licence.AccountChanged{
		Account: "C-1042", Name: "Fjord Foods AB", Timezone: "Europe/Stockholm", Model: "plans",
		Installations: []licence.Installation{{CustID: "Cust12345", Serial: "1801550193", Kind: "production", Hosting: "online"}},
		Plans:         []licence.Plan{{Plan: "sales-premium", Name: "Sales Premium", Module: "ten-sales"}},
	})
	tell("order", now.AddDate(0, 0, -10), licence.SubscriptionChanged{
		Subscription: "sub_1", Status: "active", Items: []licence.Item{{Plan: "sales-premium", Quantity: 7}},
	})
	offered := 7
	tell("licence", now, licence.LicenceReported{
		CustID: "Cust12345", Serial: "1801550193", Version: "12.2", LicensedVersion: "12.2",
		NextCheck: "2026-11-20", AdminWarning: "2026-11-28", Expires: "2026-12-13", GraceUntil: "2026-12-25",
		Offered: true, NewExpires: "2027-12-13",
		Plans: []licence.LicenceLine{{Plan: "sales-premium", Module: "ten-sales", Total: 10, NewTotal: &offered, InUse: 9}},
	})

	d := diagnosis.Diagnose(licence.State{Account: "C-1042", Known: known}, now, now)
	fmt.Println(d.Phase, d.Summary)
	for _, f := range d.Findings {
		fmt.Printf("%s of %s is %s and %s: the %s frees %d\n", f.Code, f.Subject.ID, f.State, f.Severity, f.Owner, f.Need)
		fmt.Println("act by", f.Deadline.ActBy, "or it stops on", f.Deadline.At)
		for _, e := range f.Evidence {
			fmt.Printf("  %s: %v\n", e.Name, e.Value)
		}
	}

	// The same facts, asked about two weeks later.
	later := now.AddDate(0, 0, 14)
	fmt.Println("later:", diagnosis.Diagnose(licence.State{Account: "C-1042", Known: known}, now, later).Phase)

	// Output:
	// admin-warning needs-action
	// surplus of sales-premium is open and high: the admin frees 2
	// act by 2026-12-11 or it stops on 2026-12-25
	//   assigned: 9
	//   offered: 7
	//   ordered: 7
	//   total: 10
	// later: grace
}
