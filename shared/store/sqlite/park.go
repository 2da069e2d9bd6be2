package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

func (s *Store) Park(ctx context.Context, f licence.Fact, hash string) error {
	if len(f.To) == 0 {
		return fmt.Errorf("store: fact %s is about nobody", f.ID)
	}
	body, err := json.Marshal(f)
	if err != nil {
		return err
	}
	last := f.To[len(f.To)-1]
	now, ends := stamp(s.now()), stamp(s.now().Add(store.FactLife))
	return s.change(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, n := range f.To {
			var account string
			err := tx.QueryRowContext(ctx, "SELECT account FROM name WHERE sender = ? AND id = ?", n.Sender, n.ID).Scan(&account)
			if err == nil {
				return store.ErrKnown
			}
			if !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
		rows, err := changed(ctx, tx, `INSERT INTO parked (sender, id, fact, hash, body, stored, ends) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET hash = excluded.hash, body = excluded.body, stored = excluded.stored, ends = excluded.ends
			WHERE ends <= excluded.stored`, last.Sender, last.ID, f.ID, hash, body, now, ends)
		if err != nil || rows > 0 {
			return err
		}
		var there string
		err = tx.QueryRowContext(ctx, "SELECT hash FROM parked WHERE sender = ? AND id = ? AND fact = ?", last.Sender, last.ID, f.ID).Scan(&there)
		if err != nil {
			return err
		}
		if there != hash {
			return store.ErrConflictingReplay
		}
		return store.ErrSeen
	})
}

func (s *Store) Parked(ctx context.Context, p store.Page) ([]store.StoredFact, store.Page, error) {
	after, err := p.After(4)
	if err != nil {
		return nil, store.Page{}, err
	}
	query := "SELECT 0, hash, body, stored FROM parked WHERE ends > ?"
	args := []any{stamp(s.now())}
	if after != nil {
		query += " AND (stored, sender, id, fact) < (?, ?, ?, ?)"
		args = append(args, after[0], after[1], after[2], after[3])
	}
	all, err := list(ctx, s.read, scanFact, query+" ORDER BY stored DESC, sender DESC, id DESC, fact DESC LIMIT ?", append(args, p.Size()+1)...)
	all, next := store.Cut(p, all, func(f store.StoredFact) []string {
		last := f.Fact.To[len(f.Fact.To)-1]
		return []string{stamp(f.At), last.Sender, last.ID, f.Fact.ID}
	})
	return all, next, err
}

func (s *Store) ParkedFor(ctx context.Context, name licence.Name, limit int) ([]store.StoredFact, error) {
	return list(ctx, s.read, scanFact,
		"SELECT 0, hash, body, stored FROM parked WHERE sender = ? AND id = ? AND ends > ? ORDER BY fact LIMIT ?",
		name.Sender, name.ID, stamp(s.now()), limit)
}

func (s *Store) Unpark(ctx context.Context, f licence.Fact) error {
	if len(f.To) == 0 {
		return nil
	}
	last := f.To[len(f.To)-1]
	_, err := s.write.ExecContext(ctx, "DELETE FROM parked WHERE sender = ? AND id = ? AND fact = ?", last.Sender, last.ID, f.ID)
	return err
}

func (s *Store) SetAside(ctx context.Context, a store.Aside) error {
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = s.write.ExecContext(ctx, `INSERT INTO aside (id, body, stored, ends) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET body = excluded.body, stored = excluded.stored, ends = excluded.ends WHERE ends <= ?`,
		a.ID, body, stamp(a.At), stamp(s.now().Add(store.FactLife)), stamp(s.now()))
	return err
}

func (s *Store) Asides(ctx context.Context, p store.Page) ([]store.Aside, store.Page, error) {
	after, err := p.After(2)
	if err != nil {
		return nil, store.Page{}, err
	}
	query := "SELECT body FROM aside WHERE ends > ?"
	args := []any{stamp(s.now())}
	if after != nil {
		query += " AND (stored, id) < (?, ?)"
		args = append(args, after[0], after[1])
	}
	all, err := list(ctx, s.read, scanJSON[store.Aside], query+" ORDER BY stored DESC, id DESC LIMIT ?", append(args, p.Size()+1)...)
	all, next := store.Cut(p, all, func(a store.Aside) []string { return []string{stamp(a.At), a.ID} })
	return all, next, err
}

func (s *Store) DropAside(ctx context.Context, id string) error {
	_, err := s.write.ExecContext(ctx, "DELETE FROM aside WHERE id = ?", id)
	return err
}
