package sqlite

import (
	"context"
	"iter"
	"slices"

	"seatmend/shared/licence"
	"seatmend/shared/seats"
	"seatmend/shared/store"
)

func (s *Store) Seats(ctx context.Context, account, custID, roster string, p store.Page) ([]licence.Seat, store.Page, error) {
	after, err := within(p, custID, roster, 1)
	if err != nil {
		return nil, store.Page{}, err
	}
	all, err := list(ctx, s.read, scanJSON[licence.Seat], `SELECT body FROM seat WHERE account = ? AND cust_id = ? AND roster = ?
		AND user > ? ORDER BY user LIMIT ?`, account, custID, roster, after[0], p.Size()+1)
	all, next := store.Cut(p, all, func(s licence.Seat) []string { return []string{custID, roster, s.Key().User} })
	return all, next, err
}

func (s *Store) Between(ctx context.Context, account, custID, roster string, span licence.Span) ([]licence.Seat, error) {
	return list(ctx, s.read, scanJSON[licence.Seat], `SELECT body FROM seat WHERE account = ?1 AND cust_id = ?2 AND roster = ?3
		AND user >= ?4 AND (?5 = '' OR user < ?5)`, account, custID, roster, span.From, span.To)
}

func (s *Store) Candidates(ctx context.Context, account, custID, roster, plan string, p store.Page) ([]licence.Seat, store.Page, error) {
	after, err := within(p, custID, roster, 2)
	if err != nil {
		return nil, store.Page{}, err
	}
	rows, err := s.read.QueryContext(ctx, `SELECT body FROM seat WHERE account = ? AND cust_id = ? AND roster = ? AND rank <> ''
		AND (rank, user) > (?, ?) ORDER BY rank, user`, account, custID, roster, after[0], after[1])
	if err != nil {
		return nil, store.Page{}, err
	}
	defer rows.Close()
	var all []licence.Seat
	for len(all) <= p.Size() && rows.Next() {
		seat, err := scanJSON[licence.Seat](rows)
		if err != nil {
			return nil, store.Page{}, err
		}
		if plan == "" || slices.Contains(store.Holds(seat), plan) {
			all = append(all, seat)
		}
	}
	all, next := store.Cut(p, all, func(s licence.Seat) []string { return []string{custID, roster, seats.StoredRank(s), s.Key().User} })
	return all, next, rows.Err()
}

// within opens a cursor of a roster's list, and gives the key after which it goes on.
func within(p store.Page, custID, roster string, parts int) ([]string, error) {
	after, err := p.After(2 + parts)
	if err != nil {
		return nil, err
	}
	if after == nil {
		return make([]string, parts), nil // no user's id is empty
	}
	if after[0] != custID || after[1] != roster {
		return nil, store.ErrCursor
	}
	return after[2:], nil
}

// StageRoster writes a thousand rows at a time, so that commits of others come between.
func (s *Store) StageRoster(ctx context.Context, account, custID, roster string, rows iter.Seq[licence.Seat]) error {
	next, stop := iter.Pull(rows)
	defer stop()
	for more := true; more; {
		err := s.change(ctx, func(ctx context.Context, tx *transaction) error {
			w := writer{ctx, tx, account, nil}
			for range 1000 {
				var seat licence.Seat
				if seat, more = next(); !more {
					break
				}
				seat.CustID, seat.Roster = custID, roster
				w.seat(seat, w.json(seat))
			}
			return w.err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) PruneRoster(ctx context.Context, account, custID, roster string) error {
	return s.run(ctx, "DELETE FROM seat WHERE account = ? AND cust_id = ? AND roster = ?", account, custID, roster)
}
