package dynamo

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

func (s *Store) Outbox(ctx context.Context, account string) ([]licence.Effect, error) {
	head, err := s.get(ctx, "Outbox", headKey(account))
	if err != nil || head == nil {
		return nil, err
	}
	var all []licence.Effect
	if number(head, "layout") > 0 {
		h, err := s.look(ctx, account, head)
		if err != nil {
			return nil, err
		}
		for id := range h.effects {
			e, err := decodeAs[licence.Effect](head, effectIn+id)
			if err != nil {
				return nil, err
			}
			all = append(all, e)
		}
		if len(h.outs) == 0 {
			return sorted(all), nil
		}
	}
	for it, err := range s.query(ctx, "Outbox", prefix(of(account), "out#")) {
		if err != nil {
			return nil, err
		}
		e, err := decode[licence.Effect](it)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return sorted(all), nil
}

// sorted are effects by age. One that has moved between two reads stands there twice, and is taken once.
func sorted(all []licence.Effect) []licence.Effect {
	slices.SortStableFunc(all, func(a, b licence.Effect) int { return strings.Compare(a.ID, b.ID) })
	return slices.CompactFunc(all, func(a, b licence.Effect) bool { return a.ID == b.ID })
}

// Due asks one bucket after the other.
func (s *Store) Due(ctx context.Context, by time.Time) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for i := range buckets {
			in := &dynamodb.QueryInput{
				IndexName:                 aws.String("due"),
				KeyConditionExpression:    aws.String("duebucket = :bucket AND due <= :by"),
				ExpressionAttributeValues: item{":bucket": str(bucket(i)), ":by": str(stamp(by))},
			}
			for it, err := range s.query(ctx, "Due", in) {
				if err != nil {
					yield("", err)
					return
				}
				if account, ok := Account(text(it, "pk")); ok && !yield(account, nil) {
					return
				}
			}
		}
	}
}

func (s *Store) Rows(ctx context.Context, account, kind string, p store.Page) ([]licence.Row, store.Page, error) {
	in := prefix(of(account), join(kind)+"#")
	in.ScanIndexForward = aws.Bool(false)
	return paged(ctx, s, "Rows", in, p, decodeRow)
}

func (s *Store) Row(ctx context.Context, account, kind, id string) (licence.Row, bool, error) {
	it, err := s.get(ctx, "Row", rowKey(account, kind, id))
	if err != nil || len(it) == 0 || ended(it, s.Now()) {
		return licence.Row{}, false, err
	}
	r, err := decodeRow(it)
	return r, err == nil, err
}

func (s *Store) Accounts(ctx context.Context, p store.Page) ([]licence.Entry, store.Page, error) {
	all, next, err := paged(ctx, s, "Accounts", list("accounts"), p, decodeEntry)
	return store.Listed(all), next, err
}

func (s *Store) Cases(ctx context.Context, p store.Page) ([]licence.Entry, store.Page, error) {
	in := list("cases")
	in.IndexName, in.KeyConditionExpression = aws.String("case"), aws.String("casekey = :key")
	return paged(ctx, s, "Cases", in, p, decodeEntry)
}

// Find reads a page of those who have the longest word, and then, at once, their heads for the entries
// and their lists of terms for the other words: people search now and then, but entries change daily.
func (s *Store) Find(ctx context.Context, words []string, p store.Page) ([]licence.Entry, store.Page, error) {
	if len(words) == 0 {
		return nil, store.Page{}, nil
	}
	words = store.Longest(words)
	word := words[0]
	begin := join(word)
	if !store.Matches(word+"x", word) {
		begin += "#" // it is a whole term
	}
	type hit struct{ term, account string }
	hits, next, err := paged(ctx, s, "Find", prefix(scrapKey(word, "").pk, begin), p, func(it item) (hit, error) {
		return hit{text(it, "term"), text(it, "account")}, nil
	})
	if err != nil {
		return nil, next, err
	}
	var keys []key
	for _, h := range hits {
		keys = append(keys, headKey(h.account), termsKey(h.account))
	}
	found, err := s.read(ctx, "Find", keys, false)
	if err != nil {
		return nil, store.Page{}, err
	}
	var all []licence.Entry
	for _, h := range hits {
		head, list := found[headKey(h.account)], found[termsKey(h.account)]
		if head == nil || list == nil {
			continue
		}
		terms, err := decode[[]string](list)
		if err != nil {
			return nil, store.Page{}, err
		}
		if !foundBy(terms, h.term, words) {
			continue
		}
		e, err := decodeEntry(head)
		if err != nil {
			return nil, store.Page{}, err
		}
		all = append(all, e)
	}
	return all, next, nil
}

// foundBy tells whether terms, in their order, have all words, and the term is the first of those that
// have the first word: an account that has several is found by that one alone.
func foundBy(terms []string, term string, words []string) bool {
	for i, w := range words {
		at := slices.IndexFunc(terms, func(t string) bool { return store.Matches(t, w) })
		if at < 0 || i == 0 && terms[at] != term {
			return false
		}
	}
	return true
}

// list asks for what the index list has under a key.
func list(listkey string) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		IndexName:                 aws.String("list"),
		KeyConditionExpression:    aws.String("listkey = :key"),
		ExpressionAttributeValues: item{":key": str(listkey)},
	}
}

// listed reads a page of the index list, newest first, and then the items themselves: the index holds their keys only.
func listed[T any](ctx context.Context, s *Store, op, listkey string, p store.Page, read func(item) (T, error)) ([]T, store.Page, error) {
	in := list(listkey)
	in.ScanIndexForward = aws.Bool(false)
	keys, next, err := paged(ctx, s, op, in, p, func(it item) (key, error) { return keyOf(it), nil })
	if err != nil {
		return nil, next, err
	}
	return fetched(ctx, s, op, keys, next, read)
}

// fetched reads the items of a page. One that is gone since is left out, and so the page shorter.
func fetched[T any](ctx context.Context, s *Store, op string, keys []key, next store.Page, read func(item) (T, error)) ([]T, store.Page, error) {
	found, err := s.read(ctx, op, keys, false)
	if err != nil {
		return nil, store.Page{}, err
	}
	var all []T
	for _, k := range keys {
		it := found[k]
		if it == nil || ended(it, s.Now()) {
			continue
		}
		v, err := read(it)
		if err != nil {
			return nil, store.Page{}, err
		}
		all = append(all, v)
	}
	return all, next, nil
}

// paged reads one item more than belongs on the page, to know whether there is a next one.
func paged[T any](ctx context.Context, s *Store, op string, in *dynamodb.QueryInput, p store.Page, read func(item) (T, error)) ([]T, store.Page, error) {
	if err := resume(in, p); err != nil {
		return nil, store.Page{}, err
	}
	in.Limit = aws.Int32(int32(p.Size() + 1))
	var items []item
	room, most := p.Room(), 0
	for it, err := range s.query(ctx, op, in) {
		if err != nil {
			return nil, store.Page{}, err
		}
		if ended(it, s.Now()) {
			continue
		}
		full := !room.Takes(sizeOf(it))
		if !full {
			most++
		}
		if items = append(items, it); full || len(items) > p.Size() {
			break
		}
	}
	items, next := store.CutAt(p, items, most, func(it item) []string {
		return []string{text(it, "pk"), text(it, "sk"), text(it, sortKey(in))}
	})
	all := make([]T, len(items))
	for i, it := range items {
		var err error
		if all[i], err = read(it); err != nil {
			return nil, store.Page{}, err
		}
	}
	return all, next, nil
}

// sizeOf is how much of a page an item takes, by the index where that has it. One of before is taken
// for a large one.
func sizeOf(it item) int {
	if n := number(it, "entry"); n > 0 {
		return int(n)
	}
	if n := sizeIn(it, "entry"); n > 0 {
		return n
	}
	if n := sizeIn(it, "body"); n > 0 {
		return n
	}
	return 64 << 10
}

// resume makes a query go on where the page's cursor says.
func resume(in *dynamodb.QueryInput, p store.Page) error {
	after, err := p.After(3)
	if err != nil || after == nil {
		return err
	}
	pk, sk, place := after[0], after[1], after[2]
	if sort := sortKey(in); sort != "" {
		if pk == "" || sk == "" || place == "" {
			return store.ErrCursor
		}
		in.ExclusiveStartKey = key{pk, sk}.item()
		in.ExclusiveStartKey[hashKey(in)] = in.ExpressionAttributeValues[":key"]
		in.ExclusiveStartKey[sort] = str(place)
		return nil
	}
	// DynamoDB refuses to begin outside of what is asked for.
	if pk != text(in.ExpressionAttributeValues, ":pk") || !strings.HasPrefix(sk, text(in.ExpressionAttributeValues, ":begin")) {
		return store.ErrCursor
	}
	in.ExclusiveStartKey = key{pk, sk}.item()
	return nil
}

// hashKey and sortKey are the attributes of the index that a query reads; "" for the table's own.
func hashKey(in *dynamodb.QueryInput) string {
	return map[string]string{"rank": "rosterkey", "list": "listkey", "case": "casekey"}[aws.ToString(in.IndexName)]
}

func sortKey(in *dynamodb.QueryInput) string {
	return map[string]string{"rank": "rank", "list": "listsort", "case": "place"}[aws.ToString(in.IndexName)]
}

func decodeRow(it item) (licence.Row, error) {
	ends, err := parseStamp(text(it, "ends"))
	if err != nil {
		return licence.Row{}, err
	}
	body, err := unsqueezed(it["body"])
	return licence.Row{Kind: text(it, "kind"), ID: text(it, "id"), Body: body, Ends: ends}, err
}

func decodeEntry(it item) (licence.Entry, error) { return decodeAs[licence.Entry](it, "entry") }
