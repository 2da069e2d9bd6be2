package memory

import (
	"context"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/seats"
	"seatmend/shared/store"
)

// A waiter is a change that was begun.
type waiter struct {
	c    licence.Change
	on   *store.Mark
	mark store.Mark
	over bool
	err  error
}

// Commit writes a change, and all that were begun before it.
func (s *Store) Commit(ctx context.Context, c licence.Change) error {
	return s.Begin(ctx, c, nil).Wait()
}

// Begin puts a change in the row. The first that waits for any of the row writes all of it, in order, each
// for itself: so does SQLite's store.
func (s *Store) Begin(_ context.Context, c licence.Change, on *store.Mark) store.Begun {
	c, err := store.Prepare(c)
	if err != nil {
		return store.Over(err)
	}
	w := &waiter{c: c, on: on}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = append(s.queue, w)
	return store.Begun{Mark: &w.mark, Wait: func() error { return s.wait(w) }}
}

func (s *Store) wait(w *waiter) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !w.over {
		var broken error
		if s.Breaks != nil {
			broken = s.Breaks(len(s.queue))
		}
		for _, each := range s.queue {
			if each.err, each.over = broken, true; broken == nil {
				each.err = s.write(each.c, each.on)
			}
			each.mark.Refused = each.err != nil
		}
		s.queue = nil
	}
	return w.err
}

// write makes one change whole or refuses it.
func (s *Store) write(c licence.Change, on *store.Mark) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	now := s.now()
	if err := s.refusal(c, on, now); err != nil {
		return err
	}
	a := s.account(c.Account)
	history, err := c.History.Encode()
	if err != nil {
		return err
	}
	parts := map[licence.Part][]byte{}
	for _, p := range c.Parts {
		if parts[p], err = c.Known.Encode(p); err != nil {
			return err
		}
	}
	if s.Writes != nil {
		history = s.Writes(history)
		for p, b := range parts {
			parts[p] = s.Writes(b)
		}
	}
	a.n, a.history, a.was, a.read = c.N+1, history, a.now, nil
	a.now = head{body(c.Entry), c.Entry.Place(), c.Due}
	if c.Account == store.Operations {
		a.now.place = ""
	}
	for p, b := range parts {
		a.parts[p] = b
	}
	if c.Fact != nil {
		ends := now.Add(store.FactLife)
		a.facts[c.Fact.ID] = &fact{a.n, store.FactHash(c), s.adds(body(c.Fact)), now, ends}
		if c.Fact.Sent() {
			s.told[c.Fact.ID] = told{c.Account, store.FactHash(c), ends}
		}
	}
	for _, n := range c.Claim {
		s.names[n] = c.Account
	}
	for _, n := range c.Release {
		if s.names[n] == c.Account {
			delete(s.names, n)
		}
	}
	for _, one := range c.Seats {
		s.put(a, one)
	}
	for _, id := range c.Drop {
		delete(a.effects, id)
	}
	for _, e := range c.Add {
		a.effects[e.ID] = s.adds(body(e))
	}
	for _, r := range c.Rows {
		if k := (licence.RowKey{Kind: r.Kind, ID: r.ID}); r.Gone {
			delete(a.rows, k)
		} else {
			a.rows[k] = row{s.adds(append([]byte(nil), r.Body...)), r.Ends}
		}
	}
	return nil
}

// refusal is why a change is not written, in the order of the law.
func (s *Store) refusal(c licence.Change, on *store.Mark, now time.Time) error {
	if on != nil && on.Refused || s.at(c.Account).n != c.N {
		return store.ErrConflict
	}
	if c.Fact != nil {
		if f := s.at(c.Account).facts[c.Fact.ID]; f != nil && f.ends.After(now) {
			return store.ErrSeen
		}
		if c.Fact.Sent() && !s.mayTell(c.Fact.ID, c.Account, store.FactHash(c), now) {
			return store.ErrConflictingReplay
		}
	}
	for _, n := range c.Claim {
		if other, taken := s.names[n]; taken && other != c.Account {
			return &store.NameTaken{Name: n, Account: other}
		}
	}
	return nil
}

// mayTell: an id is one fact's. Of one that waits, the very fact may come to be an account's.
func (d *data) mayTell(id, account, hash string, now time.Time) bool {
	was, ok := d.told[id]
	switch {
	case !ok || !was.ends.After(now):
		return true
	case was.account == "":
		return was.hash == hash
	}
	return was.account == account
}

func (s *Store) put(a *account, one licence.Seat) {
	if one.Gone {
		delete(a.seats, one.Key())
		return
	}
	kept := seat{holds: store.Holds(one), body: s.adds(body(one))}
	if len(kept.holds) > 0 {
		kept.rank = seats.StoredRank(one)
	}
	a.seats[one.Key()] = kept
}

func (s *Store) Resolve(_ context.Context, names ...licence.Name) (string, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, n := range names {
		if account, ok := s.names[n]; ok {
			return account, nil
		}
	}
	return "", store.ErrNoAccount
}

// Stored gives an account's history and parts as they lie there. It is for tests.
func (s *Store) Stored(account string) map[licence.Part]string {
	s.lock.Lock()
	defer s.lock.Unlock()
	out := map[licence.Part]string{"history": string(s.at(account).history)}
	for p, b := range s.at(account).parts {
		out[p] = string(b)
	}
	return out
}

// state is what is stored. It is read once, since whoever is given it leaves it as it is.
func (a *account) state() (s licence.State, err error) {
	if a.read == nil {
		for p, b := range a.parts {
			if err := s.Known.Decode(p, b); err != nil {
				return s, err
			}
		}
		if err := s.History.Decode(a.history); err != nil {
			return s, err
		}
		a.read = &s
	}
	return *a.read, nil
}

func (s *Store) Load(_ context.Context, account string, w store.Want) (licence.Loaded, error) {
	l := licence.Loaded{State: licence.State{Account: account}, Seats: licence.Items{}, Rows: map[licence.RowKey]licence.Row{}}
	if len(w.Seats)+len(w.Rows) > store.MaxSeats {
		return l, store.ErrTooLarge
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	a, now := s.at(account), s.now()
	if a.n == 0 {
		return l, nil
	}
	l.State.N = a.n
	if f := a.facts[w.Fact]; f != nil && f.ends.After(now) {
		l.Seen = f.hash
	}
	if w.Have == 0 || w.Have > 0 && w.Have != a.n {
		state, err := a.state()
		if err != nil {
			return l, err
		}
		l.State.Known, l.State.History = state.Known, state.History
	}
	for _, k := range w.Seats {
		if one, ok := a.seats[k]; ok {
			v, err := decoded[licence.Seat](one.body)
			if err != nil {
				return l, err
			}
			l.Seats[k] = v
		}
	}
	for _, k := range w.Rows {
		if r, ok := a.rows[k]; ok && r.there(now) {
			l.Rows[k] = licence.Row{Kind: k.Kind, ID: k.ID, Body: r.body, Ends: r.ends}
		}
	}
	return l, nil
}
