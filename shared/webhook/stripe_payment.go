package webhook

import (
	"slices"

	"seatmend/shared/licence"
)

// What Stripe tells of a payment apart from its invoice. Since basil neither a charge nor a dispute
// names the invoice, and a dispute never named the customer: an invoice_payment ties the payment
// intent to the invoice, and by the ids of both the account is found.

// A stripePayment is a payment of an invoice.
type stripePayment struct {
	ID      string    `json:"id" validate:"required,id"`
	Invoice stripeRef `json:"invoice"`
	Status  string    `json:"status"`
	Payment struct {
		Intent stripeRef `json:"payment_intent"`
		Charge stripeRef `json:"charge"`
	} `json:"payment"`
}

func (v stripePayment) refs() []string { return stripeRefs(v.Payment.Charge, v.Payment.Intent) }

// stripeRefs are the ids that there are.
func stripeRefs(refs ...stripeRef) (ids []string) {
	for _, r := range refs {
		if checks["id"].ok(r.id) && !slices.Contains(ids, r.id) {
			ids = append(ids, r.id)
		}
	}
	return ids
}

// paid ties a paid invoice to its payments, where the body names any.
func (v *stripeInvoice) paid() *licence.PaymentChanged {
	refs := stripeRefs(v.Charge, v.Intent)
	for _, p := range v.Payments.Data {
		for _, id := range p.refs() {
			if !slices.Contains(refs, id) {
				refs = append(refs, id)
			}
		}
	}
	if len(refs) == 0 || v.Status != "paid" {
		return nil
	}
	return &licence.PaymentChanged{ID: v.ID, Kind: "made", Invoice: v.ID, Payments: refs[:min(len(refs), 8)]}
}

func readInvoicePayment(f *form, e stripeEvent) stripeTold {
	var v stripePayment
	f.fill(e.Data.Object, &v)
	v.Invoice.valid(f, "data.object.invoice")
	told := stripeTold{about: []string{v.Invoice.id}}
	if len(v.refs()) == 0 {
		told.ignored = "the payment was made outside of Stripe"
		return told
	}
	told.payload = licence.PaymentChanged{ID: v.ID, Kind: "made", Invoice: v.Invoice.id, Payments: v.refs()}
	return told
}

type stripeCharge struct {
	stripeOwner
	ID       string    `json:"id" validate:"required,id"`
	Intent   stripeRef `json:"payment_intent"`
	Invoice  stripeRef `json:"invoice"` // before basil
	Currency string    `json:"currency" validate:"required,cur"`
	Refunded int64     `json:"amount_refunded"`
}

func readRefunded(f *form, e stripeEvent) stripeTold {
	var v stripeCharge
	f.fill(e.Data.Object, &v)
	refs := stripeRefs(stripeRef{v.ID}, v.Intent)
	told := stripeTold{about: slices.Concat(stripeRefs(v.Invoice), refs, []string{v.id()})}
	if f.err() == nil {
		told.payload = licence.PaymentChanged{ID: v.ID, Kind: "refund", Invoice: v.Invoice.id, Payments: refs, Amount: amount(v.Refunded, v.Currency)}
	}
	return told
}

type stripeRefund struct {
	ID       string    `json:"id" validate:"required,id"`
	Status   string    `json:"status"`
	Currency string    `json:"currency" validate:"required,cur"`
	Amount   *int64    `json:"amount" validate:"required"`
	Charge   stripeRef `json:"charge"`
	Intent   stripeRef `json:"payment_intent"`
}

// readRefund reads that a refund came to nothing: the bank sent the money back, and we have it. Of one that
// goes well the charge tells the sum of all, from which this one is taken off.
func readRefund(f *form, e stripeEvent) stripeTold {
	var v stripeRefund
	f.fill(e.Data.Object, &v)
	told := stripeTold{about: stripeRefs(v.Charge, v.Intent)}
	if v.Status != "failed" && v.Status != "canceled" {
		told.ignored = "the charge tells what was refunded of it"
		return told
	}
	if v.Charge.valid(f, "data.object.charge"); f.err() == nil {
		told.payload = licence.PaymentChanged{ID: v.ID, Kind: "refund", Payments: stripeRefs(v.Charge, v.Intent), Amount: amount(-*v.Amount, v.Currency)}
	}
	return told
}

type stripeDispute struct {
	ID     string    `json:"id" validate:"required,id"`
	Status string    `json:"status"`
	Charge stripeRef `json:"charge"`
	Intent stripeRef `json:"payment_intent"`
}

// disputeStatuses are in the order in which one follows another.
var disputeStatuses = []string{"warning_needs_response", "warning_under_review", "warning_closed",
	"needs_response", "under_review", "prevented", "lost", "appeal_needs_response", "appeal_under_review", "won"}

// readDispute reads a chargeback. Until it is won, or has come to nothing, the money is not ours.
func readDispute(f *form, e stripeEvent) stripeTold {
	var v stripeDispute
	f.fill(e.Data.Object, &v)
	refs := stripeRefs(v.Charge, v.Intent)
	if len(refs) == 0 {
		f.say("data.object.charge", "is required")
	}
	level := slices.Index(disputeStatuses, v.Status)
	if level < 0 {
		f.say("data.object.status", "must be a status of a dispute that we know")
	}
	open := !slices.Contains([]string{"won", "prevented", "warning_closed"}, v.Status)
	return stripeTold{
		about:   refs,
		payload: licence.PaymentChanged{ID: v.ID, Kind: "dispute", Payments: refs, Open: open, Level: level},
	}
}

type stripeCreditNote struct {
	stripeOwner
	ID       string    `json:"id" validate:"required,id"`
	Invoice  stripeRef `json:"invoice"`
	Status   string    `json:"status"`
	Currency string    `json:"currency" validate:"required,cur"`
	Amount   *int64    `json:"amount" validate:"required"`
}

func readCreditNote(f *form, e stripeEvent) stripeTold {
	var v stripeCreditNote
	f.fill(e.Data.Object, &v)
	v.Invoice.valid(f, "data.object.invoice")
	told := stripeTold{about: []string{v.Invoice.id, v.id()}}
	if f.err() != nil {
		return told
	}
	p := licence.PaymentChanged{ID: v.ID, Kind: "credit", Invoice: v.Invoice.id}
	switch v.Status {
	case "issued":
		p.Amount = amount(*v.Amount, v.Currency)
	case "void":
		p.Level = 1
	default:
		f.say("data.object.status", "must be a status of a credit note that we know")
	}
	told.payload = p
	return told
}
