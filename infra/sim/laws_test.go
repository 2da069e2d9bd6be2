package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"seatmend/shared/diagnosis/lawtest"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

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
	// What was decided is what is stored; now and then, and where more was written at once, it is read.
	s := licence.State{Account: c.Account, N: c.N + 1, Known: c.Known, History: c.History}
	sample := w.draw("law", c.Account, c.N)%16 == 0
	if l, _ := w.db.Load(context.Background(), c.Account, store.Want{Have: store.Unread}); sample || l.State.N != s.N {
		l, err := w.db.Load(context.Background(), c.Account, store.Want{})
		if s = l.State; err != nil {
			w.fail("%s cannot be read: %v", c.Account, err)
			return nil
		}
	}
	if len(c.Add) > 0 {
		w.streams(c.Account, c.N+1)
	}
	if w.plan.Next {
		w.lawNext(c.Account)
	}
	w.lawOutbox(s)
	if sample || len(c.Seats) > 0 || slices.Contains(c.Parts, "licences") {
		w.lawRecount(s)
	}
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
	if c.Account != store.Operations && sample {
		w.lawState(s)
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

// lawState holds a state to what must be so of every state (N1, N4, N6, N11, N12), and where nothing is due to
// that of tasks.
func (w *world) lawState(s licence.State) {
	s.Settings = w.rules
	l := lawtest.Seen(s, w.now())
	broken := l.Broken()
	if broken == "" && s.N > 0 && w.ticked(s) {
		broken = l.Tasks(2 * time.Minute)
	}
	if broken != "" {
		w.fail("%s: %s", s.Account, broken)
	}
	w.saw("phase " + string(l.Diagnosis.Phase))
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

// lawStored: what was answered with 200 is stored, whole.
func (w *world) lawStored(m *message) {
	for _, fact := range append(m.tells, m.fact) {
		if _, _, ok := w.db.OwnerOf(fact); !ok && !m.stale && (fact == m.fact || m.kind != "chargebee") { // of several objects some may be older
			w.fail("%s was answered with 200, and is not stored", fact)
		}
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
		case m.aside:
			w.lawAside(m)
		case !m.ignored && !m.poison:
			w.lawStored(m)
		}
		account, parked, told := w.db.OwnerOf(m.fact)
		if told && account != "" && !w.has(account, m.fact) {
			w.fail("%s was taken, and is not among the facts of %s", m.fact, account)
		}
		if parked {
			to := m.name(w.plan.Who[m.Of])
			account, err := w.db.Resolve(ctx, to)
			owed, _ := w.db.Outbox(ctx, account)
			if err == nil && !slices.ContainsFunc(owed, func(e licence.Effect) bool { return e.Kind == licence.Match }) { // which failed often, and waits
				w.fail("%s is parked, and %s leads to %s", m.fact, to, account)
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
		h := &hand{name: "the fleet's last", p: w.running[0]}
		w.spawn(h, func(ctx context.Context) {
			if err := h.p.app.Engine.Operations(ctx, licence.SetAside, licence.Subject{Kind: "source", ID: "last"}); err != nil {
				w.fail("the fleet's account cannot be written any more: %v", err)
			}
		})
		w.settle()
	}
}

// has tells whether a fact is among those of an account.
func (w *world) has(account, fact string) bool {
	l, err := w.db.Load(context.Background(), account, store.Want{Fact: fact, Have: store.Unread})
	return err == nil && l.Seen != ""
}

// lawAside: a body that cannot be used lies where the desk sees it, as it was sent.
func (w *world) lawAside(m *message) {
	for page := (store.Page{Limit: 100}); ; {
		all, next, err := w.db.Rejections(context.Background(), page)
		if err != nil || slices.ContainsFunc(all, func(x store.Rejected) bool { return bytes.Equal(x.Body, m.body) }) || w.dropped[string(m.body)] {
			return
		}
		if page = next; next.Cursor == "" {
			w.fail("%s was set aside, and is nowhere", m.Name)
			return
		}
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
	w.lawState(s)
	facts := w.facts(s.Account)
	for _, f := range facts {
		if f.Sent() && !strings.HasPrefix(f.ID, "doubt/") && w.about(f.ID) == nil {
			w.fail("%s has %s, which nobody told", s.Account, f.ID)
		}
		if read, ok := f.Payload.(licence.LicenceReported); ok && f.Source == "superoffice" {
			w.saw("a licence was read")
			if len(read.Plans) != 1 || !w.totals[c.N][read.Plans[0].Total] {
				w.fail("N11: %s: %+v was read, and never was so", s.Account, read.Plans)
			}
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
