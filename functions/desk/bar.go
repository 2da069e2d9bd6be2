package desk

import (
	"strconv"

	"seatmend/functions/page"
)

// A deskBar is a plan drawn to scale in a narrow field, as the customer's page draws it. The
// numbers stand beside it.
type deskBar struct {
	page.Drawing
	Name                              string
	Assigned, Offered, Ordered, Total string
	TooMany                           int
	Label                             string
}

const deskWidth = 400

func (g tongue) drawn(b page.Bar) deskBar {
	out := deskBar{
		Drawing: b.Draw(deskWidth), Name: b.Name, TooMany: b.Over(),
		Assigned: count(b.Assigned), Offered: count(b.Offered), Ordered: count(b.Ordered), Total: count(b.Total),
	}
	out.Label = g.say("bar", b.Name, out.Assigned, out.Ordered, out.Offered, out.Total)
	return out
}

func count(n *int) string {
	if n == nil {
		return none
	}
	return strconv.Itoa(*n)
}
