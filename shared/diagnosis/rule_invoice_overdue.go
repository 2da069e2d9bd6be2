package diagnosis

import (
	"cmp"
	"slices"
	"time"

	"seatmend/shared/licence"
)

// FAQ cause 3: "Unpaid invoice, or late payment." It is about the licence, and is no dunning.
func invoiceOverdue(r *Reading, out []Verdict) []Verdict {
	out = r.asked(licence.InvoiceOverdue, out)
	if !r.billedHere() {
		return out
	}
	silent, holds := r.billingSilent(), false
	for _, b := range r.bills() {
		if l := r.late(b); l.why != "" && !silent {
			out, holds = append(out, r.overdueOf(b, l)), true
		}
	}
	if holds {
		return out
	}
	v := r.noInvoice(Verdict{Owner: licence.Billing, Say: "none"})
	if last := lastPaid(r.bills()); v.Answer == Fails && last != nil {
		v.Say = "paid"
		v.Args["number"], v.Args["paid"] = label(last.Value), r.paidOn(last)
		v.Evidence = []Evidence{last.evidence("paid_at", r.paidOn(last))}
		v.about(r.sitesOf(last))
	}
	return append(out, v)
}

// noInvoice answers for an account in which no invoice is what a rule looks for: it fails, or
// is unknown where billing is silent or was never heard.
func (r *Reading) noInvoice(v Verdict) Verdict {
	v.Subject, v.Answer, v.Args = licence.Subject{Kind: "account", ID: r.Account}, Fails, map[string]any{}
	switch {
	case r.billingSilent():
		v.Answer, v.Say = Unknown, "stale"
	case len(r.K.Invoices.Licence) == 0 && len(r.K.Invoices.Other) == 0:
		v.Answer, v.Say = Unknown, "never"
	}
	return v
}

// billingSilent tells whether billing is asked by us, and has not answered for too long.
func (r *Reading) billingSilent() bool {
	at := r.K.Profile.Billing.At
	return !at.IsZero() && !r.C.Fresh(at, licence.Fresh)
}

// billedHere tells whether the account has a billing entry, a subscription or an invoice.
func (r *Reading) billedHere() bool {
	return len(r.A.Billing) > 0 || len(r.K.Orders.Subs) > 0 || len(r.K.Invoices.Licence) > 0 || len(r.K.Invoices.Other) > 0
}

// A lateness is why an open invoice is late, and since when.
type lateness struct {
	why  string       // due, untried or action; "": it is not late
	day  licence.Date // on which it fell due, or by which it should have been collected
	from time.Time    // since when it is late
}

// late tells whether and why an open invoice is. Its due day is the one that was told; of one
// that is collected automatically it is that of the first attempt that failed, and where nobody
// has tried within five banking days, that is late as well. A payment that the bank wants the
// customer to confirm waits for the customer, whatever the due day.
func (r *Reading) late(b *bill) lateness {
	p, zone := b.Value, r.Cal.Zone
	if b.Money != licence.Owed {
		return lateness{}
	}
	l := lateness{"due", b.due, time.Time{}}
	switch automatic := p.Collection == "automatic"; {
	case p.Payment == "action":
		return lateness{"action", b.due, b.At}
	case !b.FirstFailed.At.IsZero() && (automatic || b.due == ""):
		l.day = licence.DateOf(b.FirstFailed.At, zone)
	case automatic && !b.FirstTried.At.IsZero():
		return lateness{} // it is being tried, and has not failed
	case automatic:
		l = lateness{"untried", "", r.banks(b).After(r.issued(b), 5)}
		l.day = licence.DateOf(l.from, zone).Add(-1)
	}
	if l.from.IsZero() {
		l.from = l.day.Add(1).Start(zone)
	}
	if !r.C.Past(l.from) {
		return lateness{}
	}
	return l
}

func (r *Reading) overdueOf(b *bill, l lateness) Verdict {
	p := b.Value
	v := Verdict{
		Code: licence.InvoiceOverdue, Subject: licence.Subject{Kind: "invoice", ID: p.Invoice}, Answer: Holds, Say: "a", Owner: licence.Billing,
		Informed: []licence.Role{licence.Admin, licence.Finance}, Severity: licence.Low, Since: l.from,
		Args: r.invoiceArgs(b), Evidence: []Evidence{b.evidence("status", p.Status)},
		Remedies: payRemedies(""), Verify: licence.Verify{Kind: "paid", Invoice: p.Invoice},
	}
	switch l.why {
	case "due":
		v.Args["due"] = l.day
		v.Evidence = append(v.Evidence, b.evidence("due", l.day))
	case "untried":
		v.Say, v.Owner, v.Remedies = "untried", licence.Finance, nil // it is for us to see why nobody tries
		v.Evidence = append(v.Evidence, b.evidence("invoiced", r.issued(b)))
	case "action":
		v.Say, v.Remedies = "action", payRemedies("action")
		v.Evidence = append(v.Evidence, b.evidence("payment", p.Payment))
	}
	r.claimed(&v, b)
	v.Evidence = append(v.Evidence, b.evidence("remaining", b.left+" "+p.Currency))
	sites := r.payable(b)
	if len(sites) == 0 {
		// It holds no licence up: that is between the customer and finance.
		v.about(r.sitesOf(b))
		v.Deadline.Consequence = r.idle(b)
		if r.extendsNothing(b) {
			v.Owner, v.Remedies = licence.Finance, nil
		}
		v.Waits = r.paymentWaits(b)
		return v
	}
	site := Soonest(sites)
	v.about(sites)
	v.Explains = explain(sites, v.Code)
	v.Severity, v.Deadline = severity(sites), r.paidBy(site, b)
	v.Verify = licence.Verify{Kind: "extended", Invoice: p.Invoice, CustID: site.Installation.CustID, Expires: site.ExpiresOn}
	if r.rest(&v, r.paymentWaits(b), sites); v.Owner != licence.Billing {
		return v
	}
	from := site.riskFrom()
	if l.why == "due" {
		from = licence.Latest(from, r.banks(b).After(l.day, licence.Posted))
	}
	r.remind(&v, b, Tell{Rank: 1, From: from, Max: 3, Gap: 10 * licence.Day, Same: true})
	if r.reminded(r.Fingerprint(v.Code, v.Subject)) {
		v.Owner = licence.Finance // three mails have not helped: now finance phones
	}
	return v
}

// idle is what follows from an invoice that no licence is known to wait for: nothing, unless it
// is not known when one of its licences ends, or which installation it is for.
func (r *Reading) idle(b *bill) string {
	listed := slices.ContainsFunc(r.A.Installations, func(i licence.Installation) bool { return r.K.KindNow(i) == licence.Production })
	if !listed || slices.ContainsFunc(r.sitesOf(b), func(s *Installation) bool { return s.Phase == PhaseUnknown || s.doubted }) {
		return "lapse"
	}
	return "none"
}

// remind owes reminders of an invoice to whoever pays it: the billing contact, or where another
// account pays, that one's. If nobody is there who pays, it is for the partner to pass on.
func (r *Reading) remind(v *Verdict, b *bill, t Tell) {
	t.To, t.Account = licence.Billing, r.PayerOf(b.Value)
	v.Tell = []Tell{t}
	if t.Account != "" && !r.h.Asks[r.Fingerprint(v.Code, v.Subject)].Nobody.IsZero() {
		t.To, t.Account, v.Args["passed-on"] = licence.Partner, "", true
		v.Tell = append(v.Tell, t)
		if v.Owner == licence.Billing {
			v.Owner = licence.Partner
		}
	}
}

// PayerOf names the account that pays, where it is another one.
func (r *Reading) PayerOf(p licence.InvoiceChanged) string {
	if payer := cmp.Or(p.Payer, r.payer()); payer != r.Account {
		return payer
	}
	return ""
}

// extendsNothing tells whether every subscription that the invoice is for has ended, or is to end with
// the licence: paying it extends nothing.
func (r *Reading) extendsNothing(b *bill) bool {
	sites := r.sitesOf(b)
	return len(sites) > 0 && !slices.ContainsFunc(sites, func(s *Installation) bool { return !r.ends(s) })
}

// banks is the calendar of the days on which the invoice can be paid.
func (r *Reading) banks(b *bill) licence.Calendar { return r.Cal.Paying(b.Value.Currency) }

// paidBy is the deadline of a payment that a licence waits for.
func (r *Reading) paidBy(s *Installation, b *bill) Deadline {
	return r.deadlineIn(r.banks(b), s, licence.Lead, "lapse")
}

// invoiceArgs are what the sentences about an invoice print.
func (r *Reading) invoiceArgs(b *bill) map[string]any {
	p := b.Value
	out := map[string]any{"number": label(p), "amount": b.left, "currency": p.Currency, "due": b.due, "url": p.URL, "reference": p.Reference}
	if payer := r.PayerOf(p); payer != "" {
		out["payer"] = payer
	}
	return out
}

// payRemedies are the ways out for who pays: first to pay, or to confirm the payment.
func payRemedies(say string) []Remedy {
	pay := Remedy{ID: "pay", Mode: "guided"}
	if say == "action" {
		pay.ID = "confirm"
	}
	return []Remedy{pay, {ID: "claim", Mode: "guided"}, {ID: "wrong-receiver", Mode: "guided"}, {ID: "dispute", Mode: "guided"}}
}

// reminded tells whether the three mails about a finding have gone, the last ten days ago, or
// whoever pays was asked as often.
func (r *Reading) reminded(fingerprint string) bool {
	asked := r.h.Asks[fingerprint]
	n, last := asked.Told.Time, asked.At
	for _, m := range r.h.Mailed {
		if m.Fingerprint == fingerprint && m.Draft == "" && !m.Over {
			n, last = n+1, licence.Latest(last, m.At)
		}
	}
	return n >= 3 && r.C.Past(last.Add(10*licence.Day))
}

// paymentWaits are the times in which nobody is reminded of a payment.
func (r *Reading) paymentWaits(b *bill) []Wait {
	p, zone := b.Value, r.Cal.Zone
	out := r.arranged()
	if c, ok := r.K.Invoices.Claims[p.Invoice]; ok && !c.Value.Back {
		out = append(out, Wait{For: "claim", Fresh: c.Source == "page" && !r.C.Past(c.At.Add(licence.Quarter)), Until: r.foundBy(b, c.At)})
	}
	if p.Payment == "processing" {
		out = append(out, Wait{For: "processing", Until: r.banks(b).After(licence.DateOf(licence.Latest(b.At, b.due.Start(zone)), zone), 5)})
	}
	next := p.NextAttempt.Start(zone)
	if p.Payment != "action" && !next.IsZero() && r.C.Past(next.AddDate(0, 0, -3)) {
		out = append(out, Wait{For: "attempt", Until: p.NextAttempt.Day(zone).Add(1).Start(zone)})
	}
	return out
}

// foundBy is until when finance looks for a payment that was claimed at an instant.
func (r *Reading) foundBy(b *bill, claimed time.Time) time.Time {
	return r.banks(b).After(licence.DateOf(claimed, r.Cal.Zone), 5)
}

// claimed lets the sentences print what somebody said of the payment; "unfound" is that finance has
// looked for it long enough.
func (r *Reading) claimed(v *Verdict, b *bill) {
	c, ok := r.K.Invoices.Claims[b.Value.Invoice]
	if !ok || c.Value.Back {
		return
	}
	v.Args["claimed"], v.Args["paid_on"], v.Args["paid_by"] = licence.DateOf(c.At, r.Cal.Zone), c.Value.PaidOn, c.Value.Reference
	if r.C.Past(r.foundBy(b, c.At)) {
		v.Args["unfound"] = true
	}
}

// arranged is the time for which something is agreed with the customer.
func (r *Reading) arranged() []Wait {
	a := r.K.Profile.Arrangement
	if !a.Told() || a.Value.Until == "" {
		return nil
	}
	return []Wait{{For: "arrangement", Until: a.Value.Until.Day(r.Cal.Zone).Add(1).Start(r.Cal.Zone)}}
}

// rest lets a payment that licences wait for rest, while it is agreed or under way. Where that
// lasts longer than a licence does, it is finance's to lengthen it by hand, and the customer
// hears nothing of it.
func (r *Reading) rest(v *Verdict, waits []Wait, sites []*Installation) {
	for _, w := range waits {
		if !w.Fresh && r.outlasts(w.Until, sites...) {
			v.Owner, v.Waits, v.Tell, v.Remedies = licence.Finance, nil, nil, nil
			v.Severity = severity(sites)
			v.Args["beyond"], v.Args["until"] = w.For, licence.DateOf(w.Until, r.Cal.Zone).Add(-1)
			return
		}
	}
	v.Waits = append(v.Waits, waits...)
}

// outlasts tells whether a wait lasts longer than the licence of one of the installations, less a
// banking day in which it could still be lengthened by hand.
func (r *Reading) outlasts(until time.Time, sites ...*Installation) bool {
	last := licence.DateOf(until, r.Cal.Zone)
	if until.Equal(last.Start(r.Cal.Zone)) {
		last = last.Add(-1)
	}
	return slices.ContainsFunc(sites, func(s *Installation) bool {
		stop := r.Cal.Before(s.stopsOn(), 1)
		return stop != "" && last > stop && !r.C.Past(until)
	})
}

// stopsOn is the day on which the installation stops working, as far as it is known.
func (s *Installation) stopsOn() licence.Date {
	return cmp.Or(s.GraceOn, s.ExpiresOn)
}

// asked are the invoices of other accounts that this one is asked to pay.
func (r *Reading) asked(code licence.Code, out []Verdict) []Verdict {
	for _, key := range licence.SortedKeys(r.K.Invoices.Asked) {
		told := r.K.Invoices.Asked[key]
		p := told.Value
		if p.Over != "" || p.Code != code {
			continue
		}
		v := Verdict{
			Subject: licence.Subject{Kind: "invoice", ID: p.For + "/" + p.Invoice}, Answer: Holds, Say: p.Say + "-for", Owner: licence.Billing, Severity: p.Severity,
			Args: map[string]any{
				"for": p.For, "invoice": p.Invoice, "account": p.Name, "number": p.Number, "amount": p.Amount, "currency": p.Currency,
				"due": p.Due, "expires": p.Expires, "url": p.URL, "reference": p.Reference,
			},
			Evidence: []Evidence{{"remaining", p.Amount + " " + p.Currency, told.Source, told.At, ""}},
			Deadline: Deadline{ActBy: p.ActBy, At: p.Stops, Late: p.ActBy != "" && p.Expires != "" && p.ActBy >= p.Expires, Consequence: "lapse"},
			Remedies: payRemedies(p.Say), Verify: licence.Verify{Kind: "asked", Invoice: key}, Apart: true,
			Tell: []Tell{{To: licence.Billing, Rank: p.Time}},
		}
		if p.Rests != "" {
			v.Waits = []Wait{{For: p.Rests, Until: p.Until}}
		}
		out = append(out, v)
	}
	return out
}
