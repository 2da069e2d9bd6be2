package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// Commit writes a change in one transaction.
func (s *Store) Commit(ctx context.Context, c licence.Change) error {
	c, err := store.Prepare(c)
	if err != nil {
		return err
	}
	for {
		list, err := transaction(s.Table, c, s.Now())
		if err != nil {
			return err
		}
		foreign, err := outcome(s.transact(ctx, "Commit", list), c)
		if err != nil || len(foreign) == 0 {
			return err
		}
		// Nothing was written: some released names lead elsewhere, and are no business of ours.
		// It ends, for each time there are fewer.
		var own []licence.Name
		for _, n := range c.Release {
			if !foreign[n] {
				own = append(own, n)
			}
		}
		c.Release = own
	}
}

// What DynamoDB says of each action of a transaction that it refused.
const (
	failed     = "ConditionalCheckFailed"
	contention = "TransactionConflict"
)

// throttles are its words for having no capacity just now.
var throttles = []string{"ThrottlingError", "ProvisionedThroughputExceeded"}

// outcome says what a refused commit means, by the place of the reason; and if released
// names that lead elsewhere are all that is wrong, which.
func outcome(err error, c licence.Change) (foreign map[licence.Name]bool, _ error) {
	why, refused := reasons(err)
	if !refused {
		return nil, err
	}
	next := 0
	code := func() string { return why.code(next) }
	if code() == failed {
		return nil, store.ErrConflict
	}
	// Another transaction is at the same items just now. Whatever else is wrong may be over
	// when it has ended, so the state must be loaded again.
	if why.any(contention) {
		return nil, store.ErrConflict
	}
	next++
	if c.Fact != nil {
		if code() == failed {
			return nil, store.ErrSeen
		}
		next++
		if c.Fact.Sent() {
			if code() == failed {
				return nil, store.ErrConflictingReplay
			}
			next++
		}
	}
	for _, n := range c.Claim {
		if code() == failed {
			return nil, &store.NameTaken{Name: n, Account: text(why[next].Item, "account")}
		}
		next++
	}
	foreign = map[licence.Name]bool{}
	for _, n := range c.Release {
		if code() == failed {
			foreign[n] = true
		}
		next++
	}
	if len(foreign) > 0 && !why.anyBut(append(throttles, failed)...) {
		return foreign, nil
	}
	return nil, fmt.Errorf("store: nothing was written: %w", err)
}

// refusals are the reasons for which a transaction was cancelled, one for each action.
type refusals []types.CancellationReason

func reasons(err error) (refusals, bool) {
	var cancelled *types.TransactionCanceledException
	if errors.As(err, &cancelled) && len(cancelled.CancellationReasons) > 0 {
		return cancelled.CancellationReasons, true
	}
	return nil, false
}

func (r refusals) code(i int) string {
	if i >= len(r) || r[i].Code == nil || *r[i].Code == "None" {
		return ""
	}
	return *r[i].Code
}

func (r refusals) any(code string) bool {
	for i := range r {
		if r.code(i) == code {
			return true
		}
	}
	return false
}

func (r refusals) anyBut(codes ...string) bool {
	for i := range r {
		if r.code(i) != "" && !slices.Contains(codes, r.code(i)) {
			return true
		}
	}
	return false
}

// throttled tells whether all would have been well, had there been capacity.
func (r refusals) throttled() bool {
	return slices.ContainsFunc(throttles, r.any) && !r.any(failed)
}
