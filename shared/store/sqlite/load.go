package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// loading reads, in one statement and so of one instant, which version the account has, whether a fact
// is in, and one person.
const loading = `SELECT coalesce((SELECT n FROM account WHERE account = ?1), 0),
	coalesce((SELECT hash FROM fact WHERE account = ?1 AND id = ?2 AND ends > ?3), ''),
	(SELECT body FROM seat WHERE account = ?1 AND cust_id = ?4 AND roster = ?5 AND user = ?6)`

// Load reads in one transaction, which in WAL mode sees one instant; where the caller has the state and
// asks for one person at most, in one statement.
func (s *Store) Load(ctx context.Context, account string, w store.Want) (licence.Loaded, error) {
	l := licence.Loaded{State: licence.State{Account: account}, Seats: licence.Items{}, Rows: map[licence.RowKey]licence.Row{}}
	if w.People() {
		return store.InParts(ctx, account, w, s.Load)
	}
	if len(w.Seats)+len(w.Rows) > store.MaxSeats {
		return l, store.ErrTooLarge
	}
	if w.Have != 0 && len(w.Seats) <= 1 && len(w.Rows) == 0 {
		enough, err := s.glance(ctx, account, w, &l)
		if enough || err != nil {
			return l, err
		}
	}
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return l, err
	}
	defer tx.Rollback()
	err = tx.QueryRowContext(ctx, `SELECT coalesce((SELECT n FROM account WHERE account = ?1), 0),
		coalesce((SELECT hash FROM fact WHERE account = ?1 AND id = ?2 AND ends > ?3), '')`,
		account, w.Fact, stamp(s.now())).Scan(&l.State.N, &l.Seen)
	if err != nil || l.State.N == 0 {
		return l, err
	}
	if w.Have == 0 || w.Have > 0 && w.Have != l.State.N {
		if err := loadState(ctx, tx, account, &l.State); err != nil {
			return l, err
		}
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

// glance reads what there is beside the state. Not enough: the state is another one than the caller has.
func (s *Store) glance(ctx context.Context, account string, w store.Want, l *licence.Loaded) (enough bool, err error) {
	var k licence.Key
	if len(w.Seats) > 0 {
		k = w.Seats[0]
	}
	var body []byte
	ctx = context.WithoutCancel(ctx) // it takes no time, and to watch for an end takes more
	err = s.loading.QueryRowContext(ctx, account, w.Fact, stamp(s.now()), k.CustID, k.Roster, k.User).Scan(&l.State.N, &l.Seen, &body)
	if err != nil || w.Have > 0 && w.Have != l.State.N {
		return false, err
	}
	if len(w.Seats) > 0 && body != nil {
		var seat licence.Seat
		if err := json.Unmarshal(body, &seat); err != nil {
			return false, err
		}
		l.Seats[k] = seat
	}
	return true, nil
}

func loadState(ctx context.Context, tx *sql.Tx, account string, s *licence.State) error {
	var history []byte
	if err := tx.QueryRowContext(ctx, "SELECT history FROM account WHERE account = ?", account).Scan(&history); err != nil {
		return err
	}
	if err := s.History.Decode(history); err != nil {
		return err
	}
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
		if err := s.Known.Decode(part, body); err != nil {
			return err
		}
	}
	return rows.Err()
}
