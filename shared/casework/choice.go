package casework

import (
	"encoding/json"
	"time"

	"seatmend/shared/licence"
)

// MostPicks is how many people one choice names: its row stays far below what a database takes.
const MostPicks = 2000

// A Chosen is a choice as it is kept: who had what, whatever becomes of the lists of people.
type Chosen struct {
	ID string    `json:"id"` // of its fact
	At time.Time `json:"at"`
	licence.SeatsChosen
}

// choiceRow keeps a choice with its people, as long as the fact is kept.
func choiceRow(id string, p licence.SeatsChosen, at time.Time) licence.Row {
	p.Was = nil
	body, err := json.Marshal(Chosen{id, at, p})
	if err != nil {
		panic(err) // unreachable: a choice is plain data
	}
	return licence.Row{Kind: "choice", ID: p.Fingerprint, Body: body, Ends: at.AddDate(0, 0, 400)}
}
