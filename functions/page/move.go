package page

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/casework"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/seats"
	"seatmend/shared/store"
)

// Where we may change users, the reader confirms a list as it was shown, by its id and its number, and
// we do it. Nobody is added to it on the way: another list needs another yes.

// direct is what we may do of a choice; nil: nothing, or nothing now.
func (a *Page) direct(v Request, t target) *Direct {
	s, now := v.state, a.Now()
	in := s.Known.Inst(t.cust)
	d := &Direct{Choice: t.chosen.ID, Exchange: t.to != "" && t.chosen.Way == "free-activate-give", CodeTo: v.Link.Email}
	if v.Link.Role == licence.Billing || len(t.plans) == 0 || !casework.MayMove(s, t.cust) {
		return nil
	}
	if _, ok := casework.MovesOf(v.diagnosis(), t.finding.Fingerprint); !ok && !(d.Exchange && !t.stands && !in.Report.Value.Offered) {
		return nil
	}
	var may []licence.Pick
	for i, p := range t.picked {
		switch p.State {
		case "done", "skipped", "unknown":
			continue
		}
		if d.N++; len(d.Names) < atOnce {
			d.Names = append(d.Names, p.Name)
		}
		if !seats.Has(seats.Blocked(s, t.seats[p.User], first(t.plans), 2, now), "reader", "protected", "on-leave") {
			may = append(may, t.chosen.Picks[i])
		}
	}
	if d.N == 0 {
		return nil
	}
	if need := t.finding.Need; d.Exchange && t.stands && (len(may) < need || !casework.MayExchange(s, t.cust, may[:need], now)) {
		return nil // an exchange is not begun that we cannot finish: nobody is left without a plan because of it
	}
	d.Needs = d.N+casework.Bare(s, t.cust, now) > casework.WithoutCode || d.Exchange
	wish, ok := effects.CodeWishOf(s, v.Link.Contact, now)
	d.Waits = ok && d.Needs && mailed(s) && wish.Offer == licence.ForSeats(d.Choice)
	for _, other := range a.others(v) {
		if other.ID == s.Known.Profile.Codes[v.Link.Contact].Value.Also {
			d.CodeAlso = other.Email
		}
	}
	return d
}

// askMoveCode mails the reader a code for doing what is chosen. Where that is not offered any more, the
// page was an old one.
func (a *Page) askMoveCode(r *http.Request, v Request) error {
	t, ok, err := a.targetOf(r.Context(), v, r.PostFormValue("fingerprint"))
	if err != nil || !ok {
		return err
	}
	if d := a.direct(v, t); d == nil || !d.Needs {
		return nil
	}
	return a.mailCode(r.Context(), v, licence.ForSeats(t.chosen.ID), r.PostFormValue("also"))
}

// moveForm has done what is chosen, as it was shown.
func moveForm(a *Page, w http.ResponseWriter, r *http.Request, v Request) {
	steps := "/steps/" + url.PathEscape(r.PostFormValue("fingerprint"))
	wrong, err := a.move(r, v)
	switch {
	case err != nil:
		a.FailedLink(w, r, v, err)
	case wrong != "":
		a.wrongPage(w, r, v, steps, wrong)
	default:
		a.back(w, r, v, steps)
	}
}

// move tells the wish, and waits for what comes of it. It says what is wrong; "": nothing, or the page
// was an old one.
func (a *Page) move(r *http.Request, v Request) (wrong string, err error) {
	ctx := r.Context()
	t, ok, err := a.targetOf(ctx, v, r.PostFormValue("fingerprint"))
	if err != nil || !ok {
		return "", err
	}
	d := a.direct(v, t)
	if d == nil {
		return "", nil
	}
	if n, err := strconv.Atoi(r.PostFormValue("n")); err != nil || n != d.N || r.PostFormValue("choice") != d.Choice {
		return "moved", nil // that is not the list that was shown
	}
	id := "page/" + app.ShortHash("move", v.state.Account, v.Link.ID, d.Choice, instant(a.Now()))
	bare := casework.Bare(v.state, t.cust, a.Now()) + d.N
	if d.Needs {
		wish, good := effects.CodeWishOf(v.state, v.Link.Contact, a.Now())
		if !good || wish.Offer != licence.ForSeats(d.Choice) {
			return "old-code", nil
		}
		// The fact has the code's name, so that a code counts once.
		id = "page/" + app.ShortHash("move", v.state.Account, v.Link.Contact, instant(wish.Asked))
		if v.state.Known.Inst(t.cust).Moving.ID == id {
			return "old-code", nil
		}
		switch wrong, err := a.opens(ctx, v, wish, strings.TrimSpace(r.PostFormValue("code"))); {
		case err != nil || wrong == "old-code":
			return wrong, err
		case wrong != "":
			return "code", nil
		}
		bare = 0
	}
	f := licence.Fact{
		ID: id, To: []licence.Name{{Sender: "account", ID: v.state.Account}}, At: a.Now(), Source: "page",
		Payload: licence.SeatsAsked{Fingerprint: r.PostFormValue("fingerprint"), CustID: t.cust, Choice: d.Choice, N: d.N, Bare: bare, Offer: v.state.Known.Inst(t.cust).Report.Value.Offer(), By: v.Link.Name},
	}
	if _, err := a.Engine.Apply(ctx, f); err != nil && !errors.Is(err, store.ErrConflictingReplay) {
		return "", err
	}
	return "", a.moving(ctx, v, t.cust)
}

// moving does what is owed, and waits until it is done, here or by another hand, but not for ever: the
// page says how far it is.
func (a *Page) moving(ctx context.Context, v Request, cust string) error {
	for waited := time.Duration(0); waited < patience; waited += glance {
		a.deliverNow(ctx, v.state.Account)
		l, err := a.Store.Load(ctx, v.state.Account, store.Want{})
		if err != nil {
			return err
		}
		busy := false
		for _, e := range l.State.History.Pending {
			busy = busy || e.CustID == l.State.Known.Inst(cust).CustID && (e.Kind == licence.Move || e.Kind == licence.Activate) && e.Fails == 0
		}
		if !busy {
			return nil
		}
		if err := a.Sleep(ctx, glance); err != nil {
			return err
		}
	}
	return nil
}
