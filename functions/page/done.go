package page

import (
	"strings"

	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// done says what has become of it, on top of the first page.
func (m *pageModel) done() {
	if g := m.Given; g != nil {
		a := words.Args{"done": g.Done, "of": g.Of, "to": g.To, "from": g.From, "operator": m.Operator.Name}
		a["left"] = g.Left
		text := "page.given.text"
		switch {
		case g.Midway:
			text = "page.given.midway"
		case g.Waits:
			text = "page.given.first"
		}
		m.Giving = &task{Text: m.Say(a, "page.given"), State: m.Say(a, text), Href: g.Fingerprint}
		if g.Left > 0 {
			m.Head, m.Lead = m.Say(a, text+".head"), ""
			m.Title = m.Head
		}
	}
	d := m.Done
	if d == nil {
		return
	}
	a := m.args().With("until", d.Until).With("by", d.By).With("at", d.At).With("next", d.Next).With("stated", d.Stated).With("chose", d.ByWhom)
	m.Head = m.Say(a, "page.done.head")
	m.Title = m.Head
	m.Lead = m.Say(a, "page.done.text")
	var lines []string
	for _, c := range d.Changed {
		lines = append(lines, m.Say(words.Args{"plan": c.Name, "before": c.Before, "after": c.After}, "page.done.changed"))
	}
	switch {
	case d.Stated != "" && m.Session == nil:
		lines = append(lines, m.Say(a, "page.done.told"))
	case d.By != "" && m.Session == nil:
		lines = append(lines, m.Say(a, "page.done.here"))
	case d.Stated != "":
		lines = append(lines, m.Say(a, "page.done.stated"))
	case d.By != "":
		lines = append(lines, m.Say(a, "page.done.by"))
	default:
		lines = append(lines, m.Say(a, "page.done.read"))
	}
	var names []string
	for _, p := range d.People {
		if p.State == "done" {
			names = append(names, p.Name)
		}
	}
	if len(names) > 0 {
		lines = append(lines, m.Say(a.With("names", names[:min(len(names), 10)]), "page.done.people"))
	}
	if next := m.Say(a, "page.done.next"); d.Next != "" {
		lines = append(lines, next)
	}
	m.Ended = lines
}

// A task is one line of what is to be done, with how far it is.
type task struct {
	Text, State, Class, Href, Mark string
}

// tasks are the reader's own, in order, and what follows by itself.
func (m *pageModel) tasks() {
	seats, ready := false, false
	for _, f := range m.Finished {
		m.Tasks = append(m.Tasks, task{Text: m.Say(words.Args{"n": f.Count, "plan": f.Plan}, "page.task.freed"), State: m.T("pick.done"), Class: "done", Mark: "✓"})
	}
	for _, f := range m.View.Findings {
		if !f.Mine || len(f.Remedies) == 0 {
			continue
		}
		t := task{Text: f.Remedies[0].Name, Class: "todo", Href: "#" + f.Fingerprint, Mark: "○"}
		if len(f.BlockedBy) > 0 {
			t.State, t.Class = m.T("task.later"), "later"
		}
		if p, ok := m.Begun[f.Fingerprint]; ok && p.Of > 0 {
			t.State, t.Class = m.Say(words.Args{"done": p.Done, "of": p.Of}, "page.task.begun"), "begun"
		}
		seats = seats || f.Code == licence.Surplus && strings.HasPrefix(f.Say, "a") || f.Code == licence.PlanSwap
		ready = ready || f.Code == licence.NotActivated
		m.Tasks = append(m.Tasks, t)
	}
	if len(m.Tasks) == 1 && m.Tasks[0].Class == "todo" {
		m.Tasks = nil // nothing is begun, and the one button says what to do
		return
	}
	if seats && !ready {
		m.Tasks = append(m.Tasks, task{Text: m.T("task.activate"), Class: "later", Mark: "○"})
	}
	if seats || ready {
		m.Tasks = append(m.Tasks, task{Text: m.T("task.confirm"), Class: "later", Mark: "○"})
	}
}
