package page

import (
	"errors"
	"net/http"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/link"
	"seatmend/shared/store"
	"seatmend/shared/words"
)

// Whoever presses "unsubscribe" in a mail program is reminded no more: the program posts to the
// address of List-Unsubscribe by itself (RFC 8058), without a session. Who opens the address gets a
// page with the button, and may take it back there. Of a matter that is new a mail goes still.

// stopper is whose wish a token of that kind proves. It counts on when the page behind the mail has
// been withdrawn: it shows nothing, and mails less.
func (a *Page) stopper(r *http.Request) (Request, error) {
	v := Request{token: link.Tidy(r.PathValue("token"))}
	l, err := a.OpenLink(r.Context(), v.token)
	switch {
	case errors.Is(err, link.ErrExpired) && l.Purpose == link.Stop:
		return v, app.ErrRevoked
	case err != nil || l.Purpose != link.Stop:
		return v, app.ErrBroken
	}
	account, err := a.Engine.AccountOf(r.Context(), licence.Name{Sender: "link", ID: l.ID})
	if errors.Is(err, store.ErrNoAccount) {
		return v, app.ErrRevoked
	}
	if err != nil {
		return v, err
	}
	own := licence.RowKey{Kind: "link", ID: l.ID}
	read, err := a.Store.Load(r.Context(), account, store.Want{Rows: []licence.RowKey{own}})
	if err != nil {
		return v, err
	}
	row, ok, err := effects.LinkIn(read.Rows[own])
	if err == nil && !ok {
		err = app.ErrRevoked
	}
	v.Link, v.read, v.state = row, read, read.State
	return v, err
}

// unsubscribe shows the button, and by POST does what it says.
func unsubscribe(a *Page) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		v, err := a.stopper(r)
		if err != nil {
			a.FailedLink(w, r, v, err)
			return
		}
		stopped := v.state.Known.Profile.Reminders[v.Link.Contact].Value.Stop
		if r.Method == http.MethodPost {
			r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
			want := r.PostFormValue("again") == "" // the body of a mail program need not be read
			if want != stopped {
				err = a.say(r.Context(), v, "reminders", licence.RemindersChanged{Contact: v.Link.Contact, Stop: want})
			}
			if stopped = want; err != nil {
				a.FailedLink(w, r, v, err)
				return
			}
		}
		kind := "remind"
		if stopped {
			kind = "reminded"
		}
		a.write(w, r, http.StatusOK, words.Of(v.Link.Lang), Data{Kind: kind, Base: "/unsubscribe/" + v.token, Operator: words.Operator(a.Operator.Signature()), Account: v.state.Known.Profile.Account.Value.Name, Now: a.Now(), Zone: time.UTC})
	}
}
