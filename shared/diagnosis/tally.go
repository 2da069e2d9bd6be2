package diagnosis

import (
	"slices"
	"strconv"

	"seatmend/shared/licence"
)

// How many seats items order, and of which plan a price is.

// A tally is a list of items added up.
type tally struct {
	seats   map[planAt]int
	metered map[planAt]bool
	strange map[string]bool // plans that the directory does not know; "": a price of none
}

// A planAt is a plan in an installation; "": it cannot be told in which.
type planAt struct{ plan, custID string }

func (r *Reading) tally(items []licence.Item) tally {
	if len(items) == 0 {
		return tally{}
	}
	if home := r.home(); r.always.home != home {
		r.always.home, r.always.tallies = home, nil
	}
	return remembered(&r.always.tallies, &items[0], func() tally {
		t := tally{seats: map[planAt]int{}}
		for _, it := range r.seated(items) {
			p, known := r.planOf(it)
			if !known {
				p.Plan = it.Plan
				note(&t.strange, it.Plan)
			}
			at := planAt{p.Plan, r.place(it)}
			t.seats[at] += it.Quantity
			if it.Metered {
				note(&t.metered, at)
			}
		}
		return t
	})
}

func note[K comparable](set *map[K]bool, k K) {
	if *set == nil {
		*set = map[K]bool{}
	}
	(*set)[k] = true
}

// count is how many of a list belong to the module at the site. It is not clear where an item
// is paid by use, or belongs to no plan, or to no installation that can be told.
func (r *Reading) count(m *Module, s *Installation, items []licence.Item) (n int, clear bool) {
	t := r.tally(items)
	own := "" // a plan that the licence alone knows
	if len(m.Plans) == 0 && m.Subject.Kind == "plan" {
		own = m.Subject.ID
	}
	clear = len(t.strange) == 0 || len(t.strange) == 1 && own != "" && t.strange[own]
	add := func(plan string) {
		here, nowhere := planAt{plan, s.KnownInstallation.CustID}, planAt{plan, ""}
		n += t.seats[here]
		if _, lost := t.seats[nowhere]; lost || t.metered[here] {
			clear = false
		}
	}
	for _, p := range m.Plans {
		add(p.Plan)
	}
	if own != "" && t.strange[own] {
		add(own)
	}
	return n, clear
}

// A planIndex finds the directory's plans by their ids and by their prices: the first of each.
type planIndex struct{ byID, byPrice map[string]int }

// planOf is the directory's plan of an ordered item.
func (r *Reading) planOf(it licence.Item) (licence.Plan, bool) {
	if r.always.plans == nil {
		r.always.plans = &planIndex{map[string]int{}, map[string]int{}}
		for i, p := range slices.Backward(r.A.Plans) {
			r.always.plans.byID[p.Plan] = i
			for _, price := range p.Prices {
				r.always.plans.byPrice[price] = i
			}
		}
	}
	x, first := r.always.plans, len(r.A.Plans)
	if i, ok := x.byID[it.Plan]; ok && it.Plan != "" {
		first = i
	}
	for _, price := range it.Prices {
		if i, ok := x.byPrice[price]; ok && price != "" {
			first = min(first, i)
		}
	}
	if first == len(r.A.Plans) {
		return licence.Plan{}, false
	}
	return r.A.Plans[first], true
}

// notSeat tells whether the item's price belongs to no plan on purpose.
func (r *Reading) notSeat(it licence.Item) bool {
	free := r.K.Profile.NotSeats.Value
	return free != nil && slices.ContainsFunc(it.Prices, func(p string) bool { return slices.Contains(*free, p) })
}

// unmapped are the ordered items of live subscriptions that belong to no known plan.
func (r *Reading) unmapped() (items []licence.Item, ev Evidence) {
	for _, o := range r.subscriptions() {
		if !o.begun || o.ended {
			continue
		}
		for _, it := range r.seated(o.present.Items) {
			if _, ok := r.planOf(it); ok || r.licensed(it.Plan) {
				continue
			}
			if i := slices.IndexFunc(items, func(have licence.Item) bool { return have.ID() == it.ID() }); i >= 0 {
				items[i].Quantity += it.Quantity
				items[i].Metered = items[i].Metered || it.Metered
			} else {
				items = append(items, it)
			}
			ev = Evidence{"ordered", it.Quantity, o.now.Source, o.now.At, "unmapped/" + o.now.Value.Subscription}
		}
	}
	return items, ev
}

// licensed tells whether a licence names the plan, though the directory does not.
func (r *Reading) licensed(plan string) bool {
	return plan != "" && slices.ContainsFunc(r.Sites, func(s *Installation) bool {
		return slices.ContainsFunc(s.L.Plans, func(l licence.LicenceLine) bool { return l.Plan == plan })
	})
}

// orderText is what is ordered of the module now and later.
func (r *Reading) orderText(m *Module, s *Installation) string {
	text := strconv.Itoa(m.B.N) + " " + m.Order
	for _, o := range r.subscriptionsOf(s) {
		for _, p := range o.line {
			if n, _ := r.count(m, s, p.Items); !p.At.IsZero() && !r.C.Past(p.At) {
				text += "; " + strconv.FormatInt(p.At.Unix(), 10) + " " + strconv.Itoa(n)
			}
		}
	}
	return text
}

// laterMost is the most that is ordered of the module now or at a later instant, by schedules.
func (r *Reading) laterMost(m *Module) int {
	most := m.Told.N
	all := slices.DeleteFunc(slices.Clone(r.subscriptionsOf(m.Site)), func(o *subscription) bool { return o.ended })
	for _, o := range all {
		for _, p := range o.line {
			if p.At.IsZero() || r.C.Past(p.At) {
				continue
			}
			sum := 0
			for _, o := range all {
				last := 0
				for _, q := range o.line {
					if !q.At.After(p.At) {
						last, _ = r.count(m, m.Site, q.Items)
					}
				}
				sum += last
			}
			most = max(most, sum)
		}
	}
	return most
}
