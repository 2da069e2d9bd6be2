package diagnosis

import (
	"maps"
	"slices"
	"sort"
	"strconv"
	"time"

	"seatmend/shared/licence"
)

// A subscription is one as it reads at the instant asked.
type subscription struct {
	*licence.Sub
	now     licence.Reg[licence.SubscriptionChanged] // its latest telling
	sure    bool                                     // of what was told in one second, one telling holds
	line    []licence.Phase                          // what it orders as told, and by its schedule from when on
	present licence.Phase                            // of the line
	begun   bool                                     // it is not still to come
	ended   bool
	fees    bool // it never ordered anything but what counts no seats
}

// subscriptions are all subscriptions that were told.
func (r *Reading) subscriptions() []*subscription {
	if r.subs != nil {
		return r.subs
	}
	r.subs = []*subscription{}
	for _, id := range slices.Sorted(maps.Keys(r.K.Orders.Subs)) {
		o := &subscription{Sub: r.K.Orders.Subs[id], sure: true}
		if len(o.Now) > 0 {
			o.now, o.sure = o.Latest()
			told := licence.Phase{Items: o.now.Value.Items, Uncounted: o.now.Value.Uncounted}
			if o.now.Value.Unpaid() && r.nothing(told, nil) && len(r.seated(o.everOrdered())) > 0 {
				told.Uncounted = true // a payment status never becomes a seat count, nor an end
			}
			o.line = []licence.Phase{told}
		}
		o.line = append(o.line, schedule(o.Sub, o.now)...)
		if len(o.Now) == 0 {
			o.now.Stamp = o.Schedule.Stamp // nothing else was told of it
		}
		for _, p := range o.line {
			if p.At.IsZero() || r.C.Past(p.At) {
				o.present, o.begun = p, true
			}
		}
		live := func(n licence.Reg[licence.SubscriptionChanged]) bool { return !r.ended(n.Value) }
		switch {
		case len(o.Now) > 0 && (o.sure && !live(o.now) || !slices.ContainsFunc(o.Now, live)):
			o.ended = true
		case !o.present.At.IsZero():
			o.ended = r.nothing(o.present, nil) // a schedule to nothing is an end
		}
		items := r.everOrdered(o)
		o.fees = len(items) > 0 && !slices.ContainsFunc(items, func(it licence.Item) bool { return !r.notSeat(it) })
		if len(o.Now) > 0 || slices.ContainsFunc(o.line, func(p licence.Phase) bool { return !r.nothing(p, nil) }) {
			r.subs = append(r.subs, o)
		}
	}
	return r.subs
}

// everOrdered are all items that the subscription was ever told to have, as far as they are kept.
func (r *Reading) everOrdered(o *subscription) []licence.Item {
	return remembered(&r.always.told, o.Sub, o.everOrdered)
}

func (o *subscription) everOrdered() (all []licence.Item) {
	for _, p := range o.line {
		all = append(all, p.Items...)
	}
	for _, l := range o.Lists {
		all = append(all, l.Items...)
	}
	return all
}

// body is the time of the latest telling that says what the subscription orders, now or later.
func (o *subscription) body() time.Time { return licence.Latest(o.now.At, o.Schedule.At) }

// presentAs is who told, and when, what the subscription orders at the instant asked: of a step of its
// schedule whoever told the schedule, not the day on which it began.
func (o *subscription) presentAs() licence.Stamp {
	if len(o.Now) == 0 || !o.present.At.IsZero() && o.now.Value.Scheduled == nil {
		return o.Schedule.Stamp
	}
	return o.now.Stamp
}

// schedule is what a subscription becomes after it was last told, the soonest first: what was
// to come before that has been told since.
func schedule(sub *licence.Sub, now licence.Reg[licence.SubscriptionChanged]) []licence.Phase {
	plan := now.Value.Scheduled
	if plan == nil {
		plan = sub.Schedule.Value
	}
	plan = slices.DeleteFunc(slices.Clone(plan), func(p licence.Phase) bool { return !p.At.After(now.At) })
	sort.SliceStable(plan, func(i, j int) bool { return plan[i].At.Before(plan[j].At) })
	return plan
}

// ended tells whether a subscription has, by its status or its date.
func (r *Reading) ended(p licence.SubscriptionChanged) bool {
	return p.Status == "ended" || r.C.Past(p.EndsAt.Start(r.Cal.Zone))
}

// subscriptionsOf are the subscriptions of an installation: whose lines order, or ever ordered, seats
// there, or may have, where a line does not say of which installation it is. Those of fees alone
// are left out, if there is another. Nil stands for the account as a whole.
func (r *Reading) subscriptionsOf(s *Installation) []*subscription {
	return remembered(&r.memo.of, s, func() []*subscription { return r.findSubscriptionsOf(s) })
}

func (r *Reading) findSubscriptionsOf(s *Installation) (all []*subscription) {
	for _, o := range r.subscriptions() {
		if s == nil || r.belongs(s, o) {
			all = append(all, o)
		}
	}
	if slices.ContainsFunc(all, func(o *subscription) bool { return !o.fees }) {
		all = slices.DeleteFunc(all, func(o *subscription) bool { return o.fees })
	}
	return all
}

// A memo keeps what a reading has found out of its subscriptions: each is asked of many modules.
type memo struct {
	of      map[*Installation][]*subscription
	end     map[sited]time.Time
	last    map[sited]licence.Phase
	changed map[sited]time.Time
	home    *string
}

// A sited is a subscription at one of its installations.
type sited struct {
	at *Installation
	o  *subscription
}

func (r *Reading) belongs(s *Installation, o *subscription) bool {
	items := r.everOrdered(o)
	if seats := r.seated(items); len(seats) > 0 {
		items = seats
	}
	return len(items) == 0 || slices.ContainsFunc(items, func(it licence.Item) bool { return r.here(s, it) })
}

// here tells whether an item is of the installation, or may be.
func (r *Reading) here(s *Installation, it licence.Item) bool {
	at := r.place(it)
	return s == nil || at == "" || at == s.KnownInstallation.CustID
}

// place is the installation that an item is of; "": it cannot be told.
func (r *Reading) place(it licence.Item) string {
	if it.CustID != "" {
		return licence.Lower(it.CustID)
	}
	return r.home()
}

// home is the installation to which a line without a CustID belongs; "": it cannot be told.
func (r *Reading) home() string {
	if r.memo.home == nil {
		r.memo.home = new(string)
		if home := r.Production(); len(home) == 1 {
			*r.memo.home = home[0].KnownInstallation.CustID
		}
	}
	return *r.memo.home
}

// seated are the items that order seats, or may.
func (r *Reading) seated(items []licence.Item) []licence.Item {
	none := func(it licence.Item) bool { return it.Quantity == 0 && !it.Metered || r.notSeat(it) }
	if !slices.ContainsFunc(items, none) {
		return items
	}
	return slices.DeleteFunc(slices.Clone(items), none)
}

// nothing tells whether a list orders no seat of any plan at an installation.
func (r *Reading) nothing(p licence.Phase, s *Installation) bool {
	return !p.Uncounted && !slices.ContainsFunc(r.seated(p.Items), func(it licence.Item) bool { return r.here(s, it) })
}

// Cut are the sources that told of more orders than the account can hold, as far as it has to do with
// them still: what is ordered is not known then.
func (r *Reading) Cut() (sources []string) {
	for _, source := range licence.SortedKeys(r.K.Profile.Whole) {
		listed := slices.ContainsFunc(r.A.Billing, func(b licence.Mapping) bool { return b.Sender == source })
		if !r.K.Profile.Whole[source].Value && (listed || source == "standard") {
			sources = append(sources, source)
		}
	}
	return sources
}

// since is the time of the body with which the present list came to be one that is so; else.
func (o *subscription) since(other time.Time, so func([]licence.Item) bool) time.Time {
	n := 0
	for n < len(o.Lists) && o.Lists[n].Hash == "" && so(o.Lists[n].Items) {
		n++
	}
	if n == 0 {
		return other
	}
	at := o.Lists[n-1].First
	if n < len(o.Lists) {
		at = licence.Latest(at, o.Lists[n].At) // it alternated: not before the other was last told
	}
	return at
}

// ordered is the sum over live subscriptions, as far as it is known, and what those that ended
// have left behind.
func (r *Reading) ordered(s *Installation, m *Module) {
	var told, live, doubt bool
	var at time.Time
	source, sum := "", 0
	for _, o := range r.subscriptionsOf(s) {
		if o.fees {
			continue
		}
		m.Body = licence.Latest(m.Body, o.body())
		if !o.ended {
			m.Line += r.lineText(m, s, o)
		}
		if !o.begun {
			continue
		}
		told = true
		m.Highest += r.most(m, s, o)
		if o.ended {
			continue
		}
		n, clear := r.count(m, s, o.present.Items)
		doubt = doubt || !o.sure || !clear || o.present.Uncounted
		live, sum, m.Once = true, sum+n, m.Once+r.most(m, s, o)
		m.Cut = m.Cut || n < r.peak(m, s, o)
		if t := o.presentAs(); t.At.After(at) {
			at, source = t.At, t.Source
		}
		m.Begun = licence.Latest(m.Begun, o.present.At)
	}
	doubt = doubt || len(r.Cut()) > 0
	if live && !s.Ending.over && !r.leftBehind(s, m) {
		doubt = true
	}
	m.B = Num{Evidence{"ordered", sum, source, at, ""}, sum, false}
	switch {
	case !told || len(m.Plans) == 0 && sum == 0:
		m.Order = orderNever
	case !live || s.Ending.over || doubt || r.billingSilent():
		m.Order = OrderDisputed
	default:
		m.Order, m.B.Known = orderKnown, true
	}
}

// most is the most that a subscription was ever told to order of the module.
func (r *Reading) most(m *Module, s *Installation, o *subscription) (most int) {
	for _, l := range o.Lists {
		n, _ := r.count(m, s, l.Items)
		most = max(most, n)
	}
	return most
}

// peak is the most that the subscription orders of the module, as told and by what of its
// schedule has come: less than that is a reduction in force.
func (r *Reading) peak(m *Module, s *Installation, o *subscription) (most int) {
	for _, p := range o.line {
		if p.At.IsZero() || r.C.Past(p.At) {
			n, _ := r.count(m, s, p.Items)
			most = max(most, n)
		}
	}
	return most
}

// lineText is what a subscription orders of the module, as told and by its schedule. It changes
// with what is told, and not with the time.
func (r *Reading) lineText(m *Module, s *Installation, o *subscription) (text string) {
	for _, p := range o.line {
		n, _ := r.count(m, s, p.Items)
		text += ";" + strconv.FormatInt(p.At.Unix(), 10) + " " + strconv.Itoa(n)
	}
	return text
}

// Settles is when the order of the module has rested; zero: it has.
func (m *Module) Settles(r *Reading) time.Time {
	return r.rested(m.Site, r.numberOf("order", m), m.Line, m.Body)
}

// rested is when something about an installation's orders has rested: SETTLE after the body that
// rested or changed it. What is told without saying since when it is so has rested: then it is zero.
func (r *Reading) rested(s *Installation, of, is string, body time.Time) time.Time {
	if h, ok := r.h.Numbers[of]; ok && h.Value == is {
		body = h.Since // what came later has only confirmed it
	}
	sheet := func(o *subscription) bool { return o.now.Value.Settled && o.now.At.Equal(body) }
	if body.IsZero() || slices.ContainsFunc(r.subscriptionsOf(s), sheet) {
		return time.Time{}
	}
	return body.Add(licence.Settling)
}
