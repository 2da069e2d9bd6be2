package effects

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"seatmend/shared/licence"
	"seatmend/shared/seats"
	"seatmend/shared/store"
	"seatmend/shared/superoffice"
)

// take takes a plan from one person, and gives another at once where one is free.
func (t *move) take(ctx context.Context, p licence.Pick, later bool) error {
	h, seat, ok, err := t.person(ctx, p)
	if err != nil || !ok {
		return err
	}
	module := t.held(h, p.Plan)
	if module == "" {
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
	if p.To != "" && !later {
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
	return t.exchange(ctx, p, seat, h, module, give)
}

// give gives the new plan of an exchange to one person of the stored list.
func (t *move) give(ctx context.Context, p licence.Pick) error {
	h, seat, ok, err := t.person(ctx, p)
	if err != nil || !ok {
		return err
	}
	if p.To == "" || t.held(h, p.To) != "" {
		t.moved(p, seat)
		return nil
	}
	module := t.free(h, p.To)
	if module == "" {
		t.note(p, "blocked", NoSeat, "")
		return nil
	}
	return t.exchange(ctx, p, seat, h, "", module)
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
		blocked := seats.Blocked(t.s, known, p.Plan, 2, t.m.Now())
		for _, code := range []string{"reader", "protected", "on-leave"} {
			if seats.Has(blocked, code) {
				return code, nil
			}
		}
	}
	if !t.admins[p.User] && !h.Administers() {
		return "", nil
	}
	for _, id := range slices.Sorted(maps.Keys(t.admins)) { // of whom we know that they were
		if id == p.User {
			continue
		}
		other, err := t.m.Client.Holder(ctx, t.v.tenant, id)
		if err != nil && !errors.Is(err, superoffice.ErrNothing) {
			return "", err
		}
		if err == nil && other.Administers() {
			return "", nil
		}
		delete(t.admins, id)
	}
	return "last-admin", nil
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

// free is the module of a plan that SuperOffice would give to a user now; "": it has no seat free.
func (t *move) free(h superoffice.Holder, plan string) string {
	for _, line := range t.now.Plans {
		if l, ok := h.Link(line.Module); ok && line.Plan == plan && l.CanAssign {
			return line.Module
		}
	}
	return ""
}

// exchange makes the call, and believes what a read says afterwards. What SuperOffice refuses is said
// in its words.
func (t *move) exchange(ctx context.Context, p licence.Pick, seat licence.Seat, h superoffice.Holder, take, give string) error {
	t.changed++
	err := t.m.Client.Exchange(ctx, t.v.tenant, h, take, give, t.lang)
	if fault, ok := errors.AsType[*superoffice.Fault](err); ok && !errors.Is(err, superoffice.ErrMaybe) {
		t.note(p, "blocked", "refused", fault.Text)
		return nil
	}
	if err != nil && !errors.Is(err, superoffice.ErrMaybe) {
		return err
	}
	after, unread := t.m.Client.Holder(ctx, t.v.tenant, p.User)
	switch {
	case unread != nil:
		return errors.Join(err, unread)
	case take != "" && after.Holds(take), give != "" && !after.Holds(give):
		return cmp.Or(err, errUnmoved)
	}
	delete(t.admins, cmp.Or(map[bool]string{true: p.User}[give == ""], ""))
	t.moved(p, seat)
	return nil
}

// moved tells that a person has given up the plan, and what they hold instead.
func (t *move) moved(p licence.Pick, seat licence.Seat) {
	t.note(p, "done", "", "")
	if seat.User.Value.ID == "" {
		return // nobody of that name is listed by now
	}
	requests := 0
	for _, h := range seat.Plans {
		requests = h.Requests
	}
	one := licence.SeatChanged{CustID: t.v.site.CustID, Plan: p.Plan, OpenRequests: max(0, requests), User: seat.User.Value}
	if seat.Plans[p.Plan].Held {
		t.learned = append(t.learned, one)
	}
	if p.To != "" && (t.chosen.Way != "free-activate-give" || !t.now.Offered) && !seat.Plans[p.To].Held {
		one.Plan, one.Held, one.OpenRequests = p.To, true, requests
		t.learned = append(t.learned, one)
	}
}
