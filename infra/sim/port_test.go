package sim

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/memory"
)

var (
	errInjected = errors.New("sim: failed on purpose")
	errDead     = errors.New("sim: the process has died")
)

// A port is the store as a process has it: each call waits for its turn, and may fail.
type port struct {
	w     *world
	p     *process
	inner *memory.Store
}

var _ store.Store = (*port)(nil)

var (
	readFaults   = []string{"crash-before", "lost"}
	writeFaults  = []string{"crash-before", "lost", "kept", "crash-after"}
	commitFaults = append([]string{"conflict"}, writeFaults...)
)

// through makes a call as the seed says.
func (s *port) through(ctx context.Context, account, what string, kinds []string, do func() error) error {
	c := s.w.park(ctx, s.p, account, what, kinds...)
	switch c.fault {
	case dead, crashBefore:
		return errDead
	case lost:
		return errInjected
	case conflict:
		return store.ErrConflict
	}
	if len(kinds) > len(readFaults) {
		if h := handOf(ctx); h != nil && h.quiet {
			s.w.fail("%s is a GET, and writes: %s", h.name, what)
		}
	}
	err := do()
	switch {
	case c.fault == crashAfter:
		s.w.die(s.p)
		return errDead
	case c.fault == kept && err == nil:
		return errInjected
	}
	return err
}

func get[T any](ctx context.Context, s *port, account, what string, do func() (T, error)) (v T, err error) {
	err = s.through(ctx, account, what, readFaults, func() (err error) {
		v, err = do()
		return err
	})
	return v, err
}

func list[T any](ctx context.Context, s *port, account, what string, do func() ([]T, store.Page, error)) (v []T, p store.Page, err error) {
	err = s.through(ctx, account, what, readFaults, func() (err error) {
		v, p, err = do()
		return err
	})
	return v, p, err
}

func (s *port) Resolve(ctx context.Context, names ...licence.Name) (string, error) {
	return get(ctx, s, "~"+fmt.Sprint(names), "Resolve", func() (string, error) { return s.inner.Resolve(ctx, names...) })
}

func (s *port) Load(ctx context.Context, account string, w store.Want) (licence.Loaded, error) {
	return get(ctx, s, account, "Load "+account, func() (licence.Loaded, error) {
		s.w.lawScope(ctx, account, "reads")
		return s.inner.Load(ctx, account, w)
	})
}

func (s *port) Commit(ctx context.Context, c licence.Change) error {
	return s.through(ctx, c.Account, "Commit "+c.Account, commitFaults, func() error {
		return s.w.lawCommit(ctx, s.p, c, func() error { return s.inner.Commit(ctx, c) })
	})
}

// A row is a port whose commits stand in a row, as those of SQLite do.
type row struct{ *port }

func (s row) Begin(ctx context.Context, c licence.Change, on *store.Mark) store.Begun {
	if s.p.dead.Load() {
		return store.Over(errDead)
	}
	begun := s.inner.Begin(ctx, c, on)
	wait := begun.Wait
	begun.Wait = func() error {
		return s.through(ctx, c.Account, "Commit "+c.Account, []string{"crash-before", "kept", "crash-after"}, func() error {
			return s.w.lawCommit(ctx, s.p, c, wait)
		})
	}
	return begun
}

func (s *port) KeepUnmatched(ctx context.Context, f licence.Fact, hash string) error {
	return s.through(ctx, "~"+f.ID, "KeepUnmatched "+f.ID, writeFaults, func() error { return s.inner.KeepUnmatched(ctx, f, hash) })
}

func (s *port) Unmatched(ctx context.Context, p store.Page) ([]store.StoredFact, store.Page, error) {
	return list(ctx, s, "", "Unmatched", func() ([]store.StoredFact, store.Page, error) { return s.inner.Unmatched(ctx, p) })
}

func (s *port) UnmatchedFor(ctx context.Context, name licence.Name, limit int) ([]store.StoredFact, error) {
	return get(ctx, s, "~"+name.String(), "UnmatchedFor", func() ([]store.StoredFact, error) { return s.inner.UnmatchedFor(ctx, name, limit) })
}

func (s *port) DropUnmatched(ctx context.Context, f licence.Fact) error {
	return s.through(ctx, "~"+f.ID, "DropUnmatched", writeFaults, func() error {
		s.w.lawDropped(ctx, f)
		return s.inner.DropUnmatched(ctx, f)
	})
}

func (s *port) Reject(ctx context.Context, a store.Rejected) error {
	return s.through(ctx, "~"+a.ID, "Reject", writeFaults, func() error { return s.inner.Reject(ctx, a) })
}

func (s *port) Rejections(ctx context.Context, p store.Page) ([]store.Rejected, store.Page, error) {
	return list(ctx, s, "", "Rejections", func() ([]store.Rejected, store.Page, error) { return s.inner.Rejections(ctx, p) })
}

func (s *port) Rejection(ctx context.Context, id string) (a store.Rejected, ok bool, err error) {
	a, err = get(ctx, s, "", "Rejection", func() (a store.Rejected, err error) {
		a, ok, err = s.inner.Rejection(ctx, id)
		return a, err
	})
	return a, ok && err == nil, err
}

func (s *port) DropRejection(ctx context.Context, id string) error {
	return s.through(ctx, "", "DropRejection", writeFaults, func() error { return s.inner.DropRejection(ctx, id) })
}

func (s *port) Outbox(ctx context.Context, account string) ([]licence.Effect, error) {
	return get(ctx, s, account, "Outbox "+account, func() ([]licence.Effect, error) {
		if s.w.stuck(account) {
			return nil, errInjected
		}
		return s.inner.Outbox(ctx, account)
	})
}

func (s *port) Due(ctx context.Context, by time.Time) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		all, err := get(ctx, s, "", "Due", func() (all []string, err error) {
			for account := range s.inner.Due(ctx, by) {
				all = append(all, account)
			}
			return all, nil
		})
		for _, account := range all {
			if !yield(account, nil) {
				return
			}
		}
		if err != nil {
			yield("", err)
		}
	}
}

func (s *port) Rows(ctx context.Context, account, kind string, p store.Page) ([]licence.Row, store.Page, error) {
	return list(ctx, s, account, "Rows "+kind, func() ([]licence.Row, store.Page, error) { return s.inner.Rows(ctx, account, kind, p) })
}

func (s *port) Row(ctx context.Context, account, kind, id string) (r licence.Row, ok bool, err error) {
	r, err = get(ctx, s, account, "Row "+kind, func() (r licence.Row, err error) {
		r, ok, err = s.inner.Row(ctx, account, kind, id)
		return r, err
	})
	return r, ok && err == nil, err
}

func (s *port) Facts(ctx context.Context, account string, p store.Page) ([]store.StoredFact, store.Page, error) {
	return list(ctx, s, account, "Facts", func() ([]store.StoredFact, store.Page, error) { return s.inner.Facts(ctx, account, p) })
}

func (s *port) Seats(ctx context.Context, account, custID, roster string, p store.Page) ([]licence.Seat, store.Page, error) {
	return list(ctx, s, account, "Seats", func() ([]licence.Seat, store.Page, error) {
		return s.inner.Seats(ctx, account, custID, roster, p)
	})
}

func (s *port) Between(ctx context.Context, account, custID, roster string, span licence.Span) ([]licence.Seat, error) {
	return get(ctx, s, account, "Between", func() ([]licence.Seat, error) { return s.inner.Between(ctx, account, custID, roster, span) })
}

func (s *port) Candidates(ctx context.Context, account, custID, roster, plan string, p store.Page) ([]licence.Seat, store.Page, error) {
	return list(ctx, s, account, "Candidates", func() ([]licence.Seat, store.Page, error) {
		return s.inner.Candidates(ctx, account, custID, roster, plan, p)
	})
}

func (s *port) StageRoster(ctx context.Context, account, custID, roster string, rows iter.Seq[licence.Seat]) error {
	return s.through(ctx, account, "StageRoster "+roster, writeFaults, func() error {
		return s.inner.StageRoster(ctx, account, custID, roster, rows)
	})
}

func (s *port) PruneRoster(ctx context.Context, account, custID, roster string) error {
	return s.through(ctx, account, "PruneRoster "+roster, writeFaults, func() error {
		return s.inner.PruneRoster(ctx, account, custID, roster)
	})
}

func (s *port) Accounts(ctx context.Context, p store.Page) ([]licence.Entry, store.Page, error) {
	return list(ctx, s, "", "Accounts", func() ([]licence.Entry, store.Page, error) { return s.inner.Accounts(ctx, p) })
}

func (s *port) Cases(ctx context.Context, p store.Page) ([]licence.Entry, store.Page, error) {
	return list(ctx, s, "", "Cases", func() ([]licence.Entry, store.Page, error) { return s.inner.Cases(ctx, p) })
}

func (s *port) Find(ctx context.Context, words []string, p store.Page) ([]licence.Entry, store.Page, error) {
	return list(ctx, s, "", "Find", func() ([]licence.Entry, store.Page, error) { return s.inner.Find(ctx, words, p) })
}

func (s *port) Index(ctx context.Context, account string, terms []string) error {
	return s.through(ctx, account, "Index", writeFaults, func() error { return s.inner.Index(ctx, account, terms) })
}

func (s *port) Counter(ctx context.Context, key, hour string, add, limit int) (ok bool, err error) {
	err = s.through(ctx, "~"+key, "Counter", writeFaults, func() (err error) {
		ok, err = s.inner.Counter(ctx, key, hour, add, limit)
		s.w.lawCounted(ctx, key, add, ok)
		return err
	})
	return ok && err == nil, err
}
