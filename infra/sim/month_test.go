package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Most plans happen within minutes, so that hands meet. One of twenty goes through a month, and in some others a
// sender tells days later what was so; both are drawn apart from all else.

// month spreads a plan over four weeks and more: figures are told again and again, so that there is something to
// be reminded of, and some customers' licences are renewed in the end.
func (p *plan) month() {
	if p.Seed%20 != 4 {
		return
	}
	r := rand.New(rand.NewPCG(p.Seed, 31))
	p.Days = 28 + r.IntN(8) // the licences lapse on the 21st, and are in grace for twelve days
	var moments []time.Duration
	for range 6 {
		moments = append(moments, time.Duration(r.IntN(p.Days))*24*time.Hour+time.Duration(r.IntN(9*60))*time.Minute)
	}
	for i := range p.Events {
		switch e := &p.Events[i]; {
		case e.Name[0] != 'e' && e.Name[0] != 'm':
		case e.Kind == "visit", e.Kind == "desk":
			e.At = moments[r.IntN(len(moments))] + time.Duration(25+r.IntN(60))*time.Minute
		default:
			e.At = moments[r.IntN(len(moments))]
		}
	}
	for n := range p.Who {
		p.Who[n].Mail = "on"
		renewed := p.Days
		if r.IntN(4) > 0 {
			renewed = 12 + r.IntN(p.Days-12)
			p.Events = append(p.Events, event{Name: fmt.Sprintf("renewed%d", n), At: time.Duration(renewed) * 24 * time.Hour, Kind: "renewed", Of: n})
		}
		for day := 3; day < renewed; day += 5 {
			p.Events = append(p.Events, event{Name: fmt.Sprintf("fig%d.%d", n, day), At: time.Duration(day) * 24 * time.Hour, Kind: "licence", Of: n, X: 9, Y: 8})
		}
	}
	p.Events = append(p.Events, event{Name: "rest", At: time.Duration(p.Days) * 24 * time.Hour, Kind: "rest"})
	p.sort()
}

// late has senders tell what was so up to 75 hours before, for the first time.
func (p *plan) late() {
	if p.Seed%6 != 2 {
		return
	}
	r := rand.New(rand.NewPCG(p.Seed, 37))
	for i := range p.Events {
		if e := &p.Events[i]; r.IntN(3) == 0 && slices.Contains(eventKinds, e.Kind) && e.Name[0] == 'e' {
			e.Late = []time.Duration{40 * time.Minute, 26 * time.Hour, 50 * time.Hour, 75 * time.Hour}[r.IntN(4)]
		}
	}
}

// lists has the first list of a customer's people told by three hands at once, and people change at that moment, in
// one plan of twelve: else two attempts at one list hardly ever meet.
func (p *plan) lists() {
	if p.Seed%12 != 11 {
		return
	}
	n := 0
	for i := range p.Events {
		if e := &p.Events[i]; e.Name[0] == 'e' && n < 5 {
			e.Kind, e.Of, e.At, e.Late, e.Skew = "seat", 0, time.Minute, 0, 0
			if n == 0 {
				e.Kind, e.X, e.Copies = "list", e.X|(1<<most-1), []time.Duration{0, 0}
			}
			n++
		}
	}
	p.sort()
}

func (p *plan) sort() {
	slices.SortStableFunc(p.Events, func(a, b event) int { return int(a.At - b.At) })
}

// renewed is a licence that was renewed, and has what is in use.
func (w *world) renewed(c customer) map[string]any {
	out := w.licenceOf(c, event{X: 8, Y: 6})
	out["next_check"], out["admin_warning"], out["expires"], out["grace_until"], out["offered"] = "2027-11-20", "2027-11-15", "2027-12-13", "2027-12-25", false
	line := out["plans"].([]any)[0].(map[string]any)
	line["total"], line["in_use"] = most, most
	return out
}

// rests waits for the end of the month.
func (w *world) rests(ctx context.Context, _ *hand) {
	w.turn(ctx, "sees that the month is over")
	w.saw("a month went by")
}
