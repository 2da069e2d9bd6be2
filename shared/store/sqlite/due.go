package sqlite

import (
	"context"
	"time"
)

// NextDue is the earliest instant at which some account is due; zero: none ever is. The local
// run moves its clock on by way of it.
func (s *Store) NextDue(ctx context.Context) (time.Time, error) {
	var due string
	err := s.read.QueryRowContext(ctx, `SELECT COALESCE(MIN(due), '') FROM account WHERE due <> ''`).Scan(&due)
	if err != nil || due == "" {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339Nano, due)
}
