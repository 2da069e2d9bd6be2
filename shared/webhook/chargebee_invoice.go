package webhook

import (
	"cmp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"seatmend/shared/licence"
)

type chargebeeInvoice struct {
	chargebeeStamp
	ID           string             `json:"id" validate:"required,id"` // the number that is printed
	Customer     string             `json:"customer_id" validate:"required,id"`
	Subscription string             `json:"subscription_id" validate:"omitempty,id"` // none where one invoice is for several
	Status       string             `json:"status"`
	Date         int64              `json:"date"`
	Due          int64              `json:"due_date"`
	PaidAt       int64              `json:"paid_at"`
	Currency     string             `json:"currency_code" validate:"required,cur"`
	Total        *int64             `json:"total" validate:"required"`
	Left         int64              `json:"amount_due"`
	Paid         int64              `json:"amount_paid"`
	Credits      int64              `json:"credits_applied"` // of the customer's balance
	Adjusted     int64              `json:"amount_adjusted"` // by credit notes before it was paid
	WrittenOff   int64              `json:"write_off_amount"`
	Order        string             `json:"po_number" validate:"line"`
	Dunning      string             `json:"dunning_status"`
	NextRetry    int64              `json:"next_retry_at"`
	Lines        []chargebeeLine    `json:"line_items"`
	More         string             `json:"line_items_next_offset"`
	Attempts     []chargebeeAttempt `json:"dunning_attempts"`
	Payments     []chargebeeAttempt `json:"linked_payments"`
}

type chargebeeLine struct {
	Subscription string `json:"subscription_id"`
	Kind         string `json:"entity_type"`
	Price        string `json:"entity_id"`
	From         int64  `json:"date_from"`
	To           int64  `json:"date_to"`
}

// A chargebeeAttempt is one at collecting the payment.
type chargebeeAttempt struct {
	Kind   string `json:"dunning_type"` // auto_collect, direct_debit; offline is a letter
	Status string `json:"txn_status"`
	At     int64  `json:"created_at"` // of one in dunning
	Date   int64  `json:"txn_date"`   // of a payment
}

// mostCovered is how many subscriptions of one invoice are told each to its own account.
const mostCovered = 20

// readChargebeeInvoice reads an invoice by what it says itself: how it is collected, and from whom,
// stands elsewhere, and not in every body.
func readChargebeeInvoice(f *form, e chargebeeEvent, object jsontext.Value) chargebeeTold {
	var v chargebeeInvoice
	f.fill(object, &v)
	t := chargebeeTold{telling{about: append(v.covers(), v.Customer)}, v.chargebeeStamp}
	if f.err() != nil {
		return t
	}
	p := licence.InvoiceChanged{
		Invoice:     v.ID,
		Number:      v.ID,
		Reference:   v.Order,
		Due:         unixDate(v.Due),
		Issued:      unixDate(v.Date),
		PaidAt:      unixDate(v.PaidAt),
		Currency:    strings.ToUpper(v.Currency),
		Amount:      chargebeeAmount(*v.Total, v.Currency),
		Remaining:   chargebeeAmount(v.Left, v.Currency),
		NextAttempt: unixDate(v.NextRetry),
		Attempts:    v.tried(),
		Covers:      v.covers(),
		More:        v.More != "",
		Thin:        true, // payment schedules name nothing else
	}
	p.Lines, p.From, p.To = v.lines()
	if v.Adjusted > 0 {
		p.Credited = chargebeeAmount(v.Adjusted, v.Currency)
	}
	switch v.Status {
	case "posted", "payment_due", "not_paid": // that nobody tries any more is no reason not to owe it
		p.Status, p.Payment = "open", v.payment()
	case "paid":
		p.Status = "paid"
		if v.WrittenOff > v.Paid+v.Credits {
			p.Status, p.PaidAt = "uncollectible", "" // it is settled, and this never came
			p.Remaining = chargebeeAmount(v.WrittenOff, v.Currency)
		}
	case "voided":
		p.Status = "void"
	case "pending":
		t.ignored = "an invoice that is pending asks for nothing yet"
	default:
		f.say(f.root+".status", "must be a status of an invoice that we know")
	}
	if v.Deleted {
		p.Status, t.ignored = "void", ""
	}
	if v.NextRetry != 0 || p.Attempts > 0 {
		p.Collection = "automatic"
	}
	switch {
	case t.ignored != "":
	case len(p.Covers) < 2:
		t.add(p)
	default: // each of them may be of an account of its own
		for _, sub := range p.Covers {
			t.news = append(t.news, news{about: []string{sub, v.Customer}, payload: p})
		}
	}
	return t
}

// covers are the subscriptions that the invoice is for.
func (v *chargebeeInvoice) covers() (subs []string) {
	add := func(id string) {
		if checks["id"].ok(id) && !slices.Contains(subs, id) && len(subs) < mostCovered {
			subs = append(subs, id)
		}
	}
	add(v.Subscription)
	for _, l := range v.Lines {
		add(l.Subscription)
	}
	return subs
}

// lines are the prices that are billed, each once, and the period of all.
func (v *chargebeeInvoice) lines() (all []licence.InvoiceLine, from, to licence.Date) {
	for _, l := range v.Lines {
		line := licence.InvoiceLine{}
		if checks["id"].ok(l.Price) && l.Kind != "adhoc" {
			line.Prices = []string{l.Price}
		}
		if l.To > l.From {
			line.From, line.To = unixDate(l.From), unixDate(l.To)
		}
		if line.To > to || line.To == to && line.From < from {
			from, to = line.From, line.To
		}
		all = furthest(all, line)
	}
	return sorted(all), from, to
}

// tried is how often the payment was collected, or that was tried.
func (v *chargebeeInvoice) tried() (n int) {
	for _, a := range v.Attempts {
		if a.Kind != "offline" {
			n++
		}
	}
	return n
}

// payment is what became of the latest attempt, as far as the invoice says it.
func (v *chargebeeInvoice) payment() string {
	all := slices.Concat(v.Payments, slices.DeleteFunc(slices.Clone(v.Attempts), func(a chargebeeAttempt) bool { return a.Kind == "offline" }))
	if len(all) == 0 {
		return ""
	}
	last := slices.MaxFunc(all, func(a, b chargebeeAttempt) int { return cmp.Compare(max(a.At, a.Date), max(b.At, b.Date)) })
	switch last.Status {
	case "failure", "late_failure":
		return "failed"
	case "in_progress", "timeout", "needs_attention":
		return "processing"
	}
	if v.Status == "not_paid" {
		return "failed"
	}
	return ""
}

// chargebeeAmount writes what Chargebee tells in hundredths, save of a currency that has none: there
// is no currency in thousandths for it.
func chargebeeAmount(minor int64, currency string) string {
	switch strings.ToUpper(currency) {
	case "BHD", "JOD", "KWD", "OMR", "TND":
		currency = "EUR"
	}
	return amount(minor, currency)
}

type chargebeeCreditNote struct {
	chargebeeStamp
	ID           string `json:"id" validate:"required,id"`
	Customer     string `json:"customer_id" validate:"required,id"`
	Subscription string `json:"subscription_id" validate:"omitempty,id"`
	Invoice      string `json:"reference_invoice_id" validate:"omitempty,id"`
	Status       string `json:"status"`
	Reason       string `json:"reason_code"`
	Made         string `json:"create_reason_code"`
	Currency     string `json:"currency_code" validate:"required,cur"`
	Total        *int64 `json:"total" validate:"required"`
}

// readChargebeeCreditNote reads what was credited of an invoice. A chargeback is a credit note too, and
// what is written off one that brings no money.
func readChargebeeCreditNote(f *form, _ chargebeeEvent, object jsontext.Value) chargebeeTold {
	var v chargebeeCreditNote
	f.fill(object, &v)
	t := chargebeeTold{telling{about: []string{v.Subscription, v.Customer, v.Invoice}}, v.chargebeeStamp} // it may be for several
	if f.err() != nil {
		return t
	}
	p := licence.PaymentChanged{ID: v.ID, Kind: "credit", Invoice: v.Invoice}
	switch v.Status {
	case "adjusted", "refunded", "refund_due":
		p.Amount = chargebeeAmount(*v.Total, v.Currency)
	case "voided":
		p.Level = 1
	default:
		f.say(f.root+".status", "must be a status of a credit note that we know")
	}
	if v.Deleted {
		p.Amount, p.Level = "", 2
	}
	switch {
	case v.Invoice == "":
		t.ignored = "a credit note of no invoice takes nothing back"
		return t
	case strings.EqualFold(v.Reason, "chargeback") || strings.EqualFold(v.Made, "chargeback"):
		p.Kind, p.Open, p.Amount = "dispute", p.Amount != "", ""
	case strings.EqualFold(v.Reason, "write_off"):
		t.ignored = "what is written off stands in the invoice"
		return t
	}
	t.add(p)
	return t
}

type chargebeeSchedule struct {
	chargebeeStamp
	ID      string `json:"id" validate:"required,id"`
	Of      string `json:"entity_type"`
	Invoice string `json:"entity_id" validate:"required,id"`
	Entries []struct {
		Date   int64  `json:"date"`
		Status string `json:"status"` // posted, payment_due, paid
	} `json:"schedule_entries"`
}

// readChargebeeSchedule reads that an invoice is paid in parts: it is due when the first of them is that is
// not paid, whatever its own due date says.
func readChargebeeSchedule(f *form, _ chargebeeEvent, object jsontext.Value) chargebeeTold {
	var v chargebeeSchedule
	f.fill(object, &v)
	t := chargebeeTold{telling{about: []string{v.Invoice}}, v.chargebeeStamp}
	switch {
	case f.err() != nil:
		return t
	case v.Of != "" && v.Of != "invoice":
		t.ignored = "a payment schedule of no invoice"
		return t
	}
	p := licence.PaymentChanged{ID: v.ID, Kind: "parts", Invoice: v.Invoice}
	for _, part := range v.Entries {
		if due := unixDate(part.Date); part.Status != "paid" && !v.Deleted && due != "" && (p.Due == "" || due < p.Due) {
			p.Due = due
		}
	}
	t.add(p)
	return t
}

type chargebeeTransaction struct {
	chargebeeStamp
	ID           string `json:"id" validate:"required,id"`
	Customer     string `json:"customer_id" validate:"omitempty,id"`
	Subscription string `json:"subscription_id" validate:"omitempty,id"`
	Kind         string `json:"type"`
	Status       string `json:"status"`
	Invoices     []struct {
		ID string `json:"invoice_id"`
	} `json:"linked_invoices"`
}

// readChargebeeTransaction reads that a bank took a payment back. All else of a payment stands in its
// invoice.
func readChargebeeTransaction(f *form, _ chargebeeEvent, object jsontext.Value) chargebeeTold {
	var v chargebeeTransaction
	f.fill(object, &v)
	t := chargebeeTold{telling{about: []string{v.Subscription, v.Customer}}, v.chargebeeStamp}
	if v.Kind != "payment_reversal" {
		t.ignored = "a payment is told by its invoice"
		return t
	}
	for _, in := range v.Invoices {
		if f.err() == nil && checks["id"].ok(in.ID) && len(t.news) < mostCovered {
			open := v.Status == "success" && !v.Deleted
			t.add(licence.PaymentChanged{ID: v.ID + "/" + in.ID, Kind: "dispute", Invoice: in.ID, Open: open})
		}
	}
	return t
}
