package memory

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// A person is one of a roster, as they are kept.
type person struct {
	user string
	seat
}

// people are those of a roster that are chosen, by their ids.
func (s *Store) people(account, custID, roster string, chosen func(person) bool) (all []person) {
	s.lock.Lock()
	defer s.lock.Unlock()
	for k, one := range s.at(account).seats {
		if p := (person{k.User, one}); k.CustID == custID && k.Roster == roster && chosen(p) {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b person) int { return cmp.Compare(a.user, b.user) })
	return all
}

// readSeats decodes people.
func readSeats(all []person) ([]licence.Seat, error) {
	var out []licence.Seat
	for _, one := range all {
		v, err := decoded[licence.Seat](one.body)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (s *Store) Seats(_ context.Context, account, custID, roster string, p store.Page) ([]licence.Seat, store.Page, error) {
	after, err := within(p, custID, roster, 3)
	if err != nil {
		return nil, store.Page{}, err
	}
	all := s.people(account, custID, roster, func(person) bool { return true })
	all, next, err := list(p, all, after, func(one person) []string { return []string{custID, roster, one.user} }, slices.Compare)
	if err != nil {
		return nil, store.Page{}, err
	}
	out, err := readSeats(all)
	return out, next, err
}

func (s *Store) Between(_ context.Context, account, custID, roster string, span licence.Span) ([]licence.Seat, error) {
	return readSeats(s.people(account, custID, roster, func(one person) bool { return one.user >= span.From && (span.To == "" || one.user < span.To) }))
}

func (s *Store) Candidates(_ context.Context, account, custID, roster, plan string, p store.Page) ([]licence.Seat, store.Page, error) {
	after, err := within(p, custID, roster, 4)
	if err != nil {
		return nil, store.Page{}, err
	}
	all := s.people(account, custID, roster, func(one person) bool { return one.rank != "" && (plan == "" || slices.Contains(one.holds, plan)) })
	all, next, err := list(p, all, after, func(one person) []string { return []string{custID, roster, one.rank, one.user} }, slices.Compare)
	if err != nil {
		return nil, store.Page{}, err
	}
	out, err := readSeats(all)
	return out, next, err
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

func (s *Store) Rosters(_ context.Context, account string) (all []licence.Key, err error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	seen := map[licence.Key]bool{}
	for k := range s.at(account).seats {
		if k.User = ""; !seen[k] {
			seen[k] = true
			all = append(all, k)
		}
	}
	slices.SortFunc(all, func(a, b licence.Key) int {
		return cmp.Or(cmp.Compare(a.CustID, b.CustID), cmp.Compare(a.Roster, b.Roster))
	})
	return all, nil
}

func (s *Store) PruneRoster(_ context.Context, account, custID, roster string) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	maps.DeleteFunc(s.at(account).seats, func(k licence.Key, _ seat) bool { return k.CustID == custID && k.Roster == roster })
	return nil
}
