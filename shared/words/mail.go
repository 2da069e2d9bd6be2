package words

import (
	"bytes"
	"embed"
	"html/template"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// Operator is who writes: the partner that looks after the customer.
type Operator struct {
	Name, From, ReplyTo, Phone, Hours string
	FromNames                         map[string]string // who writes, by the reader's language; else as From says
}

// A Person is who reads a mail.
type Person struct {
	Name string
	Role licence.Role // admin, billing or partner
}

// MailInput is what a mail is made of. The view is drawn here, for the recipient's eyes: what
// a role must not read cannot get into its mail.
type MailInput struct {
	Kind      string // notice, solved, thanks, link, code
	Operator  Operator
	To        Person
	Options   Options // its Reader is not used: the recipient's role is
	Diagnosis diagnosis.Diagnosis
	About     []string // fingerprints of what is told; others are "also worth knowing"
	Link      string   // the address of the page
	LinkUntil time.Time
	Case      string   // as people read it; none: that of the first finding
	Stated    string   // who said what this rests on, where nobody could read it
	Solved    []Solved // of a solved mail, and of thanks
	Code      Code     // of a mail with a code
	Figures   *Figures // that it asks for; nil: none
	Steps     bool     // of a link that was asked for: to do the steps at a computer
	Chosen    int      // of that: how many people are chosen
}

// Figures are asked for where nobody can read a licence, and what was told of it no longer counts.
type Figures struct {
	Places []string     // the installations, where the account has several
	Ends   licence.Date // when the licence ends, by what was told; Never: nobody told
}

// A Code is what proves a mailbox, and what it is good for: to activate a new licence, or to have seats moved.
type Code struct {
	Digits string
	CustID string
	Until  time.Time
	Seats  bool   // what was chosen is to be done
	By     string // who asked that it go to this reader as well; "": the reader did
}

// Solved is one matter that has come to its end, as it was seen.
type Solved struct {
	Kind    string // activated, extended or gone
	CustID  string
	Places  []string     // the installations that it is about, where the account has several
	Before  licence.Date // when the licence ended, as it was mailed
	Until   licence.Date // when it ends now
	Numbers []Number     // what it now covers
	By      string       // who did it, where that is known
	Code    licence.Code // of the finding
	Account string       // what people call the account whose licence it is; "": the reader's own
}

// A Number is what a licence now covers of a plan.
type Number struct {
	Plan  string
	Total int
}

// A Mail is ready to be sent.
type Mail struct{ Subject, Text, HTML string }

// A letter is what both parts of a mail say. They are drawn from it and from nothing else.
type letter struct {
	Lang      string
	Subject   string
	Preview   string
	Operator  string
	Hello     string
	Head      string
	Intro     string
	Code      string
	Items     []item
	Button    string
	Link      string
	LinkNote  string
	AlsoTitle string
	Also      []string
	Rest      string // that the page has more, or that nothing else is needed
	Closing   []string
	Foot      []string
	more      int // matters that stand on the page alone
}

// An item is one finding in a letter.
type item struct {
	Title    string
	Why      string
	When     string
	Next     string
	Steps    []string // in place of Next
	Evidence []sourced
}

// Sourced are values that one source told on one day. The page says at what time.
type sourced struct {
	From   string
	Values []Evidence
}

//go:embed mail.html mail.txt
var files embed.FS

// Mail writes a mail.
func (l *Language) Mail(in MailInput) Mail {
	o := in.Options
	o.Reader, o.Installations = in.To.Role, nil // a mail leads to our page: no step of it names another address
	if o.Reader == "" {
		o.Reader = licence.Admin
	}
	view := l.View(in.Diagnosis, o)
	w := writer{view.voice, in, view, Args{
		"operator": in.Operator.Name, "phone": in.Operator.Phone, "hours": in.Operator.Hours, "reply": in.Operator.ReplyTo,
		"account": o.Account, "person": in.To.Name, "case": in.Case, "until": in.LinkUntil, "stated": in.Stated,
	}}
	m := w.letter()
	var text, html bytes.Buffer
	// The templates are part of the program: they cannot fail on a letter.
	if err := textMail().Execute(&text, m); err != nil {
		panic(err)
	}
	if err := htmlMail().Execute(&html, m); err != nil {
		panic(err)
	}
	return Mail{m.Subject, tidy(text.String()), html.String()}
}

// A writer writes one letter.
type writer struct {
	Voice
	in   MailInput
	view View
	a    Args
}

func (w writer) letter() letter {
	kind := w.in.Kind
	m := letter{
		Lang: w.Tag, Operator: w.in.Operator.Name, Hello: w.Say(w.a, "mail.hello"), Link: w.in.Link,
		AlsoTitle: w.Say(nil, "mail.also"),
	}
	switch kind {
	case "solved", "thanks":
		w.ending(&m, kind)
	case "link":
		w.link(&m)
	case "code":
		w.code(&m)
	default:
		w.notice(&m)
	}
	if m.Preview == "" {
		m.Preview = m.Intro
	}
	if m.Link == "" {
		m.Button = ""
	}
	if m.Button != "" {
		m.LinkNote = w.Say(w.a, "mail.link-note.short")
		if kind == "link" { // who has asked for it may wonder what it does
			m.LinkNote = w.Say(w.a, "mail.link-note")
		}
	}
	if w.in.Stated != "" && kind != "solved" {
		m.Closing = append(m.Closing, w.Say(w.a, "mail.stated"))
	}
	w.shorten(&m)
	if kind != "code" { // that one's reader has the page open, and it says whom to tell
		m.Foot = []string{w.Say(w.a, "mail.who"), w.Say(w.a, "mail.why"), w.Say(w.a, "mail.reply")}
	}
	if w.a["case"] != "" {
		m.Foot = append(m.Foot, w.Say(w.a, "mail.case"))
	}
	return m
}

// code writes the digits, and nothing that could be pressed: who reads this has the page open.
// The subject and the preview, which a locked telephone shows, do without them.
func (w writer) code(m *letter) {
	c := w.in.Code
	a := w.a.With("cust", c.CustID).With("until", c.Until)
	m.Subject = w.Say(a, "mail.code.subject")
	if utf8.RuneCountInString(m.Subject) >= 60 {
		m.Subject = w.Say(a, "mail.code.subject.short")
	}
	also := ""
	if c.By != "" {
		a, also = a.With("by", c.By), ".also"
	}
	kind := ""
	if c.Seats {
		kind = ".seats"
	}
	m.Head, m.Intro, m.Code = w.Say(a, "mail.code.head"+also+kind, "mail.code.head"+also), w.Say(a, "mail.code.intro"+also+kind), c.Digits
	m.Closing = append(m.Closing, w.Say(a, "mail.code.closing"+also), w.Say(a, "mail.code.not-you"+also+kind))
	m.Link = ""
}

// mostItems is how many matters a mail writes of. The rest stands on the page.
const mostItems = 8

// subjects are the findings that the mail is about: what explains the warning first.
func (w writer) subjects() []Finding {
	var out []Finding
	for _, f := range append(slices.Clone(w.view.Findings), w.view.Upcoming...) {
		if slices.Contains(w.in.About, f.Fingerprint) && !slices.ContainsFunc(out, func(g Finding) bool { return g.Fingerprint == f.Fingerprint }) {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int { return len(b.Explains) - len(a.Explains) })
	return out
}

// figures writes a mail that asks for nothing but figures.
func (w writer) figures(m *letter) {
	at, a := w.joined(w.in.Figures.Places), w.a
	if ends := w.in.Figures.Ends; ends != licence.Never {
		a = a.With("ends", ends)
	}
	m.Subject, m.Head = w.placed(at, w.Say(a, "mail.figures.subject")), w.placed(at, w.Say(a, "mail.figures.head"))
	intro := w.Say(a, "mail.figures.intro")
	if w.view.Phase == diagnosis.PhaseGrace || w.view.Phase == diagnosis.PhaseExpired {
		intro = w.Say(a, "mail.figures.intro.over")
	}
	m.Intro = strings.Join(append([]string{w.Say(a, "mail.intro.unknown"), intro}, w.view.AsOf...), " ")
	m.Preview, m.Button, m.Closing = intro, w.Say(a, "mail.figures.button"), append(m.Closing, w.Say(a, "mail.figures.closing"))
}

func (w writer) notice(m *letter) {
	told := w.subjects()
	if len(told) == 0 && w.in.Figures != nil {
		w.figures(m)
		return
	}
	if len(told) == 0 {
		m.Subject, m.Head, m.Intro = w.Say(w.a, "mail.link.subject"), w.view.Head, w.Say(w.a, "mail.nothing")
		m.Button = w.Say(w.a, "mail.link.button")
		return
	}
	first := told[0]
	if w.a["case"] == "" {
		w.a["case"] = first.Case
	}
	m.Subject = w.subject(first)
	m.Head = w.headOf(first)
	mine := false
	for i, f := range told {
		if i < mostItems {
			it := w.item(f)
			if i == 0 && len(f.Remedies) > 0 && byHand(f.Remedies[0].ID) && f.Code != licence.PlanSwap {
				it.Next = "" // the button says it; of an exchange, the order of the steps matters
			}
			if !f.Mine && f.Deadline.stops && slices.ContainsFunc(told[:i], func(g Finding) bool { return g.Deadline.stops && *g.Deadline.At == *f.Deadline.At }) {
				it.When = "" // that day has been said, and this is not the reader's to do
			}
			m.Items = append(m.Items, it)
		}
		mine = mine || f.Mine || f.Owner == w.view.Reader
	}
	if f := w.in.Figures; f != nil {
		m.Items = append(m.Items, item{Title: w.placed(w.joined(f.Places), w.Say(w.a, "mail.figures.head")), Why: w.Say(w.a, "mail.figures.item")})
		mine = true
	}
	m.Preview = first.Title
	m.Intro = w.Say(w.a, "mail.intro."+string(w.view.Phase), "mail.intro.ok")
	if w.view.Closed() {
		m.Intro = w.Say(w.a, "mail.intro.closed")
	} else if w.view.Partly() {
		m.Intro = w.Say(w.a, "mail.intro.unknown")
	}
	if first.args["for"] != nil && len(told) == 1 {
		m.Intro = w.Say(first.args, "mail.intro.for")
	}
	m.Intro = strings.Join(append([]string{m.Intro}, w.view.AsOf...), " ")
	m.more = max(0, len(told)-mostItems)
	rest := false // something that is worth knowing is the reader's to do too
	for _, f := range w.view.Findings {
		if !w.besides(f) {
			continue
		}
		if rest = rest || f.Mine; len(m.Also) < mostItems {
			m.Also = append(m.Also, f.Title)
		} else {
			m.more++
		}
	}
	m.Button = w.Say(first.args, "button."+string(first.Code)+"."+first.Say, "button."+string(first.Code), "button.")
	if !mine {
		m.Button = w.Say(w.a, "button.")
	}
	switch {
	case w.view.Closed():
		m.Closing = append(m.Closing, w.Say(w.a, "mail.answer"))
	case rest:
	case !mine:
		m.Closing = append(m.Closing, w.Say(w.a, "mail.nothing-to-do"))
	default:
		m.Rest = w.Say(w.a, "mail.nothing-else")
	}
}

// besides tells whether a finding that the mail is not about is worth knowing to its reader: it is
// theirs, or they are informed of it, and it does not wait for what may yet show that it is not so.
func (w writer) besides(f Finding) bool {
	switch {
	case f.Owner != w.view.Reader && !slices.Contains(f.Informed, w.view.Reader), slices.Contains(w.in.About, f.Fingerprint):
		return false
	case f.State == licence.Answered, f.State == licence.Snoozed, slices.Contains(f.untold, w.view.Reader):
		return false
	}
	return f.State != licence.Waiting || !slices.Contains([]string{"settle", "read", "unknown"}, f.WaitingFor)
}

// headOf is the heading of a mail about a finding: what there is to do, or who else does it.
func (w writer) headOf(f Finding) string {
	keys := []string{"head." + string(f.Code) + "." + f.Say, "head." + string(f.Code), "head.ours"}
	if key := elsewhere(f); key != "" && !f.Mine && f.Owner != w.view.Reader && f.Starts == "" && !w.has(keys[0]) {
		keys = []string{key + "." + string(f.Code), key}
	}
	return w.dated(f.rests, w.placed(f.Place, w.Say(f.args, keys...)))
}

func (w writer) item(f Finding) item {
	it := item{Title: f.Title, Why: f.Cause, When: f.Deadline.Consequence, Evidence: bySource(unsaid(f.Evidence, f.Title+" "+f.Cause))}
	if len(f.Remedies) > 0 && f.Mine {
		it.Next = w.next(f)
	}
	return it
}

// next is what the page does for the reader.
func (w writer) next(f Finding) string {
	return w.Say(f.args, "next."+string(f.Code)+"."+f.Say, "next."+string(f.Code))
}

// ending writes that something is over, or that a payment was seen: what changed, the new
// date, who did it, and that now there is silence.
func (w writer) ending(m *letter, kind string) {
	a := w.a
	var places []string
	if kind == "solved" && w.in.Stated != "" {
		kind = "stated"
	}
	for i, s := range w.in.Solved[:min(len(w.in.Solved), mostItems)] {
		for _, p := range s.Places {
			if !slices.Contains(places, p) {
				places = append(places, p)
			}
		}
		if kind == "thanks" {
			if s.Account != "" {
				kind, a = "thanks-for", a.With("account", s.Account)
			}
			break // the heading says it all
		}
		sa := a.With("until", s.Until).With("before", s.Before).With("by", s.By).With("cust", s.CustID)
		m.Items = append(m.Items, w.solved(kind, s, sa))
		if i == 0 {
			a = sa
		}
	}
	at := w.joined(places)
	m.Subject = w.placed(at, w.Say(a, "mail."+kind+".subject"))
	if utf8.RuneCountInString(m.Subject) >= 60 {
		m.Subject = w.placed(at, w.Say(a.With("until", nil), "mail."+kind+".subject"))
	}
	m.Head = w.placed(at, w.Say(a, "mail."+kind+".head"))
	m.Intro = w.Say(a, "mail."+kind+".intro")
	m.Closing = append(m.Closing, w.Say(a, "mail."+kind+".closing"))
	m.Link = ""
}

func (w writer) solved(kind string, s Solved, a Args) item {
	it := item{Title: w.placed(w.joined(s.Places), w.Say(a, "solved."+kind+"."+s.Kind, "solved."+kind))}
	var numbers []string
	for _, n := range s.Numbers {
		numbers = append(numbers, w.Say(Args{"plan": n.Plan, "total": n.Total}, "solved.number"))
	}
	if len(numbers) > 0 {
		it.Why = w.Say(Args{"numbers": numbers}, "solved.numbers")
	}
	it.When = w.Say(a, "solved.dates")
	if s.By != "" {
		it.Next = w.Say(a, "solved.by")
	}
	return it
}

// tidy takes out what the template leaves empty.
func tidy(s string) string {
	for strings.Contains(s, "\n\n\n") {
		s = strings.ReplaceAll(s, "\n\n\n", "\n\n")
	}
	return strings.TrimSpace(s) + "\n"
}

// htmlMail is parsed when the first mail is written. Outlook on Windows knows no width that is at
// most so much: what it alone reads sets a column around the mail.
var htmlMail = sync.OnceValue(func() *template.Template {
	outlook := func(html string) template.HTML { return template.HTML("<!--[if mso]>" + html + "<![endif]-->") }
	return template.Must(template.New("mail.html").Funcs(template.FuncMap{"outlook": outlook}).ParseFS(files, "mail.html"))
})
