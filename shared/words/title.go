package words

import (
	"slices"
	"strings"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// payment are the codes that speak of invoices.
var payment = []licence.Code{licence.InvoiceOverdue, licence.PaymentDisputed, licence.PaymentAwaited}

// secret tells whether the reader gets nothing of a finding but one neutral sentence: an
// unpaid or contested invoice is between those who pay and those who are paid.
func (t teller) secret(f diagnosis.Finding) bool {
	return slices.Contains(payment, f.Code) && !t.pays(f)
}

// pays tells whether the reader may know of an invoice: the operator's staff, and billing of the
// account that pays it.
func (t teller) pays(f diagnosis.Finding) bool {
	return t.o.Reader == "" || t.o.Reader == licence.Billing && f.Args["payer"] == nil
}

// hidden tells whether the reader sees nothing at all of a finding.
func (t teller) hidden(f diagnosis.Finding, answer diagnosis.Answer) bool {
	r := t.o.Reader
	switch {
	case r == "":
		return false
	case f.Code == licence.SourceStale: // never the customer's matter
		return true
	case t.secret(f) && answer == diagnosis.Holds:
		// Only what holds a licence up is said; and what another account is asked to pay, to those
		// alone who may pay.
		return f.Severity == licence.Low || f.Deadline.Consequence == "none" || f.Args["for"] != nil && r != licence.Partner
	case t.secret(f):
		return true
	case r != licence.Billing && (f.Code == licence.PaidNotExtended || f.Code == licence.NotInvoiced):
		return answer != diagnosis.Holds && f.Say != "longer"
	}
	return false
}

// args are all values that a sentence about the finding may print: what the rule gave, and
// the evidence under its own names, so that every number printed is one that is shown.
func (t teller) args(f diagnosis.Finding) Args {
	a := Args{"account": t.o.Account, "billing": t.o.Billing, "case": t.o.caseOf(f.Fingerprint), "cust": f.Subject.CustID}
	a["plan"] = t.Say(nil, "this-plan")
	if f.Subject.Kind == "suite" {
		a["plan"] = "CRM Suite"
	}
	for k, v := range f.Args {
		if v != "" {
			a[k] = v
		}
	}
	for _, e := range f.Evidence {
		a[e.Name] = e.Value
	}
	delete(a, "unknown")
	if codes, ok := f.Args["unknown"].([]string); ok && t.o.Reader == "" {
		var names []string
		for _, code := range codes {
			if name := t.Say(nil, "rule."+code, "rule."); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		a["unknown"] = names
	}
	if of, ok := f.Args["source"].(string); ok {
		a["source"] = t.Say(nil, "value.source."+of, "value.source.licence")
	}
	if amount, ok := f.Args["amount"].(string); ok {
		currency, _ := f.Args["currency"].(string)
		a["amount"] = money{amount, currency}
	}
	if _, numbers := f.Args["from"].(int); numbers && f.Cause == "" {
		delete(a, "from")
		delete(a, "to")
	}
	a["need"] = f.Need
	a["act_by"], a["stops"] = f.Deadline.ActBy, f.Deadline.At
	if at := f.Deadline.At.Start(t.zone); slices.Contains(payment, f.Code) && !at.IsZero() && !at.After(t.now) {
		delete(a, "act_by") // it has stopped: nothing can be paid in time
	} else if late(f) {
		delete(a, "act_by") // the licence is not extended in time any more
		if f.Deadline.ActBy.Start(t.zone).After(t.now) {
			a["late"] = f.Deadline.ActBy // but before SuperOffice stops
		}
	}
	if f.Until.After(t.now) {
		// The last day of the wait: it ends where the next begins.
		a["until"] = licence.DateOf(f.Until.Add(-time.Second), t.zone)
	}
	if !f.Starts.IsZero() {
		a["starts"] = licence.DateOf(f.Starts, t.zone)
	}
	a["address"] = t.o.Installations[f.Subject.CustID]
	t.compare(f, a)
	return a
}

// late tells whether a payment can come too late for the licence to be extended before it ends.
func late(f diagnosis.Finding) bool {
	return f.Deadline.Late && (f.Code == licence.InvoiceOverdue || f.Code == licence.PaymentAwaited)
}

// compare adds what follows from the values that are printed, and from nothing else.
func (t teller) compare(f diagnosis.Finding, a Args) {
	assigned, ok := a["assigned"].(int)
	if !ok {
		return
	}
	limit, ok := limitOf(a)
	if !ok {
		return
	}
	a["limit"] = limit
	if over := assigned - limit; over > 0 {
		a["over"] = over
		if rest := over - f.Need; rest > 0 {
			a["swapped"] = rest
		}
	}
}

// limitOf is what the new licence covers, or where there is none, the one in force.
func limitOf(a Args) (int, bool) {
	if n, ok := a["offered"].(int); ok {
		return n, true
	}
	n, ok := a["total"].(int)
	return n, ok
}

// pick chooses among the sentences of a rule's answer by the very values that are printed.
func (t teller) pick(f diagnosis.Finding, answer diagnosis.Answer) string {
	a := t.args(f)
	n := func(name string) int { x, _ := a[name].(int); return x }
	known := func(name string) bool { _, ok := a[name].(int); return ok }
	if s := t.settled(f); s != "" {
		return s
	}
	if say := later(f); answer == diagnosis.Holds && say != "" {
		return say
	}
	switch string(f.Code) + "." + f.Say {
	case "surplus.a":
		if known("swapped") {
			return "a-rest"
		}
	case "surplus.d", "surplus.d-suite", "unexplained.a":
		if f.State == licence.Waiting {
			return f.Say + "-waits"
		}
	case "surplus.fits", "surplus.fits-suite":
		return t.fits(f.Say, n, known)
	case "order-differs.fits", "order-differs.f":
		if known("offered") {
			return f.Say + "-offered"
		}
	case "order-differs.g":
		if f.Disputes {
			return "g-offered"
		}
	case "order-differs.b":
		say := "b"
		if slices.ContainsFunc(t.d.Findings, func(o diagnosis.Finding) bool { return o.Code == licence.Surplus && o.Subject == f.Subject }) {
			say = "b-both" // beside it some are asked for
		}
		if t.asked(f) {
			say += "-ask"
		}
		return say
	case "not-activated.a":
		check, _ := a["next_check"].(licence.Date)
		if f.State == licence.Waiting && check.Day(t.zone) >= licence.DateOf(t.now, t.zone) && check != "" {
			return "a-checks"
		}
		if f.State == licence.Waiting {
			return "a-waits"
		}
	case "not-activated.more", "not-activated.others":
		say := f.Say
		if ends, _ := a["new_expires"].(licence.Date); say == "others" && ends.Day(t.zone).End() == "" {
			say = "new"
		}
		if f.State == licence.Waiting {
			say += "-waits"
		}
		return say
	case "not-activated.earlier":
		if ends, _ := a["expires"].(licence.Date); ends == licence.Never {
			return "sooner"
		}
	case "wrong-installation.trial":
		if n("users") == 0 {
			return "trial-late"
		}
	case "subscription-ended.a":
		if end, _ := a["end"].(licence.Date); end != "" && !end.Start(t.zone).After(t.now) {
			return "a-past"
		}
	case "payment-disputed.a":
		if a["status"] == "uncollectible" {
			return "a-off"
		}
	case "paid-not-extended.a", "paid-not-extended.all-paid", "paid-not-extended.invoiced":
		if answer == diagnosis.Holds && a["beyond"] != nil {
			return "beyond"
		}
		if f.State != licence.Waiting {
			break
		}
		say := "waits"
		if check, ok := a["next_check"].(licence.Date); ok && check != "" {
			say = "checks"
		}
		if f.Say == "invoiced" {
			say = "invoiced-" + say
		}
		return say
	case "not-fetched.web", "not-fetched.online":
		if f.State == licence.Waiting {
			return "waits"
		}
	case "identity-differs.serial":
		if f.State == licence.Waiting {
			return "serial-waits"
		}
	case "suspended.a":
		if s, _ := a["state"].(string); s == "deleting" || s == "deleted" {
			return "a-" + s
		}
	case "trial-ending.a":
		if end, _ := a["expires"].(licence.Date); end != "" && !end.Start(t.zone).After(t.now) {
			return "a-past"
		}
	case "payment-awaited.a", "payment-awaited.b", "payment-awaited.c", "payment-awaited.undated", "payment-awaited.c-for":
		if say := t.private(f); say != "" {
			return say
		}
		if a["beyond"] != nil && t.o.Reader == "" {
			return "beyond"
		}
	case "invoice-overdue.a", "invoice-overdue.action", "invoice-overdue.untried", "invoice-overdue.a-for", "invoice-overdue.action-for":
		if answer == diagnosis.Holds {
			return t.overdue(f, a)
		}
	}
	return f.Say
}

// settled chooses the sentence of what nobody has to act on any more: "" where it is none.
func (t teller) settled(f diagnosis.Finding) string {
	switch {
	case f.Code == licence.Surplus && f.State == licence.Verifying && f.Subject.Kind == "suite":
		return "verifying-suite"
	case f.Code == licence.Surplus && f.State == licence.Verifying:
		return "verifying"
	case f.Code == licence.OrderDiffers && f.State == licence.Answered && f.Say == "g" && (f.Answer == nil || f.Answer.Answer == "numbers-right"):
		return "g-agreed"
	case f.Code == licence.OrderDiffers && f.State == licence.Answered && (f.Say == "b" || f.Say == "c") && (f.Answer == nil || f.Answer.Answer == "numbers-right"):
		return "agreed"
	}
	return ""
}

// later chooses the sentence of a surplus that waits for a payment, which alone renews the licence:
// nobody is asked to free a seat today. "": it waits for none, or is over the licence in force.
func later(f diagnosis.Finding) string {
	say, suite := strings.CutSuffix(f.Say, "-suite")
	if f.Code != licence.Surplus || len(f.BlockedBy) == 0 || say == "d" {
		return ""
	}
	if say == "left" {
		say = "b"
	}
	if say += "-later"; suite {
		say += "-suite"
	}
	return say
}

// fits chooses the number that the seats fit into: what is offered, ordered, or in force.
func (t teller) fits(say string, n func(string) int, known func(string) bool) string {
	for _, limit := range []string{"offered", "ordered"} {
		if known("offered") && known(limit) && n("assigned") <= n(limit) {
			return say + "-" + limit
		}
	}
	return say
}

// overdue chooses the sentence about an unpaid invoice for who reads it.
func (t teller) overdue(f diagnosis.Finding, a Args) string {
	beyond, _ := a["beyond"].(string)
	say := t.private(f)
	switch {
	case say != "":
		return "a-" + say
	case beyond != "" && t.o.Reader == "":
		return "a-beyond"
	case beyond != "":
		return "a-" + beyond
	case f.State == licence.Waiting:
		return "a-" + f.WaitingFor
	case f.Say == "action" && f.Deadline.At == "" && f.Severity == licence.Low:
		return "action-also"
	case f.Say != "a":
		return f.Say
	case a["unfound"] != nil:
		return "a-unfound"
	case f.Deadline.Consequence == "none":
		return "a-also" // it holds no licence up
	case f.Deadline.At == "" && f.Severity == licence.Low:
		return "a-unsure"
	}
	return "a-risk"
}

// private chooses what is said of a payment to who does not pay it: "" where the reader does, or
// is the operator's staff.
func (t teller) private(f diagnosis.Finding) string {
	elsewhere := f.Args["payer"] != nil
	switch r := t.o.Reader; {
	case t.pays(f):
		return ""
	case r == licence.Partner && (f.Args["for"] != nil || f.Args["passed-on"] == true):
		return "payer"
	case r == licence.Partner && t.o.Billing == "":
		return "pass-on"
	case elsewhere:
		return "elsewhere"
	}
	return "neutral"
}
