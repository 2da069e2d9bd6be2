package words

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"seatmend/shared/licence"
)

// The marks of the terminal, and their colours.
const (
	wrong, waits, fine, unsure, coming, known = "✗", "…", "✓", "?", "›", "i"
)

var colours = map[string]string{wrong: "31", waits: "33", fine: "32", unsure: "35", coming: "36", known: "36"}

const terminal = 96 // columns

// Doctor is a diagnosis for the terminal: what is wrong, what is waited for, what is not known,
// what is fine, what is to come, each with what it rests on, and the next step.
func (l *Language) Doctor(v View, color bool) string {
	p := printer{Voice: l.Voice(v.voice.zone, v.At), color: color}
	p.line(p.bold(v.Account)+"  "+p.Say(nil, "phase."+string(v.Phase)), "")
	p.line(p.Say(Args{"at": v.At}, "doctor.at"), "")
	for _, s := range v.AsOf {
		p.line(s, "")
	}
	for _, line := range v.Left {
		p.line("", "")
		p.line(p.mark(known)+" "+line, "    ")
	}
	for _, f := range v.Findings {
		mark := wrong
		switch {
		case f.State == licence.Unsettled:
			mark = unsure
		case f.State != licence.Open:
			mark = waits
		case f.Owner == licence.Nobody:
			mark = known
		}
		p.finding(mark, f)
	}
	if len(v.Upcoming) > 0 {
		p.title("doctor.upcoming")
	}
	for _, f := range v.Upcoming {
		p.finding(coming, f)
	}
	if len(v.Unknown) > 0 {
		p.title("doctor.unknown")
	}
	for _, x := range v.Unknown {
		p.checked(unsure, x)
	}
	if len(v.Passed) > 0 {
		p.title("doctor.passed")
	}
	for _, x := range v.Passed {
		p.checked(fine, x)
	}
	p.line("", "")
	p.line(p.summary(v), "")
	return p.b.String()
}

type printer struct {
	Voice
	b     strings.Builder
	color bool
}

func (p *printer) finding(mark string, f Finding) {
	p.line("", "")
	name := p.Say(nil, "rule."+string(f.Code), "rule.")
	p.line(p.mark(mark)+" "+p.bold(name)+"  "+f.Title, "    ")
	if f.Status != "" {
		p.line("    "+f.Status, "    ")
	}
	if f.Cause != "" {
		p.line("    "+f.Cause, "    ")
	}
	p.evidence(f.Evidence)
	if f.Deadline.Consequence != "" {
		p.line("    "+f.Deadline.Consequence, "    ")
	}
	facts := p.Say(Args{"owner": f.OwnerText, "case": f.Case}, "doctor.owner")
	if len(f.Explains) > 0 {
		facts += " " + p.Say(nil, "doctor.explains")
	}
	p.line("    "+p.faint(facts), "    ")
	if f.State != licence.Open {
		return
	}
	for _, r := range f.Remedies {
		p.line("    "+p.bold("→ "+r.Name), "      ")
		for i, step := range r.Steps {
			p.line("      "+strconv.Itoa(i+1)+". "+step, "         ")
		}
	}
}

// evidence prints values under each other, with who told them and when.
func (p *printer) evidence(all []Evidence) {
	label, text := 0, 0
	for _, e := range all {
		label, text = max(label, utf8.RuneCountInString(e.Label)), max(text, utf8.RuneCountInString(e.Text))
	}
	text = min(text, 24)
	for _, e := range all {
		p.line("      "+pad(e.Label, label)+"  "+p.bold(pad(e.Text, text))+"  "+p.faint(e.From), "        ")
	}
}

func (p *printer) checked(mark string, x Line) {
	p.line("  "+p.mark(mark)+" "+x.Title, "      ")
}

func (p *printer) title(key string) {
	p.line("", "")
	p.line(p.bold(p.Say(nil, key)), "")
}

func (p *printer) summary(v View) string {
	open, waiting := 0, 0
	for _, f := range v.Findings {
		switch f.State {
		case licence.Open:
			open++
		case licence.Waiting, licence.Verifying:
			waiting++
		}
	}
	mark := map[licence.Summary]string{licence.AllWell: fine, licence.AllWaiting: waits, licence.NotKnown: unsure, licence.NeedsAction: wrong}[v.Summary]
	counts := Args{"open": open, "waiting": waiting, "unknown": len(v.Unknown), "passed": len(v.Passed)}
	return p.mark(mark) + " " + p.bold(p.Say(nil, "head.staff."+string(v.Summary), "head.unknown")) + "  " + p.Say(counts, "doctor.counts")
}

func (p *printer) mark(m string) string {
	if !p.color {
		return "[" + m + "]"
	}
	return "[\x1b[" + colours[m] + "m" + m + "\x1b[0m]"
}

func (p *printer) bold(s string) string { return p.style("1", s) }

func (p *printer) faint(s string) string { return p.style("2", s) }

func (p *printer) style(code, s string) string {
	if !p.color || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// line prints a line, broken at spaces where it is too long; what follows is indented.
func (p *printer) line(s, indent string) {
	s = strings.TrimRight(s, " ")
	lead := len(s) - len(strings.TrimLeft(s, " "))
	words := strings.Split(s[lead:], " ")
	row, width := s[:lead], lead
	for i, w := range words {
		n := printed(w)
		if i > 0 && width+1+n > terminal {
			p.b.WriteString(strings.TrimRight(row, " ") + "\n")
			row, width = indent, len(indent)
		} else if i > 0 {
			row, width = row+" ", width+1
		}
		row, width = row+w, width+n
	}
	p.b.WriteString(row + "\n")
}

// printed is how wide a word is on the screen: codes of colour take no room.
func printed(w string) int {
	n := 0
	for w != "" {
		i := strings.Index(w, "\x1b[")
		if i < 0 {
			return n + utf8.RuneCountInString(w)
		}
		n += utf8.RuneCountInString(w[:i])
		w = w[i:]
		if end := strings.IndexByte(w, 'm'); end >= 0 {
			w = w[end+1:]
		} else {
			return n
		}
	}
	return n
}

func pad(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-utf8.RuneCountInString(s)))
}
