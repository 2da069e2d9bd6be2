package casework

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"seatmend/shared/diagnosis"
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
	all, _ := l.r.Foreseen(l.d.Findings, diagnosis.Rules)
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
		seats := slices.Contains([]licence.Code{"surplus", "plan-swap", "not-activated", "activation-refused"}, f.Code)
		closed := func(s *diagnosis.Installation) bool {
			return s.Installation.CustID == f.Subject.CustID && s.State.Value == "maintenance" && l.now.Sub(s.State.At) < licence.Day
		}
		if seats && f.State != "unknown" && slices.ContainsFunc(l.r.Sites, closed) {
			l.t.Fatalf("N11: %s %v is %s during maintenance", f.Code, f.Subject, f.State)
		}
	}
}
