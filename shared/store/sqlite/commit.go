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
	e, err := encode(c)
	if err != nil {
		return store.Over(err)
	}
	w := s.join(ctx, on, func(ctx context.Context, tx *transaction) error {
		w := writer{ctx, tx, c.Account, nil}
		w.head(c, e)
		if c.Fact != nil {
			now, ends := stamp(s.now()), stamp(s.now().Add(store.FactLife))
			w.fact(c, e, now, ends)
			w.claimID(*c.Fact, c.Account, e.hash, now, ends)
		}
		for _, n := range c.Claim {
			w.claim(n)
		}
		for _, n := range c.Release {
			w.run("DELETE FROM name WHERE sender = ? AND id = ? AND account = ?", n.Sender, n.ID, c.Account)
		}
		for i, p := range c.Parts {
			w.run("INSERT OR REPLACE INTO part (account, part, body) VALUES (?, ?, ?)", c.Account, string(p), e.parts[i])
		}
		for i, seat := range c.Seats {
			w.seat(seat, e.seats[i])
		}
		for i, owed := range c.Add {
			w.run("INSERT OR REPLACE INTO effect (account, id, body) VALUES (?, ?, ?)", c.Account, owed.ID, e.add[i])
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

// encoded is a change as it is stored. It is made before the change has its turn, since nobody else writes during that.
type encoded struct {
	history, entry, fact []byte
	hash                 string // of the fact
	parts, seats, add    [][]byte
}

func encode(c licence.Change) (e encoded, err error) {
	if e.history, err = c.History.Encode(); err != nil {
		return e, err
	}
	body := func(v any) []byte {
		b, failed := json.Marshal(v)
		err = errors.Join(err, failed)
		return b
	}
	e.entry = body(c.Entry)
	if c.Fact != nil {
		e.fact = body(c.Fact)
		e.hash = c.Fact.HashOf(e.fact)
	}
	for _, p := range c.Parts {
		b, failed := c.Known.Encode(p)
		e.parts, err = append(e.parts, b), errors.Join(err, failed)
	}
	for _, seat := range c.Seats {
		e.seats = append(e.seats, body(seat))
	}
	for _, owed := range c.Add {
		e.add = append(e.add, body(owed))
	}
	return e, err
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

func (w *writer) head(c licence.Change, e encoded) {
	var rows int64
	if c.N == 0 {
		rows = w.run("INSERT INTO account (account, n, history, entry, place, due) VALUES (?, 1, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			c.Account, e.history, e.entry, place(c), stamp(c.Due))
	} else {
		rows = w.run("UPDATE account SET n = n + 1, history = ?, entry = ?, place = ?, due = ? WHERE account = ? AND n = ?",
			e.history, e.entry, place(c), stamp(c.Due), c.Account, c.N)
	}
	if rows == 0 {
		w.fail(store.ErrConflict)
	}
}

func (w *writer) fact(c licence.Change, e encoded, now, ends string) {
	// One that has come to its end counts as not there, and may be told again.
	rows := w.run(`INSERT INTO fact (account, id, n, hash, body, stored, ends) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET n = excluded.n, hash = excluded.hash, body = excluded.body, stored = excluded.stored,
		ends = excluded.ends WHERE ends <= excluded.stored`,
		c.Account, c.Fact.ID, c.N+1, e.hash, e.fact, now, ends)
	if rows == 0 {
		w.fail(store.ErrSeen)
	}
}

// claimID notes whose the id of a fact is that a sender gave. Of one that waits, the very fact may come
// to be an account's.
func (w *writer) claimID(f licence.Fact, account, hash, now, ends string) {
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

func (w *writer) seat(seat licence.Seat, body []byte) {
	k, rank := seat.Key(), ""
	if seat.Gone {
		w.run("DELETE FROM seat WHERE account = ? AND cust_id = ? AND roster = ? AND user = ?", w.account, k.CustID, k.Roster, k.User)
		return
	}
	if len(store.Holds(seat)) > 0 {
		rank = seats.StoredRank(seat)
	}
	w.run("INSERT OR REPLACE INTO seat (account, cust_id, roster, user, rank, body) VALUES (?, ?, ?, ?, ?, ?)",
		w.account, k.CustID, k.Roster, k.User, rank, body)
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
