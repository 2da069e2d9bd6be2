package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// atOnce is how many parked facts are folded in one go.
const atOnce = 50

// Unpark folds what was parked under an account's new names. What is more than fits into one
// go stays owed.
func (e *Engine) Unpark(ctx context.Context, s licence.State, f licence.Effect) ([]licence.Payload, licence.Done, error) {
	left := atOnce
	for _, n := range f.Names {
		parked, err := e.Store.ParkedFor(ctx, n, left+1)
		if err != nil {
			return nil, licence.Done{}, err
		}
		for _, p := range parked {
			if left == 0 {
				return nil, licence.Done{Outcome: "failed", Retry: e.Now()}, nil
			}
			left--
			if _, err := e.apply(ctx, licence.Loaded{}, p.Fact); err != nil && !errors.Is(err, store.ErrConflictingReplay) {
				return nil, licence.Done{}, err
			}
			// A cut here: the fact is folded and still parked; folding it again is a duplicate.
			if err := e.Store.Unpark(ctx, p.Fact); err != nil {
				return nil, licence.Done{}, err
			}
		}
	}
	return nil, licence.Done{Outcome: "done"}, nil
}

// Index writes the scraps by which people find an account.
func (e *Engine) Index(ctx context.Context, s licence.State, f licence.Effect) ([]licence.Payload, licence.Done, error) {
	a := s.Known.Profile.Account.Value
	seen := map[string]bool{}
	var terms []string
	add := func(t string) {
		if t = strings.ToLower(strings.TrimSpace(t)); t != "" && !seen[t] {
			seen[t] = true
			terms = append(terms, t)
		}
	}
	add(s.Account)
	add(a.Name)
	for _, w := range strings.Fields(a.Name) {
		add(w)
	}
	for _, c := range a.Contacts {
		add(c.Email)
		_, domain, _ := strings.Cut(c.Email, "@")
		add(domain)
	}
	for _, i := range a.Installations {
		add(i.CustID)
		add(i.Company)
		for _, n := range append([]string{i.Serial}, i.Serials...) {
			add(n)
		}
	}
	for _, in := range s.Known.Invoices.Licence {
		add(in.Value.Invoice)
		add(in.Value.Number)
	}
	if err := e.Store.Index(ctx, s.Account, terms); err != nil {
		return nil, licence.Done{}, err
	}
	return nil, licence.Done{Outcome: "done"}, nil
}

// Release gives up the names that a directory no longer lists: the commit that marks it done does.
func (e *Engine) Release(context.Context, licence.State, licence.Effect) ([]licence.Payload, licence.Done, error) {
	return nil, licence.Done{Outcome: "done"}, nil
}

// reading is how long somebody may still read the rows of a roster after another was named.
const reading = time.Minute

// Prune drops the rows of a roster that no commit names any more. It comes a while later:
// whoever loaded the account before is still to find them whole.
func (e *Engine) Prune(ctx context.Context, s licence.State, f licence.Effect) ([]licence.Payload, licence.Done, error) {
	if s.Known.Inst(f.CustID).Roster.ID == f.Roster {
		return nil, licence.Done{Outcome: "done"}, nil // it is the present one again
	}
	if f.Fails == 0 {
		return nil, licence.Done{Outcome: "failed", Retry: e.Now().Add(reading)}, nil
	}
	if err := e.Store.PruneRoster(ctx, s.Account, f.CustID, f.Roster); err != nil {
		return nil, licence.Done{}, fmt.Errorf("prune: %w", err)
	}
	return nil, licence.Done{Outcome: "done"}, nil
}
