package page

import (
	"slices"
	"strings"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// suppose shows each plan, and what would remain, as if all that is chosen were done.
func (a *Page) suppose(v Request, t target, c *Cure, o *words.Options) {
	var todo []licence.Pick
	for i, p := range t.chosen.Picks {
		if state := t.picked[i].State; state == "todo" || state == "back" || state == "unknown" {
			todo = append(todo, p)
		}
	}
	o.Reader = v.Link.Role
	s, now := diagnosis.WhatIf(v.state, t.cust, todo), a.Now()
	c.Fits, c.Remains = a.remains(v, c, s, *o)
	c.Fits = c.Fits && len(todo) > 0
	if n := c.Need - len(t.chosen.Picks); n > 0 && len(c.Suggest) == n {
		for _, h := range c.Suggest {
			todo = append(todo, licence.Pick{User: h.User.ID, Plan: first(t.plans)})
		}
		_, c.Then = a.remains(v, c, diagnosis.WhatIf(v.state, t.cust, todo), *o)
	} else {
		c.Suggest = nil
	}
	for _, site := range diagnosis.Installations(s, now, now) {
		if !strings.EqualFold(site.CustID, t.cust) {
			continue
		}
		for _, p := range site.Plans {
			b := BarOf(site.CustID, p)
			c.After = append(c.After, b)
			if free := freeOf(b); free > 0 && t.to == "" && !c.Suite && !slices.Contains(t.plans, p.Plan) {
				c.Moves = append(c.Moves, Move{Plan: p.Plan, Name: p.Name, Free: free})
			}
		}
	}
}

// remains tells whether the finding would be over in a state, and what there would be to do then, as
// it will be: none of it is so yet.
func (a *Page) remains(v Request, c *Cure, s licence.State, o words.Options) (fits bool, lines []string) {
	now := a.Now()
	voice := words.Of(v.Link.Lang).Voice(o.Zone, now)
	view := words.Of(v.Link.Lang).View(diagnosis.Diagnose(s, now, now), o)
	fits = true
	for _, f := range append(view.Findings, view.Upcoming...) {
		switch {
		case f.Fingerprint == c.Fingerprint:
			fits = f.Need == 0
		case f.Code == licence.NotActivated && f.State == licence.Open && f.Mine && len(f.BlockedBy) == 0:
			lines = append(lines, voice.Say(nil, "page.after.activate"))
		case f.State == licence.Open || f.State == licence.Waiting || f.State == licence.Verifying:
			lines = append(lines, voice.Say(words.Args{"title": f.Title}, "page.after.still"))
		}
	}
	return fits, lines
}

// freeOf is how many seats of a plan are free in the licence in force, and stay so in the next.
func freeOf(b Bar) int {
	if b.Total == nil || b.Assigned == nil {
		return 0
	}
	free := *b.Total - *b.Assigned
	if b.Offered != nil {
		free = min(free, *b.Offered-*b.Assigned)
	}
	return free
}
