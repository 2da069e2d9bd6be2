package page

import (
	"html/template"
	"regexp"
	"slices"
	"strings"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// A pageModel is the page in words.
type pageModel struct {
	Data
	words.Voice
	Style, Lang, Title string
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
	Folded             bool     // why it says so is to be opened: the screen may say something else today
	Ended              []string // what has become of it
	Open               string   // the button that opens the session
	Goes               bool     // a card has a page of its own
	Acts               bool     // there is something for the reader to do: that button comes first
	Main               string   // the page's one main button, on top of it: ask, give, go, pay, open or check; "": there is none
	Leading            *card    // whose that button is
	Paying             *card    // whose invoice is paid at a link that we know, where that is the main button
	When               string   // and what happens when
	AsOf               []string // of which day the figures are, where no sentence says so
}

// Called is a line of the foot, in which the telephone number can be called.
func (m *pageModel) Called(line string) template.HTML {
	line, phone := template.HTMLEscapeString(line), template.HTMLEscapeString(m.Operator.Phone)
	digits := strings.Map(func(r rune) rune {
		if r == '+' || '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, m.Operator.Phone)
	if digits == "" || !strings.Contains(line, phone) {
		return template.HTML(line)
	}
	before, after, _ := strings.Cut(line, phone)
	return template.HTML(before + `<a href="tel:` + digits + `">` + phone + `</a>` + after)
}

// Linked is a step whose addresses can be followed; a long one breaks after a slash.
func (m *pageModel) Linked(step string) template.HTML {
	return template.HTML(address.ReplaceAllStringFunc(template.HTMLEscapeString(step), func(to string) string {
		shown := strings.ReplaceAll(strings.TrimPrefix(to, "https://"), "/", "/<wbr>")
		return `<a href="` + to + `" rel="noreferrer">https://<wbr>` + shown + `</a>`
	}))
}

// An address is one of those that the directory or a billing system gave: it ends before the
// full stop or comma of its sentence.
var address = regexp.MustCompile(`https://[A-Za-z0-9._~/?=%-]*[A-Za-z0-9/]`)

// T says a sentence of the page that needs no more than who and when.
func (m *pageModel) T(key string) string {
	if m.Cure != nil {
		return m.Say(m.cureArgs(), "page."+key)
	}
	return m.Say(m.args(), "page."+key)
}

func (m *pageModel) args() words.Args {
	o := m.Operator
	return words.Args{"operator": o.Name, "phone": o.Phone, "hours": o.Hours, "reply": o.ReplyTo, "account": m.Account,
		"read": m.ReadAt, "by": m.StatedBy}
}

// build puts the page into words. What is wrong with a form is said first of all, in the title.
func (m *pageModel) build() {
	m.body()
	if len(m.Faults) > 0 {
		m.Title = m.T("faults") + ": " + m.Title
	}
}

func (m *pageModel) body() {
	m.foot()
	switch m.Kind {
	case "":
	case "solved":
		m.solved()
		return
	case "screen":
		m.screen()
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
	m.Lead = m.Say(nil, "page.phase."+string(m.View.Phase), "page.phase.ok")
	if m.View.Trial {
		m.Lead = m.Say(nil, "page.phase.trial")
	}
	if m.View.Closed() {
		m.Lead = m.Say(nil, "page.phase.closed")
	} else if m.View.Partly() {
		m.Lead = "" // of which installation each is, says the finding
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
		c.Badge = m.Say(words.Args{"starts": licence.Date(f.Starts)}, "page.badge.ahead")
		m.Ahead = append(m.Ahead, c)
	}
	for _, b := range m.Bars {
		if !used[b.Subject] {
			m.Rest = append(m.Rest, m.bar(b, len(m.Rest)+100))
		}
	}
	m.boxed()
	m.tasks()
	m.done()
	m.read()
	m.lead()
}

// read says when the licence was read, or whose word it is.
func (m *pageModel) read() {
	switch {
	case m.ReadAt.IsZero():
		m.Read = m.T("read.never")
	case m.StatedBy != "" && m.Session == nil:
		m.Read = m.T("read.told")
	case m.StatedBy != "":
		m.Read = m.T("read.stated")
	case !m.Reads:
		m.Read = m.T("read.reported")
	default:
		m.Read = m.T("read")
	}
}

// lead chooses the one main button of the page, which stands on top of it.
func (m *pageModel) lead() {
	for _, cards := range [][]card{m.Why, m.Also} {
		for n := range cards {
			c := &cards[n]
			m.Acts = m.Acts || c.Mine && len(c.BlockedBy) == 0
			if c.PayAt != "" && len(c.BlockedBy) == 0 && m.Paying == nil {
				m.Paying = c
			}
			if c.Go != "" && !m.Goes {
				m.Goes, m.Leading = true, c
			}
		}
	}
	if m.Leading != nil {
		m.Leading.Leads, m.When = true, m.Leading.Deadline.Consequence
	}
	if m.Leading != nil || m.Ask != nil || m.Given != nil && m.Given.Left > 0 {
		m.Paying = nil
	}
	if m.Paying != nil && m.Paying.Deadline.At != nil {
		m.Paying.Tops, m.When = true, m.Paying.Deadline.Consequence
	}
	if m.When != "" && m.View.Phase == diagnosis.PhaseWarning && !m.View.Closed() {
		m.Lead = "" // the deadline says until when SuperOffice works
	}
	if m.Folded = m.Ask != nil && m.Session == nil; m.Folded {
		m.Tasks = nil // what there is to do is known once the screen is
	}
	settled := m.Done != nil || m.View.Trial || len(m.Why)+len(m.Also) > 0 && !slices.ContainsFunc(slices.Concat(m.Why, m.Also), func(c card) bool { return c.State != licence.Answered })
	switch {
	case m.Ask != nil && m.Session == nil && (m.Over || !settled):
		m.Main = "ask"
	case m.Ask != nil: // its answers are on top
	case m.Given != nil && m.Given.Left > 0 && !(m.Given.Waits && m.Given.Here):
		m.Main = "give"
	case m.Leading != nil:
		m.Main = "go"
	case m.Paying != nil:
		m.Main = "pay"
	case m.Session == nil && m.Acts:
		m.Main = "open"
	case m.Reads && m.Done == nil:
		m.Main = "check"
	}
	switch {
	case m.Goes:
		m.Open = m.exits(m.Leading.Mine && !m.Leading.Pay, m.Leading.Mine)
	case m.Acts:
		m.Open = m.T("open")
		if m.View.Reader == licence.Billing && slices.ContainsFunc(slices.Concat(m.Why, m.Also), func(c card) bool { return offersOf(m.View, c.Finding, m.Reads).Paid }) {
			m.Open = m.T("open.paid")
		}
	default:
		m.Open = m.T("open.other")
	}
	if m.Over {
		m.Head, m.Lead, m.When = m.placed(m.T("screen")), "", ""
		m.Title = m.Head
		other := func(c card) bool { return c.State != licence.Open || !c.Mine && c.Code != licence.SuspendedThere }
		m.Why, m.Also = slices.DeleteFunc(m.Why, other), slices.DeleteFunc(m.Also, other)
		m.Ahead, m.Rest, m.Tasks, m.View.Passed, m.View.Unknown = nil, nil, nil, nil, nil
	}
	switch {
	case m.Over, m.Ask == nil:
		m.AsOf = m.View.AsOf
	case m.Lead != "":
		m.Lead = m.Say(words.Args{"day": m.Ask.Day, "sentence": m.Lead}, "dated.whole")
	}
}

// first tells whether a finding stands on top: it is why the warning is shown, or there is no
// warning to be explained, or nothing else matters before it.
func (m *pageModel) first(f words.Finding) bool {
	return len(f.Explains) > 0 || m.View.Phase == diagnosis.PhaseOK || f.Code == licence.SuspendedThere && f.State == licence.Open
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
		a := words.Args{"plan": p.Name, "before": p.Before, "after": p.After, "over": p.Over}
		key := "page.checked.same"
		switch {
		case p.After < p.Before:
			key = "page.checked.fewer"
			a["moved"] = p.Before - p.After
		case p.After > p.Before:
			key = "page.checked.more"
			a["moved"] = p.After - p.Before
		}
		line := m.Say(a, key)
		if p.Over > 0 {
			line += " " + m.Say(a, "page.checked.over")
		} else {
			line += " " + m.Say(a, "page.checked.fits")
		}
		m.Boxed = append(m.Boxed, line)
	}
	if c.Active != "" {
		m.Boxed = append(m.Boxed, m.Say(words.Args{"until": c.Active}, "page.checked.active"))
	}
	if len(m.Boxed) == 0 {
		m.Boxed = []string{m.T("checked.nothing")}
	}
}

func (m *pageModel) solved() {
	a := m.args()
	for i, s := range m.Solved {
		a := a.With("until", s.Until).With("before", s.Before)
		if i == 0 {
			m.Head = m.Say(a, "page.solved.head")
		}
		if s.By != "" {
			m.Plain = append(m.Plain, m.Say(a.With("by", s.By), "solved.by"))
		}
	}
	if m.Head == "" {
		m.Head = m.Say(a, "page.solved.head")
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
	m.Foot = []string{m.Say(a, "page.who")}
	var cases []string
	for _, f := range m.View.Findings {
		if len(cases) < 3 && f.State != licence.Answered {
			cases = append(cases, f.Case)
		}
	}
	if len(cases) > 0 {
		m.Foot = append(m.Foot, m.Say(words.Args{"case": strings.Join(cases, ", ")}, "mail.case"))
	}
}

// LimitAt is where the mark of the limit is drawn: never outside the field.
func (b bar) LimitAt() int { return min(max(0, b.Limit-2), barWidth-4) }
