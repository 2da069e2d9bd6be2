package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"seatmend/shared/licence"
)

// MaxActions is how many items one commit may write, in any store, and one Load may read: so
// many does DynamoDB allow. What is more must be a sequence of commits.
const MaxActions = licence.MaxActions

// MaxSeats is how many seats and rows one Load may ask for, beside the head, the parts and a fact.
const MaxSeats = MaxActions - 6

// People tells whether nothing but seats is wanted, and more of them than are read at one instant.
func (w Want) People() bool {
	return len(w.Seats) > MaxSeats && w.Have == Unread && w.Fact == "" && len(w.Rows) == 0
}

// InParts reads people by a store's Load, as many at a time as are of one instant.
func InParts(ctx context.Context, account string, w Want, load func(context.Context, string, Want) (licence.Loaded, error)) (all licence.Loaded, err error) {
	for some := range slices.Chunk(w.Seats, MaxSeats) {
		l, err := load(ctx, account, Want{Seats: some, Have: Unread})
		if err != nil {
			return l, err
		}
		if all.Seats == nil {
			all = l
		}
		maps.Copy(all.Seats, l.Seats)
	}
	return all, nil
}

// Prepare makes a change ready to be written, for every store alike: effects have their ids, no
// item is written twice, and it fits into one transaction. The change given stays as it is.
func Prepare(c licence.Change) (licence.Change, error) {
	if c.Account == "" || c.N < 0 {
		return c, fmt.Errorf("store: a change of account %q at version %d", c.Account, c.N)
	}
	for _, r := range c.Rows {
		// These begin the keys of other things than rows.
		if r.Kind == "" || slices.Contains([]string{"seat", "fact", "out", "head", "facts", "told"}, r.Kind) {
			return c, fmt.Errorf("store: %q is no kind of row", r.Kind)
		}
	}
	c.Entry.Account = c.Account
	c.Add = slices.Clone(c.Add)
	added := map[string]bool{}
	for i := range c.Add {
		if c.Add[i].ID == "" {
			c.Add[i].ID = licence.EffectID(c.N+1, i)
		}
		added[c.Add[i].ID] = true
	}
	c.Add = latest(c.Add, func(e licence.Effect) string { return e.ID })
	c.Drop = latest(c.Drop, itself)
	c.Drop = slices.DeleteFunc(c.Drop, func(id string) bool { return added[id] })
	c.Parts = latest(c.Parts, itself)
	c.Seats = latest(c.Seats, licence.Seat.Key)
	c.Rows = latest(c.Rows, func(r licence.Row) [2]string { return [2]string{r.Kind, r.ID} })
	c.Claim = latest(c.Claim, itself)
	c.Release = latest(c.Release, itself)
	c.Release = slices.DeleteFunc(c.Release, func(n licence.Name) bool { return slices.Contains(c.Claim, n) })

	actions := 1 + len(c.Claim) + len(c.Release) + len(c.Parts) + len(c.Seats) + len(c.Add) + len(c.Drop) + len(c.Rows)
	if c.Fact != nil {
		actions++
		if c.Fact.Sent() {
			actions++ // its id
		}
	}
	if actions > MaxActions {
		return c, fmt.Errorf("%w: a commit of %s has %d actions, %d is the limit", ErrTooLarge, c.Account, actions, MaxActions)
	}
	return c, nil
}

// FactHash is the hash that is stored with the fact of a change. It is for stores.
func FactHash(c licence.Change) string { return c.Fact.Hash() }

func itself[T any](v T) T { return v }

// latest copies a list, and of those with the same key keeps the last one.
func latest[T any, K comparable](list []T, key func(T) K) []T {
	place := map[K]int{}
	var kept []T
	for _, v := range list {
		if i, twice := place[key(v)]; twice {
			kept[i] = v
			continue
		}
		place[key(v)] = len(kept)
		kept = append(kept, v)
	}
	return kept
}
