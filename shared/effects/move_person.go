package effects

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/seats"
	"seatmend/shared/store"
	"seatmend/shared/superoffice"
)

// take takes a plan from one person, and gives another at once where one is free, but in an exchange.
func (t *move) take(ctx context.Context, p licence.Pick) error {
	h, seat, ok, err := t.person(ctx, p)
	if err != nil || !ok {
		return err
	}
	module := t.held(h, p.Plan)
	if module == "" {
		by := seat.Plans[p.Plan].Held || t.run.Of[p.User].Taken || !h.HoldsAny() // us, if a run before this one was cut off
		t.took(p, by && !t.provided(h, p))
		t.moved(p, seat)
		return nil
	}
	why, err := t.keeps(ctx, h, seat, p)
	if err != nil {
		return err
	}
	if why != "" {
		t.note(p, "skipped", why, "")
		return nil
	}
	give := ""
	if p.To != "" && !t.exchanges() {
		if give = t.free(h, p.To); give == "" {
			t.note(p, "blocked", NoSeat, "")
			return nil
		}
	}
	if more, err := t.goes(); err != nil {
		return err
	} else if !more {
		t.rest(NotNeeded)
		return nil
	}
	if ok, err := t.change(ctx, p, h, module, give); err != nil || !ok {
		return err
	}
	if give == "" {
		delete(t.admins, p.User)
	}
	t.need--
	t.took(p, true)
	t.moved(p, seat)
	return nil
}

// person reads one person as SuperOffice has them; false: there is nothing to do.
func (t *move) person(ctx context.Context, p licence.Pick) (superoffice.Holder, licence.Seat, bool, error) {
	in := t.s.Known.Inst(t.e.CustID)
	l, err := t.m.Store.Load(ctx, t.s.Account, store.Want{Seats: []licence.Key{{CustID: in.CustID, Roster: in.Roster.ID, User: p.User}}, Have: store.Unread})
	if err != nil {
		return superoffice.Holder{}, licence.Seat{}, false, err
	}
	var seat licence.Seat
	for _, one := range l.Seats {
		seat = one
	}
	h, err := t.m.Client.Holder(ctx, t.v.tenant, p.User)
	switch {
	case errors.Is(err, superoffice.ErrNothing), err == nil && h.Retired:
		t.note(p, "skipped", Nobody, "")
		return h, seat, false, nil
	case err != nil:
		return h, seat, false, err
	}
	return h, seat, true, nil
}

// keeps says why somebody is never to lose a seat through us: the reader and whoever else acts here,
// the last administrator, and who is protected or away.
func (t *move) keeps(ctx context.Context, h superoffice.Holder, seat licence.Seat, p licence.Pick) (string, error) {
	now := seat
	now.User.Value.Email = h.Login // by what SuperOffice says, too: the list may be older
	for _, known := range []licence.Seat{seat, now} {
		if why := kept(t.s, known, p, t.m.Now()); why != "" {
			return why, nil
		}
	}
	if !t.admins[p.User] && !h.Administers() {
		return "", nil
	}
	others := slices.DeleteFunc(slices.Sorted(maps.Keys(t.admins)), func(id string) bool { return id == p.User })
	can, err := t.m.Client.LogOn(ctx, t.v.tenant, others...)
	if err != nil {
		return "", err
	}
	for _, id := range others { // of whom we know that they were
		if can[id] {
			other, err := t.m.Client.Holder(ctx, t.v.tenant, id)
			if err != nil && !errors.Is(err, superoffice.ErrNothing) {
				return "", err
			}
			if err == nil && other.Administers() {
				return "", nil
			}
		}
		delete(t.admins, id)
	}
	return "last-admin", nil
}

// kept says why, by the list, somebody is never to lose a seat through us; who is the last administrator it
// does not see.
func kept(s licence.State, seat licence.Seat, p licence.Pick, now time.Time) string {
	blocked := seats.Blocked(s, seat, p.Plan, 2, now)
	for _, code := range []string{"reader", "protected", "on-leave"} {
		if seats.Has(blocked, code) {
			return code
		}
	}
	return ""
}

// held is the module of a plan that a user holds; "": none.
func (t *move) held(h superoffice.Holder, plan string) string {
	for _, line := range t.now.Plans {
		if line.Plan == plan && h.Holds(line.Module) {
			return line.Module
		}
	}
	return ""
}

// provided tells whether a user holds the plan, or what comes for it: then nothing is owed to them.
func (t *move) provided(h superoffice.Holder, p licence.Pick) bool {
	return t.held(h, p.Plan) != "" || p.To != "" && t.held(h, p.To) != ""
}

// free is the module of a plan that SuperOffice would give to a user now; "": it has no seat free.
func (t *move) free(h superoffice.Holder, plan string) string {
	for _, line := range t.now.Plans {
		if l, ok := h.Link(line.Module); ok && line.Plan == plan && l.CanAssign {
			return line.Module
		}
	}
	return ""
}

// change makes the call, and believes what a read says afterwards. False: SuperOffice refused, which is
// said in its words.
func (t *move) change(ctx context.Context, p licence.Pick, h superoffice.Holder, take, give string) (bool, error) {
	t.changed++
	err := t.m.Client.Exchange(ctx, t.v.tenant, h, take, give, t.lang)
	if fault, ok := errors.AsType[*superoffice.Fault](err); ok && !errors.Is(err, superoffice.ErrMaybe) {
		t.note(p, "blocked", "refused", fault.Text)
		return false, nil
	}
	if err != nil && !errors.Is(err, superoffice.ErrMaybe) {
		return false, err
	}
	after, unread := t.m.Client.Holder(ctx, t.v.tenant, p.User)
	switch {
	case unread != nil:
		if take != "" {
			t.took(p, true) // as far as anybody knows
		}
		return false, errors.Join(err, unread)
	case take != "" && after.Holds(take), give != "" && !after.Holds(give):
		return false, cmp.Or(err, errUnmoved)
	}
	return true, nil
}

// moved tells that a person has given up the plan, and what they hold instead.
func (t *move) moved(p licence.Pick, seat licence.Seat) {
	t.note(p, "done", "", "")
	t.seat(seat, p.Plan, false)
	if p.To != "" && (!t.exchanges() || !t.now.Offered) {
		t.seat(seat, p.To, true)
	}
}

// seat tells that somebody holds a plan, or no longer, where the list has it otherwise. Whom no list
// names by now it leaves.
func (t *move) seat(seat licence.Seat, plan string, held bool) {
	t.learned = slices.DeleteFunc(t.learned, func(p licence.Payload) bool { // it was otherwise a moment ago
		was, ok := p.(licence.SeatChanged)
		return ok && was.Plan == plan && was.User.ID == seat.User.Value.ID
	})
	if seat.User.Value.ID == "" || seat.Plans[plan].Held == held {
		return
	}
	requests := 0
	for _, h := range seat.Plans {
		requests = max(requests, h.Requests)
	}
	t.learned = append(t.learned, licence.SeatChanged{CustID: t.v.site.CustID, Plan: plan, Held: held, OpenRequests: requests, User: seat.User.Value})
}
