package app

import (
	"time"

	"seatmend/shared/licence"
)

// FactOf names our own facts: what a person did on a page, or a program of ours saw.
func FactOf(source, id string, account string, p licence.Payload, a *App) licence.Fact {
	return licence.Fact{ID: source + "/" + id, To: []licence.Name{{Sender: "account", ID: account}}, At: a.Now(), Source: source, Payload: p}
}

// ZoneOf is the customer's time zone; UTC where none was told.
func ZoneOf(s licence.State) *time.Location {
	return licence.NewCalendar(s.Known.Profile.Account.Value.Timezone, "").Zone
}
