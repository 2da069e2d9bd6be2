package webhook

import (
	"fmt"
	"time"

	"seatmend/shared/licence"
)

type stripeSubscription struct {
	ID                string      `json:"id" validate:"required,id"`
	Customer          stripeRef   `json:"customer"`
	Status            string      `json:"status"`
	Items             stripeItems `json:"items"`
	CurrentPeriodEnd  int64       `json:"current_period_end"` // before basil
	CancelAt          int64       `json:"cancel_at"`
	CancelAtPeriodEnd bool        `json:"cancel_at_period_end"`
	EndedAt           int64       `json:"ended_at"`
}

type stripeItems struct {
	Data    []stripeItem `json:"data" validate:"dive"`
	HasMore bool         `json:"has_more"`
}

type stripeItem struct {
	Price struct {
		ID        string `json:"id" validate:"required,id"`
		LookupKey string `json:"lookup_key" validate:"omitempty,id"`
	} `json:"price"`
	Quantity         int   `json:"quantity" validate:"gte=0,lte=1000000000"` // metered prices have none
	CurrentPeriodEnd int64 `json:"current_period_end"`                       // since basil
}

// A change to come that still waits for its payment (pending_update) is not read: what is
// ordered is what stands in items.
func readSubscription(f *form, e stripeEvent) stripeTold {
	var s stripeSubscription
	f.fill(e.Data.Object, &s)
	s.Customer.valid(f, "data.object.customer")
	if s.Items.HasMore {
		f.say("data.object.items", "go on beyond this body, so that the number of seats is not whole")
	}
	p := licence.SubscriptionChanged{
		Subscription: s.ID,
		Items:        s.Items.told(),
		Coarse:       true, // created has whole seconds
	}
	switch s.Status {
	case "active", "trialing", "past_due", "unpaid", "paused", "incomplete":
		p.Status = s.Status
	case "canceled", "incomplete_expired":
		p.Status = "ended"
	default:
		f.say("data.object.status", "must be a status of a subscription that we know")
	}
	end := s.CurrentPeriodEnd
	for _, i := range s.Items.Data {
		if i.CurrentPeriodEnd != 0 && (end == 0 || i.CurrentPeriodEnd < end) {
			end = i.CurrentPeriodEnd // the first of several to renew
		}
	}
	var ends int64
	switch {
	case p.Status == "ended":
		ends, end = s.EndedAt, 0
	case s.CancelAt != 0:
		ends = s.CancelAt
	case s.CancelAtPeriodEnd:
		ends = end
	}
	p.EndsAt = unixDate(ends)
	if ends == 0 || end < ends {
		p.RenewsAt = unixDate(end)
	}
	p.Before = replaced(e)
	return stripeTold{subscription: s.ID, customer: s.Customer.id, payload: p}
}

func (l stripeItems) told() []licence.Item {
	items := []licence.Item{}
	for _, i := range l.Data {
		prices := []string{i.Price.ID}
		if i.Price.LookupKey != "" {
			prices = append(prices, i.Price.LookupKey)
		}
		items = append(items, licence.Item{Prices: prices, Quantity: i.Quantity})
	}
	return items
}

// replaced is the hash of the items that the event says it replaced. Stripe gives the whole
// former list where anything in it changed. Of a list that cannot be read nothing is said.
func replaced(e stripeEvent) string {
	if e.Data.Previous.Kind() != '{' {
		return ""
	}
	var before struct {
		Items *stripeItems `json:"items"`
	}
	f := &form{lax: true}
	f.fill(e.Data.Previous, &before)
	if f.err() != nil || before.Items == nil || before.Items.Data == nil {
		return ""
	}
	return licence.ItemsHash(before.Items.told())
}

type stripeSchedule struct {
	Customer stripeRef     `json:"customer"`
	Sub      stripeRef     `json:"subscription"`
	Released stripeRef     `json:"released_subscription"`
	Status   string        `json:"status"`
	Phases   []stripePhase `json:"phases"`
}

type stripePhase struct {
	Start int64 `json:"start_date"`
	Items []struct {
		Price    stripeRef `json:"price"`
		Plan     stripeRef `json:"plan"` // before there were prices
		Quantity int       `json:"quantity" validate:"gte=0,lte=1000000000"`
	} `json:"items" validate:"dive"`
}

// readSchedule reads the phases that were still to come when the event was made: the
// present one is what the subscription itself says.
func readSchedule(f *form, e stripeEvent) stripeTold {
	var s stripeSchedule
	f.fill(e.Data.Object, &s)
	s.Customer.valid(f, "data.object.customer")
	sub := s.Sub
	if sub.id == "" {
		sub = s.Released
	}
	if sub.id == "" {
		return stripeTold{ignored: "the schedule has no subscription yet"}
	}
	sub.valid(f, "data.object.subscription")
	p := licence.ScheduleChanged{Subscription: sub.id, Phases: []licence.Phase{}}
	switch s.Status {
	case "active", "not_started":
		for i, ph := range s.Phases {
			if ph.Start > e.Created {
				p.Phases = append(p.Phases, ph.told(f, i))
			}
		}
	case "completed", "released", "canceled": // nothing is scheduled any more
	default:
		f.say("data.object.status", "must be a status of a schedule that we know")
	}
	return stripeTold{subscription: sub.id, customer: s.Customer.id, payload: p}
}

func (ph stripePhase) told(f *form, i int) licence.Phase {
	at := time.Unix(ph.Start, 0).UTC()
	if !sane(at) {
		f.say(fmt.Sprintf("data.object.phases[%d].start_date", i), "must be a time")
	}
	told := licence.Phase{At: at, Items: []licence.Item{}}
	for j, it := range ph.Items {
		price := it.Price
		if price.id == "" {
			price = it.Plan
		}
		price.valid(f, fmt.Sprintf("data.object.phases[%d].items[%d].price", i, j))
		told.Items = append(told.Items, licence.Item{Prices: []string{price.id}, Quantity: it.Quantity})
	}
	return told
}
