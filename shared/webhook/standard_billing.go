package webhook

import (
	"time"

	"seatmend/shared/licence"
)

type subscriptionChanged struct {
	Account      string      `json:"account" validate:"required,id,account,path"`
	Subscription string      `json:"subscription" validate:"required,id"`
	Plans        []orderLine `json:"plans" validate:"required,max=200,dive"`
	Scheduled    []phase     `json:"scheduled" validate:"max=100,dive"`
	Status       string      `json:"status" validate:"omitempty,oneof=active trialing past_due unpaid paused incomplete ended"`
	RenewsAt     date        `json:"renews_at"`
	EndsAt       date        `json:"ends_at"`
	Unmapped     []unmapped  `json:"unmapped" validate:"max=200,dive"`
}

type orderLine struct {
	Plan   string `json:"plan" validate:"required,id"`
	Seats  *int   `json:"seats" validate:"required,gte=0,lte=1000000000"`
	CustID string `json:"cust_id" validate:"omitempty,shortid,path"`
}

type phase struct {
	At    time.Time   `json:"at" validate:"required"`
	Plans []orderLine `json:"plans" validate:"required,max=200,dive"`
}

type unmapped struct {
	Price string `json:"price" validate:"required,id"`
	Seats *int   `json:"seats" validate:"required,gte=0,lte=1000000000"`
}

func (w *subscriptionChanged) payload(*form, time.Time) (string, licence.Payload) {
	s := licence.SubscriptionChanged{
		Subscription: w.Subscription,
		Items:        items(w.Plans),
		Status:       w.Status,
		RenewsAt:     licence.Date(w.RenewsAt),
		EndsAt:       licence.Date(w.EndsAt),
	}
	if s.Status == "" {
		s.Status = "active"
	}
	for _, u := range w.Unmapped {
		s.Items = append(s.Items, licence.Item{Prices: []string{u.Price}, Quantity: *u.Seats})
	}
	if w.Scheduled != nil {
		s.Scheduled = []licence.Phase{} // told: nothing is scheduled
	}
	for _, p := range w.Scheduled {
		s.Scheduled = append(s.Scheduled, licence.Phase{At: p.At, Items: items(p.Plans)})
	}
	return w.Account, s
}

func items(lines []orderLine) []licence.Item {
	list := []licence.Item{}
	for _, l := range lines {
		list = append(list, licence.Item{Plan: l.Plan, Quantity: *l.Seats, CustID: l.CustID})
	}
	return list
}

type invoiceChanged struct {
	Account     string   `json:"account" validate:"required,id,account,path"`
	Invoice     string   `json:"invoice" validate:"required,id"`
	Status      string   `json:"status" validate:"required,oneof=open paid void uncollectible disputed"`
	Due         *date    `json:"due" validate:"required"`
	PaidAt      *date    `json:"paid_at" validate:"required"`
	Amount      string   `json:"amount" validate:"required,money"`
	Currency    string   `json:"currency" validate:"required,iso4217"`
	URL         *string  `json:"url" validate:"required,web"`
	Number      string   `json:"number" validate:"omitempty,id"`
	Reference   string   `json:"reference" validate:"omitempty,id"`
	Issued      date     `json:"issued"`
	Remaining   string   `json:"remaining" validate:"omitempty,money"`
	Kind        string   `json:"kind" validate:"omitempty,oneof=licence maintenance other"`
	Period      *period  `json:"period"`
	Covers      []string `json:"covers" validate:"max=200,dive,id"`
	Collection  string   `json:"collection" validate:"omitempty,oneof=automatic invoice"`
	Payment     string   `json:"payment" validate:"omitempty,oneof=none processing failed action"`
	NextAttempt date     `json:"next_attempt"`
	Dispute     string   `json:"dispute" validate:"omitempty,oneof=card customer"`
	Replaces    string   `json:"replaces" validate:"omitempty,id"`
	Payer       string   `json:"payer" validate:"omitempty,id"`
}

type period struct {
	From *date `json:"from" validate:"required"`
	To   *date `json:"to" validate:"required"`
}

func (w *invoiceChanged) payload(f *form, _ time.Time) (string, licence.Payload) {
	v := licence.InvoiceChanged{
		Invoice:     w.Invoice,
		Number:      w.Number,
		Reference:   w.Reference,
		Status:      w.Status,
		Due:         licence.Date(*w.Due),
		Issued:      licence.Date(w.Issued),
		PaidAt:      licence.Date(*w.PaidAt),
		Amount:      w.Amount,
		Remaining:   w.Remaining,
		Currency:    w.Currency,
		URL:         *w.URL,
		Kind:        w.Kind,
		Covers:      w.Covers,
		Collection:  w.Collection,
		Payment:     w.Payment,
		NextAttempt: licence.Date(w.NextAttempt),
		Dispute:     w.Dispute,
		Replaces:    w.Replaces,
		Payer:       w.Payer,
	}
	if w.Period != nil {
		v.From, v.To = licence.Date(*w.Period.From), licence.Date(*w.Period.To)
		if from, to := string(v.From), string(v.To); len(from) >= 10 && len(to) >= 10 && to[:10] < from[:10] {
			f.say("data.period.to", "is "+to+", and must not be before data.period.from, which is "+from)
		}
	}
	return w.Account, v
}
