package api

import (
	"cmp"
	"errors"
	"net/http"

	"seatmend/functions/app"
	"seatmend/shared/store"
	"seatmend/shared/webhook"
)

// A decision is about all drafts, those of one account, or one of them.
type decision struct {
	Send    *bool   `json:"send" validate:"required"`
	Account *string `json:"account" validate:"required_with=ID,omitempty,id"`
	ID      *string `json:"id" validate:"omitempty,id"`
}

// drafts sends or drops mails that wait for a person.
func drafts(a *API) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in decision
		if err := webhook.Command(r.Body, &in); err != nil {
			a.Fail(w, r, err)
			return
		}
		none := new(string)
		n, err := a.decide(r, *cmp.Or(in.Account, none), *cmp.Or(in.ID, none), *in.Send)
		if err != nil {
			a.Fail(w, r, err)
			return
		}
		a.Reply(w, 200, map[string]any{"drafts": n})
	}
}

func (a *API) decide(r *http.Request, account, id string, send bool) (int, error) {
	if account != "" {
		l, err := a.Store.Load(r.Context(), account, store.Want{})
		if err == nil && l.State.N == 0 {
			err = app.ErrNotFound
		}
		if err != nil {
			return 0, err
		}
		return a.Engine.Drafts(r.Context(), account, id, send)
	}
	total := 0
	var errs error
	for page := (store.Page{Limit: 500}); ; {
		list, next, err := a.Store.Accounts(r.Context(), page)
		if err != nil {
			return total, err
		}
		for _, e := range list {
			n, err := a.Engine.Drafts(r.Context(), e.Account, id, send)
			total += n
			errs = errors.Join(errs, err)
		}
		if next.Cursor == "" {
			return total, errs
		}
		page = next
	}
}
