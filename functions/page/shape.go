package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"sync"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// stylePath is where the one stylesheet of all pages is served. The pages carry a policy that
// allows nothing else.
const stylePath = "/r/style.css"

//go:embed style.css
var css []byte

// Where the forms of a page post to, below its base.
const (
	checkPath     = "/check"     // read again
	sessionPath   = "/session"   // show names, choices and actions
	answerPath    = "/answer"    // fingerprint, answer (as in finding.answered), note
	colleaguePath = "/colleague" // fingerprint, contact
	paidPath      = "/paid"      // fingerprint, paid_on, reference
	screenPath    = "/screen"    // cust_id, offer (waits, active, none), same (yes, no), expires, in_use.<plan> and new.<plan> of each plan, asked, confirm
	takeBackPath  = "/takeback"  // cust_id: what was said of its screen
	mailStepsPath = "/mailsteps" // mail me the steps, for a computer
	newLinkPath   = "/new-link"
	choosePath    = "/choose"   // fingerprint, user (several), to (a plan); drop (a user); all; then (steps)
	skipPath      = "/skip"     // fingerprint, user: needs no new plan
	loadedPath    = "/loaded"   // cust_id, expires: a licence was loaded from a file
	movePath      = "/move"     // fingerprint, choice, n, code: do what is chosen
	codePath      = "/code"     // cust_id, or fingerprint of what is chosen: mail me a code; also: a contact whom it goes to as well
	activatePath  = "/activate" // cust_id, offer, code
)

// Data is what a page is made of.
type Data struct {
	// Kind is "" for the page behind a link, or one of: seats, steps, activate, list, screen (of a Cure);
	// solved, nothing, expired, revoked, broken, fault, help, new-link, links-sent, no-link,
	// link-held, link-later.
	Kind     string
	Base     string // the page's own path, below which its forms post
	Operator words.Operator
	Account  string // the customer's name
	Zone     *time.Location
	Now      time.Time
	View     words.View // drawn for the role that the link is for
	Bars     []Bar
	Reads    bool      // some installation lets us read its licence: "Check again"
	ReadAt   time.Time // the last reading of the licence; zero: none yet
	StatedBy string    // who read it off the screen, where it was a person
	Ask      *Screen   // what the Licences screen says today is asked first of all; nil: it need not be
	Over     bool      // and what was told of it counts no longer: the page is that question
	Stands   *Stood    // what a person said and can take back; nil: nothing
	Checked  *Checked  // what "Check again" has brought
	Hands    bool      // a colleague could do it instead
	Opened   bool      // the ways out are open: that is what was pressed
	Session  *Session  // nil: no names, no choices
	Solved   []words.Solved
	Help     Help
	Cure     *Cure
	Given    *Given            // of a swap that goes on after the activation
	Done     *Done             // the licence was made to renew lately
	Begun    map[string]Begun  // by fingerprint: who is on it, and how far
	Finished []Freed           // what was chosen, and is done, while the matter goes on
	Notice   string            // key of a line that says why the reader is here again
	Faults   []Fault           // what was typed and cannot be used
	Typed    map[string]string // by field
}

// Given is how many of a swap have their new plan, and how many have neither the old one nor the new.
type Given struct {
	Fingerprint, From, To string
	Done, Of, Left        int
	Midway                bool // some hold the old plan still
	Waits                 bool // the new licence is to be activated first
	Here                  bool // and that is done on a page of ours
}

// Freed is how many have given up a plan.
type Freed struct {
	Plan  string
	Count int
}

// Begun is that somebody is on a finding.
type Begun struct {
	By       string
	At       time.Time
	Mine     bool
	Done, Of int
}

// A Fault is a field of a form that cannot be used: its sentence is page.fault.<Key>.
type Fault struct{ Field, Key string }

// A Bar shows one plan: who holds it against what is offered, ordered and in force. A number
// that is not known is nil.
type Bar struct {
	Subject                           licence.Subject
	Name                              string
	Assigned, Offered, Ordered, Total *int
	Sooner                            bool // the new licence ends before the one in force: nobody has to fit into it
	Reduced                           *int // what a smaller order leaves, where a finding says so
}

// Checked is what a new reading has changed.
type Checked struct {
	Failed  bool // SuperOffice did not answer
	Pending bool // it is being read
	Plans   []Moved
	Active  licence.Date // the new licence is active, and until when
}

// Moved is one plan before and after a reading.
type Moved struct {
	Name          string
	Before, After int
	Over          int // how many are still too many
}

// A Session is what is shown only after somebody has asked for it: names, choices, actions.
type Session struct {
	Seats      []Seats
	Colleagues []licence.Contact // who could do it instead
	Screen     *Screen           // the form that stands in for a reading
}

// Seats are the people who hold what a finding is about, the best to free first.
type Seats struct {
	Fingerprint string
	Holders     []Holder
	More        int // who are not shown
}

// A Holder is a person with a seat.
type Holder struct {
	User     licence.User
	Blockers []licence.Blocker // as seats.Blocked has them
}

// Screen asks for what SuperOffice shows where nobody can read it for the customer, with what is
// known of it.
type Screen struct {
	CustID, Address string
	Several         bool // the customer has others in production
	Plans           []ScreenLine
	Day             licence.Date // of which day that is; "": nothing is known
	Expires, New    licence.Date // when the licence ends, and the new one that waits
	Offered         bool         // a new one waits
}

// A ScreenLine is one plan: how many are in use, and in the new licence that waits; nil: not known.
type ScreenLine struct {
	Plan, Name string
	InUse      int
	New        *int
}

// Stood is what a person said and can take back: of a screen, which does not count yet; or that an invoice is paid, or
// an answer to a finding.
type Stood struct {
	CustID, By           string
	Invoice, Fingerprint string
	Mine                 bool
	At, Counts           time.Time
}

// Help is the page for the person who reads the warning: what was pasted, and the answer.
type Help struct{ Value, Answer string }

// Render writes a page.
func Render(l *words.Language, w io.Writer, p Data) error {
	if p.Zone == nil {
		p.Zone = time.UTC
	}
	m := pageModel{Data: p, Voice: l.Voice(p.Zone, p.Now), Style: stylePath, Lang: l.Tag}
	m.build()
	var b bytes.Buffer
	name := "page"
	if p.Kind != "" {
		name = "plain"
	}
	switch p.Kind {
	case "help", "seats", "steps", "activate", "list", "screen":
		name = p.Kind
	}
	if err := pages().ExecuteTemplate(&b, name, &m); err != nil {
		return fmt.Errorf("page %s: %w", p.Kind, err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

//go:embed page.html cure.html screen.html
var pageFiles embed.FS

// pages are parsed when the first is shown.
var pages = sync.OnceValue(func() *template.Template { return template.Must(template.ParseFS(pageFiles, "*.html")) })
