package licence

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"sort"
	"strings"
)

// The clock of some senders has whole seconds (Stripe's created), and the ids of their events
// are random: neither orders two bodies of one second about one thing. What was told in the last
// second is therefore kept whole, and what holds of it follows from what the bodies say: which of
// them made the thing, which state ends it, and what each says that it replaced.

// second adds a telling to those of the last second, the greatest stamp first. Of clocks that are
// not coarse the greatest stamp alone counts.
func second[T any](have []Reg[T], n Reg[T], coarse func(T) bool) ([]Reg[T], bool) {
	if len(have) > 0 {
		switch c := n.At.Compare(have[0].At); {
		case c < 0 || c == 0 && slices.ContainsFunc(have, func(h Reg[T]) bool { return h.ID == n.ID }):
			return have, false
		case c > 0:
			have = nil
		}
	}
	have = append(slices.Clone(have), n)
	have = slices.DeleteFunc(have, func(h Reg[T]) bool {
		return slices.ContainsFunc(have, func(o Reg[T]) bool { return mended(h.ID, o.ID) })
	})
	sort.Slice(have, func(i, j int) bool { return have[i].After(have[j].Stamp) })
	fine := 0
	have = slices.DeleteFunc(have, func(h Reg[T]) bool {
		if !coarse(h.Value) {
			fine++
		}
		return !coarse(h.Value) && fine > 1
	})
	have = have[:min(len(have), maxSame)]
	return have, slices.ContainsFunc(have, func(h Reg[T]) bool { return h.ID == n.ID })
}

// lastOf are the tellings of one second that may be its last. What they say is known where all say
// the same of it. Of two levels the higher is the later: from there is no way back. One that made
// the thing comes before all others. What gives what a telling says, and was what it says that it
// replaced, "" where it replaced nothing or does not tell: each replacement leads from one value to
// another, so that the last is where one more leads to than away.
func lastOf[T any](all []Reg[T], level func(T) int, made func(T) bool, what, was func(T) string) []Reg[T] {
	most := 0
	for _, r := range all {
		most = max(most, level(r.Value))
	}
	all = slices.DeleteFunc(slices.Clone(all), func(r Reg[T]) bool { return level(r.Value) < most })
	rest := slices.DeleteFunc(slices.Clone(all), func(r Reg[T]) bool { return made(r.Value) })
	if len(rest) == 0 {
		rest = all
	}
	to, from := map[string]int{}, map[string]int{}
	for _, r := range rest {
		if w := was(r.Value); w != "" && w != what(r.Value) {
			to[what(r.Value)]++
			from[w]++
		}
	}
	last := slices.DeleteFunc(slices.Clone(rest), func(r Reg[T]) bool {
		v := what(r.Value)
		return to[v] <= from[v] && to[v]+from[v] > 0
	})
	if len(last) > 0 {
		return last
	}
	// They go in a circle, and end where they began.
	if i := slices.IndexFunc(all, func(r Reg[T]) bool { return made(r.Value) }); i >= 0 {
		return all[i : i+1]
	}
	return rest
}

// agree tells whether all tellings say the same.
func agree[T any](all []Reg[T], what func(T) string) bool {
	return !slices.ContainsFunc(all, func(r Reg[T]) bool { return what(r.Value) != what(all[0].Value) })
}

// hash identifies plain data.
func hash(v any) string {
	b, _ := json.Marshal(v)
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// statuses of a subscription, in the order in which one more likely follows another: it decides
// where nothing else does.
var statuses = []string{"", "incomplete", "trialing", "paused", "unpaid", "past_due", "active", "ended"}

// Latest is the telling that holds. Of several in one second the items alone decide whether what
// is ordered is known; that a subscription has ended is final.
func (b *Sub) Latest() (r Reg[SubscriptionChanged], known bool) {
	if b == nil || len(b.Now) == 0 {
		return r, false
	}
	r = b.Now[0]
	if len(b.Now) == 1 {
		return r, true
	}
	ended := func(p SubscriptionChanged) int {
		if p.Status == "ended" {
			return 1
		}
		return 0
	}
	made := func(p SubscriptionChanged) bool { return p.First }
	of := func(what func(SubscriptionChanged) string, was func(Was) string) []Reg[SubscriptionChanged] {
		return lastOf(b.Now, ended, made, what, func(p SubscriptionChanged) string {
			if p.Was == nil {
				return ""
			}
			return "=" + was(*p.Was)
		})
	}
	items := func(p SubscriptionChanged) string {
		if p.Uncounted {
			return "uncounted " + ItemsHash(p.Items)
		}
		return ItemsHash(p.Items)
	}
	last := lastOf(b.Now, ended, made, items, func(p SubscriptionChanged) string { return p.Before })
	r.Value.Items, r.Value.Uncounted, r.Value.Scheduled = last[0].Value.Items, last[0].Value.Uncounted, last[0].Value.Scheduled
	known = agree(last, items)

	status := func(p SubscriptionChanged) string { return "=" + p.Status }
	r.Value.Status = slices.MaxFunc(of(status, func(w Was) string { return w.Status }), func(x, y Reg[SubscriptionChanged]) int {
		return slices.Index(statuses, x.Value.Status) - slices.Index(statuses, y.Value.Status)
	}).Value.Status
	// What is not settled of an end is none: it would silence all else.
	end := func(p SubscriptionChanged) string { return "=" + string(p.EndsAt) }
	last = of(end, func(w Was) string { return string(w.EndsAt) })
	if r.Value.EndsAt = last[0].Value.EndsAt; !agree(last, end) {
		r.Value.EndsAt = ""
	}
	renews := func(p SubscriptionChanged) string { return "=" + string(p.RenewsAt) }
	r.Value.RenewsAt = slices.MaxFunc(of(renews, func(w Was) string { return string(w.RenewsAt) }), func(x, y Reg[SubscriptionChanged]) int {
		return strings.Compare(string(x.Value.RenewsAt), string(y.Value.RenewsAt))
	}).Value.RenewsAt
	return r, known || r.Value.Status == "ended"
}

// PhasesHash identifies what is scheduled.
func PhasesHash(phases []Phase) string {
	var lines []string
	for _, p := range phases {
		lines = append(lines, p.At.UTC().Format("2006-01-02T15:04:05Z ")+ItemsHash(p.Items)+hash(p.Uncounted))
	}
	return hash(lines)
}

// planned is what one schedule says. Of several tellings of one second that nothing orders, the
// one with phases holds over those without; of two with other phases it is not known, from the
// first instant on of which they speak, what the subscription will order.
func planned(told []Reg[ScheduleChanged]) Reg[ScheduleChanged] {
	what := func(p ScheduleChanged) string { return PhasesHash(p.Phases) }
	over := func(p ScheduleChanged) int {
		if p.Final {
			return 1
		}
		return 0
	}
	last := lastOf(told, over, func(p ScheduleChanged) bool { return p.First }, what, func(p ScheduleChanged) string { return p.Before })
	r := Reg[ScheduleChanged]{told[0].Stamp, last[0].Value}
	r.Value.Phases = undecided(last)
	return r
}

// undecided are the phases of tellings that nothing orders.
func undecided(last []Reg[ScheduleChanged]) []Phase {
	var all [][]Phase
	for _, t := range last {
		if p := t.Value.Phases; len(p) > 0 && !slices.ContainsFunc(all, func(o []Phase) bool { return PhasesHash(o) == PhasesHash(p) }) {
			all = append(all, p)
		}
	}
	switch len(all) {
	case 0:
		return []Phase{}
	case 1:
		return all[0]
	}
	at := all[0][0].At
	for _, phases := range all {
		for _, p := range phases {
			if p.At.Before(at) {
				at = p.At
			}
		}
	}
	return []Phase{{At: at, Items: []Item{}, Uncounted: true}}
}

// maxSchedules is how many schedules of an account are kept: those that were told last.
const maxSchedules = 40

// plan keeps what a schedule says, and sets what each subscription will become. A schedule that
// has no subscription yet stands as one of its own, by its id.
func (o *Orders) plan(s Stamp, p ScheduleChanged) bool {
	if o.Schedules = maps.Clone(o.Schedules); o.Schedules == nil {
		o.Schedules = map[string][]Reg[ScheduleChanged]{}
		for id, sub := range o.Subs { // stored before schedules were told apart
			if sub.Schedule.Told() {
				o.Schedules[id] = []Reg[ScheduleChanged]{{sub.Schedule.Stamp, ScheduleChanged{Subscription: id, Phases: sub.Schedule.Value}}}
			}
		}
	}
	id := cmp.Or(p.Schedule, p.Subscription)
	told, moved := second(o.Schedules[id], Reg[ScheduleChanged]{s, p}, func(p ScheduleChanged) bool { return p.Coarse })
	if !moved {
		return false
	}
	o.Schedules[id] = told
	for len(o.Schedules) > maxSchedules {
		least := ""
		for id, told := range o.Schedules {
			if least == "" || o.Schedules[least][0].After(told[0].Stamp) {
				least = id
			}
		}
		delete(o.Schedules, least)
	}
	o.replan()
	_, kept := o.Schedules[id]
	return kept
}

// replan sets what each subscription will become by its schedules. One that has ended says nothing
// beside another, whichever was told last: a subscription's schedule is often released in the very
// second in which the next is made.
func (o *Orders) replan() {
	by := map[string][]Reg[ScheduleChanged]{}
	for id, told := range o.Schedules {
		r := planned(told)
		sub := r.Value.Subscription
		for _, t := range told {
			sub = max(sub, t.Value.Subscription) // it got one within the second
		}
		r.Value.Schedule = id
		by[cmp.Or(sub, id)] = append(by[cmp.Or(sub, id)], r)
	}
	o.Subs = own(o.Subs)
	for id, sub := range o.Subs {
		sub = &Sub{sub.Now, sub.Schedule, sub.Lists, sub.Live, sub.Stopped}
		if o.Subs[id] = sub; by[id] == nil {
			sub.Schedule = Reg[[]Phase]{}
			if len(sub.Now) == 0 {
				delete(o.Subs, id)
			}
		}
	}
	for id, all := range by {
		sort.Slice(all, func(i, j int) bool { return all[i].After(all[j].Stamp) })
		live := slices.DeleteFunc(slices.Clone(all), func(r Reg[ScheduleChanged]) bool {
			// One whose id was not told is superseded by any that is told later.
			return r.Value.Final || r.Value.Schedule == id && r.ID != all[0].ID
		})
		if len(live) == 0 {
			live = all[:1]
		}
		// What is planned in several steps, each of which somebody has yet to read, is not known from the
		// first of them on.
		owed := func(r Reg[ScheduleChanged]) bool {
			return len(r.Value.Phases) > 0 && !slices.ContainsFunc(r.Value.Phases, func(p Phase) bool { return !p.Uncounted })
		}
		live = slices.DeleteFunc(live, func(r Reg[ScheduleChanged]) bool {
			return r.At.Before(live[0].At) && !(owed(live[0]) && owed(r))
		})
		ownAt(&o.Subs, id).Schedule = Reg[[]Phase]{all[0].Stamp, undecided(live)}
	}
}
