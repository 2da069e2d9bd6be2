package licence

import (
	"encoding/json"
	"time"
)

// History is what we did about an account: when each finding was first seen and each number
// last changed, what was mailed to whom, which tasks are open. It depends on the path that
// the facts took, by nature.
type History struct {
	Findings map[string]*Past       `json:"findings,omitempty"` // by fingerprint
	Numbers  map[string]Number      `json:"numbers,omitempty"`  // by what is counted
	Mailed   []Mailed               `json:"mailed,omitempty"`   // the latest, oldest first
	Episodes map[string]*Episode    `json:"episodes,omitempty"` // by recipient's address
	Pending  map[string]Effect      `json:"pending,omitempty"`  // what is in the outbox, by id
	Reads    map[string]ReadState   `json:"reads,omitempty"`    // by CustID in lower case
	Billed   map[string]BilledState `json:"billed,omitempty"`   // by billing sender that is read
	Nobody   map[Role]time.Time     `json:"nobody,omitempty"`   // when a mail to the role found nobody
	Desks    map[string]Desk        `json:"desks,omitempty"`    // work that no rule finds, by fingerprint
	Abroad   string                 `json:"abroad,omitempty"`   // the country whose banking days are not known, as the fleet was told
	Skipped  map[string]time.Time   `json:"skipped,omitempty"`  // contacts whose CRM user cannot log in, as last seen
	Unsent   map[string]Unsent      `json:"unsent,omitempty"`   // by address or desk: mails that its server does not take
	Barred   bool                   `json:"barred,omitempty"`   // our own mail server refuses us, and the fleet was told
	Threads  map[string]Thread      `json:"threads,omitempty"`  // by a task's fingerprint: its first mail
	Asks     map[string]Ask         `json:"asks,omitempty"`     // by fingerprint, what was told to an account that pays
	Drift    Drift                  `json:"drift,omitzero"`     // between what was told and what was read
	Asked    Stamp                  `json:"asked,omitzero"`     // that Profile.Asked was met
	Linked   map[string]Stamp       `json:"linked,omitempty"`   // of each whom a link is for, the latest wish that was met
	Coded    map[string]Stamp       `json:"coded,omitempty"`    // of each contact, the latest wish for a code
	Wanted   map[string]Stamp       `json:"wanted,omitempty"`   // of each CustID, the latest wish to activate
	Moving   map[string]Stamp       `json:"moving,omitempty"`   // of each CustID, what last owed that seats be moved
	Codes    []string               `json:"codes,omitempty"`    // of the findings that lists show
	Indexed  int                    `json:"indexed,omitempty"`  // the form of the terms by which it was last indexed

	later *later // what a program of a later version wrote beside
}

// A Past is what is remembered of a finding.
type Past struct {
	Code      Code         `json:"code"`
	Subject   Subject      `json:"subject"`
	FirstSeen time.Time    `json:"first_seen"`
	Noticed   time.Time    `json:"noticed"`
	Open      bool         `json:"open"`              // it stands, in any state
	State     FindingState `json:"state,omitempty"`   // as last seen
	Numbers   string       `json:"numbers,omitempty"` // as last seen, to tell when an answer lapses
	Changed   time.Time    `json:"changed,omitzero"`  // when the numbers last changed
	Apart     bool         `json:"apart,omitempty"`   // it is about another account's invoice
	Ahead     bool         `json:"ahead,omitempty"`   // it does not stand yet: it is upcoming
	Gone      time.Time    `json:"gone,omitzero"`     // when it ended
	Ended     time.Time    `json:"ended,omitzero"`    // when it had ended, before it came back
	Task      Task         `json:"task,omitzero"`
	Incident  bool         `json:"incident,omitempty"` // the fleet was told of it
	Warned    bool         `json:"warned,omitempty"`   // a warning was shown while it stood
	Seats     int          `json:"seats,omitempty"`    // of a surplus, how many were too many, at most
}

// A Task is the work that a finding gives somebody.
type Task struct {
	OpenedAt time.Time `json:"opened_at"`
	ClosedAt time.Time `json:"closed_at,omitzero"`
	Owner    Role      `json:"owner"`
	Beside   Role      `json:"beside,omitempty"`   // a desk that is told of it too
	Severity Severity  `json:"severity,omitempty"` // of its finding, as last seen
	Told     string    `json:"told,omitempty"`     // hash of what was last sent of it
	Unsure   bool      `json:"unsure,omitempty"`   // nobody knows whether the latest mail of it went
}

// A Number is when a counted thing came to its present value.
type Number struct {
	Value string    `json:"v"`
	Since time.Time `json:"since"`
	Was   string    `json:"was,omitempty"` // before that
}

// Mailed is one notice that went, or lies as a draft: about a finding, to a role.
type Mailed struct {
	Mail        string    `json:"mail"`
	Fingerprint string    `json:"fp"`
	To          Role      `json:"to"`
	Address     string    `json:"address"`
	At          time.Time `json:"at"`
	Day         Date      `json:"day"`             // the civil day at the customer's
	Draft       string    `json:"draft,omitempty"` // "": sent; else why it waits for a person: review, flood
	Over        bool      `json:"over,omitempty"`  // the finding has ended since: only the gap between two still counts
	Rank        int       `json:"rank"`
	Uncertain   bool      `json:"uncertain,omitempty"` // nobody knows whether it went
	Why         string    `json:"why,omitempty"`       // solved, thanks or link; "": a notice
	Solved      []Verify  `json:"solved,omitempty"`    // of a draft of these: what it tells
}

// An Episode is one conversation with one recipient. It ends at the verify of all that was
// mailed in it.
type Episode struct {
	To       Role              `json:"to"`
	Began    time.Time         `json:"began"`
	Thread   string            `json:"thread"`         // id of its first mail, as it is kept
	Case     string            `json:"case,omitempty"` // the number that its mails bear; "": each that of its first finding
	Mails    Thread            `json:"mails,omitzero"` // as the recipient has them
	Waits    map[string]Verify `json:"waits"`          // by fingerprint: what it would take
	Seen     []Verify          `json:"seen,omitempty"` // what of it was seen, by a version that kept it apart
	Verified []string          `json:"verified,omitempty"`
}

// A Thread is a conversation by mail: later mails name the first one as what they answer.
type Thread struct {
	First  string    `json:"first,omitempty"`  // its Message-ID, in its brackets
	Unsure bool      `json:"unsure,omitempty"` // nobody knows whether it went: the next one that surely goes takes its place
	At     time.Time `json:"at,omitzero"`      // of the latest
}

// Verify is what must be seen before a mailed finding is called solved.
type Verify struct {
	Kind    string         `json:"kind"` // activated, extended, paid, asked, gone
	CustID  string         `json:"cust_id,omitempty"`
	Expires Date           `json:"expires,omitempty"` // as mailed
	Totals  map[string]int `json:"totals,omitempty"`  // the new totals that were mailed
	Invoice string         `json:"invoice,omitempty"`
	Since   time.Time      `json:"since"`
	Thanked bool           `json:"thanked,omitempty"`
	Finding string         `json:"fp,omitempty"`   // fingerprint of what was mailed
	Seen    bool           `json:"seen,omitempty"` // it was seen once; whether it still is so is judged until the episode ends
}

// A ReadState is how far the reading of an installation has come.
type ReadState struct {
	Done    time.Time `json:"done,omitzero"` // begin of the latest that ended, well or not
	OK      bool      `json:"ok,omitempty"`
	Fails   int       `json:"fails,omitempty"`
	Next    time.Time `json:"next,omitzero"`     // not before this
	Unheard bool      `json:"unheard,omitempty"` // it does not post its webhooks to us, though it would let us have them
	Unfit   bool      `json:"unfit,omitempty"`   // what the latest gave is more than the account can hold
}

// Encode is the stored form of the history.
func (h *History) Encode() ([]byte, error) {
	return seal(h, h.later)
}

// Decode reads what Encode wrote.
func (h *History) Decode(b []byte) (err error) {
	h.later, err = open(b, h)
	return err
}

// A Desk is work that no rule finds: for ops, that the directory is behind, or a mail has nobody to
// go to; for support, that an installation which nobody can read needs new figures.
type Desk struct {
	Code    Code      `json:"code"` // directory, too-large, not-heard, without-plan, no-key, mail-uncertain, mail-refused or figures-needed
	Say     string    `json:"say"`  // of work for ops, which: converted, left, strayed, unlisted, read, billing, nobody, contact, exchange, mode, uncertain, refused
	Subject Subject   `json:"subject"`
	Noticed time.Time `json:"noticed"`
	Task    Task      `json:"task,omitzero"`
}

func (t Task) Open() bool { return !t.OpenedAt.IsZero() && t.ClosedAt.IsZero() }

// An Ask is what was told to the account that pays for a finding.
type Ask struct {
	Payer  string       `json:"payer"`
	Told   PaymentAsked `json:"told,omitzero"`   // as last told; without a Time: nothing was
	At     time.Time    `json:"at,omitzero"`     // of the latest reminder
	Nobody time.Time    `json:"nobody,omitzero"` // when nobody was found there who pays
}

func (h History) Clone() History {
	b, err := json.Marshal(h)
	var c History
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil {
		panic(err) // unreachable: history is plain data
	}
	c.later = h.later
	if c.Findings == nil {
		c.Findings = map[string]*Past{}
	}
	if c.Numbers == nil {
		c.Numbers = map[string]Number{}
	}
	if c.Pending == nil {
		c.Pending = map[string]Effect{}
	}
	if c.Reads == nil {
		c.Reads = map[string]ReadState{}
	}
	if c.Billed == nil {
		c.Billed = map[string]BilledState{}
	}
	if c.Nobody == nil {
		c.Nobody = map[Role]time.Time{}
	}
	if c.Desks == nil {
		c.Desks = map[string]Desk{}
	}
	if c.Linked == nil {
		c.Linked = map[string]Stamp{}
	}
	if c.Coded == nil {
		c.Coded = map[string]Stamp{}
	}
	if c.Moving == nil {
		c.Moving = map[string]Stamp{}
	}
	if c.Wanted == nil {
		c.Wanted = map[string]Stamp{}
	}
	if c.Unsent == nil {
		c.Unsent = map[string]Unsent{}
	}
	if c.Threads == nil {
		c.Threads = map[string]Thread{}
	}
	if c.Skipped == nil {
		c.Skipped = map[string]time.Time{}
	}
	if c.Asks == nil {
		c.Asks = map[string]Ask{}
	}
	if c.Episodes == nil {
		c.Episodes = map[string]*Episode{}
	}
	return c
}

// Refused is what a mail server said when it did not take a mail. The mail has not gone.
type Refused struct {
	Final bool   // it said no for good
	Ours  bool   // it is about us, or about our own mail server, and not about whom the mail is for
	Said  string // in its own words, without addresses
}

// Unsent is how it stands with the mails to an address, or to a desk, that its mail server does
// not take. The first one that it takes ends it.
type Unsent struct {
	To    Role      `json:"to"`
	Why   string    `json:"why"`             // of the latest mail, as in its effect
	About []About   `json:"about,omitempty"` // of the latest mail
	Since time.Time `json:"since"`           // of the first try
	At    time.Time `json:"at"`              // of the latest
	Tries int       `json:"tries"`
	Next  time.Time `json:"next"` // nothing goes there before
	Final bool      `json:"final,omitempty"`
	Ours  bool      `json:"ours,omitempty"`
	Said  string    `json:"said,omitempty"`
}

// Bars tells whether mails go to somebody else meanwhile.
func (u Unsent) Bars(now time.Time) bool { return u.Final && !u.Ours && u.Next.After(now) }

// Ends is when it is forgotten, if no mail is tried before.
func (u Unsent) Ends() time.Time {
	if u.Final && !u.Ours {
		return u.Next
	}
	return u.At.Add(Week)
}

// Reason is what a mail waits for that did not go.
func (u Unsent) Reason() string {
	if u.Final {
		return "refused"
	}
	return "retry"
}
