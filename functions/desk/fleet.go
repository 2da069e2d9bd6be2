package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/casework"
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

// tries is how often a row of the fleet is written anew after another writer was faster.
const fleetTries = 64

// fleet writes rows of the reserved account, on the very state on which they were decided.
func (a *Desk) fleet(ctx context.Context, decide func() ([]licence.Row, error)) error {
	return a.fleetOwes(ctx, nil, decide)
}

// fleetOwes writes rows of the reserved account, and what is to be done outside.
func (a *Desk) fleetOwes(ctx context.Context, owed []licence.Effect, decide func() ([]licence.Row, error)) error {
	for range fleetTries {
		l, err := a.Store.Load(ctx, store.Operations, store.Want{})
		if err != nil {
			return err
		}
		rows, err := decide()
		if err != nil || len(rows)+len(owed) == 0 {
			return err
		}
		err = a.Store.Commit(ctx, casework.Owe(l.State, rows, owed, a.Now()))
		if errors.Is(err, store.ErrConflict) {
			continue
		}
		if err == nil && len(owed) > 0 && a.Engine.Wake != nil {
			a.Engine.Wake(store.Operations)
		}
		return err
	}
	return fmt.Errorf("%s: %d tries, each overtaken by another writer", store.Operations, fleetTries)
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
