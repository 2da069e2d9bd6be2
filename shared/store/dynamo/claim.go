package dynamo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// A fact is written before its account's head, as a claim: this id is to be version n of that account. It
// came true if the head came to that version by that very fact, which the head says itself, or a chunk
// where the head is far beyond. Else it is dead, and is as if it had never been. So a fact and its id
// are one item, and no transaction is needed for the two.

// dead is how long a claim may wait for its head; whoever writes has long given up by then.
const dead = time.Hour

// A claim is what an item under a fact's id says.
type claim struct {
	account string // "": the fact is parked
	id      string
	said    string // the fact's hash
	n       int64  // 0: of layout 0, which wrote fact and head at once
	stored  string
	ends    string
}

func claimOf(id string, it item) claim {
	return claim{account: text(it, "account"), id: id, said: text(it, "said"), n: number(it, "n"), stored: text(it, "stored"), ends: text(it, "ends")}
}

// is the condition that a claim lies there still.
func (c claim) is() (condition string, values item) {
	values = item{":dead": str(c.account), ":until": str(c.ends)}
	if c.n == 0 {
		return "account = :dead AND ends = :until AND attribute_not_exists(n)", values
	}
	values[":was"] = num(c.n)
	return "account = :dead AND ends = :until AND n = :was", values
}

// standing refuses a fact whose id another has, it seems.
type standing struct{ claim }

func (s *standing) Error() string { return "store: another fact has the id " + s.id }

// claimed is the item of a change's fact, and on what condition it may be written: that nobody has the
// id, or this very claim has it, or one that is dead.
func claimed(c licence.Change, now time.Time, over *claim) (it item, condition string, values item, err error) {
	body, err := licence.JSON(c.Fact)
	if err != nil {
		return nil, "", nil, err
	}
	it = toldKey(c.Account, *c.Fact).item()
	it["account"], it["n"], it["said"], it["body"] = str(c.Account), num(c.N+1), str(store.FactHash(c)), squeezed(body)
	keep(it, now)
	condition = absent + " OR (attribute_not_exists(account) AND said = :said) OR (account = :account AND n = :n AND said = :said)"
	values = item{":now": str(stamp(now)), ":said": it["said"], ":account": it["account"], ":n": it["n"]}
	if over != nil {
		is, more := over.is()
		condition += " OR (" + is + ")"
		maps.Copy(values, more)
	}
	return it, condition, values, nil
}

// claim writes the fact of a change ahead of its head.
func (s *Store) claim(ctx context.Context, c licence.Change) error {
	var over *claim
	for range tries {
		it, condition, values, err := claimed(c, s.Now(), over)
		if err != nil {
			return err
		}
		err = s.put(ctx, "Commit", it, condition, values)
		var refused *types.ConditionalCheckFailedException
		if !errors.As(err, &refused) {
			return err
		}
		if over, err = s.overruled(ctx, c, claimOf(c.Fact.ID, refused.Item)); err != nil {
			return err
		}
	}
	return fmt.Errorf("store: the id %s was claimed by others %d times", c.Fact.ID, tries)
}

// overruled says what it means that another has the id of a change's fact: no error where that one is dead.
func (s *Store) overruled(ctx context.Context, c licence.Change, was claim) (*claim, error) {
	head, err := s.get(ctx, "Load", headKey(c.Account))
	if err != nil {
		return nil, err
	}
	if number(head, "n") != c.N {
		return nil, store.ErrConflict
	}
	if was.account == "" {
		return nil, store.ErrConflictingReplay // parked, with other words
	}
	mine := was.account == c.Account
	if !mine {
		if head, err = s.get(ctx, "Load", headKey(was.account)); err != nil {
			return nil, err
		}
	}
	came, over, err := s.came(ctx, was, head)
	switch {
	case err != nil:
		return nil, err
	case over:
		return &was, nil
	case !came:
		return nil, fmt.Errorf("store: the id %s is being taken by version %d of %s just now", was.id, was.n, was.account)
	case mine:
		return nil, store.ErrSeen
	}
	return nil, store.ErrConflictingReplay
}

// came tells whether a claim came true, or is over, by the head of its account; neither: it may come true yet.
func (s *Store) came(ctx context.Context, c claim, head item) (came, over bool, err error) {
	if c.n == 0 { // layout 0
		it, err := s.get(ctx, "Load", oldFactKey(c.account, c.id))
		return len(it) > 0 && !ended(it, s.Now()), len(it) == 0 || ended(it, s.Now()), err
	}
	if number(head, "n") < c.n {
		stored, err := parseStamp(c.stored)
		return false, err == nil && s.Now().Sub(stored) > dead, err
	}
	id, there := head[factIn+strconv.FormatInt(c.n, 10)]
	if there {
		v, _ := id.(*types.AttributeValueMemberS)
		came = v != nil && v.Value == c.id
		return came, !came, nil
	}
	facts, err := s.chunkOf(ctx, c.account, c.n)
	came = facts[c.n] == c.id
	return came && err == nil, !came, err
}

// shift moves the ids of facts from a head into a chunk, before a commit takes them out of the head.
func (s *Store) shift(ctx context.Context, account string, facts map[int64]string) error {
	versions := slices.Sorted(maps.Keys(facts))
	body, err := licence.JSON(facts)
	if err != nil {
		return err
	}
	it := chunkKey(account, versions[0], versions[len(versions)-1]).item()
	it["body"] = squeezed(body)
	keep(it, s.Now())
	return s.put(ctx, "Commit", it, "", nil)
}

// chunkOf is the chunk that has the version.
func (s *Store) chunkOf(ctx context.Context, account string, n int64) (map[int64]string, error) {
	in := chunks(account, n)
	in.Limit = aws.Int32(1)
	for it, err := range s.query(ctx, "Load", in) {
		if err != nil {
			return nil, err
		}
		return chunk(it)
	}
	return nil, nil
}

func chunk(it item) (map[int64]string, error) { return decode[map[int64]string](it) }
