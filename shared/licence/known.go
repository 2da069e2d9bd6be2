package licence

import (
	"reflect"
	"slices"
	"time"
)

// Known is what was told of an account: registers that keep their latest fact, and a few
// bounded sets. Any permutation and any duplication of a set of facts gives one Known.
// It is stored in four parts, each an item of its own, written only when it changed.
type Known struct {
	Profile  Profile
	Orders   Orders
	Invoices Invoices
	Licences Licences

	later map[Part]*later // of parts that a program of a later version wrote; never changed in place
	most  [4]int          // at most so many bytes each of Parts has as it is stored; 0: it must be measured
}

// A Part names one stored part of Known.
type Part string

// Parts are all of them, in the order in which they are stored.
var Parts = []Part{"profile", "orders", "invoices", "licences"}

// Profile is who the customer is, and what people said.
type Profile struct {
	Account     Reg[AccountChanged]              `json:"account"` // its optional fields stand below
	Mail        Reg[*string]                     `json:"mail,omitzero"`
	MailBy      Reg[string]                      `json:"mail_by,omitzero"`  // which of the operator's people said so last
	Assigned    Reg[CaseAssigned]                `json:"assigned,omitzero"` // who of the operator's people has the case
	Country     Reg[*string]                     `json:"country,omitzero"`
	Payer       Reg[*string]                     `json:"payer,omitzero"`
	Extend      Reg[*Extend]                     `json:"extend,omitzero"`
	NotSeats    Reg[*[]string]                   `json:"not_seats,omitzero"`
	Arrangement Reg[ArrangementChanged]          `json:"arrangement,omitzero"`
	Answers     map[string]Reg[FindingAnswered]  `json:"answers,omitempty"`   // by fingerprint
	Billing     Stamp                            `json:"billing,omitzero"`    // latest source.checked of billing
	Whole       map[string]Reg[bool]             `json:"whole,omitempty"`     // by source: whether all that it tells of orders fits here
	Asked       Reg[LinkAsked]                   `json:"asked,omitzero"`      // of a version that kept one wish for all: a role or a contact
	Links       map[string]Reg[LinkAsked]        `json:"links,omitempty"`     // by whom one is for, see LinkAsked.of
	Reminders   map[string]Reg[RemindersChanged] `json:"reminders,omitempty"` // by contact
	Choices     map[string]Reg[Choice]           `json:"choices,omitempty"`   // by fingerprint
	Codes       map[string]Reg[CodeAsked]        `json:"codes,omitempty"`     // by contact
}

// A Choice is that somebody chose people for a finding. Who they are is a row of its own.
type Choice struct {
	CustID string `json:"cust_id"`
	Way    string `json:"way,omitempty"`
	Count  int    `json:"count"`
	By     string `json:"by,omitempty"`
}

// Orders is what is bought, by subscription, in the senders' own terms.
type Orders struct {
	Subs map[string]*Sub `json:"subs,omitempty"`
	// Schedules is what was told last of each schedule, by its own id: several tellings only where
	// they are of one second of a coarse clock. What a subscription becomes by them stands with it.
	Schedules map[string][]Reg[ScheduleChanged] `json:"schedules,omitempty"`
}

// A Sub is one subscription.
type Sub struct {
	// Now holds the latest telling. It holds several only where a sender whose clock has whole
	// seconds told different things in one second: see Sub.Latest.
	Now      []Reg[SubscriptionChanged] `json:"now,omitempty"`
	Schedule Reg[[]Phase]               `json:"schedule,omitzero"`
	Lists    []ItemList                 `json:"lists,omitempty"`  // different ones, the latest first
	Live     time.Time                  `json:"live,omitzero"`    // the latest telling that it has not ended
	Stopped  time.Time                  `json:"stopped,omitzero"` // the earliest telling that it has
}

// An ItemList is a list of items, with the first and the latest time at which it was told. Only
// the ten latest are kept whole.
type ItemList struct {
	At    time.Time `json:"at"`
	First time.Time `json:"first,omitzero"`
	Items []Item    `json:"items"`
	Hash  string    `json:"hash,omitempty"` // of a list whose items are not kept
}

// Invoices are the licence invoices that reach furthest, paid and unpaid, and just id and kind of others.
type Invoices struct {
	Licence map[string]*Invoice            `json:"licence,omitempty"`
	Other   map[string]Reg[string]         `json:"other,omitempty"` // kind
	Claims  map[string]Reg[PaymentClaimed] `json:"claims,omitempty"`
	Asked   map[string]Reg[PaymentAsked]   `json:"asked,omitempty"` // what it is asked to pay for other accounts
	// Payments is what was told of payments beside the invoices themselves, by the sender's id of
	// a payment, a refunded charge, a dispute or a credit note: see Invoices.of.
	Payments map[string]Reg[PaymentChanged] `json:"payments,omitempty"`
}

// An Invoice is the latest telling, and the earliest of each of a few things.
type Invoice struct {
	Reg[InvoiceChanged]
	// Second holds all tellings of the last second, where a sender whose clock has whole seconds
	// told several; the register is then the one of them that holds.
	Second      []Reg[InvoiceChanged] `json:"second,omitempty"`
	Action      Reg[int]              `json:"action,omitzero"` // the attempt at which the bank asked the customer to confirm
	FirstTold   Stamp                 `json:"first_told"`
	FirstPaid   Stamp                 `json:"first_paid,omitzero"`
	FirstFailed Stamp                 `json:"first_failed,omitzero"`
	FirstTried  Stamp                 `json:"first_tried,omitzero"` // of any attempt to collect it
}

// Licences is what the installations say, by CustID in lower case.
type Licences struct {
	By map[string]*KnownInstallation `json:"by,omitempty"`
}

// An Inst is what one installation says.
type KnownInstallation struct {
	CustID    string                      `json:"cust_id"`
	Report    Reg[LicenceReported]        `json:"report,omitzero"`
	State     Reg[string]                 `json:"state,omitzero"`
	Version   Reg[*string]                `json:"version,omitzero"`
	Released  Reg[*Date]                  `json:"released,omitzero"`
	Company   Reg[*string]                `json:"company,omitzero"`
	Serial    Reg[*string]                `json:"serial,omitzero"`
	Sync      Reg[*string]                `json:"sync,omitzero"`
	LastFetch Reg[*Fetch]                 `json:"last_fetch,omitzero"`
	Can       Reg[*[]string]              `json:"can,omitzero"`
	Login     Reg[LoginWarned]            `json:"login,omitzero"`   // the latest warned login
	Logins    map[string]Reg[LoginWarned] `json:"logins,omitempty"` // and the latest at each place
	Warned    []Warned                    `json:"warned,omitempty"`
	Shown     Reg[WarningShown]           `json:"shown,omitzero"` // the warning that it shows, as it says itself
	Issued    Reg[LicenceIssued]          `json:"issued,omitzero"`
	Tried     Reg[ActivationTried]        `json:"tried,omitzero"`
	Wanted    Reg[ActivationAsked]        `json:"wanted,omitzero"`
	Moving    Reg[SeatsAsked]             `json:"moving,omitzero"` // the latest wish that a choice be done
	Moved     Reg[SeatsTried]             `json:"moved,omitzero"`  // and what came of one
	Said      Reg[LicenceStated]          `json:"said,omitzero"`   // the latest that a person read off its screen, or took back
	Hint      Reg[string]                 `json:"hint,omitzero"`   // the latest event that owes a read
	Asked     Reg[string]                 `json:"asked,omitzero"`  // the latest wish of a person that it be read
	Failed    Reg[ReadFailed]             `json:"failed,omitzero"`
	Read      Stamp                       `json:"read,omitzero"` // the latest read of ours that succeeded
	Checked   map[string]Stamp            `json:"checked,omitempty"`
	Roster    Roster                      `json:"roster"`
}

// Told is when an installation was last told of by whom it is, not by a wish or a try of ours; zero: never.
func (i *KnownInstallation) Told() time.Time {
	return slices.MaxFunc([]time.Time{i.Report.At, i.State.At, i.Version.At, i.Login.At, i.Issued.At, i.Roster.Told}, time.Time.Compare)
}

// Warned is a user who was shown the warning at a place on a UTC day.
type Warned struct {
	User  string    `json:"user"`
	Day   Date      `json:"day"`
	Place string    `json:"place,omitempty"`
	First time.Time `json:"first,omitzero"` // the first on that day, since it is kept, and
	At    time.Time `json:"at"`             // the latest
}

// Encode is the stored form of one part.
func (k *Known) Encode(p Part) ([]byte, error) {
	return seal(k.PartOf(p), k.later[p])
}

// Decode reads what Encode wrote.
func (k *Known) Decode(p Part, b []byte) error {
	was, err := open(b, k.PartOf(p))
	k.most[slices.Index(Parts, p)] = len(b)
	if was == nil {
		return err
	}
	all := map[Part]*later{p: was}
	for other, l := range k.later {
		if other != p {
			all[other] = l
		}
	}
	k.later = all
	return nil
}

// Clone is a copy that shares nothing. A copy through the stored form is one that cannot forget a
// field.
func (k Known) Clone() Known {
	c := Known{later: k.later}
	for _, p := range Parts {
		b, err := k.Encode(p)
		if err == nil {
			err = c.Decode(p, b)
		}
		if err != nil {
			panic(err) // unreachable: parts are plain data
		}
	}
	return c
}

// grow counts what a fact that moved a part can have added to it at most. What is told a second
// time within a second, or of a schedule, may repeat what was told before: that is measured.
func (k *Known) grow(p Part, f Fact) {
	most := &k.most[slices.Index(Parts, p)]
	in, isInvoice := f.Payload.(InvoiceChanged)
	_, isSchedule := f.Payload.(ScheduleChanged)
	order, _ := f.Payload.(SubscriptionChanged)
	switch {
	case isSchedule, order.Coarse, isInvoice && k.Invoices.Licence[in.Invoice] != nil && k.Invoices.Licence[in.Invoice].Second != nil:
		*most = 0
	case *most > 0:
		*most += 4*atMost(reflect.ValueOf(f)) + 1000
	}
}

func (k *Known) PartOf(p Part) any {
	switch p {
	case "profile":
		return &k.Profile
	case "orders":
		return &k.Orders
	case "invoices":
		return &k.Invoices
	}
	return &k.Licences
}

// FromDirectory tells whether an installation's users come from a directory outside (SCIM),
// which undoes at night what is done by hand.
func (i *KnownInstallation) FromDirectory() bool {
	return i.Sync.Value != nil && *i.Sync.Value == "scim" || i.Report.Value.marked("scim")
}
