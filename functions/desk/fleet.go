package desk

import (
	"context"
	"encoding/json"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// What the desk does is written down by name: as facts where it is news about a customer, and
// else as rows of the kind audit, in the customer's account or in the fleet's.

// An auditRow is one thing that a person of the operator's did.
type auditRow struct {
	At  time.Time `json:"at"`
	By  string    `json:"by"`
	Did string    `json:"did"` // one of the texts audit.<did>
	Of  string    `json:"of,omitempty"`
}

func audit(now time.Time, by, did, of string) licence.Row {
	body, err := json.Marshal(auditRow{now.UTC(), by, did, of})
	if err != nil {
		panic(err) // unreachable: plain text
	}
	return licence.Row{Kind: "audit", ID: timed(now, by, did, of), Body: body, Ends: now.Add(store.FactLife)}
}

// timed is the id of a row that is listed by its time.
func timed(now time.Time, seed ...string) string {
	return now.UTC().Format("2006-01-02T15:04:05.000000000Z") + " " + app.ShortHash(seed...)
}

// fleet writes rows of the reserved account, on the very state on which they were decided.
func (a *Desk) fleet(ctx context.Context, decide func() ([]licence.Row, error)) error {
	return a.Engine.Owe(ctx, store.Operations, func() ([]licence.Row, []licence.Effect, error) {
		rows, err := decide()
		return rows, nil, err
	})
}

// audits are the latest of an account.
func (a *Desk) audits(ctx context.Context, account string, p store.Page) ([]auditRow, store.Page, error) {
	rows, next, err := a.Store.Rows(ctx, account, "audit", p)
	if err != nil {
		return nil, next, err
	}
	var out []auditRow
	for _, row := range rows {
		var x auditRow
		if err := json.Unmarshal(row.Body, &x); err != nil {
			return nil, next, err
		}
		out = append(out, x)
	}
	return out, next, nil
}
