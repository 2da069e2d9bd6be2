package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// Run holds a store to the law. Open gives a new, empty store that goes by the given clock.
func Run(t *testing.T, open func(t *testing.T, now func() time.Time) store.Store) {
	for _, law := range laws {
		t.Run(law.name, func(t *testing.T) {
			c := &clock{now: noon}
			law.test(bench{t, open(t, c.Now), c})
		})
	}
	t.Run("faults", func(t *testing.T) {
		testFaults(t, func(t *testing.T) store.Store { return open(t, (&clock{now: noon}).Now) })
	})
}

var laws = []struct {
	name string
	test func(bench)
}{
	{"what is committed is read", testReadYourWrites},
	{"an unknown account is empty", testUnknownAccount},
	{"parts that did not change stay", testParts},
	{"a change of an old version conflicts", testConflict},
	{"a fact is stored once", testSeen},
	{"a name leads to one account", testNames},
	{"a released name may be taken", testRelease},
	{"refused changes write nothing", testAllOrNothing},
	{"a change may be too large", testTooLarge},
	{"nothing in a key has a meaning", testEscaping},
	{"a load shows rows", testRowsOfALoad},
	{"effects lie in the outbox by age", testOutbox},
	{"what is due is found until it moves", testDue},
	{"rows are listed, replaced, ended, deleted", testRows},
	{"facts are listed by the latest", testFacts},
	{"parked facts wait for an account", testPark},
	{"parked facts end", testParkedEnd},
	{"an id is one fact's, whatever account it is of", testToldOnce},
	{"what waits in one place is bounded", testFull},
	{"large things come in pages by their bytes", testBytes},
	{"what is set aside is kept whole", testAsides},
	{"seats are read by key and listed", testSeats},
	{"candidates are listed by rank", testCandidates},
	{"a span of people, and who is gone", testBetween},
	{"who has the state reads what is beside it", testHeld},
	{"a change is begun on another", testBegun},
	{"a change is begun on one that is refused", testBegunOnWhatIsRefused},
	{"a staged roster is not seen", testStaging},
	{"accounts are listed", testAccounts},
	{"cases are listed", testCases},
	{"accounts are found by terms", testFind},
	{"a cursor is not trusted", testCursors},
	{"counters stop at the limit", testCounter},
	{"counters stop whoever counts", testCounterRace},
	{"writers on one account all land", testWriters},
	{"one claim of a name wins", testClaimRace},
	{"loading sees one instant", testSnapshot},
	{"people can be taken out, and the audit stays", testErase},
}

// noon is when all tests begin.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// A bench is a test and its store.
type bench struct {
	*testing.T
	store.Store
	clock *clock
}

func (b bench) ctx() context.Context { return b.T.Context() }

func (b bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b bench) fails(err, want error) {
	b.Helper()
	if !errors.Is(err, want) {
		b.Fatalf("got error %v, want %v", err, want)
	}
}

func (b bench) commit(c licence.Change) {
	b.Helper()
	b.must(b.Commit(b.ctx(), c))
}

func (b bench) load(account, fact string, seats ...licence.Key) licence.Loaded {
	b.Helper()
	l, err := b.Load(b.ctx(), account, store.Want{Fact: fact, Seats: seats})
	b.must(err)
	return l
}

func (b bench) outbox(account string) []licence.Effect {
	b.Helper()
	all, err := b.Outbox(b.ctx(), account)
	b.must(err)
	return all
}

// resolve is where the names lead, "" if nowhere.
func (b bench) resolve(names ...licence.Name) string {
	b.Helper()
	account, err := b.Resolve(b.ctx(), names...)
	if !errors.Is(err, store.ErrNoAccount) {
		b.must(err)
	}
	return account
}

// same compares values as they are written down.
func (b bench) same(what string, got, want any) {
	b.Helper()
	if g, w := written(b.T, got), written(b.T, want); g != w {
		b.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

func written(t *testing.T, v any) string {
	t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// all reads a list to its end, in pages of that size, none of which may be larger.
func all[T any](b bench, size int, page func(store.Page) ([]T, store.Page, error)) []T {
	b.Helper()
	var list []T
	for p := (store.Page{Limit: size}); ; {
		some, next, err := page(p)
		b.must(err)
		if len(some) > size {
			b.Fatalf("a page of %d has %d", size, len(some))
		}
		list = append(list, some...)
		if next.Cursor == "" {
			return list
		}
		if next.Cursor == p.Cursor {
			b.Fatalf("the list does not move on after %d", len(list))
		}
		p = next
	}
}
