package sqlite

import (
	"context"
	"database/sql"
)

// A transaction is the connection that writes, within a transaction. SQLite reads the text of each
// statement once: the same few are run all the time.
type transaction struct {
	conn  *sql.Conn
	known map[string]*sql.Stmt
}

// prepared is the statement of a query. Only who writes calls it, so nobody else is at the map.
func (t *transaction) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if s := t.known[query]; s != nil {
		return s, nil
	}
	s, err := t.conn.PrepareContext(ctx, query)
	if err == nil {
		t.known[query] = s
	}
	return s, err
}

func (t *transaction) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := t.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

// one reads one row; sql.ErrNoRows: there is none.
func (t *transaction) one(ctx context.Context, to []any, query string, args ...any) error {
	s, err := t.prepared(ctx, query)
	if err != nil {
		return err
	}
	return s.QueryRowContext(ctx, args...).Scan(to...)
}

func (t *transaction) exec(ctx context.Context, query string) error {
	_, err := t.ExecContext(ctx, query)
	return err
}

// script runs several statements, once.
func (t *transaction) script(ctx context.Context, text string) error {
	_, err := t.conn.ExecContext(ctx, text)
	return err
}
