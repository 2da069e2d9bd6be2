package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
)

// ErrHeld says that another holds the file.
var ErrHeld = errors.New("sqlite: another holds the file")

// Hold takes a file of its own for as long as the process lives, or until it is closed; a power cut
// gives it free. It is SQLite's own lock, which every system has.
func Hold(path string) (io.Closer, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := private(path); err != nil {
		return nil, err
	}
	db, err := open(path, url.Values{"_pragma": {"busy_timeout(0)"}, "_txlock": {"exclusive"}}, 1)
	if err != nil {
		return nil, err
	}
	tx, err := db.BeginTx(context.Background(), nil)
	if err == nil {
		return held{db, tx}, nil
	}
	db.Close()
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code()&0xff == busy {
		err = ErrHeld
	}
	return nil, err
}

const busy = 5 // SQLITE_BUSY

type held struct {
	db *sql.DB
	tx *sql.Tx
}

func (h held) Close() error { return errors.Join(h.tx.Rollback(), h.db.Close()) }

// private makes a file that only its owner may read, or makes one so that is there; SQLite gives
// the files beside it the same rights. One that is there is not opened: closing it again would
// free the locks that this process has on it.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err == nil {
		return f.Close()
	}
	if !errors.Is(err, os.ErrExist) {
		return err
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			err = os.Chmod(name, 0o600)
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}
