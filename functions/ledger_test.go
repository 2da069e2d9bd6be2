package functions_test

import (
	"context"
	"iter"
	"sync"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// A ledger is a store that writes down what is written, and when which account falls due: what
// a test asks of every store, and no store need answer.
type ledger struct {
	store.Store
	mu     sync.Mutex
	writes []string
	due    map[string]time.Time
}

func newLedger(inner store.Store) *ledger {
	return &ledger{Store: inner, due: map[string]time.Time{}}
}

func (l *ledger) wrote(op string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writes = append(l.writes, op)
}

// written are the writes so far.
func (l *ledger) written() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.writes...)
}

// next is the earliest instant at which an account is due; zero: never.
func (l *ledger) next() (at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, due := range l.due {
		if at.IsZero() || due.Before(at) {
			at = due
		}
	}
	return at
}

func (l *ledger) Commit(ctx context.Context, c licence.Change) error {
	l.wrote("Commit " + c.Account)
	err := l.Store.Commit(ctx, c)
	if err == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.due, c.Account)
		if !c.Due.IsZero() {
			l.due[c.Account] = c.Due
		}
	}
	return err
}

func (l *ledger) KeepUnmatched(ctx context.Context, f licence.Fact, hash string) error {
	l.wrote("KeepUnmatched")
	return l.Store.KeepUnmatched(ctx, f, hash)
}

func (l *ledger) DropUnmatched(ctx context.Context, f licence.Fact) error {
	l.wrote("DropUnmatched")
	return l.Store.DropUnmatched(ctx, f)
}

func (l *ledger) Reject(ctx context.Context, a store.Rejected) error {
	l.wrote("Reject")
	return l.Store.Reject(ctx, a)
}

func (l *ledger) DropRejection(ctx context.Context, id string) error {
	l.wrote("DropRejection")
	return l.Store.DropRejection(ctx, id)
}

func (l *ledger) StageRoster(ctx context.Context, account, custID, roster string, rows iter.Seq[licence.Seat]) error {
	l.wrote("StageRoster")
	return l.Store.StageRoster(ctx, account, custID, roster, rows)
}

func (l *ledger) PruneRoster(ctx context.Context, account, custID, roster string) error {
	l.wrote("PruneRoster")
	return l.Store.PruneRoster(ctx, account, custID, roster)
}

func (l *ledger) Index(ctx context.Context, account string, terms []string) error {
	l.wrote("Index")
	return l.Store.Index(ctx, account, terms)
}

func (l *ledger) Counter(ctx context.Context, key, hour string, add, limit int) (bool, error) {
	l.wrote("Counter " + key)
	return l.Store.Counter(ctx, key, hour, add, limit)
}
