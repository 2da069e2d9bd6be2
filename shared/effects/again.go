package effects

import (
	"context"
	"encoding/json"
	"slices"

	"seatmend/shared/casework"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/superoffice"
)

// again tells how many of those who gave up a plan in an exchange are without one still, where a list of people
// shows that they are fewer than was told: somebody gave them one by hand, or they have left.
func (v *reading) again(ctx context.Context, l superoffice.Licence, users []superoffice.User) ([]licence.Payload, error) {
	told := v.s.Known.Inst(v.site.CustID).Moved.Value
	if told.Without == 0 || v.moves() {
		return nil, nil
	}
	keys := []licence.RowKey{{Kind: "choice", ID: told.Of}, {Kind: "run", ID: told.Of}}
	rows, err := v.r.Store.Load(ctx, v.s.Account, store.Want{Rows: keys, Have: store.Unread})
	if err != nil {
		return nil, err
	}
	var chosen casework.Chosen
	var run casework.Run
	for i, to := range []any{&chosen, &run} {
		if row, ok := rows.Rows[keys[i]]; ok {
			if err := json.Unmarshal(row.Body, to); err != nil {
				return nil, err
			}
		}
	}
	without := 0
	for _, id := range run.Without() {
		of := []string{} // what the exchange is about
		for _, p := range chosen.Picks {
			if p.User == id {
				of = append(of, p.Plan, p.To)
			}
		}
		if slices.ContainsFunc(users, func(u superoffice.User) bool { return u.ID == id && !u.Retired && !v.holds(l, u, of) }) {
			without++
		}
	}
	if without >= told.Without {
		return nil, nil
	}
	told.Without, told.Left = without, 0 // what was left nobody waits for
	return []licence.Payload{told}, nil
}

// moves tells whether seats are being moved: then that run tells how far it is.
func (v *reading) moves() bool {
	for _, e := range v.s.History.Pending {
		if (e.Kind == licence.Move || e.Kind == licence.Activate) && e.CustID == licence.Lower(v.site.CustID) {
			return true
		}
	}
	return false
}

// holds tells whether a user holds one of the plans given, or any other plan.
func (v *reading) holds(l superoffice.Licence, u superoffice.User, plans []string) bool {
	return slices.ContainsFunc(u.Plans, func(module string) bool {
		return slices.Contains(plans, planOf(v.s, module)) || slices.ContainsFunc(l.Modules, func(m superoffice.Module) bool {
			return m.Module == module && m.Kind == superoffice.KindPlan
		})
	})
}
