package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// gated is a store whose commits wait at a gate, once it is shut.
type gated struct {
	store.Store
	shut  atomic.Bool
	begun chan string // the id of each fact that waits
	gate  chan error  // how the next one ends; nil: as the store says
}

func (g *gated) Begin(ctx context.Context, c licence.Change, on *store.Mark) store.Begun {
	if !g.shut.Load() || c.Fact == nil {
		return store.Begin(ctx, g.Store, c, on)
	}
	g.begun <- c.Fact.ID
	return store.Begun{Mark: new(store.Mark), Wait: func() error {
		if err := <-g.gate; err != nil {
			return err
		}
		return g.Store.Commit(ctx, c)
	}}
}

// TestNoAnswerRestsOnWhatIsNotDurable: a fact that is told twice at once is written by one of the two.
// While that is on its way, nothing moves by the other; but that is no answer yet, for the write may fail.
func TestNoAnswerRestsOnWhatIsNotDurable(t *testing.T) {
	now := func() time.Time { return morning }
	db := &gated{Store: onSQLite(t, now), begun: make(chan string, 9), gate: make(chan error)}
	e := hand(db, now)
	tell(t, e, "C-7", ago(60), account(7))
	db.shut.Store(true)
	fact := licence.Fact{ID: "standard/1", To: []licence.Name{{Sender: "account", ID: "C-7"}}, At: ago(5), Source: "standard", Payload: report(7)}
	type answer struct {
		result string
		err    error
	}
	answers := make(chan answer, 2)
	apply := func() {
		outs, err := e.Apply(t.Context(), fact)
		if len(outs) == 0 {
			outs = append(outs, licence.Outcome{})
		}
		answers <- answer{outs[0].Result, err}
	}
	go apply()
	<-db.begun
	go apply()
	select {
	case a := <-answers:
		t.Fatalf("answered %+v before anything is durable", a)
	case id := <-db.begun:
		t.Fatalf("%s is written twice", id)
	case <-time.After(50 * time.Millisecond):
	}
	broken := errors.New("the disk is full")
	db.gate <- broken
	if a := <-answers; !errors.Is(a.err, broken) {
		t.Errorf("the first is answered %+v", a)
	}
	<-db.begun // the other one is decided anew
	db.gate <- nil
	if a := <-answers; a.err != nil || a.result != "applied" {
		t.Errorf("the second is answered %+v", a)
	}
}

// TestManyAtOneAccount: those who write one account in a process do not overtake each other, and each
// sees what the one before wrote: the counts equal a recount.
func TestManyAtOneAccount(t *testing.T) {
	now := func() time.Time { return morning }
	refused := &refusals{Store: onSQLite(t, now)}
	manyAtOneAccount(t, refused, hand(refused, now))
	if n := refused.n.Load(); n > 0 {
		t.Errorf("%d commits were refused", n)
	}
}

// TestProcessesAtOneAccount: what one process decides on a change of its own that is refused is not kept,
// though another has made the version that it was to be decided on.
func TestProcessesAtOneAccount(t *testing.T) {
	now := func() time.Time { return morning }
	refused := &refusals{Store: onSQLite(t, now)}
	manyAtOneAccount(t, refused, hand(refused, now), hand(refused, now), hand(refused, now))
	if refused.n.Load() == 0 {
		t.Error("the processes never met")
	}
}

func manyAtOneAccount(t *testing.T, db store.Store, processes ...*engine.Engine) {
	t.Helper()
	tell(t, processes[0], "C-7", ago(60), account(7))
	const hands, each = 16, 25
	var group sync.WaitGroup
	for h := range hands {
		group.Go(func() {
			for i := range each {
				p := seat(fmt.Sprint("u", (h+i)%20), "Eva", i%3 > 0)
				id := fmt.Sprintf("standard/%d/%d", h, i)
				f := licence.Fact{ID: id, To: []licence.Name{{Sender: "account", ID: "C-7"}}, At: ago(50).Add(time.Duration(i) * time.Second), Source: "standard", Payload: p}
				if _, err := processes[h%len(processes)].Apply(t.Context(), f); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	l, err := db.Load(t.Context(), "C-7", store.Want{})
	if err != nil {
		t.Fatal(err)
	}
	in := l.State.Known.Inst("Cust7")
	seats, _, err := db.Seats(t.Context(), "C-7", in.CustID, in.Roster.ID, store.Page{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	recount := licence.Roster{Held: map[string]int{}}
	for _, s := range seats {
		s.Count(&recount, +1)
	}
	if fmt.Sprint(recount.Held, recount.CanLogin) != fmt.Sprint(in.Roster.Held, in.Roster.CanLogin) || len(seats) != 20 {
		t.Errorf("counted %v, %d; a recount of %d people gives %v, %d", in.Roster.Held, in.Roster.CanLogin, len(seats), recount.Held, recount.CanLogin)
	}
}

// refusals counts the commits that a store refuses.
type refusals struct {
	store.Store
	n atomic.Int64
}

func (r *refusals) Begin(ctx context.Context, c licence.Change, on *store.Mark) store.Begun {
	begun := store.Begin(ctx, r.Store, c, on)
	wait := begun.Wait
	begun.Wait = func() error {
		err := wait()
		if err != nil {
			r.n.Add(1)
		}
		return err
	}
	return begun
}
