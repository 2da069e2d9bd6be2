package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/sqlite"
)

var errCut = errors.New("the power went")

// cut is a store that goes away after so many writes.
type cut struct {
	store.Store
	left    int
	unmatch func() // before the outbox is read for the second time
	read    int
}

func (c *cut) one() error {
	if c.left--; c.left < 0 {
		return errCut
	}
	return nil
}

func after[A any](c *cut, do func(context.Context, A) error, ctx context.Context, a A) error {
	if err := c.one(); err != nil {
		return err
	}
	return do(ctx, a)
}

func (c *cut) eraser() store.Eraser { return c.Store.(store.Eraser) }

func (c *cut) Commit(ctx context.Context, x licence.Change) error {
	return after(c, c.Store.Commit, ctx, x)
}

func (c *cut) DropUnmatched(ctx context.Context, f licence.Fact) error {
	return after(c, c.Store.DropUnmatched, ctx, f)
}

func (c *cut) DropRejection(ctx context.Context, id string) error {
	return after(c, c.Store.DropRejection, ctx, id)
}

func (c *cut) Sweep(ctx context.Context, account string) error {
	return after(c, func(ctx context.Context, account string) error { return c.eraser().Sweep(ctx, account) }, ctx, account)
}

func (c *cut) PruneRoster(ctx context.Context, account, cust, roster string) error {
	return after(c, func(ctx context.Context, _ int) error { return c.Store.PruneRoster(ctx, account, cust, roster) }, ctx, 0)
}

func (c *cut) Index(ctx context.Context, account string, terms []string) error {
	return after(c, func(ctx context.Context, _ int) error { return c.Store.Index(ctx, account, terms) }, ctx, 0)
}

func (c *cut) Amend(ctx context.Context, account string, f licence.Fact) error {
	return after(c, func(ctx context.Context, f licence.Fact) error { return c.eraser().Amend(ctx, account, f) }, ctx, f)
}

func (c *cut) AllRows(ctx context.Context, account string) iter.Seq2[licence.Row, error] {
	return c.eraser().AllRows(ctx, account)
}

func (c *cut) Outbox(ctx context.Context, account string) ([]licence.Effect, error) {
	owed, err := c.Store.Outbox(ctx, account)
	if c.read++; c.unmatch != nil && c.read == 2 {
		c.unmatch()
	}
	return owed, err
}

// secrets is a customer with more names than one commit gives up, people in its seats and rows, and
// something that waits under one of the names. It gives the store, its file and its names.
func secrets(t *testing.T, now func() time.Time) (db store.Store, file string, names []licence.Name) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "seatmend.db")
	real, err := sqlite.Open(file, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { real.Close() })
	e := hand(real, now)
	a := account(1)
	a.Contacts[0] = licence.Contact{ID: "anna", Name: "Secret Berg", Email: "secret@kund1.example", Role: licence.Admin, Locale: "sv", User: "77"}
	for n := range 60 {
		a.Billing = append(a.Billing, licence.Mapping{Sender: "stripe", ID: fmt.Sprint("cus_", n)})
	}
	names = licence.Names(a)
	tell(t, e, "C-1", now(), a)
	tell(t, e, "C-1", now(), report(1))
	list := licence.SeatsListed{CustID: "Cust1"}
	for n := range 9 {
		u := licence.User{ID: fmt.Sprint(n), Name: "Nils Kvar", CanLogin: true}
		if n == 0 {
			u = licence.User{ID: "77", Name: "Berg, Secret", Email: "s.berg@kund1.example", CanLogin: true}
		}
		list.Rows = append(list.Rows, licence.SeatChanged{CustID: "Cust1", Plan: "sales-premium", Held: true, User: u})
	}
	tell(t, e, "C-1", now(), list)
	for _, who := range []string{"Secret Berg", "Berg, Secret", "anna"} {
		tell(t, e, "C-1", now(), licence.PaymentClaimed{Invoice: "INV-1", By: who, Reference: "by s.berg@kund1.example"})
	}
	if err := e.Record(t.Context(), "C-1", func(licence.State) ([]licence.Row, []licence.Name, error) {
		return []licence.Row{{Kind: "audit", ID: "x", Body: []byte(`{"note":"Berg, Secret rang"}`)}, {Kind: "link", ID: "l1", Body: []byte(`{"contact":"anna"}`)}},
			[]licence.Name{{Sender: "link", ID: "l1"}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	at := now()
	for n, name := range []licence.Name{names[0], names[len(names)-1]} {
		if err := real.Reject(t.Context(), store.Rejected{ID: fmt.Sprint("r", n), Account: name.String(), At: at, Body: []byte(`{"x":"Secret Berg"}`)}); err != nil {
			t.Fatal(err)
		}
	}
	return real, file, append(names, licence.Name{Sender: "link", ID: "l1"})
}

// holds tells whether the files of a store hold a word, in whatever case.
func holds(t *testing.T, file, word string) bool {
	t.Helper()
	files, err := filepath.Glob(file + "*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	return slices.ContainsFunc(files, func(f string) bool {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(bytes.ToLower(b), []byte(word))
	})
}

// broken does it with a store that goes away after 0, 1, 2 and more writes, does it again with one that
// stays, and has looked at what is left then, until once nothing went away.
func broken(t *testing.T, do func(*engine.Engine) error, look func(after int, db store.Store, file string, names []licence.Name)) {
	t.Helper()
	now := func() time.Time { return morning }
	for n := 0; ; n++ {
		if n > 500 {
			t.Fatal("it never ends")
		}
		db, file, names := secrets(t, now)
		if !holds(t, file, "secret") {
			t.Fatal("there is nothing to erase")
		}
		err := do(hand(&cut{Store: db, left: n}, now))
		if err != nil && !errors.Is(err, errCut) {
			t.Fatal(err)
		}
		whole := err == nil
		if err := do(hand(db, now)); err != nil && !errors.Is(err, engine.ErrNotThere) {
			t.Fatalf("again after %d writes: %v", n, err)
		}
		look(n, db, file, names)
		if whole {
			if n < 8 {
				t.Errorf("only %d writes: the test does not see what is written", n)
			}
			return
		}
	}
}

// TestEraseBrokenOff: an erasure of a customer that was broken off after any write ends when it is begun again.
func TestEraseBrokenOff(t *testing.T) {
	broken(t, func(e *engine.Engine) error { return e.Erase(t.Context(), "C-1") }, func(n int, db store.Store, file string, names []licence.Name) {
		for _, word := range []string{"secret", "nils kvar", "kund1.example"} {
			if holds(t, file, word) {
				t.Errorf("broken off after %d writes: %s is there still", n, word)
			}
		}
		for _, name := range names {
			if to, err := db.Resolve(t.Context(), name); !errors.Is(err, store.ErrNoAccount) {
				t.Errorf("broken off after %d writes: %s leads to %s, %v", n, name, to, err)
			}
		}
		if owed, err := db.Outbox(t.Context(), "C-1"); err != nil || len(owed) > 0 {
			t.Errorf("broken off after %d writes: it owes %v, %v", n, owed, err)
		}
	})
}

// TestErasePersonBrokenOff: so does one of a person; the others stay.
func TestErasePersonBrokenOff(t *testing.T) {
	broken(t, func(e *engine.Engine) error { _, err := e.ErasePerson(t.Context(), "C-1", "anna"); return err }, func(n int, db store.Store, file string, _ []licence.Name) {
		for _, word := range []string{"secret", "s.berg@"} {
			if holds(t, file, word) {
				t.Errorf("broken off after %d writes: %s is there still", n, word)
			}
		}
		if !holds(t, file, "nils kvar") {
			t.Errorf("broken off after %d writes: the others are gone", n)
		}
	})
}

// TestEraseWhatComesBetween: an effect that is added while a customer is erased is not owed afterwards.
func TestEraseWhatComesBetween(t *testing.T) {
	now := func() time.Time { return morning }
	db, _, _ := secrets(t, now)
	between := &cut{Store: db, left: 1000}
	between.unmatch = func() {
		l, err := db.Load(t.Context(), "C-1", store.Want{})
		if err == nil {
			err = db.Commit(t.Context(), licence.Change{Account: "C-1", N: l.State.N, Known: l.State.Known, History: l.State.History, Add: []licence.Effect{{Kind: licence.Mail, To: licence.Admin, Ripe: morning}}})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := hand(between, now).Erase(t.Context(), "C-1"); err != nil {
		t.Fatal(err)
	}
	if owed, err := db.Outbox(t.Context(), "C-1"); err != nil || len(owed) > 0 || between.read < 2 {
		t.Errorf("owed %+v, %v, after %d reads", owed, err, between.read)
	}
}
