package casework

import (
	"slices"
	"time"

	"seatmend/shared/licence"
)

// Otherwise tells whether what was read at a billing system is otherwise than what is known, and gives
// it as it is to be told: what a read cannot see stays as it was told. What is the same is no news.
func Otherwise(k licence.Known, p licence.Payload) (licence.Payload, bool) {
	switch p := p.(type) {
	case licence.SubscriptionChanged:
		sub := k.Orders.Subs[p.Subscription]
		now, sure := sub.Latest()
		return p, !sure || !sameOrder(sub, now.Value, p)
	case licence.ScheduleChanged:
		if sub := k.Orders.Subs[p.Subscription]; p.Schedule == "" && sub != nil {
			return p, licence.PhasesHash(sub.Schedule.Value) != licence.PhasesHash(p.Phases)
		}
		told := k.Orders.Schedules[p.Schedule]
		if len(told) == 0 {
			return p, !p.Final && len(p.Phases) > 0
		}
		was := told[0].Value
		return p, len(told) > 1 || was.Final != p.Final || was.Subscription != p.Subscription || licence.PhasesHash(was.Phases) != licence.PhasesHash(p.Phases)
	case licence.InvoiceChanged:
		in := k.Invoices.Licence[p.Invoice]
		if in == nil {
			return p, true
		}
		was := in.Value
		if p.Payment == "" && p.Status == "open" && was.Status == "open" && p.Attempts == was.Attempts {
			p.Payment = was.Payment // which only an event of that attempt tells
		}
		if p.Status == "paid" && was.Status == "paid" {
			p.PaidAt = was.PaidAt // it was paid when it was told first
		}
		p.Kind = was.Kind
		was.Before, was.First, was.Thin = "", false, p.Thin
		return p, was.Hash() != p.Hash() || was.Payment != p.Payment
	case licence.PaymentChanged:
		was, told := k.Invoices.Payments[p.ID]
		return p, !told || p.Level >= was.Value.Level && !samePayment(was.Value, p) // from a higher level there is no way back
	}
	return p, true
}

func sameOrder(sub *licence.Sub, was, p licence.SubscriptionChanged) bool {
	later := was.Scheduled
	if later == nil {
		later = sub.Schedule.Value
	}
	return was.Status == p.Status && was.Uncounted == p.Uncounted && licence.ItemsHash(was.Items) == licence.ItemsHash(p.Items) &&
		sameDate(was.RenewsAt, p.RenewsAt) && sameDate(was.EndsAt, p.EndsAt) &&
		(p.Scheduled == nil || licence.PhasesHash(later) == licence.PhasesHash(p.Scheduled))
}

// samePayment tells whether no more is told of a payment: ids that tie it to others may be fewer.
func samePayment(was, p licence.PaymentChanged) bool {
	return !slices.ContainsFunc(p.Payments, func(id string) bool { return !slices.Contains(was.Payments, id) }) && was.Kind == p.Kind && (p.Invoice == "" || was.Invoice == p.Invoice) && was.Amount == p.Amount && was.Due == p.Due && was.Open == p.Open
}

func sameDate(a, b licence.Date) bool {
	return a == b || a != "" && b != "" && a.Start(time.UTC).Equal(b.Start(time.UTC))
}

// Ended is a subscription that was told and is not there any more, as it stands from now on.
func Ended(sub *licence.Sub) licence.SubscriptionChanged {
	now, _ := sub.Latest()
	p := now.Value
	p.Status, p.RenewsAt, p.EndsAt = "ended", "", ""
	p.First, p.Before, p.Was, p.Scheduled = false, "", nil, []licence.Phase{}
	return p
}

// Voided is an invoice that was told and is not there any more.
func Voided(in *licence.Invoice) licence.InvoiceChanged {
	p := in.Value
	p.Status, p.Payment, p.NextAttempt = "void", "", ""
	p.First, p.Before = false, ""
	return p
}
