package store

import (
	"context"
	"iter"

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
