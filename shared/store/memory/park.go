package memory

import (
	"context"
	"fmt"
	"slices"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

func (s *Store) KeepUnmatched(_ context.Context, f licence.Fact, hash string) error {
	if len(f.To) == 0 {
		return fmt.Errorf("store: fact %s is about nobody", f.ID)
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	now := s.now()
	for _, n := range f.To {
		if _, leads := s.names[n]; leads {
			return store.ErrKnown
		}
	}
	key := parkedKey{f.To[len(f.To)-1], f.ID}
	if was := s.parked[key]; was != nil && was.ends.After(now) {
		if was.hash == hash {
			return store.ErrSeen
		}
		return store.ErrConflictingReplay
	}
	b, count, bytes := body(f), 0, 0
	for k, p := range s.parked {
		if k.Name == key.Name && p.ends.After(now) {
			count, bytes = count+1, bytes+len(p.body)
		}
	}
	if full(count, bytes, b) {
		return store.ErrFull
	}
	if f.Sent() {
		if was := s.told[f.ID]; was.ends.After(now) && !(was.account == "" && was.hash == hash) {
			if was.hash == hash {
				return store.ErrSeen // it is an account's, which has another name by now
			}
			return store.ErrConflictingReplay
		}
		s.told[f.ID] = told{"", hash, now.Add(store.FactLife)}
	}
	s.parked[key] = &fact{0, hash, b, now, now.Add(store.FactLife)}
	return nil
}

func full(count, bytes int, b []byte) bool {
	return count >= store.MostWaiting || bytes+len(b) > store.MostWaitingBytes
}

// waiting are the parked facts that are chosen.
func (s *Store) waiting(chosen func(parkedKey) bool) (all []storedFact) {
	s.lock.Lock()
	defer s.lock.Unlock()
	for k, f := range s.parked {
		if f.ends.After(s.now()) && chosen(k) {
			all = append(all, storedFact{f, []string{stampOf(f.at), k.Sender, k.ID, k.fact}})
		}
	}
	return all
}

// stampLayout is an instant as it sorts.
const stampLayout = "2006-01-02T15:04:05.000000000Z"

func (s *Store) Unmatched(_ context.Context, p store.Page) ([]store.StoredFact, store.Page, error) {
	after, err := p.After(4)
	if err != nil {
		return nil, store.Page{}, err
	}
	all := s.waiting(func(parkedKey) bool { return true })
	slices.SortFunc(all, func(a, b storedFact) int { return backwards(a.key, b.key) })
	all = slices.DeleteFunc(all, func(f storedFact) bool { return after != nil && backwards(f.key, after) <= 0 })
	return facts(p, all)
}

func (s *Store) UnmatchedFor(_ context.Context, name licence.Name, limit int) ([]store.StoredFact, error) {
	all := s.waiting(func(k parkedKey) bool { return k.Name == name })
	slices.SortFunc(all, func(a, b storedFact) int { return slices.Compare(a.key[3:], b.key[3:]) })
	return read(all[:min(len(all), limit)])
}

func (s *Store) DropUnmatched(_ context.Context, f licence.Fact) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	if len(f.To) > 0 {
		delete(s.parked, parkedKey{f.To[len(f.To)-1], f.ID})
	}
	return nil
}

func (s *Store) Reject(_ context.Context, a store.Rejected) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	now, b, pile := s.now(), body(a), [2]string{a.Sender, a.Account}
	if was, there := s.asides[a.ID]; there && was.ends.After(now) {
		return nil
	}
	count, bytes := 0, 0
	for _, x := range s.asides {
		if x.pile == pile && x.ends.After(now) {
			count, bytes = count+1, bytes+len(x.body)
		}
	}
	if full(count, bytes, b) {
		return store.ErrFull
	}
	s.asides[a.ID] = aside{b, pile, a.At, now.Add(store.FactLife)}
	return nil
}

func (s *Store) Rejection(_ context.Context, id string) (store.Rejected, bool, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	x, ok := s.asides[id]
	if !ok || !x.ends.After(s.now()) {
		return store.Rejected{}, false, nil
	}
	a, err := decoded[store.Rejected](x.body)
	return a, err == nil, err
}

func (s *Store) Rejections(_ context.Context, p store.Page) ([]store.Rejected, store.Page, error) {
	after, err := p.After(2)
	if err != nil {
		return nil, store.Page{}, err
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	type one struct {
		aside
		key []string
	}
	var all []one
	for id, x := range s.asides {
		key := []string{stampOf(x.at), id}
		if !x.ends.After(s.now()) || after != nil && backwards(key, after) <= 0 {
			continue
		}
		all = append(all, one{x, key})
	}
	slices.SortFunc(all, func(a, b one) int { return backwards(a.key, b.key) })
	cut, next := sized(p, all, func(a one) int { return len(a.body) }, func(a one) []string { return a.key })
	var out []store.Rejected
	for _, x := range cut {
		a, err := decoded[store.Rejected](x.body)
		if err != nil {
			return nil, store.Page{}, err
		}
		out = append(out, a)
	}
	return out, next, nil
}

func stampOf(t time.Time) string { return t.UTC().Format(stampLayout) }

func (s *Store) DropRejection(_ context.Context, id string) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	delete(s.asides, id)
	return nil
}

// OwnerOf tells whose a fact is that a sender gave an id, and whether it is parked; "": no account's. It is for tests.
func (s *Store) OwnerOf(id string) (account string, parked, ok bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	for k, f := range s.parked {
		parked = parked || k.fact == id && f.ends.After(s.now())
	}
	t, ok := s.told[id]
	return t.account, parked, ok && t.ends.After(s.now())
}
