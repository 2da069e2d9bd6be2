package effects

import (
	"context"
	"encoding/json"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// linkOf is the row of a link; false: there is none (any more), and the link opens nothing.
func linkOf(ctx context.Context, db store.Store, account, id string) (LinkRow, bool, error) {
	row, _, err := db.Row(ctx, account, "link", id)
	if err != nil {
		return LinkRow{}, false, err
	}
	return LinkIn(row)
}

// LinkIn is the link of a row; false: there is no row.
func LinkIn(row licence.Row) (l LinkRow, ok bool, err error) {
	if row.ID == "" {
		return l, false, nil
	}
	err = json.Unmarshal(row.Body, &l)
	return l, err == nil, err
}

// Gen is the generation of the tokens that open: of those that were given before the link was
// revoked none ever opens again. The first is 1.
func (l LinkRow) Gen() int { return max(1, l.Generation) }

// Next is the generation of a token that is given now.
func (l LinkRow) Next() int {
	if l.Revoked.IsZero() {
		return l.Gen()
	}
	return l.Gen() + 1
}

// Opens tells whether tokens of that generation open.
func (l LinkRow) Opens(generation int) bool { return l.Revoked.IsZero() && generation == l.Gen() }
