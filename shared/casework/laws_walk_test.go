package casework

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"seatmend/shared/diagnosis"
	"seatmend/shared/diagnosis/lawtest"
	"seatmend/shared/licence"
)

// Laws of a state, checked after every commit of a walk through facts, hours, answers and outcomes.
// N1 and so on are the numbers of what the rules call never.

// A walk of facts, hours, answers and outcomes of effects, with every law of a state checked
// after every commit.
func TestWalk(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWalkFrom(t, drawDirectory(), func(w *drawWalk, was licence.State, c licence.Change) {
			lawOutbox(w)
			l := lawSeen(w, was, c)
			l.holds(l.Tasks(0))
			l.since()
			l.forecast()
			l.never()
		})
		w.blind = rapid.Bool().Draw(t, "blind")
		for range rapid.IntRange(5, 18).Draw(t, "steps") {
			w.step()
		}
	})
}

// Whatever is assigned, offered, ordered and in force, and however little is known of it: nobody
// is asked for a seat that is ordered, and nothing leads to Activate while order and offer
// disagree (N1, N6, N11, N12).
func TestNumbersAskForNothingThatIsOrdered(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := drawDirectory()
		a.Installations = a.Installations[:1]
		a.Installations[0].Hosting = "onsite"
		w := drawWalkFrom(t, a, func(w *drawWalk, was licence.State, c licence.Change) {
			l := lawSeen(w, was, c)
			l.never()
		})
		n := rapid.IntRange(0, 9)
		items := []licence.Item{{Plan: "sales", Quantity: n.Draw(t, "ordered")}}
		if rapid.IntRange(0, 2).Draw(t, "unmapped") == 0 {
			items = append(items, licence.Item{Prices: []string{"price_new"}, Quantity: 1})
		}
		w.tell(w.fact(licence.SubscriptionChanged{Subscription: "sub_1", Items: items, Status: "active"}, w.now.AddDate(0, 0, -4)))
		offered := n.Draw(t, "offered")
		p := licence.LicenceReported{
			CustID: drawHome, Version: "10.2", NextCheck: drawDay(-6), AdminWarning: drawDay(-1), Expires: drawDay(20), GraceUntil: drawDay(32),
			Plans: []licence.LicenceLine{{Plan: "sales", Module: "ten-sales", Total: n.Draw(t, "total"), InUse: n.Draw(t, "assigned")}},
		}
		if p.Offered = rapid.Bool().Draw(t, "is offered"); p.Offered {
			p.CanActivate, p.NewExpires, p.Plans[0].NewTotal = rapid.Bool().Draw(t, "can activate"), drawDay(385), &offered
		}
		w.tell(w.fact(p, w.now))
		w.tell(w.fact(licence.InstallationReported{CustID: drawHome, State: drawOf(t, "state", "running", "running", "maintenance")}, w.now))
		for range 3 { // what waits for the order, or for a read, waits no longer
			w.now = w.now.Add(2 * time.Hour)
			w.tell(w.fact(p, w.now))
		}
	})
}

// lawOutbox: what history holds for pending is what lies in the outbox.
func lawOutbox(w *drawWalk) {
	lawEqual(w.t, "outbox", slices.Sorted(maps.Keys(w.s.History.Pending)), slices.Sorted(maps.Keys(w.outbox)))
}

// A lawState is what the laws of a state look at.
type lawState struct {
	*drawWalk
	*lawtest.State
	was  licence.State
	c    licence.Change
	owed map[string][]licence.About // notices in the outbox that are not being sent, by address
}

func lawSeen(w *drawWalk, was licence.State, c licence.Change) *lawState {
	l := &lawState{drawWalk: w, State: lawtest.Seen(w.s, w.now), was: was, c: c, owed: map[string][]licence.About{}}
	for _, e := range w.outbox {
		if e.Kind == licence.Mail && e.Why == "notice" && e.Sending.IsZero() {
			l.owed[e.Address] = append(l.owed[e.Address], e.About...)
		}
	}
	return l
}

func (l *lawState) holds(broken string) {
	if broken != "" {
		l.t.Fatal(broken)
	}
}

// forecast: the rules that are run for later instants foresee all that every rule together would.
func (l *lawState) forecast() {
	all, _ := l.Reading.Foreseen(l.Diagnosis.Findings, diagnosis.Rules)
	lawEqual(l.t, "what is to come", lawJSON(l.t, l.Diagnosis.Upcoming), lawJSON(l.t, all))
}

// since: no finding was first seen before the first fact, or at no time at all.
func (l *lawState) since() {
	first := l.now
	for _, f := range l.facts {
		first = licence.Earliest(first, f.At)
	}
	for _, f := range slices.Concat(l.Diagnosis.Findings, l.Diagnosis.Upcoming) {
		if f.FirstSeen.Before(first) {
			l.t.Fatalf("%s of %v was first seen at %s, the first fact told at %s", f.Code, f.Subject, f.FirstSeen, first)
		}
	}
}

// never checks what the rules call never.
func (l *lawState) never() {
	l.holds(l.Broken())
	for address, abouts := range l.owed {
		l.holds(l.Notice(address, abouts))
	}
	l.solved()
	l.quiet()
	l.silence()
}

// solved: N5, nothing is called solved without a later report that says so, and nothing that
// is only hidden or not known; and what was so when it was owed still is so until it goes.
func (l *lawState) solved() {
	for _, e := range l.outbox {
		if e.Kind != licence.Mail || e.Why != "solved" || !e.Sending.IsZero() {
			continue
		}
		for _, v := range e.Solved {
			l.holds(l.Proven(v, l.facts))
		}
	}
	for _, e := range l.c.Add {
		if e.Kind != licence.Mail || e.Why != "solved" || e.Fails > 0 || !e.Sending.IsZero() {
			continue // or it was judged when it was first owed
		}
		for _, v := range e.Solved {
			if r, ok := l.Verdicts[v.Finding]; ok && v.Kind == "gone" && r.Answer != diagnosis.Fails {
				l.t.Fatalf("N5: %s %v is called solved, and is %s, hidden: %v", r.Code, r.Subject, r.Answer, r.Hidden)
			}
		}
	}
}

// quiet: N10, where mail is off or the operator's alone, none is owed.
func (l *lawState) quiet() {
	if p := l.s.MailPolicy(); p != "off" && p != "operator" {
		return
	}
	for _, e := range l.outbox {
		if e.Kind == licence.Mail && e.Why != "link" && e.Draft == "" && e.Sending.IsZero() {
			l.t.Fatalf("N10: mail is %s, and a mail is owed: %+v", l.s.MailPolicy(), e)
		}
	}
}

// silence: N11, a failed read is no number.
func (l *lawState) silence() {
	if l.c.Fact != nil {
		if _, ok := l.c.Fact.Payload.(licence.ReadFailed); ok {
			lawEqual(l.t, "N11: numbers", l.Reading.Numbers(), diagnosis.NewReading(l.was, l.now, l.now).Numbers())
		}
	}
}
