package diagnosis

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"seatmend/shared/licence"
)

// A bill is a licence or maintenance invoice as the rules read it.
type bill struct {
	*licence.Invoice
	Money    string       // what has become of it: one of those below
	left     string       // what is still to be paid, as decimal text
	due      licence.Date // civil dates in the customer's zone
	from, To licence.Date // of what counts seats alone
	reach    licence.Date // how far it reaches, without what counts no seats
}

// bills are the licence and maintenance invoices, by how far they reach.
func (r *Reading) bills() []*bill {
	if r.billed != nil {
		return r.billed
	}
	if !r.always.entered {
		r.enter()
	}
	same := r.always.now != nil
	for i, b := range r.always.sorted {
		in := &b.Value
		ended := in.Kind == "" && r.coversOnlyEnded(in)
		same = same && ended == r.always.ended[i]
		r.always.ended[i] = ended
	}
	if !same {
		r.always.now = r.standingBills()
	}
	r.billed = r.always.now
	return r.billed
}

// enter reads the invoices.
func (r *Reading) enter() {
	r.always.entered = true
	for in := range r.K.Invoices.All() {
		if in.Value.Negative() || r.elsewhere(&in.Value) {
			continue // a credit note that was told as an invoice: nothing is to be paid
		}
		b := bill{Invoice: in, Money: in.Value.Money(), left: in.Value.Left(), due: in.Value.Due.Day(r.Cal.Zone)}
		b.from, b.To = r.period(&in.Value)
		b.reach = cmp.Or(b.To, in.Value.Due, in.Value.Issued).Day(time.UTC)
		r.always.all = append(r.always.all, b)
	}
	for i := range r.always.all {
		r.always.sorted = append(r.always.sorted, &r.always.all[i])
	}
	slices.SortFunc(r.always.sorted, func(a, b *bill) int {
		if a.reach != b.reach {
			return strings.Compare(string(a.reach), string(b.reach))
		}
		return strings.Compare(a.Value.Invoice, b.Value.Invoice)
	})
	r.always.ended = append(r.always.ended, make([]bool, len(r.always.all))...)
}

// standingBills are those that are not for what has ended alone.
func (r *Reading) standingBills() []*bill {
	out := make([]*bill, 0, len(r.always.sorted))
	replaced := map[string]bool{}
	for i, b := range r.always.sorted {
		if !r.always.ended[i] {
			out = append(out, b)
			if b.Value.Replaces != "" && b.Value.Replaces != b.Value.Invoice && b.Money != licence.Void {
				replaced[b.Value.Replaces] = true
			}
		}
	}
	for i, b := range out {
		if replaced[b.Value.Invoice] && b.Money == licence.Owed {
			void := *b
			void.Money, out[i] = licence.Void, &void // a contested one stays so until its replacement is paid
		}
	}
	return out
}

// Bill is the licence invoice of that id; nil: there is none.
func (r *Reading) Bill(id string) *bill {
	for _, b := range r.bills() {
		if b.Value.Invoice == id {
			return b
		}
	}
	return nil
}

// period is the time that the invoice is for, as civil days: of its lines those of the customer's
// plans, and where none is, those that are not known to count no seats. Where lines were not told,
// any of these may be the one that decides, and it is not known.
func (r *Reading) period(p *licence.InvoiceChanged) (from, to licence.Date) {
	if len(p.Lines) == 0 {
		return p.From.Day(r.Cal.Zone), p.To.Day(r.Cal.Zone)
	}
	lines := slices.DeleteFunc(slices.Clone(p.Lines), func(l licence.InvoiceLine) bool { return !r.ofPlan(l) })
	if len(lines) == 0 && !p.More {
		lines = slices.DeleteFunc(slices.Clone(p.Lines), func(l licence.InvoiceLine) bool { return r.notSeat(r.lineItem(l)) })
	}
	for _, l := range lines {
		start, end := l.From.Day(r.Cal.Zone), l.To.Day(r.Cal.Zone)
		if start != "" && (from == "" || start < from) {
			from = start
		}
		to = max(to, end)
	}
	return from, to
}

// ofPlan tells whether the line is for a plan of the directory.
func (r *Reading) ofPlan(l licence.InvoiceLine) bool {
	_, ok := r.planOf(r.lineItem(l))
	return ok
}

// lineItem is the line as an item, by all names of its price: where an invoice tells the id alone,
// the orders know the lookup key.
func (r *Reading) lineItem(l licence.InvoiceLine) licence.Item {
	if r.always.price == nil {
		r.always.price = map[string][]string{}
		for _, id := range licence.SortedKeys(r.K.Orders.Subs) {
			for _, now := range r.K.Orders.Subs[id].Now {
				for _, it := range now.Value.Items {
					for _, price := range it.Prices {
						r.always.price[price] = it.Prices
					}
				}
			}
		}
	}
	it := licence.Item{}
	for _, price := range l.Prices {
		it.Prices = append(append(it.Prices, price), r.always.price[price]...)
	}
	return it
}

// elsewhere tells whether the invoice is known to be for something else than licences: no
// subscription is named, and none of its lines is for a plan whose prices the directory knows.
func (r *Reading) elsewhere(p *licence.InvoiceChanged) bool {
	if p.Kind != "" || len(p.Covers) > 0 || len(p.Lines) == 0 || p.More {
		return false
	}
	priced := slices.ContainsFunc(r.A.Plans, func(p licence.Plan) bool { return len(p.Prices) > 0 })
	return priced && !slices.ContainsFunc(p.Lines, r.ofPlan)
}

// coversOnlyEnded tells whether every subscription that the invoice names has ended.
func (r *Reading) coversOnlyEnded(p *licence.InvoiceChanged) bool {
	for _, id := range p.Covers {
		now, ok := r.K.Orders.Subs[id].Latest()
		if !ok || !r.ended(now.Value) {
			return false
		}
	}
	return len(p.Covers) > 0
}

// covered are the subscriptions that the invoice is for: those that it names, else every one.
func (r *Reading) covered(b *bill) []string {
	if len(b.Value.Covers) > 0 {
		return b.Value.Covers
	}
	return licence.SortedKeys(r.K.Orders.Subs)
}

// of tells whether the invoice is for a subscription of the installation. One that names no
// subscription, or one that was never told, is for every installation.
func (r *Reading) of(b *bill, s *Installation) bool {
	return len(b.Value.Covers) == 0 || slices.ContainsFunc(b.Value.Covers, func(id string) bool {
		sub := r.K.Orders.Subs[id]
		told := slices.IndexFunc(r.subscriptions(), func(o *subscription) bool { return o.Sub == sub })
		return told < 0 || r.belongs(s, r.subscriptions()[told])
	})
}

// ends tells whether every subscription of the installation has ended, or ends with the licence;
// where it is not known when that is, whether each is to end.
func (r *Reading) ends(s *Installation) bool {
	if s.ExpiresOn != "" {
		return s.Ending.holds
	}
	all := r.subscriptionsOf(s)
	return len(all) > 0 && !slices.ContainsFunc(all, func(o *subscription) bool { return r.endOf(s, o).IsZero() })
}

// sitesOf are the production installations that the invoice is for.
func (r *Reading) sitesOf(b *bill) []*Installation {
	return slices.DeleteFunc(slices.Clone(r.Production()), func(s *Installation) bool { return !r.of(b, s) })
}

// awaited are the invoices that the installation's licence waits for, whatever has become of
// their money: those that reach beyond it and begin where it ends. Each of them must be paid.
// Only where there is none with a period is it one without, of the last sixty days. While one was
// withdrawn, it waits for another in its place, and for nothing that stands beside it.
func (r *Reading) awaited(s *Installation) []*bill {
	if all, ok := r.waits[s]; ok {
		return all
	}
	var dated, bare []*bill
	gone := r.withdrawn(s)
	for _, b := range r.bills() {
		switch {
		case s.endless || gone != nil: // it waits for none
		case b.Money == licence.Void || !r.of(b, s) || r.superseded(b):
		case b.To != "" && r.follows(b, s):
			dated = append(dated, b)
		case b.To == "" && !r.C.Past(r.issued(b).Add(licence.Issued+1).Start(r.Cal.Zone)):
			bare = append(bare, b)
		}
	}
	if len(dated) == 0 {
		dated = bare
	}
	if r.waits == nil {
		r.waits = map[*Installation][]*bill{}
	}
	r.waits[s] = dated
	return dated
}

// issued is the day on which the invoice was, else was first told.
func (r *Reading) issued(b *bill) licence.Date {
	return cmp.Or(b.Value.Issued.Day(r.Cal.Zone), licence.DateOf(b.FirstTold.At, r.Cal.Zone))
}

// follows tells whether the invoice is for the time after the licence: its period reaches
// beyond, and does not begin later. Where it is not known when the licence ends, it is ending now.
func (r *Reading) follows(b *bill, s *Installation) bool {
	if s.ExpiresOn != "" {
		return b.To > s.reach && b.from <= s.reach
	}
	past := func(d licence.Date) bool { return r.C.Past(d.Add(-licence.Reach).Start(r.Cal.Zone)) }
	return !past(b.To) && (b.from == "" || past(b.from))
}

// payable are the installations whose licence is near its end and would be lengthened if the
// invoice were paid: none, where the operator lengthens it on the invoice alone.
func (r *Reading) payable(b *bill) []*Installation {
	if r.extendOn() == "issued" {
		return nil
	}
	return r.waiting(b)
}

// waiting are the installations whose licence is near its end, goes on by itself, and has not
// been let through by the licence system: it waits for the invoice.
func (r *Reading) waiting(b *bill) []*Installation {
	var out []*Installation
	for _, s := range r.Production() {
		if s.AtRisk && !s.Longer && !s.held() && !r.ends(s) && slices.Contains(r.awaited(s), b) {
			out = append(out, s)
		}
	}
	return out
}

// superseded tells whether a contested invoice matters no more: one that was paid is for all its
// time and no smaller, or names it where a period was not told, or is for a later time that the
// licence has reached since.
func (r *Reading) superseded(b *bill) bool {
	if b.Money != licence.Contested {
		return false
	}
	return slices.ContainsFunc(r.bills(), func(o *bill) bool {
		switch {
		case o.Money != licence.Paid || !r.coversAll(o, b):
			return false
		case o.Value.Replaces == b.Value.Invoice && (o.To == "" || b.To == ""):
			return asLarge(o, b)
		}
		return stands(o, b) || b.To != "" && o.To > b.To && r.reached(b)
	})
}

// coversAll tells whether an invoice is for every subscription that another one is for.
func (r *Reading) coversAll(o, b *bill) bool {
	all := r.covered(o)
	return len(o.Value.Covers) == 0 || !slices.ContainsFunc(r.covered(b), func(id string) bool { return !slices.Contains(all, id) })
}

// stands tells whether an invoice can stand for another one: it is for all its time, and no
// smaller. A day's difference is one of how senders write a period's end.
func stands(o, b *bill) bool {
	return o.To != "" && b.To != "" && o.To >= b.To.Add(-1) && o.from <= b.from.Add(1) && asLarge(o, b)
}

// asLarge tells whether an invoice is no smaller than another one.
func asLarge(o, b *bill) bool {
	have, need := licence.Decimal(o.Value.Amount), licence.Decimal(b.Value.Amount)
	return o.Value.Currency == b.Value.Currency && have != nil && need != nil && need.Sub(need, have).Cmp(b.Value.Tolerance()) <= 0
}

// reached tells whether the licence of every installation that the invoice is for runs beyond
// its period.
func (r *Reading) reached(b *bill) bool {
	return !slices.ContainsFunc(r.sitesOf(b), func(s *Installation) bool { return !s.endless && s.ExpiresOn <= b.To.Add(licence.Reach) })
}

// Soonest is the installation among them that is in the worst phase, the soonest to expire; nil: there are none.
func Soonest(sites []*Installation) *Installation {
	var w *Installation
	for _, s := range sites {
		if w == nil || Worse(s.Phase, w.Phase) ||
			s.Phase == w.Phase && !s.Expires.IsZero() && (w.Expires.IsZero() || s.Expires.Before(w.Expires)) {
			w = s
		}
	}
	return w
}

// severity of a finding about several installations is that of the worst.
func severity(sites []*Installation) licence.Severity {
	worst := licence.Low
	for _, s := range sites {
		if slices.Index(severities, s.severity()) > slices.Index(severities, worst) {
			worst = s.severity()
		}
	}
	return worst
}

// about says which installations a finding is about.
func (v *Verdict) about(sites []*Installation) {
	for _, s := range sites {
		v.Sites = append(v.Sites, s.Installation.CustID)
	}
}

// explain tells whether a finding explains the warning of one of the installations.
func explain(sites []*Installation, code licence.Code) bool {
	return slices.ContainsFunc(sites, func(s *Installation) bool { return s.explains(code) })
}

// evidence is what the invoice says, and since when.
func (b *bill) evidence(name string, v any) Evidence {
	return Evidence{name, v, b.Source, b.At, ""}
}

// paidOn is the day of payment: as told, else that of the earliest fact that says paid.
func (r *Reading) paidOn(b *bill) licence.Date {
	if b.Value.PaidAt != "" {
		return b.Value.PaidAt.Day(r.Cal.Zone)
	}
	if b.FirstPaid.At.IsZero() {
		return licence.DateOf(b.At, r.Cal.Zone) // stored before a rest within the tolerance was read as paid
	}
	return licence.DateOf(b.FirstPaid.At, r.Cal.Zone)
}

// lastPaid is the paid invoice among them that reaches furthest; nil: none is paid.
func lastPaid(all []*bill) *bill {
	var last *bill
	for _, b := range all {
		if b.Money == licence.Paid {
			last = b
		}
	}
	return last
}

// label is what people call the invoice.
func label(p licence.InvoiceChanged) string { return cmp.Or(p.Number, p.Invoice) }
