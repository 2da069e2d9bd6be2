package dynamo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// chunks asks for those lists of ids that begin with that version or an earlier one, the latest first.
func chunks(account string, n int64) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk AND sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: item{":pk": str(of(account)), ":from": str(chunksFrom(0)), ":to": str(last(chunksFrom(n)))},
		ConsistentRead:            aws.Bool(true),
		ScanIndexForward:          aws.Bool(false),
	}
}

// Where a page of facts goes on: below a version, or with the facts of layout 0.
const (
	belowVersion = "facts"
	oldOnes      = "old"
)

// Facts takes the ids from the head and the chunks, and reads the facts by them.
func (s *Store) Facts(ctx context.Context, account string, p store.Page) ([]store.StoredFact, store.Page, error) {
	after, err := p.After(3)
	if err != nil {
		return nil, store.Page{}, err
	}
	below := int64(1) << 62
	switch {
	case after == nil:
	case after[0] == belowVersion && after[1] == account && after[2] == oldOnes:
		return s.oldFacts(ctx, account, store.Page{Limit: p.Limit, Bytes: p.Bytes})
	case after[0] == belowVersion && after[1] == account:
		if below, err = strconv.ParseInt(after[2], 10, 64); err != nil {
			return nil, store.Page{}, store.ErrCursor
		}
	default:
		return s.oldFacts(ctx, account, p)
	}
	head, err := s.get(ctx, "Facts", headKey(account))
	if err != nil {
		return nil, store.Page{}, err
	}
	if number(head, "layout") == 0 {
		return s.oldFacts(ctx, account, p)
	}
	h, err := s.look(ctx, account, head)
	if err != nil {
		return nil, store.Page{}, err
	}
	all, most, err := s.factsBelow(ctx, account, h, below, p)
	if err != nil {
		return nil, store.Page{}, err
	}
	at := func(f store.StoredFact) []string { return []string{belowVersion, account, fmt.Sprint(f.N)} }
	all, next := store.CutAt(p, all, most, at)
	if next.Cursor == "" && h.listed > 0 {
		_, next = store.CutAt(store.Page{Limit: 1}, []int{0, 0}, 1, func(int) []string { return []string{belowVersion, account, oldOnes} })
		next.Limit, next.Bytes = p.Limit, p.Bytes
	}
	return all, next, nil
}

// factsBelow reads one fact more than belongs on the page, and says how many do, by their bytes.
func (s *Store) factsBelow(ctx context.Context, account string, h *shape, below int64, p store.Page) (all []store.StoredFact, most int, err error) {
	room := p.Room()
	full := func() bool { return len(all) > p.Size() || len(all) > most }
	take := func(ids map[int64]string) error {
		versions := slices.DeleteFunc(slices.Sorted(maps.Keys(ids)), func(n int64) bool { return n >= below })
		slices.Reverse(versions)
		for some := range slices.Chunk(versions, 25) {
			keys := make([]key, len(some))
			for i, n := range some {
				keys[i] = toldKey(account, licence.Fact{ID: ids[n]})
			}
			found, err := s.read(ctx, "Facts", keys, false)
			if err != nil {
				return err
			}
			for i, n := range some {
				it := found[keys[i]]
				if below = n; it == nil || ended(it, s.Now()) || number(it, "n") != n || text(it, "account") != account {
					continue
				}
				f, size, err := toldFact(it)
				if err != nil {
					return err
				}
				if room.Takes(size) {
					most++
				}
				if all = append(all, f); full() {
					return nil
				}
			}
		}
		return nil
	}
	if err := take(h.facts); err != nil || full() {
		return all, most, err
	}
	for it, err := range s.query(ctx, "Facts", chunks(account, below-1)) {
		if err != nil {
			return nil, 0, err
		}
		ids, err := chunk(it)
		if err == nil {
			err = take(ids)
		}
		if err != nil || full() {
			return all, most, err
		}
	}
	return all, most, nil
}

// toldFact is a fact as it lies under its id, and how many bytes it has.
func toldFact(it item) (store.StoredFact, int, error) {
	body, err := unsqueezed(it["body"])
	if err != nil {
		return store.StoredFact{}, 0, err
	}
	f, err := storedFact(it)
	f.Hash = text(it, "said")
	return f, len(body), err
}
