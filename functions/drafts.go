package functions

import (
	"encoding/json"
	"errors"
	"net/http"

	"seatmend/shared/store"
)

// drafts sends or drops mails that wait for a person.
func drafts(a *App) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Send    *bool  `json:"send"`
			Account string `json:"account"`
			ID      string `json:"id"`
		}
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&in); err != nil || in.Send == nil {
			a.fail(w, r, &refusal{422, "invalid", `send: write {"send":true} or {"send":false}, with account and id to choose`, nil})
			return
		}
		n, err := a.decide(r, in.Account, in.ID, *in.Send)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		reply(w, 200, map[string]any{"drafts": n})
	}
}

func (a *App) decide(r *http.Request, account, id string, send bool) (int, error) {
	if account != "" {
		l, err := a.Store.Load(r.Context(), account, store.Want{})
		if err == nil && l.State.N == 0 {
			err = errNotFound
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
