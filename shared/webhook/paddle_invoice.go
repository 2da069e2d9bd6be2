package webhook

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"seatmend/shared/licence"
)

type paddleTransaction struct {
	ID           string       `json:"id" validate:"required,id"`
	Customer     string       `json:"customer_id" validate:"omitempty,id"`
	Subscription string       `json:"subscription_id" validate:"omitempty,id"`
	Status       string       `json:"status"`
	Origin       string       `json:"origin"`
	Number       string       `json:"invoice_number" validate:"omitempty,id"`
	Currency     string       `json:"currency_code" validate:"required,cur"`
	Mode         string       `json:"collection_mode"`
	Billed       instant      `json:"billed_at"`
	Period       paddlePeriod `json:"billing_period"`
	Billing      struct {
		Terms paddleSpan `json:"payment_terms"`
		Order string     `json:"purchase_order_number" validate:"line"`
	} `json:"billing_details"`
	Details struct {
		Totals struct {
			Total   string `json:"total" validate:"required,minor"`
			Balance string `json:"balance" validate:"omitempty,minor"`
		} `json:"totals"`
		Lines []paddleLine `json:"line_items"`
	} `json:"details"`
	Payments []paddlePayment `json:"payments"`
	Checkout struct {
		URL string `json:"url"`
	} `json:"checkout"`
}

type paddlePeriod struct {
	Start instant `json:"starts_at"`
	End   instant `json:"ends_at"`
}

type paddleSpan struct {
	Interval  string `json:"interval"`
	Frequency int    `json:"frequency"`
}

// after is so long after a time; a span that we do not know is none.
func (s paddleSpan) after(t time.Time) time.Time {
	n := min(max(s.Frequency, 0), 1000)
	switch s.Interval {
	case "day":
		return t.AddDate(0, 0, n)
	case "week":
		return t.AddDate(0, 0, 7*n)
	case "month":
		return t.AddDate(0, n, 0)
	case "year":
		return t.AddDate(n, 0, 0)
	}
	return t
}

type paddleLine struct {
	Price     string `json:"price_id"`
	Proration struct {
		Period paddlePeriod `json:"billing_period"`
	} `json:"proration"`
}

type paddlePayment struct {
	Status   string  `json:"status"`
	Created  instant `json:"created_at"`
	Captured instant `json:"captured_at"`
}

// readPaddleTransaction reads a transaction as an invoice. Its lines never say how many seats there
// are: the quantity of a prorated one is that of the change.
func readPaddleTransaction(f *form, e paddleEvent) telling {
	var v paddleTransaction
	f.fill(e.Data, &v)
	t := telling{about: []string{v.Subscription, v.Customer}}
	if f.err() != nil {
		return t
	}
	if v.Subscription == "" && v.Customer == "" {
		t.ignored = "nobody is asked to pay yet"
		return t
	}
	p := licence.InvoiceChanged{
		Invoice:   v.ID,
		Number:    v.Number,
		Reference: v.Billing.Order,
		Issued:    dateAt(v.Billed.Time),
		Currency:  strings.ToUpper(v.Currency),
		Amount:    paddleAmount(v.Details.Totals.Total, v.Currency),
		Remaining: paddleAmount(v.Details.Totals.Balance, v.Currency),
		From:      dateAt(v.Period.Start.Time),
		To:        dateAt(v.Period.End.Time),
		Lines:     v.lines(),
		Attempts:  len(v.Payments),
	}
	switch v.Status {
	case "draft", "ready":
		t.ignored = "a transaction that is not billed asks for nothing yet"
	case "billed", "past_due":
		p.Status = "open"
	case "paid", "completed":
		p.Status, p.PaidAt = "paid", v.paid(e)
	case "canceled":
		p.Status = "void"
		if v.Billed.IsZero() {
			t.ignored = "a transaction that was never billed asks for nothing"
		}
	default:
		f.say("data.status", "must be a status of a transaction that we know")
	}
	if v.Origin == "subscription_payment_method_change" {
		t.ignored = "a new way to pay is no bill"
	}
	if t.ignored != "" || f.err() != nil {
		return t
	}
	switch v.Mode {
	case "automatic":
		p.Collection, p.Due = "automatic", p.Issued
	case "manual":
		p.Collection, p.Due = "invoice", dateAt(v.Billing.Terms.after(v.Billed.Time))
	}
	if v.Billed.IsZero() {
		p.Due = ""
	}
	if p.Status == "open" {
		p.Payment = v.payment()
		if v.Status == "past_due" && v.Mode == "automatic" && p.Payment == "" {
			p.Payment = "failed" // which is what past due means where Paddle collects
		}
	}
	if address(v.Checkout.URL) {
		p.URL = v.Checkout.URL
	}
	if v.Subscription != "" {
		p.Covers = []string{v.Subscription}
	}
	t.add(p)
	return t
}

// paid is when the last of the money came. A transaction that was settled without a payment that is
// paid, as by credit, was paid when Paddle says so.
func (v *paddleTransaction) paid(e paddleEvent) licence.Date {
	var last time.Time
	for _, p := range v.Payments {
		if p.Status == "captured" && p.Captured.After(last) {
			last = p.Captured.Time
		}
	}
	if last.IsZero() && e.Type == "transaction.paid" {
		last = e.At
	}
	return dateAt(last)
}

// payment is what became of the latest attempt.
func (v *paddleTransaction) payment() string {
	if len(v.Payments) == 0 {
		return ""
	}
	last := slices.MaxFunc(v.Payments, func(a, b paddlePayment) int { return a.Created.Compare(b.Created.Time) })
	switch last.Status {
	case "error", "dropped", "canceled":
		return "failed"
	case "action_required":
		return "action"
	case "authorized", "authorized_flagged", "captured", "created", "pending_no_action_required":
		return "processing"
	}
	return ""
}

// lines are the prices that are billed, each once, with the period that reaches furthest.
func (v *paddleTransaction) lines() (all []licence.InvoiceLine) {
	for _, l := range v.Details.Lines {
		period := l.Proration.Period
		if period.End.IsZero() {
			period = v.Period
		}
		line := licence.InvoiceLine{From: dateAt(period.Start.Time), To: dateAt(period.End.Time)}
		if checks["id"].ok(l.Price) {
			line.Prices = []string{l.Price}
		}
		all = furthest(all, line)
	}
	return sorted(all)
}

// furthest adds a line, of those of one price that which reaches furthest.
func furthest(all []licence.InvoiceLine, line licence.InvoiceLine) []licence.InvoiceLine {
	i := slices.IndexFunc(all, func(have licence.InvoiceLine) bool { return slices.Equal(have.Prices, line.Prices) })
	switch {
	case i < 0:
		return append(all, line)
	case line.To > all[i].To || line.To == all[i].To && line.From < all[i].From:
		all[i] = line
	}
	return all
}

// sorted are lines in one order, whatever order they were told in.
func sorted(all []licence.InvoiceLine) []licence.InvoiceLine {
	slices.SortFunc(all, func(a, b licence.InvoiceLine) int { return slices.Compare(a.Prices, b.Prices) })
	return all
}

// paddleAmount writes an amount in the smallest unit, which Paddle tells as text; "": none was told.
func paddleAmount(text, currency string) string {
	minor, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return ""
	}
	return amount(minor, currency)
}

type paddleAdjustment struct {
	ID           string  `json:"id" validate:"required,id"`
	Transaction  string  `json:"transaction_id" validate:"required,id"`
	Subscription string  `json:"subscription_id" validate:"omitempty,id"`
	Customer     string  `json:"customer_id" validate:"required,id"`
	Action       string  `json:"action"`
	Status       string  `json:"status"`
	Currency     string  `json:"currency_code" validate:"required,cur"`
	Created      instant `json:"created_at"`
	Totals       struct {
		Total string `json:"total" validate:"required,minor"`
	} `json:"totals"`
}

// adjustmentStatuses are in the order in which one follows another.
var adjustmentStatuses = []string{"pending_approval", "rejected", "approved", "reversed"}

// readPaddleAdjustment reads what was taken back of a payment. It counts once it is approved; what
// takes back a chargeback is an adjustment of its own, and tells of the same dispute: the one made later
// holds, whichever is read last.
func readPaddleAdjustment(f *form, e paddleEvent) telling {
	var v paddleAdjustment
	f.fill(e.Data, &v)
	t := telling{about: []string{v.Subscription, v.Customer}}
	if f.err() != nil {
		return t
	}
	p := licence.PaymentChanged{ID: v.ID, Invoice: v.Transaction, Level: slices.Index(adjustmentStatuses, v.Status)}
	if p.Level < 0 {
		f.say("data.status", "must be a status of an adjustment that we know")
	}
	approved := v.Status == "approved"
	if approved {
		p.Amount = paddleAmount(v.Totals.Total, v.Currency)
	}
	switch base, taken := strings.CutSuffix(v.Action, "_reverse"); {
	case base == "credit":
		p.Kind = "credit"
		if taken && p.Amount != "" {
			p.Amount = "-" + strings.TrimPrefix(p.Amount, "-")
		}
	case base == "refund" && !taken:
		p.Kind = "refund"
	case base == "chargeback" || base == "chargeback_warning":
		if taken && !approved {
			t.ignored = "a chargeback is not taken back yet"
		}
		p = licence.PaymentChanged{ID: base + "/" + v.Transaction, Kind: "dispute", Invoice: v.Transaction, Open: approved && !taken,
			Level: int(max(0, v.Created.Unix()))*len(adjustmentStatuses) + p.Level}
	default:
		f.say("data.action", "must be an action of an adjustment that we know")
	}
	if t.ignored == "" {
		t.add(p)
	}
	return t
}
