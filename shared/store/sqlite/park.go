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

func (s *Store) KeepUnmatched(ctx context.Context, f licence.Fact, hash string) error {
	if len(f.To) == 0 {
		return fmt.Errorf("store: fact %s is about nobody", f.ID)
	}
	body, err := json.Marshal(f)
	if err != nil {
		return err
	}
	last := f.To[len(f.To)-1]
	now, ends := stamp(s.now()), stamp(s.now().Add(store.FactLife))
	return s.change(ctx, func(ctx context.Context, tx *transaction) error {
		for _, n := range f.To {
			var account string
			err := tx.one(ctx, []any{&account}, "SELECT account FROM name WHERE sender = ? AND id = ?", n.Sender, n.ID)
			if err == nil {
				return store.ErrKnown
			}
			if !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
		var there string
		err := tx.one(ctx, []any{&there}, "SELECT hash FROM parked WHERE sender = ? AND id = ? AND fact = ? AND ends > ?", last.Sender, last.ID, f.ID, now)
		switch {
		case err == nil && there == hash:
			return store.ErrSeen
		case err == nil:
			return store.ErrConflictingReplay
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		// The size of a body stands in front of it: nothing of what waits is read.
		var count, bytes int
		err = tx.one(ctx, []any{&count, &bytes}, "SELECT count(*), coalesce(sum(length(body)), 0) FROM parked WHERE sender = ? AND id = ? AND ends > ?", last.Sender, last.ID, now)
		if err == nil && (count >= store.MostWaiting || bytes+len(body) > store.MostWaitingBytes) {
			err = store.ErrFull
		}
		if err != nil {
			return err
		}
		w := writer{ctx, tx, "", nil}
		w.claimID(f, "", hash, now, ends)
		if errors.Is(w.err, store.ErrConflictingReplay) {
			// It is an account's, which has another name by now, or was told of another.
			if err := tx.one(ctx, []any{&there}, "SELECT hash FROM told WHERE fact = ?", f.ID); err == nil && there == hash {
				return store.ErrSeen
			}
		}
		w.run("INSERT OR REPLACE INTO parked (sender, id, fact, hash, body, stored, ends) VALUES (?, ?, ?, ?, ?, ?, ?)", last.Sender, last.ID, f.ID, hash, body, now, ends)
		return w.err
	})
}

func (s *Store) Unmatched(ctx context.Context, p store.Page) ([]store.StoredFact, store.Page, error) {
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
	return page(ctx, s.read, p, sizedFact, func(f store.StoredFact) []string {
		last := f.Fact.To[len(f.Fact.To)-1]
		return []string{stamp(f.At), last.Sender, last.ID, f.Fact.ID}
	}, query+" ORDER BY stored DESC, sender DESC, id DESC, fact DESC LIMIT ?", args...)
}

func (s *Store) UnmatchedFor(ctx context.Context, name licence.Name, limit int) ([]store.StoredFact, error) {
	return list(ctx, s.read, scanFact,
		"SELECT 0, hash, body, stored FROM parked WHERE sender = ? AND id = ? AND ends > ? ORDER BY fact LIMIT ?",
		name.Sender, name.ID, stamp(s.now()), limit)
}

func (s *Store) DropUnmatched(ctx context.Context, f licence.Fact) error {
	if len(f.To) == 0 {
		return nil
	}
	last := f.To[len(f.To)-1]
	return s.run(ctx, "DELETE FROM parked WHERE sender = ? AND id = ? AND fact = ?", last.Sender, last.ID, f.ID)
}

func (s *Store) Reject(ctx context.Context, a store.Rejected) error {
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	now, pile := stamp(s.now()), pileOf(a)
	return s.change(ctx, func(ctx context.Context, tx *transaction) error {
		var there int
		err := tx.one(ctx, []any{&there}, "SELECT count(*) FROM aside WHERE id = ? AND ends > ?", a.ID, now)
		if err != nil || there > 0 {
			return err
		}
		var count, bytes int
		err = tx.one(ctx, []any{&count, &bytes}, "SELECT count(*), coalesce(sum(size), 0) FROM aside WHERE pile = ? AND ends > ?", pile, now)
		if err == nil && (count >= store.MostWaiting || bytes+len(body) > store.MostWaitingBytes) {
			err = store.ErrFull
		}
		if err == nil {
			_, err = changed(ctx, tx, "INSERT OR REPLACE INTO aside (id, body, stored, ends, pile, size) VALUES (?, ?, ?, ?, ?, ?)",
				a.ID, body, stamp(a.At), stamp(s.now().Add(store.FactLife)), pile, len(body))
		}
		return err
	})
}

// pileOf is the bodies among which this one is counted.
func pileOf(a store.Rejected) string {
	pile, err := json.Marshal([]string{a.Sender, a.Account})
	if err != nil {
		panic(err) // unreachable: strings
	}
	return string(pile)
}

func (s *Store) Rejection(ctx context.Context, id string) (store.Rejected, bool, error) {
	all, err := list(ctx, s.read, scanJSON[store.Rejected], "SELECT body FROM aside WHERE id = ? AND ends > ?", id, stamp(s.now()))
	if err != nil || len(all) == 0 {
		return store.Rejected{}, false, err
	}
	return all[0], true, nil
}

func (s *Store) Rejections(ctx context.Context, p store.Page) ([]store.Rejected, store.Page, error) {
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
	return page(ctx, s.read, p, sizedJSON[store.Rejected], func(a store.Rejected) []string { return []string{stamp(a.At), a.ID} },
		query+" ORDER BY stored DESC, id DESC LIMIT ?", args...)
}

func (s *Store) DropRejection(ctx context.Context, id string) error {
	return s.run(ctx, "DELETE FROM aside WHERE id = ?", id)
}
