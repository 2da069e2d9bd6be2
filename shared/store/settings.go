package store

import (
	"context"

	"seatmend/shared/licence"
)

// With is the store, whose every loaded state has the operator's settings.
func With(s Store, settings licence.Settings) Store { return set{s, settings} }

type set struct {
	Store
	settings licence.Settings
}

func (s set) Load(ctx context.Context, account string, w Want) (licence.Loaded, error) {
	l, err := s.Store.Load(ctx, account, w)
	l.State.Settings = s.settings
	return l, err
}

func (s set) Begin(ctx context.Context, c licence.Change) (wait func() error) {
	return Begin(ctx, s.Store, c)
}
