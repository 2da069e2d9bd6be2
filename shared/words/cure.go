package words

import (
	"strings"
	"time"

	"seatmend/shared/licence"
)

// A Cure is what the pages below the first one show: whom to free for a finding, the steps in
// SuperOffice, the activation, or the list of who had what.
type Cure struct {
	Fingerprint string
	CustID      string
	Address     string // of the customer's SuperOffice
	Plan        string // the plan that is to go, as people call it
	To          string // of a swap: the plan that comes instead
	Way         string // of a swap: move-now or free-activate-give
	Need        int    // how many are to go
	Seats       int    // how many there are of a swap to choose from: all of them go where that is Need
	Suite       bool   // one plan for everybody who can log in
	SCIM        bool   // users come from a directory outside, which gives back what is taken by hand
	Reads       bool   // the licence can be read: "Check again"; else a person says what the screen shows
	There       bool   // activating is done in SuperOffice, as the last of the steps
	Chosen      *Chosen
	People      []Holder // the best to free first
	Apart       []Holder // who should keep it
	Query       string   // what was searched for
	Next        string   // the address of the next page; "": this is the last
	Progress    [2]int   // how many of all who were chosen are done; zero: count those given
	Moves       []Move
	After       []Bar    // each plan as it would be
	Remains     []string // what would remain to be done, or to be waited for
	Fits        bool     // nobody else would have to go
	Active      bool     // everybody on the list works with it
	Screen      *Screen
	Offer       *Offer
}

// Chosen are the people whom somebody chose, and how far it is.
type Chosen struct {
	By    string
	At    time.Time
	Mine  bool // the reader did
	Picks []Picked
}

// A Picked is one of them. State is todo, done, back, taken, unknown or skipped.
type Picked struct {
	User, Name, To, State string
	Requests              int
}

// A Move is a plan with free seats in the licence in force.
type Move struct {
	Plan, Name string
	Free       int
}

// An Offer is a new licence beside the present one.
type Offer struct {
	ID         string // of what is shown: that is confirmed, and nothing else
	Lines      []OfferLine
	Until, New licence.Date
	Here       bool // it can be activated from the page
	Code       bool // a code is on its way to the reader
	CodeTo     string
	Disputed   bool // somebody doubts its numbers
}

// An OfferLine is one plan: in use, now, and in the new licence.
type OfferLine struct {
	Name            string
	InUse, Now, New *int
}

// Done is a licence that was made to renew: what changed, and by whom.
type Done struct {
	Until   licence.Date
	Next    licence.Date // when SuperOffice asks again
	By      string       // who activated it; "": by itself, or somebody in SuperOffice
	At      time.Time
	Stated  string // whose word it is, where we cannot read
	Changed []Moved
	People  []Picked // who gave up a plan; only in a session
	ByWhom  string   // who chose them
}

// A cureView is a Cure in words.
type cureView struct {
	Sub      string
	Notes    []string
	Picks    []pickRow
	Progress string
	Left     string
	More     string // how many of the chosen are not shown
	After    []bar
	Rows     []row
	Apart    []row
	Steps    []doStep
	Lines    []offerRow
	Dates    []number
}

type pickRow struct {
	User, Name, What, State, Mark, Class string
	Requests                             string
}

// A doStep is one thing to do in SuperOffice, and to whom. Who does not fit on the page stands
// on the list.
type doStep struct {
	Text   string
	People []pickRow
	More   string
	Done   bool
	Skips  bool // somebody may need none of it
}

// atOnce is how many of the chosen a page shows; the list of them all has pages of its own.
const atOnce = 20

type offerRow struct {
	Name, InUse, Now, New, Change string
	Over                          bool
}

func (m *pageModel) cure() {
	c := m.Cure
	a := m.cureArgs()
	m.Title = m.say(a, "page."+m.Kind+".head"+m.cureCase(), "page."+m.Kind+".head")
	m.Head = m.Title
	v := &m.InWords
	v.Sub = m.say(a, "page."+m.Kind+".text"+m.cureCase(), "page."+m.Kind+".text")
	if c.SCIM && m.Kind != "activate" {
		v.Notes = append(v.Notes, m.T("scim"))
	}
	if ch := c.Chosen; ch != nil {
		key := "page.chosen.by"
		if ch.Mine {
			key = "page.chosen.mine"
		}
		v.Progress = m.say(a.with("by", ch.By).with("at", ch.At), key)
		for _, p := range ch.Picks {
			v.Picks = append(v.Picks, m.pick(p))
		}
	}
	v.Left = m.left(a)
	v.More = m.more(len(v.Picks))
	for i, b := range c.After {
		v.After = append(v.After, m.bar(b, i, nil))
	}
	for _, h := range c.People {
		v.Rows = append(v.Rows, m.row(h))
	}
	for _, h := range c.Apart {
		v.Apart = append(v.Apart, m.row(h))
	}
	switch m.Kind {
	case "steps":
		v.Steps = m.doSteps(a)
	case "seats":
		v.Picks = v.Picks[:min(len(v.Picks), atOnce)]
	case "activate":
		m.offer(a)
	}
	m.boxed()
}

func (m *pageModel) cureArgs() args {
	c := m.Cure
	a := m.args()
	for name, v := range (args{"plan": c.Plan, "to": c.To, "need": c.Need, "cust": c.CustID, "address": c.Address, "query": c.Query}) {
		a[name] = v
	}
	n, done := 0, 0
	if c.Chosen != nil {
		for _, p := range c.Chosen.Picks {
			n++
			if p.State == "done" || p.State == "skipped" {
				done++
			}
		}
	}
	if c.Progress[1] > 0 {
		done, n = c.Progress[0], c.Progress[1] // those given are one page of them
	}
	a["chosen"], a["done"], a["left"] = n, done, max(0, c.Need-n)
	return a
}

// more says how many do not fit on the page.
func (m *pageModel) more(n int) string {
	if n <= atOnce || m.Kind == "list" {
		return ""
	}
	return m.say(args{"more": n - atOnce}, "page.more")
}

// cureCase tells the sentences of a swap and of a suite apart from those of a plan.
func (m *pageModel) cureCase() string {
	switch {
	case m.Cure.To != "":
		return ".swap"
	case m.Cure.Suite:
		return ".suite"
	}
	return ""
}

// left says how many are still to be chosen.
func (m *pageModel) left(a args) string {
	c := m.Cure
	switch n := a["chosen"].(int); {
	case n == 0:
		return ""
	case n < c.Need && !c.Fits:
		return m.say(a, "page.chosen.left")
	case c.Fits:
		return m.say(a, "page.chosen.enough")
	}
	return m.say(a, "page.chosen.over")
}

func (m *pageModel) pick(p Picked) pickRow {
	a := m.cureArgs().with("name", p.Name).with("to", p.To).with("count", p.Requests)
	out := pickRow{User: p.User, Name: p.Name, State: m.say(a, "page.pick."+p.State), Class: p.State, Mark: "○"}
	switch p.State {
	case "done":
		out.Mark = "✓"
	case "skipped":
		out.Mark = "–"
	case "back":
		out.Mark = "!"
	}
	out.What = m.say(a, "page.pick.free"+m.cureCase())
	if p.To != "" {
		out.What = m.say(a, "page.pick.move")
	}
	if p.Requests > 0 && p.State == "todo" {
		out.Requests = m.say(a, "blocker.open-requests") + ". " + m.say(a, "cure.open-requests")
	}
	return out
}

// doSteps are the steps in SuperOffice, with the people and the numbers of this customer.
func (m *pageModel) doSteps(a args) []doStep {
	c := m.Cure
	var out []doStep
	add := func(key string, people ...pickRow) {
		text, ok := m.fill(m.text("page.do."+key), a)
		if !ok {
			return
		}
		s := doStep{Text: text, People: people, Done: len(people) > 0}
		for _, p := range people {
			s.Done = s.Done && (p.Class == "done" || p.Class == "skipped")
		}
		s.More, s.Skips = m.more(len(people)), key == "swap-give"
		s.People = people[:min(len(people), atOnce)]
		out = append(out, s)
	}
	var requests, free, move, all []pickRow
	for i, p := range c.Chosen.Picks {
		r := m.InWords.Picks[i]
		if r.Requests != "" {
			q := r
			q.What = m.say(a.with("count", p.Requests), "blocker.open-requests")
			requests = append(requests, q)
		}
		all = append(all, r)
		if p.To != "" {
			move = append(move, r)
		} else {
			free = append(free, r)
		}
	}
	if len(requests) > 0 {
		add("requests", requests...)
	}
	switch {
	case c.SCIM:
		add("scim", all...)
		add("scim-wait")
	case c.To != "" && c.Way == "free-activate-give":
		if c.Need > 25 {
			add("swap-many")
		}
		add("swap-when")
		add("open")
		add("swap-take", m.taken(all)...)
		add("swap-activate")
		add("swap-give", all...)
		add("swap-relog")
	case c.Suite:
		add("open-users")
		add("suite", free...)
	default:
		add("open")
		if len(free) > 0 {
			add("free", free...)
		}
		if len(move) > 0 {
			add("move", move...)
		}
		add("ok")
	}
	if c.There && c.Way != "free-activate-give" {
		add("then")
	}
	return out
}

// taken are the same people in the step that takes the old plan: whoever waits for the new
// one has given up the old.
func (m *pageModel) taken(people []pickRow) []pickRow {
	out := append([]pickRow(nil), people...)
	for i, p := range out {
		out[i].What = m.say(m.cureArgs(), "page.pick.free.swap")
		if p.Class == "taken" {
			out[i].Class, out[i].Mark, out[i].State = "done", "✓", m.say(nil, "page.pick.done")
		}
	}
	return out
}

// text is a sentence as it is written.
func (v voice) text(key string) string {
	if t, ok := v.Text[key]; ok {
		return t
	}
	return Languages[0].Text[key]
}

// offer sets the new licence beside the present one.
func (m *pageModel) offer(a args) {
	o := m.Cure.Offer
	count := func(n *int) string {
		if n == nil {
			return m.say(nil, "not-known")
		}
		return m.number(itoa(*n))
	}
	for _, l := range o.Lines {
		r := offerRow{Name: l.Name, InUse: count(l.InUse), Now: count(l.Now), New: count(l.New)}
		if l.Now != nil && l.New != nil {
			switch d := *l.New - *l.Now; {
			case d < 0:
				r.Change = m.say(args{"n": -d}, "page.activate.fewer")
			case d > 0:
				r.Change = m.say(args{"n": d}, "page.activate.more")
			default:
				r.Change = m.say(nil, "page.activate.same")
			}
		}
		r.Over = l.InUse != nil && l.New != nil && *l.InUse > *l.New
		m.InWords.Lines = append(m.InWords.Lines, r)
	}
	for _, d := range []struct {
		key string
		day licence.Date
	}{{"page.activate.until", o.Until}, {"page.activate.new-until", o.New}} {
		if d.day != "" {
			m.InWords.Dates = append(m.InWords.Dates, number{m.say(a, d.key), m.date(d.day.Day(m.zone), "")})
		}
	}
}

// done says what has become of it, on top of the first page.
func (m *pageModel) done() {
	if g := m.Given; g != nil {
		a := args{"done": g.Done, "of": g.Of, "to": g.To}
		m.Giving = &task{Text: m.say(a, "page.given"), State: m.say(a, "page.given.text"), Href: g.Fingerprint}
	}
	d := m.Done
	if d == nil {
		return
	}
	a := m.args().with("until", d.Until).with("by", d.By).with("at", d.At).with("next", d.Next).with("stated", d.Stated).with("chose", d.ByWhom)
	m.Head = m.say(a, "page.done.head")
	m.Title = m.Head
	m.Lead = m.say(a, "page.done.text")
	var lines []string
	for _, c := range d.Changed {
		lines = append(lines, m.say(args{"plan": c.Name, "before": c.Before, "after": c.After}, "page.done.changed"))
	}
	switch {
	case d.Stated != "" && m.Session == nil:
		lines = append(lines, m.say(a, "page.done.told"))
	case d.By != "" && m.Session == nil:
		lines = append(lines, m.say(a, "page.done.here"))
	case d.Stated != "":
		lines = append(lines, m.say(a, "page.done.stated"))
	case d.By != "":
		lines = append(lines, m.say(a, "page.done.by"))
	default:
		lines = append(lines, m.say(a, "page.done.read"))
	}
	var names []string
	for _, p := range d.People {
		if p.State == "done" {
			names = append(names, p.Name)
		}
	}
	if len(names) > 0 {
		lines = append(lines, m.say(a.with("names", names[:min(len(names), 10)]), "page.done.people"))
	}
	if next := m.say(a, "page.done.next"); d.Next != "" {
		lines = append(lines, next)
	}
	m.Ended = lines
}

// A task is one line of what is to be done, with how far it is.
type task struct {
	Text, State, Class, Href string
}

// tasks are the reader's own, in order, and what follows by itself.
func (m *pageModel) tasks() {
	seats, ready := false, false
	for _, f := range m.View.Findings {
		if !f.Mine || len(f.Remedies) == 0 {
			continue
		}
		t := task{Text: f.Remedies[0].Name, Class: "todo", Href: "#" + f.Fingerprint}
		t.State = m.T("task.todo")
		if len(f.BlockedBy) > 0 {
			t.State, t.Class = m.T("task.later"), "later"
		}
		if p, ok := m.Begun[f.Fingerprint]; ok && p.Of > 0 {
			t.State, t.Class = m.say(args{"done": p.Done, "of": p.Of}, "page.task.begun"), "begun"
		}
		seats = seats || f.Code == "surplus" && strings.HasPrefix(f.say, "a") || f.Code == "plan-swap"
		ready = ready || f.Code == "not-activated"
		m.Tasks = append(m.Tasks, t)
	}
	if seats && !ready {
		m.Tasks = append(m.Tasks, task{Text: m.T("task.activate"), State: m.T("task.later"), Class: "later"})
	}
	if seats || ready {
		m.Tasks = append(m.Tasks, task{Text: m.T("task.confirm"), State: m.T("task.later"), Class: "later"})
	}
}
