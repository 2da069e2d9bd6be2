package engine_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// counting counts how a list is read and written.
type counting struct {
	store.Store
	calls, rows, staged int
}

func (c *counting) Row(ctx context.Context, account, kind, id string) (licence.Row, bool, error) {
	c.calls++
	return c.Store.Row(ctx, account, kind, id)
}

func (c *counting) Between(ctx context.Context, account, custID, roster string, span licence.Span) ([]licence.Seat, error) {
	seats, err := c.Store.Between(ctx, account, custID, roster, span)
	c.calls, c.rows = c.calls+1, c.rows+len(seats)
	return seats, err
}

func (c *counting) Load(ctx context.Context, account string, w store.Want) (licence.Loaded, error) {
	c.calls++
	return c.Store.Load(ctx, account, w)
}

func (c *counting) Commit(ctx context.Context, change licence.Change) error {
	c.calls++
	return c.Store.Commit(ctx, change)
}

func (c *counting) StageRoster(ctx context.Context, account, custID, roster string, rows iter.Seq[licence.Seat]) error {
	return c.Store.StageRoster(ctx, account, custID, roster, func(yield func(licence.Seat) bool) {
		for row := range rows {
			if c.staged++; !yield(row) {
				return
			}
		}
	})
}

// TestAListIsComparedWithTheLatest: of ten thousand people of whom three are told otherwise, few are
// read and three are written; and the people are those of the list.
func TestAListIsComparedWithTheLatest(t *testing.T) {
	r := newRoster(t)
	db := &counting{Store: r.shelf}
	e := hand(store.With(db, licence.Settings{Mail: "off"}), func() time.Time { return *r.now })
	if got := tell(t, e, "C-7", ago(50), everyOf(0, crowd, "Old")); got != "applied" || db.staged != crowd {
		t.Fatal(got, db.staged)
	}
	*db = counting{Store: db.Store}
	list := everyOf(0, crowd, "Old")
	list.Rows[77].User.Name = "New"
	list.Rows = slices.Delete(list.Rows, 5000, 5001)
	list.Rows = append(list.Rows, seat("zoe", "Zoe", true))
	if got := tell(t, e, "C-7", ago(40), list); got != "applied" {
		t.Fatal(got)
	}
	if db.staged > 0 || db.calls > 7 || db.rows > 3*3*64 {
		t.Errorf("%d rows were staged, %d read, in %d calls", db.staged, db.rows, db.calls)
	}
	people := r.people()
	if _, gone := people["u05000"]; gone || len(people) != crowd || people["u00077"].User.Value.Name != "New" || !people["zoe"].Plans["sales-premium"].Held {
		t.Errorf("%d people, %+v, %+v", len(people), people["u00077"], people["zoe"])
	}
	*db = counting{Store: db.Store}
	if got := tell(t, e, "C-7", ago(30), list); got != "applied" || db.calls > 3 || db.rows+db.staged > 0 {
		t.Errorf("the same list again is %s: %d calls, %d rows", got, db.calls, db.rows)
	}
}

// blind is a store that forgets what the latest list held: every list is staged whole.
type blind struct{ store.Store }

func (b blind) Row(ctx context.Context, account, kind, id string) (licence.Row, bool, error) {
	if kind == "people" {
		return licence.Row{}, false, nil
	}
	return b.Store.Row(ctx, account, kind, id)
}

// TestADifferenceIsTheList: whatever is told in whatever order, a list that is taken in as a difference
// leaves the very people and counts that it leaves when it is staged whole.
func TestADifferenceIsTheList(t *testing.T) {
	rapid.Check(t, func(d *rapid.T) {
		now := func() time.Time { return morning }
		var all []store.Store
		var hands []*engine.Engine
		for i := range 2 {
			db := onSQLite(t, now)
			if all = append(all, db); i == 1 {
				db = blind{db}
			}
			e := hand(store.With(db, licence.Settings{Mail: "off"}), now)
			hands = append(hands, e)
			if got := tell(t, e, "C-7", morning.Add(-20*time.Hour), account(7)); got != "applied" {
				t.Fatal(got)
			}
		}
		ids := []string{"#1", "$x", "%y", "a", "b", "u00003", "u00063", "u00127", "zz"}
		for i := range 160 {
			ids = append(ids, fmt.Sprintf("u%03d", i))
		}
		person := func(id string) licence.SeatChanged {
			p := seat(id, rapid.SampledFrom([]string{"Eva", "Ove"}).Draw(d, "name"), rapid.Bool().Draw(d, "held"))
			p.Plan = rapid.SampledFrom([]string{"sales-premium", "other"}).Draw(d, "plan")
			p.User.CanLogin = rapid.Bool().Draw(d, "can log in")
			return p
		}
		list := licence.SeatsListed{CustID: "Cust7"}
		for i := range 130 {
			list.Rows = append(list.Rows, seat(fmt.Sprintf("u%03d", i), "Eva", true))
		}
		for n := range rapid.IntRange(2, 9).Draw(d, "facts") {
			at := morning.Add(-time.Duration(rapid.IntRange(1, 90).Draw(d, "minutes ago")) * time.Minute)
			var p licence.Payload
			if rapid.IntRange(0, 2).Draw(d, "kind") == 0 {
				p = person(rapid.SampledFrom(ids).Draw(d, "user"))
			} else {
				list.Rows = slices.Clone(list.Rows)
				for range rapid.IntRange(0, 4).Draw(d, "moved") {
					id := rapid.SampledFrom(ids).Draw(d, "user")
					list.Rows = slices.DeleteFunc(list.Rows, func(r licence.SeatChanged) bool { return r.User.ID == id })
					if one := person(id); one.Held {
						list.Rows = append(list.Rows, one)
					}
				}
				p = list
			}
			var got []string
			for _, e := range hands {
				outs, err := e.Apply(t.Context(), licence.Fact{ID: fmt.Sprint("standard/", n), To: []licence.Name{{Sender: "account", ID: "C-7"}}, At: at, Source: "standard", Payload: p})
				if err != nil {
					d.Fatal(err)
				}
				got = append(got, outs[0].Result)
			}
			if got[0] != got[1] {
				d.Fatalf("fact %d is %s", n, got)
			}
			if a, b := peopleOf(t, all[0]), peopleOf(t, all[1]); a != b {
				d.Fatalf("after fact %d, as a difference:\n%s\nstaged:\n%s", n, a, b)
			}
		}
	})
}

// peopleOf is what is known of the people, without times, and how they are counted.
func peopleOf(t *testing.T, db store.Store) string {
	l, err := db.Load(t.Context(), "C-7", store.Want{})
	if err != nil {
		t.Fatal(err)
	}
	in := l.State.Known.Inst("Cust7")
	seats, _, err := db.Seats(t.Context(), "C-7", in.CustID, in.Roster.ID, store.Page{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	recount := licence.Roster{Held: map[string]int{}}
	for _, s := range seats {
		var plans []string
		for p, h := range s.Plans {
			plans = append(plans, fmt.Sprint(p, h.Held, h.Requests))
		}
		slices.Sort(plans)
		fmt.Fprintln(&b, s.User.Value.ID, s.User.Value.Name, s.User.Value.CanLogin, plans)
		s.Count(&recount, +1)
	}
	fmt.Fprintln(&b, in.Roster.Held, in.Roster.CanLogin, in.Roster.Employees, in.Roster.List.At, in.Roster.Told, in.Roster.Hash != "")
	if fmt.Sprint(recount.Held, recount.CanLogin, recount.Employees) != fmt.Sprint(in.Roster.Held, in.Roster.CanLogin, in.Roster.Employees) {
		fmt.Fprintf(&b, "a recount gives %+v", recount)
	}
	return b.String()
}
