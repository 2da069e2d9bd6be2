package casework

import (
	"slices"
	"time"

	"seatmend/shared/licence"
)

// Otherwise tells whether what was read at a billing system at an instant is otherwise than what is known, and
// gives it as it is to be told: what a read cannot see stays as it was told. What is the same is no news.
func Otherwise(k licence.Known, p licence.Payload, at time.Time) (licence.Payload, bool) {
	same := func(a, b []licence.Phase) bool {
		return licence.PhasesHash(begun(a, at)) == licence.PhasesHash(begun(b, at))
	}
	switch p := p.(type) {
	case licence.SubscriptionChanged:
		sub := k.Orders.Subs[p.Subscription]
		now, sure := sub.Latest()
		return p, !sure || !sameOrder(sub, now.Value, p, same)
	case licence.ScheduleChanged:
		if sub := k.Orders.Subs[p.Subscription]; p.Schedule == "" && sub != nil {
			return p, !same(sub.Schedule.Value, p.Phases)
		}
		told := k.Orders.Schedules[p.Schedule]
		if len(told) == 0 {
			return p, !p.Final && len(p.Phases) > 0
		}
		was := told[0].Value
		return p, len(told) > 1 || was.Final != p.Final || was.Subscription != p.Subscription || !same(was.Phases, p.Phases)
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
		return p, was.Hash() != p.Hash() || was.Payment != p.Payment || was.Test != p.Test
	case licence.PaymentChanged:
		was, told := k.Invoices.Payments[p.ID]
		return p, !told || p.Level >= was.Value.Level && !samePayment(was.Value, p) // from a higher level there is no way back
	}
	return p, true
}

func sameOrder(sub *licence.Sub, was, p licence.SubscriptionChanged, same func(a, b []licence.Phase) bool) bool {
	later := was.Scheduled
	if later == nil {
		later = sub.Schedule.Value
	}
	return was.Test == p.Test && was.Status == p.Status && was.Uncounted == p.Uncounted && licence.ItemsHash(was.Items) == licence.ItemsHash(p.Items) &&
		sameDate(was.RenewsAt, p.RenewsAt) && sameDate(was.EndsAt, p.EndsAt) &&
		(p.Scheduled == nil || same(later, p.Scheduled))
}

// begun are phases of which each that was to begin by the read begins with it: of what is late a sender does not
// say when it comes, and each read puts it a second after itself.
func begun(phases []licence.Phase, at time.Time) []licence.Phase {
	phases = slices.Clone(phases)
	for i := range phases {
		if next := at.Add(time.Second); !phases[i].At.After(next) {
			phases[i].At = next
		}
	}
	return phases
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
