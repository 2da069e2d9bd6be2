package sqlite_test

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/sqlite"
	"seatmend/shared/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T, now func() time.Time) store.Store {
		// What is in the path has no meaning in the name of the database.
		s, err := sqlite.Open(filepath.Join(t.TempDir(), "seat mend?#%.db"), now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		return s
	})
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, file string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(file, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestTwoPrograms: a file that is open twice has one law.
func TestTwoPrograms(t *testing.T) {
	file := filepath.Join(t.TempDir(), "seatmend.db")
	stores := []*sqlite.Store{open(t, file), open(t, file)}
	const each = 20
	var group sync.WaitGroup
	for i, s := range stores {
		defer s.Close()
		group.Go(func() {
			for n := 0; n < each; {
				l, err := s.Load(t.Context(), "C-1042", store.Want{})
				if err == nil {
					c := licence.Change{Account: "C-1042", N: l.State.N, Fact: &licence.Fact{
						ID: fmt.Sprint(i, n), At: noon, Payload: licence.SourceChecked{}}}
					err = s.Commit(t.Context(), c)
				}
				switch {
				case err == nil:
					n++
				case !errors.Is(err, store.ErrConflict):
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	l, err := stores[0].Load(t.Context(), "C-1042", store.Want{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := l.State.N, int64(2*each); got != want {
		t.Errorf("got version %d, want %d", got, want)
	}
}

// TestReopen: what was written is there when the file is opened again, and a file of a later
// program is left alone.
func TestReopen(t *testing.T) {
	file := filepath.Join(t.TempDir(), "seatmend.db")
	s := open(t, file)
	if err := s.Commit(t.Context(), licence.Change{Account: "C-1042"}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = open(t, file)
	l, err := s.Load(t.Context(), "C-1042", store.Want{})
	if err != nil || l.State.N != 1 {
		t.Errorf("got version %d, error %v", l.State.N, err)
	}
	s.Close()

	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if s, err := sqlite.Open(file, func() time.Time { return noon }); err == nil {
		s.Close()
		t.Error("opened a file of version 99")
	}
}

// TestUpgrade: a file of the first version is read, and what waits in it stays.
func TestUpgrade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "seatmend.db")
	s := open(t, file)
	aside := store.Rejected{ID: "a1", Sender: "stripe", Body: []byte("{"), At: noon}
	if err := errors.Join(s.Reject(t.Context(), aside), s.Commit(t.Context(), licence.Change{Account: "C-1042"}), s.Close()); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	for _, back := range []string{"DROP TABLE told", "DROP INDEX aside_pile", "ALTER TABLE aside DROP COLUMN pile", "ALTER TABLE aside DROP COLUMN size", "PRAGMA user_version = 1"} {
		if _, err := db.Exec(back); err != nil {
			t.Fatalf("%s: %v", back, err)
		}
	}
	db.Close()
	s = open(t, file)
	defer s.Close()
	got, ok, err := s.Rejection(t.Context(), "a1")
	if err != nil || !ok || got.Sender != "stripe" {
		t.Errorf("what was set aside is %+v, %v, %v", got, ok, err)
	}
	fact := licence.Fact{ID: "standard/1", At: noon, Payload: licence.SourceChecked{}}
	aside.ID = "a2"
	if err := errors.Join(s.Commit(t.Context(), licence.Change{Account: "C-1042", N: 1, Fact: &fact}), s.Reject(t.Context(), aside)); err != nil {
		t.Error(err)
	}
}
