package dynamo

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// Load is most often one BatchGetItem, which costs half of what a transaction does, but sees no single
// instant; so it is proven. The head is one item and one instant. Parts that lie apart bear the version
// that wrote them, and the head says which that is. A fact that is missed is found by the commit. Rows
// and seats are of the head's instant if none was written since a version that this process had seen
// before it asked for them; where that cannot be said, it asks again, and at last in a transaction.
func (s *Store) Load(ctx context.Context, account string, w store.Want) (licence.Loaded, error) {
	l := licence.Loaded{State: licence.State{Account: account}, Seats: licence.Items{}, Rows: map[licence.RowKey]licence.Row{}}
	if w.People() {
		return store.InParts(ctx, account, w, s.Load)
	}
	if len(w.Seats)+len(w.Rows) > store.MaxSeats {
		return l, store.ErrTooLarge
	}
	r := reading{s: s, account: account, before: s.shapes.get(account), told: toldKey(account, licence.Fact{ID: w.Fact}), keys: []key{headKey(account)}}
	for _, k := range w.Seats {
		r.keys = append(r.keys, seatKey(account, k))
	}
	for _, k := range w.Rows {
		r.keys = append(r.keys, rowKey(account, k.Kind, k.ID))
	}
	r.keys = distinct(r.keys)
	if err := r.read(ctx, w); err != nil || r.head == nil {
		return l, err
	}
	l.State.N = number(r.head, "n")
	if !held(w, l.State.N) {
		if err := r.state(&l.State); err != nil {
			return l, err
		}
	}
	if w.Fact != "" {
		var err error
		if l.Seen, err = r.seen(ctx, w.Fact); err != nil {
			return l, err
		}
	}
	return l, r.beside(&l, w)
}

// held tells whether nobody needs the state.
func held(w store.Want, n int64) bool { return w.Have == store.Unread || w.Have != 0 && w.Have == n }

// A reading is what one Load reads of an account.
type reading struct {
	s       *Store
	account string
	keys    []key  // the head, seats and rows
	told    key    // of the fact
	before  *shape // as this process had seen the account before it asked
	found   map[key]item
	head    item
	shape   *shape // nil: layout 0
}

// read finds all that is wanted, as it was at one instant.
func (r *reading) read(ctx context.Context, w store.Want) (err error) {
	if r.before == nil && len(w.Rows) > 0 && w.Fact == "" {
		return r.instant(ctx) // one round trip: somebody waits for a page
	}
	for try := range 3 {
		keys := slices.Clone(r.keys)
		if r.before == nil {
			keys = keys[:1] // what is beside it would have to be read again
		}
		if try == 0 && w.Fact != "" {
			keys = append(keys, r.told)
		}
		if r.before != nil && w.Have != store.Unread {
			keys = append(keys, r.apart(r.before)...)
		}
		told := r.found[r.told]
		if r.found, err = r.s.read(ctx, "Load", keys, true); err != nil {
			return err
		}
		if told != nil {
			r.found[r.told] = told
		}
		before := r.before
		if err := r.look(ctx); err != nil || r.head == nil {
			return err
		}
		if r.shape == nil {
			break // layout 0
		}
		r.before = r.shape
		if beside := len(r.keys) == 1 || before != nil && r.shape.moved <= before.n; !beside {
			continue
		}
		if whole, err := r.whole(ctx, w); whole || err != nil {
			return err
		}
	}
	return r.instant(ctx)
}

// apart are the keys of the parts that lie beside a head.
func (r *reading) apart(h *shape) (keys []key) {
	for _, p := range licence.Parts {
		if h.apart[p] > 0 {
			keys = append(keys, apartKey(r.account, p))
		}
	}
	return keys
}

// whole reads those parts that lie apart and were not asked for, and tells whether all are of the head's
// version, and no seat or row of a later one.
func (r *reading) whole(ctx context.Context, w store.Want) (bool, error) {
	if slices.ContainsFunc(r.keys, func(k key) bool { return number(r.found[k], "n") > r.shape.n }) {
		return false, nil
	}
	if held(w, r.shape.n) {
		return true, nil
	}
	if missing := slices.DeleteFunc(r.apart(r.shape), func(k key) bool { return r.found[k] != nil }); len(missing) > 0 {
		more, err := r.s.read(ctx, "Load", missing, true)
		if err != nil {
			return false, err
		}
		maps.Copy(r.found, more)
	}
	for p, n := range r.shape.apart {
		if number(r.found[apartKey(r.account, p)], "n") != n {
			return false, nil // somebody writes it just now
		}
	}
	return true, nil
}

// instant reads in a transaction what is of one instant then.
func (r *reading) instant(ctx context.Context) error {
	parts := func() (keys []key) {
		if r.shape != nil {
			return r.apart(r.shape)
		}
		for _, p := range licence.Parts {
			keys = append(keys, oldPartKey(r.account, p))
		}
		return keys
	}
	asked := slices.Clone(r.keys)
	if r.head != nil {
		asked = append(asked, parts()...)
	}
	for range tries {
		found, err := r.s.snapshot(ctx, "Load", asked)
		if err != nil {
			return err
		}
		if it := r.found[r.told]; it != nil {
			found[r.told] = it
		}
		r.found = found
		if err := r.look(ctx); err != nil || r.head == nil {
			return err
		}
		if err := r.undone(); err != nil {
			return err
		}
		more := slices.DeleteFunc(parts(), func(k key) bool { return slices.Contains(asked, k) })
		if len(more) == 0 {
			return nil
		}
		asked = append(asked, more...)
	}
	return fmt.Errorf("store: account %s lies otherwise each time it is read", r.account)
}

// undone puts people and rows in their place which, at that instant, lay in the head alone.
func (r *reading) undone() error {
	if r.head["redo"] == nil {
		return nil
	}
	left, err := decodeAs[redo](r.head, "redo")
	if err != nil {
		return err
	}
	list, err := left.items(r.account, number(r.head, "n"))
	for _, it := range list {
		r.found[keyOf(it)] = it
	}
	return err
}

// look is at the head that was found.
func (r *reading) look(ctx context.Context) (err error) {
	r.head, r.shape = r.found[headKey(r.account)], nil
	if r.head == nil || number(r.head, "layout") == 0 {
		return nil
	}
	r.shape, err = r.s.look(ctx, r.account, r.head)
	return err
}

// state decodes what is known and what was done.
func (r *reading) state(to *licence.State) error {
	history := r.head[historyIn]
	if r.shape == nil {
		history = r.head["body"]
	}
	body, err := unsqueezed(history)
	if err == nil {
		err = to.History.Decode(body)
	}
	if err != nil {
		return err
	}
	for _, p := range licence.Parts {
		v := r.head[partIn+string(p)]
		switch {
		case r.shape == nil:
			v = r.found[oldPartKey(r.account, p)]["body"]
		case r.shape.apart[p] > 0:
			v = r.found[apartKey(r.account, p)]["body"]
		}
		body, err := unsqueezed(v)
		if err != nil {
			return err
		}
		if body == nil {
			continue
		}
		if err := to.Known.Decode(p, body); err != nil {
			return err
		}
	}
	return nil
}

// seen is the hash of a fact of this account, "" where there is none, or not yet.
func (r *reading) seen(ctx context.Context, id string) (string, error) {
	if it := r.found[r.told]; it != nil && !ended(it, r.s.Now()) {
		c := claimOf(id, it)
		if c.account == r.account && c.n > 0 {
			came, _, err := r.s.came(ctx, c, r.head)
			if came || err != nil {
				return c.said, err
			}
		}
	}
	if r.shape != nil && r.shape.listed == 0 {
		return "", nil
	}
	it, err := r.s.get(ctx, "Load", oldFactKey(r.account, id))
	if err != nil || len(it) == 0 || ended(it, r.s.Now()) {
		return "", err
	}
	return text(it, "hash"), nil
}

// beside decodes seats and rows.
func (r *reading) beside(l *licence.Loaded, w store.Want) error {
	for _, k := range w.Seats {
		if it := r.found[seatKey(r.account, k)]; it != nil && !ended(it, r.s.Now()) {
			seat, err := decode[licence.Seat](it)
			if err != nil {
				return err
			}
			l.Seats[k] = seat
		}
	}
	for _, k := range w.Rows {
		if it := r.found[rowKey(r.account, k.Kind, k.ID)]; it != nil && !ended(it, r.s.Now()) {
			row, err := decodeRow(it)
			if err != nil {
				return err
			}
			l.Rows[k] = row
		}
	}
	return nil
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
func decode[T any](it item) (T, error) { return decodeAs[T](it, "body") }

func decodeAs[T any](it item, name string) (T, error) {
	var v T
	body, err := unsqueezed(it[name])
	if err != nil {
		return v, err
	}
	return v, json.Unmarshal(body, &v)
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
