package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"iter"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/sqlite"
	"seatmend/shared/webhook"
)

// listBody lists people u0 and on, all by one name.
func listBody(n, from, to int, name string, at time.Time) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		if i > from {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"plan":"sales-premium","open_requests":0,"user":%s}`, userJSON(fmt.Sprintf("u%05d", i), name))
	}
	return told("seats.listed", at, `{"account":"C-%d","cust_id":"Cust%[1]d","seats":[%s]}`, n, &b)
}

// A shelf counts the rows that are staged, and lets something happen before a list is committed.
type shelf struct {
	store.Store
	staged int
	first  func()
}

func (s *shelf) StageRoster(ctx context.Context, account, custID, roster string, rows iter.Seq[licence.Seat]) error {
	return s.Store.StageRoster(ctx, account, custID, roster, func(yield func(licence.Seat) bool) {
		for row := range rows {
			if s.staged++; !yield(row) {
				return
			}
		}
	})
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
	clock := monday
	now := func() time.Time { return clock }
	db, err := sqlite.Open(filepath.Join(t.TempDir(), "roster.db"), now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s := &shelf{Store: db}
	e := &engine.Engine{Store: store.With(s, licence.Settings{Mail: "off"}), Now: now, Unique: rand.Text, Log: slog.New(slog.DiscardHandler), Do: map[licence.Kind]engine.Executor{}}
	r := roster{t, s, e, &clock}
	r.tell("applied", accountBody(7, monday.Add(-time.Hour)))
	return r
}

func (r roster) tell(outcome, body string) {
	r.Helper()
	b, err := webhook.ReadFile([]byte(body), monday)
	if err != nil {
		r.Fatal(err)
	}
	outs, err := r.Apply(r.Context(), b.Facts...)
	if err != nil || outs[0].Result != outcome {
		r.Fatalf("got %v %v, want %s", outs, err, outcome)
	}
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
func ago(minutes int) time.Time { return monday.Add(-time.Duration(minutes) * time.Minute) }

// TestListLosesARace: only the people who changed meanwhile are staged again.
func TestListLosesARace(t *testing.T) {
	r := newRoster(t)
	r.tell("applied", listBody(7, 0, crowd, "Old", ago(50)))
	if got, want := r.staged, crowd; got != want {
		t.Errorf("staged %d rows, want %d", got, want)
	}
	r.staged = 0
	r.first = func() {
		r.tell("applied", seatBody(7, "u00007", false, ago(20))) // newer than the list
		r.tell("applied", seatBody(7, "x1", true, ago(20)))
		r.tell("applied", seatBody(7, "u00008", false, ago(40))) // older: as the list says
	}
	r.tell("applied", listBody(7, 0, crowd, "New", ago(30)))
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
	r.tell("unchanged", seatBody(7, "u00009", false, ago(35)))
	r.tell("unchanged", listBody(7, 0, 3, "Older", ago(45)))
	r.people()
}

// TestListOlderThanSeats: what is newer than the list stays as it was told.
func TestListOlderThanSeats(t *testing.T) {
	r := newRoster(t)
	r.tell("applied", seatBody(7, "u00001", false, ago(10)))
	r.tell("applied", seatBody(7, "gone", true, ago(40)))
	r.tell("applied", seatBody(7, "later", true, ago(10)))
	r.tell("applied", listBody(7, 0, 5, "New", ago(30)))
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
	r.tell("applied", listBody(7, 0, 5, "Old", ago(50)))
	r.first = func() {
		r.tell("applied", seatBody(7, "later", true, ago(10)))
		r.tell("applied", listBody(7, 0, 5, "Between", ago(40)))
	}
	r.tell("applied", listBody(7, 0, 5, "New", ago(30)))
	if held := store.Holds(r.people()["later"]); len(held) != 1 {
		t.Error("what was given after the list is lost")
	}
}

// TestOldListStaysAWhile: whoever has loaded the account finds the list that it names, and
// after a while its rows are gone.
func TestOldListStaysAWhile(t *testing.T) {
	r := newRoster(t)
	r.tell("applied", listBody(7, 0, 5, "Old", ago(50)))
	before, err := r.Load(t.Context(), "C-7", store.Want{})
	if err != nil {
		t.Fatal(err)
	}
	r.tell("applied", listBody(7, 0, 5, "New", ago(40)))
	for _, want := range []int{5, 0} {
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
	if got, want := len(r.people()), 5; got != want {
		t.Errorf("%d people, want %d", got, want)
	}
}

// TestRosterReplaced: while lists of ten thousand come one after the other, and single seats
// between them, nobody sees half a list: neither in the numbers nor in the pages.
func TestRosterReplaced(t *testing.T) {
	lists := 2
	if testing.Short() {
		lists = 1
	}
	p := start(t, t.TempDir(), "-demo=false", "-now", monday.Format(time.RFC3339))
	p.must("applied", "account", accountBody(7, ago(60)), p.clock())
	p.must("applied", "report", reportBody(7, 9, ago(55)), p.clock())
	p.must("applied", "list-0", listBody(7, 0, crowd, "List 0", ago(50)), p.clock())

	over := make(chan struct{})
	var readers, writers sync.WaitGroup
	until := func(do func()) {
		for {
			select {
			case <-over:
				return
			default:
				do()
			}
		}
	}
	// Lists have each a size of their own, so that the numbers tell which it is.
	size := func(list int) int { return crowd - 1000*list }
	const extras = 100 // people on no list, told from time to time
	walks, broken := 0, 0
	readers.Go(func() { until(func() { p.readCount(size, lists, extras) }) })
	readers.Go(func() {
		until(func() {
			if p.walk(size, extras) {
				walks++
			} else {
				broken++
			}
		})
	})
	writers.Go(func() {
		for i := range extras {
			p.must("applied", fmt.Sprint("extra-", i), seatBody(7, fmt.Sprint("x", i), true, ago(5)), p.clock())
		}
	})
	writers.Go(func() {
		for list := 1; list <= lists; list++ {
			p.must("applied", fmt.Sprint("list-", list), listBody(7, 0, size(list), fmt.Sprint("List ", list), ago(50-list)), p.clock())
		}
	})
	writers.Wait()
	close(over)
	readers.Wait()
	t.Logf("%d walks to the end, %d begun again", walks, broken)
	if !p.walk(size, extras) {
		t.Error("the list moves on though nobody moves it")
	}
	if got, want := p.assigned(), size(lists)+extras; got != want {
		t.Errorf("%d hold the plan, want %d", got, want)
	}
	if got, want := len(all[any](p, "/accounts/C-7/seats", "seats")), size(lists)+extras; got != want {
		t.Errorf("%d are listed, want %d", got, want)
	}
}

// assigned is how many hold the plan, as the account tells.
func (p *process) assigned() int {
	a := get[struct {
		Installations []struct {
			Plans []struct{ Assigned struct{ Value int } }
		}
	}](p, "/accounts/C-7")
	return a.Installations[0].Plans[0].Assigned.Value
}

func (p *process) readCount(size func(int) int, lists, extras int) {
	n := p.assigned()
	for list := range lists + 1 {
		if over := n - size(list); over >= 0 && over <= extras {
			return
		}
	}
	p.t.Errorf("%d hold the plan: that is no list and some of the %d others", n, extras)
}

// walk pages through the seats. False: another list came, and the walk is to begin again.
func (p *process) walk(size func(int) int, extras int) bool {
	type page struct {
		Seats  []struct{ User licence.User }
		Cursor string
	}
	names, others := map[string]int{}, 0
	for cursor := ""; ; {
		status, body := p.ask("GET", "/accounts/C-7/seats?limit=500&cursor="+cursor, "")
		if status == 400 && cursor != "" && strings.Contains(body, "cursor") {
			return false
		}
		if status != 200 {
			p.t.Errorf("seats: %d %s", status, body)
			return false
		}
		next := decoded[page](p.t, body)
		if len(next.Seats) == 0 {
			p.t.Errorf("an empty page after %v", names)
		}
		for _, s := range next.Seats {
			if strings.HasPrefix(s.User.ID, "x") {
				others++
				continue
			}
			names[s.User.Name]++
		}
		if cursor = next.Cursor; cursor == "" {
			break
		}
	}
	whole := false
	for name, n := range names {
		var list int
		fmt.Sscanf(name, "List %d", &list)
		whole = len(names) == 1 && n == size(list)
	}
	if !whole || others > extras {
		p.t.Errorf("saw %v and %d others", names, others)
	}
	return true
}
