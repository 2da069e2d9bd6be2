package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
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
	if code(err) == lib.SQLITE_BUSY {
		err = ErrHeld
	}
	return nil, advised(path, err)
}

// code is what SQLite says is wrong, 0 if it says nothing.
func code(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

// advised says of an error which file it is about, and of the troubles that a machine has what cures them.
func advised(path string, err error) error {
	cure := ""
	switch code(err) {
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		cure = "another program has locked the database, such as one that copies it: end it, or wait until it is done: "
	case lib.SQLITE_FULL:
		cure = "the disk is full: make room: "
	case lib.SQLITE_IOERR:
		cure = "it cannot be read or written: look whether the disk is full or broken: "
	case lib.SQLITE_READONLY, lib.SQLITE_CANTOPEN, lib.SQLITE_PERM:
		cure = "this program may not write it: give the file and its folder to who runs this: "
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
		cure = "it is no whole database: put a copy in its place: "
	case 0:
		return err
	}
	return fmt.Errorf("%s: %s%w", path, cure, err)
}

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
