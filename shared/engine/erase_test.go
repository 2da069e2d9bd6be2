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
	"seatmend/shared/store/memory"
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

func (c *cut) Rosters(ctx context.Context, account string) ([]licence.Key, error) {
	return c.eraser().Rosters(ctx, account)
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

// A meeting is a store of which can be erased, in which something happens once: before a customer is emptied, before
// a list is named, after a person's seat was read.
type meeting struct {
	store.Store
	store.Eraser
	emptied, named, seen func()
}

func once(do *func()) {
	if it := *do; it != nil {
		*do = nil
		it()
	}
}

func (m *meeting) Commit(ctx context.Context, c licence.Change) error {
	if c.Entry.Erased {
		once(&m.emptied)
	} else if c.Fact != nil && c.Fact.Payload.Type() == (licence.SeatsListed{}).Type() {
		once(&m.named)
	}
	return m.Store.Commit(ctx, c)
}

func (m *meeting) Load(ctx context.Context, account string, w store.Want) (licence.Loaded, error) {
	l, err := m.Store.Load(ctx, account, w)
	if len(l.Seats) > 0 && w.Have > 0 {
		once(&m.seen)
	}
	return l, err
}

// met is customer 7, whose people are called Hemlig, in a store in which hands meet.
func met(t *testing.T) (*meeting, *engine.Engine) {
	t.Helper()
	db := memory.New(func() time.Time { return morning })
	m := &meeting{Store: db, Eraser: db}
	e := hand(m, func() time.Time { return morning })
	a := account(7)
	a.Name = "Hemlig AB"
	tell(t, e, "C-7", ago(60), a)
	return m, e
}

// TestEraseBesideOthers: of a customer who was erased nothing is left of what other hands did meanwhile, or go on with
// afterwards; and it is in no list.
func TestEraseBesideOthers(t *testing.T) {
	ctx := t.Context()
	more := everyOf(0, 4, "Hemlig")
	for name, c := range map[string]func(t *testing.T, m *meeting, e, other *engine.Engine) (after func()){
		"a list is there": func(t *testing.T, m *meeting, e, other *engine.Engine) func() {
			tell(t, e, "C-7", ago(50), everyOf(0, 3, "Hemlig"))
			return nil
		},
		"a list between": func(t *testing.T, m *meeting, e, other *engine.Engine) func() {
			m.emptied = func() { tell(t, other, "C-7", ago(40), more) }
			return nil
		},
		"a hand that staged a list and died": func(t *testing.T, m *meeting, e, other *engine.Engine) func() {
			row := licence.Seat{User: licence.Reg[licence.User]{Value: licence.User{ID: "u9", Name: "Hemlig"}}}
			if err := m.StageRoster(ctx, "C-7", "cust7", "dead", slices.Values([]licence.Seat{row})); err != nil {
				t.Fatal(err)
			}
			return nil
		},
		"a list that is overtaken": func(t *testing.T, m *meeting, e, other *engine.Engine) func() {
			m.named = func() { // after its people are staged
				if err := other.Erase(ctx, "C-7"); err != nil {
					t.Fatal(err)
				}
			}
			_, err := e.Apply(ctx, licence.Fact{ID: licence.ReadPrefix + "1", To: []licence.Name{{Sender: "account", ID: "C-7"}}, At: ago(40), Source: "superoffice", Payload: more})
			left, _ := m.Rosters(ctx, "C-7")
			if !errors.Is(err, store.ErrNoAccount) || m.named != nil || len(left) > 0 {
				t.Errorf("the read says %v, and leaves %v", err, left)
			}
			return nil
		},
		"told anew": func(t *testing.T, m *meeting, e, other *engine.Engine) func() {
			m.emptied = func() {
				if err := other.Erase(ctx, "C-7"); err != nil {
					t.Fatal(err)
				}
				again := account(7)
				again.Name = "Hemlig AB"
				tell(t, other, "C-7", ago(30), again)
				tell(t, other, "C-7", ago(20), more)
			}
			return nil
		},
		"what people look for, written late": func(t *testing.T, m *meeting, e, other *engine.Engine) func() {
			l, err := m.Store.Load(ctx, "C-7", store.Want{})
			if err != nil {
				t.Fatal(err)
			}
			return func() {
				if _, _, err := other.Index(ctx, l.State, licence.Effect{}); err != nil {
					t.Error(err)
				}
			}
		},
		"a sweep that comes late": func(t *testing.T, m *meeting, e, other *engine.Engine) func() {
			return func() {
				if err := other.Tick(ctx, "C-7"); err != nil {
					t.Error(err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			m, e := met(t)
			after := c(t, m, e, hand(&meeting{Store: m.Store, Eraser: m.Eraser}, e.Now))
			if err := e.Erase(ctx, "C-7"); err != nil {
				t.Fatal(err)
			}
			if after != nil {
				after()
			}
			rosters, err := m.Rosters(ctx, "C-7")
			parked, _, _ := m.Unmatched(ctx, store.Page{})
			listed, _, _ := m.Accounts(ctx, store.Page{})
			found, _, _ := e.Find(ctx, "hemlig", store.Page{})
			l, _ := m.Load(ctx, "C-7", store.Want{})
			if err != nil || len(rosters)+len(parked)+len(listed)+len(found) > 0 || m.emptied != nil || l.State.Known.Profile.Account.Told() {
				t.Errorf("people %v, parked %+v, in lists %+v, found %+v, known %+v: %v", rosters, parked, listed, found, l.State.Known.Profile.Account, err)
			}
		})
	}
}

// TestAnIndexOvertaken: who is slower leaves no words of a state that is over.
func TestAnIndexOvertaken(t *testing.T) {
	m, e := met(t)
	l, err := m.Store.Load(t.Context(), "C-7", store.Want{})
	if err != nil {
		t.Fatal(err)
	}
	renamed := account(7)
	renamed.Name = "Nyhavn AB"
	tell(t, e, "C-7", ago(30), renamed)
	if _, _, err := e.Index(t.Context(), l.State, licence.Effect{}); err != nil {
		t.Fatal(err)
	}
	if found, _, err := e.Find(t.Context(), "nyhavn", store.Page{}); err != nil || len(found) != 1 {
		t.Errorf("found %+v, %v", found, err)
	}
}

// TestErasePersonBesideOthers: a person who is erased while news of the installation come is called nothing there any
// more, and the counters are what a recount gives.
func TestErasePersonBesideOthers(t *testing.T) {
	for name, c := range map[string]func(t *testing.T, m *meeting, e, other *engine.Engine){
		"the seat is given up between": func(t *testing.T, m *meeting, e, other *engine.Engine) {
			tell(t, e, "C-7", ago(45), everyOf(2, 4, "Kvar"))
			m.seen = func() { tell(t, other, "C-7", ago(5), seat("u00001", "Hemlig", false)) }
			if _, err := e.ErasePerson(t.Context(), "C-7", "u00001"); err != nil {
				t.Fatal(err)
			}
		},
		"a list is in its second attempt": func(t *testing.T, m *meeting, e, other *engine.Engine) {
			m.named = func() {
				if _, err := other.ErasePerson(t.Context(), "C-7", "u00001"); err != nil {
					t.Fatal(err)
				}
			}
			tell(t, e, "C-7", ago(40), everyOf(2, 4, "Kvar"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			m, e := met(t)
			tell(t, e, "C-7", ago(10), seat("u00001", "Hemlig", true))
			c(t, m, e, hand(&meeting{Store: m.Store, Eraser: m.Eraser}, e.Now))
			r := roster{t, &shelf{Store: m}, e, nil}
			all := r.people()
			for user, s := range all {
				if user == "u00001" || s.User.Value.Name == "Hemlig" {
					t.Errorf("%s is there still: %+v", user, s)
				}
			}
			if m.seen != nil || m.named != nil || len(all) != 3 {
				t.Errorf("nothing came between: %v", all)
			}
		})
	}
}
