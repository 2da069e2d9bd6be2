package store

import (
	"context"
	"slices"

	"seatmend/shared/licence"
)

// With is the store, whose every loaded state has the operator's settings.
func With(s Store, settings licence.Settings) Store {
	return Settled(s, func() licence.Settings { return settings })
}

// Settled is With, of settings that may be others later.
func Settled(s Store, settings func() licence.Settings) Store { return set{s, settings} }

type set struct {
	Store
	settings func() licence.Settings
}

// longest is how many bytes an id may have: what a caller asks for under a longer one there is not,
// and DynamoDB would not even take it for a key.
const longest = 256

func (s set) Load(ctx context.Context, account string, w Want) (licence.Loaded, error) {
	if len(account) > longest {
		return licence.Loaded{State: licence.State{Settings: s.settings()}}, nil
	}
	w.Rows = slices.DeleteFunc(slices.Clone(w.Rows), func(k licence.RowKey) bool { return len(k.ID) > longest })
	w.Seats = slices.DeleteFunc(slices.Clone(w.Seats), func(k licence.Key) bool { return len(k.CustID) > longest || len(k.User) > longest })
	l, err := s.Store.Load(ctx, account, w)
	l.State.Settings = s.settings()
	return l, err
}

func (s set) Begin(ctx context.Context, c licence.Change, on *Mark) Begun {
	return Begin(ctx, s.Store, c, on)
}

func (s set) Row(ctx context.Context, account, kind, id string) (licence.Row, bool, error) {
	if len(account) > longest || len(id) > longest {
		return licence.Row{}, false, nil
	}
	return s.Store.Row(ctx, account, kind, id)
}
