package licence

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"
)

// Bounds of the sets in Known. A set keeps the greatest few, which is order-free.
const (
	MaxInvoices = 36
	maxLists    = 10 // with their items
	maxHashes   = 32
	MaxWarned   = 64
	maxPlaces   = 8
	maxSame     = 16
	maxAnswers  = 200
	maxChoices  = 32
	maxAsked    = 200
	maxPayments = 4 * MaxInvoices
	maxSources  = 16 // there are fewer senders
)

// Fold puts a fact into what is known and tells which parts moved; none: nothing did. It
// looks at no clock and gives one result for any order and any repetition of a set of facts.
// The people that the fact speaks of are given in seats, and those that moved come back. What it
// was given stays as it was: what is written to is copied first, all else is shared.
func (k Known) Fold(f Fact, seats Items) (Known, Items, []Part) {
	k, moved, parts := k.fold(f, seats)
	for _, p := range parts {
		k.grow(p, f)
	}
	return k, moved, parts
}

func (k Known) fold(f Fact, seats Items) (Known, Items, []Part) {
	s := f.Stamp()
	switch p := f.Payload.(type) {
	case AccountChanged:
		return k.moved("profile", k.Profile.account(s, p))
	case ArrangementChanged:
		return k.moved("profile", k.Profile.Arrangement.Put(s, p))
	case FindingAnswered:
		return k.moved("profile", putIn(&k.Profile.Answers, p.Fingerprint, s, p.brief(), maxAnswers))
	case LinkAsked:
		return k.moved("profile", putIn(&k.Profile.Links, p.of(), s, p, maxChoices))
	case RemindersChanged:
		return k.moved("profile", putIn(&k.Profile.Reminders, p.Contact, s, p, maxAnswers))
	case SeatsChosen:
		return k.moved("profile", putIn(&k.Profile.Choices, p.Fingerprint, s, Choice{p.CustID, p.Way, len(p.Picks), begun(p.By)}, maxChoices))
	case CodeAsked:
		return k.moved("profile", putIn(&k.Profile.Codes, p.Contact, s, p, maxChoices))
	case ActivationAsked:
		return k.moved("licences", k.Licences.own(p.CustID).Wanted.Put(s, p))
	case SeatsAsked:
		return k.moved("licences", k.Licences.own(p.CustID).Moving.Put(s, p))
	case SeatsTried:
		return k.moved("licences", k.Licences.own(p.CustID).Moved.Put(s, p))
	case MailChanged:
		moved := k.Profile.Mail.Put(s, p.Mail)
		return k.moved("profile", k.Profile.MailBy.Put(s, p.By) || moved)
	case CaseAssigned:
		return k.moved("profile", k.Profile.Assigned.Put(s, p))
	case SubscriptionChanged:
		moved := ownAt(&k.Orders.Subs, p.Subscription).put(s, p)
		return k.moved("orders", k.Orders.bury() || moved)
	case ScheduleChanged:
		return k.moved("orders", k.Orders.plan(s, p))
	case OrdersCut:
		return k.moved("profile", putIn(&k.Profile.Whole, s.Source, s, false, maxSources))
	case InvoiceChanged:
		return k.moved("invoices", k.Invoices.put(s, p))
	case PaymentChanged:
		return k.moved("invoices", k.Invoices.pay(s, p))
	case PaymentClaimed:
		return k.moved("invoices", putIn(&k.Invoices.Claims, p.Invoice, s, p, 4*MaxInvoices))
	case PaymentAsked:
		return k.moved("invoices", putIn(&k.Invoices.Asked, p.key(), s, p, maxAsked))
	case SourceChecked:
		if p.Of == "billing" {
			moved := putIn(&k.Profile.Whole, s.Source, s, true, maxSources)
			return k.moved("profile", k.Profile.Billing.put(s) || moved)
		}
		i := k.Licences.own(p.CustID)
		c := i.Checked[p.Of]
		if !c.put(s) {
			return k, nil, nil
		}
		i.Checked = own(i.Checked)
		i.Checked[p.Of] = c
		return k.moved("licences", true)
	case SeatChanged:
		i := k.Licences.own(p.CustID)
		seat, ok := i.Roster.seat(p, s, seats)
		if !ok {
			return k, nil, nil
		}
		return k, Items{seat.Key(): seat}, []Part{"licences"}
	case SeatsListed:
		return k.moved("licences", k.Licences.own(p.CustID).list(s, p))
	case LicenceReported:
		i := k.Licences.own(p.CustID)
		moved := i.Report.Put(s, p)
		if strings.HasPrefix(f.ID, ReadPrefix) {
			moved = i.Read.put(s) || moved
		}
		return k.moved("licences", moved)
	case InstallationReported:
		return k.moved("licences", k.Licences.own(p.CustID).report(s, p))
	case LoginWarned:
		i := k.Licences.own(p.CustID)
		moved := i.Login.Put(s, p)
		moved = i.warn(s, p) || moved
		p.Message, p.User = "", LoginUser{} // the latest of all says who and in what words
		return k.moved("licences", putIn(&i.Logins, PlaceOf(p.URL), s, p, maxPlaces) || moved)
	case WarningShown:
		return k.moved("licences", k.Licences.own(p.CustID).Shown.Put(s, p))
	case LicenceStated:
		return k.moved("licences", k.Licences.own(p.CustID).Said.Put(s, p))
	case LicenceIssued:
		return k.moved("licences", k.Licences.own(p.CustID).Issued.Put(s, p))
	case ActivationTried:
		return k.moved("licences", k.Licences.own(p.CustID).Tried.Put(s, p))
	case InstallationHinted:
		return k.moved("licences", k.Licences.own(p.CustID).Hint.Put(s, p.Event))
	case CheckAsked:
		return k.moved("licences", k.Licences.own(p.CustID).Asked.Put(s, p.By))
	case ReadFailed:
		return k.moved("licences", k.Licences.own(p.CustID).Failed.Put(s, p))
	}
	panic("licence: a payload outside the closed set: " + f.Payload.Type()) // unreachable
}

// ReadPrefix begins the id of every fact that a read of ours learned.
const ReadPrefix = "read/"

// DoubtID is the id of a fact that an event which cannot be read leaves: by what it says and by the event, so
// that no two say different things under one.
func DoubtID(f Fact) string {
	return doubtPrefix + hash([]any{f.At, f.Payload}) + "/" + f.ID
}

const doubtPrefix = "doubt/"

var placeInBody = regexp.MustCompile(`/[0-9]+$`)

// mended tells whether a fact is the doubt that an event left, and another what the event said once it could
// be read. A number behind the event's id is the place in its body.
func mended(doubt, id string) bool {
	rest, ok := strings.CutPrefix(doubt, doubtPrefix)
	if !ok || strings.HasPrefix(id, doubtPrefix) {
		return false
	}
	_, event, _ := strings.Cut(rest, "/")
	return placeInBody.ReplaceAllString(event, "") == placeInBody.ReplaceAllString(id, "")
}

func (k Known) moved(p Part, moved bool) (Known, Items, []Part) {
	if !moved {
		return k, nil, nil
	}
	return k, nil, []Part{p}
}

func (s *Stamp) put(t Stamp) bool {
	if !t.After(*s) {
		return false
	}
	*s = t
	return true
}

// putIn keeps a register per key, of at most n keys those with the latest.
func putIn[T any](m *map[string]Reg[T], key string, s Stamp, v T, n int) bool {
	r := (*m)[key]
	if !r.Put(s, v) {
		return false
	}
	*m = own(*m)
	(*m)[key] = r
	return drop(*m, key, n)
}

// own is a copy of a map, for whoever writes to it.
func own[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return map[K]V{}
	}
	return maps.Clone(m)
}

// ownAt is a copy of a map, and in it one of what stands under a key; of nothing, if nothing does.
func ownAt[K comparable, V any](m *map[K]*V, key K) *V {
	v := new(V)
	if have := (*m)[key]; have != nil {
		*v = *have
	}
	*m = own(*m)
	(*m)[key] = v
	return v
}

// drop keeps of a map at most n registers, those that were told last, and tells whether one of
// them is kept.
func drop[T any](m map[string]Reg[T], key string, n int) bool {
	for len(m) > n {
		least := ""
		for k, r := range m {
			if least == "" || m[least].After(r.Stamp) {
				least = k
			}
		}
		delete(m, least)
	}
	_, kept := m[key]
	return kept
}

func putOpt[T any](r *Reg[*T], s Stamp, o Opt[T]) bool { return o.Told && r.Put(s, o.Value) }

func (p *Profile) account(s Stamp, a AccountChanged) bool {
	moved := putOpt(&p.Mail, s, a.Mail)
	moved = putOpt(&p.Country, s, a.Country) || moved
	moved = putOpt(&p.Payer, s, a.Payer) || moved
	moved = putOpt(&p.Extend, s, a.Extend) || moved
	moved = putOpt(&p.NotSeats, s, a.NotSeats) || moved
	a.Mail, a.Country, a.Payer = Opt[string]{}, Opt[string]{}, Opt[string]{}
	a.Extend, a.NotSeats = Opt[Extend]{}, Opt[[]string]{}
	return p.Account.Put(s, a) || moved
}

// put keeps the latest telling, and all of its second where the sender's clock is coarse.
func (b *Sub) put(s Stamp, p SubscriptionChanged) bool {
	moved := b.lives(s.At, p.Status)
	if !p.Uncounted {
		moved = b.remember(s.At, p.Items) || moved
	}
	now, newer := second(b.Now, Reg[SubscriptionChanged]{s, p}, func(p SubscriptionChanged) bool { return p.Coarse })
	b.Now = now
	return newer || moved
}

// lives keeps since when the subscription is told to have ended, and when it was told last that
// it had not.
func (b *Sub) lives(at time.Time, status string) bool {
	switch {
	case status == "ended" && (b.Stopped.IsZero() || at.Before(b.Stopped)):
		b.Stopped = at
	case status != "ended" && at.After(b.Live):
		b.Live = at
	default:
		return false
	}
	return true
}

// remember keeps the latest different lists of items, each with its first and its latest time.
// A list says the same in any order, so it is kept in one.
func (b *Sub) remember(at time.Time, items []Item) bool {
	items = append([]Item(nil), items...)
	sort.Slice(items, func(i, j int) bool { return items[i].text() < items[j].text() })
	hash := ItemsHash(items)
	b.Lists = slices.Clone(b.Lists)
	i := slices.IndexFunc(b.Lists, func(l ItemList) bool { return l.Key() == hash })
	switch {
	case i < 0:
		b.Lists = append(b.Lists, ItemList{At: at, First: at, Items: items})
	case at.After(b.Lists[i].At):
		b.Lists[i] = ItemList{At: at, First: Earliest(b.Lists[i].First, b.Lists[i].At), Items: items}
	case at.Before(b.Lists[i].First):
		b.Lists[i].First = at
		return true
	default:
		return false
	}
	sort.Slice(b.Lists, func(i, j int) bool {
		if !b.Lists[i].At.Equal(b.Lists[j].At) {
			return b.Lists[i].At.After(b.Lists[j].At)
		}
		return b.Lists[i].Key() < b.Lists[j].Key()
	})
	for i := maxLists; i < len(b.Lists); i++ {
		b.Lists[i].Items, b.Lists[i].Hash = nil, b.Lists[i].Key()
	}
	if len(b.Lists) <= maxHashes {
		return true
	}
	last := b.Lists[maxHashes]
	b.Lists = b.Lists[:maxHashes]
	return last.Key() != hash
}

func (l ItemList) Key() string {
	if l.Hash != "" {
		return l.Hash
	}
	return ItemsHash(l.Items)
}

// ItemsHash identifies a list of items, whatever order they stand in.
func ItemsHash(items []Item) string {
	lines := make([]string, len(items))
	for i, it := range items {
		lines[i] = it.text()
	}
	sort.Strings(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:8])
}

func (it Item) text() string {
	b, _ := json.Marshal(it)
	return string(b)
}

// put keeps the latest telling of an invoice, and the earliest telling of paid, of failed and
// of any attempt to collect it.
// What was told of its kind stands in two registers: see Invoices.of.
func (v *Invoices) put(s Stamp, p InvoiceChanged) bool {
	if p.Kind == "other" {
		// Consultancy and the like explain no licence: id and kind are enough.
		return putIn(&v.Other, p.Invoice, s, p.Kind, MaxInvoices)
	}
	have := ownAt(&v.Licence, p.Invoice)
	moved := have.put(s, p)
	moved = first(&have.FirstTold, s) || moved
	if p.Money() == Paid {
		moved = first(&have.FirstPaid, s) || moved
	}
	if slices.Contains([]string{"processing", "failed", "action"}, p.Payment) || p.Attempts > 0 {
		moved = first(&have.FirstTried, s) || moved
	}
	if p.Payment == "failed" {
		moved = first(&have.FirstFailed, s) || moved
	}
	if len(v.Licence) > MaxInvoices {
		delete(v.Licence, v.least(MaxInvoices/2))
	}
	v.settle()
	return moved && v.Licence[p.Invoice] != nil
}

// least is the invoice to forget first: the one that reaches least far, of those that nothing is owed of
// while there are more than so many of them, else of the others. So what is unpaid is not forgotten for
// what was paid since, nor the other way round.
func (v *Invoices) least(half int) string {
	settled, owed, n := "", "", 0
	for id, in := range v.Licence {
		of := &owed
		if money := in.Value.Money(); money == Paid || money == Void {
			n, of = n+1, &settled
		}
		if *of == "" || further(&v.Licence[*of].Value, &in.Value) {
			*of = id
		}
	}
	if n > half || owed == "" {
		return settled
	}
	return owed
}

// further tells whether an invoice reaches further than another one: by its period's end, else by
// when it is due, else by when it was issued; then by id.
func further(a, b *InvoiceChanged) bool {
	if x, y := a.reach(), b.reach(); x != y {
		return x > y
	}
	return a.Invoice > b.Invoice
}

func (p *InvoiceChanged) reach() Date { return cmp.Or(p.To, p.Due, p.Issued).Day(time.UTC) }

// first keeps the earliest stamp.
func first(have *Stamp, s Stamp) bool {
	if have.At.IsZero() || have.After(s) {
		*have = s
		return true
	}
	return false
}

func (l *Licences) Inst(custID string) *KnownInstallation {
	key := strings.ToLower(custID)
	if l.By == nil {
		l.By = map[string]*KnownInstallation{}
	}
	if l.By[key] == nil {
		l.By[key] = &KnownInstallation{CustID: key}
	}
	return l.By[key]
}

func (l *Licences) own(custID string) *KnownInstallation {
	i := ownAt(&l.By, strings.ToLower(custID))
	i.CustID = strings.ToLower(custID)
	return i
}

// Inst is what an installation says; empty for one that said nothing.
func (k Known) Inst(custID string) *KnownInstallation {
	if i := k.Licences.Of(custID); i != nil {
		return i
	}
	return &KnownInstallation{CustID: strings.ToLower(custID)}
}

// Of is what an installation says; nil: nothing.
func (l *Licences) Of(custID string) *KnownInstallation { return l.By[strings.ToLower(custID)] }

func (i *KnownInstallation) report(s Stamp, p InstallationReported) bool {
	moved := i.State.Put(s, p.State)
	moved = putOpt(&i.Version, s, p.Version) || moved
	moved = putOpt(&i.Released, s, p.Released) || moved
	moved = putOpt(&i.Company, s, p.Company) || moved
	moved = putOpt(&i.Serial, s, p.Serial) || moved
	moved = putOpt(&i.Sync, s, p.Sync) || moved
	moved = putOpt(&i.LastFetch, s, p.LastFetch) || moved
	return putOpt(&i.Can, s, p.Can) || moved
}
