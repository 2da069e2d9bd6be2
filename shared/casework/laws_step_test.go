package casework

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// Laws of a step and of the time between two.

// Step is pure: the same inputs give the same change, and are left as they were.
func TestStepIsPure(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWalkFrom(t, drawDirectory(), func(*drawWalk, licence.State, licence.Change) {})
		for range rapid.IntRange(0, 8).Draw(t, "steps") {
			w.step()
		}
		kinds := drawOf(t, "topic", drawNews, drawSeatTopic)
		if len(kinds) == len(drawSeatTopic) { // about a person of whom something was told before
			w.tell(drawFact(t, "before", w.now, "seat.changed"))
			w.tell(drawFact(t, "before2", w.now, "seat.changed"))
		}
		f, seats := w.given(w.s.Known, drawFact(t, "g", w.now, kinds...))
		before, people := w.s.Known.Clone(), lawRows(seats)
		history := w.s.History.Clone()
		state := licence.State{Account: w.s.Account, N: w.s.N, Known: before, History: history}
		given, _ := json.Marshal(w.s)

		one, out, err := Step(w.s, seats, f, w.now)
		two, again, _ := Step(w.s, seats, f, w.now)
		if err != nil || out != again {
			t.Fatalf("%v and %v, error %v", out, again, err)
		}
		lawEqual(t, "change", two, one)
		three, _, _ := Step(state, seats, f, w.now)
		lawEqual(t, "change of a copy", lawJSON(t, three), lawJSON(t, one))
		lawEqual(t, "people", lawRows(seats), people)
		if left, _ := json.Marshal(w.s); string(left) != string(given) {
			t.Fatalf("the state given was\n%s\nand is\n%s", given, left)
		}
		if e, ok := w.ripe(); ok {
			d := licence.Result{Effect: e, At: w.now, Outcome: "sent", Address: e.Address, Mail: "mail"}
			lawEqual(t, "finish", Finish(w.s, d, w.now), Finish(w.s, d, w.now))
		}
		if left, _ := json.Marshal(w.s); string(left) != string(given) {
			t.Fatalf("the state given to Finish was\n%s\nand is\n%s", given, left)
		}
	})
}

// A fact that is stamped more than five minutes ahead is refused, and changes nothing.
func TestFactsFromTheFutureAreRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWalkFrom(t, drawDirectory(), func(*drawWalk, licence.State, licence.Change) {})
		ahead := time.Duration(rapid.IntRange(1, 1000).Draw(t, "seconds ahead")) * time.Second
		f, seats := w.given(w.s.Known, drawFact(t, "g", w.now.Add(ahead), drawNews...))
		c, out, err := Step(w.s, seats, f, w.now)
		if got, want := err != nil, ahead > licence.Ahead; got != want {
			t.Fatalf("%s ahead: refused %v, want %v", ahead, got, want)
		}
		if err != nil {
			if !errors.Is(err, ErrAhead) {
				t.Fatal(err)
			}
			lawEqual(t, "change", c, licence.Change{})
			lawEqual(t, "outcome", out, licence.Outcome{})
		}
	})
}

// Between two instants at which something can change, nothing does: neither what is diagnosed
// nor what is owed.
func TestNothingChangesBetweenDues(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWalkFrom(t, drawDirectory(), func(*drawWalk, licence.State, licence.Change) {})
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			w.step()
			for range 3 { // what is left undone is due now, and hides what comes next
				w.deliver()
			}
			w.tick()
			lawConstant(w, rapid.Float64Range(0.01, 0.99).Draw(t, "between"))
		}
	})
}

// lawConstant compares now with an instant a part of the way to the next that is due.
func lawConstant(w *drawWalk, part float64) {
	r := diagnosis.NewReading(w.s, w.now, w.now)
	r.Diagnosis(diagnosis.RunRules(r, diagnosis.Rules))
	next := r.C.Next()
	if next.IsZero() {
		next = w.now.AddDate(1, 0, 0)
	}
	later := w.now.Add(time.Duration(float64(next.Sub(w.now)) * part))
	lawEqual(w.t, "diagnosis at "+later.String(), lawDiagnosis(w.s, later), lawDiagnosis(w.s, w.now))

	if next = w.due; next.IsZero() {
		next = w.now.AddDate(1, 0, 0)
	}
	if !next.After(w.now) {
		return
	}
	later = w.now.Add(time.Duration(float64(next.Sub(w.now)) * part))
	c := Tick(w.s, later)
	if len(c.Add)+len(c.Drop)+len(c.Rows) > 0 {
		w.t.Fatalf("at %s, due %s: adds %v, drops %v, rows %v", later, w.due, c.Add, c.Drop, c.Rows)
	}
	if !w.due.IsZero() && (c.Due.IsZero() || c.Due.After(w.due)) {
		w.t.Fatalf("at %s it is due at %s, before it was at %s", later, c.Due, w.due)
	}
	lawEqual(w.t, "history at "+later.String(), lawJSON(w.t, c.History), lawJSON(w.t, w.s.History))
}

// A finding that was forecast is first seen when it stands: what settles after that, settles
// then, whatever was known before of what was to come.
func TestForecastDoesNotSettle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWalkFrom(t, drawDirectory(), func(*drawWalk, licence.State, licence.Change) {})
		ends := rapid.IntRange(20, 60).Draw(t, "ends")
		sub := licence.SubscriptionChanged{Subscription: "sub_1", Items: []licence.Item{{Plan: "sales", Quantity: 4}}, Status: "active", EndsAt: drawDay(ends)}
		w.tell(w.fact(sub, w.now)) // no licence was told: that it ends is only to come
		fp := licence.Fingerprint("C-1042", "subscription-ended", licence.Subject{Kind: "account", ID: "C-1042"})
		if p := w.s.History.Findings[fp]; p == nil || !p.Ahead {
			t.Fatalf("it is not forecast: %+v", p)
		}
		w.now = w.now.Add(time.Duration(rapid.IntRange(25, 300).Draw(t, "hours")) * time.Hour)
		w.tick()
		sub.Status = "ended"
		w.tell(w.fact(sub, w.now))
		if p := w.s.History.Findings[fp]; p.Ahead || p.State != "waiting" || !p.FirstSeen.Equal(w.now) {
			t.Fatalf("it stands since %s, and is %+v", w.now, p)
		}
	})
}
