package storetest

import (
	"fmt"
	"iter"
	"slices"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

func one(seats ...licence.Seat) iter.Seq[licence.Seat] { return slices.Values(seats) }

func testSeats(b bench) {
	c := change(fjord, 0, "")
	for i := range 7 {
		c.Seats = append(c.Seats, seat("cust12345", "r1", fmt.Sprintf("u%d", i), i, "sales"))
	}
	given := seat("cust12345", "r1", "u3", 3)
	given.Plans["sales"] = licence.Held{Stamp: given.User.Stamp}
	c.Seats = append(c.Seats, given, seat("cust9001", "r1", "x", 1, "sales")) // u3 comes twice: the last holds
	b.commit(c)
	list := func(p store.Page) ([]licence.Seat, store.Page, error) {
		return b.Seats(b.ctx(), fjord, "cust12345", "r1", p)
	}
	want := slices.Clone(c.Seats[:7])
	want[3] = given
	b.same("seats", all(b, 3, list), want)
	b.same("seats", all(b, 7, list), want)
	b.same("read", b.load(fjord, "", given.Key()).Seats[given.Key()], given)

	// Who holds nothing any more is no candidate.
	candidates := func(p store.Page) ([]licence.Seat, store.Page, error) {
		return b.Candidates(b.ctx(), fjord, "cust12345", "r1", "", p)
	}
	b.same("candidates", users(all(b, 10, candidates)), []string{"u6", "u5", "u4", "u2", "u1", "u0"})
}

func testCandidates(b bench) {
	leaver, waiting, never, unknown := seat("i", "r", "z", 0, "sales"), seat("i", "r", "y", 0, "sales"), seat("i", "r", "x", 0, "sales"), seat("i", "r", "a", 0, "sales")
	leaver.User.Value.CanLogin = false
	waiting.User.Value.Waiting = true
	never.User.Value.Activity = "never"
	unknown.User.Value.Activity = "unknown"
	c := change(fjord, 0, "")
	c.Seats = []licence.Seat{unknown, never, waiting, leaver,
		seat("i", "r", "m", 3, "sales", "service"), seat("i", "r", "n", 30, "sales"), seat("i", "r", "k", 3, "sales"), seat("i", "r", "j", 300, "service"),
		seat("i", "other", "o", 999, "sales")}
	b.commit(c)
	candidates := func(plan string, size int) []string {
		return users(all(b, size, func(p store.Page) ([]licence.Seat, store.Page, error) {
			return b.Candidates(b.ctx(), fjord, "i", "r", plan, p)
		}))
	}
	sales := []string{"z", "y", "x", "n", "k", "m", "a"}
	for _, size := range []int{1, 2, 7, 100} {
		b.same("sales", candidates("sales", size), sales)
	}
	b.same("service", candidates("service", 1), []string{"j", "m"})
	b.same("any", candidates("", 3), []string{"z", "y", "x", "j", "n", "k", "m", "a"})
	b.same("none", candidates("marketing", 3), []string{})

	// A seat that changes changes its place.
	active := c.Seats[5]
	active.User.Value.LastActive = noon
	c = change(fjord, 1, "")
	c.Seats = []licence.Seat{active}
	b.commit(c)
	b.same("sales", candidates("sales", 3), []string{"z", "y", "x", "k", "m", "n", "a"})
}

func testBetween(b bench) {
	c := change(fjord, 0, "")
	ids := []string{"!", "#", "$", "%", "%25", "a", "a#b", "a%", "b", "c", "ö", "\U0010fffe"}
	for _, id := range ids {
		c.Seats = append(c.Seats, seat("i", "r", id, 1, "sales"))
	}
	c.Seats = append(c.Seats, seat("i", "r2", "a", 1, "sales"), seat("i2", "r", "a", 1, "sales"))
	b.commit(c)
	for _, span := range []licence.Span{{}, {From: "a"}, {To: "a"}, {From: "a", To: "b"}, {From: "a!", To: "b"}, {From: "b", To: "c"}, {From: "bb"}, {From: "c", To: "cc"}, {From: "~", To: "~"}} {
		var want []string
		for _, id := range ids {
			if id >= span.From && (span.To == "" || id < span.To) {
				want = append(want, id)
			}
		}
		got, err := b.Between(b.ctx(), fjord, "i", "r", span)
		b.must(err)
		found := users(got)
		slices.Sort(found)
		b.same(fmt.Sprintf("%+v", span), found, append([]string{}, want...))
	}

	// Who is gone is not there any more, and is no candidate.
	gone := c.Seats[5]
	gone.Gone = true
	c = change(fjord, 1, "")
	c.Seats = []licence.Seat{gone}
	b.commit(c)
	got, err := b.Between(b.ctx(), fjord, "i", "r", licence.Span{From: "a", To: "a!"})
	b.must(err)
	b.same("gone", len(got), 0)
	b.same("gone", len(b.load(fjord, "", gone.Key()).Seats), 0)
}

// testHeld: who has the state is told whether it still is the state, and what is wanted beside.
func testHeld(b bench) {
	eva := seat("i", "r", "eva", 1, "sales")
	c := change(fjord, 0, "standard/1")
	c.Known, c.Parts, c.History, c.Seats = known("first"), licence.Parts, history("surplus"), []licence.Seat{eva}
	b.commit(c)
	for _, have := range []int64{store.Unread, 1, 2} {
		l, err := b.Load(b.ctx(), fjord, store.Want{Fact: "standard/1", Seats: []licence.Key{eva.Key()}, Have: have})
		b.must(err)
		b.same("version", l.State.N, int64(1))
		b.same("seen", l.Seen, c.Fact.Hash())
		b.same("seat", l.Seats[eva.Key()], eva)
		if have == 2 {
			b.same("another state is read", l.State.Known.Profile.Account.Value.Name, "first")
			b.same("another state is read", l.State.History.Codes, []string{"surplus"})
		}
	}
	many := make([]licence.Key, store.MaxSeats, store.MaxSeats+1)
	for i := range many {
		many[i] = licence.Key{CustID: "i", Roster: "r", User: fmt.Sprint(i)}
	}
	l, err := b.Load(b.ctx(), fjord, store.Want{Seats: append(many, eva.Key()), Have: store.Unread})
	b.must(err)
	b.same("version beside more people than lie in one instant", l.State.N, int64(1))
	b.same("the last of them", l.Seats[eva.Key()], eva)
	l, err = b.Load(b.ctx(), "C-none", store.Want{Fact: "standard/1", Have: 3})
	b.must(err)
	b.same("nobody", l.State.N, int64(0))
}

// testBegun: a change may be begun on another that is not over. If the first is refused, the other is too.
func testBegun(b bench) {
	begin := func(n int64, id string, on *store.Mark) store.Begun {
		return store.Begin(b.ctx(), b.Store, change(fjord, n, id), on)
	}
	b.commit(change(fjord, 0, "standard/1"))
	second := begin(1, "standard/2", nil)
	third := begin(2, "standard/3", second.Mark)
	b.must(third.Wait())
	b.must(second.Wait())
	b.same("version", b.load(fjord, "").State.N, 3)
	again := begin(3, "standard/1", nil)
	next := begin(4, "standard/5", again.Mark)
	b.fails(again.Wait(), store.ErrSeen)
	b.fails(next.Wait(), store.ErrConflict)
	b.same("version", b.load(fjord, "").State.N, 3)
}

// testBegunOnWhatIsRefused: where another hand makes the version that a refused change was to make, what
// was decided on the refused one is refused all the same, while it waits and afterwards.
func testBegunOnWhatIsRefused(b bench) {
	begin := func(n int64, id string, on *store.Mark) store.Begun {
		return store.Begin(b.ctx(), b.Store, change(fjord, n, id), on)
	}
	b.commit(change(fjord, 0, "standard/1"))
	stale := begin(0, "standard/2", nil)
	if stale.Mark == nil { // nobody decides on what is over
		b.fails(stale.Wait(), store.ErrConflict)
		return
	}
	on := begin(1, "standard/3", stale.Mark)
	b.fails(stale.Wait(), store.ErrConflict)
	b.fails(on.Wait(), store.ErrConflict)
	b.fails(begin(1, "standard/4", stale.Mark).Wait(), store.ErrConflict)
	b.same("version", b.load(fjord, "").State.N, 1)
	b.commit(change(fjord, 1, "standard/5"))
}

func testStaging(b bench) {
	old := seat("cust12345", "r1", "old", 1, "sales")
	c := change(fjord, 0, "")
	c.Seats = []licence.Seat{old}
	b.commit(c)
	rows := func(yield func(licence.Seat) bool) {
		for i := range 60 {
			if !yield(seat("told otherwise", "", fmt.Sprintf("u%02d", i), i, "sales")) {
				return
			}
		}
		// Who comes twice, at once or much later, is there as told last.
		_ = yield(seat("", "", "u59", 7, "service")) && yield(seat("", "", "u00", 7, "sales", "service"))
	}
	b.must(b.StageRoster(b.ctx(), fjord, "cust12345", "r2", rows))
	b.must(b.StageRoster(b.ctx(), fjord, "cust12345", "r2", rows)) // comes to the same
	seats := func(roster string) []licence.Seat {
		return all(b, 25, func(p store.Page) ([]licence.Seat, store.Page, error) {
			return b.Seats(b.ctx(), fjord, "cust12345", roster, p)
		})
	}
	b.same("state", b.load(fjord, "").State.N, 1)
	b.same("the present roster", seats("r1"), []licence.Seat{old})
	b.same("staged", len(seats("r2")), 60)
	first := seat("cust12345", "r2", "u00", 7, "sales", "service")
	b.same("staged twice", seats("r2")[0], first)
	b.same("staged twice at once", seats("r2")[59], seat("cust12345", "r2", "u59", 7, "service"))
	b.same("as loaded", b.load(fjord, "", first.Key()).Seats[first.Key()], first)

	// Who pages through one list does not go on in another.
	_, next, err := b.Seats(b.ctx(), fjord, "cust12345", "r2", store.Page{Limit: 5})
	b.must(err)
	_, _, err = b.Seats(b.ctx(), fjord, "cust12345", "r1", next)
	b.fails(err, store.ErrCursor)
	_, next, err = b.Candidates(b.ctx(), fjord, "cust12345", "r2", "", store.Page{Limit: 5})
	b.must(err)
	_, _, err = b.Candidates(b.ctx(), fjord, "cust12345", "r1", "", next)
	b.fails(err, store.ErrCursor)

	b.must(b.PruneRoster(b.ctx(), fjord, "cust12345", "r1"))
	b.must(b.PruneRoster(b.ctx(), fjord, "cust12345", "r1"))
	b.must(b.PruneRoster(b.ctx(), fjord, "cust12345", "r"))
	b.same("pruned", len(seats("r1")), 0)
	b.same("the other", len(seats("r2")), 60)
}
