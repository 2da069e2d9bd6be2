package memory

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

func (s *Store) Outbox(_ context.Context, account string) ([]licence.Effect, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	var out []licence.Effect
	effects := s.at(account).effects
	for _, id := range slices.Sorted(maps.Keys(effects)) {
		e, err := decoded[licence.Effect](effects[id])
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// shown is what an index shows of each account that was ever written, by its name.
func (s *Store) shown(index string) map[string]head {
	lags := s.Lags != nil && s.Lags(index)
	s.lock.Lock()
	defer s.lock.Unlock()
	out := map[string]head{}
	for name, a := range s.accounts {
		if h := a.now; a.n > 0 {
			if lags {
				h = a.was
			}
			out[name] = h
		}
	}
	return out
}

func (s *Store) Due(_ context.Context, by time.Time) iter.Seq2[string, error] {
	type due struct {
		at      time.Time
		account string
	}
	var all []due
	for name, h := range s.shown("due") {
		if !h.due.IsZero() && !h.due.After(by) {
			all = append(all, due{h.due, name})
		}
	}
	slices.SortFunc(all, func(a, b due) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.account, b.account)) })
	return func(yield func(string, error) bool) {
		for _, d := range all {
			if !yield(d.account, nil) {
				return
			}
		}
	}
}

// NextDue is the earliest instant at which some account is due; zero: none ever is.
func (s *Store) NextDue(context.Context) (at time.Time, err error) {
	for _, h := range s.shown("now") {
		if !h.due.IsZero() && (at.IsZero() || h.due.Before(at)) {
			at = h.due
		}
	}
	return at, nil
}

// list cuts a page of what is sorted, after the cursor's key.
func list[T any](p store.Page, all []T, after []string, key func(T) []string, order func(a, b []string) int) ([]T, store.Page, error) {
	type keyed struct {
		key []string
		v   T
	}
	sorted := make([]keyed, 0, len(all))
	for _, v := range all {
		if k := key(v); after == nil || order(k, after) > 0 {
			sorted = append(sorted, keyed{k, v})
		}
	}
	slices.SortFunc(sorted, func(a, b keyed) int { return order(a.key, b.key) })
	all = all[:0]
	for _, one := range sorted {
		all = append(all, one.v)
	}
	all, next := store.Cut(p, all[:min(len(all), p.Size()+1)], key)
	return all, next, nil
}

func backwards(a, b []string) int { return slices.Compare(b, a) }

func (s *Store) Rows(_ context.Context, account, kind string, p store.Page) ([]licence.Row, store.Page, error) {
	after, err := p.After(1)
	if err != nil {
		return nil, store.Page{}, err
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	var all []licence.Row
	for k, r := range s.at(account).rows {
		if k.Kind == kind && r.there(s.now()) {
			all = append(all, licence.Row{Kind: k.Kind, ID: k.ID, Body: r.body, Ends: r.ends})
		}
	}
	return list(p, all, after, func(r licence.Row) []string { return []string{r.ID} }, backwards)
}

func (s *Store) Row(_ context.Context, account, kind, id string) (licence.Row, bool, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	r, ok := s.at(account).rows[licence.RowKey{Kind: kind, ID: id}]
	if !ok || !r.there(s.now()) {
		return licence.Row{}, false, nil
	}
	return licence.Row{Kind: kind, ID: id, Body: r.body, Ends: r.ends}, true, nil
}

// sized cuts a page by its bytes as well.
func sized[T any](p store.Page, all []T, size func(T) int, key func(T) []string) ([]T, store.Page) {
	all = all[:min(len(all), p.Size()+1)]
	room, most := p.Room(), 0
	for i, v := range all {
		if !room.Takes(size(v)) {
			all = all[:i+1]
			break
		}
		most++
	}
	return store.CutAt(p, all, most, key)
}

// A storedFact is one with its place in a list.
type storedFact struct {
	*fact
	key []string
}

func facts(p store.Page, all []storedFact) ([]store.StoredFact, store.Page, error) {
	cut, next := sized(p, all, func(f storedFact) int { return len(f.body) }, func(f storedFact) []string { return f.key })
	out, err := read(cut)
	return out, next, err
}

func read(all []storedFact) (out []store.StoredFact, err error) {
	for _, f := range all {
		body, err := decoded[licence.Fact](f.body)
		if err != nil {
			return nil, err
		}
		out = append(out, store.StoredFact{Fact: body, Hash: f.hash, N: f.n, At: f.at})
	}
	return out, nil
}

func (s *Store) Facts(_ context.Context, account string, p store.Page) ([]store.StoredFact, store.Page, error) {
	after, err := p.After(1)
	if err != nil {
		return nil, store.Page{}, err
	}
	before := int64(1) << 62
	if after != nil {
		if before, err = strconv.ParseInt(after[0], 10, 64); err != nil {
			return nil, store.Page{}, store.ErrCursor
		}
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	var all []storedFact
	for _, f := range s.at(account).facts {
		if f.ends.After(s.now()) && f.n < before {
			all = append(all, storedFact{f, []string{strconv.FormatInt(f.n, 10)}})
		}
	}
	slices.SortFunc(all, func(a, b storedFact) int { return cmp.Compare(b.n, a.n) })
	return facts(p, all)
}

func (s *Store) Accounts(_ context.Context, p store.Page) ([]licence.Entry, store.Page, error) {
	after, err := p.After(1)
	if err != nil {
		return nil, store.Page{}, err
	}
	shown := s.shown("accounts")
	delete(shown, store.Operations)
	all, err := entries(shown)
	if err != nil {
		return nil, store.Page{}, err
	}
	all, next, err := list(p, all, after, func(e licence.Entry) []string { return []string{e.Account} }, slices.Compare)
	return store.Listed(all), next, err
}

// entries are those of heads that were ever shown.
func entries(heads map[string]head) (all []licence.Entry, err error) {
	for _, h := range heads {
		if h.entry == nil {
			continue
		}
		e, err := decoded[licence.Entry](h.entry)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

func (s *Store) Cases(_ context.Context, p store.Page) ([]licence.Entry, store.Page, error) {
	after, err := p.After(1)
	if err != nil {
		return nil, store.Page{}, err
	}
	shown := s.shown("cases")
	maps.DeleteFunc(shown, func(_ string, h head) bool { return h.place == "" })
	all, err := entries(shown)
	if err != nil {
		return nil, store.Page{}, err
	}
	return list(p, all, after, func(e licence.Entry) []string { return []string{e.Place()} }, slices.Compare)
}

type hit struct {
	term string
	licence.Entry
}

func (s *Store) Find(_ context.Context, words []string, p store.Page) ([]licence.Entry, store.Page, error) {
	after, err := p.After(2)
	if err != nil || len(words) == 0 {
		return nil, store.Page{}, err
	}
	words = store.Longest(words)
	var hits []hit
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, a := range s.accounts {
		first := ""
		for i, w := range words {
			found := ""
			for _, term := range a.terms {
				if store.Matches(term, w) && (found == "" || term < found) {
					found = term
				}
			}
			if found == "" {
				first = ""
				break
			}
			if i == 0 {
				first = found
			}
		}
		if first != "" && a.n > 0 {
			e, err := decoded[licence.Entry](a.now.entry)
			if err != nil {
				return nil, store.Page{}, err
			}
			hits = append(hits, hit{first, e})
		}
	}
	hits, next, err := list(p, hits, after, func(h hit) []string { return []string{h.term, h.Account} }, slices.Compare)
	var all []licence.Entry
	for _, h := range hits {
		all = append(all, h.Entry)
	}
	return all, next, err
}

func (s *Store) Index(_ context.Context, account string, terms []string) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.account(account).terms = slices.Clone(terms)
	return nil
}

func (s *Store) Counter(_ context.Context, key, hour string, add, limit int) (bool, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	k := [2]string{key, hour}
	if add > limit || s.counters[k]+add > limit {
		return false, nil
	}
	s.counters[k] += add
	return true, nil
}

func (s *Store) AllRows(_ context.Context, account string) iter.Seq2[licence.Row, error] {
	s.lock.Lock()
	defer s.lock.Unlock()
	var all []licence.Row
	for k, r := range s.at(account).rows {
		all = append(all, licence.Row{Kind: k.Kind, ID: k.ID, Body: r.body, Ends: r.ends})
	}
	slices.SortFunc(all, func(a, b licence.Row) int {
		return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.ID, b.ID))
	})
	return func(yield func(licence.Row, error) bool) {
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func (s *Store) Amend(_ context.Context, account string, f licence.Fact) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	if was := s.at(account).facts[f.ID]; was != nil {
		was.body = body(f)
	}
	return nil
}

// Sweep has nothing to do: what was deleted is nowhere.
func (s *Store) Sweep(context.Context, string) error { return nil }
