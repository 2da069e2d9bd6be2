package engine

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"seatmend/shared/casework"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// ErrHintsFull is that so much that a sender hinted at waits to be read, of customers whom nobody can
// name before, that no more is taken: it is to be sent again.
var ErrHintsFull = errors.New("engine: too much that was hinted at waits to be read")

// ReadBack owes a read of what a sender hinted at, by the account that it is about or, where none is
// known by the names of the hint, by the fleet's: what is read names its customer. It gives that account,
// "" for the fleet's. What it owes is durable when it returns.
func (e *Engine) ReadBack(ctx context.Context, sender string, hints ...licence.Hint) (account string, err error) {
	if len(hints) == 0 {
		return "", nil
	}
	at, err := e.Store.Resolve(ctx, hints[0].To...)
	if account = at; errors.Is(err, store.ErrNoAccount) {
		at, err = store.Operations, nil
	}
	if err != nil {
		return "", err
	}
	err = e.Put(ctx, at, func(s licence.State) (licence.Change, bool, error) {
		c, ok := casework.OweReads(s, sender, hints, e.Now())
		if !ok {
			return c, false, ErrHintsFull
		}
		return c, true, nil
	})
	if err != nil {
		return "", err
	}
	if e.Wake != nil {
		e.Wake(at)
	}
	return account, nil
}

// A walk is how far the accounts were woken since keys to billing systems are others.
type walk struct {
	Reads  string `json:"reads"`
	Cursor string `json:"cursor,omitempty"`
	Done   bool   `json:"done,omitempty"`
}

// walkOnce is how many accounts one sweep wakes.
const walkOnce = 200

// wake lets every account know that there are other keys to billing systems than before: who is fine may
// have nothing due for months, and would owe no pull until then. Each sweep wakes some of them.
func (e *Engine) wake(ctx context.Context) error {
	reads := ""
	if e.Reads != nil {
		reads = strings.Join(e.Reads(), " ")
	}
	if done := e.walked.Load(); done != nil && *done == reads {
		return nil
	}
	row, ok, err := e.Store.Row(ctx, store.Operations, "walk", "billing")
	if err != nil {
		return err
	}
	var w walk
	if ok {
		if err := json.Unmarshal(row.Body, &w); err != nil {
			return err
		}
	}
	if w.Reads != reads {
		w = walk{Reads: reads, Done: reads == ""}
	} else if w.Done || !ok {
		e.walked.Store(&reads)
		return nil
	}
	if !w.Done {
		list, next, err := e.Store.Accounts(ctx, store.Page{Limit: walkOnce, Cursor: w.Cursor})
		if err != nil {
			return err
		}
		for _, entry := range list {
			if err := e.Tick(ctx, entry.Account); err != nil {
				return err
			}
		}
		w.Cursor, w.Done = next.Cursor, next.Cursor == ""
	}
	body, err := json.Marshal(w)
	if err != nil {
		return err
	}
	return e.Owe(ctx, store.Operations, func() ([]licence.Row, []licence.Effect, error) {
		return []licence.Row{{Kind: "walk", ID: "billing", Body: body}}, nil, nil
	})
}
