package licence

import (
	"maps"
	"math/big"
	"slices"
	"sort"
	"time"
)

// invoices are the licence and maintenance invoices, by how far they reach.
func (r *Reading) invoices() []*Invoice {
	if r.bills != nil {
		return r.bills
	}
	out := []*Invoice{}
	for _, id := range slices.Sorted(maps.Keys(r.K.Invoices.Licence)) {
		in := r.K.Invoices.of(id)
		if in == nil || in.Value.Kind == "" && r.coversOnlyEnded(in.Value) {
			continue
		}
		out = append(out, in)
	}
	sort.SliceStable(out, func(i, j int) bool { return reach(out[i].Value) < reach(out[j].Value) })
	r.bills = out
	return out
}

// coversOnlyEnded tells whether every subscription that the invoice names has ended.
func (r *Reading) coversOnlyEnded(p InvoiceChanged) bool {
	for _, id := range p.Covers {
		now, ok := r.K.Orders.Subs[id].Latest()
		if !ok || !r.ended(now.Value) {
			return false
		}
	}
	return len(p.Covers) > 0
}

// due is the day on which the invoice falls due: of one collected automatically, the day of
// the first failed attempt; before that it is not overdue.
func (r *Reading) due(in *Invoice) Date {
	if in.Value.Collection == "automatic" || in.Value.Due == "" {
		if in.FirstFailed.At.IsZero() {
			return ""
		}
		return DateOf(in.FirstFailed.At, r.Cal.Zone)
	}
	return in.Value.Due.Day(r.Cal.Zone)
}

// remaining is what is left to pay, beyond what nobody would send a reminder for: the greater
// of ten units of the currency and a thousandth of the amount.
func remaining(p InvoiceChanged) (left string, open bool) {
	left = p.Remaining
	if left == "" {
		left = p.Amount
	}
	rest, ok := new(big.Rat).SetString(left)
	if !ok {
		return left, true
	}
	tolerance := big.NewRat(10, 1)
	if amount, ok := new(big.Rat).SetString(p.Amount); ok {
		if t := new(big.Rat).Quo(amount, big.NewRat(1000, 1)); t.Cmp(tolerance) > 0 {
			tolerance = t
		}
	}
	return left, rest.Cmp(tolerance) > 0
}

// overdue tells whether the invoice is open past its due day.
func (r *Reading) overdue(in *Invoice) bool {
	if in.Value.Status != "open" {
		return false
	}
	_, open := remaining(in.Value)
	return open && r.C.Past(r.due(in).Add(1).Start(r.Cal.Zone))
}

// evidence of an invoice: what it says, and since when.
func (in *Invoice) evidence(name string, v any) Evidence {
	return Evidence{name, v, in.Source, in.At, ""}
}

// FAQ cause 3: "Unpaid invoice, or late payment." It is about the licence, and is no dunning.
func invoiceOverdue(r *Reading) []Verdict {
	if !r.billedHere() {
		return nil
	}
	var out []Verdict
	all := r.invoices()
	silent := r.billingSilent()
	for _, in := range all {
		if r.overdue(in) && !silent {
			out = append(out, r.overdueOf(in))
		}
	}
	if len(out) > 0 {
		return out
	}
	v := Verdict{Subject: Subject{Kind: "account", ID: r.Account}, Answer: Fails, Owner: Billing, Args: map[string]any{}, Say: "none"}
	if silent {
		v.Answer, v.Say = Unknown, "stale"
	} else if len(all) == 0 && len(r.K.Invoices.Other) == 0 {
		v.Answer, v.Say = Unknown, "never"
	} else if last := lastPaid(all); last != nil {
		v.Say = "paid"
		v.Args["number"], v.Args["paid"] = label(last.Value), r.paidOn(last)
		v.Evidence = []Evidence{last.evidence("paid_at", r.paidOn(last))}
	}
	return []Verdict{v}
}

// billingSilent tells whether billing is asked by us, and has not answered for too long.
func (r *Reading) billingSilent() bool {
	at := r.K.Profile.Billing.At
	return !at.IsZero() && !r.C.Fresh(at, Fresh)
}

// billedHere tells whether the account has a billing entry, a subscription or an invoice.
func (r *Reading) billedHere() bool {
	return len(r.A.Billing) > 0 || len(r.K.Orders.Subs) > 0 || len(r.K.Invoices.Licence) > 0 || len(r.K.Invoices.Other) > 0
}

// label is what people call the invoice.
func label(p InvoiceChanged) string {
	if p.Number != "" {
		return p.Number
	}
	return p.Invoice
}

func lastPaid(all []*Invoice) *Invoice {
	var last *Invoice
	for _, in := range all {
		if in.Value.Status == "paid" && (last == nil || !reachLess(in, last)) {
			last = in
		}
	}
	return last
}

func reachLess(a, b *Invoice) bool { return reach(a.Value) < reach(b.Value) }

// paidOn is the day of payment: as told, else of the earliest fact that says paid.
func (r *Reading) paidOn(in *Invoice) Date {
	if in.Value.PaidAt != "" {
		return in.Value.PaidAt.Day(r.Cal.Zone)
	}
	return DateOf(in.FirstPaid.At, r.Cal.Zone)
}

func (r *Reading) overdueOf(in *Invoice) Verdict {
	p, zone := in.Value, r.Cal.Zone
	due := r.due(in)
	left, _ := remaining(p)
	site := r.Worst()
	v := Verdict{
		Subject: Subject{Kind: "invoice", ID: p.Invoice}, Answer: Holds, Say: "a", Owner: Billing,
		Informed: []Role{Admin, Finance}, Severity: "low", Since: due.Add(1).Start(zone),
		Args: map[string]any{"number": label(p), "amount": left, "currency": p.Currency, "due": due, "url": p.URL, "reference": p.Reference},
		Evidence: []Evidence{
			in.evidence("status", p.Status), in.evidence("due", due), in.evidence("remaining", left+" "+p.Currency),
		},
		Explains: r.explains("invoice-overdue"),
		Remedies: []Remedy{{ID: "pay", Mode: "guided"}, {ID: "claim", Mode: "guided"}, {ID: "wrong-receiver", Mode: "guided"}, {ID: "dispute", Mode: "guided"}},
		Verify:   Verify{Kind: "extended", Invoice: p.Invoice},
	}
	v.Deadline = r.deadline(site, Lead, "lapse")
	if site != nil {
		v.Verify.CustID, v.Verify.Expires = site.Installation.CustID, site.ExpiresOn
	}
	v.Waits = r.paymentWaits(in)
	if r.AtRisk() {
		v.Severity = r.severity()
	}
	if r.allEnded() {
		v.Owner = Finance
		return v
	}
	to := Billing
	if payer := r.payerOf(p); payer != "" {
		to, v.Args["payer"] = Partner, payer
	}
	v.Owner = to
	if r.reminded(v.Subject) {
		v.Owner = Finance // three mails have not helped: now finance phones
	}
	if r.AtRisk() {
		// No notice claims that a payment brings the licence where the licence system has
		// already let it through.
		if !r.Longer() {
			from := latest(r.Cal.After(due, Posted), site.Expires.AddDate(0, 0, -Risk))
			v.Tell = []Tell{{To: to, Rank: 1, From: from, Max: 3, Gap: 10 * day, Same: true}}
		}
	}
	return v
}

// reminded tells whether the three mails about an invoice have gone, the last ten days ago.
func (r *Reading) reminded(s Subject) bool {
	n, last := 0, time.Time{}
	for _, m := range r.h.Mailed {
		if m.Fingerprint == r.fingerprint("invoice-overdue", s) && m.Draft == "" && !m.Over {
			n, last = n+1, latest(last, m.At)
		}
	}
	return n >= 3 && r.C.Past(last.Add(10*day))
}

// payerOf names the account that pays, where it is another one.
func (r *Reading) payerOf(p InvoiceChanged) string {
	if p.Payer != "" && p.Payer != r.Account {
		return p.Payer
	}
	if payer := r.payer(); payer != r.Account {
		return payer
	}
	return ""
}

// paymentWaits are the times in which nobody is reminded of a payment.
func (r *Reading) paymentWaits(in *Invoice) []Wait {
	p, zone := in.Value, r.Cal.Zone
	var out []Wait
	if a := r.K.Profile.Arrangement; a.Told() && a.Value.Until != "" {
		out = append(out, Wait{For: "arrangement", Until: a.Value.Until.Add(1).Start(zone)})
	}
	if c, ok := r.K.Invoices.Claims[p.Invoice]; ok {
		out = append(out, Wait{For: "claim", Until: r.Cal.After(DateOf(c.At, zone), 5)})
	}
	if p.Payment == "processing" {
		out = append(out, Wait{For: "processing", Until: r.Cal.After(DateOf(latest(in.At, r.due(in).Start(zone)), zone), 5)})
	}
	if next := p.NextAttempt.Start(zone); !next.IsZero() && r.C.Past(next.AddDate(0, 0, -3)) {
		out = append(out, Wait{For: "attempt", Until: p.NextAttempt.Day(zone).Add(1).Start(zone)})
	}
	return out
}

// allEnded tells whether subscriptions were told and all of them have ended.
func (r *Reading) allEnded() bool {
	told := false
	for _, sub := range r.K.Orders.Subs {
		now, ok := sub.Latest()
		if len(sub.Now) == 0 {
			continue
		}
		if !ok || !r.ended(now.Value) {
			return false
		}
		told = true
	}
	return told
}

// FAQ cause 3: disputed or written off; finance has it.
func paymentDisputed(r *Reading) []Verdict {
	if !r.billedHere() {
		return nil
	}
	var out []Verdict
	all := r.invoices()
	for _, in := range all {
		p := in.Value
		if p.Status != "disputed" && p.Status != "uncollectible" || superseded(in, all) || r.billingSilent() {
			continue
		}
		site := r.Worst()
		v := Verdict{
			Subject: Subject{Kind: "invoice", ID: p.Invoice}, Answer: Holds, Say: "a", Owner: Finance, Severity: r.severity(),
			Args:     map[string]any{"number": label(p)},
			Evidence: []Evidence{in.evidence("status", p.Status)},
			Explains: r.explains("payment-disputed"), Deadline: r.deadline(site, Lead, "lapse"),
			Verify: Verify{Kind: "gone"},
		}
		if p.Dispute != "" {
			v.Evidence = append(v.Evidence, in.evidence("dispute", p.Dispute))
		}
		if a := r.K.Profile.Arrangement; a.Told() && a.Value.Until != "" {
			v.Waits = []Wait{{For: "arrangement", Until: a.Value.Until.Add(1).Start(r.Cal.Zone)}}
		}
		out = append(out, v)
	}
	if len(out) > 0 {
		return out
	}
	v := Verdict{Subject: Subject{Kind: "account", ID: r.Account}, Answer: Fails, Say: "none", Owner: Finance, Args: map[string]any{}}
	if r.billingSilent() {
		v.Answer, v.Say = Unknown, "stale"
	} else if len(all) == 0 && len(r.K.Invoices.Other) == 0 {
		v.Answer, v.Say = Unknown, "never"
	}
	return []Verdict{v}
}

// superseded tells whether a paid invoice covers the same period or a later one.
func superseded(in *Invoice, all []*Invoice) bool {
	for _, o := range all {
		if o.Value.Status == "paid" && (o.Value.Replaces == in.Value.Invoice || o.Value.To != "" && in.Value.To != "" && o.Value.To >= in.Value.To) {
			return true
		}
	}
	return false
}

// FAQ cause 3, turned round: paid, given time to arrive, and the licence is not longer. It is
// our mistake, and we say so.
func paidNotExtended(r *Reading) []Verdict {
	if !r.billedHere() {
		return nil
	}
	var out []Verdict
	for _, s := range r.Production() {
		out = append(out, r.notExtended(s))
	}
	return out
}

func (r *Reading) notExtended(s *Site) Verdict {
	zone := r.Cal.Zone
	v := s.verdict(Fails)
	v.Owner, v.Informed = Support, []Role{Admin, Billing}
	all := r.invoices()
	in, periods := r.paidBeyond(s, all)
	switch {
	case s.ExpiresOn == "" || s.maintained() || r.billingSilent():
		v.Answer, v.Say = Unknown, "stale"
		return v
	case s.Longer:
		v.Say = "longer"
		return v
	case !s.AtRisk:
		v.Say = "no-risk"
		return v
	case len(all) == 0:
		v.Answer, v.Say = Unknown, "never"
		return v
	case in == nil || s.held() || r.openExplains(s, all):
		v.Say = "none"
		return v
	}
	days := Passed
	if e := r.K.Profile.Extend.Value; e != nil && e.WithinDays > 0 {
		days = e.WithinDays
	}
	if s.Phase == PhaseGrace || s.Phase == PhaseExpired {
		days = 1
	}
	paid := r.paidOn(in)
	from := latest(r.Cal.After(paid, days), s.checkBy(zone))
	v.Answer, v.Say = Holds, "a"
	if !periods {
		v.Say = "all-paid"
	}
	if s.checkBy(zone).After(r.Cal.After(paid, days)) {
		v.Args["next_check"] = s.L.NextCheck.Day(zone) // it is not the payment that is waited for
	}
	v.Args["number"], v.Args["paid"], v.Args["days"], v.Args["from"] = label(in.Value), paid, days, DateOf(from, zone)
	v.Evidence = []Evidence{in.evidence("paid_at", paid), s.value("expires", s.L.Expires, "expires")}
	if in.Value.To != "" {
		v.Evidence = append(v.Evidence, in.evidence("period_to", in.Value.To.Day(zone)))
	}
	v.Evidence = append(v.Evidence, Evidence{"licence_read", s.ReadAt, s.Report.Source, s.ReadAt, ""})
	v.Since = from
	v.Explains = s.explains("paid-not-extended")
	v.Deadline = r.deadline(s, 1, "lapse")
	v.Verify = Verify{Kind: "extended", CustID: s.Installation.CustID, Expires: s.ExpiresOn, Invoice: in.Value.Invoice}
	if !r.C.Past(from) {
		v.Waits = []Wait{{For: "extension", Until: from}}
		v.Since = time.Time{}
		return v
	}
	if !s.ReadAt.After(from) || !s.Fresh {
		v.Answer, v.Say = Unknown, "unread"
		return v
	}
	if s.Warned {
		v.Tell = []Tell{{To: Admin, Rank: 1, Max: 1}, {To: Billing, Rank: 1, Max: 1}}
	}
	return v
}

// paidBeyond is the paid invoice that reaches beyond the licence; where no period is known,
// the last paid one, when all known invoices are.
func (r *Reading) paidBeyond(s *Site, all []*Invoice) (*Invoice, bool) {
	periods := slices.ContainsFunc(all, func(in *Invoice) bool { return in.Value.To != "" })
	if periods {
		var best *Invoice
		for _, in := range all {
			if in.Value.Status == "paid" && r.beyond(s, in.Value) && (best == nil || reachLess(best, in)) {
				best = in
			}
		}
		return best, true
	}
	for _, in := range all {
		if in.Value.Status != "paid" && in.Value.Status != "void" {
			return nil, false
		}
	}
	return lastPaid(all), false
}

// beyond tells whether the invoice's period reaches beyond the licence.
func (r *Reading) beyond(s *Site, p InvoiceChanged) bool {
	return p.To != "" && s.ExpiresOn != "" && p.To.Day(r.Cal.Zone) > s.ExpiresOn.Add(Reach)
}

// openExplains tells whether an open invoice is why the licence is not longer.
func (r *Reading) openExplains(s *Site, all []*Invoice) bool {
	for _, in := range all {
		if in.Value.Status != "open" {
			continue
		}
		if _, open := remaining(in.Value); open && (r.overdue(in) || r.beyond(s, in.Value) || in.Value.To == "") {
			return true
		}
	}
	return false
}
