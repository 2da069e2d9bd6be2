package app

import (
	"context"
	"errors"
	"slices"

	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/webhook"
)

// Foreign says why a body of a provider that has a test mode is none of ours, "" where it is, and
// gives the account that was read to tell. It is asked before anything else is judged of the body:
// of those that are bad, nobody is to look at one of the other mode, or of a customer whom nobody
// has told of.
func (a *App) Foreign(ctx context.Context, sender string, body webhook.Body, bad bool) (licence.Loaded, string, error) {
	first := licence.Fact{To: body.About}
	if len(body.Facts) > 0 {
		first = body.Facts[0]
	}
	about := first.To
	if body.Mode == "" || len(about) == 0 {
		return licence.Loaded{}, "", nil
	}
	const other = "the provider's other mode than the customer's"
	l, err := a.Engine.Read(ctx, first)
	if errors.Is(err, store.ErrNoAccount) {
		switch {
		case body.Mode != "live":
			return l, other, nil
		case bad:
			return l, "it is about a customer whom no account names, and cannot be kept until one does", nil
		}
		return l, "", nil
	}
	if err != nil {
		return l, "", err
	}
	if !l.State.Known.Profile.Account.Value.InMode(sender, body.Mode, about) {
		return l, other, nil
	}
	// A body may tell of several customers; it is taken as a whole, or not at all.
	judged := about
	for _, f := range slices.Concat(body.Facts, body.Doubts) {
		if slices.Equal(f.To, about) || slices.Equal(f.To, judged) {
			continue
		}
		judged = f.To
		also, err := a.Engine.Read(ctx, f)
		switch unknown := errors.Is(err, store.ErrNoAccount); {
		case err != nil && !unknown:
			return l, "", err
		case unknown && body.Mode != "live", !unknown && !also.State.Known.Profile.Account.Value.InMode(sender, body.Mode, f.To):
			return l, other, nil
		}
	}
	return l, "", nil
}
