package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"seatmend/shared/casework"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// ErasePerson takes one person out of an account: a contact, or a user of its installations, by id.
// Wherever the person was named, a word stands instead that says nothing. What a directory or SuperOffice
// tells of the person afterwards is news, and stored again. It returns that word. Broken off, it is begun
// again: what tells by which names the person was called is rewritten last.
func (e *Engine) ErasePerson(ctx context.Context, account, id string) (string, error) {
	db, err := store.Erasing(e.Store)
	if err != nil {
		return "", err
	}
	p, s, err := e.person(ctx, account, id)
	if errors.Is(err, ErrNotThere) && s.N > 0 {
		return "", errors.Join(err, db.Sweep(ctx, account)) // it may have been broken off just before that
	}
	if err != nil {
		return "", err
	}
	p.As = "erased-" + strings.ToLower(e.Unique()[:8])
	names, err := e.allNames(ctx, s)
	if err != nil {
		return "", err
	}
	rows := func() error {
		return e.eraseRows(ctx, db, account, func(r licence.Row) (licence.Row, error) { return personRow(r, p) })
	}
	waiting := func() error {
		return e.withoutWaiting(ctx, account, names, func(body []byte) (bool, error) {
			_, about, err := p.Out(body)
			return about, err
		})
	}
	facts := func(rank int) func() error {
		return func() error {
			return e.amend(ctx, db, account, func(f licence.Fact) (licence.Fact, bool, error) { return personFact(f, p, rank) })
		}
	}
	// Nothing but the account, and the seats, may tell the names of who was told of long ago: what only bears
	// them goes before these, and once more after, for what came in between.
	for _, step := range []func() error{
		rows, waiting, facts(0),
		func() error { return e.without(ctx, account, p) },
		func() error { return e.unseat(ctx, account, p) },
		rows,
		func() error { return e.reindex(ctx, account) },
		waiting, facts(0), facts(1), facts(2),
		func() error { return db.Sweep(ctx, account) },
	} {
		if err := step(); err != nil {
			return "", err
		}
	}
	return p.As, nil
}

// reindex has an account found by what it says now.
func (e *Engine) reindex(ctx context.Context, account string) error {
	l, err := e.Store.Load(ctx, account, store.Want{})
	if err == nil {
		_, _, err = e.Index(ctx, l.State, licence.Effect{})
	}
	return err
}

// person is who has the id in an account, with all that the person was called by there.
func (e *Engine) person(ctx context.Context, account, id string) (*licence.Person, licence.State, error) {
	l, err := e.Store.Load(ctx, account, store.Want{})
	if err == nil && (l.State.N == 0 || account == store.Operations) {
		err = ErrNotThere
	}
	if err != nil {
		return nil, l.State, err
	}
	s, p := l.State, &licence.Person{Contacts: []string{id}}
	learn := func() error {
		body, err := s.Known.Encode("profile")
		if err == nil {
			err = p.Learn(body)
		}
		if err == nil {
			err = e.eachFact(ctx, account, func(f store.StoredFact) error {
				body, err := json.Marshal(f.Fact)
				if err == nil {
					err = p.Learn(body)
				}
				return err
			})
		}
		return err
	}
	if err := learn(); err != nil {
		return nil, s, err
	}
	if len(p.Emails) == 0 {
		p = &licence.Person{Users: []string{id}}
	}
	for cust, in := range s.Known.Licences.By {
		for _, user := range p.Users {
			l, err := e.Store.Load(ctx, account, store.Want{Have: store.Unread, Seats: []licence.Key{{CustID: cust, Roster: in.Roster.ID, User: user}}})
			if err != nil {
				return nil, s, err
			}
			for _, seat := range l.Seats {
				body, err := json.Marshal(seat)
				if err == nil {
					err = p.Learn(body)
				}
				if err != nil {
					return nil, s, err
				}
			}
		}
	}
	if err := learn(); err != nil { // by what the installations call the person, too
		return nil, s, err
	}
	if len(p.Names)+len(p.Emails) == 0 {
		return nil, s, fmt.Errorf("%w: %s has no contact and no user %s", ErrNotThere, account, id)
	}
	return p, s, nil
}

// eachFact reads all facts of an account.
func (e *Engine) eachFact(ctx context.Context, account string, do func(store.StoredFact) error) error {
	for page := (store.Page{Limit: 200, Bytes: 4 << 20}); ; {
		facts, next, err := e.Store.Facts(ctx, account, page)
		if err != nil {
			return err
		}
		for _, f := range facts {
			if err := do(f); err != nil {
				return err
			}
		}
		if page = next; next.Cursor == "" {
			return nil
		}
	}
}

// without takes the person out of the state of the account, and out of what it owes.
func (e *Engine) without(ctx context.Context, account string, p *licence.Person) error {
	for left := true; left; {
		var fault error
		err := e.Change(ctx, account, func(s licence.State) (c licence.Change, ok bool) {
			var parts []licence.Part
			if parts, fault = stateWithout(&s, p); fault != nil {
				return c, false
			}
			var owed []licence.Effect
			if owed, fault = e.Store.Outbox(ctx, account); fault != nil {
				return c, false
			}
			owed = slices.DeleteFunc(owed, func(f licence.Effect) bool {
				return !slices.Contains(p.Contacts, f.Contact) && !slices.ContainsFunc(p.Emails, func(m string) bool { return strings.EqualFold(m, f.Address) })
			})
			c = casework.Tick(s, e.Now())
			c.Parts = parts
			left = len(owed) > some
			for _, f := range owed[:min(len(owed), some)] {
				c.Drop = append(c.Drop, f.ID)
				delete(c.History.Pending, f.ID)
			}
			return c, true
		})
		if err = errors.Join(fault, err); err != nil {
			return err
		}
	}
	return nil
}

// stateWithout is the state of an account without the person, and which parts are others by that.
func stateWithout(s *licence.State, p *licence.Person) (parts []licence.Part, err error) {
	known := licence.Known{}
	for _, part := range licence.Parts {
		body, err := s.Known.Encode(part)
		if err != nil {
			return nil, err
		}
		out, another, err := p.Out(body)
		if err != nil {
			return nil, err
		}
		if another {
			parts = append(parts, part)
		}
		if err := known.Decode(part, out); err != nil {
			return nil, err
		}
	}
	a := &known.Profile.Account.Value
	a.Contacts = slices.DeleteFunc(a.Contacts, func(c licence.Contact) bool { return c.ID == p.As })
	for _, in := range known.Licences.By {
		in.Roster.Hash = "" // its people are not as they were listed
	}
	if slices.Contains(parts, "licences") || len(p.Users) > 0 {
		parts = append(slices.DeleteFunc(parts, func(x licence.Part) bool { return x == "licences" }), "licences")
	}
	s.Known = known
	body, err := s.History.Encode()
	if err == nil {
		body, _, err = p.Out(body)
	}
	if err != nil {
		return nil, err
	}
	var h licence.History
	if err := h.Decode(body); err != nil {
		return nil, err
	}
	maps.DeleteFunc(h.Episodes, func(address string, _ *licence.Episode) bool { return address == p.As })
	maps.DeleteFunc(h.Unsent, func(address string, _ licence.Unsent) bool { return address == p.As })
	s.History = h
	return parts, nil
}

// unseat renames the person in the rosters: that somebody holds a seat stays so until the next list. A
// contact's user ids are known by the account, which is without them now, and by p.
func (e *Engine) unseat(ctx context.Context, account string, p *licence.Person) error {
	l, err := e.Store.Load(ctx, account, store.Want{})
	if err != nil {
		return err
	}
	for cust := range l.State.Known.Licences.By {
		for _, user := range p.Users {
			err := e.write(ctx, account, func(commit committer) error { return e.unseatOne(ctx, account, cust, user, p, commit) })
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// unseatOne renames the person in an installation's present roster, on the very state by which it is that, and marks it,
// so that a list which lost a race to it reads who is there again.
func (e *Engine) unseatOne(ctx context.Context, account, cust, user string, p *licence.Person, commit committer) error {
	now, err := e.Store.Load(ctx, account, store.Want{})
	if err != nil {
		return err
	}
	s := now.State
	key := licence.Key{CustID: cust, Roster: s.Known.Inst(cust).Roster.ID, User: user}
	l, err := e.Store.Load(ctx, account, store.Want{Have: s.N, Seats: []licence.Key{key}})
	if err == nil && l.State.N != s.N {
		err = errAgain
	}
	seat, ok := l.Seats[key]
	if err != nil || !ok {
		return err
	}
	gone, u := seat, &seat.User.Value
	gone.Gone = true
	u.ID, u.Name, u.Email, u.Group = p.As, p.As, "", ""
	s.Known = s.Known.Clone()
	s.Known.Inst(cust).Roster.Mark("", s.N+1)
	c := casework.Tick(s, e.Now())
	c.Seats, c.Parts = append(c.Seats, gone, seat), append(c.Parts, "licences")
	return commit(ctx, s, c)
}

// personRow is a row without the person. A mail to the person keeps that it went, and when; a link of
// the person's opens nothing any more.
func personRow(r licence.Row, p *licence.Person) (licence.Row, error) {
	var whose struct {
		To, Email, Contact string
	}
	json.Unmarshal(r.Body, &whose) // of rows of other shapes nothing is read
	theirs := slices.Contains(p.Contacts, whose.Contact) || slices.ContainsFunc(p.Emails, func(m string) bool {
		return strings.EqualFold(m, whose.To) || strings.EqualFold(m, whose.Email)
	})
	switch {
	case theirs && r.Kind == "mail":
		return bareRow(r)
	case theirs, r.Kind == digestKind && len(p.Users) > 0:
		return licence.Row{Kind: r.Kind, ID: r.ID, Gone: true}, nil
	}
	body, _, err := p.Out(r.Body)
	return licence.Row{Kind: r.Kind, ID: r.ID, Body: body, Ends: r.Ends}, err
}

// personFact is a fact without the person; false: it is not its turn yet. Of rank 0 are facts by which the
// person is not known, of 1 those about a user, and of 2 those about a contact, who may be that user.
func personFact(f licence.Fact, p *licence.Person, rank int) (out licence.Fact, now bool, err error) {
	body, err := json.Marshal(f)
	if err != nil {
		return out, false, err
	}
	for n, by := range []licence.Person{{Contacts: p.Contacts, Users: p.Users}, {Contacts: p.Contacts}} {
		if err = by.Learn(body); err != nil || rank == n && len(by.Names)+len(by.Emails) > 0 {
			return f, false, err
		}
	}
	if body, _, err = p.Out(body); err == nil {
		err = json.Unmarshal(body, &out)
	}
	out.ID = f.ID // by which it is found
	return out, true, err
}
