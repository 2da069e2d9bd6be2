package app

import (
	"cmp"
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
	// An invoice or a payment, of which a body may name nothing else, is in a mode of the customer's.
	modes := map[string]bool{}
	for _, b := range l.State.Known.Profile.Account.Value.Billing {
		if b.Sender != sender {
			continue
		}
		mode := cmp.Or(b.Mode, "live")
		if slices.ContainsFunc(about, func(n licence.Name) bool { return n.ID == b.ID || n.ID == b.Subscription }) {
			modes = map[string]bool{mode: true}
			break
		}
		modes[mode] = true
	}
	if len(modes) == 0 {
		modes["live"] = true
	}
	if !modes[body.Mode] {
		return l, other, nil
	}
	return l, "", nil
}
