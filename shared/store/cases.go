package store

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"seatmend/shared/licence"
)

// EachCase gives all that Cases lists, page after page, until the first error.
func EachCase(ctx context.Context, s Store) iter.Seq2[licence.Entry, error] {
	return func(yield func(licence.Entry, error) bool) {
		for p := (Page{Limit: 500}); ; {
			list, next, err := s.Cases(ctx, p)
			if err != nil {
				yield(licence.Entry{}, err)
				return
			}
			for _, e := range list {
				if !yield(e, nil) {
					return
				}
			}
			if next.Cursor == "" {
				return
			}
			p.Cursor = next.Cursor
		}
	}
}

// FiguresNeeded are the customers whose figures are needed, the first to lose their licence first.
func FiguresNeeded(ctx context.Context, s Store) (list []licence.Entry, err error) {
	for e, err := range EachCase(ctx, s) {
		if err != nil {
			return nil, err
		}
		if e.Figures != "" {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b licence.Entry) int {
		return cmp.Or(cmp.Compare(a.Figures, b.Figures), cmp.Compare(a.Account, b.Account))
	})
	return list, nil
}
