package words

import "strconv"

// A bar is a plan drawn to scale: seats that fit, seats too many with a pattern of their own,
// and free seats up to the limit. The same is said beside it in words.
type bar struct {
	Name    string
	Label   string // all of it, for who cannot see it
	Numbers []number
	Over    string // "2 too many"
	ID      string // of the pattern
	Held    int    // widths in a field of 640
	Surplus int
	Free    int
	FreeAt  int
	Limit   int // where the limit stands; 0: it is not known
	Ticks   []int
}

type number struct{ Label, Value string }

const barWidth = 640

// bar draws a plan. The limit is what is offered, or more where the order covers more; a
// smaller order is the limit only where a finding says so.
func (m *pageModel) bar(b Bar, i int, reduced *int) bar {
	out := bar{Name: b.Name, ID: "over" + m.number(itoa(i))}
	value := func(n *int) int {
		if n == nil {
			return 0
		}
		return *n
	}
	limit := b.Offered
	switch {
	case reduced != nil:
		limit, b.Ordered = reduced, reduced
	case limit == nil:
		limit = b.Total
	case b.Ordered != nil && *b.Ordered > *limit:
		limit = b.Ordered
	}
	for _, x := range []struct {
		key string
		n   *int
	}{{"assigned", b.Assigned}, {"offered", b.Offered}, {"ordered", b.Ordered}, {"total", b.Total}} {
		text := m.say(nil, "not-known")
		if x.n == nil && x.key != "assigned" {
			continue // nothing is on offer, or nothing was told
		}
		if x.n != nil {
			text = m.number(itoa(*x.n))
		}
		out.Numbers = append(out.Numbers, number{m.say(nil, "evidence."+x.key), text})
	}
	held, top := value(b.Assigned), value(limit)
	most := max(held, value(b.Offered), value(b.Ordered), value(b.Total), 1)
	scale := func(n int) int { return n * barWidth / most }
	fits := held
	if limit != nil && held > top {
		fits = top
		out.Over = m.say(args{"over": held - top}, "page.over")
	}
	out.Held, out.Surplus = scale(fits), scale(held)-scale(fits)
	if limit != nil {
		out.Limit = scale(top)
	}
	out.FreeAt, out.Free = scale(held), max(0, scale(top)-scale(held))
	if most <= 40 {
		for n := 1; n < most; n++ {
			out.Ticks = append(out.Ticks, scale(n))
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

func itoa(n int) string { return strconv.Itoa(n) }
