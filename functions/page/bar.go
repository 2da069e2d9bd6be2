package page

import "seatmend/shared/words"

// A bar is a plan drawn to scale: seats that fit, seats too many with a pattern of their own,
// and free seats up to the limit. The same is said beside it in words.
type bar struct {
	Name    string
	Label   string // all of it, for who cannot see it
	Numbers []figure
	Over    string // "2 too many"
	ID      string // of the pattern
	Held    int    // widths in a field of 640
	Surplus int
	Free    int
	FreeAt  int
	Limit   int // where the limit stands; 0: it is not known
	Ticks   []int
}

type figure struct{ Label, Value string }

const barWidth = 640

// limit is how many may hold the plan: what is offered, or more where the order covers more. A
// smaller order is the limit only where a finding says so. Nil: it is not known.
func (b Bar) limit() *int {
	switch {
	case b.Reduced != nil:
		return b.Reduced
	case b.Offered == nil, b.Sooner:
		return b.Total
	case b.Ordered != nil && *b.Ordered > *b.Offered:
		return b.Ordered
	}
	return b.Offered
}

// Over is how many hold the plan beyond its limit. It is the one place that says so of a plan
// as it stands; what is to be freed of it is the finding's.
func (b Bar) Over() int {
	limit := b.limit()
	if limit == nil || b.Assigned == nil {
		return 0
	}
	return max(0, *b.Assigned-*limit)
}

// A Drawing is a plan to scale: the widths of the seats that fit, of those too many and of those
// that are free, side by side, and where the limit stands; 0: it is not known.
type Drawing struct{ Held, Over, Free, Limit int }

// Draw draws the plan in a field of some width.
func (b Bar) Draw(width int) Drawing {
	held, limit := valueOf(b.Assigned), b.limit()
	scale := func(n int) int { return n * width / b.most() }
	fits := held - b.Over()
	d := Drawing{Held: scale(fits), Over: scale(held) - scale(fits)}
	if limit != nil {
		d.Limit = scale(*limit)
		d.Free = max(0, d.Limit-scale(held))
	}
	return d
}

// most is the greatest of the plan's numbers: that of the whole width.
func (b Bar) most() int {
	return max(1, valueOf(b.Assigned), valueOf(b.Offered), valueOf(b.Ordered), valueOf(b.Total))
}

func valueOf(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

// bar draws a plan for the customer's page, with all of it in words.
func (m *pageModel) bar(b Bar, i int) bar {
	out := bar{Name: b.Name, ID: "over" + m.Number(i)}
	if b.Reduced != nil {
		b.Ordered = b.Reduced
	}
	for _, x := range []struct {
		key string
		n   *int
	}{{"assigned", b.Assigned}, {"offered", b.Offered}, {"ordered", b.Ordered}, {"total", b.Total}} {
		text := m.Say(nil, "not-known")
		if x.n == nil && x.key != "assigned" {
			continue // nothing is on offer, or nothing was told
		}
		if x.n != nil {
			text = m.Number(*x.n)
		}
		out.Numbers = append(out.Numbers, figure{m.Say(nil, "evidence."+x.key), text})
	}
	if over := b.Over(); over > 0 {
		out.Over = m.Say(words.Args{"over": over}, "page.over")
	}
	d := b.Draw(barWidth)
	out.Held, out.Surplus, out.Free, out.Limit = d.Held, d.Over, d.Free, d.Limit
	out.FreeAt = d.Held + d.Over
	if most := b.most(); most <= 40 {
		for n := 1; n < most; n++ {
			out.Ticks = append(out.Ticks, n*barWidth/most)
		}
	}
	out.Label = b.Name
	for _, n := range out.Numbers {
		out.Label += "; " + n.Label + ": " + n.Value
	}
	if out.Over != "" {
		out.Label += "; " + out.Over
	}
	return out
}
