package functions_test

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
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
// is the only other run of the rules. It is the same for the second and the third press.
func TestCallsOfAChoice(t *testing.T) {
	alone(t)
	w := newWorld(t, nil)
	b := w.meet(granit())
	fp := w.finding("G-1", "surplus").Fingerprint
	b.session()
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
	for _, m := range users {
		calls, runs := w.calls(func() {
			if r := b.forge("/choose", url.Values{"fingerprint": {fp}, "user": {m[1]}}); r.status != 303 {
				t.Fatalf("choosing: %d %s", r.status, r.body)
			}
		})
		t.Logf("%v, %d runs of the rules", calls, runs)
		if len(calls) > 6 || runs > diagnosis+settling || times(calls, "Load") > 3 || times(calls, "Commit") != 1 {
			t.Errorf("a press takes %v, and runs the rules %d times; want six calls with one commit, and %d", calls, runs, diagnosis+settling)
		}
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
