package page

import "seatmend/shared/words"

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
	Suggest  []row
	Steps    []doStep
	Lines    []offerRow
	Dates    []figure
}

type pickRow struct {
	User, Name, What, State, Mark, Class string
	Requests                             string
}

func (m *pageModel) cure() {
	c := m.Cure
	a := m.cureArgs()
	m.Title = m.Say(a, "page."+m.Kind+".head"+m.cureCase(), "page."+m.Kind+".head")
	m.Head = m.Title
	v := &m.InWords
	v.Sub = m.Say(a, "page."+m.Kind+".text"+m.cureCase(), "page."+m.Kind+".text")
	if c.SCIM && m.Kind != "activate" {
		v.Notes = append(v.Notes, m.T("scim"))
	}
	if m.Cure.Unseen {
		v.Notes = append(v.Notes, m.T("unseen"))
	}
	if ch := c.Chosen; ch != nil {
		key := "page.chosen.by"
		if ch.Mine {
			key = "page.chosen.mine"
		}
		v.Progress = m.Say(a.With("by", ch.By).With("at", ch.At), key)
		for _, p := range ch.Picks {
			v.Picks = append(v.Picks, m.pick(p, a))
		}
	}
	v.Left = m.left(a)
	v.More = m.more(len(v.Picks))
	for i, b := range c.After {
		v.After = append(v.After, m.bar(b, i))
	}
	for _, h := range c.People {
		v.Rows = append(v.Rows, m.row(h))
	}
	for _, h := range c.Suggest {
		v.Suggest = append(v.Suggest, m.row(h))
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

func (m *pageModel) cureArgs() words.Args {
	c := m.Cure
	a := m.args()
	for name, v := range (words.Args{"plan": c.Plan, "to": c.To, "need": c.Need, "cust": c.CustID, "address": c.Address, "query": c.Query}) {
		a[name] = v
	}
	n, done := 0, 0
	if c.Chosen != nil {
		done, n = far(c.Chosen.Picks)
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
	return m.Say(words.Args{"more": n - atOnce}, "page.more")
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

// Short tells whether more people are to be chosen still.
func (m *pageModel) Short() bool {
	c := m.Cure
	return c.Chosen != nil && c.To == "" && len(c.Chosen.Picks) < c.Need && !c.Fits
}

// left says how many are still to be chosen.
func (m *pageModel) left(a words.Args) string {
	c := m.Cure
	switch n := a["chosen"].(int); {
	case n == 0:
		return ""
	case n < c.Need && !c.Fits:
		return m.Say(a, "page.chosen.left")
	case c.Fits:
		return m.Say(a, "page.chosen.enough")
	}
	return m.Say(a, "page.chosen.over")
}

func (m *pageModel) pick(p Picked, a words.Args) pickRow {
	a = a.With("to", p.To).With("count", p.Requests)
	out := pickRow{User: p.User, Name: p.Name, State: m.Say(a, "page.pick."+p.State), Class: p.State, Mark: "○"}
	switch p.State {
	case "done":
		out.Mark = "✓"
	case "skipped":
		out.Mark = "–"
	case "refused", "kept":
		out.Mark = "!"
		out.State = m.Say(a.With("said", p.Said), "page.pick."+p.State+"."+p.Why, "page.pick."+p.State)
	case "back":
		out.Mark = "!"
	}
	out.What = m.Say(a, "page.pick.free"+m.cureCase())
	if p.To != "" {
		out.What = m.Say(a, "page.pick.move")
	}
	if p.Requests > 0 && p.State == "todo" {
		out.Requests = m.Say(a, "blocker.open-requests") + ". " + m.Say(a, "cure.open-requests")
	}
	return out
}
