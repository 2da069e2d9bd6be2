package page

import (
	"seatmend/shared/licence"
	"seatmend/shared/words"
)

type offerRow struct {
	Name, InUse, Now, New, Change string
	Over                          bool
}

// offer sets the new licence beside the present one.
func (m *pageModel) offer(a words.Args) {
	o := m.Cure.Offer
	count := func(n *int) string {
		if n == nil {
			return m.Say(nil, "not-known")
		}
		return m.Number(*n)
	}
	for _, l := range o.Lines {
		r := offerRow{Name: l.Name, InUse: count(l.InUse), Now: count(l.Now), New: count(l.New)}
		if l.Now != nil && l.New != nil {
			switch d := *l.New - *l.Now; {
			case d < 0:
				r.Change = m.Say(words.Args{"n": -d}, "page.activate.fewer")
			case d > 0:
				r.Change = m.Say(words.Args{"n": d}, "page.activate.more")
			default:
				r.Change = m.Say(nil, "page.activate.same")
			}
		}
		r.Over = l.InUse != nil && l.New != nil && *l.InUse > *l.New
		m.InWords.Lines = append(m.InWords.Lines, r)
	}
	for _, d := range []struct {
		key string
		day licence.Date
	}{{"page.activate.until", o.Until}, {"page.activate.new-until", o.New}} {
		if d.day != "" {
			m.InWords.Dates = append(m.InWords.Dates, figure{m.Say(a, d.key), m.Date(d.day)})
		}
	}
}
