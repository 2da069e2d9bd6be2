package functions_test

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"seatmend/shared/casework"
	"seatmend/shared/diagnosis"
	"seatmend/shared/store"
	"seatmend/shared/store/storetest"
)

// calls are the calls of the store while something is done, and how often the rules ran.
func (w *world) calls(do func()) (calls []string, runs int) {
	w.Helper()
	w.plan = func(c storetest.Call) storetest.Fault {
		calls = append(calls, c.Op)
		return storetest.None
	}
	first := diagnosis.Rules[0]
	diagnosis.Rules[0].Check = func(r *diagnosis.Reading, out []diagnosis.Verdict) []diagnosis.Verdict {
		runs++
		return first.Check(r, out)
	}
	defer func() { w.plan, diagnosis.Rules[0] = nil, first }()
	do()
	return calls, runs
}

// A press on choose reads the account once, decides once, and commits; what it settles on the way
// is the only other run of the rules. It is the same for the second and the third press, and however
// many are chosen already.
func TestCallsOfAChoice(t *testing.T) {
	alone(t)
	for _, already := range []int{0, 300} {
		t.Run(fmt.Sprint(already, " are chosen"), func(t *testing.T) {
			w := newWorld(t, nil)
			b := w.meet(granit().holding(func(c *customer) {
				for i := range already {
					c.tenant.Users = append(c.tenant.Users, person(100+i, fmt.Sprint("Extra ", i), 10, "ten-sales")) // before all others
				}
				c.tenant.Modules[0].Total += already
			}))
			fp := w.finding("G-1", "surplus").Fingerprint
			b.session()
			choose := func(users ...string) {
				if r := b.forge("/choose", url.Values{"fingerprint": {fp}, "user": users}); r.status != 303 {
					t.Fatalf("choosing: %d %s", r.status, r.body)
				}
			}
			for from := 0; from < already; from += store.MaxSeats {
				var some []string
				for i := from; i < min(already, from+store.MaxSeats); i++ {
					some = append(some, fmt.Sprint(100+i))
				}
				choose(some...)
			}
			b.open("/seats/" + fp)
			users := ticks.FindAllStringSubmatch(b.shows.body, 3)
			if len(users) < 3 {
				t.Fatalf("nobody can be chosen on %s", b.shows.body)
			}
			l, err := w.app.Store.Load(t.Context(), "G-1", store.Want{})
			if err != nil {
				t.Fatal(err)
			}
			_, diagnosis := w.calls(func() { diagnosis.Diagnose(l.State, w.clock.Now(), w.clock.Now()) })
			_, settling := w.calls(func() { casework.Tick(l.State, w.clock.Now()) })
			for i, m := range users {
				calls, runs := w.calls(func() { choose(m[1]) })
				t.Logf("%v, %d runs of the rules", calls, runs)
				if len(calls) > 6 || runs > diagnosis+settling || times(calls, "Load") > 3 || times(calls, "Commit") != 1 {
					t.Errorf("a press takes %v, and runs the rules %d times; want six calls with one commit, and %d", calls, runs, diagnosis+settling)
				}
				choice, _, err := w.app.Store.Row(t.Context(), "G-1", "choice", fp)
				if n := strings.Count(string(choice.Body), `"user":`); err != nil || n != already+i+1 {
					t.Fatalf("%d are chosen, %v", n, err)
				}
			}
		})
	}
}

// A webhook of Stripe's takes one read and one write, beside the look-up of its names.
func TestCallsOfStripe(t *testing.T) {
	alone(t)
	p := billed(t, "cus_1")
	for i, seats := range []int{10, 12} {
		body := stripeSubscription(fmt.Sprint("evt_", i), "sub_1", "cus_1", stripeOctober+int64(i), seats)
		calls, _ := p.calls(func() {
			if r := p.post("stripe", "/billing/stripe", "", body); r.outcome() != "applied" {
				t.Fatal(r)
			}
		})
		calls = slices.DeleteFunc(calls, func(op string) bool { return op == "Outbox" }) // the delivery that it wakes
		if want := []string{"Resolve", "Load", "Commit"}; !slices.Equal(calls, want) {
			t.Errorf("it takes %v, want %v", calls, want)
		}
	}
}

var ticks = regexp.MustCompile(`name="user" value="([^"]+)"`)

func times(list []string, one string) (n int) {
	for _, s := range list {
		if s == one {
			n++
		}
	}
	return n
}
