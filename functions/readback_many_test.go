package functions_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A customer with many subscriptions is read page by page: those that ended before anything was told of
// them are no news, and more than an account holds is ops' to know, while the account goes on.
func TestManySubscriptions(t *testing.T) {
	for _, c := range []struct {
		live, ended int
		fits        bool
		id          string // of one
	}{{120, 1880, true, "sub_%04d"}, {400, 0, false, "sub_" + strings.Repeat("long", 50) + "%04d"}} {
		t.Run(strconv.Itoa(c.live), func(t *testing.T) {
			b := stripeBiller
			p := readWorld(t, b)
			for i := range c.live + c.ended {
				status := "active"
				if i >= c.live {
					status = "ended"
				}
				p.billing.Put(b.name, "subscription", b.sub(fmt.Sprintf(c.id, i), b.customer, status, 1))
			}
			began := time.Now()
			p.advance(p.clock.Now().Add(25 * time.Hour))
			t.Logf("%d live, %d ended: %d calls, %s, ordered %v", c.live, c.ended, len(p.billing.Calls(b.name)), time.Since(began).Round(time.Millisecond), p.ordered())
			want, cut := any(float64(c.live)), 0
			if !c.fits {
				want, cut = nil, 1 // never a part of them
			}
			if got := p.ordered(); got != want || len(p.cut()) != cut {
				t.Errorf("%v ordered, want %v; ops have %v", got, want, p.cut())
			}
			if got := p.fleetTasks("not-read"); len(got) > 0 {
				t.Errorf("ops have %v", got)
			}
			p.must(p.say("payment.claimed", p.clock.Now(), `{"account":"C-1","invoice":"in_1","paid_on":"2026-10-02","reference":"1","by":"Bo"}`), "applied")
		})
	}
}
