package licence

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"
)

// ordered is the sum over live subscriptions, as far as it is known.
func (r *Reading) ordered(s *Site, m *Module) {
	m.Order = orderNever
	home := r.home()
	told, live, doubt := false, false, false
	var at time.Time
	source, sum := "", 0
	for _, id := range slices.Sorted(maps.Keys(r.K.Orders.Subs)) {
		sub := r.K.Orders.Subs[id]
		now, sure := sub.Latest()
		if len(sub.Now) == 0 {
			continue
		}
		told = true
		most := 0
		for _, l := range sub.Lists {
			n, _ := r.count(m, s, home, l.Items)
			most = max(most, n)
		}
		m.Highest += most
		if r.ended(now.Value) {
			continue
		}
		live = true
		present, _ := r.items(sub, now)
		n, clear := r.count(m, s, home, present.Items)
		if !sure || !clear || present.Uncounted {
			doubt = true
		}
		sum += n
		m.Cut = m.Cut || n < r.peak(m, s, home, sub, now)
		if t := latest(now.At, present.At); t.After(at) {
			at, source = t, now.Source
		}
	}
	mapped := len(m.Plans) > 0 || sum > 0
	m.B = Num{Evidence{"ordered", sum, source, at, ""}, sum, false}
	switch {
	case !told || !mapped:
		m.Order = orderNever
	case !live || doubt || r.billingSilent():
		m.Order = orderDisputed
	default:
		m.Order, m.B.Known = orderKnown, true
	}
}

// home is the installation to which a line without a CustID belongs; "": it cannot be told.
func (r *Reading) home() string {
	if home := r.Production(); len(home) == 1 {
		return home[0].Inst.CustID
	}
	return ""
}

// ended tells whether a subscription has.
func (r *Reading) ended(p SubscriptionChanged) bool {
	return p.Status == "ended" || r.C.Past(p.EndsAt.Start(r.Cal.Zone))
}

// items are what a subscription orders at the instant asked, since when by its schedule, and
// what it will order.
func (r *Reading) items(sub *Sub, now Reg[SubscriptionChanged]) (present Phase, next []Phase) {
	present = Phase{Items: now.Value.Items, Uncounted: now.Value.Uncounted}
	for _, p := range schedule(sub, now) {
		if r.C.Past(p.At) {
			present = p
		} else {
			next = append(next, p)
		}
	}
	return present, next
}

// count is how many of a list belong to the module at the site. It is not clear where an item
// is paid by use, or belongs to no plan, or to no installation that can be told.
func (r *Reading) count(m *Module, s *Site, home string, items []Item) (n int, clear bool) {
	clear = true
	cust := strings.ToLower(s.Installation.CustID)
	for _, it := range items {
		if it.Quantity == 0 && !it.Metered || r.notSeat(it) {
			continue
		}
		p, ok := r.planOf(it)
		if !ok {
			if it.Plan != "" && m.Subject.Kind == "plan" && it.Plan == m.Subject.ID && len(m.Plans) == 0 {
				n += it.Quantity
				clear = clear && !it.Metered
				continue
			}
			clear = false
			continue
		}
		if !slices.ContainsFunc(m.Plans, func(q Plan) bool { return q.Plan == p.Plan }) {
			continue
		}
		where := strings.ToLower(it.CustID)
		if where == "" {
			where = home
		}
		if where == "" {
			clear = false
		}
		if where == cust {
			n += it.Quantity
			clear = clear && !it.Metered
		}
	}
	return n, clear
}

// planOf is the directory's plan of an ordered item.
func (r *Reading) planOf(it Item) (Plan, bool) {
	for _, p := range r.A.Plans {
		if it.Plan != "" && it.Plan == p.Plan {
			return p, true
		}
		for _, price := range it.Prices {
			if price != "" && slices.Contains(p.Prices, price) {
				return p, true
			}
		}
	}
	return Plan{}, false
}

// notSeat tells whether the item's price belongs to no plan on purpose.
func (r *Reading) notSeat(it Item) bool {
	free := r.K.Profile.NotSeats.Value
	return free != nil && slices.ContainsFunc(it.Prices, func(p string) bool { return slices.Contains(*free, p) })
}

// unmapped are the ordered items of live subscriptions that belong to no known plan.
func (r *Reading) unmapped() (items []Item, ev Evidence) {
	for _, id := range slices.Sorted(maps.Keys(r.K.Orders.Subs)) {
		sub := r.K.Orders.Subs[id]
		now, _ := sub.Latest()
		if len(sub.Now) == 0 || r.ended(now.Value) {
			continue
		}
		present, _ := r.items(sub, now)
		for _, it := range present.Items {
			if _, ok := r.planOf(it); it.Quantity > 0 && !ok && !r.notSeat(it) && !r.licensed(it.Plan) {
				if i := slices.IndexFunc(items, func(o Item) bool { return o.id() == it.id() }); i >= 0 {
					items[i].Quantity += it.Quantity
				} else {
					items = append(items, it)
				}
				ev = Evidence{"ordered", it.Quantity, now.Source, now.At, "unmapped/" + id}
			}
		}
	}
	return items, ev
}

// licensed tells whether a licence names the plan, though the directory does not.
func (r *Reading) licensed(plan string) bool {
	return plan != "" && slices.ContainsFunc(r.Sites, func(s *Site) bool {
		return slices.ContainsFunc(s.L.Plans, func(l LicenceLine) bool { return l.Plan == plan })
	})
}

// orderText is what is ordered of the module now and later: its change is an order in motion.
func (r *Reading) orderText(m *Module, s *Site) string {
	text := fmt.Sprint(m.B.N, " ", m.Order)
	for _, id := range slices.Sorted(maps.Keys(r.K.Orders.Subs)) {
		sub := r.K.Orders.Subs[id]
		now, _ := sub.Latest()
		_, next := r.items(sub, now)
		for _, p := range next {
			n, _ := r.count(m, s, r.home(), p.Items)
			text += fmt.Sprint("; ", p.At.Unix(), " ", n)
		}
	}
	return text
}

// schedule is what a subscription becomes after it was last told, the soonest first: what was
// to come before that has been told since.
func schedule(sub *Sub, now Reg[SubscriptionChanged]) []Phase {
	plan := now.Value.Scheduled
	if plan == nil {
		plan = sub.Schedule.Value
	}
	plan = slices.DeleteFunc(slices.Clone(plan), func(p Phase) bool { return !p.At.After(now.At) })
	sort.SliceStable(plan, func(i, j int) bool { return plan[i].At.Before(plan[j].At) })
	return plan
}

// peak is the most that the subscription orders of the module, as told and by what of its
// schedule has come: less than that is a reduction in force.
func (r *Reading) peak(m *Module, s *Site, home string, sub *Sub, now Reg[SubscriptionChanged]) int {
	most, _ := r.count(m, s, home, now.Value.Items)
	for _, p := range schedule(sub, now) {
		if r.C.Past(p.At) {
			n, _ := r.count(m, s, home, p.Items)
			most = max(most, n)
		}
	}
	return most
}

// id is what the sender calls the item.
func (it Item) id() string {
	if it.Plan == "" && len(it.Prices) > 0 {
		return it.Prices[0]
	}
	return it.Plan
}
