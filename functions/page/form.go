package page

import "seatmend/shared/words"

// FaultAt is what is wrong with a field of a form; "": nothing.
func (m *pageModel) FaultAt(field string) string {
	for _, f := range m.Faults {
		if f.Field == field {
			return m.FaultText(f.Key)
		}
	}
	return ""
}

// FaultText says what is wrong, and what would be right.
func (m *pageModel) FaultText(key string) string {
	return m.Say(nil, "page.fault."+key, "page.fault.field")
}

// Said is what was typed into a field, so that nobody types it twice.
func (m *pageModel) Said(field string) string { return m.Typed[field] }

// Screen is the form that stands in for a reading, wherever it is shown.
func (m *pageModel) Screen() *Screen {
	switch {
	case m.Cure != nil:
		return m.Cure.Screen
	case m.Ask != nil:
		return m.Ask
	case m.Session != nil:
		return m.Session.Screen
	}
	return nil
}

// Drop, Skip and MoveTo name buttons after what they are about.
func (m *pageModel) Drop(name string) string {
	return m.Say(words.Args{"name": name}, "page.drop.label")
}

func (m *pageModel) Skip(name string) string {
	return m.Say(words.Args{"name": name}, "page.skip.label")
}

func (m *pageModel) SkipNot(name string) string {
	return m.Say(words.Args{"name": name}, "page.skip.not.label")
}

func (m *pageModel) MoveTo(to Move) string {
	return m.Say(words.Args{"to": to.Name, "free": to.Free}, "page.choose.move")
}

// SuggestButton names whom it chooses.
func (m *pageModel) SuggestButton() string {
	var names []string
	for _, r := range m.InWords.Suggest {
		names = append(names, r.Name)
	}
	return m.Say(words.Args{"names": names}, "page.suggest.button")
}

// OrderHead, OrderText and CodeText have numbers and names in them.
func (m *pageModel) OrderHead() string {
	if m.Cure.Active {
		return m.Say(m.cureArgs(), "page.order.active")
	}
	return m.Say(m.cureArgs(), "page.order")
}

func (m *pageModel) OrderText() string { return m.Say(m.cureArgs(), "page.order.text") }

func (m *pageModel) CodeText() string {
	return m.Say(words.Args{"mail": m.Cure.Offer.CodeTo, "also": m.Cure.Offer.CodeAlso}, "page.activate.code.text")
}

// MoveText says what we do and for whom; MoveButton is the yes to it.
func (m *pageModel) MoveText() string {
	return m.Say(m.moveArgs(), "page.direct.text"+m.moveKind())
}

func (m *pageModel) MoveButton() string {
	return m.Say(m.moveArgs(), "page.direct.button"+m.moveKind())
}

func (m *pageModel) MoveMore() string {
	if n := m.Cure.Direct.N - len(m.Cure.Direct.Names); n > 0 {
		return m.more(atOnce + n)
	}
	return ""
}

func (m *pageModel) MoveCode() string {
	d := m.Cure.Direct
	return m.Say(words.Args{"mail": d.CodeTo, "also": d.CodeAlso}, "page.activate.code.text")
}

func (m *pageModel) moveArgs() words.Args {
	a := m.cureArgs()
	a["n"], a["names"] = m.Cure.Direct.N, m.Cure.Direct.Names
	return a
}

func (m *pageModel) moveKind() string {
	if m.Cure.Direct.Exchange {
		return ".exchange"
	}
	return ""
}

// Wrong is the way out where the numbers of an offer are wrong.
func (m *pageModel) Wrong() any {
	return card{Finding: words.Finding{Fingerprint: m.Cure.Fingerprint}, Page: m}.Answer("numbers-wrong", "numbers-wrong.button")
}

// ActivateSteps are what is done in SuperOffice, where we may not do it.
func (m *pageModel) ActivateSteps() []string {
	var out []string
	for _, key := range []string{"page.do.open", "page.do.activate", "page.do.self", "page.do.return"} {
		if s, ok := m.Whole(m.cureArgs(), key); ok {
			out = append(out, s)
		}
	}
	return out
}
