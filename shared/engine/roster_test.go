package engine_test

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// A shelf counts the rows that are staged and the rosters that are dropped, and lets something
// happen once: before a list is staged, or before one is committed.
type shelf struct {
	store.Store
	staged, dropped int
	before, first   func()
}

func (s *shelf) StageRoster(ctx context.Context, account, custID, roster string, rows iter.Seq[licence.Seat]) error {
	if before := s.before; before != nil {
		s.before = nil
		before()
	}
	return s.Store.StageRoster(ctx, account, custID, roster, func(yield func(licence.Seat) bool) {
		for row := range rows {
			if s.staged++; !yield(row) {
				return
			}
		}
	})
}

func (s *shelf) PruneRoster(ctx context.Context, account, custID, roster string) error {
	s.dropped++
	return s.Store.PruneRoster(ctx, account, custID, roster)
}

func (s *shelf) Commit(ctx context.Context, c licence.Change) error {
	if c.Fact != nil && s.first != nil {
		if _, list := c.Fact.Payload.(licence.SeatsListed); list {
			first := s.first
			s.first = nil
			first()
		}
	}
	return s.Store.Commit(ctx, c)
}

// A roster is customer 7 in a store of its own.
type roster struct {
	*testing.T
	*shelf
	*engine.Engine
	now *time.Time
}

func newRoster(t *testing.T) roster {
	t.Helper()
	clock := morning
	s := &shelf{Store: onSQLite(t, func() time.Time { return clock })}
	e := hand(store.With(s, licence.Settings{Mail: "off"}), func() time.Time { return clock })
	r := roster{t, s, e, &clock}
	r.tell("applied", morning.Add(-time.Hour), account(7))
	return r
}

// elsewhere is the same customer in another process.
func (r roster) elsewhere() roster {
	r.Engine = hand(r.Engine.Store, r.Engine.Now)
	return r
}

func (r roster) tell(outcome string, at time.Time, p licence.Payload) {
	r.Helper()
	if got := tell(r.T, r.Engine, "C-7", at, p); got != outcome {
		r.Fatalf("got %s, want %s", got, outcome)
	}
}

// everyOf lists people u0 and on, all by one name.
func everyOf(from, to int, name string) licence.SeatsListed {
	l := licence.SeatsListed{CustID: "Cust7"}
	for i := from; i < to; i++ {
		l.Rows = append(l.Rows, seat(fmt.Sprintf("u%05d", i), name, true))
	}
	return l
}

// seat is that of one person.
func seat(user, name string, held bool) licence.SeatChanged {
	return licence.SeatChanged{CustID: "Cust7", Plan: "sales-premium", Held: held, User: licence.User{ID: user, Name: name, CanLogin: true}}
}

// people reads the present roster, and compares the counters with a recount.
func (r roster) people() map[string]licence.Seat {
	r.Helper()
	l, err := r.Load(r.Context(), "C-7", store.Want{})
	if err != nil {
		r.Fatal(err)
	}
	in := l.State.Known.Inst("Cust7")
	all := map[string]licence.Seat{}
	held, login := 0, 0
	for page := (store.Page{Limit: 500}); ; {
		seats, next, err := r.Seats(r.Context(), "C-7", in.CustID, in.Roster.ID, page)
		if err != nil {
			r.Fatal(err)
		}
		for _, s := range seats {
			all[s.User.Value.ID] = s
			held += len(store.Holds(s))
			if s.User.Value.CanLogin {
				login++
			}
		}
		if page = next; next.Cursor == "" {
			break
		}
	}
	if got, want := in.Roster.Held["sales-premium"], held; got != want {
		r.Errorf("counted %d holders, there are %d", got, want)
	}
	if got, want := in.Roster.CanLogin, login; got != want {
		r.Errorf("counted %d who can log in, there are %d", got, want)
	}
	return all
}

const crowd = 10000

// ago is a minute of this morning.
func ago(minutes int) time.Time { return morning.Add(-time.Duration(minutes) * time.Minute) }

// TestListLosesARace: only the people who changed meanwhile are staged again.
func TestListLosesARace(t *testing.T) {
	r := newRoster(t)
	r.tell("applied", ago(50), everyOf(0, crowd, "Old"))
	if got, want := r.staged, crowd; got != want {
		t.Errorf("staged %d rows, want %d", got, want)
	}
	r.staged = 0
	r.first = func() {
		r := r.elsewhere()
		r.tell("applied", ago(20), seat("u00007", "Person", false)) // newer than the list
		r.tell("applied", ago(20), seat("x1", "Person", true))
		r.tell("applied", ago(40), seat("u00008", "Person", false)) // older: as the list says
	}
	r.tell("applied", ago(30), everyOf(0, crowd, "New"))
	if got, want := r.staged, crowd+2; got != want {
		t.Errorf("staged %d rows, want all and the 2 who changed: %d", got, want)
	}
	all := r.people()
	if got, want := len(all), crowd+1; got != want {
		t.Errorf("%d people, want %d", got, want)
	}
	for user, want := range map[string]string{"u00006": "New holds", "u00007": "Person", "u00008": "New holds", "x1": "Person holds"} {
		s := all[user]
		got := s.User.Value.Name
		if len(store.Holds(s)) > 0 {
			got += " holds"
		}
		if got != want {
			t.Errorf("%s is %q, want %q", user, got, want)
		}
	}
	// What was on nobody's list is late, and a list older than the present one too.
	r.tell("unchanged", ago(35), seat("u00009", "Person", false))
	r.tell("unchanged", ago(45), everyOf(0, 3, "Older"))
	r.people()
}

// TestListOlderThanSeats: what is newer than the list stays as it was told.
func TestListOlderThanSeats(t *testing.T) {
	r := newRoster(t)
	r.tell("applied", ago(10), seat("u00001", "Person", false))
	r.tell("applied", ago(40), seat("gone", "Person", true))
	r.tell("applied", ago(10), seat("later", "Person", true))
	r.tell("applied", ago(30), everyOf(0, 5, "New"))
	all := r.people()
	if _, there := all["gone"]; there {
		t.Error("who is not on the list is there still")
	}
	if held := store.Holds(all["u00001"]); len(held) > 0 {
		t.Errorf("a list brought back %q", held)
	}
	if held := store.Holds(all["later"]); len(held) != 1 {
		t.Errorf("a list took away what was given later")
	}
}

// TestListLosesARaceToAList: the other list carries over what is newer than this one.
func TestListLosesARaceToAList(t *testing.T) {
	r := newRoster(t)
	r.tell("applied", ago(50), everyOf(0, 5, "Old"))
	r.first = func() {
		r := r.elsewhere()
		r.tell("applied", ago(10), seat("later", "Person", true))
		r.tell("applied", ago(40), everyOf(0, 5, "Between"))
	}
	r.tell("applied", ago(30), everyOf(0, 5, "New"))
	if held := store.Holds(r.people()["later"]); len(held) != 1 {
		t.Error("what was given after the list is lost")
	}
}

// TestOldListStaysAWhile: whoever has loaded the account finds the list that it names, and
// after a while its rows are gone.
func TestOldListStaysAWhile(t *testing.T) {
	r := newRoster(t)
	r.tell("applied", ago(50), everyOf(0, 90, "Old"))
	before, err := r.Load(t.Context(), "C-7", store.Want{})
	if err != nil {
		t.Fatal(err)
	}
	r.tell("applied", ago(40), everyOf(0, 90, "New"))
	for _, want := range []int{90, 0} {
		if _, err := r.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		old := before.State.Known.Inst("Cust7")
		seats, _, err := r.Seats(t.Context(), "C-7", old.CustID, old.Roster.ID, store.Page{})
		if got := len(seats); err != nil || got != want {
			t.Errorf("%d rows of the old list, want %d; %v", got, want, err)
		}
		*r.now = r.now.Add(5 * time.Minute)
	}
	if got, want := len(r.people()), 90; got != want {
		t.Errorf("%d people, want %d", got, want)
	}
}

// TestListToldTwiceAtOnce: a sender gives up waiting and tells its list again, while the first
// try still stages it. The people stay those that the counters count.
func TestListToldTwiceAtOnce(t *testing.T) {
	for name, open := range map[string]func(*testing.T, func() time.Time) store.Store{"sqlite": onSQLite, "dynamo": onDynamo} {
		t.Run(name, func(t *testing.T) {
			now := func() time.Time { return morning }
			shelf := &shelf{Store: open(t, now)}
			quick, slow := *shelf, shelf // two hands at one store
			a, b := hand(&quick, now), hand(slow, now)
			if got := tell(t, a, "C-7", morning.Add(-time.Hour), account(7)); got != "applied" {
				t.Fatal(got)
			}
			apply := func(e *engine.Engine, id string, at time.Time, p licence.Payload) {
				t.Helper()
				if _, err := e.Apply(t.Context(), licence.Fact{ID: "standard/" + id, To: []licence.Name{{Sender: "account", ID: "C-7"}}, At: at, Source: "standard", Payload: p}); err != nil {
					t.Fatal(err)
				}
			}
			counts := func(when string, want int) {
				t.Helper()
				l, err := slow.Load(t.Context(), "C-7", store.Want{})
				if err != nil {
					t.Fatal(err)
				}
				in := l.State.Known.Inst("Cust7")
				seats, _, err := slow.Seats(t.Context(), "C-7", in.CustID, in.Roster.ID, store.Page{})
				if err != nil {
					t.Fatal(err)
				}
				held := 0
				for _, s := range seats {
					if s.Plans["sales-premium"].Held {
						held++
					}
				}
				if got := in.Roster.Held["sales-premium"]; got != want || held != want {
					t.Errorf("%s: the counter says %d and the people are %d, want %d", when, got, held, want)
				}
			}
			list := func(e *engine.Engine) { apply(e, "list", ago(30), everyOf(0, 2, "New")) }
			slow.before = func() {
				list(a)
				apply(a, "freed", ago(10), seat("u00000", "New", false))
			}
			list(b)
			counts("after both tries", 1)
			if n := quick.dropped + slow.dropped; n != 1 {
				t.Errorf("what the try that lost had staged was dropped %d times, want once", n)
			}
			for i := range 2 {
				apply(a, fmt.Sprint("again", i), ago(5-i), seat("u00000", "New", false))
			}
			counts("after it was told again that the first gave it up", 1)
		})
	}
}
