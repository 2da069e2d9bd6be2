package effects

import (
	"cmp"
	"context"
	"slices"

	"seatmend/shared/casework"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// An exchange takes one plan from all who are chosen, has the new licence activated, and gives them the
// other. Between the first and the last of it people stand without a plan: so nothing is begun that
// cannot be finished as far as is known, and where it cannot go on, all who gave something up get it again.

// exchanges tells whether the choice is such an exchange, and not a move at once.
func (t *move) exchanges() bool { return t.chosen.Way == "free-activate-give" }

// swap does what comes next of an exchange.
func (t *move) swap(ctx context.Context, stands bool) (next string, err error) {
	late := t.m.Now().Sub(t.from()) > patience
	shown := t.s.Known.Inst(t.e.CustID).Moving.Value.Offer
	other := shown != "" && t.now.Offer() != shown // than the one that was confirmed
	if stands && t.run.Step == "" && !late && !other {
		if err := t.spare(ctx); err != nil {
			return "", err
		}
		if !t.activates(t.going()...) {
			return t.backAll(ctx)
		}
		if err := t.each(ctx, t.take); err != nil || t.left() > 0 && !t.hopeless() {
			return t.refused(err)
		}
		if stands, err = t.look(ctx); err != nil {
			return "", err
		}
	}
	tried := t.s.Known.Inst(t.e.CustID).Tried
	active := t.run.Step == casework.Asked && tried.Value.OK && tried.At.After(t.s.Known.Inst(t.e.CustID).Moving.At)
	switch {
	case !t.now.Offered, t.run.Step == casework.Giving, active: // whatever is offered since
		return t.refused(t.giveAll(ctx))
	case !stands && t.run.Step == "" && !late && !other && t.activates():
		t.run.Step = casework.Asked
		t.learned = append(t.learned, t.now, licence.ActivationAsked{CustID: t.now.CustID, Offer: t.now.Offer(), By: t.e.By})
		return "activate", nil
	}
	return t.backAll(ctx)
}

// going are those who are to give it up still, no more than must.
func (t *move) going() (picks []licence.Pick) {
	for _, p := range t.chosen.Picks {
		if !t.settled(p) && len(picks) < t.need {
			picks = append(picks, p)
		}
	}
	return picks
}

// hopeless tells whether, of an exchange, too few are left to ask for what must go.
func (t *move) hopeless() bool {
	if !t.exchanges() || t.run.Step != "" {
		return false
	}
	left, admins := 0, len(t.admins)
	for _, p := range t.chosen.Picks {
		if t.settled(p) {
			continue
		}
		left++
		if t.admins[p.User] {
			admins--
		}
	}
	if admins == 0 && len(t.admins) > 0 {
		left-- // the last administrator keeps it, whoever that will be
	}
	return left < t.need
}

// spare leaves out, before anybody is asked, whom the list of people says to keep.
func (t *move) spare(ctx context.Context) error {
	in := t.s.Known.Inst(t.e.CustID)
	for _, was := range t.run.Of {
		if !was.At.Before(in.Moving.At) {
			return nil // it is under way
		}
	}
	for some := range slices.Chunk(t.chosen.Picks, store.MaxSeats) {
		var keys []licence.Key
		for _, p := range some {
			keys = append(keys, licence.Key{CustID: in.CustID, Roster: in.Roster.ID, User: p.User})
		}
		l, err := t.m.Store.Load(ctx, t.s.Account, store.Want{Seats: keys, Have: store.Unread})
		if err != nil {
			return err
		}
		for _, seat := range l.Seats {
			i := slices.IndexFunc(some, func(p licence.Pick) bool { return p.User == seat.User.Value.ID })
			if i < 0 || t.settled(some[i]) || !seat.Plans[some[i].Plan].Held {
				continue
			}
			if why := kept(t.s, seat, some[i], t.m.Now()); why != "" {
				t.note(some[i], "skipped", why, "")
			}
		}
	}
	return nil
}

// giveAll gives the new plan to those of the list who gave up the old one.
func (t *move) giveAll(ctx context.Context) error {
	if t.run.Step != casework.Giving {
		t.run.Step = casework.Giving
		for user, was := range t.run.Of {
			if was.State == "done" || was.Why == Halted {
				t.run.Of[user] = casework.Tried{Taken: was.Taken} // of the new plan they were not asked yet
			}
		}
	}
	return t.each(ctx, t.give)
}

// give gives the new plan to one person.
func (t *move) give(ctx context.Context, p licence.Pick) error {
	h, seat, ok, err := t.person(ctx, p)
	if err != nil {
		return err
	}
	if !ok {
		t.took(p, false)
		return nil
	}
	if p.To != "" && t.held(h, p.To) == "" {
		if t.held(h, p.Plan) != "" {
			t.took(p, false)
			t.note(p, "skipped", NotNeeded, "") // the new licence has a seat of the old plan for them
			return nil
		}
		module := t.free(h, p.To)
		if module == "" {
			t.note(p, "blocked", NoSeat, "")
			return nil
		}
		if ok, err := t.change(ctx, p, h, "", module); err != nil || !ok {
			return err
		}
	}
	t.took(p, false)
	t.moved(p, seat)
	return nil
}

// backAll gives what they had to those who gave it up, and says of all whose turn did not come why.
func (t *move) backAll(ctx context.Context) (next string, err error) {
	t.run.Step = casework.Back
	left := 0
	for _, p := range t.chosen.Picks {
		was := t.run.Of[p.User]
		switch {
		case !was.Taken || was.State == "blocked":
		case t.changed >= atATime:
			left++
		default:
			if err := t.back(ctx, p); err != nil {
				return t.refused(err)
			}
		}
	}
	if left > 0 {
		return "", nil
	}
	t.rest(Halted)
	if _, err := t.look(ctx); err != nil {
		return "", err
	}
	t.learned = append(t.learned, t.now) // what it said in the middle is not so any more
	return Halted, nil
}

// back gives to one person what they had; where none is free, SuperOffice itself says so.
func (t *move) back(ctx context.Context, p licence.Pick) error {
	h, seat, ok, err := t.person(ctx, p)
	switch {
	case err != nil:
		return err
	case !ok:
		t.took(p, false)
		return nil
	case !t.provided(h, p):
		module := t.free(h, p.Plan)
		for _, line := range t.now.Plans {
			if _, ok := h.Link(line.Module); ok && line.Plan == p.Plan {
				module = cmp.Or(module, line.Module)
			}
		}
		if module == "" { // the licence has it no more: a person sees to it
			t.note(p, "blocked", NoSeat, "")
			return nil
		}
		if ok, err := t.change(ctx, p, h, "", module); err != nil || !ok {
			return err
		}
	}
	t.took(p, false)
	t.note(p, "skipped", Halted, "")
	if p.To == "" || t.held(h, p.To) == "" {
		t.seat(seat, p.Plan, true)
	}
	return nil
}

// took keeps in mind who gave up a plan in an exchange and has nothing for it yet.
func (t *move) took(p licence.Pick, taken bool) {
	was := t.run.Of[p.User]
	was.Taken = taken && t.exchanges()
	t.run.Of[p.User] = was
}
