package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// testFaults plays a webhook that is told again whenever it failed: a fact of an account that is not known yet is
// parked; the account comes, and folds it; a list of seats is staged and named. However often
// a call fails, and whether or not it was kept, all is there once in the end.
func testFaults(t *testing.T, open func(*testing.T) store.Store) {
	ctx := t.Context()
	early := fact("stripe:evt_1", stripe)
	scenario := func(s store.Store) error {
		if err := arrive(ctx, s, *early); err != nil {
			return err
		}
		if err := commitOnce(ctx, s, fact("standard:1", custID), func(c *licence.Change) {
			c.Claim = []licence.Name{stripe, custID}
			c.Add = []licence.Effect{effect(licence.Mail, "notice")}
			c.Rows = []licence.Row{row("task", "t1", "open")}
		}); err != nil {
			return err
		}
		parked, err := s.UnmatchedFor(ctx, stripe, 50)
		if err != nil {
			return err
		}
		for _, f := range parked {
			if err := commitOnce(ctx, s, &f.Fact, func(*licence.Change) {}); err != nil {
				return err
			}
			if err := s.DropUnmatched(ctx, f.Fact); err != nil {
				return err
			}
		}
		if err := s.StageRoster(ctx, fjord, "cust12345", "r1", one(seat("", "", "12", 3, "sales"))); err != nil {
			return err
		}
		if err := commitOnce(ctx, s, fact("standard:2", custID), func(c *licence.Change) { c.Due = noon }); err != nil {
			return err
		}
		if err := s.Index(ctx, fjord, []string{"fjord.example"}); err != nil {
			return err
		}
		return s.Reject(ctx, store.Rejected{ID: "stripe:evt_2", At: noon})
	}
	check := func(t *testing.T, s store.Store) {
		b := bench{t, s, nil}
		b.same("version", b.load(fjord, "").State.N, 3)
		b.same("facts", len(all(b, 9, func(p store.Page) ([]store.StoredFact, store.Page, error) { return s.Facts(ctx, fjord, p) })), 3)
		b.same("the parked fact is folded", b.load(fjord, early.ID).Seen, early.Hash())
		b.same("nothing is parked", parkedFor(b, stripe, 9), []string{})
		b.same("one mail is owed", len(b.outbox(fjord)), 1)
		b.same("the task is there", len(all(b, 9, func(p store.Page) ([]licence.Row, store.Page, error) { return s.Rows(ctx, fjord, "task", p) })), 1)
		b.same("the name", b.resolve(stripe), fjord)
		b.same("due", due(b, noon), []string{fjord})
		b.same("seats", len(all(b, 9, func(p store.Page) ([]licence.Seat, store.Page, error) {
			return s.Seats(ctx, fjord, "cust12345", "r1", p)
		})), 1)
		b.same("found", len(all(b, 9, func(p store.Page) ([]licence.Entry, store.Page, error) {
			return s.Find(ctx, []string{"fjord.example"}, p)
		})), 1)
		b.same("set aside", len(all(b, 9, func(p store.Page) ([]store.Rejected, store.Page, error) { return s.Rejections(ctx, p) })), 1)
	}
	Faults(t, open, scenario, check)
}

// arrive commits a fact, or parks it where its account is not known.
func arrive(ctx context.Context, s store.Store, f licence.Fact) error {
	_, err := s.Resolve(ctx, f.To...)
	if err == nil {
		return commitOnce(ctx, s, &f, func(*licence.Change) {})
	}
	if !errors.Is(err, store.ErrNoAccount) {
		return err
	}
	if err := s.KeepUnmatched(ctx, f, f.Hash()); !errors.Is(err, store.ErrSeen) {
		return err
	}
	return nil
}

// commitOnce commits a fact to the account unless it is there, on what is loaded.
func commitOnce(ctx context.Context, s store.Store, f *licence.Fact, more func(*licence.Change)) error {
	for range 3 {
		l, err := s.Load(ctx, fjord, store.Want{Fact: f.ID})
		if err != nil {
			return err
		}
		if l.Seen == f.Hash() {
			return nil
		}
		c := change(fjord, l.State.N, "")
		c.Fact = f
		more(&c)
		if err := s.Commit(ctx, c); !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("conflicts without end")
}
