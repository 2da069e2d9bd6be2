package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// Park checks the names and writes the fact in one transaction, so that no account can take a
// name in between and miss the fact. The names come first, and so do their reasons.
func (s *Store) Park(ctx context.Context, f licence.Fact, hash string) error {
	if len(f.To) == 0 {
		return fmt.Errorf("store: fact %s is about nobody", f.ID)
	}
	body, err := licence.JSON(f)
	if err != nil {
		return err
	}
	t := actions{table: s.Table}
	asked := map[licence.Name]bool{}
	for _, n := range f.To {
		if !asked[n] {
			asked[n] = true
			t.list = append(t.list, types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
				TableName: &s.Table, Key: nameKey(n).item(), ConditionExpression: aws.String("attribute_not_exists(pk)")}})
		}
	}
	now := s.Now()
	it := parkedKey(f.To[len(f.To)-1], f.ID).item()
	it["hash"], it["body"] = str(hash), str(string(body))
	it["listkey"], it["listsort"] = str("parked"), str(stamp(now))
	keep(it, now)
	t.put(it, absent, item{":now": str(stamp(now))})

	for try := 0; ; try++ {
		err := s.transact(ctx, "Park", t.list)
		why, refused := reasons(err)
		if !refused {
			return err
		}
		names := len(t.list) - 1
		for i := range names {
			if why.code(i) == failed {
				return store.ErrKnown
			}
		}
		switch {
		case why.code(names) == failed && text(why[names].Item, "hash") == hash:
			return store.ErrSeen
		case why.code(names) == failed:
			return store.ErrConflictingReplay
		case !why.any(contention) || try == tries:
			return err
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
}

func (s *Store) Parked(ctx context.Context, p store.Page) ([]store.StoredFact, store.Page, error) {
	return listed(ctx, s, "Parked", "parked", p, storedFact)
}

func (s *Store) ParkedFor(ctx context.Context, name licence.Name, limit int) ([]store.StoredFact, error) {
	var all []store.StoredFact
	in := prefix(parkedKey(name, "").pk, "fact#")
	in.Limit = aws.Int32(int32(limit))
	for it, err := range s.query(ctx, "ParkedFor", in) {
		if err != nil {
			return nil, err
		}
		if ended(it, s.Now()) {
			continue
		}
		f, err := storedFact(it)
		if err != nil {
			return nil, err
		}
		if all = append(all, f); len(all) >= limit {
			break
		}
	}
	return all, nil
}

func (s *Store) Unpark(ctx context.Context, f licence.Fact) error {
	if len(f.To) == 0 {
		return nil
	}
	return s.remove(ctx, "Unpark", parkedKey(f.To[len(f.To)-1], f.ID))
}

func (s *Store) SetAside(ctx context.Context, a store.Aside) error {
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	now := s.Now()
	it := asideKey(a.ID).item()
	it["body"], it["listkey"], it["listsort"] = str(string(body)), str("asides"), str(stamp(a.At))
	keep(it, now)
	err = s.put(ctx, "SetAside", it, absent, item{":now": str(stamp(now))})
	var there *types.ConditionalCheckFailedException
	if errors.As(err, &there) {
		return nil
	}
	return err
}

func (s *Store) Asides(ctx context.Context, p store.Page) ([]store.Aside, store.Page, error) {
	return listed(ctx, s, "Asides", "asides", p, decode[store.Aside])
}

func (s *Store) DropAside(ctx context.Context, id string) error {
	return s.remove(ctx, "DropAside", asideKey(id))
}

func storedFact(it item) (store.StoredFact, error) {
	fact, err := decode[licence.Fact](it)
	if err != nil {
		return store.StoredFact{}, err
	}
	at, err := parseStamp(text(it, "stored"))
	return store.StoredFact{Fact: fact, Hash: text(it, "hash"), N: number(it, "n"), At: at}, err
}
