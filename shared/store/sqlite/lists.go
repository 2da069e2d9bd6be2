package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"iter"
	"strconv"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// scanJSON reads one column that holds a value as JSON.
func scanJSON[T any](rows *sql.Rows) (T, error) {
	var v T
	var body []byte
	if err := rows.Scan(&body); err != nil {
		return v, err
	}
	return v, json.Unmarshal(body, &v)
}

func scanFact(rows *sql.Rows) (store.StoredFact, error) {
	f, _, err := sizedFact(rows)
	return f, err
}

// sizedFact and sizedJSON tell the size of what is stored, too.
func sizedFact(rows *sql.Rows) (f store.StoredFact, size int, err error) {
	var body []byte
	var stored string
	if err := rows.Scan(&f.N, &f.Hash, &body, &stored); err != nil {
		return f, 0, err
	}
	if f.At, err = instant(stored); err != nil {
		return f, 0, err
	}
	return f, len(body), json.Unmarshal(body, &f.Fact)
}

func sizedJSON[T any](rows *sql.Rows) (v T, size int, err error) {
	var body []byte
	if err := rows.Scan(&body); err != nil {
		return v, 0, err
	}
	return v, len(body), json.Unmarshal(body, &v)
}

func scanRow(rows *sql.Rows) (r licence.Row, err error) {
	var ends string
	if err := rows.Scan(&r.Kind, &r.ID, (*[]byte)(&r.Body), &ends); err != nil {
		return r, err
	}
	r.Ends, err = instant(ends)
	return r, err
}

func (s *Store) Outbox(ctx context.Context, account string) ([]licence.Effect, error) {
	return list(ctx, s.read, scanJSON[licence.Effect], "SELECT body FROM effect WHERE account = ? ORDER BY id", account)
}

// Due reads some at a time, so that no read stays open while the accounts are written.
func (s *Store) Due(ctx context.Context, by time.Time) iter.Seq2[string, error] {
	type place struct{ due, account string }
	scan := func(rows *sql.Rows) (p place, err error) {
		err = rows.Scan(&p.due, &p.account)
		return p, err
	}
	return func(yield func(string, error) bool) {
		const some = 500
		var last place
		for {
			places, err := list(ctx, s.read, scan, `SELECT due, account FROM account
				WHERE due <> '' AND due <= ? AND (due, account) > (?, ?) ORDER BY due, account LIMIT ?`,
				stamp(by), last.due, last.account, some)
			if err != nil {
				yield("", err)
				return
			}
			for _, last = range places {
				if !yield(last.account, nil) {
					return
				}
			}
			if len(places) < some {
				return
			}
		}
	}
}

func (s *Store) Rows(ctx context.Context, account, kind string, p store.Page) ([]licence.Row, store.Page, error) {
	after, err := p.After(1)
	if err != nil {
		return nil, store.Page{}, err
	}
	query := "SELECT kind, id, body, ends FROM row WHERE account = ? AND kind = ? AND (ends = '' OR ends > ?)"
	args := []any{account, kind, stamp(s.now())}
	if after != nil {
		query += " AND id < ?"
		args = append(args, after[0])
	}
	all, err := list(ctx, s.read, scanRow, query+" ORDER BY id DESC LIMIT ?", append(args, p.Size()+1)...)
	all, next := store.Cut(p, all, func(r licence.Row) []string { return []string{r.ID} })
	return all, next, err
}

func (s *Store) Row(ctx context.Context, account, kind, id string) (licence.Row, bool, error) {
	return s.row(ctx, s.read, account, licence.RowKey{Kind: kind, ID: id})
}

func (s *Store) row(ctx context.Context, db reader, account string, k licence.RowKey) (licence.Row, bool, error) {
	all, err := list(ctx, db, scanRow,
		"SELECT kind, id, body, ends FROM row WHERE account = ? AND kind = ? AND id = ? AND (ends = '' OR ends > ?)",
		account, k.Kind, k.ID, stamp(s.now()))
	if err != nil || len(all) == 0 {
		return licence.Row{}, false, err
	}
	return all[0], true, nil
}

func (s *Store) Facts(ctx context.Context, account string, p store.Page) ([]store.StoredFact, store.Page, error) {
	after, err := p.After(1)
	if err != nil {
		return nil, store.Page{}, err
	}
	query := "SELECT n, hash, body, stored FROM fact WHERE account = ? AND ends > ?"
	args := []any{account, stamp(s.now())}
	if after != nil {
		n, err := strconv.ParseInt(after[0], 10, 64)
		if err != nil {
			return nil, store.Page{}, store.ErrCursor
		}
		query += " AND n < ?"
		args = append(args, n)
	}
	return page(ctx, s.read, p, sizedFact, func(f store.StoredFact) []string { return []string{strconv.FormatInt(f.N, 10)} },
		query+" ORDER BY n DESC LIMIT ?", args...)
}

func (s *Store) Accounts(ctx context.Context, p store.Page) ([]licence.Entry, store.Page, error) {
	all, next, err := s.entries(ctx, p, "SELECT entry FROM account WHERE account <> ? AND account > ? ORDER BY account LIMIT ?", store.Operations)
	return store.Listed(all), next, err
}

func (s *Store) Cases(ctx context.Context, p store.Page) ([]licence.Entry, store.Page, error) {
	after, err := p.After(1)
	if err != nil {
		return nil, store.Page{}, err
	}
	if after == nil {
		after = []string{""}
	}
	all, err := list(ctx, s.read, scanJSON[licence.Entry], "SELECT entry FROM account WHERE place <> '' AND place > ? ORDER BY place LIMIT ?", after[0], p.Size()+1)
	all, next := store.Cut(p, all, func(e licence.Entry) []string { return []string{e.Place()} })
	return all, next, err
}

// Find asks the terms of the longest word, and of what has them, for the others.
func (s *Store) Find(ctx context.Context, words []string, p store.Page) ([]licence.Entry, store.Page, error) {
	after, err := p.After(2)
	if err != nil || len(words) == 0 {
		return nil, store.Page{}, err
	}
	if after == nil {
		after = []string{"", ""}
	}
	words = store.Longest(words)
	from, to := span(words[0])
	query, args := "SELECT MIN(t.term) AS first, t.account FROM term t WHERE t.term >= ? AND t.term < ?", []any{from, to}
	for _, w := range words[1:] {
		from, to := span(w)
		query += " AND EXISTS (SELECT 1 FROM term o WHERE o.account = t.account AND o.term >= ? AND o.term < ?)"
		args = append(args, from, to)
	}
	query = "SELECT found.first, account.entry FROM (" + query + ` GROUP BY t.account) AS found JOIN account USING (account)
		WHERE (found.first, account) > (?, ?) ORDER BY found.first, account LIMIT ?`
	type hit struct {
		term string
		licence.Entry
	}
	scan := func(rows *sql.Rows) (h hit, err error) {
		var body []byte
		if err := rows.Scan(&h.term, &body); err != nil {
			return h, err
		}
		return h, json.Unmarshal(body, &h.Entry)
	}
	hits, err := list(ctx, s.read, scan, query, append(args, after[0], after[1], p.Size()+1)...)
	if err != nil {
		return nil, store.Page{}, err
	}
	hits, next := store.Cut(p, hits, func(h hit) []string { return []string{h.term, h.Account} })
	var all []licence.Entry
	for _, h := range hits {
		all = append(all, h.Entry)
	}
	return all, next, nil
}

// span is where the terms lie that are found by a word.
func span(word string) (from, to string) {
	if store.Matches(word+"x", word) {
		return word, word + "\U0010ffff"
	}
	return word, word + "\x00"
}

func (s *Store) entries(ctx context.Context, p store.Page, query, of string) ([]licence.Entry, store.Page, error) {
	after, err := p.After(1)
	if err != nil {
		return nil, store.Page{}, err
	}
	if after == nil {
		after = []string{""}
	}
	all, err := list(ctx, s.read, scanJSON[licence.Entry], query, of, after[0], p.Size()+1)
	all, next := store.Cut(p, all, func(e licence.Entry) []string { return []string{e.Account} })
	return all, next, err
}

func (s *Store) Index(ctx context.Context, account string, terms []string) error {
	return s.change(ctx, func(ctx context.Context, tx *transaction) error {
		if _, err := changed(ctx, tx, "DELETE FROM term WHERE account = ?", account); err != nil {
			return err
		}
		for _, term := range terms {
			if _, err := changed(ctx, tx, "INSERT OR IGNORE INTO term (term, account) VALUES (?, ?)", term, account); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) Counter(ctx context.Context, key, hour string, add, limit int) (bool, error) {
	if add > limit {
		return false, nil
	}
	counted := false
	err := s.change(ctx, func(ctx context.Context, tx *transaction) error {
		rows, err := changed(ctx, tx, `INSERT INTO counter (key, hour, count, ends) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET count = count + excluded.count WHERE count + excluded.count <= ?`,
			key, hour, add, stamp(s.now().Add(store.CounterLife)), limit)
		counted = rows > 0
		return err
	})
	return err == nil && counted, err
}
