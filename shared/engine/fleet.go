package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// A FleetTask is work for ops that is about no customer.
type FleetTask struct {
	Task     string          `json:"task"`
	Case     string          `json:"case"`
	Account  string          `json:"account"`
	Code     string          `json:"code"`
	Subject  licence.Subject `json:"subject"`
	Owner    licence.Role    `json:"owner"`
	State    string          `json:"state"`
	OpenedAt time.Time       `json:"opened_at"`
}

// Fleet opens a task in the reserved account, once for as long as it is open.
func (e *Engine) Fleet(ctx context.Context, code string, subject licence.Subject) error {
	fp := licence.Fingerprint(store.Fleet, code, subject)
	if _, open, err := e.Store.Row(ctx, store.Fleet, "task", fp); err != nil || open {
		return err
	}
	body, err := json.Marshal(FleetTask{fp, licence.Case(fp), store.Fleet, code, subject, licence.Ops, "open", e.Now().UTC()})
	if err != nil {
		return err
	}
	for range tries {
		l, err := e.Store.Load(ctx, store.Fleet, "")
		if err != nil {
			return err
		}
		l.State.Mail = e.Mail
		err = e.Store.Commit(ctx, licence.Owe(l.State, []licence.Row{{Kind: "task", ID: fp, Body: body}}, []licence.Effect{{
			Kind: licence.TaskSent, Ripe: e.Now(), To: licence.Ops, About: []licence.About{{Fingerprint: fp}}, Why: "opened", Code: code,
		}}, e.Now()))
		if err == nil && e.Wake != nil {
			e.Wake(store.Fleet)
		}
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("engine: %s: %d tries, each overtaken by another writer", store.Fleet, tries)
}
