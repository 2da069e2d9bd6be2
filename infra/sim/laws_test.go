package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// A flight is a mail from the commit that says it is about to go to the one that says it went.
type flight struct {
	state  licence.State
	effect licence.Effect
	barred map[string]bool // who was not to be mailed at any instant of it
}

// lawScope: nobody reads or writes another account than the one that it is about.
func (w *world) lawScope(ctx context.Context, account, does string) {
	h := handOf(ctx)
	if h == nil {
		w.fail("a call without a hand %s %s", does, account)
		return
	}
	about := h.about
	if s, ok := ctx.Value(scopeKey{}).(scope); ok {
		about = s.account
	}
	if about != "" && account != about && account != store.Operations && about != store.Operations {
		w.fail("%s is about %s, and %s %s", h.name, about, does, account)
	}
}

// barred are the customer's people who must not be mailed now.
func (w *world) barred(s licence.State) map[string]bool {
	out := map[string]bool{}
	zone := s.Calendar().Zone
	for _, c := range s.Known.Profile.Account.Value.Contacts {
		gone, _ := effects.CannotLogIn(context.Background(), w.db, s, c, w.now())
		if gone || c.Left != "" && !c.Left.Start(zone).After(w.now()) {
			out[c.Email] = true
		}
	}
	return out
}

// lawCommit makes a commit, and holds what is stored then to the laws of a state.
func (w *world) lawCommit(ctx context.Context, p *process, c licence.Change, do func() error) error {
	w.lawScope(ctx, c.Account, "writes")
	if err := do(); err != nil {
		w.saw(strings.SplitN(err.Error(), ":", 3)[1])
		return err
	}
	if h := handOf(ctx); h != nil && h.quiet {
		w.fail("%s is a GET, and writes", h.name)
	}
	l, err := w.db.Load(context.Background(), c.Account, store.Want{})
	if err != nil {
		w.fail("%s cannot be read: %v", c.Account, err)
		return nil
	}
	s := l.State
	if len(c.Add) > 0 {
		w.streams(c.Account, c.N+1)
	}
	if w.plan.Next {
		w.lawNext(c.Account)
	}
	w.lawOutbox(s)
	w.lawRecount(s)
	for _, f := range w.flying {
		if f.state.Account == c.Account {
			now := w.barred(s)
			maps.DeleteFunc(f.barred, func(who string, _ bool) bool { return !now[who] })
		}
	}
	for _, e := range c.Add {
		if !e.Sending.IsZero() {
			s := licence.State{Account: c.Account, N: c.N + 1, Known: c.Known, History: c.History}
			w.flying[c.Account+"/"+e.ID] = &flight{s, e, w.barred(s)}
		}
	}
	if c.Account != store.Operations && w.draw("law", c.Account, c.N)%16 == 0 {
		w.lawTasks(s)
	}
	return nil
}

// lawNext: what the next version has written of its own stays, whoever writes after it.
func (w *world) lawNext(account string) {
	for part, stored := range w.db.Stored(account) {
		has, key := strings.Contains(stored, `"zz_next"`), account+"/"+string(part)
		if w.next[key] && !has {
			w.fail("%s: what the next version had written is gone", key)
		}
		if has && strings.HasPrefix(stored, `{"v":2`) {
			w.saw("the next version has written")
		}
		w.next[key] = has
	}
}

// lawOutbox: what history holds for pending is what lies in the outbox.
func (w *world) lawOutbox(s licence.State) {
	out, _ := w.db.Outbox(context.Background(), s.Account)
	pending := slices.Sorted(maps.Keys(s.History.Pending))
	var owed []string
	for _, e := range out {
		owed = append(owed, e.ID)
	}
	if !slices.Equal(pending, owed) {
		w.fail("%s: the outbox has %v, the history %v", s.Account, owed, pending)
	}
}

// lawRecount: counters equal a recount.
func (w *world) lawRecount(s licence.State) {
	for _, in := range s.Known.Licences.By {
		seats, _, err := w.db.Seats(context.Background(), s.Account, in.CustID, in.Roster.ID, store.Page{Limit: 500})
		recount := licence.Roster{Held: map[string]int{}}
		for _, one := range seats {
			one.Count(&recount, +1)
		}
		got, want := fmt.Sprint(in.Roster.Held, in.Roster.CanLogin, in.Roster.Employees), fmt.Sprint(recount.Held, recount.CanLogin, recount.Employees)
		if got != want || err != nil {
			w.fail("%s counts %s, a recount %s", in.CustID, got, want)
		}
	}
}

// lawProposed: nobody is shown that the reader, or the last administrator, might give up a seat (N2).
func (w *world) lawProposed(h *hand, page, reader string) {
	_, people, ok := strings.Cut(page, `<ol class="people">`)
	if !ok {
		return
	}
	w.saw("people were proposed")
	people, _, _ = strings.Cut(people, "</ol>")
	for _, who := range []string{"1", reader[3:4]} {
		if strings.Contains(people, "Bruker "+who+" av") {
			w.fail("N2: %s is shown user %s, of %s", h.name, who, reader)
		}
	}
}

// lawTasks: a task is open while its finding stands; a finding that has been open for a quarter of an
// hour, and is somebody's, has one; and nobody is asked for a seat that is ordered (N1), nor led to
// activate what differs from the order (N6).
func (w *world) lawTasks(s licence.State) {
	now := w.now()
	d := diagnosis.Diagnose(s, now, now)
	stands := map[string]bool{}
	for _, f := range d.Findings {
		stands[f.Fingerprint] = true
		number := func(name string) (int, bool) {
			for _, e := range f.Evidence {
				if n, ok := e.Value.(int); ok && e.Name == name {
					return n, true
				}
			}
			return 0, false
		}
		assigned, _ := number("assigned")
		if ordered, known := number("ordered"); f.Code == "surplus" && f.State == "open" && known && f.Need > assigned-ordered {
			w.fail("N1: %s asks for %d of %d seats, %d are ordered", s.Account, f.Need, assigned, ordered)
		}
	}
	for fp, p := range s.History.Findings {
		if p.Task.Open() && !stands[fp] && s.N > 0 && w.ticked(s) {
			w.fail("%s: %s of %v is gone, and its task is open", s.Account, p.Code, p.Subject)
		}
	}
}

// ticked tells whether time has passed for the account since something fell due.
func (w *world) ticked(s licence.State) bool {
	for due := range w.db.Due(context.Background(), w.now().Add(time.Minute)) {
		if due == s.Account {
			return false
		}
	}
	return true
}

// lawMailed: no mail is handed over twice, and none to whom it must not go.
func (w *world) lawMailed(m mailed) {
	key := m.account + "/" + m.effect
	if w.handed[key]++; w.handed[key] > 1 {
		w.fail("mail %s to %s was handed over %d times", key, m.To, w.handed[key])
	}
	for _, c := range w.plan.Who {
		if c.account() != m.account && m.account != store.Operations && (strings.Contains(m.Text, c.name()) || strings.Contains(m.Subject, c.name())) {
			w.fail("N4: a mail of %s names %s", m.account, c.name())
		}
	}
	f := w.flying[key]
	if f == nil {
		w.fail("mail %s to %s goes, and nobody has written down that it is about to", key, m.To)
		return
	}
	delete(w.flying, key)
	if f.effect.Kind != licence.Mail {
		return
	}
	w.saw("a customer was mailed")
	f.state.Settings.Mail = "on"
	if policy := f.state.MailPolicy(); policy == "off" || policy == "operator" || policy == "review" && f.effect.Draft == "" && f.effect.Why != "code" {
		w.fail("N10: mail is %s, and %s of %s goes to %s", policy, f.effect.Why, m.account, m.To)
	}
	if u := f.state.History.Unsent[strings.ToLower(m.To)]; f.effect.Why == "notice" && u.Final && u.Bars(f.effect.Sending) {
		w.fail("%s is mailed by %s, and mails to it came back", m.To, m.account)
	}
	if f.barred[m.To] {
		w.fail("N7: %s was mailed by %s, and has left or cannot log in", m.To, m.account)
	}
	contacts := f.state.Known.Profile.Account.Value.Contacts
	to := slices.IndexFunc(contacts, func(c licence.Contact) bool { return c.Email == m.To })
	for _, a := range f.effect.About {
		p := f.state.History.Findings[a.Fingerprint]
		if to >= 0 && p != nil && slices.Contains([]licence.Code{"invoice-overdue", "payment-awaited", "payment-disputed"}, p.Code) && contacts[to].Role == licence.Admin {
			w.fail("N3: %s, an admin, is mailed about %s", m.To, p.Code)
		}
	}
	if f.effect.Why != "notice" {
		return
	}
	day := m.To + " " + f.effect.Sending.In(f.state.Calendar().Zone).Format(time.DateOnly)
	if other := w.told[day]; other != "" {
		w.fail("N9: %s by %s and %s", day, other, key)
	}
	w.told[day] = key
	hour := f.effect.Sending.UTC().Format("2006-01-02T15")
	if f.state.History.Episodes[m.To] == nil {
		if w.firsts[hour]++; w.firsts[hour] > firstMails {
			w.fail("N9: %d first mails in the hour %s", w.firsts[hour], hour)
		}
	}
}

// lawStored: what was answered with 200 is stored, whole.
func (w *world) lawStored(m *message) {
	if _, _, ok := w.db.Told(m.fact); !ok && !m.stale {
		w.fail("%s was answered with 200, and is not stored", m.fact)
	}
}

// lawEnd: the faults have stopped, and all has converged.
func (w *world) lawEnd() {
	ctx := context.Background()
	for _, m := range w.messages_ {
		switch {
		case m.refused && m.rival != nil && m.rival.accepted:
		case !m.accepted:
			w.fail("%s %s was never taken", m.Name, m.kind)
		case !m.ignored && !m.poison:
			w.lawStored(m)
		}
		if _, parked, _ := w.db.Told(m.fact); parked {
			to := []licence.Name{{Sender: "account", ID: w.plan.Who[m.Of].account()}}
			if m.kind == "stripe" {
				to = []licence.Name{{Sender: "stripe", ID: w.plan.Who[m.Of].stripe()}}
			}
			if account, err := w.db.Resolve(ctx, to...); err == nil {
				w.fail("%s is parked, and %s leads to %s", m.fact, to[0], account)
			}
		}
	}
	for _, c := range w.plan.Who {
		if l, _ := w.db.Load(ctx, c.account(), store.Want{}); l.State.N > 0 {
			w.lawAccount(c, l.State)
		}
	}
	w.lawLinks()
	w.lawAnswers()
	if l, _ := w.db.Load(ctx, store.Operations, store.Want{}); l.State.N > 0 {
		w.lawOwed(l.State)
	}
}

// lawOwed: nothing that is ripe lies in the outbox, and nothing is in the air.
func (w *world) lawOwed(s licence.State) {
	out, _ := w.db.Outbox(context.Background(), s.Account)
	for _, e := range out {
		if !e.Sending.IsZero() && w.now().Sub(e.Sending) > licence.Uncertain+5*time.Minute {
			w.fail("%s: %s %s is being sent since %s", s.Account, e.Kind, e.ID, e.Sending)
		}
		if e.Sending.IsZero() && e.Ripe.Before(w.now().Add(-10*time.Minute)) {
			w.fail("%s: %s %s %s is ripe since %s, after %d failures", s.Account, e.Kind, e.Why, e.ID, e.Ripe, e.Fails)
		}
	}
}

// lawAccount: the account is what was told of it, in whatever order it came, and it can be written.
func (w *world) lawAccount(c customer, s licence.State) {
	w.lawOwed(s)
	w.lawRecount(s)
	w.lawTasks(s)
	facts := w.facts(s.Account)
	for _, f := range facts {
		if f.Sent() && !strings.HasPrefix(f.ID, "doubt/") && !slices.ContainsFunc(w.messages_, func(m *message) bool { return m.fact == f.ID }) {
			w.fail("%s has %s, which nobody told", s.Account, f.ID)
		}
	}
	w.lawFolded(s, facts)
	w.lawModel(c, s)

	h := &hand{name: "the last", about: s.Account, p: w.running[0], calls: map[string]int{}}
	w.spawn(h, func(ctx context.Context) {
		f := licence.Fact{ID: "page/last", To: []licence.Name{{Sender: "account", ID: s.Account}}, At: h.p.now(), Source: "page", Payload: licence.SourceChecked{Of: "billing"}}
		out, err := h.p.app.Engine.Apply(ctx, f)
		if err != nil || out[0].Result != "applied" {
			w.fail("%s cannot be written any more: %v %v", s.Account, out, err)
		}
	})
	w.settle()
}

// lawLinks: what was revoked opens nothing; the latest link that was mailed is known to be ours.
func (w *world) lawLinks() {
	h := &hand{name: "links", p: w.running[0]}
	w.spawn(h, func(ctx context.Context) {
		for _, path := range slices.Sorted(maps.Keys(w.revoked)) {
			w.ask(ctx, h, "GET", path, nil)
		}
		for _, m := range slices.Backward(w.mails) {
			if path := linkIn(m.Text); path != "" && m.Account != "" {
				if rec := w.ask(ctx, h, "GET", path, nil); rec.Code == 404 || rec.Code >= 500 {
					w.fail("the link of the latest mail of %s is answered %d", m.account, rec.Code)
				}
				return
			}
		}
	})
	w.settle()
}

// settle lets all go on until nothing waits.
func (w *world) settle() {
	for waiting := w.waiting(); len(waiting) > 0; waiting = w.waiting() {
		w.let(waiting[0], none)
	}
}

func (w *world) facts(account string) (all []licence.Fact) {
	for p := (store.Page{Limit: 500}); ; {
		some, next, err := w.db.Facts(context.Background(), account, p)
		if err != nil {
			w.fail("%s: %v", account, err)
		}
		for _, f := range some {
			all = append(all, f.Fact)
		}
		if next.Cursor == "" {
			return all
		}
		p = next
	}
}

// lawFolded: the stored facts, folded in another order, give what is known.
func (w *world) lawFolded(s licence.State, facts []licence.Fact) {
	slices.SortFunc(facts, func(a, b licence.Fact) int {
		return int(int64(w.draw("order", a.ID)>>1) - int64(w.draw("order", b.ID)>>1))
	})
	var k licence.Known
	for _, f := range facts {
		switch f.Payload.(type) {
		case licence.SeatChanged, licence.SeatsListed:
			continue
		}
		k, _, _ = k.Fold(f, nil)
	}
	for _, part := range licence.Parts {
		got, want := plain(s.Known, part), plain(k, part)
		if !reflect.DeepEqual(got, want) {
			a, _ := json.Marshal(got)
			b, _ := json.Marshal(want)
			w.fail("%s: %s is\n%s\nand its facts, in another order, give\n%s", s.Account, part, a, b)
		}
	}
}

// plain is a part as it is stored, without the people.
func plain(k licence.Known, p licence.Part) (v map[string]any) {
	b, err := k.Encode(p)
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	if err != nil {
		panic(err)
	}
	body, _ := v["body"].(map[string]any)
	delete(body, "zz_next")
	if by, ok := body["by"].(map[string]any); ok {
		for key, in := range by {
			delete(in.(map[string]any), "roster")
			if len(in.(map[string]any)) < 2 { // nothing but its name
				delete(by, key)
			}
		}
		if len(by) == 0 {
			delete(body, "by")
		}
	}
	return body
}
