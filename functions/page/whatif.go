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
	s, now := diagnosis.WhatIf(v.state, t.cust, todo), a.Now()
	d := diagnosis.Diagnose(s, now, now)
	c.Fits = len(todo) > 0
	o.Reader = v.Link.Role
	view := words.Of(v.Link.Lang).View(d, *o)
	for _, f := range append(view.Findings, view.Upcoming...) {
		switch {
		case f.Fingerprint == c.Fingerprint:
			c.Fits = c.Fits && f.Need == 0
		case f.State == "open" || f.State == "waiting" || f.State == "verifying":
			c.Remains = append(c.Remains, f.Title)
		}
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
