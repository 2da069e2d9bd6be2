package webhook

import (
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"seatmend/shared/licence"
)

type chargebeeSubscription struct {
	chargebeeStamp
	ID          string `json:"id" validate:"required,id"`
	Customer    string `json:"customer_id" validate:"required,id"`
	Status      string `json:"status"`
	StartDate   int64  `json:"start_date"`
	TermEnd     int64  `json:"current_term_end"`
	NextBill    int64  `json:"next_billing_at"`
	PauseDate   int64  `json:"pause_date"`  // scheduled, or since when
	ResumeDate  int64  `json:"resume_date"` // none: with no end
	CancelledAt int64  `json:"cancelled_at"`
	Scheduled   bool   `json:"has_scheduled_changes"`
	ScheduledAt int64  `json:"changes_scheduled_at"` // none: when the term ends

	Items []chargebeeItem `json:"subscription_items" validate:"dive"` // of the second catalogue

	Plan        string           `json:"plan_id" validate:"omitempty,id"` // of the first
	PlanCount   *int             `json:"plan_quantity" validate:"omitempty,gte=0,lte=1000000000"`
	PlanDecimal string           `json:"plan_quantity_in_decimal"`
	Addons      []chargebeeAddon `json:"addons" validate:"dive"`
}

type chargebeeItem struct {
	Price    string `json:"item_price_id" validate:"required,id"`
	Kind     string `json:"item_type"`
	Quantity *int   `json:"quantity" validate:"omitempty,gte=0,lte=1000000000"`
	Decimal  string `json:"quantity_in_decimal"`
	Metered  string `json:"metered_quantity"`
}

type chargebeeAddon struct {
	ID       string `json:"id" validate:"required,id"`
	Quantity *int   `json:"quantity" validate:"omitempty,gte=0,lte=1000000000"`
	Decimal  string `json:"quantity_in_decimal"`
}

// readChargebeeSubscription reads what is ordered now. That a change is scheduled the body tells, and
// not what will be ordered then: from that day on it is told, but not known, and a read is owed.
func readChargebeeSubscription(f *form, e chargebeeEvent, object jsontext.Value) chargebeeTold {
	var s chargebeeSubscription
	f.fill(object, &s)
	t := chargebeeTold{telling{about: []string{s.ID, s.Customer}}, s.chargebeeStamp}
	if t.doubt(licence.SubscriptionChanged{Subscription: s.ID, Thin: true}); f.err() != nil {
		return t
	}
	p := licence.SubscriptionChanged{Subscription: s.ID, Thin: true} // ramps and terms name nothing else
	p.Items, p.Uncounted = s.items()
	next, ends := s.NextBill, int64(0)
	at, _ := s.at(e.At)
	switch s.Status {
	case "active", "paused", "future":
		p.Status = map[bool]string{true: "paused", false: "active"}[s.Status == "paused"]
	case "in_trial":
		p.Status = "trialing"
	case "non_renewing": // it runs on until its term ends
		p.Status, ends = "active", s.TermEnd
	case "cancelled", "transferred": // a copy of what is transferred runs on, under an id of its own
		p.Status = "ended"
	default:
		f.say(f.root+".status", "must be a status of a subscription that we know")
	}
	if s.Deleted {
		p.Status = "ended"
	}
	if p.Status == "ended" {
		next, ends = 0, s.CancelledAt
	} else if s.CancelledAt > at.Unix() {
		ends = s.CancelledAt // when it is set to be
	}
	if s.PauseDate != 0 && p.Status != "ended" && (next == 0 || next >= s.PauseDate) {
		next = s.ResumeDate
	}
	if p.EndsAt = unixDate(ends); ends == 0 || next < ends {
		p.RenewsAt = unixDate(next)
	}
	plan := licence.ScheduleChanged{Subscription: s.ID, Phases: s.phases(at)}
	if s.Status == "future" && p.Status != "ended" { // it orders nothing before it starts
		starts := licence.Latest(time.Unix(s.StartDate, 0).UTC(), at.Add(time.Second))
		plan.Phases = append([]licence.Phase{{At: starts, Items: p.Items, Uncounted: p.Uncounted}}, plan.Phases...)
	} else {
		t.add(p)
	}
	t.add(plan)
	return t
}

// phases are what is scheduled: nothing, or what nobody knows before it is read.
func (s *chargebeeSubscription) phases(now time.Time) []licence.Phase {
	at := s.ScheduledAt
	if at == 0 {
		at = s.TermEnd
	}
	if !s.Scheduled {
		return []licence.Phase{}
	}
	owed := licence.Phase{At: time.Unix(at, 0).UTC(), Items: []licence.Item{}, Uncounted: true}
	if !owed.At.After(now) || !licence.Sane(owed.At) {
		owed.At = now.Add(time.Second) // when is not told: from now on
	}
	return []licence.Phase{owed}
}

// items are what is ordered. A body of a site that has both catalogues says the same in both, and the
// second alone is read; what is sold once is none, of either.
func (s *chargebeeSubscription) items() (items []licence.Item, uncounted bool) {
	items = []licence.Item{}
	if s.Items != nil {
		for _, i := range s.Items {
			if i.Kind != "charge" {
				items = append(items, chargebeeCount(i.Price, i.Quantity, i.Decimal, i.Metered != ""))
			}
		}
		return items, false
	}
	if s.Plan == "" {
		return items, true
	}
	items = append(items, chargebeeCount(s.Plan, s.PlanCount, s.PlanDecimal, false))
	for _, a := range s.Addons {
		items = append(items, chargebeeCount(a.ID, a.Quantity, a.Decimal, false))
	}
	return items, false
}

// chargebeeCount is how many of a price. Sites with decimals tell it as text. A fraction, what is
// paid by use, and what has no quantity at all (an add-on that is on or off) is no number of seats.
func chargebeeCount(price string, n *int, decimal string, used bool) licence.Item {
	it := licence.Item{Prices: []string{price}, Metered: used}
	whole, fraction, _ := strings.Cut(decimal, ".")
	m, err := strconv.Atoi(whole)
	switch odd := err != nil || m < 0 || m > 1_000_000_000 || strings.Trim(fraction, "0") != ""; {
	case used:
	case decimal == "" && n != nil:
		it.Quantity = *n
	case decimal == "" || odd || n != nil && *n != m:
		it.Metered = true
	default:
		it.Quantity = m
	}
	return it
}

type chargebeeRamp struct {
	chargebeeStamp
	ID           string `json:"id" validate:"required,id"`
	Subscription string `json:"subscription_id" validate:"required,id"`
	From         int64  `json:"effective_from" validate:"required"`
	Status       string `json:"status"`

	// What it changes, which is read where what is ordered today is known beside it.
	Add    []chargebeeItem `json:"items_to_add"`
	Update []chargebeeItem `json:"items_to_update"`
	Remove []string        `json:"items_to_remove"`
}

// readChargebeeRamp reads that a step is planned, or is no more. What it changes are differences, to
// what will be then: a read is owed. It names no customer.
func readChargebeeRamp(f *form, e chargebeeEvent, object jsontext.Value) chargebeeTold {
	var r chargebeeRamp
	f.fill(object, &r)
	t := chargebeeTold{telling{about: []string{r.Subscription}}, r.chargebeeStamp}
	if t.doubtLater(r.Subscription, r.ID, false); f.err() != nil {
		return t
	}
	p := licence.ScheduleChanged{Subscription: r.Subscription, Schedule: r.ID, Phases: []licence.Phase{}}
	from := time.Unix(r.From, 0).UTC()
	switch at, _ := r.at(e.At); {
	case r.Deleted || r.Status == "succeeded" || r.Status == "failed" || r.Status == "draft":
		p.Final = true
	case r.Status != "scheduled":
		f.say(f.root+".status", "must be a status of a ramp that we know")
	case !licence.Sane(from):
		f.say(f.root+".effective_from", "must be a time")
	case from.After(at):
		p.Phases = append(p.Phases, licence.Phase{At: from, Items: []licence.Item{}, Uncounted: true})
	}
	t.add(p)
	return t
}
