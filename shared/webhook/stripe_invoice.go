package webhook

import (
	"strconv"
	"strings"

	"seatmend/shared/licence"
)

type stripeInvoice struct {
	ID              string    `json:"id" validate:"required,id"`
	Number          string    `json:"number" validate:"omitempty,id"`
	Customer        stripeRef `json:"customer"`
	Subscription    stripeRef `json:"subscription"` // before basil
	Status          string    `json:"status"`
	Currency        string    `json:"currency" validate:"required,cur"`
	AmountDue       *int64    `json:"amount_due" validate:"required"`
	AmountRemaining int64     `json:"amount_remaining"`
	DueDate         int64     `json:"due_date"`
	Created         int64     `json:"created"`
	NextAttempt     int64     `json:"next_payment_attempt"`
	Attempted       bool      `json:"attempted"`
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
		Data []stripeLine `json:"data"`
	} `json:"lines"`
}

type stripeLine struct {
	Subscription stripeRef `json:"subscription"` // before basil
	Period       struct {
		Start int64 `json:"start"`
		End   int64 `json:"end"`
	} `json:"period"`
	Parent struct {
		Item struct {
			Subscription stripeRef `json:"subscription"`
		} `json:"subscription_item_details"`
	} `json:"parent"`
}

func readInvoice(f *form, e stripeEvent) stripeTold {
	var v stripeInvoice
	f.fill(e.Data.Object, &v)
	if f.err() != nil {
		return stripeTold{}
	}
	if v.Status == "draft" || v.Status == "" {
		return stripeTold{ignored: "an invoice that is a draft asks for nothing yet"}
	}
	v.Customer.valid(f, "data.object.customer")
	p := licence.InvoiceChanged{
		Invoice:     v.ID,
		Number:      v.Number,
		Status:      v.Status,
		Due:         unixDate(v.DueDate),
		Issued:      unixDate(v.Transitions.FinalizedAt),
		PaidAt:      unixDate(v.Transitions.PaidAt),
		Currency:    strings.ToUpper(v.Currency),
		Amount:      amount(*v.AmountDue, v.Currency),
		Remaining:   amount(v.AmountRemaining, v.Currency),
		NextAttempt: unixDate(v.NextAttempt),
		Payment:     v.payment(e.Type),
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
	sub := v.subscription()
	if sub != "" {
		stripeRef{sub}.valid(f, "data.object.subscription")
		p.Covers = []string{sub}
	}
	return stripeTold{subscription: sub, customer: v.Customer.id, payload: p}
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

// period is that of the line that reaches furthest. An instant is no period.
func (v *stripeInvoice) period() (from, to licence.Date) {
	var start, end int64
	for _, l := range v.Lines.Data {
		if p := l.Period; p.End > p.Start && (p.End > end || p.End == end && p.Start < start) {
			start, end = p.Start, p.End
		}
	}
	return unixDate(start), unixDate(end)
}

func (v *stripeInvoice) subscription() string {
	if id := v.Parent.Details.Subscription.id; id != "" {
		return id
	}
	if v.Subscription.id != "" {
		return v.Subscription.id
	}
	for _, l := range v.Lines.Data {
		if id := l.Parent.Item.Subscription.id; id != "" {
			return id
		}
		if l.Subscription.id != "" {
			return l.Subscription.id
		}
	}
	return ""
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
