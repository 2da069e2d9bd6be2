package licence

import (
	"encoding/json"
	"fmt"
	"time"
)

// A Role is who has to act: at the customer, or at the operator.
type Role string

const (
	EndUser Role = "user"
	Admin   Role = "admin"
	Billing Role = "billing"
	Partner Role = "partner"

	Support Role = "support"
	Finance Role = "finance"
	Sales   Role = "sales"
	Ops     Role = "ops"

	Nobody Role = "nobody"
)

// Customer tells whether the role is one of the customer's people, to whom mails may go.
func (r Role) Customer() bool { return r == Admin || r == Billing || r == Partner }

// Operator tells whether the role is a desk of the operator's.
func (r Role) Operator() bool { return r == Support || r == Finance || r == Sales || r == Ops }

// A Kind is a kind of effect.
type Kind string

const (
	Mail     Kind = "mail"
	Read     Kind = "read"
	TaskSent Kind = "task"
	Activate Kind = "activate"
	Move     Kind = "move"     // take seats from people, or give them, as a person has chosen
	Match    Kind = "unpark"   // fold what was parked for the account
	Index    Kind = "index"    // write the search terms
	Prune    Kind = "prune"    // drop the rows of an old roster
	SignIn   Kind = "sign-in"  // mail a link to one of the operator's people; no address: nobody asked who is known
	Incident Kind = "incident" // tell the fleet that a source is silent here, or is heard again
	Release  Kind = "release"  // give up names that the directory no longer lists
	AskPayer Kind = "ask"      // tell another account what it is asked to pay for this one
	Count    Kind = "count"    // what a person read off a screen counts from now on
	Forward  Kind = "forward"  // copy an answer that came by mail to where the operator reads
	DeskList Kind = "list"     // mail a desk what waits for it, each banking day on which something does
	ReadBack Kind = "billing"  // read at a billing system what a webhook hinted at, or all of a customer's
)

// ListDrafts is the code of the list of mails that wait for a person.
const ListDrafts = "drafts"

// An Effect is something to be done outside. It lies in the outbox from the commit that owes
// it to the commit that has done it.
type Effect struct {
	ID      string        `json:"id"` // sorts by age; given by the commit that adds it
	Kind    Kind          `json:"kind"`
	Ripe    time.Time     `json:"ripe"` // not before
	CustID  string        `json:"cust_id,omitempty"`
	To      Role          `json:"to,omitempty"`
	Contact string        `json:"contact,omitempty"` // of a mail with a link or a code: the one contact whom it is for; see Named
	About   []About       `json:"about,omitempty"`
	Why     string        `json:"why,omitempty"`    // of a mail: notice, solved, link, thanks, code
	Code    string        `json:"code,omitempty"`   // of a copy the id of what is copied; of a task or a list; of an activation the Offer that was shown; of a move the finding's fingerprint; of a count the id of the statement; of a solved mail its case
	By      string        `json:"by,omitempty"`     // of an activation or a move: who asked for it; of a code that goes to another contact as well: the one who asked
	Source  string        `json:"source,omitempty"` // of an incident: the source, or the country; of its task; of a list: the desk's time zone
	Solved  []Verify      `json:"solved,omitempty"`
	Address string        `json:"address,omitempty"` // whom it is for, as it looks now; of a solved mail: who was mailed before
	Thread  string        `json:"thread,omitempty"`  // of a solved mail: Message-ID of the first mail of the conversation that it ends
	Draft   string        `json:"draft,omitempty"`   // id of the draft that a person sends or drops
	Names   []Name        `json:"names,omitempty"`
	Account string        `json:"account,omitempty"` // of an ask: the account that pays
	Asked   *PaymentAsked `json:"asked,omitempty"`
	Roster  string        `json:"roster,omitempty"`
	Object  *Hint         `json:"object,omitempty"` // of a read at a billing system, whose name is Source; nil: all of the customer's
	Sending time.Time     `json:"sending,omitzero"` // a mail that has been handed to the sender
	Told    bool          `json:"told,omitempty"`   // of a task: its event has been published; of a list: the latest found nothing to list
	Fails   int           `json:"fails,omitempty"`
}

// Once tells whether the effect must not be repeated: it goes by mail, and no mail server takes
// one back.
func (e Effect) Once() bool {
	return e.Kind == Mail || e.Kind == TaskSent || e.Kind == SignIn || e.Kind == DeskList || e.Kind == Forward
}

// Named is the contact whom a mail with a link or a code is for; "": whoever has the address, or the
// role. An effect of an earlier version has the contact where the role stands: what reads like a
// role is one, save for a code, which no role was ever owed.
func (e Effect) Named() string {
	if e.Contact == "" && e.Address == "" && (e.Why == "code" || e.Why == "link" && !e.To.Customer()) {
		return string(e.To)
	}
	return e.Contact
}

// Is tells whether the effect is as another hand read it: not done, and not taken by anybody since.
func (e Effect) Is(read Effect) bool {
	return e.ID == read.ID && e.Sending.Equal(read.Sending) && e.Fails == read.Fails
}

// About is one thing that a mail or task is about.
type About struct {
	Fingerprint string `json:"fp"`
	To          Role   `json:"to,omitempty"`
	Rank        int    `json:"rank,omitempty"`
	Verify      Verify `json:"verify,omitzero"`
}

// Result is what an executor did with an effect. It enters History, never Known.
type Result struct {
	Effect  Effect
	At      time.Time
	Outcome string // sent, draft, nobody, uncertain, failed, done
	Address string // of a mail that was sent or drafted
	Mail    string // its id
	// MessageID is what the mail was sent under, in its brackets.
	MessageID string
	Role      Role      // whom it reached, where that differs from whom it was owed to
	Retry     time.Time // failed: not before
	Refused   *Refused  // failed: what a mail server said; nil: it was not that
	Unfit     bool      // failed: what was learned is more than the account can hold
	Unheard   bool      // of a read of an installation: it was to post its webhooks to us, and does not
	Found     int       // of a read of all that is billed: how many things were otherwise than told
	Rows      []Row     // written by the very commit that marks it done
	Claim     []Name    // names of links
	Looked    []string  // contacts whose CRM user was looked up, and
	Skipped   []string  // those of them who cannot log in
}

// A Row is a mail, a task or a link as it is kept for people and pages.
type Row struct {
	Kind string // "mail", "task", "link", "choice", "audit"
	ID   string
	Body json.RawMessage
	Ends time.Time // dropped some time after; zero: kept
	Gone bool      // delete it
}

// A RowKey names a row of an account.
type RowKey struct{ Kind, ID string }

// A Change is all that one step writes: all of it or nothing.
type Change struct {
	Account string
	N       int64 // the state was loaded at N and is written as N+1
	Fact    *Fact // nil: no fact, time alone has passed, or an effect was done
	Known   Known
	Parts   []Part // those of Known that changed
	History History
	Seats   []Seat
	Add     []Effect // without ids: they are <n>-<i>
	Drop    []string // ids of effects
	Rows    []Row
	Claim   []Name    // names that from now on lead here
	Release []Name    // names that lead here no longer
	Due     time.Time // when to look again; zero: never
	Entry   Entry     // what lists show
	Faults  []Fault   // of our own rules, for the log
}

// MaxActions is how many items one commit may write, in any store.
const MaxActions = 100

// Actions is how many items the change writes as it stands.
func (c *Change) Actions() int {
	n := 1 + len(c.Claim) + len(c.Release) + len(c.Parts) + len(c.Seats) + len(c.Add) + len(c.Drop) + len(c.Rows)
	if c.Fact != nil {
		n++
		if c.Fact.Sent() {
			n++ // its id
		}
	}
	return n
}

// A Fault is a rule that broke, and where: an error of ours, which makes the rule say unknown.
type Fault struct {
	Rule  Code
	Stack string
}

// An Outcome is what became of a fact.
type Outcome struct {
	Account string
	Result  string // applied, unchanged, duplicate, parked; overtaken: it was decided on what is no longer so
	// Effects tells whether something is owed now, so that whoever called may wake the delivery.
	Effects bool
}

// EffectID sorts effects by age.
func EffectID(n int64, i int) string { return fmt.Sprintf("%012d-%03d", n, i) }
