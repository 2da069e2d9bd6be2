package licence

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Names are all by which the account of an account.changed is called.
func Names(a AccountChanged) []Name {
	out := []Name{{"account", a.Account}}
	for _, i := range a.Installations {
		out = append(out, CustName(i.CustID))
		for _, s := range append([]string{i.Serial}, i.Serials...) {
			if s != "" {
				out = append(out, Name{"serial", s})
			}
		}
	}
	for _, b := range a.Billing {
		id := b.ID
		if b.Subscription != "" {
			id = b.Subscription
		}
		out = append(out, Name{b.Sender, id})
	}
	slices.SortFunc(out, func(a, b Name) int {
		if a == b {
			return 0
		}
		if a.String() < b.String() {
			return -1
		}
		return 1
	})
	return slices.Compact(out)
}

// InMode tells whether what is so called is in that mode at the sender's: as the mapping says that names its
// subscription, else its customer, else (of an invoice or a payment a body may name nothing else) as any
// mapping of that sender; with none of these it is live. Mode "": nobody tells it, and it may be.
func (a AccountChanged) InMode(sender, mode string, about []Name) bool {
	var near [3][]string // modes, of those mappings that say most first
	for _, b := range a.Billing {
		how := 2
		switch called := func(id string) bool { return slices.ContainsFunc(about, func(n Name) bool { return n.ID == id }) }; {
		case b.Sender != sender:
			continue
		case b.Subscription != "" && called(b.Subscription):
			how = 0
		case called(b.ID):
			how = 1
		}
		near[how] = append(near[how], cmp.Or(b.Mode, "live"))
	}
	for _, modes := range near {
		if len(modes) > 0 {
			return mode == "" || slices.Contains(modes, mode)
		}
	}
	return mode == "" || mode == "live"
}

// ours are the senders whose names we give ourselves: no directory may claim one as a billing
// system's.
var ours = []string{"account", "superoffice", "serial", "link", "login", "page", "support", "help", "read"}

// Ours tells whether names of that sender are ours to give.
func Ours(sender string) bool { return slices.Contains(ours, sender) }

// OurSenders are the senders whose names are ours to give.
func OurSenders() []string { return slices.Clone(ours) }

// CustName is the name of a tenant: CustIDs are compared in lower case.
func CustName(custID string) Name { return Name{"superoffice", Lower(custID)} }

// Names are all by which the account is called: by its directory, and by what was told of its
// invoices and of subscriptions whose sender names nothing else.
func (k Known) Names() []Name {
	return slices.Concat(Names(k.Profile.Account.Value), k.Invoices.Names(), k.Orders.Names())
}

// Names are the ids of subscriptions whose sender's webhooks name nothing else.
func (o Orders) Names() (all []Name) {
	for id, sub := range o.Subs {
		if n := len(sub.Now); n > 0 && sub.Now[n-1].Value.Thin {
			all = append(all, Name{sub.Now[n-1].Source, id})
		}
	}
	slices.SortFunc(all, func(a, b Name) int { return strings.Compare(a.String(), b.String()) })
	return all
}

// Without are the orders less a subscription that another account's directory lists, and less its schedules.
func (o Orders) Without(n Name) Orders {
	sub := o.Subs[n.ID]
	if sub == nil {
		return o
	}
	source := sub.Schedule.Source // of one that is to come nothing else is told
	if len(sub.Now) > 0 {
		source = sub.Now[0].Source
	}
	if source != n.Sender {
		return o
	}
	o.Subs = maps.Clone(o.Subs)
	delete(o.Subs, n.ID)
	o.Schedules = maps.Clone(o.Schedules)
	maps.DeleteFunc(o.Schedules, func(_ string, told []Reg[ScheduleChanged]) bool { return told[0].Value.Subscription == n.ID })
	return o
}

// Names are those by which Stripe calls invoices and their payments: what it tells of a payment
// may name no customer. So is it with the invoices of a sender whose webhooks name nothing else. An invoice that was stored before these were kept gets its name when it is
// Names again.
func (v Invoices) Names() (all []Name) {
	for _, id := range slices.Sorted(maps.Keys(v.Licence)) {
		if in := v.Licence[id]; in.Value.Coarse || in.Value.Thin {
			all = append(all, Name{in.Source, id})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(v.Payments)) {
		if p := v.Payments[id]; p.Value.Kind == "made" || p.Value.Kind == "refund" {
			for _, ref := range p.Value.Payments {
				all = append(all, Name{p.Source, ref})
			}
		}
	}
	slices.SortFunc(all, func(a, b Name) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(all)
}

// SameNames tells that what differs between two invoices' states has the same names in both: then so
// has all of it. False: it may have others.
func (v Invoices) SameNames(o Invoices) bool {
	return slices.Equal(v.beside(o).Names(), o.beside(v).Names())
}

// beside is what is not the same in another state.
func (v Invoices) beside(o Invoices) Invoices {
	b := Invoices{Licence: map[string]*Invoice{}, Payments: map[string]Reg[PaymentChanged]{}}
	for id, in := range v.Licence {
		if o.Licence[id] != in {
			b.Licence[id] = in
		}
	}
	for id, p := range v.Payments {
		if was, ok := o.Payments[id]; !ok || was.Stamp != p.Stamp || was.Value.Kind != p.Value.Kind || !slices.Equal(was.Value.Payments, p.Value.Payments) {
			b.Payments[id] = p
		}
	}
	return b
}
