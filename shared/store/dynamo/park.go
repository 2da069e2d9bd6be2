package dynamo

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// KeepUnmatched checks the names and writes the fact in one transaction, so that no account can take a
// name in between and miss the fact. The names come first, and so do their reasons.
func (s *Store) KeepUnmatched(ctx context.Context, f licence.Fact, hash string) error {
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
	now, last := s.Now(), f.To[len(f.To)-1]
	it := parkedKey(last, f.ID).item()
	it["hash"], it["body"] = str(hash), str(string(body))
	it["listkey"], it["listsort"], it["entry"] = str("parked"), str(stamp(now)), size(it)
	keep(it, now)
	t.put(it, absent, item{":now": str(stamp(now))})
	t.count(parkedCount(last), len(body), now)
	if f.Sent() {
		t.waits(f, hash, now)
	}

	for try := 0; ; try++ {
		err := s.transact(ctx, "KeepUnmatched", t.list)
		why, refused := reasons(err)
		if !refused {
			return err
		}
		names := len(asked)
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
		case why.code(names+2) == failed:
			if err := s.taken(ctx, claimOf(f.ID, why[names+2].Item), hash); err != nil {
				return err
			}
			continue
		case why.code(names+1) == failed && try < tries && s.recount(ctx, parkedCount(last), s.unmatched(ctx, last)):
			continue
		case why.code(names+1) == failed:
			return store.ErrFull
		case !why.any(contention) || try == tries:
			return err
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
}

// taken says what it means that an id is there already of a fact that is to be parked. A dead claim of an
// account is taken away: no error.
func (s *Store) taken(ctx context.Context, was claim, hash string) error {
	if was.account != "" {
		head, err := s.get(ctx, "Load", headKey(was.account))
		if err != nil {
			return err
		}
		came, over, err := s.came(ctx, was, head)
		if err != nil {
			return err
		}
		if over {
			t := actions{table: s.Table}
			is, values := was.is()
			t.remove(toldKey("", licence.Fact{ID: was.id}), "attribute_not_exists(pk) OR ("+is+")", values)
			return s.transact(ctx, "KeepUnmatched", t.list)
		}
		if !came {
			return fmt.Errorf("store: the id %s is being taken by version %d of %s just now", was.id, was.n, was.account)
		}
	}
	if was.said == hash {
		return store.ErrSeen
	}
	return store.ErrConflictingReplay
}

// recount makes good what a count has come to be off by since: what ends by itself is not taken
// from it. Waiting gives the bytes of each that still waits. It is done once an hour at most, and
// tells whether it was.
func (s *Store) recount(ctx context.Context, k key, waiting iter.Seq2[int, error]) bool {
	if ok, err := s.Counter(ctx, "recount "+k.pk, s.Now().UTC().Format("2006-01-02T15"), 1, 1); err != nil || !ok {
		return false
	}
	n, bytes := 0, 0
	for size, err := range waiting {
		if err != nil {
			return false
		}
		n, bytes = n+1, bytes+size
	}
	it := k.item()
	it["n"], it["waits"] = num(int64(n)), num(int64(bytes))
	return s.put(ctx, "recount", it, "attribute_exists(pk)", nil) == nil
}

// unmatched gives the bytes of each fact that waits under a name.
func (s *Store) unmatched(ctx context.Context, name licence.Name) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for it, err := range s.query(ctx, "KeepUnmatched", prefix(parkedKey(name, "").pk, "fact#")) {
			if err == nil && ended(it, s.Now()) {
				continue
			}
			if !yield(sizeIn(it, "body"), err) {
				return
			}
		}
	}
}

// rejected gives the bytes of each body that lies there of the sender and account of one.
func (s *Store) rejected(ctx context.Context, of store.Rejected) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for p := (store.Page{Limit: 500, Bytes: 4 << 20}); ; {
			some, next, err := s.Rejections(ctx, p)
			if err != nil {
				yield(0, err)
				return
			}
			for _, a := range some {
				if a.Sender != of.Sender || a.Account != of.Account {
					continue
				}
				body, err := json.Marshal(a)
				if !yield(len(body), err) {
					return
				}
			}
			if p = next; p.Cursor == "" {
				return
			}
		}
	}
}

func (s *Store) Unmatched(ctx context.Context, p store.Page) ([]store.StoredFact, store.Page, error) {
	return listed(ctx, s, "Unmatched", "parked", p, storedFact)
}

func (s *Store) UnmatchedFor(ctx context.Context, name licence.Name, limit int) ([]store.StoredFact, error) {
	var all []store.StoredFact
	in := prefix(parkedKey(name, "").pk, "fact#")
	in.Limit = aws.Int32(int32(limit))
	for it, err := range s.query(ctx, "UnmatchedFor", in) {
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

func (s *Store) DropUnmatched(ctx context.Context, f licence.Fact) error {
	if len(f.To) == 0 {
		return nil
	}
	last := f.To[len(f.To)-1]
	return s.leave(ctx, "DropUnmatched", parkedKey(last, f.ID), func(item) key { return parkedCount(last) })
}

// leave deletes what waits, and takes it from its count. What is not there has left already.
func (s *Store) leave(ctx context.Context, op string, k key, counted func(item) key) error {
	for try := 0; ; try++ {
		it, err := s.get(ctx, op, k)
		if err != nil || len(it) == 0 {
			return err
		}
		t := actions{table: s.Table}
		t.remove(k, "attribute_exists(pk)", nil)
		t.discount(counted(it), sizeIn(it, "body"))
		err = s.transact(ctx, op, t.list)
		why, refused := reasons(err)
		if !refused || !why.any(contention) && !why.any(failed) || try == tries {
			return err
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
}

func (s *Store) Reject(ctx context.Context, a store.Rejected) error {
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	now := s.Now()
	it := asideKey(a.ID).item()
	it["body"], it["listkey"], it["listsort"] = str(string(body)), str("asides"), str(stamp(a.At))
	it["entry"] = size(it)
	keep(it, now)
	t := actions{table: s.Table}
	t.put(it, absent, item{":now": str(stamp(now))})
	t.count(asideCount(a), len(body), now)
	for try := 0; ; try++ {
		err := s.transact(ctx, "Reject", t.list)
		why, refused := reasons(err)
		switch {
		case !refused:
			return err
		case why.code(0) == failed:
			return nil // the first is kept
		case why.code(1) == failed && try < tries && s.recount(ctx, asideCount(a), s.rejected(ctx, a)):
			continue
		case why.code(1) == failed:
			return store.ErrFull
		case !why.any(contention) || try == tries:
			return err
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
}

func (s *Store) Rejection(ctx context.Context, id string) (store.Rejected, bool, error) {
	it, err := s.get(ctx, "Rejection", asideKey(id))
	if err != nil || len(it) == 0 || ended(it, s.Now()) {
		return store.Rejected{}, false, err
	}
	a, err := decode[store.Rejected](it)
	return a, err == nil, err
}

func (s *Store) Rejections(ctx context.Context, p store.Page) ([]store.Rejected, store.Page, error) {
	return listed(ctx, s, "Rejections", "asides", p, decode[store.Rejected])
}

func (s *Store) DropRejection(ctx context.Context, id string) error {
	return s.leave(ctx, "DropRejection", asideKey(id), func(it item) key {
		a, _ := decode[store.Rejected](it) // one that cannot be read is of no sender
		return asideCount(a)
	})
}

func storedFact(it item) (store.StoredFact, error) {
	fact, err := decode[licence.Fact](it)
	if err != nil {
		return store.StoredFact{}, err
	}
	at, err := parseStamp(text(it, "stored"))
	return store.StoredFact{Fact: fact, Hash: text(it, "hash"), N: number(it, "n"), At: at}, err
}
