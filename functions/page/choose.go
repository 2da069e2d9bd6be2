package page

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/casework"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/seats"
	"seatmend/shared/store"
	"seatmend/shared/words"
)

// choose adds people to what is chosen for a finding, or takes one off. The list is whole in
// each fact, and the newest counts: whoever else works on it sees it, and nothing is done yet.
// It tells what is wrong with the form, by the key of its sentence.
func (a *Page) choose(r *http.Request, v Request) (fault string, err error) {
	users := r.PostForm["user"]
	if r.PostFormValue("drop") != "" || r.PostFormValue("all") != "" || len(users) > store.MaxSeats {
		users = nil // nobody's seat is asked for
	}
	return a.change(r, v, "choose", users, func(v Request, t target) ([]licence.Pick, string, error) {
		if !t.stands && r.PostFormValue("drop") == "" {
			return t.chosen.Picks, "", nil // a stale page
		}
		return a.chosen(r, v, t)
	})
}

// skip is a person's word that somebody on the list of a swap needs no new plan, or needs one after all.
func (a *Page) skip(r *http.Request, v Request) error {
	_, err := a.change(r, v, "skip", nil, func(_ Request, t target) ([]licence.Pick, string, error) {
		picks := slices.Clone(t.chosen.Picks)
		for i := range picks {
			if t.to != "" && picks[i].User == r.PostFormValue("user") { // of a plan that only goes, nobody needs another
				picks[i].Skip = r.PostFormValue("again") == ""
			}
		}
		return picks, "", nil
	})
	return err
}

// choices bounds how often a list is made again because another one came before it. Of as many
// hands at once each but one is overtaken each time.
const choices = 64

// errOvertaken means that others changed a list again and again while we changed it.
var errOvertaken = fmt.Errorf("a choice was overtaken %d times", choices)

// change makes a new list of the one that is chosen; users are those whose seats it looks at.
// Where two people do at once, the later list is not taken: it is made again from the one that was.
func (a *Page) change(r *http.Request, v Request, what string, users []string, decide func(Request, target) ([]licence.Pick, string, error)) (fault string, err error) {
	ctx := r.Context()
	for try := range choices {
		if try > 0 {
			if v, err = a.open(r); err != nil {
				return "", err
			}
		}
		t, ok, err := aim(v, r.PostFormValue("fingerprint"))
		if err != nil || !ok {
			return "", err // a stale page
		}
		if err := a.seatsOf(ctx, v.state, &t, users); err != nil {
			return "", err
		}
		picks, fault, err := decide(v, t)
		if err != nil || fault != "" {
			return fault, err
		}
		if slices.Equal(picks, t.chosen.Picks) {
			return "", nil // it is so: by this press, or by one before
		}
		way := t.chosen.Way
		if t.to != "" && t.stands {
			way = wayOf(t, len(picks))
		}
		taken, err := a.sayChosen(ctx, v, t, what+"/"+strconv.Itoa(try), licence.SeatsChosen{
			Fingerprint: r.PostFormValue("fingerprint"), CustID: t.cust, Way: way, Picks: picks,
		})
		if err != nil || taken {
			return "", err
		}
	}
	return "", errOvertaken
}

// sayChosen tells a list that was made from the one before, and is later than it, whatever two
// clocks say. False: it was made from one that is the latest no more, and is not taken.
func (a *Page) sayChosen(ctx context.Context, v Request, t target, what string, p licence.SeatsChosen) (bool, error) {
	p.Was, p.After, p.By = before(t), t.chosen.ID, v.Link.Name
	f := app.FactOf("page", v.Link.ID+"/"+what+"/"+instant(a.Now()), v.state.Account, p, a.App)
	if least := t.chosen.At.Add(time.Nanosecond); f.At.Before(least) {
		f.At = least
	}
	outs, err := a.Engine.ApplyTo(ctx, v.read, f)
	return err == nil && outs[0].Result != "overtaken", err
}

// chosen is the list as the form wants it.
func (a *Page) chosen(r *http.Request, v Request, t target) ([]licence.Pick, string, error) {
	picks := slices.Clone(t.chosen.Picks)
	users, drop := r.PostForm["user"], r.PostFormValue("drop")
	switch {
	case drop != "":
		return slices.DeleteFunc(picks, func(p licence.Pick) bool { return p.User == drop }), "", nil
	case t.to != "" && r.PostFormValue("all") != "" && len(picks) > 0:
		return picks, "", nil // the list of who had what stands: by now some may have it no more
	case t.to != "" && r.PostFormValue("all") != "":
		picks, err := a.everybody(r.Context(), v, t)
		if len(picks) > casework.MostPicks {
			return nil, "too-many", nil // half a list would leave the others without
		}
		return picks, "", err
	case len(users) == 0:
		return nil, "people", nil
	}
	return a.add(r.Context(), v, t, picks, users, r.PostFormValue("to"))
}

// before is what was chosen before, where it is short enough to be told twice.
func before(t target) []licence.Pick {
	return t.chosen.Picks[:min(len(t.chosen.Picks), 200)]
}

// wayOf is how a swap is done: at once where there are enough free seats of the new plan in
// the licence in force; else they exist only after the activation.
func wayOf(t target, n int) string {
	for _, r := range t.finding.Remedies {
		if r.ID == "move-now" && r.Need >= n {
			return "move-now"
		}
	}
	return "free-activate-give"
}

// add puts people on the list who hold the plan and may be asked to give it up. Not the
// reader, and never the last who can administer.
func (a *Page) add(ctx context.Context, v Request, t target, picks []licence.Pick, users []string, to string) ([]licence.Pick, string, error) {
	if t.to != "" {
		to = t.to
	}
	users = slices.DeleteFunc(slices.Clone(users), func(u string) bool {
		return slices.ContainsFunc(picks, func(p licence.Pick) bool { return p.User == u })
	})
	if len(users) == 0 {
		return picks, "", nil
	}
	if t.to == "" && to != "" {
		if ok, err := a.free(ctx, v, t, to, len(users)); err != nil || !ok {
			return picks, "person", err
		}
	}
	if len(users) > store.MaxSeats || len(picks)+len(users) > casework.MostPicks {
		return picks, "person", nil
	}
	administers := false
	for i, u := range users {
		seat, ok := t.seats[u]
		if slices.Contains(users[:i], u) {
			continue // ticked once, whatever the form says
		}
		if !ok || !seats.HoldsAny(seat, t.plans) || seats.Has(seats.Blocked(v.state, seat, first(t.plans), 2, a.Now()), "reader", "protected", "on-leave") {
			return picks, "person", nil
		}
		pick := licence.Pick{User: u, Name: nameOf(seat.User.Value), To: to}
		for _, p := range t.plans {
			if seat.Plans[p].Held {
				pick.Plan = p
			}
		}
		picks, administers = append(picks, pick), administers || seats.Administers(seat.User.Value)
	}
	if administers {
		left, err := a.administratorsBut(ctx, v.state, t, picks)
		if err != nil || left == 0 {
			return picks, "person", err
		}
	}
	return picks, "", nil
}

// administratorsBut counts who could still administer if all that is picked were done.
func (a *Page) administratorsBut(ctx context.Context, s licence.State, t target, picks []licence.Pick) (int, error) {
	admins, err := effects.Administrators(ctx, a.Store, s, t.cust)
	for _, p := range picks {
		delete(admins, p.User)
	}
	return len(admins), err
}

// free tells whether a plan would have seats for so many more, once what is chosen is done.
func (a *Page) free(ctx context.Context, v Request, t target, plan string, n int) (bool, error) {
	if err := a.picked(ctx, v.state, &t); err != nil {
		return false, err
	}
	c := a.cureOf(v, t)
	a.suppose(v, t, c, &words.Options{Zone: app.ZoneOf(v.state)})
	return slices.ContainsFunc(c.Moves, func(m Move) bool { return m.Plan == plan && m.Free >= n }), nil
}

// everybody is all who hold the plan of a swap: each gets the new one, the reader too, who
// stands last, because whoever has no plan can do nothing more.
func (a *Page) everybody(ctx context.Context, v Request, t target) ([]licence.Pick, error) {
	s := v.state
	in := s.Known.Inst(t.cust)
	var out, self []licence.Pick
	p := store.Page{Limit: atMost}
	for {
		seats, next, err := a.Store.Candidates(ctx, s.Account, in.CustID, in.Roster.ID, first(t.plans), p)
		if err != nil {
			return nil, err
		}
		for _, seat := range seats {
			u := seat.User.Value
			pick := licence.Pick{User: u.ID, Name: nameOf(u), Plan: first(t.plans), To: t.to}
			if strings.EqualFold(u.Email, v.Link.Email) {
				self = append(self, pick)
			} else {
				out = append(out, pick)
			}
		}
		if p = next; p.Cursor == "" || len(out) > casework.MostPicks {
			return append(out, self...), nil
		}
	}
}

func nameOf(u licence.User) string {
	return cmp.Or(u.Name, u.Email)
}
