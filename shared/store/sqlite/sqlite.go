// Package sqlite keeps accounts in one SQLite file, with the law of package store.
package sqlite

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite"

	"seatmend/shared/store"
)

// schemaVersion is kept in the file, so that a program never writes what an older one cannot read.
const schemaVersion = 2

// upgrades make of the tables of each version those of the next.
var upgrades = map[int]string{1: `
	ALTER TABLE aside ADD COLUMN pile TEXT NOT NULL DEFAULT '';
	ALTER TABLE aside ADD COLUMN size INTEGER NOT NULL DEFAULT 0;
	CREATE INDEX aside_pile ON aside (pile, size);
	CREATE TABLE told (fact TEXT PRIMARY KEY, account TEXT NOT NULL, hash TEXT NOT NULL, ends TEXT NOT NULL) WITHOUT ROWID;`}

//go:embed schema.sql
var schema string

// A Store is an open file. Other processes may have it open too.
type Store struct {
	path   string
	write  *sql.DB // one connection: SQLite has one writer at a time
	writer *transaction
	read   *sql.DB
	now    func() time.Time
	group  group

	loading *sql.Stmt
}

var _ store.Store = (*Store)(nil)

// Open opens the file, and creates it if it is not there; only its owner may read it. Now says what has come to its end.
func Open(path string, now func() time.Time) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := private(path); err != nil {
		return nil, err
	}
	// FULL makes a commit durable against the loss of power. A writer takes the lock when it
	// begins: a lock taken later, after a read, could not wait for another process. The log is put into the file every
	// 16 MB, and not every 4: what is durable is in the log, and the same pages are then written less often.
	write, err := open(path, url.Values{
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "wal_autocheckpoint(4000)"}, "_txlock": {"immediate"}}, 1)
	if err != nil {
		return nil, err
	}
	read, err := open(path, url.Values{"_pragma": {"busy_timeout(10000)", "query_only(1)"}}, 4)
	if err != nil {
		write.Close()
		return nil, err
	}
	s := &Store{path: path, write: write, read: read, now: now, group: group{turn: make(chan struct{}, 1)}}
	if err := s.ready(context.Background()); err != nil {
		s.Close()
		if code(err) == 0 {
			err = fmt.Errorf("%s: %w", path, err)
		}
		return nil, advised(path, err)
	}
	return s, nil
}

func open(path string, options url.Values, connections int) (*sql.DB, error) {
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: options.Encode()}).String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// ready opens the connection that writes, and makes the tables what they should be.
func (s *Store) ready(ctx context.Context) error {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return err
	}
	s.writer = &transaction{conn, map[string]*sql.Stmt{}}
	if err := s.prepare(ctx); err != nil {
		return err
	}
	s.loading, err = s.read.PrepareContext(ctx, loading)
	return err
}

// Close waits for what is running.
func (s *Store) Close() error {
	if s.writer != nil {
		s.group.turn <- struct{}{} // nobody writes any more
		for _, stmt := range s.writer.known {
			stmt.Close()
		}
		s.writer.conn.Close()
	}
	err := s.read.Close()
	if e := s.write.Close(); err == nil {
		err = e
	}
	return err
}

// prepare makes the tables of a new file, and drops from an old one what has come to its end.
func (s *Store) prepare(ctx context.Context) error {
	return s.change(ctx, func(ctx context.Context, tx *transaction) error {
		var version int
		if err := tx.one(ctx, []any{&version}, "PRAGMA user_version"); err != nil {
			return err
		}
		todo := ""
		switch {
		case version > schemaVersion:
			return fmt.Errorf("has tables of version %d, this program knows %d", version, schemaVersion)
		case version == 0:
			todo = schema
		default:
			for v := version; v < schemaVersion; v++ {
				todo += upgrades[v]
			}
		}
		if todo != "" {
			if err := tx.script(ctx, todo+fmt.Sprintf("PRAGMA user_version = %d;", schemaVersion)); err != nil {
				return err
			}
		}
		for _, table := range []string{"fact", "row", "parked", "aside", "told", "counter"} {
			if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE ends <> '' AND ends <= ?", stamp(s.now())); err != nil {
				return err
			}
		}
		return nil
	})
}

// changed runs one statement of a transaction, and tells how many rows it wrote.
func changed(ctx context.Context, tx *transaction, query string, args ...any) (int64, error) {
	result, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// run runs one statement, in a transaction.
func (s *Store) run(ctx context.Context, query string, args ...any) error {
	return s.change(ctx, func(ctx context.Context, tx *transaction) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	})
}

// A reader is a database, or a transaction of one.
type reader interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// list reads all that a query gives.
func list[T any](ctx context.Context, db reader, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// page reads what belongs on a page and one more, by count and by bytes; size is how much of the
// page one takes.
func page[T any](ctx context.Context, db *sql.DB, p store.Page, scan func(*sql.Rows) (v T, size int, err error), key func(T) []string, query string, args ...any) ([]T, store.Page, error) {
	rows, err := db.QueryContext(ctx, query, append(args, p.Size()+1)...)
	if err != nil {
		return nil, store.Page{}, err
	}
	defer rows.Close()
	var all []T
	room, most := p.Room(), 0
	for full := false; !full && rows.Next(); {
		v, size, err := scan(rows)
		if err != nil {
			return nil, store.Page{}, err
		}
		if full = !room.Takes(size); !full {
			most++
		}
		all = append(all, v)
	}
	if err := rows.Err(); err != nil {
		return nil, store.Page{}, err
	}
	all, next := store.CutAt(p, all, most, key)
	return all, next, nil
}

const stampLayout = "2006-01-02T15:04:05.000000000Z"

// stamp is an instant as it is stored.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(stampLayout)
}

func instant(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return time.Parse(stampLayout, s)
}
