package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"seatmend/shared/casework"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// A FleetTask is work for ops that is about no one customer: bodies that were set aside, mails
// that were held back, a source that is silent, for however many customers.
type FleetTask struct {
	Task     string           `json:"task"`
	Case     string           `json:"case"`
	Account  string           `json:"account"`
	Code     licence.Code     `json:"code"`
	Subject  licence.Subject  `json:"subject"`
	Owner    licence.Role     `json:"owner"`
	Severity licence.Severity `json:"severity"`
	State    string           `json:"state"`
	OpenedAt time.Time        `json:"opened_at"`
	ClosedAt *time.Time       `json:"closed_at"`
	ClosedBy *string          `json:"closed_by"`
	Count    int              `json:"count,omitempty"`    // of customers
	Accounts []string         `json:"accounts,omitempty"` // the first of them
	again    bool             // it is open, and told anew
}

// named is how many customers an incident names.
const named = 500

// Operations opens a task in the reserved account, once for as long as it is open.
func (e *Engine) Operations(ctx context.Context, code licence.Code, subject licence.Subject) error {
	return e.fleet(ctx, code, subject, func(t *FleetTask) { t.State = "open" })
}

// Daily opens such a task, or tells of it again where it was last told of a day ago or longer: of what goes by
// unless somebody looks.
func (e *Engine) Daily(ctx context.Context, code licence.Code, subject licence.Subject) error {
	return e.fleet(ctx, code, subject, func(t *FleetTask) {
		t.again = t.State == "open" && e.Now().Sub(t.OpenedAt) >= licence.Day
		t.State = "open"
	})
}

// List owes a desk the list of what waits for it, each banking day from now on, for as long as
// something does. Code says which list, zone is the desk's time zone.
func (e *Engine) List(ctx context.Context, code, zone string) error {
	for range tries {
		l, err := e.Store.Load(ctx, store.Operations, store.Want{})
		if err != nil {
			return err
		}
		c, ok := casework.OweList(l.State, code, zone, e.Now())
		if !ok {
			return nil
		}
		if err := e.commit(ctx, l.State, c); !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("engine: %s: %d tries, each overtaken by another writer", store.Operations, tries)
}

// Incident is told by an account that a finding of ops has begun or ended there. One task per
// source, or per country whose banking days are not known, stands for the whole fleet, for as
// long as one account has it.
func (e *Engine) Incident(ctx context.Context, s licence.State, f licence.Effect) ([]licence.Payload, licence.Result, error) {
	subject := licence.Subject{Kind: "source", ID: f.Source}
	if f.Code == "directory" {
		subject.Kind = "country"
	}
	err := e.fleet(ctx, licence.Code(f.Code), subject, func(t *FleetTask) {
		have := slices.Index(t.Accounts, s.Account)
		switch {
		case f.Why == "opened" && have < 0 && len(t.Accounts) < named:
			t.Accounts = append(t.Accounts, s.Account)
		case f.Why == "closed" && have >= 0:
			t.Accounts = slices.Delete(t.Accounts, have, have+1)
		}
		t.Count, t.State = len(t.Accounts), "open"
		if t.Count == 0 {
			t.State = "closed"
		}
	})
	return nil, licence.Result{Outcome: "done"}, err
}

// fleet changes a task of the fleet's account, and owes its telling where it opens or closes.
func (e *Engine) fleet(ctx context.Context, code licence.Code, subject licence.Subject, change func(*FleetTask)) error {
	fp := licence.Fingerprint(store.Operations, code, subject)
	for range tries {
		l, err := e.Store.Load(ctx, store.Operations, store.Want{})
		if err != nil {
			return err
		}
		// The row is read after the state: whoever writes in between makes the commit fail.
		row, ok, err := e.Store.Row(ctx, store.Operations, "task", fp)
		if err != nil {
			return err
		}
		t := FleetTask{Task: fp, Case: licence.Case(fp), Account: store.Operations, Code: code, Subject: subject, Owner: licence.Ops, Severity: casework.OpsSeverity, State: "closed"}
		if ok {
			if err := json.Unmarshal(row.Body, &t); err != nil {
				return err
			}
		}
		was, count := t.State, t.Count
		change(&t)
		if t.State == was && t.Count == count && !t.again {
			return nil
		}
		c, err := e.fleetChange(l.State, t, was)
		if err != nil {
			return err
		}
		err = e.commit(ctx, l.State, c)
		if errors.Is(err, store.ErrConflict) {
			continue
		}
		if err == nil && e.Wake != nil {
			e.Wake(store.Operations)
		}
		return err
	}
	return fmt.Errorf("engine: %s: %d tries, each overtaken by another writer", store.Operations, tries)
}

func (e *Engine) fleetChange(s licence.State, t FleetTask, was string) (licence.Change, error) {
	now := e.Now().UTC()
	var owed []licence.Effect
	if t.State != was || t.again {
		why := "opened"
		t.ClosedAt, t.ClosedBy = nil, nil
		if t.State == "open" {
			t.OpenedAt = now
		} else {
			gone := "gone"
			why, t.ClosedAt, t.ClosedBy = "closed", &now, &gone
		}
		owed = append(owed, licence.Effect{Kind: licence.TaskSent, Ripe: now, To: licence.Ops, About: []licence.About{{Fingerprint: t.Task}}, Why: why, Code: string(t.Code), Source: t.Subject.ID})
	}
	body, err := json.Marshal(t)
	return casework.Owe(s, []licence.Row{{Kind: "task", ID: t.Task, Body: body}}, owed, now), err
}
