package sim

import (
	"context"
	"slices"
	"strings"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// The reference model of the headline numbers: of each thing the latest telling counts, and of two of
// one instant the greater id. It knows nothing of registers, rosters or stores.

// latest are the messages of a kind that were taken and do not wait for their account, the latest first.
func (w *world) latest(c customer, kind string) (all []*message) {
	for _, m := range w.messages_ {
		_, parked, _ := w.db.OwnerOf(m.fact)
		if m.accepted && m.kind == kind && w.plan.Who[m.Of].N == c.N && !m.ignored && !m.poison && !parked {
			all = append(all, m)
		}
	}
	slices.SortFunc(all, func(a, b *message) int {
		if d := b.at.Compare(a.at); d != 0 {
			return d
		}
		return strings.Compare(b.fact, a.fact)
	})
	return all
}

// lawModel: who holds a seat, how many are ordered and what the licence says are what the model says.
func (w *world) lawModel(c customer, s licence.State) {
	in := s.Known.Inst(c.cust())
	if !c.Connected {
		w.lawHolders(c, s)
		if all := w.latest(c, "licence.reported"); len(all) > 0 {
			line := all[0].data["plans"].([]any)[0].(map[string]any)
			got := licence.LicenceLine{}
			if lines := in.Report.Value.Plans; len(lines) > 0 {
				got = lines[0]
			}
			if got.Total != line["total"] || line["new_total"] != nil && (got.NewTotal == nil || *got.NewTotal != line["new_total"]) {
				w.fail("%s: the licence is %+v, the model says %v", s.Account, got, line)
			}
		}
	}
	if all := w.latest(c, "subscription.changed"); len(all) > 0 {
		want := all[0].data["plans"].([]any)[0].(map[string]any)["seats"]
		now := s.Known.Orders.Subs["sub-"+c.account()]
		if now == nil || len(now.Now) == 0 || len(now.Now[0].Value.Items) == 0 || now.Now[0].Value.Items[0].Quantity != want {
			w.fail("%s: ordered is %+v, the model says %v", s.Account, now, want)
		}
	}
	if all := w.latest(c, "stripe"); len(all) > 0 && !w.doubted(c) && (len(all) == 1 || all[1].at.Before(all[0].at)) {
		now := s.Known.Orders.Subs["sub_"+c.stripe()]
		if now == nil || len(now.Now) == 0 || len(now.Now[0].Value.Items) == 0 || now.Now[0].Value.Items[0].Quantity != all[0].X%9 {
			w.fail("%s: ordered is %+v, the model says %d", s.Account, now, all[0].X%9)
		}
	}
	if all := w.latest(c, "account.changed"); len(all) > 0 {
		var got, want []string
		for _, x := range s.Known.Profile.Account.Value.Contacts {
			got = append(got, x.ID+string(x.Left))
		}
		for _, x := range all[0].data["contacts"].([]any) {
			m := x.(map[string]any)
			left, _ := m["left"].(string)
			want = append(want, m["id"].(string)+left)
		}
		if !slices.Equal(got, want) {
			w.fail("%s: its people are %v, the model says %v", s.Account, got, want)
		}
	}
}

// doubted tells whether a body about the customer's order could not be read.
func (w *world) doubted(c customer) bool {
	return slices.ContainsFunc(w.messages_, func(m *message) bool { return m.poison && w.plan.Who[m.Of].N == c.N })
}

// lawHolders compares who holds a seat.
func (w *world) lawHolders(c customer, s licence.State) {
	type told struct {
		at   time.Time
		id   string
		held bool
	}
	holds := map[string]told{}
	newer := func(a told, at time.Time, id string) bool { return at.After(a.at) || at.Equal(a.at) && id > a.id }
	lists, seats := w.latest(c, "seats.listed"), w.latest(c, "seat.changed")
	var list told
	if len(lists) > 0 {
		list = told{lists[0].at, lists[0].fact, true}
		for _, x := range lists[0].data["seats"].([]any) {
			holds[x.(map[string]any)["user"].(map[string]any)["id"].(string)] = list
		}
	}
	for _, m := range seats {
		user := m.data["user"].(map[string]any)["id"].(string)
		if was := holds[user]; newer(was, m.at, m.fact) && newer(list, m.at, m.fact) {
			holds[user] = told{m.at, m.fact, m.data["held"].(bool)}
		}
	}
	in := s.Known.Inst(c.cust())
	rows, _, _ := w.db.Seats(context.Background(), s.Account, in.CustID, in.Roster.ID, store.Page{Limit: 500})
	var got, want []string
	for _, r := range rows {
		if len(store.Holds(r)) > 0 {
			got = append(got, r.User.Value.ID)
		}
	}
	for user, h := range holds {
		if h.held {
			want = append(want, user)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.fail("%s: %v hold a seat, the model says %v", s.Account, got, want)
	}
	if n := in.Roster.Held["p"]; n != len(want) {
		w.fail("%s: %d are assigned, the model says %d", s.Account, n, len(want))
	}
}
