package words

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// mostWords is how long a mail may be beside its evidence and its foot: who reads it has other mails, too.
const mostWords = 150

// link writes a mail with a link that somebody asked for: what is the reader's to do, and of the first of it
// the steps that are done in SuperOffice, for a computer. What is said or paid by way of the page stands there.
func (w writer) link(m *letter) {
	m.Subject, m.Head, m.Intro = w.Say(w.a, "mail.link.subject"), w.Say(w.a, "mail.link.head"), w.Say(w.a, "mail.link.intro")
	m.Button = w.Say(w.a, "mail.link.button")
	if w.in.Steps {
		a := w.a
		if w.in.Chosen > 0 {
			a = a.With("chosen", w.in.Chosen)
		}
		m.Subject, m.Head, m.Intro = w.Say(a, "mail.steps.subject"), w.Say(a, "mail.steps.head"), w.Say(a, "mail.steps.intro")
		m.Button = w.Say(a, "mail.steps.button")
	}
	for _, f := range w.view.Findings {
		switch {
		case !f.Mine || len(f.Remedies) == 0:
			continue
		case len(m.Items) == mostItems:
			m.more++
			continue
		}
		it := item{Title: f.Title, When: f.Deadline.Consequence, Next: w.next(f)}
		if r := f.Remedies[0]; len(m.Items) == 0 && byHand(r.ID) {
			it.Steps = append(w.portable(r.Steps), w.Say(nil, "mail.link.then"))
		}
		m.Items = append(m.Items, it)
	}
}

// byHand tells whether a remedy is done in SuperOffice, by steps that can be taken along; else it is said or
// done on the page.
func byHand(id string) bool {
	return frees(id) || slices.Contains([]string{"activate", "fetch", "load-file", "fetch-name", "enter-serial"}, id)
}

// portable are steps without what is of use on the page alone: who has left (it is folded there), and to
// come back.
func (w writer) portable(steps []string) (out []string) {
	for _, s := range steps {
		if strings.HasPrefix(s, w.Text["page.do.leavers.fold"]) {
			continue
		}
		if at := strings.Index(s, w.Here); at >= 0 {
			s = s[:strings.LastIndex(s[:at], ". ")+1] // the sentence of it, with which such a step ends
		}
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// shorten leaves to the page what makes a mail too long: why the later matters are so, what was said of an
// earlier one, what the page does, what is worth knowing besides, the later matters, until when beside steps,
// steps that are many, why the only matter is so. How many matters are left out is said.
func (w writer) shorten(m *letter) {
	for {
		if m.more > 0 {
			m.Rest = w.Say(w.a.With("more", m.more), "mail.more")
		}
		if m.words() < mostWords || !m.less() {
			return
		}
	}
}

// less leaves out the next thing; false: what is left is the least that a mail says.
func (m *letter) less() bool {
	last := len(m.Items) - 1
	for i := last; i > 0; i-- {
		said := func(part func(item) string) bool {
			return slices.ContainsFunc(m.Items[:i], func(o item) bool { return part(o) == part(m.Items[i]) })
		}
		switch it := &m.Items[i]; {
		case it.Why != "":
			it.Why = ""
		case it.When != "" && said(func(o item) string { return o.When }):
			it.When = ""
		case it.Next != "" && said(func(o item) string { return o.Next }):
			it.Next = ""
		default:
			continue
		}
		return true
	}
	switch {
	case len(m.Also) > 0:
		m.Also = m.Also[:len(m.Also)-1]
		m.more++
	case last > 0:
		m.Items = m.Items[:last]
		m.more++
	case last == 0 && m.Items[0].Steps != nil && m.Items[0].When != "":
		m.Items[0].When = ""
	case last == 0 && m.Items[0].Steps != nil:
		m.Items[0].Steps = nil
	case last == 0 && m.Items[0].Why != "":
		m.Items[0].Why = ""
	default:
		return false
	}
	return true
}

// words counts what a letter says beside its evidence and its foot.
func (m letter) words() int {
	said := append([]string{m.Hello, m.Head, m.Intro, m.Code, m.Rest}, m.Closing...)
	for _, it := range m.Items {
		said = append(append(said, it.Title, it.Why, it.When), it.Steps...)
		if it.Steps == nil {
			said = append(said, it.Next)
		}
	}
	if m.Button != "" {
		said = append(said, m.Button, m.Link, m.LinkNote)
	}
	if len(m.Also) > 0 {
		said = append(append(said, m.AlsoTitle), m.Also...)
	}
	return len(strings.Fields(strings.Join(said, " ")))
}

// subject names the action in fewer than sixty characters, the fullest form that fits; where none does, it says
// what the mail is about at all.
func (w writer) subject(f Finding) string {
	key := "subject." + string(f.Code)
	if own := key + "." + f.Say; w.has(own) {
		key = own // the code's own would say something else
	}
	for _, key := range []string{key, key + ".short"} {
		if !w.has(key) {
			continue
		}
		if s, ok := w.fill(w.Text[key], f.args); ok {
			if s = w.placed(f.Place, s); utf8.RuneCountInString(s) < 60 {
				return s
			}
		}
	}
	return w.placed(f.Place, w.Say(nil, "subject."))
}
