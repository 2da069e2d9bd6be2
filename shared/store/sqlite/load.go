package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// Load reads in one transaction, which in WAL mode sees one instant.
func (s *Store) Load(ctx context.Context, account string, w store.Want) (licence.Loaded, error) {
	l := licence.Loaded{State: licence.State{Account: account}, Seats: licence.Items{}, Rows: map[licence.RowKey]licence.Row{}}
	if len(w.Seats)+len(w.Rows) > store.MaxSeats {
		return l, store.ErrTooLarge
	}
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return l, err
	}
	defer tx.Rollback()

	var history []byte
	err = tx.QueryRowContext(ctx, "SELECT n, history FROM account WHERE account = ?", account).Scan(&l.State.N, &history)
	if errors.Is(err, sql.ErrNoRows) {
		return l, nil
	}
	if err != nil {
		return l, err
	}
	if err := l.State.History.Decode(history); err != nil {
		return l, err
	}
	if err := loadParts(ctx, tx, account, &l.State.Known); err != nil {
		return l, err
	}
	err = tx.QueryRowContext(ctx, "SELECT hash FROM fact WHERE account = ? AND id = ? AND ends > ?",
		account, w.Fact, stamp(s.now())).Scan(&l.Seen)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return l, err
	}
	for _, k := range w.Seats {
		var body []byte
		err := tx.QueryRowContext(ctx, "SELECT body FROM seat WHERE account = ? AND cust_id = ? AND roster = ? AND user = ?",
			account, k.CustID, k.Roster, k.User).Scan(&body)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return l, err
		}
		var seat licence.Seat
		if err := json.Unmarshal(body, &seat); err != nil {
			return l, err
		}
		l.Seats[k] = seat
	}
	for _, k := range w.Rows {
		row, ok, err := s.row(ctx, tx, account, k)
		if err != nil {
			return l, err
		}
		if ok {
			l.Rows[k] = row
		}
	}
	return l, nil
}

func loadParts(ctx context.Context, tx *sql.Tx, account string, k *licence.Known) error {
	rows, err := tx.QueryContext(ctx, "SELECT part, body FROM part WHERE account = ?", account)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var part licence.Part
		var body []byte
		if err := rows.Scan(&part, &body); err != nil {
			return err
		}
		if err := k.Decode(part, body); err != nil {
			return err
		}
	}
	return rows.Err()
}
