package casework

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// lawKnown is what is known, as it is stored, less what are only addresses: the id of a roster
// and the marks of whom a lost race must stage again.
func lawKnown(t *rapid.T, k licence.Known) map[licence.Part]string {
	t.Helper()
	k = k.Clone()
	for _, i := range k.Licences.By {
		i.Roster.ID, i.Roster.Changed = "", nil
	}
	out := map[licence.Part]string{}
	for _, p := range licence.Parts {
		b, err := k.Encode(p)
		if err != nil {
			t.Fatal(err)
		}
		out[p] = string(b)
	}
	return out
}

// lawPeople is who holds what, as a reader of the present rosters sees it.
func lawPeople(k licence.Known, d *drawStore) map[string]string {
	out := map[string]string{}
	for cust := range k.Licences.By {
		for _, seat := range d.present(k, cust) {
			held := map[string]int{}
			for plan, h := range seat.Plans {
				if h.Held {
					held[plan] = h.Requests + 1
				}
			}
			b, _ := json.Marshal([]any{seat.User.Value, held})
			out[cust+"/"+seat.User.Value.ID] = string(b)
		}
	}
	return out
}

// lawTold folds facts one by one into nothing.
func lawTold(facts []licence.Fact) (licence.Known, *drawStore) {
	k, d := licence.Known{}, &drawStore{}
	for _, f := range facts {
		k, _ = d.fold(k, f)
	}
	return k, d
}

func lawEqual[T any](t *rapid.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		g, _ := json.MarshalIndent(got, "", " ")
		w, _ := json.MarshalIndent(want, "", " ")
		a, b := strings.Split(string(g), "\n"), strings.Split(string(w), "\n")
		at := 0
		for at < min(len(a), len(b))-1 && a[at] == b[at] {
			at++
		}
		t.Fatalf("%s: they part in line %d\n%s\nwant\n%s", what, at, strings.Join(a[max(0, at-9):], "\n"), strings.Join(b[max(0, at-9):], "\n"))
	}
}

// Any permutation and any duplication of a set of facts gives one Known, and one set of people.
func TestKnownIsOrderFree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, topic := range drawTopics {
			facts := drawFacts(t, topic, 16)
			one, people := lawTold(facts)
			for range 3 {
				two, others := lawTold(drawShuffled(t, facts))
				lawEqual(t, "known", lawKnown(t, two), lawKnown(t, one))
				lawEqual(t, "people", lawPeople(two, others), lawPeople(one, people))
			}
		}
	})
}

// The bounded sets are order-free beyond their bounds too, where a member's key is equal in all
// facts about it.
func TestBoundedSetsAreOrderFree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		members := rapid.IntRange(1, 80).Draw(t, "members")
		kind := drawOf(t, "kind", "invoice", "other", "list", "login", "claim")
		var facts []licence.Fact
		for i := range members {
			for n := range rapid.IntRange(1, 2).Draw(t, "tellings") {
				f := drawMember(t, kind, i)
				f.ID, f.Source = fmt.Sprint(kind, (i*7+n*3)%members, "/", i, "/", n), "standard"
				facts = append(facts, f)
			}
		}
		one, _ := lawTold(facts)
		two, _ := lawTold(drawShuffled(t, facts))
		lawEqual(t, "known", lawKnown(t, two), lawKnown(t, one))
		if n := len(one.Invoices.Licence); n > licence.MaxInvoices {
			t.Fatalf("%d invoices, %d are kept", n, licence.MaxInvoices)
		}
		for _, i := range one.Licences.By {
			if n := len(i.Warned); n > licence.MaxWarned {
				t.Fatalf("%d warned logins, %d are kept", n, licence.MaxWarned)
			}
		}
		for _, f := range facts {
			if _, _, parts := one.Fold(f, nil); len(parts) > 0 {
				t.Fatalf("%s told again moves %v", f.ID, parts)
			}
		}
	})
}

// A fact that was told already moves nothing, however much was told since. And a part is told
// to have moved just when its stored form is another.
func TestFoldIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := drawFacts(t, drawOf(t, "topic", drawTopics...), 16)
		k, d := licence.Known{}, &drawStore{}
		for _, f := range facts {
			next, parts := d.fold(k, f)
			was, is := lawKnown(t, k), lawKnown(t, next)
			for _, p := range licence.Parts {
				if got, want := slices.Contains(parts, p), was[p] != is[p]; got != want && !lawMarked(f) {
					t.Fatalf("%s of %s: part %s moved: %v, its stored form: %v", f.Payload.Type(), f.ID, p, got, want)
				}
			}
			k = next
		}
		was := lawKnown(t, k)
		for _, f := range facts {
			if _, parts := d.fold(k, f); len(parts) > 0 {
				t.Fatalf("%s %s told again moves %v", f.Payload.Type(), f.ID, parts)
			}
		}
		lawEqual(t, "known", lawKnown(t, k), was)
	})
}

// lawMarked tells of a fact whose news may lie in a person's row alone.
func lawMarked(f licence.Fact) bool {
	_, ok := f.Payload.(licence.SeatChanged)
	return ok
}

// The counters of a roster equal a recount of its rows, also where lists are replaced while
// changes arrive in any order.
func TestSeatCountersEqualARecount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k, d := licence.Known{}, &drawStore{}
		for _, f := range drawShuffled(t, drawFacts(t, drawSeatTopic, 16)) {
			k, _ = d.fold(k, f)
			for cust, i := range k.Licences.By {
				count := licence.Roster{Held: map[string]int{}}
				for _, seat := range d.present(k, cust) {
					seat.Count(&count, +1)
				}
				if i.Roster.Held == nil {
					i.Roster.Held = map[string]int{}
				}
				got := []any{i.Roster.Held, i.Roster.CanLogin, i.Roster.Employees}
				lawEqual(t, "counters of "+cust, got, []any{count.Held, count.CanLogin, count.Employees})
			}
		}
	})
}

// A walk of facts, hours, answers and outcomes of effects, with every law of a state checked
// after every commit.
func TestWalk(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWalkFrom(t, drawDirectory(), func(w *drawWalk, was licence.State, c licence.Change) {
			lawOutbox(w)
			l := lawSeen(w, was, c)
			l.once()
			l.since()
			l.forecast()
			l.tasks()
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
			l.once()
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
	was      licence.State
	c        licence.Change
	r        *diagnosis.Reading
	d        diagnosis.Diagnosis
	verdicts map[string]diagnosis.Verdict // of every rule, the hidden ones too
	owed     map[string][]licence.About   // notices in the outbox that are not being sent, by address
}

func lawSeen(w *drawWalk, was licence.State, c licence.Change) *lawState {
	l := &lawState{drawWalk: w, was: was, c: c, r: diagnosis.NewReading(w.s, w.now, w.now), d: diagnosis.Diagnose(w.s, w.now, w.now)}
	l.verdicts, l.owed = map[string]diagnosis.Verdict{}, map[string][]licence.About{}
	for _, v := range diagnosis.RunRules(l.r, diagnosis.Rules) {
		l.verdicts[l.r.Fingerprint(v.Code, v.Subject)] = v
	}
	for _, e := range w.outbox {
		if e.Kind == licence.Mail && e.Why == "notice" && e.Sending.IsZero() {
			l.owed[e.Address] = append(l.owed[e.Address], e.About...)
		}
	}
	return l
}

// once: every rule answers once about a subject.
func (l *lawState) once() {
	seen := map[string]bool{}
	for _, f := range slices.Concat(l.d.Findings, l.d.Passed, l.d.Unknown) {
		if seen[f.Fingerprint] {
			l.t.Fatalf("%s of %v stands twice in the diagnosis", f.Code, f.Subject)
		}
		seen[f.Fingerprint] = true
		if f.Error {
			l.t.Fatalf("%s panicked", f.Code)
		}
	}
}

// forecast: the rules that are run for later instants foresee all that every rule together would.
func (l *lawState) forecast() {
	all, _ := diagnosis.Upcoming(l.s, l.r.Cal, l.now, l.now, l.r.C.NextAt, l.d.Findings, diagnosis.Rules)
	lawEqual(l.t, "what is to come", lawJSON(l.t, l.d.Upcoming), lawJSON(l.t, all))
}

// since: no finding was first seen before the first fact, or at no time at all.
func (l *lawState) since() {
	first := l.now
	for _, f := range l.facts {
		first = licence.Earliest(first, f.At)
	}
	for _, f := range slices.Concat(l.d.Findings, l.d.Upcoming) {
		if f.FirstSeen.Before(first) {
			l.t.Fatalf("%s of %v was first seen at %s, the first fact told at %s", f.Code, f.Subject, f.FirstSeen, first)
		}
	}
}

// tasks: a task is open while its finding stands, and a finding that has been open for a
// quarter of an hour, and is somebody's, has one.
func (l *lawState) tasks() {
	stands := map[string]bool{}
	for _, f := range l.d.Findings {
		stands[f.Fingerprint] = true
		p := l.s.History.Findings[f.Fingerprint]
		if p == nil {
			l.t.Fatalf("%s of %v stands, and is not remembered", f.Code, f.Subject)
		}
		settled := !p.Noticed.Add(licence.Quarter).After(l.now)
		if f.State == "open" && f.Owner != licence.Nobody && f.Owner != licence.EndUser && f.Owner != licence.Ops && settled && !p.Task.Open() {
			l.t.Fatalf("%s of %v has been open since %s, and is nobody's task", f.Code, f.Subject, p.Noticed)
		}
		if p.Task.Open() && p.Noticed.Add(licence.Quarter).After(l.now) {
			l.t.Fatalf("%s of %v was noticed at %s, and is a task already", f.Code, f.Subject, p.Noticed)
		}
	}
	for fp, p := range l.s.History.Findings {
		if p.Task.Open() && !stands[fp] {
			l.t.Fatalf("%s of %v is gone, and its task is open: %+v", p.Code, p.Subject, l.verdicts[fp])
		}
	}
}

// never checks what the rules call never.
func (l *lawState) never() {
	for _, f := range slices.Concat(l.d.Findings, l.d.Upcoming) {
		l.numbers(f)
		l.names(f)
	}
	for address, abouts := range l.owed {
		for _, a := range abouts {
			l.notice(address, a)
		}
	}
	for _, s := range l.r.Production() {
		if s.AtRisk && s.Expires.IsZero() && !diagnosis.Worse(s.Phase, diagnosis.PhaseUnknown) {
			l.t.Fatalf("%s is %s and at risk, and no end was told", s.Installation.CustID, s.Phase)
		}
	}
	l.activates()
	l.solved()
	l.quiet()
	l.silence()
}

func lawNumber(f diagnosis.Finding, name string) (int, bool) {
	for _, e := range f.Evidence {
		if n, ok := e.Value.(int); ok && e.Name == name {
			return n, true
		}
	}
	return 0, false
}

// numbers: N12, what is printed was computed from what is printed; and N1, nobody is asked for
// a seat that the order covers.
func (l *lawState) numbers(f diagnosis.Finding) {
	need, printed := f.Args["need"].(int)
	for _, r := range f.Remedies {
		if r.Need > f.Need || r.Need < 0 {
			l.t.Fatalf("%s of %v needs %d, and its remedy %s is for %d", f.Code, f.Subject, f.Need, r.ID, r.Need)
		}
	}
	if f.Need < 0 || printed && need != f.Need {
		l.t.Fatalf("%s of %v needs %d, and prints %d", f.Code, f.Subject, f.Need, need)
	}
	value := func(name string) any {
		for _, e := range f.Evidence {
			if e.Name == name {
				return e.Value
			}
		}
		return nil
	}
	for arg, name := range map[string]string{"due": "due", "users": "users", "days": "days", "version": "version", "ordered": "ordered", "paid": "paid_at"} {
		arg, ok := f.Args[arg]
		if v := value(name); ok && v != nil && arg != v {
			l.t.Fatalf("%s of %v prints %s %v, its evidence is %v", f.Code, f.Subject, name, arg, v)
		}
	}
	if f.Code != "surplus" {
		return
	}
	assigned, _ := lawNumber(f, "assigned")
	ordered, known := lawNumber(f, "ordered")
	limit, _ := lawNumber(f, "offered")
	switch {
	case strings.HasPrefix(f.Say, "b"), strings.HasPrefix(f.Say, "c"), strings.HasPrefix(f.Say, "upcoming"):
		limit = ordered
	case strings.HasPrefix(f.Say, "d"):
		limit, _ = lawNumber(f, "total")
		if known {
			limit = max(limit, ordered)
		}
	}
	swapped := 0
	for _, s := range slices.Concat(l.d.Findings, l.d.Upcoming) {
		if from, _ := diagnosis.Ends(s.Subject.ID); s.Code == "plan-swap" && from == f.Subject.ID && s.Subject.CustID == f.Subject.CustID && s.Starts.Equal(f.Starts) {
			swapped += s.Need
		}
	}
	if f.State == "unknown" {
		return
	}
	if f.Need <= 0 || f.Need != assigned-limit-swapped {
		l.t.Fatalf("%s %s of %v: need %d, of %d assigned, limit %d, swapped %d", f.Code, f.Say, f.Subject, f.Need, assigned, limit, swapped)
	}
	if known && f.Need > assigned-ordered {
		l.t.Fatalf("N1: %s %s of %v asks for %d of %d seats, %d are ordered", f.Code, f.Say, f.Subject, f.Need, assigned, ordered)
	}
}

// names: N4, a finding names nothing outside its account.
func (l *lawState) names(f diagnosis.Finding) {
	ours := func(cust string) bool {
		return slices.ContainsFunc(l.r.A.Installations, func(i licence.Installation) bool { return i.CustID == cust })
	}
	if f.Subject.CustID != "" && !ours(f.Subject.CustID) {
		l.t.Fatalf("N4: %s is about %v, which is not the customer's", f.Code, f.Subject)
	}
	for _, e := range f.Evidence {
		if e.Name == "production" && !ours(fmt.Sprint(e.Value)) {
			l.t.Fatalf("N4: %s names %v", f.Code, e.Value)
		}
	}
}

// notice checks one matter of a mail that is owed.
func (l *lawState) notice(address string, a licence.About) {
	p := l.s.History.Findings[a.Fingerprint]
	to := slices.IndexFunc(l.r.A.Contacts, func(c licence.Contact) bool { return c.Email == address })
	if to < 0 {
		l.t.Fatalf("N4: a mail about %s goes to %s, who is not the customer's", p.Code, address)
	}
	role := l.r.A.Contacts[to].Role
	open := func(f diagnosis.Finding) bool { return f.Fingerprint == a.Fingerprint && f.State == "open" }
	stands := slices.ContainsFunc(l.d.Findings, open)
	if !stands && !slices.ContainsFunc(l.d.Upcoming, open) {
		l.t.Fatalf("N8: a mail about %s %v is owed, and it is not open: %+v", p.Code, p.Subject, p)
	}
	answer := l.s.Known.Profile.Answers[a.Fingerprint].Value
	if until := answer.Until.Start(l.r.Cal.Zone); until.After(l.now) && answer.Answer != "numbers-wrong" && answer.Answer != "not-right" {
		l.t.Fatalf("N8: a mail about %s %v is owed, and was answered %v", p.Code, p.Subject, answer)
	}
	in := l.s.Known.Invoices.Of(p.Subject.ID)
	switch asked := l.verdicts[a.Fingerprint].Apart; {
	case asked && role != licence.Billing && role != licence.Partner:
		l.t.Fatalf("N3: %s reads about %s of another account", role, p.Code)
	case asked:
		return
	}
	switch p.Code {
	case "invoice-overdue", "payment-awaited", "payment-disputed":
		if role != licence.Billing && role != licence.Partner || l.r.PayerOf(in.Value) != "" && role != licence.Partner {
			l.t.Fatalf("N3: %s reads about %s", role, p.Code)
		}
		claim := l.s.Known.Invoices.Claims[p.Subject.ID]
		agreed := l.s.Known.Profile.Arrangement.Value.Until.Start(l.r.Cal.Zone).After(l.now)
		if in.Value.Money() != licence.Owed || claim.Told() && l.now.Sub(claim.At) < 5*licence.Day || agreed {
			l.t.Fatalf("N8: a reminder of %s, which is %s, claimed %v, agreed %v", in.Value.Invoice, in.Value.Status, claim.Told(), agreed)
		}
	case "surplus":
		for _, s := range l.r.Production() {
			for _, m := range s.Modules {
				if stands && m.Subject == p.Subject && m.Order == diagnosis.OrderDisputed {
					l.t.Fatalf("N1: a mail asks for seats of %v, and what is ordered is not known: %+v", p.Subject, l.verdicts[a.Fingerprint])
				}
			}
		}
	}
}

// activates: N6, nothing leads to Activate while order and offer disagree.
func (l *lawState) activates() {
	for _, f := range l.d.Findings {
		if f.Code != "order-differs" || f.State != "open" && f.State != "waiting" || !slices.Contains([]string{"a", "b", "f"}, f.Say) {
			continue
		}
		for _, n := range l.d.Findings {
			here := f.Subject.CustID == "" || f.Subject.CustID == n.Subject.CustID
			if n.Code != "not-activated" || !here {
				continue
			}
			if slices.ContainsFunc(n.Remedies, func(r diagnosis.Remedy) bool { return r.ID == "activate" }) {
				l.t.Fatalf("N6: %v may be activated, and %v differs: %s", n.Subject, f.Subject, f.Say)
			}
			for _, abouts := range l.owed {
				if slices.ContainsFunc(abouts, func(a licence.About) bool { return a.Fingerprint == n.Fingerprint }) {
					l.t.Fatalf("N6: a mail leads to Activate, and %v differs: %s", f.Subject, f.Say)
				}
			}
		}
	}
}

// solved: N5, nothing is called solved without a later report that says so, and nothing that
// is only hidden or not known; and what was so when it was owed still is so until it goes.
func (l *lawState) solved() {
	for _, e := range l.outbox {
		if e.Kind != licence.Mail || e.Why != "solved" || !e.Sending.IsZero() {
			continue
		}
		for _, v := range e.Solved {
			l.proven(v)
		}
	}
	for _, e := range l.c.Add {
		if e.Kind != licence.Mail || e.Why != "solved" || e.Fails > 0 || !e.Sending.IsZero() {
			continue // or it was judged when it was first owed
		}
		for _, v := range e.Solved {
			if r, ok := l.verdicts[v.Finding]; ok && v.Kind == "gone" && r.Answer != diagnosis.Fails {
				l.t.Fatalf("N5: %s %v is called solved, and is %s, hidden: %v", r.Code, r.Subject, r.Answer, r.Hidden)
			}
		}
	}
}

// proven: a later read or report says so, and of an activation that the new licence is in force.
func (l *lawState) proven(v licence.Verify) {
	later := slices.ContainsFunc(l.facts, func(f licence.Fact) bool {
		report, ok := f.Payload.(licence.LicenceReported)
		here := ok && strings.EqualFold(report.CustID, v.CustID)
		checked, ok := f.Payload.(licence.SourceChecked)
		here = here || ok && strings.EqualFold(checked.CustID, v.CustID) && checked.Of == "licence"
		return f.At.After(v.Since) && (here || v.Kind == "gone" && v.Expires == "")
	})
	if !later {
		l.t.Fatalf("N5: %+v is called solved, and nothing was told since", v)
	}
	is := l.s.Known.Inst(v.CustID).Report.Value
	if v.Kind == "activated" && (is.Offered || v.Expires != "" && is.Expires <= v.Expires) {
		l.t.Fatalf("N5: %+v is called solved, and the licence is %+v", v, is)
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

// silence: N11, a failed read and a tenant in maintenance are no number.
func (l *lawState) silence() {
	if l.c.Fact != nil {
		if _, ok := l.c.Fact.Payload.(licence.ReadFailed); ok {
			lawEqual(l.t, "N11: numbers", l.r.Numbers(), diagnosis.NewReading(l.was, l.now, l.now).Numbers())
		}
	}
	for _, f := range l.d.Findings {
		seats := slices.Contains([]string{"surplus", "plan-swap", "not-activated", "activation-refused"}, f.Code)
		closed := func(s *diagnosis.Installation) bool {
			return s.Installation.CustID == f.Subject.CustID && s.State.Value == "maintenance" && l.now.Sub(s.State.At) < licence.Day
		}
		if seats && f.State != "unknown" && slices.ContainsFunc(l.r.Sites, closed) {
			l.t.Fatalf("N11: %s %v is %s during maintenance", f.Code, f.Subject, f.State)
		}
	}
}

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

func lawRows(seats licence.Items) string {
	b, _ := json.Marshal(slices.Collect(maps.Values(seats)))
	return string(b)
}

func lawJSON(t *rapid.T, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A fact that was told already changes nothing, and a late one nothing that a newer told.
func TestLateFactsChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := drawFacts(t, drawOf(t, "topic", drawTopics...), 10)
		k, d := lawTold(facts)
		late := facts[rapid.IntRange(0, len(facts)-1).Draw(t, "late")]
		late.ID, late.At = "a", late.At.Add(-time.Duration(rapid.IntRange(0, 48).Draw(t, "ago"))*time.Hour)
		late.Payload = drawPayloads[late.Payload.Type()](t)
		next, _ := d.fold(k, late)
		was, is := lawStamps(k), lawStamps(next)
		for path, s := range was {
			if got, ok := is[path]; !ok || got != s && !got.After(s) {
				t.Fatalf("%s was told at %v, and a fact of %v made that %v", path, s, late.Stamp(), got)
			}
		}
	})
}

// An optional field that is absent leaves what was told before; null takes it back.
func TestAbsentFieldsLeaveWhatWasTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := drawOf(t, "kind", "account.changed", "installation.reported")
		k, d := lawTold([]licence.Fact{drawFact(t, "a", drawStart, kind), drawFact(t, "b", drawStart, kind)})
		f := drawFact(t, "c", drawStart.Add(time.Hour), kind)
		next, _ := d.fold(k, f)
		was, is := reflect.ValueOf(k.Profile), reflect.ValueOf(next.Profile)
		if p, ok := f.Payload.(licence.InstallationReported); ok {
			was, is = reflect.ValueOf(*k.Inst(p.CustID)), reflect.ValueOf(*next.Inst(p.CustID))
		}
		for field, told := range reflect.ValueOf(f.Payload).Fields() {
			if !strings.HasPrefix(field.Type.Name(), "Opt[") {
				continue
			}
			got := is.FieldByName(field.Name)
			if !told.FieldByName("Told").Bool() {
				lawEqual(t, field.Name, got.Interface(), was.FieldByName(field.Name).Interface())
			} else {
				lawEqual(t, field.Name, got.FieldByName("Value").Interface(), told.FieldByName("Value").Interface())
			}
		}
	})
}

// lawStamps are the stamps of all registers, by their place. Those that keep the earliest
// telling are left out, and what lies in bounded lists.
func lawStamps(k licence.Known) map[string]licence.Stamp {
	out := map[string]licence.Stamp{}
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		switch {
		case v.Type() == reflect.TypeFor[licence.Stamp]():
			if s := v.Interface().(licence.Stamp); !s.At.IsZero() {
				out[path] = s
			}
		case v.Kind() == reflect.Pointer && !v.IsNil():
			walk(path, v.Elem())
		case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]():
			for i := range v.NumField() {
				if name := v.Type().Field(i).Name; !strings.HasPrefix(name, "First") && name != "Value" {
					walk(path+"."+name, v.Field(i))
				}
			}
		case v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String:
			for _, key := range v.MapKeys() {
				walk(path+"["+key.String()+"]", v.MapIndex(key))
			}
		}
	}
	walk("", reflect.ValueOf(k))
	return out
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
	r.Diagnosis(w.s, diagnosis.RunRules(r, diagnosis.Rules))
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
	c, _ := Tick(w.s, later)
	if len(c.Add)+len(c.Drop)+len(c.Rows) > 0 {
		w.t.Fatalf("at %s, due %s: adds %v, drops %v, rows %v", later, w.due, c.Add, c.Drop, c.Rows)
	}
	if !w.due.IsZero() && (c.Due.IsZero() || c.Due.After(w.due)) {
		w.t.Fatalf("at %s it is due at %s, before it was at %s", later, c.Due, w.due)
	}
	lawEqual(w.t, "history at "+later.String(), lawJSON(w.t, c.History), lawJSON(w.t, w.s.History))
}

// lawDiagnosis is what of a diagnosis may not change by itself: act_by may be "today", a source
// is silent for so many days, and what is to come comes nearer.
func lawDiagnosis(s licence.State, now time.Time) diagnosis.Diagnosis {
	d := diagnosis.Diagnose(s, now, now)
	d.At, d.Now, d.Upcoming = time.Time{}, time.Time{}, nil
	for i := range d.Findings {
		d.Findings[i].Deadline.ActBy = ""
		if d.Findings[i].Code == "source-stale" {
			delete(d.Findings[i].Args, "days")
		}
	}
	for i := range d.Unknown {
		d.Unknown[i].Deadline.ActBy = ""
	}
	return d
}

// lawOffered is a customer with more people than the new licence has seats, and its admin's
// finding. The server is the customer's own, and lets nobody read it.
func lawOffered(t *rapid.T, mail string) (w *drawWalk, fp string, offer func()) {
	a := drawDirectory()
	a.Installations, a.Mail = a.Installations[:1], licence.Some(mail)
	a.Installations[0].Hosting = "onsite"
	w = drawWalkFrom(t, a, func(*drawWalk, licence.State, licence.Change) {})
	w.luck, w.blind = []string{"sent"}, true
	total := rapid.IntRange(2, 9).Draw(t, "total")
	held := rapid.IntRange(2, total).Draw(t, "held")
	left := rapid.IntRange(1, held-1).Draw(t, "left") // an order of nothing would be an end
	w.tell(w.fact(licence.SubscriptionChanged{Subscription: "sub_1", Items: []licence.Item{{Plan: "sales", Quantity: left}}, Status: "active"}, w.now.AddDate(0, 0, -2)))
	offer = func() {
		ends := licence.DateOf(w.now, time.UTC).Add(25)
		w.tell(w.fact(licence.LicenceReported{
			CustID: drawHome, Version: "10.2", NextCheck: ends.Add(-24), AdminWarning: ends.Add(-4), Expires: ends, GraceUntil: ends.Add(12),
			Offered: true, NewExpires: ends.Add(365),
			Plans: []licence.LicenceLine{{Plan: "sales", Module: "ten-sales", Total: total, NewTotal: &left, InUse: held}},
		}, w.now))
	}
	return w, licence.Fingerprint("C-1042", "surplus", licence.Subject{Kind: "plan", ID: "sales", CustID: drawHome}), offer
}

func (w *drawWalk) lawMails(fp string) (at []time.Time) {
	for _, m := range w.sent {
		if m.Fingerprint == fp {
			at = append(at, m.At)
		}
	}
	return at
}

// What is closed and comes back is mailed again, never twice within a week.
func TestReopenedMailsAgain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, fp, offer := lawOffered(t, "on")
		offer()
		w.live(rapid.IntRange(2, 4).Draw(t, "days open"))
		first := len(w.lawMails(fp))
		if first == 0 {
			t.Fatalf("nothing was mailed: %+v", w.s.History.Findings[fp])
		}
		w.tell(w.fact(w.mended(), w.now))
		w.live(rapid.IntRange(1, 9).Draw(t, "days closed"))
		if p := w.s.History.Findings[fp]; p.Open || p.Task.Open() || len(w.lawMails(fp)) != first {
			t.Fatalf("it is closed, and was mailed %d times: %+v", len(w.lawMails(fp)), p)
		}
		offer()
		w.live(10)
		mails := w.lawMails(fp)
		if len(mails) == first {
			t.Fatalf("it came back, and nothing was mailed: %+v", w.s.History.Findings[fp])
		}
		for i := range mails[1:] {
			if gap := mails[i+1].Sub(mails[i]); gap < licence.Week {
				t.Fatalf("mailed at %s and again at %s", mails[i], mails[i+1])
			}
		}
		if p := w.s.History.Findings[fp]; !p.Task.Open() {
			t.Fatalf("it came back, and is no task: %+v", p)
		}
	})
}

// Drafts do not count as mailed: when mail is switched on, what stands is owed as if it had
// just opened (N10).
func TestSwitchedOnMailsWhatStands(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		mail := drawOf(t, "mail", "review", "operator", "off")
		w, fp, offer := lawOffered(t, mail)
		offer()
		w.live(rapid.IntRange(1, 2).Draw(t, "days"))
		drafts := len(w.s.History.Mailed)
		if rapid.Bool().Draw(t, "a person drops the drafts") {
			c, _ := SendDrafts(w.s, "", false, w.now)
			w.commit(c)
			w.deliver()
		}
		if len(w.lawMails(fp)) != 0 || (drafts > 0) != (mail == "review") {
			t.Fatalf("mail is %s, %d went and %d are drafts", mail, len(w.lawMails(fp)), drafts)
		}
		a := w.s.Known.Profile.Account.Value
		a.Mail = licence.Some("on")
		w.tell(w.fact(a, w.now))
		w.live(3)
		left := slices.ContainsFunc(w.s.History.Mailed, func(m licence.Mailed) bool { return m.Draft == "review" })
		if n := len(w.lawMails(fp)); n != 1 || left {
			t.Fatalf("mail is on, and %d went, of %+v", n, w.s.History.Mailed)
		}
	})
}

// When mail is switched off, nothing that was owed goes, not even that it is solved (N10).
func TestSwitchedOffMailsNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, _, offer := lawOffered(t, "on")
		offer()
		w.live(2)
		off := w.s.Known.Profile.Account.Value
		off.Mail = licence.Some(drawOf(t, "mail", "off", "operator"))
		news := rapid.Permutation([]licence.Payload{off, w.mended()}).Draw(t, "order")
		for _, p := range news {
			w.now = w.now.Add(time.Minute)
			w.tell(w.fact(p, w.now))
		}
		for _, e := range w.outbox {
			if e.Kind == licence.Mail {
				t.Fatalf("mail is off, and a mail is owed: %+v", e)
			}
		}
	})
}

// Once an invoice is paid, said to be paid, agreed upon or answered, nobody is reminded of it
// (N8); and its reminders go to whoever pays alone (N3).
func TestNoRemindersAfterPayment(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := drawDirectory()
		a.Installations = a.Installations[:1]
		a.Installations[0].Hosting = "onsite"
		w := drawWalkFrom(t, a, func(*drawWalk, licence.State, licence.Change) {})
		w.luck, w.blind = []string{"sent"}, true
		ends := drawDay(28)
		w.tell(w.fact(licence.LicenceReported{CustID: drawHome, Version: "10.2", NextCheck: ends.Add(-40), AdminWarning: ends.Add(-4), Expires: ends, GraceUntil: ends.Add(12)}, w.now))
		in := licence.InvoiceChanged{Invoice: "INV-1", Status: "open", Amount: "12500.00", Currency: "SEK", Due: drawDay(-rapid.IntRange(10, 40).Draw(t, "overdue")), To: ends.Add(365)}
		w.tell(w.fact(in, w.now))
		w.live(3)
		fp := licence.Fingerprint("C-1042", "invoice-overdue", licence.Subject{Kind: "invoice", ID: "INV-1"})
		first := len(w.lawMails(fp))
		if first != 1 {
			t.Fatalf("%d reminders went: %+v", first, w.s.History.Findings[fp])
		}
		w.live(rapid.IntRange(4, 6).Draw(t, "days"))
		in.Status = drawOf(t, "status", "paid", "void")
		days := 10 // the next would go ten days after the first
		news := drawOf(t, "news", "none", "invoice", "claim", "agreed", "answer")
		switch news {
		case "invoice":
			w.tell(w.fact(in, w.now))
		case "claim":
			w.tell(w.fact(licence.PaymentClaimed{Invoice: "INV-1", By: "bo"}, w.now))
			days = 5
		case "agreed":
			w.tell(w.fact(licence.ArrangementChanged{Until: licence.DateOf(w.now, time.UTC).Add(14)}, w.now))
		case "answer":
			w.tell(w.fact(licence.FindingAnswered{Fingerprint: fp, Answer: "on-purpose", Until: licence.DateOf(w.now, time.UTC).Add(14)}, w.now))
		}
		w.live(days)
		if again := len(w.lawMails(fp)) - first; again > 0 != (news == "none") {
			t.Fatalf("after %s %d more reminders went: %v", news, again, w.lawMails(fp))
		}
		for _, m := range w.sent {
			if m.Fingerprint == fp && m.Address != "ap@fjord.example" {
				t.Fatalf("N3: %s reads about an invoice", m.Address)
			}
		}
	})
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

// Nothing is called activated while a new licence is still on offer, be the present one longer
// than it was (N5).
func TestOfferedIsNotSolved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, _, offer := lawOffered(t, "on")
		offer()
		w.live(2)
		done := w.mended().(licence.LicenceReported)
		again := done
		again.Offered, again.CanActivate, again.NewExpires = true, true, done.Expires.Add(30)
		again.Plans = slices.Clone(done.Plans)
		for i, l := range again.Plans {
			again.Plans[i].NewTotal = &l.Total
		}
		solved := func() bool {
			return slices.ContainsFunc(slices.Collect(maps.Values(w.outbox)), func(e licence.Effect) bool { return e.Why == "solved" })
		}
		w.now = w.now.Add(time.Hour)
		w.tell(w.fact(again, w.now))
		if solved() {
			t.Fatalf("it is called solved, and a licence is on offer: %+v", w.outbox)
		}
		w.now = w.now.Add(time.Hour)
		w.tell(w.fact(done, w.now))
		if !solved() {
			t.Fatalf("the new licence is in force, and nobody is told: %+v", w.s.History.Episodes)
		}
	})
}

// Two installations are mailed about in one conversation. One renews and gets a new offer before
// the other renews: nothing is called solved until both are.
func TestSolvedIsStillSoWhenItIsSaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawDirectory()
		a.Installations = []licence.Installation{a.Installations[0], {CustID: "Cust2", Serial: "2", Kind: "production", Hosting: "onsite"}}
		a.Installations[0].Hosting = "onsite"
		w := drawWalkFrom(t, a, func(w *drawWalk, was licence.State, c licence.Change) { lawSeen(w, was, c).solved() })
		w.luck, w.blind = []string{"sent"}, true
		seven := 7
		lic := func(cust string, year int, offered bool) {
			ends := drawDay(25 + 365*year)
			p := licence.LicenceReported{
				CustID: cust, Version: "10.2", NextCheck: ends.Add(-24), AdminWarning: ends.Add(-28), Expires: ends, GraceUntil: ends.Add(12),
				Plans: []licence.LicenceLine{{Plan: "sales", Module: "ten-sales", Total: 7, InUse: 7}},
			}
			if p.Offered = offered; offered {
				p.NewExpires, p.Plans[0].Total, p.Plans[0].InUse, p.Plans[0].NewTotal = ends.Add(365), 9, 9, &seven
			}
			w.now = w.now.Add(time.Hour)
			w.tell(w.fact(p, w.now))
		}
		solved := func() (all []licence.Verify) {
			for _, e := range w.outbox {
				if e.Why == "solved" {
					all = append(all, e.Solved...)
				}
			}
			return all
		}
		lic(drawHome, 0, true)
		lic("Cust2", 0, true)
		w.live(1)
		if mailed := len(w.sent); mailed == 0 || len(w.s.History.Episodes) != 1 {
			t.Fatalf("%d notices went, in %d conversations", mailed, len(w.s.History.Episodes))
		}
		lic(drawHome, 1, false)
		lic(drawHome, 1, true)
		lic("Cust2", 1, false)
		if said := solved(); said != nil {
			t.Fatalf("%+v is called solved, and a new licence waits at %s", said, drawHome)
		}
		lic(drawHome, 2, false)
		said := map[string]bool{}
		for _, v := range solved() {
			said[v.CustID] = true
		}
		if len(said) != 2 {
			t.Fatalf("both have renewed, and solved are %v", said)
		}
		lic("Cust2", 1, true) // before the mail goes
		if said := solved(); said != nil {
			t.Fatalf("%+v is still called solved, and a new licence waits at Cust2", said)
		}
		if len(w.s.History.Episodes) != 1 {
			t.Fatal("what was taken back is waited for no more")
		}
	})
}

// What is stored is what comes back.
func TestStoredFormRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWalkFrom(t, drawDirectory(), func(_ *drawWalk, _ licence.State, c licence.Change) {
			var k licence.Known
			for _, p := range licence.Parts {
				b, err := c.Known.Encode(p)
				if err == nil {
					err = k.Decode(p, b)
				}
				if err != nil {
					t.Fatal(err)
				}
				again, _ := k.Encode(p)
				lawEqual(t, string(p), string(again), string(b))
			}
			lawEqual(t, "known", k, c.Known.Clone())
			var h licence.History
			b, err := c.History.Encode()
			if err == nil {
				err = h.Decode(b)
			}
			if err != nil {
				t.Fatal(err)
			}
			again, _ := h.Encode()
			lawEqual(t, "history", string(again), string(b))
			lawEqual(t, "history", h.Clone(), c.History.Clone())
		})
		for range rapid.IntRange(0, 6).Draw(t, "steps") {
			w.step()
		}
	})
}

// A fact says the same after it was stored, whatever zone its instant was told in.
func TestFactRoundTrip(t *testing.T) {
	if got, want := slices.Sorted(maps.Keys(drawPayloads)), slices.Sorted(maps.Keys(licence.Payloads)); !slices.Equal(got, want) {
		t.Fatalf("drawn are %v, payloads are %v", got, want)
	}
	for _, kind := range slices.Sorted(maps.Keys(licence.Payloads)) {
		t.Run(kind, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				f := drawFact(t, "f1", drawStart, kind)
				if _, ok := f.Payload.(licence.SeatsListed); ok && rapid.Bool().Draw(t, "staged") {
					f.Payload, _ = licence.Stage(f, "", nil)
				}
				b, err := json.Marshal(f)
				if err != nil {
					t.Fatal(err)
				}
				var back licence.Fact
				if err := json.Unmarshal(b, &back); err != nil {
					t.Fatal(err)
				}
				if list, ok := f.Payload.(licence.SeatsListed); !ok || list.Roster == nil {
					lawEqual(t, "fact", back, f)
				}
				lawEqual(t, "stored fact", lawJSON(t, back), string(b))
				away := f
				away.At = f.At.In(time.FixedZone("", 3600))
				if back.Hash() != f.Hash() || away.Hash() != f.Hash() {
					t.Fatalf("hashes %s, %s and %s", f.Hash(), back.Hash(), away.Hash())
				}
				other := drawFact(t, "f1", drawStart, kind)
				same := reflect.DeepEqual(other.Payload, f.Payload) && other.ID == f.ID
				if list, ok := f.Payload.(licence.SeatsListed); (!ok || list.Roster == nil) && (other.Hash() == f.Hash()) != same {
					t.Fatalf("%v has the hash of %v: %v", other, f, !same)
				}
			})
		})
	}
}

// A clock of whole seconds orders no two bodies of one second: what is ordered is known only
// where they agree, or where one says what it replaced. Ids decide nothing.
func TestCoarseClockOrdersNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "bodies")
		quantity := rapid.SliceOfN(rapid.IntRange(1, 3), n, n).Draw(t, "quantities")
		chained := rapid.Bool().Draw(t, "each says what it replaced")
		items := func(i int) []licence.Item { return []licence.Item{{Plan: "sales", Quantity: quantity[i]}} }
		ids := rapid.Permutation([]int{0, 1, 2, 3}).Draw(t, "ids")
		var facts []licence.Fact
		same := true
		for i := range n {
			p := licence.SubscriptionChanged{Subscription: "sub_1", Items: items(i), Status: "active", Coarse: true}
			if chained && i > 0 {
				p.Before = licence.ItemsHash(items(i - 1))
			}
			same = same && quantity[i] == quantity[0]
			facts = append(facts, licence.Fact{ID: fmt.Sprint(ids[i]), At: drawStart, Source: "stripe", Payload: p})
		}
		k, _ := lawTold(drawShuffled(t, facts))
		last, known := k.Orders.Subs["sub_1"].Latest()
		seen := map[int]bool{}
		for _, q := range quantity {
			seen[q] = true
		}
		switch straight := len(seen) == n; {
		case same && !known, chained && straight && !known, !chained && !same && known:
			t.Fatalf("quantities %v, chained %v: known %v", quantity, chained, known)
		case chained && straight && last.Value.Items[0].Quantity != quantity[n-1]:
			t.Fatalf("quantities %v, and the last is %v", quantity, last.Value.Items)
		}
		k, _ = lawTold(append(facts, licence.Fact{ID: "later", At: drawStart.Add(time.Second), Payload: licence.SubscriptionChanged{Subscription: "sub_1", Items: items(0), Coarse: true}}))
		if _, known := k.Orders.Subs["sub_1"].Latest(); !known {
			t.Fatal("a later body leaves the number unknown")
		}
	})
}
