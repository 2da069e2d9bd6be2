package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"seatmend/shared/casework"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// ErrNotThere is that there is no such account, or nobody of that id in it.
var ErrNotThere = errors.New("engine: nothing is stored under that id")

// Erase takes a customer out of the store: what is known of it, its people, mails, links and names. What
// stays is the audit: which facts came when and what they decided, without people and texts. The
// account is as one that was never told, and may be told anew. Broken off, it is begun again: by what is
// known the names are found, so that it is emptied only when what waits under them is gone.
func (e *Engine) Erase(ctx context.Context, account string) error {
	db, err := store.Erasing(e.Store)
	if err != nil {
		return err
	}
	l, err := e.Store.Load(ctx, account, store.Want{})
	if err == nil && (l.State.N == 0 || account == store.Operations) {
		err = ErrNotThere
	}
	if err != nil {
		return err
	}
	names, err := e.allNames(ctx, l.State)
	if err != nil {
		return err
	}
	waiting := func() error {
		return e.withoutWaiting(ctx, account, names, func([]byte) (bool, error) { return true, nil })
	}
	for _, step := range []func() error{
		waiting,
		func() error { return e.withoutPeople(ctx, db, account, names) },
		waiting, // what came in between
		func() error { return e.eraseRows(ctx, db, account, bareRow) },
		func() error { return e.reindex(ctx, account) },
		func() error {
			return e.amend(ctx, db, account, func(f licence.Fact) (licence.Fact, bool, error) {
				f, err := f.Bare()
				return f, true, err
			})
		},
		func() error { _, err := e.failing(ctx, nil, []string{account}); return err },
		func() error { return db.Sweep(ctx, account) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// withoutPeople empties an account and deletes the people of its installations, those too whom a hand staged that
// died. What lies there while the account is empty was staged by who will find it so; where it is told anew at
// that very moment, it is emptied once more.
func (e *Engine) withoutPeople(ctx context.Context, db store.Eraser, account string, names []licence.Name) error {
	for range tries {
		if err := e.empty(ctx, account, names); err != nil {
			return err
		}
		rosters, err := db.Rosters(ctx, account)
		if err != nil {
			return err
		}
		l, err := e.Store.Load(ctx, account, store.Want{})
		if err != nil {
			return err
		}
		if l.State.Known.Profile.Account.Told() {
			if names, err = e.allNames(ctx, l.State); err != nil {
				return err
			}
			continue
		}
		for _, r := range rosters {
			if err := e.Store.PruneRoster(ctx, account, r.CustID, r.Roster); err != nil {
				return err
			}
		}
		return nil
	}
	return errOvertaken
}

// allNames are those that lead to an account: those that it is known by, and those that it owes to give up.
func (e *Engine) allNames(ctx context.Context, s licence.State) ([]licence.Name, error) {
	names := append(s.Known.Names(), licence.Name{Sender: "account", ID: s.Account})
	owed, err := e.Store.Outbox(ctx, s.Account)
	for _, f := range owed {
		if f.Kind == licence.Release {
			names = append(names, f.Names...)
		}
	}
	return names, err
}

// some is how many things one commit of an erasure writes.
const some = 40

// empty makes the account as one that was never told, in the commit that gives up the last of its names.
// From then on nothing is mailed any more, and no name leads to it.
func (e *Engine) empty(ctx context.Context, account string, names []licence.Name) error {
	for ; len(names) > some; names = names[some:] {
		err := e.Change(ctx, account, func(s licence.State) (licence.Change, bool) {
			c := casework.Tick(s, e.Now())
			c.Release = append(c.Release, names[:some]...)
			return c, true
		})
		if err != nil {
			return err
		}
	}
	for left := true; left; names = nil {
		var fault error
		err := e.Change(ctx, account, func(s licence.State) (c licence.Change, ok bool) {
			var owed []licence.Effect
			if owed, fault = e.Store.Outbox(ctx, account); fault != nil {
				return c, false
			}
			c = licence.Change{Account: account, N: s.N, Parts: licence.Parts, History: s.History.Bare(e.Now()), Release: names, Entry: licence.Entry{Erased: true}}
			left = len(owed) > some
			for _, f := range owed[:min(len(owed), some)] {
				c.Drop = append(c.Drop, f.ID)
			}
			return c, true
		})
		if err = errors.Join(fault, err); err != nil {
			return err
		}
	}
	return nil
}

// bareRow keeps of a mail that it went, and of a deed that it was done; all other rows go.
func bareRow(r licence.Row) (licence.Row, error) {
	var mail struct {
		Sent json.RawMessage `json:"sent_at"`
	}
	switch r.Kind {
	case "mail":
		if err := json.Unmarshal(r.Body, &mail); err != nil || len(mail.Sent) == 0 {
			return licence.Row{Kind: r.Kind, ID: r.ID, Gone: true}, err
		}
	case "audit":
	default:
		return licence.Row{Kind: r.Kind, ID: r.ID, Gone: true}, nil
	}
	body, err := licence.Bare(r.Body)
	return licence.Row{Kind: r.Kind, ID: r.ID, Body: body, Ends: r.Ends}, err
}

// eraseRows rewrites the rows of an account, or deletes them; the names of links go with their rows.
func (e *Engine) eraseRows(ctx context.Context, db store.Eraser, account string, edit func(licence.Row) (licence.Row, error)) error {
	var rows []licence.Row
	for r, err := range db.AllRows(ctx, account) {
		if err != nil {
			return err
		}
		edited, err := edit(r)
		if err != nil {
			return fmt.Errorf("row %s %s: %w", r.Kind, r.ID, err)
		}
		if edited.Gone || string(edited.Body) != string(r.Body) {
			rows = append(rows, edited)
		}
	}
	for part := range slices.Chunk(rows, some) {
		err := e.Change(ctx, account, func(s licence.State) (licence.Change, bool) {
			c := casework.Tick(s, e.Now())
			c.Rows = append(c.Rows, part...)
			for _, r := range part {
				if (r.Kind == "link" || r.Kind == "posted") && r.Gone { // a row with a name of its own
					c.Release = append(c.Release, licence.Name{Sender: r.Kind, ID: r.ID})
				}
			}
			return c, true
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// amend rewrites those facts of an account that are to be.
func (e *Engine) amend(ctx context.Context, db store.Eraser, account string, edit func(licence.Fact) (out licence.Fact, now bool, err error)) error {
	return e.eachFact(ctx, account, func(f store.StoredFact) error {
		was, err := json.Marshal(f.Fact)
		if err != nil {
			return err
		}
		edited, now, err := edit(f.Fact)
		if err != nil {
			return fmt.Errorf("fact %s: %w", f.Fact.ID, err)
		}
		is, err := json.Marshal(edited)
		if err == nil && now && string(is) != string(was) {
			err = db.Amend(ctx, account, edited)
		}
		return err
	})
}

// withoutWaiting drops parked facts that one of the names leads to, where they are about whom is erased,
// and bodies set aside that are about the account: of those nobody can tell whom they name.
func (e *Engine) withoutWaiting(ctx context.Context, account string, names []licence.Name, about func(body []byte) (bool, error)) error {
	return e.waiting(ctx, account, names, func(f licence.Fact) error {
		body, err := json.Marshal(f)
		if err != nil {
			return err
		}
		yes, err := about(body)
		if err != nil || !yes {
			return err
		}
		return e.Store.DropUnmatched(ctx, f)
	}, func(r store.Rejected) error { return e.Store.DropRejection(ctx, r.ID) })
}
