package dynamo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// Commit writes a change on the shape that its version has in the table. Most changes are two plain writes:
// the fact, and then the head, which makes it true. Where names, rows, seats or large parts change, too,
// the head and they are one transaction.
func (s *Store) Commit(ctx context.Context, c licence.Change) error {
	c, err := store.Prepare(c)
	if err != nil {
		return err
	}
	h, err := s.shapeAt(ctx, c.Account, c.N)
	if err != nil {
		return err
	}
	by := rand.Text()[:13] // 65 bits
	var over *claim
	for range 2 * tries {
		d, err := drafted(s.Table, c, h, by, s.Now())
		if err != nil {
			return err
		}
		if err := s.writeFact(ctx, d, h, over); err != nil {
			return err
		}
		foreign, err := s.commit(ctx, d)
		if was := (*standing)(nil); errors.As(err, &was) {
			if over, err = s.overruled(ctx, c, was.claim); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if len(foreign) == 0 {
			if err := s.redo(ctx, c.Account, d.redo, c.N+1, false); err != nil {
				return err
			}
			s.shapes.put(c.Account, h.after(d))
			return s.write(ctx, "Commit", d.left)
		}
		// Nothing was written: some released names lead elsewhere, and are no business of ours.
		// It ends, for each time there are fewer.
		c.Release = slices.DeleteFunc(slices.Clone(c.Release), func(n licence.Name) bool { return foreign[n] })
	}
	return fmt.Errorf("store: others were at the names or the fact of a commit of %s %d times", c.Account, 2*tries)
}

// writeFact writes what must lie there before the head does: the fact, and the ids of those before it, where
// there are so many that they leave the head. A fact of our own goes with the transaction, where there is
// one: that costs a unit more, and somebody waits for a page.
func (s *Store) writeFact(ctx context.Context, d *draft, h *shape, over *claim) error {
	if len(h.facts) > mostFactNames {
		if err := s.shift(ctx, d.c.Account, h.facts); err != nil {
			return err
		}
		d.spill(h.facts)
	}
	if d.c.Fact == nil {
		return nil
	}
	if h.listed > 0 || h.layout == 0 {
		it, err := s.get(ctx, "Load", oldFactKey(d.c.Account, d.c.Fact.ID))
		if err != nil {
			return err
		}
		if len(it) > 0 && !ended(it, s.Now()) {
			return store.ErrSeen
		}
	}
	if d.c.Fact.Sent() || d.plain() {
		return s.claim(ctx, d.c)
	}
	return d.claim(s.Now(), over)
}

// commit writes the head, and what goes with it.
func (s *Store) commit(ctx context.Context, d *draft) (foreign map[licence.Name]bool, _ error) {
	head := d.head.write(s.Table, headKey(d.c.Account), d.c.N)
	if d.plain() {
		err := s.update(ctx, "Commit", head)
		var refused *types.ConditionalCheckFailedException
		switch {
		case errors.As(err, &refused) && text(refused.Item, "by") == text(d.head.set, "by"):
			return nil, nil // our own write, whose answer was lost
		case refused != nil, errors.As(err, new(*types.TransactionConflictException)):
			return nil, store.ErrConflict
		}
		return nil, err
	}
	list := slices.Concat([]types.TransactWriteItem{{Update: head}}, d.fact, d.claims, d.beside)
	return outcome(s.transact(ctx, "Commit", list), d.c, len(d.fact) > 0)
}

// What DynamoDB says of each action of a transaction that it refused.
const (
	failed     = "ConditionalCheckFailed"
	contention = "TransactionConflict"
)

// throttles are its words for having no capacity just now.
var throttles = []string{"ThrottlingError", "ProvisionedThroughputExceeded"}

// outcome says what a refused commit means, by the place of the reason: head, fact if it goes
// with them, claims, releases, and what cannot be refused; and if released names that lead elsewhere are all
// that is wrong, which.
func outcome(err error, c licence.Change, fact bool) (foreign map[licence.Name]bool, _ error) {
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
	if fact {
		if code() == failed {
			return nil, &standing{claimOf(c.Fact.ID, why[next].Item)}
		}
		next++
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
