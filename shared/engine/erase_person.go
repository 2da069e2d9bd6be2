package engine

import (
	"context"
	"encoding/json"
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
// tells of the person afterwards is news, and stored again. It returns that word.
func (e *Engine) ErasePerson(ctx context.Context, account, id string) (string, error) {
	db, err := store.Erasing(e.Store)
	if err != nil {
		return "", err
	}
	p, s, err := e.person(ctx, account, id)
	if err != nil {
		return "", err
	}
	p.As = "erased-" + strings.ToLower(e.Unique()[:8])
	if err := e.without(ctx, account, p); err != nil {
		return "", err
	}
	for cust, in := range s.Known.Licences.By {
		if err := e.unseat(ctx, account, cust, in.Roster.ID, p); err != nil {
			return "", err
		}
	}
	err = e.eraseRows(ctx, db, account, func(r licence.Row) (licence.Row, error) { return personRow(r, p) })
	if err == nil {
		err = e.amend(ctx, db, account, func(f licence.Fact) (licence.Fact, error) { return personFact(f, p) })
	}
	if err == nil {
		var l licence.Loaded
		if l, err = e.Store.Load(ctx, account, store.Want{}); err == nil {
			_, _, err = e.Index(ctx, l.State, licence.Effect{})
		}
	}
	if err == nil {
		err = e.withoutWaiting(ctx, account, append(s.Known.Names(), licence.Name{Sender: "account", ID: account}), func(body []byte) (bool, error) {
			_, about, err := p.Out(body)
			return about, err
		})
	}
	if err == nil {
		err = db.Sweep(ctx)
	}
	return p.As, err
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
	owed, err := e.Store.Outbox(ctx, account)
	if err != nil {
		return err
	}
	var fault error
	err = e.change(ctx, account, func(s licence.State) (c licence.Change, ok bool) {
		was, err := stateWithout(&s, p)
		if fault = err; err != nil {
			return c, false
		}
		c, _ = casework.Tick(s, e.Now())
		c.Parts = was
		for _, f := range owed {
			if slices.Contains(p.Contacts, f.Contact) || slices.ContainsFunc(p.Emails, func(m string) bool { return strings.EqualFold(m, f.Address) }) {
				c.Drop = append(c.Drop, f.ID)
				delete(c.History.Pending, f.ID)
			}
		}
		return c, true
	})
	if fault != nil {
		return fault
	}
	return err
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

// unseat renames the person in a roster: that somebody holds a seat stays so until the next list.
func (e *Engine) unseat(ctx context.Context, account, cust, roster string, p *licence.Person) error {
	for _, user := range p.Users {
		key := licence.Key{CustID: cust, Roster: roster, User: user}
		l, err := e.Store.Load(ctx, account, store.Want{Have: store.Unread, Seats: []licence.Key{key}})
		if err != nil {
			return err
		}
		seat, ok := l.Seats[key]
		if !ok {
			continue
		}
		gone, u := seat, &seat.User.Value
		gone.Gone = true
		u.ID, u.Name, u.Email, u.Group = p.As, p.As, "", ""
		err = e.change(ctx, account, func(s licence.State) (licence.Change, bool) {
			c, _ := casework.Tick(s, e.Now())
			c.Seats = append(c.Seats, gone, seat)
			return c, true
		})
		if err != nil {
			return err
		}
	}
	return nil
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

func personFact(f licence.Fact, p *licence.Person) (out licence.Fact, err error) {
	body, err := json.Marshal(f)
	if err == nil {
		body, _, err = p.Out(body)
	}
	if err == nil {
		err = json.Unmarshal(body, &out)
	}
	out.ID = f.ID // by which it is found
	return out, err
}
