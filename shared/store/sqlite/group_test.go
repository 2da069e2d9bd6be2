package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// writers are changes that write a term each and end as given, all in one transaction.
func writers(ctx context.Context, terms []string, ends map[string]error) (all []*waiter) {
	for _, term := range terms {
		all = append(all, &waiter{ctx: ctx, do: func(ctx context.Context, tx *transaction) error {
			if _, err := changed(ctx, tx, "INSERT INTO term (term, account) VALUES (?, 'C-1')", term); err != nil {
				return err
			}
			if err := ends[term]; !errors.Is(err, errLost) {
				return err
			}
			_, err := tx.ExecContext(ctx, "ROLLBACK") // as SQLite does by itself when the disk is full
			return err
		}, done: make(chan error, 1)})
	}
	return all
}

var errLost = errors.New("the transaction is lost")

func kept(t *testing.T, s *Store) []string {
	t.Helper()
	terms, err := list(t.Context(), s.read, func(r *sql.Rows) (term string, err error) { return term, r.Scan(&term) }, "SELECT term FROM term ORDER BY term")
	if err != nil {
		t.Fatal(err)
	}
	return terms
}

func openTemp(t *testing.T) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "group.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// TestOneOfAGroupIsRefused: nothing of it is kept, and all of the others.
func TestOneOfAGroupIsRefused(t *testing.T) {
	s := openTemp(t)
	refused := errors.New("refused")
	over, cancel := context.WithCancel(t.Context())
	cancel()
	all := writers(t.Context(), []string{"a", "b", "c"}, map[string]error{"b": refused})
	all = append(all, writers(over, []string{"d"}, nil)...)
	s.together(all)
	for i, want := range []error{nil, refused, nil, context.Canceled} {
		if got := <-all[i].done; !errors.Is(got, want) {
			t.Errorf("change %d ended with %v, want %v", i, got, want)
		}
	}
	if got, want := kept(t, s), []string{"a", "c"}; !slices.Equal(got, want) {
		t.Errorf("kept %q, want %q", got, want)
	}
}

// TestAGroupIsLost: nobody hears that its change is kept, or that it was refused, and the next
// group is written.
func TestAGroupIsLost(t *testing.T) {
	s := openTemp(t)
	refused := errors.New("refused")
	all := writers(t.Context(), []string{"a", "b", "c", "d"}, map[string]error{"b": refused, "c": errLost})
	s.together(all)
	for i, w := range all {
		if err := <-w.done; err == nil || errors.Is(err, refused) {
			t.Errorf("change %d ended with %v", i, err)
		}
	}
	if got := kept(t, s); len(got) > 0 {
		t.Errorf("kept %q", got)
	}
	next := writers(t.Context(), []string{"e"}, nil)
	s.together(next)
	if err := <-next[0].done; err != nil {
		t.Error(err)
	}
}
