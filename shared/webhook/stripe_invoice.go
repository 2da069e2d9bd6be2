package webhook

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"seatmend/shared/licence"
)

type stripeInvoice struct {
	stripeOwner
	ID              string    `json:"id" validate:"required,id"`
	Number          string    `json:"number" validate:"omitempty,id"`
	Subscription    stripeRef `json:"subscription"` // before basil
	Status          string    `json:"status"`
	Currency        string    `json:"currency" validate:"required,cur"`
	AmountDue       *int64    `json:"amount_due" validate:"required"`
	AmountRemaining int64     `json:"amount_remaining"`
	Total           *int64    `json:"total"`
	CreditedBefore  int64     `json:"pre_payment_credit_notes_amount"`
	CreditedAfter   int64     `json:"post_payment_credit_notes_amount"`
	DueDate         int64     `json:"due_date"`
	Created         int64     `json:"created"`
	NextAttempt     int64     `json:"next_payment_attempt"`
	Attempted       bool      `json:"attempted"`
	Attempts        int       `json:"attempt_count"`
	Collection      string    `json:"collection_method"`
	URL             string    `json:"hosted_invoice_url"`
	Transitions     struct {
		FinalizedAt int64 `json:"finalized_at"`
		PaidAt      int64 `json:"paid_at"`
	} `json:"status_transitions"`
	Parent struct {
		Details struct {
			Subscription stripeRef `json:"subscription"`
		} `json:"subscription_details"`
	} `json:"parent"`
	Lines struct {
		Data    []stripeLine `json:"data"`
		HasMore bool         `json:"has_more"`
	} `json:"lines"`
	Charge   stripeRef `json:"charge"`         // before basil
	Intent   stripeRef `json:"payment_intent"` // before basil
	Payments struct {
		Data []stripePayment `json:"data"`
	} `json:"payments"` // since basil, where it was expanded
}

type stripeLine struct {
	Subscription stripeRef `json:"subscription"`
	Price        stripeRef `json:"price"` // before basil
	Plan         stripeRef `json:"plan"`  // before there were prices
	Pricing      struct {
		Details struct {
			Price stripeRef `json:"price"`
		} `json:"price_details"`
	} `json:"pricing"`
	Period stripePeriod `json:"period"`
	Parent struct {
		Item struct {
			Subscription stripeRef `json:"subscription"`
		} `json:"subscription_item_details"`
		Added struct {
			Subscription stripeRef `json:"subscription"`
		} `json:"invoice_item_details"`
	} `json:"parent"`
}

func readInvoice(f *form, e stripeEvent) stripeTold {
	v, p, ignored := invoiceOf(f, e)
	told := stripeTold{about: []string{v.subscription(), v.id()}, ignored: ignored}
	if ignored != "" || f.err() != nil {
		return told
	}
	v.valid(f)
	p.First = e.created()
	if was, ok := e.before(); ok {
		lax := &form{lax: true}
		if _, old, draft := invoiceOf(lax, was); lax.err() == nil && draft == "" && old.Hash() != p.Hash() {
			p.Before = old.Hash()
		}
	}
	told.payload, told.paid = p, v.paid()
	return told
}

func invoiceOf(f *form, e stripeEvent) (v stripeInvoice, p licence.InvoiceChanged, ignored string) {
	f.fill(e.Data.Object, &v)
	if f.err() != nil {
		return v, p, ""
	}
	if v.Status == "draft" || v.Status == "" {
		return v, p, "an invoice that is a draft asks for nothing yet"
	}
	// What is due has become less by what was credited before it was paid.
	total := *v.AmountDue + v.CreditedBefore
	if v.Total != nil {
		total = *v.Total
	}
	p = licence.InvoiceChanged{
		Invoice:     v.ID,
		Number:      v.Number,
		Status:      v.Status,
		Due:         unixDate(v.DueDate),
		Issued:      unixDate(v.Transitions.FinalizedAt),
		PaidAt:      unixDate(v.Transitions.PaidAt),
		Currency:    strings.ToUpper(v.Currency),
		Amount:      amount(total, v.Currency),
		Remaining:   amount(v.AmountRemaining, v.Currency),
		NextAttempt: unixDate(v.NextAttempt),
		Payment:     v.payment(e.Type),
		Coarse:      true,
		Attempts:    v.Attempts,
		More:        v.Lines.HasMore,
	}
	if credited := v.CreditedBefore + v.CreditedAfter; credited > 0 {
		p.Credited = amount(credited, v.Currency)
	}
	switch v.Status {
	case "open", "paid", "void", "uncollectible":
	default:
		f.say("data.object.status", "must be a status of an invoice that we know")
	}
	switch v.Collection {
	case "charge_automatically":
		p.Collection = "automatic"
	case "send_invoice":
		p.Collection = "invoice"
	}
	if p.Issued == "" {
		p.Issued = unixDate(v.Created)
	}
	if address(v.URL) {
		p.URL = v.URL
	}
	p.From, p.To = v.period()
	p.Lines = v.lines()
	if sub := v.subscription(); sub != "" {
		stripeRef{sub}.valid(f, "data.object.subscription")
		p.Covers = []string{sub}
	}
	return v, p, ""
}

// payment says what the body settles of a payment. That one is under way it does not settle:
// an attempt without a next one may be in progress, or the last that failed.
func (v *stripeInvoice) payment(event string) string {
	switch {
	case v.Status != "open":
		return ""
	case event == "invoice.payment_failed":
		return "failed"
	case event == "invoice.payment_action_required":
		return "action"
	case v.Attempted && v.NextAttempt != 0:
		return "failed" // else it would not be tried again
	}
	return ""
}

type stripePeriod struct {
	Start int64 `json:"start"`
	End   int64 `json:"end"`
}

// real tells whether it is a period: an instant is none.
func (p stripePeriod) real() bool { return p.End > p.Start }

// less tells whether the other reaches further; of two that reach as far, the one that begins first.
func (p stripePeriod) less(o stripePeriod) bool {
	return o.real() && (!p.real() || o.End > p.End || o.End == p.End && o.Start < p.Start)
}

// period is that of the line that reaches furthest.
func (v *stripeInvoice) period() (from, to licence.Date) {
	var most stripePeriod
	for _, l := range v.Lines.Data {
		if most.less(l.Period) {
			most = l.Period
		}
	}
	if !most.real() {
		return "", ""
	}
	return unixDate(most.Start), unixDate(most.End)
}

// lines are the prices of the invoice, each with the period of its line that reaches furthest, in
// one order: the directory says which of them count seats.
func (v *stripeInvoice) lines() []licence.InvoiceLine {
	by := map[string]stripeLine{}
	for _, l := range v.Lines.Data {
		// By its id alone, which is all that every version tells.
		id := cmp.Or(l.Pricing.Details.Price.id, l.Price.id, l.Plan.id)
		if !checks["id"].ok(id) {
			id = "" // a sum that somebody wrote in
		}
		if have, ok := by[id]; !ok || have.Period.less(l.Period) {
			by[id] = l
		}
	}
	var all []licence.InvoiceLine
	for _, id := range slices.Sorted(maps.Keys(by)) {
		told := licence.InvoiceLine{}
		if id != "" {
			told.Prices = []string{id}
		}
		if p := by[id].Period; p.real() {
			told.From, told.To = unixDate(p.Start), unixDate(p.End)
		}
		all = append(all, told)
	}
	return all
}

func (v *stripeInvoice) subscription() string {
	id := cmp.Or(v.Parent.Details.Subscription.id, v.Subscription.id)
	for _, l := range v.Lines.Data {
		id = cmp.Or(id, l.Parent.Item.Subscription.id, l.Parent.Added.Subscription.id, l.Subscription.id)
	}
	return id
}

// amount writes minor units as decimal text. Some currencies have no minor unit, some a
// thousandth; ISK and UGX have none, but Stripe counts them in hundredths.
func amount(minor int64, currency string) string {
	digits := 2
	switch strings.ToUpper(currency) {
	case "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF":
		digits = 0
	case "BHD", "JOD", "KWD", "OMR", "TND":
		digits = 3
	}
	text := strconv.FormatInt(minor, 10)
	if digits == 0 {
		return text
	}
	text, minus := strings.CutPrefix(text, "-")
	if short := digits + 1 - len(text); short > 0 {
		text = strings.Repeat("0", short) + text
	}
	text = text[:len(text)-digits] + "." + text[len(text)-digits:]
	if minus {
		text = "-" + text
	}
	return text
}
