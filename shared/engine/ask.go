package engine

import (
	"context"

	"seatmend/shared/casework"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// Ask tells the account that pays for another one what it is asked to pay, or that it no longer
// is. Where there is no such account, or it has nobody who pays, that is the outcome.
func (e *Engine) Ask(ctx context.Context, s licence.State, f licence.Effect) ([]licence.Payload, licence.Result, error) {
	l, err := e.Store.Load(ctx, f.Account, store.Want{})
	if err != nil {
		return nil, licence.Result{}, err
	}
	if l.State.N == 0 || f.Asked.Over == "" && !casework.Pays(l.State, e.Now()) {
		return nil, licence.Result{Outcome: "nobody"}, nil
	}
	_, err = e.Apply(ctx, licence.Fact{
		ID: "payer/" + s.Account + "/" + f.ID, To: []licence.Name{{Sender: "account", ID: f.Account}},
		At: f.Asked.At, Source: "account", Payload: *f.Asked,
	})
	return nil, licence.Result{Outcome: "done"}, err
}
