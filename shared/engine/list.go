package engine

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"seatmend/shared/casework"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// applyList replaces an installation's roster. The new rows are staged under an id of their
// own, where nobody sees them; one commit names them, together with the counts. Whoever reads
// sees the old list or the new one, never half of each. The id is of this attempt alone: the
// same list may be told again meanwhile, and be the present roster before this attempt is done.
func (e *Engine) applyList(ctx context.Context, f licence.Fact) (out licence.Outcome, err error) {
	l := listing{Engine: e, fact: f, attempt: e.Unique()}
	for n := 0; n < tries; n++ {
		account, err := e.resolve(ctx, f)
		if errors.Is(err, store.ErrNoAccount) {
			out, parked, err := e.park(ctx, f)
			if parked || err != nil {
				l.unstage(ctx, l.basis, l.fact.Payload.(licence.SeatsListed).CustID, l.id)
				return out, err
			}
			continue
		}
		if err != nil {
			return licence.Outcome{}, err
		}
		if n < overtaken {
			out, err = l.take(ctx, account, e.commit)
		} else {
			err = e.inTurn(ctx, account, func(commit committer) (err error) {
				out, err = l.take(ctx, account, commit)
				return err
			})
		}
		if !again(err) {
			return out, err
		}
	}
	return licence.Outcome{}, errOvertaken
}

// A listing is a list that is being taken in, and what its attempts have read and staged so far.
type listing struct {
	*Engine
	fact    licence.Fact
	attempt string
	staged  map[string]licence.Seat // rows as they lie in the store
	present map[string]licence.Seat
	basis   licence.State // on which present was read
	id      string        // of this attempt's roster, once something is staged
}

// take is one attempt, on what the account is now.
func (e *listing) take(ctx context.Context, account string, commit committer) (licence.Outcome, error) {
	f := e.fact
	cust := f.Payload.(licence.SeatsListed).CustID
	l, _, ok, err := e.load(ctx, newLane(account), f)
	if err == nil && !ok {
		err = errAgain
	}
	if err != nil {
		return licence.Outcome{}, err
	}
	if out, done, err := seen(l, f); done {
		e.unstage(ctx, l.State, cust, e.id)
		return out, err
	}
	in := l.State.Known.Inst(cust)
	switch out, taken, err := e.compare(ctx, l.State, f, commit); {
	case again(err):
		return out, err
	case err != nil || taken:
		e.unstage(ctx, l.State, cust, e.id)
		return out, err
	}
	if e.present, err = e.peopleOf(ctx, l.State, cust, in.Roster, e.present, e.basis, f); err != nil {
		return licence.Outcome{}, err
	}
	e.basis = l.State
	list, rows, digest := licence.Stage(f, e.attempt, seatsOf(e.present))
	step := f
	step.Payload = list
	c, out, err := casework.Step(l.State, nil, step, e.Now())
	if err != nil || out.Result == "unchanged" {
		e.unstage(ctx, l.State, cust, e.id)
		return out, err
	}
	if c.Known.Inst(cust).Roster.ID == list.Roster.ID {
		if err := e.stage(ctx, l.State, in.CustID, list.Roster.ID, rows); err != nil {
			return out, err
		}
		if c.Rows, err = digestRow(in.CustID, digest); err != nil {
			return out, err
		}
	}
	// A cut here leaves rows that no commit names, and that nobody ever sees.
	return out, commit(ctx, l.State, c)
}

// stage writes those rows that do not lie in the store as they are. Where somebody has gone who lies there, it
// begins anew.
func (e *listing) stage(ctx context.Context, s licence.State, custID, roster string, rows []licence.Seat) error {
	stay := 0
	for _, row := range rows {
		if _, ok := e.staged[row.User.Value.ID]; ok {
			stay++
		}
	}
	if stay < len(e.staged) {
		if err := e.Store.PruneRoster(ctx, s.Account, custID, e.id); err != nil {
			return err
		}
		e.staged = nil
	}
	var fresh []licence.Seat
	for _, row := range rows {
		if old, ok := e.staged[row.User.Value.ID]; !ok || !row.Same(old) {
			fresh = append(fresh, row)
		}
	}
	if err := e.Store.StageRoster(ctx, s.Account, custID, roster, slices.Values(fresh)); err != nil {
		return err
	}
	e.id, e.staged = roster, map[string]licence.Seat{}
	for _, row := range rows {
		e.staged[row.User.Value.ID] = row
	}
	return nil
}

// How much of a roster is read and written to take in a list as a difference. What is more is staged.
const (
	mostSpans = 8
	mostMoved = 60
)

// compare takes in a list as a difference against the present roster, in one commit: where little has
// changed, little is read and written, however many people there are. Not taken: much has, or too
// little is known of the latest list.
func (e *Engine) compare(ctx context.Context, s licence.State, f licence.Fact, commit committer) (out licence.Outcome, taken bool, err error) {
	in := s.Known.Inst(f.Payload.(licence.SeatsListed).CustID)
	r := in.Roster
	if r.ID == "" {
		return out, false, nil
	}
	c := licence.Compare(f, r)
	if !c.Same(r) {
		// The row is read after the state: whoever writes in between makes the commit fail.
		row, ok, err := e.Store.Row(ctx, s.Account, digestKind, in.CustID)
		if !ok || err != nil {
			return out, false, err
		}
		var was licence.Digest
		if err := json.Unmarshal(row.Body, &was); err != nil {
			return out, false, err
		}
		if !c.Against(r, was) || len(c.Spans) > mostSpans || len(c.Changed) > mostMoved {
			return out, false, nil
		}
	}
	var present []licence.Seat
	for _, span := range c.Spans {
		seats, err := e.Store.Between(ctx, s.Account, in.CustID, r.ID, span)
		if err != nil {
			return out, false, err
		}
		present = append(present, seats...)
	}
	if len(c.Changed) > 0 {
		people, err := e.reread(ctx, s, in.CustID, r.ID, c.Changed, map[string]licence.Seat{})
		if err != nil {
			return out, false, err
		}
		present = append(present, seatsOf(people)...)
	}
	list := c.Take(r, present)
	if len(list.Moved) > mostMoved {
		return out, false, nil
	}
	step := f
	step.Payload = list
	change, out, err := casework.Step(s, nil, step, e.Now())
	if err != nil || out.Result == "unchanged" {
		return out, true, err
	}
	if c.Another() {
		if change.Rows, err = digestRow(in.CustID, c.Digest); err != nil {
			return out, false, err
		}
	}
	return out, true, commit(ctx, s, change)
}

// digestKind is that of the rows which keep what the latest list of each installation held.
const digestKind = "people"

func digestRow(custID string, d licence.Digest) ([]licence.Row, error) {
	body, err := json.Marshal(d)
	return []licence.Row{{Kind: digestKind, ID: custID, Body: body}}, err
}

// unstage drops what an attempt has staged that lost to another one.
func (e *Engine) unstage(ctx context.Context, s licence.State, cust, roster string) {
	in := s.Known.Inst(cust)
	if roster == "" || in.Roster.ID == roster {
		return // nothing, or it was this very attempt that won
	}
	if err := e.Store.PruneRoster(ctx, s.Account, in.CustID, roster); err != nil {
		e.Log.Error("unstage", "account", s.Account, "error", err.Error()) // nobody sees those rows
	}
}

// peopleOf gives the people of the present roster who may be newer than the list. After a lost
// race only those who changed since are read again.
func (e *Engine) peopleOf(ctx context.Context, s licence.State, cust string, r licence.Roster, have map[string]licence.Seat, basis licence.State, f licence.Fact) (map[string]licence.Seat, error) {
	key := s.Known.Inst(cust).CustID
	if was := basis.Known.Inst(cust).Roster; have != nil && was.ID == r.ID && was.List == r.List {
		if users, ok := r.Since(basis.N); ok {
			return e.reread(ctx, s, key, r.ID, users, have)
		}
	}
	out := map[string]licence.Seat{}
	if r.Told.Before(f.At) {
		return out, nil // nobody there is newer
	}
	for page := (store.Page{Limit: 500}); ; {
		seats, next, err := e.Store.Seats(ctx, s.Account, key, r.ID, page)
		if err != nil {
			return nil, err
		}
		for _, seat := range seats {
			out[seat.User.Value.ID] = seat
		}
		if next.Cursor == "" {
			return out, nil
		}
		page = next
	}
}

func (e *Engine) reread(ctx context.Context, s licence.State, cust, roster string, users []string, have map[string]licence.Seat) (map[string]licence.Seat, error) {
	for chunk := range slices.Chunk(users, store.MaxSeats) {
		var keys []licence.Key
		for _, u := range chunk {
			keys = append(keys, licence.Key{CustID: cust, Roster: roster, User: u})
		}
		l, err := e.Store.Load(ctx, s.Account, store.Want{Seats: keys})
		if err != nil {
			return nil, err
		}
		for _, seat := range l.Seats {
			have[seat.User.Value.ID] = seat
		}
	}
	return have, nil
}

func seatsOf(m map[string]licence.Seat) []licence.Seat {
	var out []licence.Seat
	for _, s := range m {
		out = append(out, s)
	}
	return out
}
