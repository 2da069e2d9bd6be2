package casework

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// A scene is one set of facts, told in several orders. A toldAt is one of them: when it was so,
// and what.
type toldAt struct {
	at string
	p  licence.Payload
}

// inAnyOrder tells the facts in several orders to a world that begins at now, moves the clock on
// by half an hour into working hours and asks first, and asks later, after 73 hours in which
// every source was checked daily. Whatever the order, the answers are the same.
func inAnyOrder(t *testing.T, now string, a licence.AccountChanged, facts []toldAt, first, later func(w *world)) {
	t.Helper()
	var atOnce, after string
	for i, order := range tellings(len(facts)) {
		t.Run(fmt.Sprint("order", i), func(t *testing.T) {
			w := newWorld(t, now, a)
			for _, j := range order {
				w.told(stockholm(facts[j].at), fmt.Sprintf("s%03d", j), facts[j].p)
			}
			digest := w.digest(false)
			if i == 0 {
				atOnce = digest
			} else if digest != atOnce {
				t.Errorf("at once, order %v:\n%s\nwant\n%s", order, digest, atOnce)
			}
			w.halfHour()
			if first != nil {
				first(w)
			}
			w.live(stockholm(now).Add(73 * time.Hour).Sub(w.now))
			if later != nil {
				later(w)
			}
			digest = w.digest(true)
			if i == 0 {
				after = digest
			} else if digest != after {
				t.Errorf("after 73 hours, order %v:\n%s\nwant\n%s", order, digest, after)
			}
		})
	}
}

// tellings are a few permutations: as told, reversed, rotated, and two shuffles.
func tellings(n int) [][]int {
	as := make([]int, n)
	for i := range as {
		as[i] = i
	}
	back := slices.Clone(as)
	slices.Reverse(back)
	out := [][]int{as, back}
	if n > 2 {
		out = append(out, append(slices.Clone(as[1:]), 0))
	}
	seed := uint32(7)
	for range 2 {
		mix := slices.Clone(as)
		for i := n - 1; i > 0; i-- {
			seed = seed*1664525 + 1013904223
			j := int(seed>>8) % (i + 1)
			mix[i], mix[j] = mix[j], mix[i]
		}
		out = append(out, mix)
	}
	return out
}
