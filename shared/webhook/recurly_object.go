package webhook

import (
	"cmp"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"seatmend/shared/licence"
)

// recurlyObject decodes what Recurly's API gives, in version 2021-02-25.
func recurlyObject(kind string, object []byte, at time.Time) ([]licence.Fact, error) {
	return decoded(recurlyName, kind, object, at, func(f *form) telling {
		switch kind {
		case "subscription":
			return recurlySubscriptionOf(f, object, at)
		case "invoice":
			return recurlyInvoiceOf(f, object)
		}
		return unread(f)
	})
}

type recurlyAccount struct {
	Code string `json:"code" validate:"required,id"`
}

type recurlyPlan struct {
	Code string `json:"code" validate:"omitempty,id"`
}

type recurlySubscription struct {
	ID          string         `json:"id" validate:"required,id"`
	UUID        string         `json:"uuid" validate:"omitempty,id"`
	Account     recurlyAccount `json:"account"`
	State       string         `json:"state"`
	PeriodEnds  instant        `json:"current_period_ends_at"`
	TermStarts  instant        `json:"current_term_started_at"`
	TermEnds    instant        `json:"current_term_ends_at"`
	TrialStarts instant        `json:"trial_started_at"`
	TrialEnds   instant        `json:"trial_ends_at"`
	Activated   instant        `json:"activated_at"`
	Expires     instant        `json:"expires_at"`
	Paused      instant        `json:"paused_at"` // of a pause that is only scheduled, too
	Resumes     instant        `json:"resume_at"`
	Renews      *bool          `json:"auto_renew"`
	recurlyOrder
	Pending *recurlyChange `json:"pending_change"`
}

type recurlyChange struct {
	At        instant `json:"activate_at"`
	Activated bool    `json:"activated"`
	recurlyOrder
}

// A recurlyOrder is what is ordered, now or by a change: whole lists both times.
type recurlyOrder struct {
	Plan     recurlyPlan    `json:"plan"`
	Quantity *int           `json:"quantity" validate:"omitempty,gte=0,lte=1000000000"`
	AddOns   []recurlyAddOn `json:"add_ons" validate:"dive"`
}

type recurlyAddOn struct {
	AddOn struct {
		Code string `json:"code" validate:"required,id"`
		Type string `json:"add_on_type"` // usage: paid by use
	} `json:"add_on"`
	Quantity *int    `json:"quantity" validate:"omitempty,gte=0,lte=1000000000"`
	Expired  instant `json:"expired_at"`
}

// items are what is ordered. It cannot be counted where the quantity is missing: it is no 1.
func (o *recurlyOrder) items(at time.Time) (items []licence.Item, uncounted bool) {
	if o.Plan.Code == "" || o.Quantity == nil {
		return []licence.Item{}, true
	}
	items = []licence.Item{{Prices: []string{o.Plan.Code}, Quantity: *o.Quantity}}
	for _, a := range o.AddOns {
		it := licence.Item{Prices: []string{a.AddOn.Code}, Metered: a.AddOn.Type == "usage" || a.Quantity == nil}
		if !it.Metered {
			it.Quantity = *a.Quantity
		}
		if a.Expired.IsZero() || a.Expired.After(at) {
			items = append(items, it)
		}
	}
	return items, false
}

// recurlySubscriptionOf reads what is ordered now and by the one change to come. What is canceled goes
// on until it expires, and what is to be paused until it is. Of a debt the invoices tell alone.
func recurlySubscriptionOf(f *form, object []byte, at time.Time) (t telling) {
	var s recurlySubscription
	f.fill(object, &s)
	if t.about = []string{s.ID}; s.UUID != "" {
		t.about = append(t.about, s.UUID, "uuid-"+s.UUID) // directories may have it by either
	}
	t.about = append(t.about, s.Account.Code)
	if t.doubt(licence.SubscriptionChanged{Subscription: s.ID, Thin: true}); f.err() != nil {
		return t
	}
	p := licence.SubscriptionChanged{Subscription: s.ID, Thin: true, Status: "active", EndsAt: dateAt(s.Expires.Time)}
	p.Items, p.Uncounted = s.items(at)
	next := s.PeriodEnds.Time
	switch s.State {
	case "active", "canceled", "future":
		if s.State == "canceled" && p.EndsAt == "" {
			p.EndsAt = dateAt(s.TermEnds.Time)
		}
		if s.Renews != nil && !*s.Renews && p.EndsAt == "" {
			p.EndsAt = dateAt(s.TermEnds.Time) // it is over with its term
		}
		if !s.TrialStarts.After(at) && s.TrialEnds.After(at) {
			p.Status = "trialing"
		}
	case "paused":
		p.Status = "paused"
	case "expired", "failed": // what is canceled before it begins has failed
		p.Status, next = "ended", time.Time{}
	default:
		f.say("state", "must be a state of a subscription that we know")
	}
	if !s.Paused.IsZero() && p.Status != "ended" {
		next = s.Resumes.Time
	}
	if ends := p.EndsAt.Start(time.UTC); ends.IsZero() || next.Before(ends) {
		p.RenewsAt = dateAt(next)
	}
	p.Scheduled = s.phases(at)
	if s.State != "future" {
		t.add(p)
		return t
	}
	starts := licence.Latest(cmp.Or(s.Activated.Time, s.TermStarts.Time), at.Add(time.Second))
	plan := licence.ScheduleChanged{Subscription: s.ID, Phases: []licence.Phase{{At: starts, Items: p.Items, Uncounted: p.Uncounted}}}
	plan.Phases = append(plan.Phases, p.Scheduled...)
	t.add(plan)
	return t
}

// phases are the one change to come, or none: that nothing is to come is told as well.
func (s *recurlySubscription) phases(at time.Time) []licence.Phase {
	c := s.Pending
	if c == nil || c.Activated {
		return []licence.Phase{}
	}
	if c.Plan.Code == "" {
		c.Plan = s.Plan
	}
	if c.Quantity == nil {
		c.Quantity = s.Quantity
	}
	ph := licence.Phase{At: licence.Latest(cmp.Or(c.At.Time, s.TermEnds.Time), at.Add(time.Second)).UTC()}
	ph.Items, ph.Uncounted = c.items(ph.At)
	return []licence.Phase{ph}
}

type recurlyInvoice struct {
	ID           string         `json:"id" validate:"required,id"`
	Number       string         `json:"number" validate:"omitempty,id"`
	Kind         string         `json:"type"`
	State        string         `json:"state"`
	Account      recurlyAccount `json:"account"`
	Subs         []string       `json:"subscription_ids" validate:"dive,id"`
	Previous     string         `json:"previous_invoice_id" validate:"omitempty,id"`
	Collection   string         `json:"collection_method"`
	Currency     string         `json:"currency" validate:"required,cur"`
	Total        jsontext.Value `json:"total"`
	Balance      jsontext.Value `json:"balance"`
	Created      instant        `json:"created_at"`
	Due          instant        `json:"due_at"`
	Closed       instant        `json:"closed_at"` // when it was paid, or given up
	Lines        []recurlyLine  `json:"line_items" validate:"dive"`
	More         bool           `json:"has_more_line_items"`
	Transactions []struct {
		ID     string `json:"id"`
		Status string `json:"status"`
		Origin string `json:"origin"`
	} `json:"transactions"`
}

type recurlyLine struct {
	Plan  string  `json:"plan_code"`
	AddOn string  `json:"add_on_code"`
	From  instant `json:"start_date"`
	To    instant `json:"end_date"`
}

// recurlyInvoiceOf reads an invoice, or what a credit invoice takes off another one. Its lines never
// count seats: their quantities are rounded, and prorated.
func recurlyInvoiceOf(f *form, object []byte) (t telling) {
	var v recurlyInvoice
	f.fill(object, &v)
	subs := v.Subs[:min(len(v.Subs), mostCovered)]
	t.about = append(slices.Clone(subs), v.Account.Code)
	each := func(p licence.Payload) { // each of them may be of an account of its own
		if len(subs) < 2 {
			t.add(p)
			return
		}
		for _, sub := range subs {
			t.news = append(t.news, news{about: []string{sub, v.Account.Code}, payload: p})
		}
	}
	total, left := decimal(v.Total), decimal(v.Balance)
	if f.err() == nil && total == "" {
		f.say("total", "must be a sum")
	}
	if f.err() != nil {
		return t
	}
	if v.Kind == "credit" {
		if v.Previous == "" {
			return t // it is for no invoice that can be told
		}
		c := licence.PaymentChanged{ID: v.ID, Kind: "credit", Invoice: v.Previous, Amount: strings.TrimPrefix(total, "-")}
		if v.State == "voided" {
			c.Amount, c.Level = "", 1
		}
		each(c)
		return t
	}
	p := licence.InvoiceChanged{
		Invoice: v.ID, Number: v.Number, Thin: true, Status: "open", Issued: dateAt(v.Created.Time), Covers: v.Subs,
		Amount: total, Remaining: left, Currency: strings.ToUpper(v.Currency), Collection: "automatic", Lines: v.lines(), More: v.More,
	}
	if v.Collection == "manual" {
		p.Collection, p.Due = "invoice", dateAt(v.Due.Time)
	}
	switch v.State {
	case "open", "pending":
	case "processing":
		p.Payment = "processing"
	case "past_due":
		if p.Collection == "automatic" {
			p.Payment = "failed"
		}
	case "paid":
		p.Status, p.PaidAt = "paid", dateAt(v.Closed.Time)
	case "failed": // nobody tries to collect it any more
		p.Status = "uncollectible"
	case "voided", "closed":
		p.Status = "void"
	default:
		f.say("state", "must be a state of an invoice that we know")
	}
	for _, l := range p.Lines {
		if l.To > p.To || l.To == p.To && l.From < p.From {
			p.From, p.To = l.From, l.To
		}
	}
	for _, t := range v.Transactions {
		if p.Status == "paid" && (t.Status == "chargeback" || t.Origin == "chargeback") {
			p.Status, p.Dispute = "disputed", "card"
		}
	}
	each(p)
	return t
}

// lines are the plans and add-ons of the invoice, each with the period of its line that reaches furthest.
func (v *recurlyInvoice) lines() (all []licence.InvoiceLine) {
	by := map[string]licence.InvoiceLine{}
	for _, l := range v.Lines {
		code := cmp.Or(l.AddOn, l.Plan)
		line := licence.InvoiceLine{From: dateAt(l.From.Time), To: dateAt(l.To.Time)}
		if !checks["id"].ok(code) {
			code = ""
		} else {
			line.Prices = []string{code}
		}
		if have, ok := by[code]; !ok || line.To > have.To {
			by[code] = line
		}
	}
	for _, code := range slices.Sorted(maps.Keys(by)) {
		all = append(all, by[code])
	}
	return all
}

// decimal is a JSON number as an amount, by its digits and never as a binary fraction; "": it is none.
func decimal(v jsontext.Value) string {
	n, ok := new(big.Rat).SetString(string(v))
	if !ok || v.Kind() != '0' || len(v) > 24 {
		return ""
	}
	for digits := 2; digits < 4; digits++ {
		if text := n.FloatString(digits); n.Cmp(licence.Decimal(text)) == 0 {
			return text
		}
	}
	return n.FloatString(4)
}
