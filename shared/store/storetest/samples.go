package storetest

import (
	"encoding/json"
	"fmt"
	"time"

	"seatmend/shared/licence"
)

const fjord = "C-1042"

// fact is a small fact about whoever has the name.
func fact(id string, to ...licence.Name) *licence.Fact {
	return &licence.Fact{ID: id, To: to, At: noon, Source: "standard", Payload: licence.SourceChecked{Of: "licence", CustID: "Cust12345"}}
}

// other is another fact than fact of the same id.
func other(id string, to ...licence.Name) *licence.Fact {
	f := fact(id, to...)
	f.Payload = licence.SourceChecked{Of: "users", CustID: "Cust12345"}
	return f
}

// change is a first change of the account, with a fact and nothing else.
func change(account string, n int64, factID string) licence.Change {
	c := licence.Change{Account: account, N: n, Entry: licence.Entry{Name: "Customer " + account, Phase: "ok", Summary: licence.AllWell}}
	if factID != "" {
		c.Fact = fact(factID)
	}
	return c
}

// known has something in each part.
func known(name string) licence.Known {
	at := licence.Stamp{At: noon, ID: "standard:1"}
	return licence.Known{
		Profile: licence.Profile{Account: licence.Reg[licence.AccountChanged]{Stamp: at,
			Value: licence.AccountChanged{Account: fjord, Name: name, Timezone: "Europe/Stockholm"}}},
		Orders: licence.Orders{Subs: map[string]*licence.Sub{"sub_1": {Now: []licence.Reg[licence.SubscriptionChanged]{
			{Stamp: at, Value: licence.SubscriptionChanged{Subscription: name}}}}}},
		Invoices: licence.Invoices{Other: map[string]licence.Reg[string]{"INV-7": {Stamp: at, Value: name}}},
		Licences: licence.Licences{By: map[string]*licence.KnownInstallation{"cust12345": {CustID: name}}},
	}
}

func history(code string) licence.History { return licence.History{Codes: []string{code}} }

// seat is a person who holds the plans, and was active so many days ago.
func seat(custID, roster, user string, days int, plans ...string) licence.Seat {
	s := licence.Seat{CustID: custID, Roster: roster, Plans: map[string]licence.Held{}}
	s.User.Stamp = licence.Stamp{At: noon, ID: "standard:1"}
	s.User.Value = licence.User{ID: user, Name: "User " + user, CanLogin: true, Activity: "known", LastActive: noon.AddDate(0, 0, -days)}
	for _, p := range plans {
		s.Plans[p] = licence.Held{Stamp: s.User.Stamp, Held: true}
	}
	return s
}

func users(seats []licence.Seat) []string {
	list := []string{}
	for _, s := range seats {
		list = append(list, s.Key().User)
	}
	return list
}

func effect(kind licence.Kind, why string) licence.Effect {
	return licence.Effect{Kind: kind, Why: why, Ripe: noon}
}

func row(kind, id, body string) licence.Row {
	return licence.Row{Kind: kind, ID: id, Body: json.RawMessage(fmt.Sprintf(`{"text":%q}`, body))}
}

func ending(r licence.Row, at time.Time) licence.Row {
	r.Ends = at
	return r
}
