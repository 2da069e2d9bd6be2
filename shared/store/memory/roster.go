package memory

import (
	"context"
	"iter"
	"maps"
	"slices"

	"seatmend/shared/licence"
	"seatmend/shared/seats"
	"seatmend/shared/store"
)

// people are those of a roster that are chosen, in any order.
func (s *Store) people(account, custID, roster string, chosen func(user string, one seat) bool) (all []licence.Seat, err error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	for k, one := range s.at(account).seats {
		if k.CustID == custID && k.Roster == roster && chosen(k.User, one) {
			v, err := decoded[licence.Seat](one.body)
			if err != nil {
				return nil, err
			}
			all = append(all, v)
		}
	}
	slices.SortFunc(all, func(a, b licence.Seat) int { return slices.Compare([]string{a.Key().User}, []string{b.Key().User}) })
	return all, nil
}

func (s *Store) Seats(_ context.Context, account, custID, roster string, p store.Page) ([]licence.Seat, store.Page, error) {
	after, err := within(p, custID, roster, 3)
	if err != nil {
		return nil, store.Page{}, err
	}
	all, err := s.people(account, custID, roster, func(string, seat) bool { return true })
	if err != nil {
		return nil, store.Page{}, err
	}
	return list(p, all, after, func(s licence.Seat) []string { return []string{custID, roster, s.Key().User} }, slices.Compare)
}

func (s *Store) Between(_ context.Context, account, custID, roster string, span licence.Span) ([]licence.Seat, error) {
	return s.people(account, custID, roster, func(user string, _ seat) bool { return user >= span.From && (span.To == "" || user < span.To) })
}

func (s *Store) Candidates(_ context.Context, account, custID, roster, plan string, p store.Page) ([]licence.Seat, store.Page, error) {
	after, err := within(p, custID, roster, 4)
	if err != nil {
		return nil, store.Page{}, err
	}
	all, err := s.people(account, custID, roster, func(_ string, one seat) bool { return one.rank != "" })
	if err != nil {
		return nil, store.Page{}, err
	}
	all = slices.DeleteFunc(all, func(s licence.Seat) bool { return plan != "" && !slices.Contains(store.Holds(s), plan) })
	return list(p, all, after, func(s licence.Seat) []string { return []string{custID, roster, seats.StoredRank(s), s.Key().User} }, slices.Compare)
}

// within opens a cursor of one roster's list, which is none of another's.
func within(p store.Page, custID, roster string, parts int) ([]string, error) {
	after, err := p.After(parts)
	if err == nil && after != nil && (after[0] != custID || after[1] != roster) {
		err = store.ErrCursor
	}
	return after, err
}

func (s *Store) StageRoster(_ context.Context, account, custID, roster string, rows iter.Seq[licence.Seat]) error {
	all := slices.Collect(rows)
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, one := range all {
		one.CustID, one.Roster = custID, roster
		s.put(s.account(account), one)
	}
	return nil
}

func (s *Store) PruneRoster(_ context.Context, account, custID, roster string) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	maps.DeleteFunc(s.at(account).seats, func(k licence.Key, _ seat) bool { return k.CustID == custID && k.Roster == roster })
	return nil
}
