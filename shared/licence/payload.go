package licence

import (
	"encoding/json"
	"slices"
	"time"
)

// Payloads is the closed set of what a fact can say, by the name that is stored.
var Payloads = map[string]func(json.RawMessage) (Payload, error){
	"account.changed":       decode[AccountChanged],
	"subscription.changed":  decode[SubscriptionChanged],
	"schedule.changed":      decode[ScheduleChanged],
	"invoice.changed":       decode[InvoiceChanged],
	"payment.changed":       decode[PaymentChanged],
	"seat.changed":          decode[SeatChanged],
	"seats.listed":          decode[SeatsListed],
	"licence.reported":      decode[LicenceReported],
	"installation.reported": decode[InstallationReported],
	"login.warned":          decode[LoginWarned],
	"source.checked":        decode[SourceChecked],
	"payment.claimed":       decode[PaymentClaimed],
	"payment.asked":         decode[PaymentAsked],
	"arrangement.changed":   decode[ArrangementChanged],
	"activation.tried":      decode[ActivationTried],
	"finding.answered":      decode[FindingAnswered],
	"licence.issued":        decode[LicenceIssued],
	"installation.hinted":   decode[InstallationHinted],
	"check.asked":           decode[CheckAsked],
	"read.failed":           decode[ReadFailed],
	"link.asked":            decode[LinkAsked],
	"mail.changed":          decode[MailChanged],
	"seats.chosen":          decode[SeatsChosen],
	"code.asked":            decode[CodeAsked],
	"activation.asked":      decode[ActivationAsked],
}

func decode[P Payload](b json.RawMessage) (Payload, error) {
	var p P
	err := json.Unmarshal(b, &p)
	return p, err
}

// AccountChanged is a customer and everything that belongs to it. The lists are whole and
// come together, as one register; each optional field is a register of its own.
type AccountChanged struct {
	Account       string         `json:"account"`
	Name          string         `json:"name"`
	Locale        string         `json:"locale"`
	Timezone      string         `json:"timezone"`
	Model         string         `json:"model"` // "plans" or "suite"
	Contacts      []Contact      `json:"contacts"`
	Installations []Installation `json:"installations"`
	Billing       []Mapping      `json:"billing"`
	Plans         []Plan         `json:"plans"`

	Mail     Opt[string]   `json:"mail,omitzero"`
	Country  Opt[string]   `json:"country,omitzero"`
	Payer    Opt[string]   `json:"payer,omitzero"`
	Extend   Opt[Extend]   `json:"extend,omitzero"`
	NotSeats Opt[[]string] `json:"not_seats,omitzero"`
}

// A Contact is a person at the customer to whom a mail may go.
type Contact struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Email     string `json:"email"`
	Role      Role   `json:"role"` // admin, billing or partner
	Locale    string `json:"locale"`
	User      string `json:"user,omitempty"` // CRM user id in the first production installation
	Left      Date   `json:"left,omitempty"`
	AwayUntil Date   `json:"away_until,omitempty"`
	Rank      int    `json:"rank,omitempty"`
}

// An Installation is one SuperOffice database: a tenant online, or a server of the customer's.
type Installation struct {
	CustID    string   `json:"cust_id"`
	Serial    string   `json:"serial"`
	Kind      string   `json:"kind"`    // production, trial or sandbox
	Hosting   string   `json:"hosting"` // online or onsite
	URL       string   `json:"url"`
	Serials   []string `json:"serials,omitempty"` // former ones
	KeepUntil Date     `json:"keep_until,omitempty"`
	ClosedAt  Date     `json:"closed_at,omitempty"`
	Fetch     string   `json:"fetch,omitempty"` // web or file
	Company   string   `json:"company,omitempty"`
}

// A Mapping leads from a billing system's customer, or one subscription of it, to the account.
type Mapping struct {
	Sender       string `json:"sender"`
	ID           string `json:"id"`
	Mode         string `json:"mode,omitempty"` // live (the default) or test
	Subscription string `json:"subscription,omitempty"`
}

// A Plan is a line of the directory: which prices and which licence modules are one plan.
type Plan struct {
	Plan    string   `json:"plan"`
	Name    string   `json:"name"`
	Module  string   `json:"module,omitempty"`
	Modules []string `json:"modules,omitempty"`
	Prices  []string `json:"prices,omitempty"`
	Family  string   `json:"family,omitempty"`
	Kind    string   `json:"kind,omitempty"`    // plan or addon
	Counted string   `json:"counted,omitempty"` // licensed or used
}

// Extend says when the operator lengthens a licence.
type Extend struct {
	On         string `json:"on"` // payment, issued or hand
	WithinDays int    `json:"within_days"`
}

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
	// Coarse says that the sender's clock has whole seconds, which must not order two bodies of
	// one second. What orders them is then what each says of itself: First, that it made the
	// subscription; Before, the hash of other items that it replaced; Was, what else it replaced.
	Coarse bool   `json:"coarse,omitempty"`
	First  bool   `json:"first,omitempty"`
	Before string `json:"before,omitempty"`
	Was    *Was   `json:"was,omitempty"` // nil: just what it says
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
	Kind     string   `json:"kind"`               // made, refund, dispute, credit
	Invoice  string   `json:"invoice,omitempty"`  // "": not told here
	Payments []string `json:"payments,omitempty"` // the ids that tie it to others
	Amount   string   `json:"amount,omitempty"`   // that was refunded or credited, in all; none where that was undone
	Open     bool     `json:"open,omitempty"`     // of a dispute: the money is not ours, or not surely
	Level    int      `json:"level,omitempty"`    // of two tellings of one second the higher is the later
}

// An InvoiceLine is one price on an invoice, and the period that it is billed for.
type InvoiceLine struct {
	Prices []string `json:"prices,omitempty"` // price id and lookup key, as in Item
	From   Date     `json:"from,omitempty"`
	To     Date     `json:"to,omitempty"`
}

// SeatChanged says that one user holds, or does not hold, one plan.
type SeatChanged struct {
	CustID       string `json:"cust_id"`
	Plan         string `json:"plan"`
	Held         bool   `json:"held"`
	OpenRequests int    `json:"open_requests"`
	User         User   `json:"user"`
}

// A User is a person in an installation.
type User struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Email      string    `json:"email"`
	CanLogin   bool      `json:"can_login"`
	Admin      bool      `json:"admin"`
	Protected  bool      `json:"protected"`
	Waiting    bool      `json:"waiting_for_approval"`
	LastActive time.Time `json:"last_active,omitzero"`
	Activity   string    `json:"activity,omitempty"` // known, never, unknown
	Created    time.Time `json:"created,omitzero"`
	Kind       string    `json:"type,omitempty"` // employee (the default), external, system
	Group      string    `json:"group,omitempty"`
	LeaveUntil Date      `json:"leave_until,omitempty"`
	Blockers   []Blocker `json:"blockers,omitempty"`
}

// A Blocker is a reason why a seat cannot be taken from a user yet.
type Blocker struct {
	Code  string `json:"code"`
	Count int    `json:"count,omitempty"`
}

// SeatsListed is everybody who holds a seat at an instant. As it arrives it has its rows;
// as it is stored and folded it has its roster, counts and hash, and the rows are the roster's.
type SeatsListed struct {
	CustID string        `json:"cust_id"`
	Rows   []SeatChanged `json:"rows,omitempty"`
	Roster *Roster       `json:"roster,omitempty"`
	Listed string        `json:"listed,omitempty"` // hash of the fact as it arrived
}

// LicenceReported is what the installation's licence says. The list of plans is complete.
type LicenceReported struct {
	CustID          string        `json:"cust_id"`
	Serial          string        `json:"serial"`
	Version         string        `json:"version"`
	LicensedVersion string        `json:"licensed_version,omitempty"`
	Maintenance     Date          `json:"maintenance_until,omitempty"`
	NextCheck       Date          `json:"next_check,omitempty"`
	AdminWarning    Date          `json:"admin_warning,omitempty"`
	Expires         Date          `json:"expires,omitempty"`
	GraceUntil      Date          `json:"grace_until,omitempty"`
	Offered         bool          `json:"offered"`
	CanActivate     bool          `json:"can_activate"`
	NewExpires      Date          `json:"new_expires,omitempty"`
	Reason          string        `json:"reason,omitempty"`
	Status          string        `json:"status,omitempty"`
	Message         string        `json:"message,omitempty"`
	Company         string        `json:"company,omitempty"`
	OfferedSince    Date          `json:"offered_since,omitempty"`
	CheckedAt       time.Time     `json:"checked_at,omitzero"`
	Released        Date          `json:"released,omitempty"`
	StatedBy        string        `json:"stated_by,omitempty"`
	Markers         []string      `json:"markers,omitempty"`
	Plans           []LicenceLine `json:"plans"`
}

// A LicenceLine is one module of a licence.
type LicenceLine struct {
	Plan         string `json:"plan"`
	Module       string `json:"module"`
	Description  string `json:"description"`
	Kind         string `json:"kind,omitempty"` // plan, addon, hidden, suite
	Total        int    `json:"total"`
	NewTotal     *int   `json:"new_total,omitempty"`
	InUse        int    `json:"in_use"`
	Unrestricted bool   `json:"unrestricted"`
}

// InstallationReported is the state of a tenant or server; each optional field is a register.
type InstallationReported struct {
	CustID    string        `json:"cust_id"`
	State     string        `json:"state"` // running, maintenance, suspended, deleting, deleted, delete-failed, unknown
	Version   Opt[string]   `json:"version,omitzero"`
	Released  Opt[Date]     `json:"released,omitzero"`
	Company   Opt[string]   `json:"company,omitzero"`
	Serial    Opt[string]   `json:"serial,omitzero"`
	Sync      Opt[string]   `json:"sync,omitzero"`
	LastFetch Opt[Fetch]    `json:"last_fetch,omitzero"`
	Can       Opt[[]string] `json:"can,omitzero"`
}

// A Fetch is an installation's latest try to get its licence.
type Fetch struct {
	At    time.Time `json:"at"`
	OK    bool      `json:"ok"`
	Error string    `json:"error,omitempty"`
}

// LoginWarned says that a user was shown the warning.
type LoginWarned struct {
	CustID   string    `json:"cust_id"`
	Serial   string    `json:"serial"`
	URL      string    `json:"url"`
	Version  string    `json:"version"`
	Message  string    `json:"message"`
	DaysLeft *int      `json:"days_left,omitempty"`
	User     LoginUser `json:"user"`
}

// A LoginUser is the person who read the warning.
type LoginUser struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Email  string `json:"email"`
	Locale string `json:"locale"`
}

// SourceChecked says that a source was asked and had nothing new.
type SourceChecked struct {
	Of     string `json:"source"` // licence, users, requests, version, tenant, billing
	CustID string `json:"cust_id,omitempty"`
}

// PaymentClaimed is a person's word that an invoice is paid.
type PaymentClaimed struct {
	Invoice   string `json:"invoice"`
	PaidOn    Date   `json:"paid_on,omitempty"`
	Reference string `json:"reference,omitempty"`
	By        string `json:"by,omitempty"`
}

// PaymentAsked is told to an account that pays for another one: an invoice that it is asked to
// pay, so that the other's licence can be lengthened. It tells no more of the other account.
type PaymentAsked struct {
	Code      string    `json:"code"` // of the finding, at both accounts
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
	Severity  string    `json:"severity"`
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

// ActivationTried is the outcome of somebody's try to activate the new licence.
type ActivationTried struct {
	CustID string         `json:"cust_id"`
	OK     bool           `json:"ok"`
	Reason string         `json:"reason,omitempty"`
	By     string         `json:"by,omitempty"`
	Before map[string]int `json:"before,omitempty"` // totals by plan, and
	After  map[string]int `json:"after,omitempty"`  // what a read saw afterwards
}

// FindingAnswered is what a person said of a finding.
type FindingAnswered struct {
	Fingerprint string `json:"fingerprint"`
	Answer      string `json:"answer"` // on-purpose, numbers-wrong, numbers-right, handled, not-right, snooze
	Until       Date   `json:"until,omitempty"`
	By          string `json:"by,omitempty"`
	Note        string `json:"note,omitempty"`
	Was         string `json:"was,omitempty"` // the state that the page showed before
}

// LicenceIssued is what the licence system holds for an installation.
type LicenceIssued struct {
	CustID  string `json:"cust_id"`
	Expires Date   `json:"expires"`
}

// InstallationHinted says that something of an installation may have changed: it owes a read.
type InstallationHinted struct {
	CustID string `json:"cust_id"`
	Event  string `json:"event"`
}

// CheckAsked is a person's wish that an installation be read now.
type CheckAsked struct {
	CustID string `json:"cust_id"`
	By     string `json:"by,omitempty"`
}

// ReadFailed says that a read was tried and gave nothing: never a number.
type ReadFailed struct {
	CustID     string    `json:"cust_id"`
	Error      string    `json:"error"`
	RetryAfter time.Time `json:"retry_after,omitzero"`
}

// LinkAsked is a person's wish that a link be mailed: to a contact, or to whoever of a role can act.
type LinkAsked struct {
	To   string `json:"to,omitempty"` // the contact's id
	Role Role   `json:"role,omitempty"`
}

// of is whose wishes it is one of: contacts and roles may read alike.
func (p LinkAsked) of() string {
	if p.Role != "" {
		return "role " + string(p.Role)
	}
	return "contact " + p.To
}

// MailChanged is what the operator's own people decided to become of an account's mails; nil:
// the operator's setting holds. The next account.changed that names it wins over it.
type MailChanged struct {
	Mail *string `json:"mail"`
	By   string  `json:"by,omitempty"`
}

// SeatsChosen is whom a person chose to free or to move, for a finding: a plan, of which
// nothing is done yet. The list is whole, and is taken only on the list that it was made from,
// so that of two who choose at once neither loses anybody.
type SeatsChosen struct {
	Fingerprint string `json:"fingerprint"`
	CustID      string `json:"cust_id"`
	Way         string `json:"way,omitempty"` // of a swap: move-now or free-activate-give
	Picks       []Pick `json:"picks"`
	Was         []Pick `json:"was,omitempty"`   // what was chosen before
	After       string `json:"after,omitempty"` // id of the choice that it was made from
	By          string `json:"by,omitempty"`
}

// A Pick is one person's plan that is to go, and the plan that the person gets instead, if any.
type Pick struct {
	User string `json:"user"`
	Name string `json:"name"`
	Plan string `json:"plan"`
	To   string `json:"to,omitempty"`
	Skip bool   `json:"skip,omitempty"` // a person said that this one needs no new plan
}

// CodeAsked is a contact's wish for a code, which proves that the mailbox is theirs still.
type CodeAsked struct {
	Contact string `json:"contact"`
	For     string `json:"for"` // what the code allows: the offer that was shown
}

// ActivationAsked is a person's wish that the new licence be activated, as its numbers were shown.
type ActivationAsked struct {
	CustID string `json:"cust_id"`
	Offer  string `json:"offer"` // Offer of what was shown
	By     string `json:"by,omitempty"`
}

func (AccountChanged) Type() string { return "account.changed" }

func (SubscriptionChanged) Type() string { return "subscription.changed" }

func (ScheduleChanged) Type() string { return "schedule.changed" }

func (InvoiceChanged) Type() string { return "invoice.changed" }

func (PaymentChanged) Type() string { return "payment.changed" }

func (SeatChanged) Type() string { return "seat.changed" }

func (SeatsListed) Type() string { return "seats.listed" }

func (LicenceReported) Type() string { return "licence.reported" }

func (InstallationReported) Type() string { return "installation.reported" }

func (LoginWarned) Type() string { return "login.warned" }

func (SourceChecked) Type() string { return "source.checked" }

func (PaymentClaimed) Type() string { return "payment.claimed" }

func (PaymentAsked) Type() string { return "payment.asked" }

func (ArrangementChanged) Type() string { return "arrangement.changed" }

func (ActivationTried) Type() string { return "activation.tried" }

func (FindingAnswered) Type() string { return "finding.answered" }

func (LicenceIssued) Type() string { return "licence.issued" }

func (InstallationHinted) Type() string { return "installation.hinted" }

func (CheckAsked) Type() string { return "check.asked" }

func (ReadFailed) Type() string { return "read.failed" }

func (LinkAsked) Type() string { return "link.asked" }

func (MailChanged) Type() string { return "mail.changed" }

func (SeatsChosen) Type() string { return "seats.chosen" }

func (CodeAsked) Type() string { return "code.asked" }

func (ActivationAsked) Type() string { return "activation.asked" }

// Why a try of ours did not activate, where SuperOffice itself gave no reason.
const (
	TriedChanged = "changed" // what waits is not what was shown
	TriedNotNow  = "not-now" // it does not fit any more, is in doubt, or is not granted
)

// Refused tells whether SuperOffice said no: a try that was never made is no refusal.
func (t ActivationTried) Refused() bool {
	return !t.OK && t.Reason != TriedChanged && t.Reason != TriedNotNow
}

// Unpaid tells whether the status speaks of a payment, or of a pause, and not of what is ordered.
func (p SubscriptionChanged) Unpaid() bool {
	return slices.Contains([]string{"past_due", "unpaid", "paused", "incomplete"}, p.Status)
}

// ID is what the sender calls the item.
func (it Item) ID() string {
	if it.Plan == "" && len(it.Prices) > 0 {
		return it.Prices[0]
	}
	return it.Plan
}

// key is by what an account that pays tells one thing that it is asked for from others.
func (p PaymentAsked) key() string { return p.Code + "\n" + p.For + "\n" + p.Invoice }

// Same tells whether two askings say the same, at whatever instant.
func (p PaymentAsked) Same(o PaymentAsked) bool {
	until := p.Until.Equal(o.Until)
	p.At, o.At, p.Until, o.Until = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	return until && p == o
}
