package engine

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// An Exported is all that is stored about a customer, or about one person of it.
type Exported struct {
	Account  string                     `json:"account"`
	At       time.Time                  `json:"exported_at"`
	Person   string                     `json:"person,omitempty"`  // the id that was asked for
	Contacts []licence.Contact          `json:"contacts"`          // as the directory has them now
	Known    map[string]json.RawMessage `json:"known,omitempty"`   // all that was told, as it is stored; of a person it is left out
	History  json.RawMessage            `json:"history,omitempty"` // what was done, likewise
	Facts    []json.RawMessage          `json:"facts"`             // the latest first
	Rows     []exportedRow              `json:"rows"`              // mails, links, deeds, choices
	Seats    []licence.Seat             `json:"seats"`
	Owed     []licence.Effect           `json:"owed"`   // what is yet to be done outside
	Parked   []licence.Fact             `json:"parked"` // what came before the account was known
	Aside    []store.Rejected           `json:"aside"`  // bodies that could not be used; of a person they are left out
}

type exportedRow struct {
	Kind string          `json:"kind"`
	ID   string          `json:"id"`
	Body json.RawMessage `json:"body"`
}

// Export writes as one JSON object what is stored about an account; with an id, what of it is about that
// person: a contact, or a user of its installations.
func (e *Engine) Export(ctx context.Context, account, id string, to io.Writer) error {
	db, err := store.Erasing(e.Store)
	if err != nil {
		return err
	}
	l, err := e.Store.Load(ctx, account, store.Want{})
	if err == nil && l.State.N == 0 {
		err = ErrNotThere
	}
	if err != nil {
		return err
	}
	var p *licence.Person
	if id != "" {
		if p, _, err = e.person(ctx, account, id); err != nil {
			return err
		}
	}
	x := Exported{Account: account, At: e.Now().UTC(), Person: id, Contacts: l.State.Known.Profile.Account.Value.Contacts}
	if p == nil {
		err = x.state(l.State)
	} else {
		x.Contacts = slices.DeleteFunc(slices.Clone(x.Contacts), func(c licence.Contact) bool {
			return !slices.Contains(p.Contacts, c.ID) && !slices.Contains(p.Users, c.User)
		})
	}
	for _, part := range []func(context.Context, *exporting) error{e.exportFacts, e.exportRows, e.exportSeats, e.exportWaiting} {
		if err == nil {
			err = part(ctx, &exporting{&x, l.State, p, db})
		}
	}
	if err != nil {
		return err
	}
	enc := json.NewEncoder(to)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(x)
}

func (x *Exported) state(s licence.State) (err error) {
	x.Known = map[string]json.RawMessage{}
	for _, part := range licence.Parts {
		if x.Known[string(part)], err = s.Known.Encode(part); err != nil {
			return err
		}
	}
	x.History, err = s.History.Encode()
	return err
}

// An exporting is an export on its way; person is nil where it is about everybody.
type exporting struct {
	*Exported
	s      licence.State
	person *licence.Person
	db     store.Eraser
}

// wants tells whether what is stored belongs into the export, and gives it as JSON.
func (x *exporting) wants(v any) (body []byte, yes bool, err error) {
	if body, err = licence.JSON(v); err != nil || x.person == nil {
		return body, true, err
	}
	_, yes, err = x.person.Out(body)
	return body, yes, err
}

func (e *Engine) exportFacts(ctx context.Context, x *exporting) error {
	return e.eachFact(ctx, x.s.Account, func(f store.StoredFact) error {
		body, yes, err := x.wants(f.Fact)
		if yes {
			x.Facts = append(x.Facts, body)
		}
		return err
	})
}

func (e *Engine) exportRows(ctx context.Context, x *exporting) error {
	for r, err := range x.db.AllRows(ctx, x.s.Account) {
		if err != nil {
			return err
		}
		_, yes, err := x.wants(r.Body)
		if err != nil {
			return err
		}
		if yes {
			x.Rows = append(x.Rows, exportedRow{r.Kind, r.ID, r.Body})
		}
	}
	owed, err := e.Store.Outbox(ctx, x.s.Account)
	for _, f := range owed {
		_, yes, bad := x.wants(f)
		if err = bad; err != nil {
			return err
		}
		if yes {
			x.Owed = append(x.Owed, f)
		}
	}
	return err
}

func (e *Engine) exportSeats(ctx context.Context, x *exporting) error {
	for _, cust := range slices.Sorted(maps.Keys(x.s.Known.Licences.By)) {
		roster := x.s.Known.Licences.By[cust].Roster.ID
		for page := (store.Page{Limit: 500}); ; {
			seats, next, err := e.Store.Seats(ctx, x.s.Account, strings.ToLower(cust), roster, page)
			if err != nil {
				return err
			}
			for _, seat := range seats {
				_, yes, err := x.wants(seat)
				if err != nil {
					return err
				}
				if yes {
					x.Seats = append(x.Seats, seat)
				}
			}
			if page = next; next.Cursor == "" {
				break
			}
		}
	}
	return nil
}

func (e *Engine) exportWaiting(ctx context.Context, x *exporting) error {
	names := append(x.s.Known.Names(), licence.Name{Sender: "account", ID: x.s.Account})
	return e.waiting(ctx, x.s.Account, names, func(f licence.Fact) error {
		_, yes, err := x.wants(f)
		if yes {
			x.Parked = append(x.Parked, f)
		}
		return err
	}, func(r store.Rejected) error {
		if x.person == nil {
			x.Aside = append(x.Aside, r)
		}
		return nil
	})
}

// waiting gives the parked facts that one of the names leads to, and the bodies set aside that are about
// the account or one of its names.
func (e *Engine) waiting(ctx context.Context, account string, names []licence.Name, parked func(licence.Fact) error, aside func(store.Rejected) error) error {
	for page := (store.Page{Limit: 200, Bytes: 4 << 20}); ; {
		facts, next, err := e.Store.Unmatched(ctx, page)
		if err != nil {
			return err
		}
		for _, f := range facts {
			if !slices.ContainsFunc(f.Fact.To, func(n licence.Name) bool { return slices.Contains(names, n) }) {
				continue
			}
			if err := parked(f.Fact); err != nil {
				return err
			}
		}
		if page = next; next.Cursor == "" {
			break
		}
	}
	for page := (store.Page{Limit: 200, Bytes: 4 << 20}); ; {
		bodies, next, err := e.Store.Rejections(ctx, page)
		if err != nil {
			return err
		}
		for _, r := range bodies {
			if r.Account != account && !slices.ContainsFunc(names, func(n licence.Name) bool { return n.String() == r.Account }) {
				continue
			}
			if err := aside(r); err != nil {
				return err
			}
		}
		if page = next; next.Cursor == "" {
			return nil
		}
	}
}
