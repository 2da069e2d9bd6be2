package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

func testCounter(b bench) {
	count := func(hour string, add, limit int) bool {
		ok, err := b.Counter(b.ctx(), "mails#", hour, add, limit)
		b.must(err)
		return ok
	}
	const nine, ten = "2026-11-23T09", "2026-11-23T10"
	b.same("more than the limit", count(nine, 3, 2), false)
	b.same("two", count(nine, 2, 3), true)
	b.same("four", count(nine, 2, 3), false)
	b.same("three", count(nine, 1, 3), true)
	b.same("full", count(nine, 1, 3), false)
	b.same("another hour", count(ten, 3, 3), true)
	b.same("a higher limit", count(nine, 1, 4), true)
	ok, err := b.Counter(b.ctx(), "mails", nine, 1, 1)
	b.must(err)
	b.same("another key", ok, true)
}

// together calls do on so many goroutines at once, and reports the errors.
func together(b bench, n int, do func(i int) error) {
	b.Helper()
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			if err := do(i); err != nil {
				b.Error(err)
			}
		})
	}
	group.Wait()
}

func testCounterRace(b bench) {
	var mu sync.Mutex
	counted := 0
	together(b, 16, func(int) error {
		ok, err := b.Counter(b.ctx(), "mails", "2026-11-23T09", 1, 10)
		mu.Lock()
		defer mu.Unlock()
		if ok {
			counted++
		}
		return err
	})
	b.same("counted", counted, 10)
}

func testWriters(b bench) {
	const writers = 32
	together(b, writers, func(i int) error {
		for {
			l, err := b.Load(b.ctx(), fjord, store.Want{})
			if err != nil {
				return err
			}
			c := change(fjord, l.State.N, fmt.Sprintf("standard:%d", i))
			c.History = l.State.History
			c.History.Codes = append(slices.Clip(c.History.Codes), fmt.Sprint(i))
			c.Add = []licence.Effect{effect(licence.Read, fmt.Sprint(i))}
			err = b.Commit(b.ctx(), c)
			if errors.Is(err, store.ErrConflict) {
				continue
			}
			return err
		}
	})
	l := b.load(fjord, "")
	b.same("version", l.State.N, writers)
	b.same("what each added to what it had read", len(l.State.History.Codes), writers)
	effects := b.outbox(fjord)
	b.same("effects", len(effects), writers)
	facts := all(b, 100, func(p store.Page) ([]store.StoredFact, store.Page, error) { return b.Facts(b.ctx(), fjord, p) })
	b.same("facts", len(facts), writers)
	for i, e := range effects {
		if want := licence.EffectID(int64(i+1), 0); e.ID != want || l.State.History.Codes[i] != e.Why {
			b.Fatalf("effect %d is %+v, want id %s; history %v", i, e, want, l.State.History.Codes)
		}
	}
}

func testClaimRace(b bench) {
	var mu sync.Mutex
	won := ""
	together(b, 8, func(i int) error {
		c := change(fmt.Sprintf("C-%d", i), 0, "")
		c.Claim = []licence.Name{stripe}
		err := b.Commit(b.ctx(), c)
		for errors.Is(err, store.ErrConflict) { // others are at the name just now
			time.Sleep(10 * time.Millisecond)
			err = b.Commit(b.ctx(), c)
		}
		var taken *store.NameTaken
		if errors.As(err, &taken) {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		if err == nil && won != "" {
			return fmt.Errorf("both %s and %s have the name", won, c.Account)
		}
		won = c.Account
		return err
	})
	b.same("the name leads to", b.resolve(stripe), won)
}

// testSnapshot has one writer that writes the same number everywhere, and readers that must
// see it everywhere.
func testSnapshot(b bench) {
	key := licence.Key{CustID: "cust12345", User: "12"}
	const commits = 40
	over := make(chan struct{})
	together(b, 4, func(i int) error {
		if i == 0 {
			defer close(over)
			for n := range int64(commits) {
				c := change(fjord, n, "")
				c.Known, c.Parts, c.History = known(fmt.Sprint(n+1)), licence.Parts, history(fmt.Sprint(n+1))
				s := seat("cust12345", "", "12", 1, "sales")
				s.User.Value.Name = fmt.Sprint(n + 1)
				c.Seats = []licence.Seat{s}
				if err := b.Commit(b.ctx(), c); err != nil {
					return err
				}
			}
			return nil
		}
		for {
			select {
			case <-over:
				return nil
			default:
			}
			l, err := b.Load(b.ctx(), fjord, store.Want{Seats: []licence.Key{key}})
			if err != nil {
				return err
			}
			if l.State.N == 0 {
				continue
			}
			want := fmt.Sprint(l.State.N)
			k := l.State.Known
			for _, got := range []string{k.Profile.Account.Value.Name, k.Invoices.Other["INV-7"].Value, k.Licences.By["cust12345"].CustID,
				l.State.History.Codes[0], l.Seats[key].User.Value.Name} {
				if got != want {
					return fmt.Errorf("at version %s something is of version %s", want, got)
				}
			}
		}
	})
}
