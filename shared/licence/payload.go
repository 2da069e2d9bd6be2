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
	"orders.cut":            decode[OrdersCut],
	"invoice.changed":       decode[InvoiceChanged],
	"payment.changed":       decode[PaymentChanged],
	"seat.changed":          decode[SeatChanged],
	"seats.listed":          decode[SeatsListed],
	"licence.reported":      decode[LicenceReported],
	"installation.reported": decode[InstallationReported],
	"login.warned":          decode[LoginWarned],
	"warning.shown":         decode[WarningShown],
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
	"case.assigned":         decode[CaseAssigned],
	"seats.chosen":          decode[SeatsChosen],
	"code.asked":            decode[CodeAsked],
	"activation.asked":      decode[ActivationAsked],
	"seats.asked":           decode[SeatsAsked],
	"seats.tried":           decode[SeatsTried],
	"licence.stated":        decode[LicenceStated],
	"reminders.changed":     decode[RemindersChanged],
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

// HasLeft tells whether the contact has left, as past (such as the Past of a clock) tells of the first moment of that day.
func (c Contact) HasLeft(zone *time.Location, past func(time.Time) bool) bool {
	return c.Left != "" && past(c.Left.Start(zone))
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

// SeatChanged says that one user holds, or does not hold, one plan.
type SeatChanged struct {
	CustID       string `json:"cust_id"`
	Plan         string `json:"plan"`
	Held         bool   `json:"held"`
	OpenRequests int    `json:"open_requests"` // or Unseen
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
	Moved  []Seat        `json:"-"`                // rows of the present roster that it changes, where it makes no other
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

// WarningShown is what an installation shows whoever logs in, as it says itself: nobody has to have
// logged in. An empty text takes back what was told before.
type WarningShown struct {
	CustID    string `json:"cust_id"`
	Text      string `json:"text,omitempty"`       // SuperOffice's own words, in English
	NextCheck Date   `json:"next_check,omitempty"` // which moves on daily while no check brings a new licence
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

// ActivationTried is the outcome of somebody's try to activate the new licence.
type ActivationTried struct {
	CustID string         `json:"cust_id"`
	OK     bool           `json:"ok"`
	Reason string         `json:"reason,omitempty"`
	By     string         `json:"by,omitempty"`
	Before map[string]int `json:"before,omitempty"` // totals by plan, and
	After  map[string]int `json:"after,omitempty"`  // what a read saw afterwards
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

// ReadFailed says that a read was tried and gave nothing: never a number.
type ReadFailed struct {
	CustID     string    `json:"cust_id"`
	Error      string    `json:"error"`
	RetryAfter time.Time `json:"retry_after,omitzero"`
}

func (AccountChanged) Type() string { return "account.changed" }

func (SubscriptionChanged) Type() string { return "subscription.changed" }

func (ScheduleChanged) Type() string { return "schedule.changed" }

func (OrdersCut) Type() string { return "orders.cut" }

func (InvoiceChanged) Type() string { return "invoice.changed" }

func (PaymentChanged) Type() string { return "payment.changed" }

func (SeatChanged) Type() string { return "seat.changed" }

func (SeatsListed) Type() string { return "seats.listed" }

func (LicenceReported) Type() string { return "licence.reported" }

func (InstallationReported) Type() string { return "installation.reported" }

func (LoginWarned) Type() string { return "login.warned" }

func (WarningShown) Type() string { return "warning.shown" }

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

func (RemindersChanged) Type() string { return "reminders.changed" }
func (LinkAsked) Type() string        { return "link.asked" }

func (MailChanged) Type() string { return "mail.changed" }

func (CaseAssigned) Type() string { return "case.assigned" }

func (SeatsChosen) Type() string { return "seats.chosen" }

func (SeatsAsked) Type() string { return "seats.asked" }

func (SeatsTried) Type() string { return "seats.tried" }

func (CodeAsked) Type() string { return "code.asked" }

func (ActivationAsked) Type() string { return "activation.asked" }

func (LicenceStated) Type() string { return "licence.stated" }

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
func (p PaymentAsked) key() string { return string(p.Code) + "\n" + p.For + "\n" + p.Invoice }

// Same tells whether two askings say the same, at whatever instant.
func (p PaymentAsked) Same(o PaymentAsked) bool {
	until := p.Until.Equal(o.Until)
	p.At, o.At, p.Until, o.Until = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	return until && p == o
}
