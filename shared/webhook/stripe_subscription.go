package webhook

import (
	"cmp"
	"fmt"
	"time"

	"seatmend/shared/licence"
)

type stripeSubscription struct {
	stripeOwner
	ID                string      `json:"id" validate:"required,id"`
	Status            string      `json:"status"`
	Items             stripeItems `json:"items"`
	Plan              stripeRef   `json:"plan"` // of one that has a single item
	Quantity          *int        `json:"quantity" validate:"omitempty,gte=0,lte=1000000000"`
	CurrentPeriodEnd  int64       `json:"current_period_end"` // before basil
	CancelAt          int64       `json:"cancel_at"`
	CancelAtPeriodEnd bool        `json:"cancel_at_period_end"`
	EndedAt           int64       `json:"ended_at"`
}

type stripeItems struct {
	Data    []stripeItem `json:"data" validate:"dive"`
	HasMore bool         `json:"has_more"`
	Count   int          `json:"total_count"`
}

type stripeItem struct {
	Price            *stripePrice `json:"price" validate:"required_without=Plan"`
	Plan             *stripePrice `json:"plan" validate:"omitempty"` // all there was before there were prices
	Quantity         *int         `json:"quantity" validate:"omitempty,gte=0,lte=1000000000"`
	CurrentPeriodEnd int64        `json:"current_period_end"` // since basil
}

type stripePrice struct {
	ID        string `json:"id" validate:"required,id"`
	LookupKey string `json:"lookup_key" validate:"omitempty,id"`
	Usage     string `json:"usage_type"` // of a plan
	Recurring struct {
		Usage string `json:"usage_type"` // of a price
	} `json:"recurring"`
}

// readSubscription reads what is ordered, which is what stands in items: a change to come that
// still waits for its payment (pending_update) is not ordered yet, and what a body says of a pause
// (pause_collection, status_details) or of billing ahead (billed_until) changes no number.
func readSubscription(f *form, e stripeEvent) stripeTold {
	s, p := subscriptionOf(f, e)
	s.valid(f)
	p.First = e.created()
	if was, ok := e.before(); ok {
		lax := &form{lax: true}
		if _, old := subscriptionOf(lax, was); lax.err() == nil {
			p.Was = &licence.Was{Status: old.Status, RenewsAt: old.RenewsAt, EndsAt: old.EndsAt}
			if *p.Was == (licence.Was{Status: p.Status, RenewsAt: p.RenewsAt, EndsAt: p.EndsAt}) {
				p.Was = nil
			}
			if !old.Uncounted && licence.ItemsHash(old.Items) != licence.ItemsHash(p.Items) {
				p.Before = licence.ItemsHash(old.Items)
			}
		}
	}
	t := telling{about: []string{s.ID, s.id()}}
	t.doubt(licence.SubscriptionChanged{Subscription: s.ID, Coarse: true})
	return stripeTold{about: t.about, payload: p, doubts: t.doubts}
}

func subscriptionOf(f *form, e stripeEvent) (s stripeSubscription, p licence.SubscriptionChanged) {
	f.fill(e.Data.Object, &s)
	if f.err() != nil {
		return s, p
	}
	p.Subscription, p.Coarse = s.ID, true // created has whole seconds
	p.Items, p.Uncounted = s.items()
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
	return s, p
}

// items are what is ordered. They cannot be counted where the body holds only the first of them.
func (s *stripeSubscription) items() (items []licence.Item, uncounted bool) {
	items = []licence.Item{}
	if s.Items.Data == nil {
		if s.Plan.id == "" || s.Quantity == nil {
			return items, true
		}
		return append(items, licence.Item{Prices: []string{s.Plan.id}, Quantity: *s.Quantity}), false
	}
	for _, i := range s.Items.Data {
		items = append(items, i.item())
	}
	return items, s.Items.HasMore || s.Items.Count > len(items)
}

func (i stripeItem) item() licence.Item {
	price := i.Price
	if price == nil {
		price = i.Plan
	}
	it := licence.Item{Prices: []string{price.ID}}
	if price.LookupKey != "" {
		it.Prices = append(it.Prices, price.LookupKey)
	}
	// What is paid by use has no quantity; one that a body gives all the same means nothing.
	if i.Quantity == nil || price.Recurring.Usage == "metered" || price.Usage == "metered" {
		it.Metered = true
	} else {
		it.Quantity = *i.Quantity
	}
	return it
}

type stripeSchedule struct {
	stripeOwner
	ID       string        `json:"id" validate:"required,id"`
	Sub      stripeRef     `json:"subscription"`
	Released stripeRef     `json:"released_subscription"`
	Status   string        `json:"status"`
	Phases   []stripePhase `json:"phases" validate:"dive"`
	AtEnd    string        `json:"end_behavior"`
	Renewal  string        `json:"renewal_behavior"` // before it was called so
}

type stripePhase struct {
	Start int64             `json:"start_date"`
	End   int64             `json:"end_date"`
	Items []stripePhaseItem `json:"items" validate:"dive"`
	Plans []stripePhaseItem `json:"plans" validate:"dive"` // before there were prices
}

type stripePhaseItem struct {
	Price    stripeRef `json:"price"`
	Plan     stripeRef `json:"plan"`
	Quantity *int      `json:"quantity" validate:"omitempty,gte=0,lte=1000000000"`
}

// readSchedule reads the phases that were still to come when the event was made: the present one
// is what the subscription itself says. A schedule without a subscription is one that makes its
// own when it starts. What it says of pauses (pause_schedules) changes no number.
func readSchedule(f *form, e stripeEvent) stripeTold {
	s, p := scheduleOf(f, e)
	s.valid(f)
	p.First = e.created()
	if was, ok := e.before(); ok {
		lax := &form{lax: true}
		if _, old := scheduleOf(lax, was); lax.err() == nil && licence.PhasesHash(old.Phases) != licence.PhasesHash(p.Phases) {
			p.Before = licence.PhasesHash(old.Phases)
		}
	}
	t := telling{about: []string{cmp.Or(s.Sub.id, s.Released.id), s.id()}}
	t.doubtLater(t.about[0], s.ID, true)
	return stripeTold{about: t.about, payload: p, doubts: t.doubts}
}

func scheduleOf(f *form, e stripeEvent) (s stripeSchedule, p licence.ScheduleChanged) {
	f.fill(e.Data.Object, &s)
	if f.err() != nil {
		return s, p
	}
	p = licence.ScheduleChanged{Schedule: s.ID, Subscription: cmp.Or(s.Sub.id, s.Released.id), Phases: []licence.Phase{}, Coarse: true}
	if p.Subscription != "" {
		stripeRef{p.Subscription}.valid(f, "data.object.subscription")
	}
	switch s.Status {
	case "active", "not_started":
		for i, ph := range s.Phases {
			if ph.Start > e.Created {
				p.Phases = append(p.Phases, ph.phase(f, i))
			}
		}
		p.Phases = append(p.Phases, s.end(e.Created)...)
	case "completed", "released", "canceled": // nothing is scheduled any more
		p.Final = true
	default:
		f.say("data.object.status", "must be a status of a schedule that we know")
	}
	return s, p
}

// end is the phase in which a schedule ends its subscription: without items, when the last one is
// over.
func (s *stripeSchedule) end(now int64) []licence.Phase {
	switch cmp.Or(s.AtEnd, s.Renewal) {
	case "cancel", "none": // none is what cancel was called first
	default:
		return nil
	}
	var last int64
	for _, ph := range s.Phases {
		last = max(last, ph.End)
	}
	at := time.Unix(last, 0).UTC()
	if last <= now || !licence.Sane(at) {
		return nil
	}
	return []licence.Phase{{At: at, Items: []licence.Item{}}}
}

func (ph stripePhase) phase(f *form, i int) licence.Phase {
	at := time.Unix(ph.Start, 0).UTC()
	if !licence.Sane(at) {
		f.say(fmt.Sprintf("data.object.phases[%d].start_date", i), "must be a time")
	}
	// What has neither list is of a form that nobody can count, and no end.
	told := licence.Phase{At: at, Items: []licence.Item{}, Uncounted: ph.Items == nil && ph.Plans == nil}
	list, name := ph.Items, "items"
	if list == nil {
		list, name = ph.Plans, "plans"
	}
	for j, it := range list {
		price := it.Price
		if price.id == "" {
			price = it.Plan
		}
		price.valid(f, fmt.Sprintf("data.object.phases[%d].%s[%d].price", i, name, j))
		item := licence.Item{Prices: []string{price.id}}
		if it.Quantity == nil {
			item.Metered = true // what is paid by use has no quantity
		} else {
			item.Quantity = *it.Quantity
		}
		told.Items = append(told.Items, item)
	}
	return told
}
