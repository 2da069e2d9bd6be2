package licence

import "time"

// What billing systems, and people about payments, say.

// SubscriptionChanged is what is ordered, in the sender's own terms: the directory is
// applied on reading, so that a mapping may come before or after.
type SubscriptionChanged struct {
	Subscription string `json:"subscription"`
	Items        []Item `json:"items"`
	// Uncounted says that Items is not all that is ordered, because the body's list is cut
	// short or has a form that nobody can count. What is ordered is then told, but not known,
	// until a body that can be counted; what was told before is not known either.
	Uncounted bool `json:"uncounted,omitempty"`
	// Settled says that it has long been so: it is told without saying since when, by a sheet or
	// a person.
	Settled   bool    `json:"settled,omitempty"`
	Scheduled []Phase `json:"scheduled,omitempty"` // nil: not told here
	Status    string  `json:"status"`              // active, trialing, past_due, unpaid, paused, incomplete, ended
	RenewsAt  Date    `json:"renews_at,omitempty"`
	EndsAt    Date    `json:"ends_at,omitempty"`
	// Thin says that the sender's webhooks name nothing but the id of what changed: so that is a
	// name of the account.
	Thin bool `json:"thin,omitempty"`
	// Test says that it is of the sender's test mode.
	Test bool `json:"test,omitempty"`
	// Coarse says that the sender's clock has whole seconds, which must not order two bodies of
	// one second. What orders them is then what each says of itself: First, that it made the
	// subscription; Before, the hash of other items that it replaced; Was, what else it replaced.
	Coarse bool   `json:"coarse,omitempty"`
	First  bool   `json:"first,omitempty"`
	Before string `json:"before,omitempty"`
	Was    *Was   `json:"was,omitempty"` // nil: just what it says
}

// InMode is a payload as it is told of a thing in a mode of the sender's.
func InMode(p Payload, mode string) Payload {
	switch p := p.(type) {
	case SubscriptionChanged:
		p.Test = mode == "test"
		return p
	case InvoiceChanged:
		p.Test = mode == "test"
		return p
	}
	return p
}

// Was is what a body of a subscription says that it replaced, beside the items.
type Was struct {
	Status   string `json:"status"`
	RenewsAt Date   `json:"renews_at,omitempty"`
	EndsAt   Date   `json:"ends_at,omitempty"`
}

// An Item is a quantity of a plan or of a price.
type Item struct {
	Plan     string   `json:"plan,omitempty"`   // told as our plan, or
	Prices   []string `json:"prices,omitempty"` // told as price id and lookup key
	Quantity int      `json:"quantity"`
	CustID   string   `json:"cust_id,omitempty"`
	// Metered says that the price is paid by use, so that Quantity is no number of seats. What
	// is ordered of the item's plan is then told, but not known; of every plan, where the item
	// belongs to none.
	Metered bool `json:"metered,omitempty"`
}

// A Phase is what will be ordered from an instant on. One without items is an end: the
// subscription stops at that instant.
type Phase struct {
	At        time.Time `json:"at"`
	Items     []Item    `json:"items"`
	Uncounted bool      `json:"uncounted,omitempty"` // as of a SubscriptionChanged
}

// ScheduleChanged is what a subscription will become; no phases: nothing is scheduled. Phases
// of a subscription that was never told are a subscription to come: it orders nothing before
// the first of them and is live from then on. A schedule that has no subscription yet tells none,
// and stands as a subscription of its own, by its id, until it tells one.
type ScheduleChanged struct {
	Subscription string  `json:"subscription"`
	Phases       []Phase `json:"phases"`
	Schedule     string  `json:"schedule,omitempty"` // its own id; "": the sender has none
	Final        bool    `json:"final,omitempty"`    // it is completed, released or canceled
	// As of a SubscriptionChanged. Before is the PhasesHash of other phases that it replaced.
	Coarse bool   `json:"coarse,omitempty"`
	First  bool   `json:"first,omitempty"`
	Before string `json:"before,omitempty"`
}

// OrdersCut says that something was told to be ordered which the account cannot hold. What is ordered is
// then told, but not known, until all that its source has was told and fitted.
type OrdersCut struct {
	Subscription string `json:"subscription,omitempty"` // the sender's; "": more than can be listed
}

// InvoiceChanged is one invoice as it now stands. Amounts are decimal text, as told: Amount is
// the whole, before any payment and any credit note.
type InvoiceChanged struct {
	Invoice     string   `json:"invoice"`
	Number      string   `json:"number,omitempty"`
	Reference   string   `json:"reference,omitempty"`
	Status      string   `json:"status"` // open, paid, void, uncollectible, disputed
	Due         Date     `json:"due,omitempty"`
	Issued      Date     `json:"issued,omitempty"`
	PaidAt      Date     `json:"paid_at,omitempty"`
	Amount      string   `json:"amount"`
	Remaining   string   `json:"remaining,omitempty"`
	Currency    string   `json:"currency"`
	URL         string   `json:"url,omitempty"`
	Kind        string   `json:"kind,omitempty"` // licence (the default), maintenance, other
	From        Date     `json:"from,omitempty"`
	To          Date     `json:"to,omitempty"`
	Covers      []string `json:"covers,omitempty"`
	Collection  string   `json:"collection,omitempty"` // automatic, invoice
	Payment     string   `json:"payment,omitempty"`    // none, processing, failed, action
	NextAttempt Date     `json:"next_attempt,omitempty"`
	Dispute     string   `json:"dispute,omitempty"` // card, customer
	Replaces    string   `json:"replaces,omitempty"`
	Payer       string   `json:"payer,omitempty"`
	// Credited is what credit notes have taken off the amount: no money came for it.
	Credited string `json:"credited,omitempty"`
	// Lines are what the invoice is for, from a sender that tells it line by line. From and To
	// are then the period of all of them; the directory says which lines count no seats, and
	// those lengthen no period. Lines that say the same are told once.
	Lines []InvoiceLine `json:"lines,omitempty"`
	// More says that the invoice has lines that were not told, as where a list was cut short.
	More bool `json:"more,omitempty"`
	// As of a SubscriptionChanged. Before is the Hash of other news that it replaced. Attempts
	// counts the attempts to collect the payment.
	Thin     bool   `json:"thin,omitempty"`
	Test     bool   `json:"test,omitempty"`
	Coarse   bool   `json:"coarse,omitempty"`
	First    bool   `json:"first,omitempty"`
	Before   string `json:"before,omitempty"`
	Attempts int    `json:"attempts,omitempty"`
}

// PaymentChanged is what a sender tells of a payment apart from the invoice: which invoice it is
// for, and what was taken back of it. Senders tie the parts of one payment together by ids: a
// dispute may name the charge alone, and another body say for which invoice that was.
type PaymentChanged struct {
	ID       string   `json:"id"`                 // of the payment, the refunded charge, the dispute or the credit note
	Kind     string   `json:"kind"`               // made, refund, dispute, credit, parts
	Invoice  string   `json:"invoice,omitempty"`  // "": not told here
	Payments []string `json:"payments,omitempty"` // the ids that tie it to others
	Amount   string   `json:"amount,omitempty"`   // that was refunded or credited, in all; none where that was undone
	Due      Date     `json:"due,omitempty"`      // of an invoice that is paid in parts: of the next one
	Open     bool     `json:"open,omitempty"`     // of a dispute: the money is not ours, or not surely
	Level    int      `json:"level,omitempty"`    // of two tellings of one second the higher is the later
}

// An InvoiceLine is one price on an invoice, and the period that it is billed for.
type InvoiceLine struct {
	Prices []string `json:"prices,omitempty"` // price id and lookup key, as in Item
	From   Date     `json:"from,omitempty"`
	To     Date     `json:"to,omitempty"`
}

// PaymentClaimed is a person's word that an invoice is paid.
type PaymentClaimed struct {
	Invoice   string `json:"invoice"`
	PaidOn    Date   `json:"paid_on,omitempty"`
	Reference string `json:"reference,omitempty"`
	By        string `json:"by,omitempty"`
	Back      bool   `json:"back,omitempty"` // that word was taken back
}

// PaymentAsked is told to an account that pays for another one: an invoice that it is asked to
// pay, so that the other's licence can be lengthened. It tells no more of the other account.
type PaymentAsked struct {
	Code      Code      `json:"code"` // of the finding, at both accounts
	For       string    `json:"for"`  // the account whose licence waits, and
	Name      string    `json:"name"` // what people call it
	Invoice   string    `json:"invoice"`
	Number    string    `json:"number,omitempty"`
	Amount    string    `json:"amount"` // that is left to pay
	Currency  string    `json:"currency"`
	URL       string    `json:"url,omitempty"`
	Reference string    `json:"reference,omitempty"`
	Due       Date      `json:"due,omitempty"`
	Expires   Date      `json:"expires,omitempty"`
	Say       string    `json:"say"`
	Severity  Severity  `json:"severity"`
	ActBy     Date      `json:"act_by,omitempty"`
	Stops     Date      `json:"stops,omitempty"`
	Time      int       `json:"time"`             // the how manyth reminder
	Rests     string    `json:"rests,omitempty"`  // why nobody is reminded now, and
	Until     time.Time `json:"until,omitzero"`   // until when
	Over      string    `json:"over,omitempty"`   // why it is no longer asked: paid or gone
	At        time.Time `json:"decided,omitzero"` // when this was so
}

// ArrangementChanged is an agreement with the customer; until it ends reminders rest.
type ArrangementChanged struct {
	Until Date   `json:"until,omitempty"`
	Note  string `json:"note,omitempty"`
	By    string `json:"by,omitempty"`
}
