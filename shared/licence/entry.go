package licence

import (
	"cmp"
	"time"
)

// Entry is what a list shows of an account without reading it whole.
type Entry struct {
	Account string     `json:"account"`
	Name    string     `json:"name"`
	Summary Summary    `json:"summary"`
	Phase   LapsePhase `json:"phase"`
	Codes   []Code     `json:"codes"`
	ActBy   Date       `json:"act_by,omitempty"`
	AsOf    Date       `json:"as_of,omitempty"`  // of which day the figures are by which ActBy was known, where they count no more
	Owners  []Role     `json:"owners,omitempty"` // who has something to do
	Drafts  int        `json:"drafts,omitempty"` // mails that wait for a person
	Erased  bool       `json:"erased,omitempty"` // of the customer nothing but the audit is there
	// Figures is when its licence ends, where somebody must tell anew what that says, and support is to
	// know; Never: nobody told when.
	Figures Date `json:"figures,omitempty"`
	Without int  `json:"without,omitempty"` // how many an exchange of plans left without one: support is to help

	Lang     string      `json:"lang,omitempty"`     // that the customer reads
	CustID   string      `json:"cust_id,omitempty"`  // of the first production installation
	Hosting  string      `json:"hosting,omitempty"`  // of it: online or onsite
	Assigned string      `json:"assigned,omitempty"` // who of the operator's people has it
	Contact  Date        `json:"contact,omitempty"`  // the day of the latest mail that went, or of what a person said
	Ahead    []Coming    `json:"ahead,omitempty"`    // what will come to hold, the soonest first, at most MaxAhead
	Found    []Found     `json:"found,omitempty"`    // the latest MaxFound that were somebody's to mend, the newest first
	Mails    []MailCount `json:"mails,omitempty"`    // of the latest MaxWeeks weeks with any
	Drift    Drift       `json:"drift,omitzero"`
}

// Bounds of an entry, which two indexes carry.
const (
	MaxAhead = 3
	MaxFound = 12
	MaxWeeks = 13
)

// A Coming is what known facts say will hold from a day on.
type Coming struct {
	Code Code `json:"c"`
	Day  Date `json:"d"`
}

// A Found is a finding that was somebody's to mend: for figures. Days are the customer's.
type Found struct {
	Code   Code `json:"c"`
	Owner  Role `json:"o"`
	From   Date `json:"f"`           // since when it was so
	To     Date `json:"t,omitempty"` // when it had ended; "": it stands
	Mailed Date `json:"m,omitempty"` // when the first mail about it went
	Warned bool `json:"w,omitempty"` // a warning was shown meanwhile
	Seats  int  `json:"n,omitempty"` // of a surplus: how many were too many, at most
}

// A MailCount counts the mails of a week by what became of them. One that went is counted as Sent, and
// as Cured too where all that it was about has ended since.
type MailCount struct {
	Week    Date `json:"w"` // its Monday
	Sent    int  `json:"s,omitempty"`
	Cured   int  `json:"c,omitempty"`
	Unsure  int  `json:"u,omitempty"` // nobody knows whether it went
	Dropped int  `json:"d,omitempty"` // a draft that did not go
	Waiting int  `json:"q,omitempty"` // a draft that waits
}

// MondayOf is the Monday of the week of a day.
func MondayOf(d Date) Date {
	t := d.Start(time.UTC)
	return d.Add(-(int(t.Weekday()+6) % 7))
}

// Brief is the entry without what figures are made of.
func (e Entry) Brief() Entry {
	e.Found, e.Mails, e.Drift = nil, nil, Drift{}
	return e
}

// Due is by when somebody must act; "" too where what was found is nobody's to mend but a user's.
func (e Entry) Due() Date {
	if e.AllWell() {
		return ""
	}
	return e.ActBy
}

// AllWell tells whether nothing is to be done at a customer.
func (e Entry) AllWell() bool { return e.Summary == AllWell && e.Without == 0 }

// Causes are the codes of what was found, and that somebody is without a plan, which no rule finds.
func (e Entry) Causes() []Code {
	if e.Without == 0 {
		return e.Codes
	}
	return append([]Code{WithoutPlan}, e.Codes...)
}

// Place orders the cases of a desk: what has a day on which acting still helps comes first, the
// nearest of all. It is "" where nothing was found, nothing is in doubt, and nothing waits.
func (e Entry) Place() string {
	if len(e.Causes()) == 0 && e.Drafts == 0 && e.Figures == "" && (e.Summary == AllWell || e.Summary == "") {
		return ""
	}
	day := cmp.Or(string(e.Due()), "9999")
	return day + " " + e.Account
}
