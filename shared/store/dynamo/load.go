package dynamo

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// Load is one TransactGetItems: a BatchGetItem would be cheaper, but sees no single instant.
func (s *Store) Load(ctx context.Context, account string, w store.Want) (licence.Loaded, error) {
	l := licence.Loaded{State: licence.State{Account: account}, Seats: licence.Items{}, Rows: map[licence.RowKey]licence.Row{}}
	if len(w.Seats)+len(w.Rows) > store.MaxSeats {
		return l, store.ErrTooLarge
	}
	keys := []key{headKey(account)}
	for _, p := range licence.Parts {
		keys = append(keys, partKey(account, p))
	}
	if w.Fact != "" {
		keys = append(keys, factKey(account, w.Fact))
	}
	for _, k := range w.Seats {
		keys = append(keys, seatKey(account, k))
	}
	for _, k := range w.Rows {
		keys = append(keys, rowKey(account, k.Kind, k.ID))
	}
	keys = distinct(keys)
	found, err := s.snapshot(ctx, "Load", keys)
	if err != nil {
		return l, err
	}
	head := found[headKey(account)]
	if head == nil {
		return l, nil
	}
	l.State.N = number(head, "n")
	if err := l.State.History.Decode([]byte(text(head, "body"))); err != nil {
		return l, err
	}
	for _, p := range licence.Parts {
		if it := found[partKey(account, p)]; it != nil {
			if err := l.State.Known.Decode(p, []byte(text(it, "body"))); err != nil {
				return l, err
			}
		}
	}
	if it := found[factKey(account, w.Fact)]; it != nil && !ended(it, s.Now()) {
		l.Seen = text(it, "hash")
	}
	for _, k := range w.Seats {
		if it := found[seatKey(account, k)]; it != nil {
			seat, err := decode[licence.Seat](it)
			if err != nil {
				return l, err
			}
			l.Seats[k] = seat
		}
	}
	for _, k := range w.Rows {
		if it := found[rowKey(account, k.Kind, k.ID)]; it != nil && !ended(it, s.Now()) {
			if l.Rows[k], err = decodeRow(it); err != nil {
				return l, err
			}
		}
	}
	return l, nil
}

// distinct are the keys without those that stand there twice, in their order.
func distinct(keys []key) []key {
	asked := map[key]bool{}
	return slices.DeleteFunc(keys, func(k key) bool {
		twice := asked[k]
		asked[k] = true
		return twice
	})
}

// Resolve reads all the names at once.
func (s *Store) Resolve(ctx context.Context, names ...licence.Name) (string, error) {
	keys := make([]key, len(names))
	for i, n := range names {
		keys[i] = nameKey(n)
	}
	found, err := s.read(ctx, "Resolve", keys, true)
	if err != nil {
		return "", err
	}
	for _, k := range keys {
		if it := found[k]; it != nil {
			return text(it, "account"), nil
		}
	}
	return "", store.ErrNoAccount
}

// decode reads the item's body.
func decode[T any](it item) (T, error) {
	var v T
	return v, json.Unmarshal([]byte(text(it, "body")), &v)
}

// snapshot reads items as they were at one instant.
func (s *Store) snapshot(ctx context.Context, op string, keys []key) (map[key]item, error) {
	list := make([]types.TransactGetItem, len(keys))
	for i, k := range keys {
		list[i].Get = &types.Get{TableName: &s.Table, Key: k.item()}
	}
	for try := 0; ; try++ {
		items, err := s.transactGet(ctx, op, list)
		if err == nil {
			found := map[key]item{}
			for i, it := range items {
				if len(it) > 0 {
					found[keys[i]] = it
				}
			}
			return found, nil
		}
		// A write was in progress, which ends by itself, or there was no capacity.
		if why, _ := reasons(err); !why.any(contention) && !why.throttled() || try == tries {
			return nil, err
		}
		if err := pause(ctx, try); err != nil {
			return nil, err
		}
	}
}
