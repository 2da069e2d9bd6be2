package casework_test

import (
	"fmt"
	"time"

	"seatmend/shared/casework"
	"seatmend/shared/licence"
)

// A state is made of facts, one step after the other. Each step says what became of the fact and
// what is owed from then on; told again, a fact changes nothing.
func ExampleStep() {
	now := time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)
	state := licence.State{Account: "C-1042"}
	tell := func(id string, at time.Time, p licence.Payload) {
		fact := licence.Fact{ID: id, To: []licence.Name{{Sender: "account", ID: "C-1042"}}, At: at, Source: "standard", Payload: p}
		change, out, err := casework.Step(state, nil, fact, now)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(p.Type(), out.Result)
		for _, e := range change.Add {
			fmt.Println("  owed:", e.Kind)
		}
		if change.Account != "" { // what the store writes
			state.Known, state.History, state.N = change.Known, change.History, change.N+1
		}
	}
	account := licence.AccountChanged{
		Account: "C-1042", Name: "Fjord Foods AB", Timezone: "Europe/Stockholm", Model: "plans", Mail: licence.Some("on"),
		Contacts:      []licence.Contact{{ID: "anna", Name: "Anna Berg", Email: "anna@fjord.example", Role: licence.Admin}},
		Installations: []licence.Installation{{CustID: "Cust12345", Serial: "1801550193", Kind: "production", Hosting: "onsite"}},
		Plans:         []licence.Plan{{Plan: "sales-premium", Name: "Sales Premium", Module: "ten-sales"}},
	}
	tell("account", now.AddDate(0, -10, 0), account)
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
	tell("account", now.AddDate(0, -10, 0), account)

	// Time alone is a step too: what has stood for a quarter of an hour is told, and somebody's task.
	change := casework.Tick(state, now.Add(20*time.Minute))
	for _, e := range change.Add {
		fmt.Println(e.Kind, "to", e.To)
	}

	// Output:
	// account.changed applied
	//   owed: unpark
	//   owed: index
	//   owed: read
	// subscription.changed applied
	// licence.reported applied
	// account.changed unchanged
	// mail to admin
	// task to admin
}
