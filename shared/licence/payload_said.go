package licence

// What people say and ask for on the page, at the desk and at /help.

// FindingAnswered is what a person said of a finding.
type FindingAnswered struct {
	Fingerprint string       `json:"fingerprint"`
	Answer      string       `json:"answer"` // on-purpose, numbers-wrong, numbers-right, handled, not-right, snooze
	Until       Date         `json:"until,omitempty"`
	By          string       `json:"by,omitempty"`
	Note        string       `json:"note,omitempty"`
	Was         FindingState `json:"was,omitempty"` // the state that the page showed before
}

// TakenBack is an answer in place of one that its reader took back: of the finding nothing is said.
const TakenBack = "taken-back"

// OrderMore is the note of an answer that everybody is to keep the seat, and more are to be ordered.
const OrderMore = "order-more"

// GivenTo begins the note of an answer that a colleague has it now.
const GivenTo = "given to "

// CheckAsked is a person's wish that an installation be read now.
type CheckAsked struct {
	CustID string `json:"cust_id"`
	By     string `json:"by,omitempty"`
}

// LinkAsked is a person's wish that a link be mailed: to a contact, or to whoever of a role can act.
type LinkAsked struct {
	To   string `json:"to,omitempty"` // the contact's id
	Role Role   `json:"role,omitempty"`
	// Steps tells that it is asked for to do the steps at a computer.
	Steps bool `json:"steps,omitempty"`
}

// of is whose wishes it is one of: contacts and roles may read alike.
func (p LinkAsked) of() string {
	if p.Role != "" {
		return "role " + string(p.Role)
	}
	return "contact " + p.To
}

// LinkFor is the latest wish for a link to a contact.
func (p Profile) LinkFor(contact string) LinkAsked { return p.Links[LinkAsked{To: contact}.of()].Value }

// RemindersChanged is a contact's wish to be mailed once of a matter and not reminded of it, or
// that it no longer holds.
type RemindersChanged struct {
	Contact string `json:"contact"`
	Stop    bool   `json:"stop"`
}

// MailChanged is what the operator's own people decided to become of an account's mails; nil:
// the operator's setting holds. The next account.changed that names it wins over it.
type MailChanged struct {
	Mail *string `json:"mail"`
	By   string  `json:"by,omitempty"`
}

// CaseAssigned is that one of the operator's people has a customer's case; no To: nobody has.
type CaseAssigned struct {
	To string `json:"to"` // their name
	By string `json:"by,omitempty"`
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

// SeatsAsked is a person's wish that what was chosen be done in SuperOffice, where we may: the very
// choice that was shown with its names, and no later one.
type SeatsAsked struct {
	Fingerprint string `json:"fingerprint"`
	CustID      string `json:"cust_id"`
	Choice      string `json:"choice"` // id of the choice that was shown
	N           int    `json:"n"`      // how many people it names
	// Bare is how many people were asked for without a code up to this wish, each less than a day after the last.
	Bare int `json:"bare,omitempty"`
	// Offer is the new licence (its short name) that the list was shown beside: an exchange activates no other. "": not told.
	Offer string `json:"offer,omitempty"`
	By    string `json:"by,omitempty"`
}

// SeatsTried is what has come of such a wish so far. Who is done and who is not, and why, stands in
// the row of the choice's finding.
type SeatsTried struct {
	Fingerprint string `json:"fingerprint"`
	CustID      string `json:"cust_id"`
	Choice      string `json:"choice"`
	Done        int    `json:"done"`
	Blocked     int    `json:"blocked,omitempty"` // whom SuperOffice refuses
	Skipped     int    `json:"skipped,omitempty"` // who is to keep it, or need not give it up any more
	Left        int    `json:"left,omitempty"`    // whose turn is still to come
	// Without is how many gave up a plan in an exchange and hold neither the new one nor the old one; Of is the
	// finding whose list names them.
	Without int    `json:"without,omitempty"`
	Of      string `json:"of,omitempty"`
	Next    string `json:"next,omitempty"` // activate: the new licence comes next; changed, late, denied: why nothing more is done
	By      string `json:"by,omitempty"`
}

// CodeAsked is a contact's wish for a code, which proves that the mailbox is theirs still.
type CodeAsked struct {
	Contact string `json:"contact"`
	For     string `json:"for"`            // what the code allows: the offer that was shown, or the choice (ForSeats)
	Also    string `json:"also,omitempty"` // another contact whom it goes to as well, where a mailbox is shared
}

// ForSeats is what a code allows that is for doing a choice.
func ForSeats(choice string) string { return "seats/" + choice }

// ActivationAsked is a person's wish that the new licence be activated, as its numbers were shown.
type ActivationAsked struct {
	CustID string `json:"cust_id"`
	Offer  string `json:"offer"` // Offer of what was shown
	By     string `json:"by,omitempty"`
}
