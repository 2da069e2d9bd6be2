package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"seatmend/shared/casework"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// applyList replaces an installation's roster. The new rows are staged under an id of their
// own, where nobody sees them; one commit names them, together with the counts. Whoever reads
// sees the old list or the new one, never half of each. The id is of this attempt alone: the
// same list may be told again meanwhile, and be the present roster before this attempt is done.
func (e *Engine) applyList(ctx context.Context, f licence.Fact) (licence.Outcome, error) {
	cust, attempt := f.Payload.(licence.SeatsListed).CustID, e.Unique()
	var staged map[string]licence.Seat // rows as they lie in the store
	var present map[string]licence.Seat
	var basis licence.State // on which present was read
	var id string           // of this attempt's roster, once something is staged
	for range tries {
		account, err := e.resolve(ctx, f)
		if errors.Is(err, store.ErrNoAccount) {
			out, parked, err := e.park(ctx, f)
			if parked || err != nil {
				return out, err
			}
			continue
		}
		if err != nil {
			return licence.Outcome{}, err
		}
		l, _, ok, err := e.load(ctx, newLane(account), f)
		if err != nil {
			return licence.Outcome{}, err
		}
		if !ok {
			continue
		}
		if out, done, err := seen(l, f); done {
			e.unstage(ctx, l.State, cust, id)
			return out, err
		}
		roster := l.State.Known.Inst(cust).Roster
		if present, err = e.present(ctx, l.State, cust, roster, present, basis, f); err != nil {
			return licence.Outcome{}, err
		}
		basis = l.State
		list, rows := licence.Stage(f, attempt, seatsOf(present))
		step := f
		step.Payload = list
		c, out, err := casework.Step(l.State, nil, step, e.Now())
		if err != nil || out.Result == "unchanged" {
			e.unstage(ctx, l.State, cust, id)
			return out, err
		}
		if c.Known.Inst(cust).Roster.ID == list.Roster.ID {
			var fresh []licence.Seat
			for _, row := range rows {
				if old, ok := staged[row.User.Value.ID]; !ok || !row.Same(old) {
					fresh = append(fresh, row)
				}
			}
			if err := e.Store.StageRoster(ctx, account, l.State.Known.Inst(cust).CustID, list.Roster.ID, slices.Values(fresh)); err != nil {
				return out, err
			}
			id, staged = list.Roster.ID, map[string]licence.Seat{}
			for _, row := range rows {
				staged[row.User.Value.ID] = row
			}
		}
		// A cut here leaves rows that no commit names, and that nobody ever sees.
		err = e.commit(ctx, l.State, c)
		if again(err) {
			continue
		}
		return out, err
	}
	return licence.Outcome{}, fmt.Errorf("engine: %d tries, each overtaken by another writer", tries)
}

// unstage drops what an attempt has staged that lost to another one.
func (e *Engine) unstage(ctx context.Context, s licence.State, cust, roster string) {
	in := s.Known.Inst(cust)
	if roster == "" || in.Roster.ID == roster {
		return // nothing, or it was this very attempt that won
	}
	if err := e.Store.PruneRoster(ctx, s.Account, in.CustID, roster); err != nil {
		e.Log.Error("unstage", "account", s.Account, "error", err.Error()) // nobody sees those rows
	}
}

// present gives the people of the present roster who may be newer than the list. After a lost
// race only those who changed since are read again.
func (e *Engine) present(ctx context.Context, s licence.State, cust string, r licence.Roster, have map[string]licence.Seat, basis licence.State, f licence.Fact) (map[string]licence.Seat, error) {
	key := s.Known.Inst(cust).CustID
	if have != nil && basis.Known.Inst(cust).Roster.ID == r.ID {
		if users, ok := r.Since(basis.N); ok {
			return e.reread(ctx, s, key, r.ID, users, have)
		}
	}
	out := map[string]licence.Seat{}
	if r.Told.Before(f.At) {
		return out, nil // nobody there is newer
	}
	for page := (store.Page{Limit: 500}); ; {
		seats, next, err := e.Store.Seats(ctx, s.Account, key, r.ID, page)
		if err != nil {
			return nil, err
		}
		for _, seat := range seats {
			out[seat.User.Value.ID] = seat
		}
		if next.Cursor == "" {
			return out, nil
		}
		page = next
	}
}

func (e *Engine) reread(ctx context.Context, s licence.State, cust, roster string, users []string, have map[string]licence.Seat) (map[string]licence.Seat, error) {
	for chunk := range slices.Chunk(users, store.MaxSeats) {
		var keys []licence.Key
		for _, u := range chunk {
			keys = append(keys, licence.Key{CustID: cust, Roster: roster, User: u})
		}
		l, err := e.Store.Load(ctx, s.Account, store.Want{Seats: keys})
		if err != nil {
			return nil, err
		}
		for _, seat := range l.Seats {
			have[seat.User.Value.ID] = seat
		}
	}
	return have, nil
}

func seatsOf(m map[string]licence.Seat) []licence.Seat {
	var out []licence.Seat
	for _, s := range m {
		out = append(out, s)
	}
	return out
}
