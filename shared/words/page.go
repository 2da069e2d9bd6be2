package words

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strings"
	"time"

	"seatmend/shared/licence"
)

// StylePath is where the one stylesheet of all pages is served; CSS is what is served there.
// The pages carry a policy that allows nothing else.
const StylePath = "/r/style.css"

// CSS is the stylesheet.
func CSS() []byte {
	css, err := files.ReadFile("style.css")
	if err != nil {
		panic(err) // unreachable: it is embedded
	}
	return css
}

// Where the forms of a page post to, below its base.
const (
	CheckPath     = "/check"     // read again
	SessionPath   = "/session"   // show names, choices and actions
	AnswerPath    = "/answer"    // fingerprint, answer (as in finding.answered), note
	ColleaguePath = "/colleague" // fingerprint, contact
	PaidPath      = "/paid"      // fingerprint, paid_on, reference
	ScreenPath    = "/screen"    // cust_id, offered (yes, no), expires, and in_use.<plan> of each plan
	NewLinkPath   = "/new-link"
	ChoosePath    = "/choose"   // fingerprint, user (several), to (a plan); drop (a user); all; way
	SkipPath      = "/skip"     // fingerprint, user: needs no new plan
	LoadedPath    = "/loaded"   // cust_id, expires: a licence was loaded from a file
	CodePath      = "/code"     // cust_id: mail me a code
	ActivatePath  = "/activate" // cust_id, offer, code
	HelpPath      = "/help"     // value: what was pasted
)

// PageData is what a page is made of.
type PageData struct {
	// Kind is "" for the page behind a link, or one of: seats, steps, activate, list (of a Cure);
	// solved, nothing, expired, revoked, broken, fault, help.
	Kind     string
	Base     string // the page's own path, below which its forms post
	Operator Operator
	Account  string // the customer's name
	Zone     *time.Location
	Now      time.Time
	View     View // drawn for the role that the link is for
	Bars     []Bar
	Reads    bool      // some installation lets us read its licence: "Check again"
	ReadAt   time.Time // the last reading of the licence; zero: none yet
	StatedBy string    // who read it off the screen, where it was a person
	Checked  *Checked  // what "Check again" has brought
	Session  *Session  // nil: no names, no choices
	Solved   []Solved
	Help     Help
	Cure     *Cure
	Given    *Given            // of a swap that goes on after the activation
	Done     *Done             // the licence was made to renew lately
	Begun    map[string]Begun  // by fingerprint: who is on it, and how far
	Notice   string            // key of a line that says why the reader is here again
	Faults   []Fault           // what was typed and cannot be used
	Typed    map[string]string // by field
}

// Given is how many of a swap have their new plan.
type Given struct {
	Fingerprint, To string
	Done, Of        int
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
	Requests int               // open ones
	Blockers []licence.Blocker // beside those of the user: last-admin, reader, scim-managed
}

// Screen asks for what SuperOffice shows where nobody can read it for the customer.
type Screen struct {
	CustID string
	Plans  []licence.Plan
}

// Help is the page for the person who reads the warning: what was pasted, and the answer.
type Help struct{ Value, Answer string }

// Page writes a page.
func (l *Language) Page(w io.Writer, p PageData) error {
	m := pageModel{PageData: p, voice: l.voice(p.Zone, p.Now), Style: StylePath, Lang: l.Tag}
	m.build()
	var b bytes.Buffer
	name := "page"
	if p.Kind != "" {
		name = "plain"
	}
	switch p.Kind {
	case "help", "seats", "steps", "activate", "list":
		name = p.Kind
	}
	if err := pages.ExecuteTemplate(&b, name, &m); err != nil {
		return fmt.Errorf("page %s: %w", p.Kind, err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// Shell puts the operator's own pages, such as those of the local run, into the same dress.
// The body begins after the one h1, which is the title.
func (l *Language) Shell(title string, body template.HTML) []byte {
	m := pageModel{voice: l.voice(nil, time.Time{}), Style: StylePath, Lang: l.Tag, Title: title, Body: body}
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, "shell", &m); err != nil {
		panic(err) // unreachable: the template takes any title and body
	}
	return b.Bytes()
}

var pages = template.Must(template.ParseFS(files, "page.html", "cure.html"))

// A pageModel is the page in words.
type pageModel struct {
	PageData
	voice
	Style, Lang, Title string
	Body               template.HTML
	Head, Lead         string
	Why, Also          []card
	Ahead              []card
	Rest               []bar
	Boxed              []string // what "Check again" has brought
	Read               string
	Foot               []string
	Plain              []string
	Giving             *task // of a swap that goes on: how many have their new plan
	InWords            cureView
	Tasks              []task
	Ended              []string // what has become of it
	Open               string   // the button that opens the session
	Goes               bool     // a card has a page of its own
	Acts               bool     // there is something for the reader to do: that button comes first
}

// Linked is a step whose addresses can be followed.
func (m *pageModel) Linked(step string) template.HTML {
	return template.HTML(address.ReplaceAllString(template.HTMLEscapeString(step), `<a href="$0" rel="noreferrer">$0</a>`))
}

// An address is one of those that the directory or a billing system gave: it ends before the
// full stop or comma of its sentence.
var address = regexp.MustCompile(`https://[A-Za-z0-9._~/?=%-]*[A-Za-z0-9/]`)

// T says a sentence of the page that needs no more than who and when.
func (m *pageModel) T(key string) string {
	if m.Cure != nil {
		return m.say(m.cureArgs(), "page."+key)
	}
	return m.say(m.args(), "page."+key)
}

func (m *pageModel) args() args {
	o := m.Operator
	return args{"operator": o.Name, "phone": o.Phone, "hours": o.Hours, "reply": o.ReplyTo, "account": m.Account,
		"read": m.ReadAt, "by": m.StatedBy}
}

// A card is one finding on the page.
type card struct {
	Finding
	Badge   string
	Bar     *bar
	First   *Remedy
	Others  []Remedy
	Holders []row
	More    string
	Ask     bool // two buttons: which number is right
	Pay     bool // a form: paid already
	Exits   bool
	Acts    bool // it is the reader's, who may have done it, or let a colleague do it
	Page    *pageModel
	Load    bool   // a file was to be loaded, and nobody can read the licence
	Who     string // somebody is on it, and since when
	Back    string // it had ended, and has come back
	Go      string // the page on which it is done, below the base; "": none
	GoText  string
	Begun   bool
	Ours    string // our own people have it, under which number, and with what
}

// A row is one holder.
type row struct {
	User, Name, Reason string
	Blocked            []blocked
}

type blocked struct{ What, Cure string }

func (m *pageModel) build() {
	m.foot()
	switch m.Kind {
	case "":
	case "solved":
		m.solved()
		return
	case "seats", "steps", "activate", "list":
		m.cure()
		return
	default:
		m.Head = m.T(m.Kind + ".head")
		m.Plain = []string{m.T(m.Kind + ".text")}
		m.Title = m.Head
		return
	}
	m.Head = m.View.Head
	m.Title = m.Head
	m.Lead = m.say(nil, "page.phase."+m.View.Phase, "page.phase.ok")
	if m.View.Trial {
		m.Lead = m.say(nil, "page.phase.trial")
	}
	if closed(m.View) {
		m.Lead = m.say(nil, "page.phase.closed")
	}
	used := map[licence.Subject]bool{}
	for _, f := range m.View.Findings {
		c := m.card(f)
		if c.Bar != nil {
			used[f.Subject] = true
		}
		if m.first(f) {
			m.Why = append(m.Why, c)
		} else {
			m.Also = append(m.Also, c)
		}
	}
	for _, f := range m.View.Upcoming {
		c := m.card(f)
		c.Exits, c.Badge = false, m.say(f.args, "page.badge.ahead")
		m.Ahead = append(m.Ahead, c)
	}
	for _, b := range m.Bars {
		if !used[b.Subject] {
			m.Rest = append(m.Rest, m.bar(b, len(m.Rest)+100, nil))
		}
	}
	m.boxed()
	m.tasks()
	m.done()
	switch {
	case m.ReadAt.IsZero():
		m.Read = m.T("read.never")
	case m.StatedBy != "" && m.Session == nil:
		m.Read = m.T("read.told")
	case m.StatedBy != "":
		m.Read = m.T("read.stated")
	default:
		m.Read = m.T("read")
	}
	for _, c := range append(append([]card{}, m.Why...), m.Also...) {
		m.Acts = m.Acts || c.Mine && len(c.BlockedBy) == 0
		m.Goes = m.Goes || c.Go != ""
	}
	switch {
	case m.Goes:
		m.Open = m.T("open.exits")
	case m.Acts:
		m.Open = m.T("open")
	default:
		m.Open = m.T("open.other")
	}
}

// first tells whether a finding stands on top: it is why the warning is shown, or there is no
// warning to be explained, or nothing else matters before it.
func (m *pageModel) first(f Finding) bool {
	return len(f.Explains) > 0 || m.View.Phase == licence.PhaseOK || f.Code == "suspended" && f.State == "open"
}

func (m *pageModel) card(f Finding) card {
	c := card{Finding: f, Page: m}
	c.Badge = m.say(nil, "page.badge."+f.State, "page.badge.open")
	if f.State == "open" {
		c.Badge = m.say(nil, "page.badge."+string(f.Owner), "page.badge.open")
		if f.Mine {
			c.Badge = m.say(nil, "page.badge.mine")
		}
	}
	for i, b := range m.Bars {
		if b.Subject == f.Subject {
			x := m.bar(b, i, reduced(f))
			c.Bar = &x
		}
	}
	if f.Mine && len(f.Remedies) > 0 {
		c.First = &f.Remedies[0]
		for _, r := range f.Remedies[1:] {
			// What is said with a button waits for the session; paying has a form of its own.
			if m.Session != nil && r.ID != "claim" || r.ID == "move" || r.ID == "order" || r.ID == "free-activate-give" || r.ID == "load-file" {
				c.Others = append(c.Others, r)
			}
		}
	}
	if f.Code == "order-differs" {
		c.First, c.Others = nil, nil
	}
	m.begun(&c)
	c.Load = f.Code == "not-fetched" && f.State == "open"
	s := m.Session
	if s == nil {
		return c
	}
	c.Ask = f.Mine && f.Code == "order-differs"
	c.Pay = (f.Code == "invoice-overdue" || f.Code == "payment-awaited") && m.View.Reader == licence.Billing && f.State == "open"
	c.Exits = f.State == "open" || f.State == "waiting" || f.State == "verifying"
	c.Acts = f.State == "open" && f.Mine
	for _, seats := range s.Seats {
		if seats.Fingerprint != f.Fingerprint {
			continue
		}
		for _, h := range seats.Holders {
			c.Holders = append(c.Holders, m.row(h))
		}
		if seats.More > 0 {
			c.More = m.say(args{"more": seats.More}, "page.more")
		}
	}
	return c
}

// begun says who is on it, and where it is done.
func (m *pageModel) begun(c *card) {
	b, ok := m.Begun[c.Fingerprint]
	a := args{"by": b.By, "at": b.At, "ended": c.Ended}
	if b.Of > 0 {
		a["done"], a["of"] = b.Done, b.Of
	}
	switch c.Begun = b.Of > 0; {
	case ok && b.Mine:
		c.Who = m.say(a, "page.begun.mine")
	case ok && m.Session == nil:
		c.Who = m.say(a, "page.begun.somebody") // names wait for the session
	case ok:
		c.Who = m.say(a, "page.begun")
	}
	if !c.Ended.IsZero() && m.now.Sub(c.Ended) < 60*24*time.Hour {
		c.Back = m.say(a, "page.back-again")
	}
	if c.Owner.Operator() && c.State == "open" {
		c.Ours = m.say(args{"case": c.Case}, "page.ours")
	}
	if !c.Mine || m.View.Reader == licence.Billing {
		return
	}
	switch c.Code {
	case "surplus", "plan-swap":
		c.Go, c.GoText = "seats/"+c.Fingerprint, m.say(nil, "page.go."+c.Code)
	case "not-activated":
		if len(c.BlockedBy) == 0 {
			c.Go, c.GoText = "activate/"+c.Subject.CustID, m.say(nil, "page.go.activate")
		}
	}
}

// reduced is what a smaller order leaves, where it is that which makes a surplus.
func reduced(f Finding) *int {
	n, ok := f.args["ordered"].(int)
	if f.Code == "surplus" && ok && (f.say == "c" || f.say == "c-suite" || f.Starts != "") {
		return &n
	}
	return nil
}

// row says why a holder stands where it stands, and what is in the way.
func (m *pageModel) row(h Holder) row {
	u := h.User
	a := args{"since": licence.DateOf(u.LastActive, m.zone), "created": u.Created}
	if !u.Created.IsZero() {
		a["created"] = licence.DateOf(u.Created, m.zone)
	}
	reason := "active"
	switch {
	case !u.CanLogin:
		reason = "no-login"
	case u.Waiting:
		reason = "waiting"
	case u.Activity == "never" && !u.Created.IsZero() && u.Created.After(m.now.Add(-licence.TooNew)):
		reason = "new"
	case u.Activity == "never":
		reason = "never"
	case u.Activity == "unknown" || u.LastActive.IsZero():
		reason = "unknown"
	case u.LastActive.Before(m.now.Add(-licence.Idle)):
		reason = "idle"
	}
	out := row{User: u.ID, Name: u.Name, Reason: m.say(a, "reason."+reason)}
	if out.Name == "" {
		out.Name = u.Email
	}
	all := append([]licence.Blocker{}, h.Blockers...)
	if h.Requests > 0 {
		all = append(all, licence.Blocker{Code: "open-requests", Count: h.Requests})
	}
	if u.Protected {
		all = append(all, licence.Blocker{Code: "protected"})
	}
	if u.LeaveUntil != "" && u.LeaveUntil.Start(m.zone).After(m.now) {
		all = append(all, licence.Blocker{Code: "on-leave"})
	}
	seen := map[string]bool{}
	for _, b := range append(all, u.Blockers...) {
		if !seen[b.Code] {
			seen[b.Code] = true
			a := args{"count": b.Count, "until": u.LeaveUntil}
			out.Blocked = append(out.Blocked, blocked{m.say(a, "blocker."+b.Code, "blocker."), m.say(a, "cure."+b.Code, "cure.")})
		}
	}
	return out
}

func (m *pageModel) boxed() {
	c := m.Checked
	switch {
	case c == nil:
		return
	case c.Pending:
		m.Boxed = []string{m.T("checked.pending")}
		return
	case c.Failed:
		m.Boxed = []string{m.T("checked.failed")}
		return
	}
	for _, p := range c.Plans {
		a := args{"plan": p.Name, "before": p.Before, "after": p.After, "over": p.Over}
		key := "page.checked.same"
		switch {
		case p.After < p.Before:
			key = "page.checked.fewer"
			a["moved"] = p.Before - p.After
		case p.After > p.Before:
			key = "page.checked.more"
			a["moved"] = p.After - p.Before
		}
		line := m.say(a, key)
		if p.Over > 0 {
			line += " " + m.say(a, "page.checked.over")
		} else {
			line += " " + m.say(a, "page.checked.fits")
		}
		m.Boxed = append(m.Boxed, line)
	}
	if c.Active != "" {
		m.Boxed = append(m.Boxed, m.say(args{"until": c.Active}, "page.checked.active"))
	}
	if len(m.Boxed) == 0 {
		m.Boxed = []string{m.T("checked.nothing")}
	}
}

func (m *pageModel) solved() {
	a := m.args()
	for i, s := range m.Solved {
		a := a.with("until", s.Until).with("before", s.Before)
		if i == 0 {
			m.Head = m.say(a, "page.solved.head")
		}
		if s.By != "" {
			m.Plain = append(m.Plain, m.say(a.with("by", s.By), "solved.by"))
		}
	}
	if m.Head == "" {
		m.Head = m.say(a, "page.solved.head")
	}
	m.Title = m.Head
	m.Plain = append([]string{m.T("solved.text")}, m.Plain...)
	if m.StatedBy != "" {
		m.Plain = append(m.Plain, m.T("read.stated"))
	}
}

func (m *pageModel) foot() {
	a := m.args()
	if m.Operator.Name == "" {
		return
	}
	m.Foot = []string{m.say(a, "page.who")}
	if m.View.voice.Language != nil {
		var cases []string
		for _, f := range m.View.Findings {
			if len(cases) < 3 && f.State != "answered" {
				cases = append(cases, f.Case)
			}
		}
		if len(cases) > 0 {
			m.Foot = append(m.Foot, m.say(args{"case": strings.Join(cases, ", ")}, "mail.case"))
		}
	}
}

// Answer is a form with one button that says something of the finding.
func (c card) Answer(value, text string) any {
	return struct{ Base, Fingerprint, Value, Text string }{c.Page.Base, c.Fingerprint, value, c.Page.T(text)}
}

// LimitAt is where the mark of the limit is drawn: never outside the field.
func (b bar) LimitAt() int { return min(max(0, b.Limit-2), barWidth-4) }
