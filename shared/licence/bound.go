package licence

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sort"
	"strings"
	"time"
)

// MaxPart is how many bytes each stored part, the history and a fact may have. An item of DynamoDB
// has 400 kB at most, with its other attributes.
const MaxPart = 360_000

// TooMuch refuses a fact with which an account could not be stored any more.
type TooMuch struct {
	What  string // the part, or "fact"
	Bytes int
}

func (e *TooMuch) Error() string {
	return fmt.Sprintf("with this, %s of the account would be %d bytes; %d is the limit", e.What, e.Bytes, MaxPart)
}

// Fit makes a part small enough to be stored, by leaving out what decides nothing any more; stands
// is 1 for the fingerprint of a finding that stands, else 0. Where that is not enough, the fact that
// made it grow is refused, and the account stays as it was.
func (k *Known) Fit(p Part, stands func(string) int) error {
	if at := slices.Index(Parts, p); 0 < k.most[at] && k.most[at] <= MaxPart {
		return nil
	}
	for mine := false; ; mine = true {
		body, err := k.Encode(p)
		if err != nil || len(body) <= MaxPart {
			k.most[slices.Index(Parts, p)] = len(body)
			return err
		}
		if !mine {
			*k = k.Clone() // what is left out here stays with whoever else has it
		}
		if !k.Spare(p, len(body)-MaxPart, stands) {
			return &TooMuch{string(p), len(body)}
		}
	}
}

// What is left, at the least, of what spare leaves out.
const (
	leastEnded    = 5 // ended subscriptions: that there were some must be known
	leastInvoices = 12
	leastClaims   = 12
	leastPayments = 24
	leastAsked    = 24
	leastSchedule = 8
	LeastAnswers  = 50
	leastWarned   = 16
)

// Spare leaves some of the least important members of a part out, about as many bytes as asked
// for, and tells whether there were any.
func (k *Known) Spare(p Part, bytes int, stands func(string) int) bool {
	switch p {
	case "profile":
		return k.Profile.spareNotes() || dropFirst(&k.Profile.Answers, LeastAnswers, bytes, stands)
	case "orders":
		return k.Orders.spare(bytes)
	case "invoices":
		return dropOldest(&k.Invoices.Claims, leastClaims, bytes) || dropOldest(&k.Invoices.Payments, leastPayments, bytes) || dropOldest(&k.Invoices.Other, leastInvoices, bytes) ||
			dropOldest(&k.Invoices.Asked, leastAsked, bytes) || k.Invoices.spare(bytes)
	}
	return k.spareInstallations(bytes)
}

// spareNotes shortens the notes of answers that were stored before Fold did.
func (p *Profile) spareNotes() bool {
	spared := false
	for fp, a := range p.Answers {
		if v := a.Value.brief(); v != a.Value {
			a.Value, spared = v, true
			p.Answers[fp] = a
		}
	}
	return spared
}

// brief is an answer without the rest of what is long in it: that stands in its fact.
func (a FindingAnswered) brief() FindingAnswered {
	a.By, a.Note = begun(a.By), begun(a.Note)
	return a
}

// MaxText is how many bytes are kept of a value that is only compared, or only shown.
const MaxText = 200

// begun is a text that is only shown, or the beginning of it, in whole characters.
func begun(text string) string {
	if len(text) <= MaxText {
		return text
	}
	return strings.ToValidUTF8(text[:MaxText], "")
}

// dropOldest drops registers, the oldest first, until least are left.
func dropOldest[T any](m *map[string]Reg[T], least, bytes int) bool {
	return dropFirst(m, least, bytes, func(string) int { return 0 })
}

// dropFirst drops registers, those of the least rank and of them the oldest first, until least are left.
func dropFirst[T any](m *map[string]Reg[T], least, bytes int, rank func(key string) int) bool {
	keys := slices.Collect(maps.Keys(*m))
	slices.SortFunc(keys, func(a, b string) int {
		x, y := (*m)[a], (*m)[b]
		return cmp.Or(rank(a)-rank(b), x.At.Compare(y.At), cmp.Compare(x.ID, y.ID))
	})
	dropped := false
	for i := 0; len(*m) > least && bytes > 0; i++ {
		bytes -= Size(keys[i]) + Size((*m)[keys[i]])
		delete(*m, keys[i])
		dropped = true
	}
	return dropped
}

// What is kept of subscriptions that ended: of so many, the latest, all that was told, and of so many in all
// what was told last, so that a late body does not revive one.
const (
	endedWhole = 12
	endedKept  = 60
)

// bury shortens the subscriptions that ended before that, and drops those before them. It tells whether
// there were any.
func (o *Orders) bury() (moved bool) {
	last := map[string]Stamp{}
	for id, sub := range o.Subs {
		if now, _ := sub.Latest(); now.Value.Status == "ended" {
			last[id] = now.Stamp
		}
	}
	if len(last) <= endedWhole {
		return false
	}
	ended := slices.SortedFunc(maps.Keys(last), func(a, b string) int {
		return cmp.Or(last[b].At.Compare(last[a].At), cmp.Compare(a, b))
	})
	for _, id := range ended[endedWhole:min(len(ended), endedKept)] {
		if sub := o.Subs[id]; len(sub.Lists) > 0 {
			o.Subs[id], moved = &Sub{Now: sub.Now, Schedule: sub.Schedule, Live: sub.Live, Stopped: sub.Stopped}, true
		}
	}
	for _, id := range ended[min(len(ended), endedKept):] {
		delete(o.Subs, id)
		o.Schedules, moved = maps.Clone(o.Schedules), true
		maps.DeleteFunc(o.Schedules, func(_ string, told []Reg[ScheduleChanged]) bool { return told[0].Value.Subscription == id })
	}
	return moved
}

// settledFor is how long an invoice of which nothing is owed any more is kept after it was told and reached.
const settledFor = 2 * 365 * Day

// settle drops the invoices that were settled so long before the latest telling of any.
func (v *Invoices) settle() {
	var latest time.Time
	for _, in := range v.Licence {
		latest = Latest(latest, in.At)
	}
	old := latest.Add(-settledFor)
	day := DateOf(old, time.UTC)
	for id, in := range v.Licence { // the map is ours: see ownAt
		if money := in.Value.Money(); in.At.Before(old) && in.Value.reach() < day && (money == Paid || money == Void) {
			delete(v.Licence, id)
		}
	}
}

// spare drops the subscriptions that ended first; then what the others ordered long ago.
func (o *Orders) spare(bytes int) bool {
	var ended, all []string
	for id, sub := range o.Subs {
		if now, _ := sub.Latest(); now.Value.Status == "ended" {
			ended = append(ended, id)
		}
		all = append(all, id)
	}
	at := func(id string) Stamp { now, _ := o.Subs[id].Latest(); return now.Stamp }
	sort.Slice(ended, func(i, j int) bool { return at(ended[j]).After(at(ended[i])) })
	spared := false
	for _, id := range ended[:max(0, len(ended)-leastEnded)] {
		if bytes <= 0 {
			return true
		}
		bytes -= Size(o.Subs[id])
		delete(o.Subs, id)
		spared = true
	}
	sort.Strings(all)
	for _, id := range all {
		// The latest list is what is ordered now.
		for sub := o.Subs[id]; sub != nil && len(sub.Lists) > 1 && bytes > 0; spared = true {
			last := len(sub.Lists) - 1
			bytes -= Size(sub.Lists[last])
			sub.Lists = sub.Lists[:last]
		}
	}
	ids := slices.Collect(maps.Keys(o.Schedules))
	sort.Slice(ids, func(i, j int) bool { return o.Schedules[ids[j]][0].After(o.Schedules[ids[i]][0].Stamp) })
	for i := 0; len(o.Schedules) > leastSchedule && bytes > 0; i++ {
		bytes -= 2 * Size(o.Schedules[ids[i]]) // it stands with its subscription too
		delete(o.Schedules, ids[i])
		if spared = true; bytes <= 0 || len(o.Schedules) == leastSchedule {
			o.replan()
		}
	}
	return spared
}

// spare drops the invoices that are to be forgotten first.
func (v *Invoices) spare(bytes int) bool {
	spared := false
	for len(v.Licence) > leastInvoices && bytes > 0 {
		id := v.least(leastInvoices / 2)
		bytes -= Size(v.Licence[id])
		delete(v.Licence, id)
		spared = true
	}
	return spared
}

// spareInstallations drops what was told of installations that the directory no longer lists, and
// then old warned logins.
func (k *Known) spareInstallations(bytes int) bool {
	listed := map[string]bool{}
	for _, i := range k.Profile.Account.Value.Installations {
		listed[Lower(i.CustID)] = true
	}
	spared := false
	for _, id := range slices.Sorted(maps.Keys(k.Licences.By)) {
		if i := k.Licences.By[id]; bytes > 0 && !listed[id] && k.Profile.Account.Told() {
			bytes -= Size(i)
			delete(k.Licences.By, id)
			spared = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(k.Licences.By)) {
		if i := k.Licences.By[id]; bytes > 0 && len(i.Warned) > leastWarned {
			bytes -= Size(i.Warned[leastWarned:])
			i.Warned = i.Warned[:leastWarned]
			spared = true
		}
	}
	return spared
}

// Size is how many bytes v takes as it is stored.
func Size(v any) int {
	b, err := JSON(v)
	if err != nil {
		panic(err) // unreachable: parts are plain data
	}
	return len(b)
}

// Within tells whether v takes at most so many bytes as it is stored. Mostly no look at how it is
// written is needed for that.
func Within(v any, bytes int) bool { return atMost(reflect.ValueOf(v)) <= bytes || Size(v) <= bytes }

// atMost is no less than the size of what plain data is stored as: no byte of a text takes more than
// six, and no other value, nor what stands around a field, as much as is counted for it.
func atMost(v reflect.Value) (n int) {
	switch v.Kind() {
	case reflect.String:
		return 6*v.Len() + 2
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			break
		}
		for i := range v.NumField() {
			n += 30 + atMost(v.Field(i)) // no name is longer
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return atMost(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			n += 1 + atMost(v.Index(i))
		}
	case reflect.Map:
		for each := v.MapRange(); each.Next(); {
			n += 4 + atMost(each.Key()) + atMost(each.Value())
		}
	}
	return n + 40
}
