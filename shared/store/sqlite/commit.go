package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"seatmend/shared/licence"
	"seatmend/shared/seats"
	"seatmend/shared/store"
)

// Commit writes a change in one transaction.
func (s *Store) Commit(ctx context.Context, c licence.Change) error {
	return s.Begin(ctx, c, nil).Wait()
}

// Begin puts a change in the row of those that wait.
func (s *Store) Begin(ctx context.Context, c licence.Change, on *store.Mark) store.Begun {
	c, err := store.Prepare(c)
	if err != nil {
		return store.Over(err)
	}
	w := s.join(ctx, on, func(ctx context.Context, tx *transaction) error {
		w := writer{ctx, tx, c.Account, nil}
		w.head(c)
		if c.Fact != nil {
			w.fact(c, stamp(s.now()), stamp(s.now().Add(store.FactLife)))
			w.told(*c.Fact, c.Account, store.FactHash(c), stamp(s.now()), stamp(s.now().Add(store.FactLife)))
		}
		for _, n := range c.Claim {
			w.claim(n)
		}
		for _, n := range c.Release {
			w.run("DELETE FROM name WHERE sender = ? AND id = ? AND account = ?", n.Sender, n.ID, c.Account)
		}
		for _, p := range c.Parts {
			body, err := c.Known.Encode(p)
			w.fail(err)
			w.run("INSERT OR REPLACE INTO part (account, part, body) VALUES (?, ?, ?)", c.Account, string(p), body)
		}
		for _, seat := range c.Seats {
			w.seat(seat)
		}
		for _, e := range c.Add {
			w.run("INSERT OR REPLACE INTO effect (account, id, body) VALUES (?, ?, ?)", c.Account, e.ID, w.json(e))
		}
		for _, id := range c.Drop {
			w.run("DELETE FROM effect WHERE account = ? AND id = ?", c.Account, id)
		}
		for _, r := range c.Rows {
			if r.Gone {
				w.run("DELETE FROM row WHERE account = ? AND kind = ? AND id = ?", c.Account, r.Kind, r.ID)
				continue
			}
			w.run("INSERT OR REPLACE INTO row (account, kind, id, body, ends) VALUES (?, ?, ?, ?, ?)",
				c.Account, r.Kind, r.ID, []byte(r.Body), stamp(r.Ends))
		}
		return w.err
	})
	return store.Begun{Wait: func() error { return s.wait(w) }, Mark: &w.mark}
}

// A writer writes an account's rows within a transaction. It stops at the first error.
type writer struct {
	ctx     context.Context
	tx      *transaction
	account string
	err     error
}

func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *writer) run(query string, args ...any) (rows int64) {
	if w.err == nil {
		rows, w.err = changed(w.ctx, w.tx, query, args...)
	}
	return rows
}

func (w *writer) json(v any) []byte {
	body, err := json.Marshal(v)
	w.fail(err)
	return body
}

// place is the account's among the cases: the fleet is none.
func place(c licence.Change) string {
	if c.Account == store.Operations {
		return ""
	}
	return c.Entry.Place()
}

func (w *writer) head(c licence.Change) {
	history, err := c.History.Encode()
	w.fail(err)
	var rows int64
	if c.N == 0 {
		rows = w.run("INSERT INTO account (account, n, history, entry, place, due) VALUES (?, 1, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			c.Account, history, w.json(c.Entry), place(c), stamp(c.Due))
	} else {
		rows = w.run("UPDATE account SET n = n + 1, history = ?, entry = ?, place = ?, due = ? WHERE account = ? AND n = ?",
			history, w.json(c.Entry), place(c), stamp(c.Due), c.Account, c.N)
	}
	if rows == 0 {
		w.fail(store.ErrConflict)
	}
}

func (w *writer) fact(c licence.Change, now, ends string) {
	// One that has come to its end counts as not there, and may be told again.
	rows := w.run(`INSERT INTO fact (account, id, n, hash, body, stored, ends) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET n = excluded.n, hash = excluded.hash, body = excluded.body, stored = excluded.stored,
		ends = excluded.ends WHERE ends <= excluded.stored`,
		c.Account, c.Fact.ID, c.N+1, store.FactHash(c), w.json(c.Fact), now, ends)
	if rows == 0 {
		w.fail(store.ErrSeen)
	}
}

// told notes whose the id of a fact is that a sender gave. Of one that waits, the very fact may come
// to be an account's.
func (w *writer) told(f licence.Fact, account, hash, now, ends string) {
	if !f.Sent() {
		return
	}
	rows := w.run(`INSERT INTO told (fact, account, hash, ends) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET account = excluded.account, hash = excluded.hash, ends = excluded.ends
		WHERE ends <= ? OR account = '' AND hash = excluded.hash OR account <> '' AND account = excluded.account`, f.ID, account, hash, ends, now)
	if rows == 0 {
		w.fail(store.ErrConflictingReplay)
	}
}

func (w *writer) claim(n licence.Name) {
	rows := w.run(`INSERT INTO name (sender, id, account) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET account = excluded.account WHERE account = excluded.account`, n.Sender, n.ID, w.account)
	if w.err != nil || rows > 0 {
		return
	}
	other := ""
	if err := w.tx.one(w.ctx, []any{&other}, "SELECT account FROM name WHERE sender = ? AND id = ?", n.Sender, n.ID); err != nil {
		w.fail(err)
	}
	w.fail(&store.NameTaken{Name: n, Account: other})
}

func (w *writer) seat(seat licence.Seat) {
	k, rank := seat.Key(), ""
	if seat.Gone {
		w.run("DELETE FROM seat WHERE account = ? AND cust_id = ? AND roster = ? AND user = ?", w.account, k.CustID, k.Roster, k.User)
		return
	}
	if len(store.Holds(seat)) > 0 {
		rank = seats.StoredRank(seat)
	}
	w.run("INSERT OR REPLACE INTO seat (account, cust_id, roster, user, rank, body) VALUES (?, ?, ?, ?, ?, ?)",
		w.account, k.CustID, k.Roster, k.User, rank, w.json(seat))
}

// Resolve asks for one name after the other: they are few, and the file is near.
func (s *Store) Resolve(ctx context.Context, names ...licence.Name) (string, error) {
	for _, n := range names {
		var account string
		err := s.read.QueryRowContext(ctx, "SELECT account FROM name WHERE sender = ? AND id = ?", n.Sender, n.ID).Scan(&account)
		if !errors.Is(err, sql.ErrNoRows) {
			return account, err
		}
	}
	return "", store.ErrNoAccount
}
