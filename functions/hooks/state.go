package hooks

import (
	"errors"
	"io"
	"net/http"

	"seatmend/functions/app"
	"seatmend/shared/webhook"
)

// stateChange hears that something was done to a tenant as a whole: it is read anew.
func stateChange(a *Hooks) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		out, err := a.changed(r)
		if err != nil {
			a.Fail(w, r, err)
			return
		}
		a.Reply(w, 200, out.Answer)
	}
}

func (a *Hooks) changed(r *http.Request) (Received, error) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, webhook.MaxBody+1))
	switch {
	case err != nil:
		return Received{}, webhook.ErrCutShort
	case len(raw) > webhook.MaxBody:
		return Received{}, webhook.ErrTooLarge(webhook.MaxBody)
	}
	said := webhook.StateChangeOf(raw)
	if said.Token == "" || a.Stated == nil {
		return Received{}, webhook.ErrUnauthorized
	}
	if err := a.Stated(r.Context(), said.Token, said.CustID); errors.Is(err, app.ErrUnproved) {
		return Received{}, webhook.ErrUnauthorized
	} else if err != nil {
		return Received{}, err
	}
	sender, _ := webhook.Find("superoffice")
	body, err := webhook.ReadStateChange(r.Header, raw, a.Now())
	if err != nil {
		return a.bad(r, sender, raw, body, err)
	}
	return a.taken(r, sender, raw, body)
}

func (a *Hooks) taken(r *http.Request, sender webhook.Sender, raw []byte, body webhook.Body) (Received, error) {
	outcomes, err := a.Engine.Apply(r.Context(), body.Facts...)
	if err != nil {
		return a.bad(r, sender, raw, body, err)
	}
	return Received{Answer{Outcome: outcomes[0].Result, Account: outcomes[0].Account, Event: body.ID}, body}, nil
}
