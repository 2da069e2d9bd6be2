package licence

// What people say and ask for on the page, at the desk and at /help.

// FindingAnswered is what a person said of a finding.
type FindingAnswered struct {
	Fingerprint string `json:"fingerprint"`
	Answer      string `json:"answer"` // on-purpose, numbers-wrong, numbers-right, handled, not-right, snooze
	Until       Date   `json:"until,omitempty"`
	By          string `json:"by,omitempty"`
	Note        string `json:"note,omitempty"`
	Was         string `json:"was,omitempty"` // the state that the page showed before
}

// CheckAsked is a person's wish that an installation be read now.
type CheckAsked struct {
	CustID string `json:"cust_id"`
	By     string `json:"by,omitempty"`
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

// CodeAsked is a contact's wish for a code, which proves that the mailbox is theirs still.
type CodeAsked struct {
	Contact string `json:"contact"`
	For     string `json:"for"`            // what the code allows: the offer that was shown
	Also    string `json:"also,omitempty"` // another contact whom it goes to as well, where a mailbox is shared
}

// ActivationAsked is a person's wish that the new licence be activated, as its numbers were shown.
type ActivationAsked struct {
	CustID string `json:"cust_id"`
	Offer  string `json:"offer"` // Offer of what was shown
	By     string `json:"by,omitempty"`
}
