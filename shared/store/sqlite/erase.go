package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"iter"

	"seatmend/shared/licence"
)

func (s *Store) AllRows(ctx context.Context, account string) iter.Seq2[licence.Row, error] {
	return func(yield func(licence.Row, error) bool) {
		all, err := list(ctx, s.read, scanRow, "SELECT kind, id, body, ends FROM row WHERE account = ?", account)
		if err != nil {
			yield(licence.Row{}, err)
			return
		}
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func (s *Store) Amend(ctx context.Context, account string, f licence.Fact) error {
	body, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return s.run(ctx, "UPDATE fact SET body = ? WHERE account = ? AND id = ?", body, account, f.ID)
}

func (s *Store) Rosters(ctx context.Context, account string) ([]licence.Key, error) {
	return list(ctx, s.read, func(r *sql.Rows) (k licence.Key, err error) { return k, r.Scan(&k.CustID, &k.Roster) },
		"SELECT DISTINCT cust_id, roster FROM seat WHERE account = ? ORDER BY cust_id, roster", account)
}

// Sweep writes the file anew without what was deleted, and empties the log beside it.
func (s *Store) Sweep(ctx context.Context, _ string) error {
	s.group.turn <- struct{}{} // nobody writes meanwhile: VACUUM is no part of a transaction
	defer func() { <-s.group.turn }()
	for _, do := range []string{"VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		if _, err := s.writer.conn.ExecContext(ctx, do); err != nil {
			return err
		}
	}
	return nil
}
