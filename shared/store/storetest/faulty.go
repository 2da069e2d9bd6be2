package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"testing"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// A Fault is how a call fails.
type Fault int

const (
	None Fault = iota
	Lost       // it returns an error and nothing was kept
	Kept       // it returns an error and all was kept; of a read the same as Lost
)

func (f Fault) String() string { return [...]string{"none", "lost", "kept"}[f] }

// A Call is a call of a store, as a plan sees it.
type Call struct {
	N     int // counted from 0
	Op    string
	Write bool
}

// ErrInjected is in every error that a plan causes.
var ErrInjected = errors.New("storetest: failed on purpose")

// Faulty is the inner store, failing where the plan says so. The plan is called by one call at
// a time.
func Faulty(inner store.Store, plan func(Call) Fault) store.Store {
	return &faulty{inner: inner, plan: plan}
}

type faulty struct {
	inner store.Store
	mu    sync.Mutex
	plan  func(Call) Fault
	calls int
}

// next asks the plan about the next call.
func (s *faulty) next(op string, write bool) (Fault, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call := Call{s.calls, op, write}
	s.calls++
	fault := s.plan(call)
	if fault == None {
		return None, nil
	}
	return fault, fmt.Errorf("%s, call %d, %s: %w", op, call.N, fault, ErrInjected)
}

// write makes a write, or fails before it or after. A refusal is told as it is: what was
// refused was not kept, so a caller learns nothing false.
func (s *faulty) write(op string, do func() error) error {
	fault, failure := s.next(op, true)
	if fault == Lost {
		return failure
	}
	if err := do(); err != nil {
		return err
	}
	return failure
}

func read[T any](s *faulty, op string, do func() (T, error)) (T, error) {
	if _, failure := s.next(op, false); failure != nil {
		var none T
		return none, failure
	}
	return do()
}

func readPage[T any](s *faulty, op string, do func() ([]T, store.Page, error)) ([]T, store.Page, error) {
	if _, failure := s.next(op, false); failure != nil {
		return nil, store.Page{}, failure
	}
	return do()
}

func (s *faulty) Resolve(ctx context.Context, names ...licence.Name) (string, error) {
	return read(s, "Resolve", func() (string, error) { return s.inner.Resolve(ctx, names...) })
}

func (s *faulty) Load(ctx context.Context, account string, w store.Want) (licence.Loaded, error) {
	return read(s, "Load", func() (licence.Loaded, error) { return s.inner.Load(ctx, account, w) })
}

func (s *faulty) Commit(ctx context.Context, c licence.Change) error {
	return s.write("Commit", func() error { return s.inner.Commit(ctx, c) })
}

func (s *faulty) Begin(ctx context.Context, c licence.Change, on *store.Mark) store.Begun {
	fault, failure := s.next("Commit", true)
	if fault == Lost {
		return store.Over(failure)
	}
	begun := store.Begin(ctx, s.inner, c, on)
	wait := begun.Wait
	begun.Wait = func() error {
		if err := wait(); err != nil {
			return err
		}
		return failure
	}
	return begun
}

func (s *faulty) KeepUnmatched(ctx context.Context, f licence.Fact, hash string) error {
	return s.write("KeepUnmatched", func() error { return s.inner.KeepUnmatched(ctx, f, hash) })
}

func (s *faulty) Unmatched(ctx context.Context, p store.Page) ([]store.StoredFact, store.Page, error) {
	return readPage(s, "Unmatched", func() ([]store.StoredFact, store.Page, error) { return s.inner.Unmatched(ctx, p) })
}

func (s *faulty) UnmatchedFor(ctx context.Context, name licence.Name, limit int) ([]store.StoredFact, error) {
	return read(s, "UnmatchedFor", func() ([]store.StoredFact, error) { return s.inner.UnmatchedFor(ctx, name, limit) })
}

func (s *faulty) DropUnmatched(ctx context.Context, f licence.Fact) error {
	return s.write("DropUnmatched", func() error { return s.inner.DropUnmatched(ctx, f) })
}

func (s *faulty) Reject(ctx context.Context, a store.Rejected) error {
	return s.write("Reject", func() error { return s.inner.Reject(ctx, a) })
}

func (s *faulty) Rejections(ctx context.Context, p store.Page) ([]store.Rejected, store.Page, error) {
	return readPage(s, "Rejections", func() ([]store.Rejected, store.Page, error) { return s.inner.Rejections(ctx, p) })
}

func (s *faulty) Rejection(ctx context.Context, id string) (a store.Rejected, ok bool, err error) {
	a, err = read(s, "Rejection", func() (a store.Rejected, err error) {
		a, ok, err = s.inner.Rejection(ctx, id)
		return a, err
	})
	return a, ok && err == nil, err
}

func (s *faulty) DropRejection(ctx context.Context, id string) error {
	return s.write("DropRejection", func() error { return s.inner.DropRejection(ctx, id) })
}

func (s *faulty) Outbox(ctx context.Context, account string) ([]licence.Effect, error) {
	return read(s, "Outbox", func() ([]licence.Effect, error) { return s.inner.Outbox(ctx, account) })
}

func (s *faulty) Due(ctx context.Context, by time.Time) iter.Seq2[string, error] {
	if _, failure := s.next("Due", false); failure != nil {
		return func(yield func(string, error) bool) { yield("", failure) }
	}
	return s.inner.Due(ctx, by)
}

func (s *faulty) Rows(ctx context.Context, account, kind string, p store.Page) ([]licence.Row, store.Page, error) {
	return readPage(s, "Rows", func() ([]licence.Row, store.Page, error) { return s.inner.Rows(ctx, account, kind, p) })
}

func (s *faulty) Row(ctx context.Context, account, kind, id string) (licence.Row, bool, error) {
	if _, failure := s.next("Row", false); failure != nil {
		return licence.Row{}, false, failure
	}
	return s.inner.Row(ctx, account, kind, id)
}

func (s *faulty) Facts(ctx context.Context, account string, p store.Page) ([]store.StoredFact, store.Page, error) {
	return readPage(s, "Facts", func() ([]store.StoredFact, store.Page, error) { return s.inner.Facts(ctx, account, p) })
}

func (s *faulty) Seats(ctx context.Context, account, custID, roster string, p store.Page) ([]licence.Seat, store.Page, error) {
	return readPage(s, "Seats", func() ([]licence.Seat, store.Page, error) {
		return s.inner.Seats(ctx, account, custID, roster, p)
	})
}

func (s *faulty) Candidates(ctx context.Context, account, custID, roster, plan string, p store.Page) ([]licence.Seat, store.Page, error) {
	return readPage(s, "Candidates", func() ([]licence.Seat, store.Page, error) {
		return s.inner.Candidates(ctx, account, custID, roster, plan, p)
	})
}

func (s *faulty) Between(ctx context.Context, account, custID, roster string, span licence.Span) ([]licence.Seat, error) {
	return read(s, "Between", func() ([]licence.Seat, error) { return s.inner.Between(ctx, account, custID, roster, span) })
}

func (s *faulty) StageRoster(ctx context.Context, account, custID, roster string, rows iter.Seq[licence.Seat]) error {
	return s.write("StageRoster", func() error { return s.inner.StageRoster(ctx, account, custID, roster, rows) })
}

func (s *faulty) PruneRoster(ctx context.Context, account, custID, roster string) error {
	return s.write("PruneRoster", func() error { return s.inner.PruneRoster(ctx, account, custID, roster) })
}

func (s *faulty) Accounts(ctx context.Context, p store.Page) ([]licence.Entry, store.Page, error) {
	return readPage(s, "Accounts", func() ([]licence.Entry, store.Page, error) { return s.inner.Accounts(ctx, p) })
}

func (s *faulty) Cases(ctx context.Context, p store.Page) ([]licence.Entry, store.Page, error) {
	return readPage(s, "Cases", func() ([]licence.Entry, store.Page, error) { return s.inner.Cases(ctx, p) })
}

func (s *faulty) Find(ctx context.Context, words []string, p store.Page) ([]licence.Entry, store.Page, error) {
	return readPage(s, "Find", func() ([]licence.Entry, store.Page, error) { return s.inner.Find(ctx, words, p) })
}

func (s *faulty) Index(ctx context.Context, account string, terms []string) error {
	return s.write("Index", func() error { return s.inner.Index(ctx, account, terms) })
}

func (s *faulty) Counter(ctx context.Context, key, hour string, add, limit int) (bool, error) {
	ok := false
	err := s.write("Counter", func() (err error) {
		ok, err = s.inner.Counter(ctx, key, hour, add, limit)
		return err
	})
	return ok && err == nil, err
}

// Faults runs a scenario on fresh stores, once for each call that it makes and each way in which
// the call can fail. Each is told the store to work with. When the scenario fails, it is run
// again on the same store, as a sender resends; it must succeed then. Check sees the store at the end of
// each, and must find what it finds after a run without a fault, which is the first.
func Faults(t *testing.T, open func(*testing.T) store.Store, scenario func(store.Store) error, check func(*testing.T, store.Store)) {
	t.Helper()
	var calls []Call
	t.Run("none", func(t *testing.T) {
		inner := open(t)
		err := scenario(Faulty(inner, func(c Call) Fault {
			calls = append(calls, c)
			return None
		}))
		if err != nil {
			t.Fatal(err)
		}
		check(t, inner)
	})
	for _, bad := range calls {
		for _, fault := range []Fault{Lost, Kept} {
			if fault == Kept && !bad.Write {
				continue
			}
			t.Run(fmt.Sprintf("%02d-%s-%s", bad.N, bad.Op, fault), func(t *testing.T) {
				inner := open(t)
				met := false
				s := Faulty(inner, func(c Call) Fault {
					if c.N != bad.N {
						return None
					}
					met = true
					return fault
				})
				if err := scenario(s); err != nil {
					if !errors.Is(err, ErrInjected) {
						t.Fatalf("failed by itself: %v", err)
					}
					if err := scenario(s); err != nil {
						t.Fatalf("told again: %v", err)
					}
				}
				if !met {
					t.Fatalf("the call was never made")
				}
				check(t, inner)
			})
		}
	}
}
