package page

import (
	"slices"

	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// screen heads the page of one question.
func (m *pageModel) screen() {
	s, step := m.Cure.Screen, m.Cure.Asks.Step
	key := "page.ask." + step
	if step == "offer" {
		key = "page.screen"
	}
	m.Head = m.placed(m.Say(words.Args{"day": s.Day}, key))
	m.Title = m.Head
}

// placed names the installation that is asked about, where the customer has several.
func (m *pageModel) placed(sentence string) string {
	if s := m.Screen(); s.Several {
		return m.Say(words.Args{"cust": s.CustID, "sentence": sentence}, "placed")
	}
	return sentence
}

// Question is the first one.
func (m *pageModel) Question() string { return m.placed(m.T("screen")) }

// Where is the step that leads to the screen.
func (m *pageModel) Where() string {
	return m.Say(words.Args{"address": m.Screen().Address}, "page.do.open")
}

// KnownOf is what is known of the screen so far, and of which day.
func (m *pageModel) KnownOf() (lines []string) {
	s := m.Screen()
	if s.Day == "" || s.Expires == "" {
		return nil
	}
	lines = []string{m.Say(words.Args{"day": s.Day, "expires": s.Expires, "new": s.New}, "page.screen.known")}
	for _, p := range s.Plans[:min(len(s.Plans), atOnce)] {
		lines = append(lines, m.Say(p.args(), "page.screen.known.plan"))
	}
	return lines
}

func (p ScreenLine) args() words.Args {
	a := words.Args{"plan": p.Name, "n": p.InUse}
	if p.New != nil {
		a["new"] = *p.New
	}
	return a
}

// An Answer is a button that answers a question.
type answer struct {
	Value, Text string
	Primary     bool
}

// answers are those to the first question, the main button's first. Where one is likely, what is said
// beside it and beside an activation has to be opened.
func (m *pageModel) answers() (shown, folded []answer) {
	say := func(value string) answer { return answer{Value: value, Text: m.T("answer." + value)} }
	waits, active, none := say(licence.Waits), say(licence.Active), say(licence.None)
	known := []answer{active}
	if until := m.Screen().New; until != "" {
		known = []answer{{Value: asOffered, Text: m.Say(words.Args{"until": until}, "page.answer.active-until")}}
		folded = []answer{active} // until another day
	}
	switch s := m.Screen(); {
	case m.Kind == "steps" || m.Kind == "activate": // that is what the steps before lead to
		shown, folded = known, append(folded, waits, none)
	case s.Expires != "":
		shown, folded = []answer{{Value: asBefore, Text: m.Say(words.Args{"day": s.Day}, "page.answer.same")}}, append(folded, waits, none)
		shown = append(shown, known...)
	default:
		folded = nil
		shown = []answer{none, active, waits}
	}
	shown[0].Primary = true
	return shown, folded
}

// Answers are the answers that show, OtherAnswers those that are to be opened.
func (m *pageModel) Answers() []answer      { shown, _ := m.answers(); return shown }
func (m *pageModel) OtherAnswers() []answer { _, folded := m.answers(); return folded }

// Likely is the day that the licence is known to end, or to have from the new one; "": none is known.
func (m *pageModel) Likely() licence.Date {
	if m.Cure.Asks.Said.Offer == licence.Active {
		return m.Cure.Screen.New
	}
	return m.Cure.Screen.Expires
}

// Answered are the answers so far, as fields that go along.
func (m *pageModel) Answered() []figure {
	out := []figure{{"cust_id", m.Cure.Screen.CustID}}
	if step := m.Cure.Asks.Step; step == "same" || step == "confirm" {
		out = append(out, figure{"shown", m.Cure.Screen.Mark()})
	}
	names := []string{"offer"}
	switch m.Cure.Asks.Step {
	case "expires":
		names = append(names, "same")
	case "in-use":
		names = append(names, "same", "expires")
	case "confirm":
		names = append(names, "same", "expires", "asked")
		for _, p := range m.Cure.Screen.Plans {
			names = append(names, "in_use."+p.Plan, "new."+p.Plan)
		}
	}
	for _, name := range names {
		if value := m.Typed[name]; value != "" {
			out = append(out, figure{name, value})
		}
	}
	return out
}

// A field asks for a number, with what is known of it beside.
type field struct {
	Name, Label, Known string
	Needed             bool
}

// Fields are the numbers that are asked for.
func (m *pageModel) Fields() (out []field) {
	s := m.Cure.Screen
	for _, p := range s.Plans {
		f := field{Name: "in_use." + p.Plan, Label: p.Name}
		if s.Day != "" {
			f.Known = m.Say(words.Args{"n": p.InUse, "day": s.Day}, "page.ask.known")
		}
		out = append(out, f)
		if m.Cure.Asks.Said.Offer == licence.Waits && !s.Offered {
			out = append(out, field{Name: "new." + p.Plan, Label: m.Say(p.args(), "page.ask.new"), Needed: true})
		}
	}
	return out
}

// SaidText is what was said, as a sentence; SaidNumbers are its numbers.
func (m *pageModel) SaidText() string {
	p := m.Cure.Asks.Said
	return m.Say(words.Args{"expires": p.Expires}, "page.said."+p.Offer)
}

func (m *pageModel) SaidNumbers() (out []string) {
	asks := m.Cure.Asks
	for _, line := range m.Cure.Screen.Plans {
		say := func(n int, told bool, key string) {
			if told {
				out = append(out, m.Say(words.Args{"plan": line.Name, "n": n}, key))
			}
		}
		if asks.Takes && line.New != nil {
			say(*line.New, true, "page.said.took")
		}
		used, told := asks.Said.InUse[line.Plan]
		say(used, told, "page.said.plan")
		total, told := asks.Said.New[line.Plan]
		say(total, told, "page.said.new")
	}
	return out
}

// NotesText is what speaks against what was said.
func (m *pageModel) NotesText() (out []string) {
	for _, n := range m.Cure.Asks.Notes {
		out = append(out, m.Say(n.Args, "page.note."+n.Key))
	}
	return out
}

// Changes is what would be over, and what would be found.
func (m *pageModel) Changes() (out []string) {
	for key, titles := range map[string][]string{"goes": m.Cure.Asks.Goes, "comes": m.Cure.Asks.Comes} {
		for _, title := range titles {
			out = append(out, m.Say(words.Args{"title": title}, "page.change."+key))
		}
	}
	slices.Sort(out)
	return out
}

// StandsText says what a person said that does not count yet. Names wait for the session.
func (m *pageModel) StandsText() string {
	s := m.Stands
	key := "page.stands"
	switch {
	case s.Mine:
		key = "page.stands.mine"
	case m.Session == nil:
		key = "page.stands.somebody"
	}
	return m.Say(words.Args{"by": s.By, "at": s.At, "counts": m.TimeOfDay(s.Counts)}, key)
}
