package dynamo

import (
	"context"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// Layout 0 had an item for each part, for each fact with an entry in the index of lists, and for each
// effect; its bodies were text. An account of it is read here until its next commit, which writes it anew;
// its facts stay where they lie until they end.

// oldShape is that of an account of layout 0, with its parts as they lie there.
func (s *Store) oldShape(ctx context.Context, account string, n int64) (*shape, error) {
	head, parts, err := s.oldParts(ctx, account)
	if err != nil {
		return nil, err
	}
	if number(head, "n") != n || number(head, "layout") != 0 {
		return nil, store.ErrConflict
	}
	h := &shape{n: n, old: map[licence.Part][]byte{}, outs: map[string]bool{}}
	for p, it := range parts {
		if h.old[p], err = unsqueezed(it["body"]); err != nil {
			return nil, err
		}
	}
	in := prefix(of(account), "out#")
	for it, err := range s.query(ctx, "Load", in) {
		if err != nil {
			return nil, err
		}
		e, err := decode[licence.Effect](it)
		if err != nil {
			return nil, err
		}
		h.outs[e.ID] = true
	}
	return h, nil
}

// oldParts reads a head and its parts at one instant.
func (s *Store) oldParts(ctx context.Context, account string) (head item, parts map[licence.Part]item, err error) {
	keys := []key{headKey(account)}
	for _, p := range licence.Parts {
		keys = append(keys, oldPartKey(account, p))
	}
	found, err := s.snapshot(ctx, "Load", keys)
	if err != nil {
		return nil, nil, err
	}
	parts = map[licence.Part]item{}
	for _, p := range licence.Parts {
		if it := found[oldPartKey(account, p)]; it != nil {
			parts[p] = it
		}
	}
	return found[keys[0]], parts, nil
}

// oldFacts are the account's facts of layout 0, which an index lists.
func (s *Store) oldFacts(ctx context.Context, account string, p store.Page) ([]store.StoredFact, store.Page, error) {
	return listed(ctx, s, "Facts", join("facts", account), p, storedFact)
}
