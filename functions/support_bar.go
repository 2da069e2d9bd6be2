package functions

import (
	"strconv"

	"seatmend/shared/words"
)

// A deskBar is a plan drawn to scale, in a field of 400: who holds it, what of that is too
// many, and where the limit is. The numbers stand beside it.
type deskBar struct {
	Name                              string
	Assigned, Offered, Ordered, Total string
	Held, Over, OverAt, Limit         int
	TooMany                           int
	Label                             string
}

const deskWidth = 400

// drawn draws a plan. The limit is what is offered, else what is in force.
func drawn(b words.Bar) deskBar {
	out := deskBar{Name: b.Name, Assigned: count(b.Assigned), Offered: count(b.Offered), Ordered: count(b.Ordered), Total: count(b.Total)}
	held, limit := value(b.Assigned), b.Offered
	if limit == nil {
		limit = b.Total
	}
	most := max(held, value(b.Offered), value(b.Ordered), value(b.Total), 1)
	scale := func(n int) int { return n * deskWidth / most }
	out.Held = scale(held)
	if limit != nil {
		out.Limit = scale(*limit)
		if out.TooMany = max(0, held-*limit); out.TooMany > 0 {
			out.Held, out.OverAt, out.Over = scale(*limit), scale(*limit), scale(held)-scale(*limit)
		}
	}
	out.Label = deskSay("bar", b.Name, out.Assigned, out.Ordered, out.Offered, out.Total)
	return out
}

func value(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

func count(n *int) string {
	if n == nil {
		return deskSay("none")
	}
	return strconv.Itoa(*n)
}
