package page

import (
	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// A doStep is one thing to do in SuperOffice, and to whom. Who does not fit on the page stands
// on the list.
type doStep struct {
	Text   string
	Fold   string // it concerns not everybody: what shows of it; "": all of it
	People []pickRow
	More   string
	Done   bool
	Skips  bool // somebody may need none of it, and who was said to may need it after all
}

// atOnce is how many of the chosen a page shows; the list of them all has pages of its own.
const atOnce = 20

// doSteps are the steps in SuperOffice, with the people and the numbers of this customer.
func (m *pageModel) doSteps(a words.Args) []doStep {
	c := m.Cure
	var out []doStep
	add := func(key string, people ...pickRow) {
		text, ok := m.Whole(a, "page.do."+key)
		if !ok {
			return
		}
		s := doStep{Text: text, People: people, Done: len(people) > 0}
		for _, p := range people {
			s.Done = s.Done && (p.Class == "done" || p.Class == "skipped")
		}
		s.More, s.Skips = m.more(len(people)), key == "swap-give"
		s.People = people[:min(len(people), atOnce)]
		if key == "leavers" {
			s.Fold = m.Say(nil, "page.do.leavers.fold")
		}
		out = append(out, s)
	}
	var requests, free, move, all []pickRow
	for i, p := range c.Chosen.Picks {
		r := m.InWords.Picks[i]
		if r.Requests != "" {
			q := r
			q.What = m.Say(a.With("count", p.Requests), "blocker.open-requests")
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
	if !c.SCIM && len(free) > 0 && c.Way != "free-activate-give" {
		add("leavers")
	}
	switch {
	case c.SCIM:
		add("scim", all...)
		add("scim-wait")
	case c.To != "" && c.Way == "free-activate-give":
		if c.Need > licence.Many {
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
			add("free", named(free)...)
		}
		if len(move) > 0 {
			add("move", move...)
		}
		add("ok")
	}
	switch {
	case !c.There || c.Way == "free-activate-give":
	case c.SCIM || c.Suite:
		add("then-open")
	default:
		add("then") // the dialog has led back to the new licence
	}
	return out
}

// named are people of whom a step says what is done: those to whom it is still to be done show by
// their names alone.
func named(people []pickRow) []pickRow {
	out := append([]pickRow(nil), people...)
	for i := range out {
		if out[i].What = ""; out[i].Class == "todo" {
			out[i].State = ""
		}
	}
	return out
}

// taken are the same people in the step that takes the old plan: whoever waits for the new
// one has given up the old.
func (m *pageModel) taken(people []pickRow) []pickRow {
	out := append([]pickRow(nil), people...)
	gives := m.Say(m.cureArgs(), "page.pick.free.swap")
	for i, p := range out {
		out[i].What = gives
		switch held := m.Cure.Chosen.Picks[i].Held; {
		case p.Class == "skipped" && held:
			out[i].Class, out[i].Mark, out[i].State = "todo", "○", m.Say(nil, "page.pick.todo")
		case p.Class == "taken" || p.Class == "skipped":
			out[i].Class, out[i].Mark, out[i].State = "done", "✓", m.Say(nil, "page.pick.done")
		}
	}
	return out
}
