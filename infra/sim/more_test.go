package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/functions/replies"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// What comes back of mails, and customers who leave. Three plans of eleven have them, and draw them apart from
// all else, so that the seeds at which planted bugs fall are what they were.

// inbound is where answers come back to us, in those plans.
const inbound = "svar@fjordpartner.example"

// more adds to a plan who answers mails, whose mails bounce, and who leaves at the end.
func (p *plan) more() {
	if !slices.Contains([]uint64{5, 8, 9}, p.Seed%11) {
		return
	}
	r := rand.New(rand.NewPCG(p.Seed, 29))
	p.More, p.Leaves = true, r.IntN(2) == 0
	for i := range 2 + r.IntN(4) {
		at := time.Duration(16+r.IntN(90)) * time.Minute
		if r.IntN(4) == 0 {
			at = 15*time.Minute + time.Duration(r.IntN(60))*time.Second // while mails go
		}
		e := event{Name: fmt.Sprintf("m%d", i), At: at, Kind: []string{"bounce", "complaint", "reply", "reply"}[r.IntN(4)], Of: r.IntN(len(p.Who)), X: r.IntN(1000), Y: r.IntN(1000)}
		for range r.IntN(3) {
			e.Copies = append(e.Copies, []time.Duration{0, 0, time.Second, 5 * time.Minute}[r.IntN(4)])
		}
		p.Events = append(p.Events, e)
	}
	p.sort()
}

// comesBack is what becomes of a mail that went: it bounces, somebody complains of it, or somebody answers it. Who
// hears of it with an error hears of it again.
func (w *world) comesBack(e event, about string, at time.Time, name string, tries int) {
	if tries > 40 {
		w.fail("%s of %s is told %d times, and never taken", e.Name, e.Kind, tries)
		return
	}
	w.later(job{at, name, int(w.draw("place", name) % 2), about, func(ctx context.Context, h *hand) {
		w.turn(ctx, "looks for a mail")
		var mine []mailed
		for _, m := range w.mails {
			if m.account == about && m.Row != "" {
				mine = append(mine, m)
			}
		}
		if len(mine) == 0 {
			return
		}
		m := mine[e.X%len(mine)]
		err := w.returned(ctx, h, e, m)
		w.turn(ctx, fmt.Sprint("has heard of the mail ", err == nil))
		if err != nil || h.p.dead.Load() {
			wait := patience[min(tries, len(patience)-1)]
			if w.calm {
				wait = time.Second
			}
			w.comesBack(e, about, w.now().Add(wait), fmt.Sprintf("%s/again%d", name, tries), tries+1)
		}
	}})
}

// returned tells a process of it.
func (w *world) returned(ctx context.Context, h *hand, e event, m mailed) error {
	if e.Kind == "reply" {
		id := fmt.Sprintf("a%d@kund.example", e.Y)
		raw := fmt.Sprintf("From: Leser <%s>\r\nTo: %s\r\nSubject: Re: %d\r\nMessage-ID: <%s>\r\nIn-Reply-To: <%s@sim.example>\r\n\r\nTo av oss slutter, %d.\r\n", m.To, inbound, e.Y, id, m.ID, e.Y)
		became, err := replies.Take(ctx, h.p.app, []byte(raw))
		if err == nil && !h.p.dead.Load() {
			w.saw("an answer was " + became)
			w.answers[id] = taken{m.account, w.now()}
		}
		return err
	}
	var x app.MailEvent
	x.Source, x.Detail.EventType = "aws.ses", "Complaint"
	if e.Kind == "bounce" {
		x.Detail.EventType, x.Detail.Bounce.BounceType = "Bounce", "Permanent"
	}
	x.Detail.Mail.Tags = map[string][]string{"account": {effects.Tag(m.Account)}, "mail": {effects.Tag(m.Row)}}
	err := h.p.app.MailCameBack(ctx, x)
	if err == nil && !h.p.dead.Load() {
		w.saw("a mail came back: " + e.Kind)
	}
	return err
}

// A taken is an answer that was taken: whose mail it answers, and when it was.
type taken struct {
	account string
	at      time.Time
}

// lawAnswers: an answer that was taken is noted once, at the customer whose mail it answers, or at the fleet.
func (w *world) lawAnswers() {
	for id, a := range w.answers {
		n, account := 0, a.account
		if w.now().Sub(a.at) > effects.ReplyLife-time.Hour {
			continue // it has come to its end
		}
		for _, at := range []string{account, store.Operations} {
			rows, _, _ := w.db.Rows(context.Background(), at, "reply", store.Page{Limit: 500})
			for _, r := range rows {
				if r.ID == app.ShortHash(id) {
					n++
				}
			}
		}
		if n != 1 {
			w.fail("the answer %s to %s was taken, and is noted %d times", id, account, n)
		}
	}
}

// leave erases a customer, while all that can fails and others are at it, until it is done; then nothing of its people
// is stored.
func (w *world) leave(c customer) {
	if l, _ := w.db.Load(context.Background(), c.account(), store.Want{}); l.State.N == 0 {
		return
	}
	w.calm = false
	w.plan.Next = false // what that version wrote goes as well
	w.beside(c)
	var err error
	for n := 0; n < 30 && (n == 0 || err != nil); n++ {
		w.calm = n >= 20
		h := &hand{name: fmt.Sprintf("leaves%d/%d", c.N, n), about: c.account(), p: w.running[n%2]}
		over := false
		w.spawn(h, func(ctx context.Context) {
			err = h.p.app.Engine.Erase(ctx, c.account())
			w.turn(ctx, fmt.Sprint("has erased ", err == nil))
			over = true
		})
		for waiting := w.waiting(); len(waiting) > 0 && !over; waiting = w.waiting() {
			one := w.choose(waiting, w.plan.ByRank)
			w.let(one, w.judge(one))
		}
		if n > 0 {
			w.saw("an erasing was begun again")
		}
	}
	w.calm = true
	w.jobs = nil // nobody delivers what is told of it from here on
	for waiting := w.waiting(); len(waiting) > 0; waiting = w.waiting() {
		w.saw("somebody was at a customer who was erased")
		one := w.choose(waiting, w.plan.ByRank)
		w.let(one, w.judge(one)) // from here on it runs beside us
	}
	if err != nil {
		w.fail("%s cannot be erased: %v", c.account(), err)
		return
	}
	w.saw("a customer was erased")
	w.lawErased(c)
}

// beside are hands that are at a customer who leaves: sweeps, a read of its people, whoever writes by which words it
// is found, and a sender that tells anew of them.
func (w *world) beside(c customer) {
	by := func(name string, place int, do func(ctx context.Context, h *hand)) {
		h := &hand{name: fmt.Sprintf("beside%d/%s", c.N, name), about: c.account(), p: w.running[place]}
		w.spawn(h, func(ctx context.Context) { do(ctx, h) })
	}
	for place := range w.running {
		by(fmt.Sprint("tick", place), place, func(ctx context.Context, h *hand) { _ = h.p.app.Engine.Tick(ctx, c.account()) })
		by(fmt.Sprint("deliver", place), place, func(ctx context.Context, h *hand) { _ = h.p.app.Engine.Attend(ctx, c.account()) })
		by(fmt.Sprint("index", place), place, func(ctx context.Context, h *hand) {
			if l, err := h.p.app.Store.Load(ctx, c.account(), store.Want{}); err == nil {
				_, _, _ = h.p.app.Engine.Index(ctx, l.State, licence.Effect{})
			}
		})
	}
	all := licence.SeatsListed{CustID: c.cust()}
	for i := range most {
		all.Rows = append(all.Rows, licence.SeatChanged{CustID: c.cust(), Plan: "p", Held: true, User: licence.User{ID: fmt.Sprint(i + 1), Name: fmt.Sprintf("Bruker %d av %d, 0", i+1, c.N), CanLogin: true}})
	}
	for place := range w.running {
		by(fmt.Sprint("read", place), place, func(ctx context.Context, h *hand) {
			f := licence.Fact{ID: fmt.Sprint(licence.ReadPrefix, "leaves/", place), To: []licence.Name{{Sender: "account", ID: c.account()}}, At: h.p.now(), Source: "superoffice", Payload: all}
			_, _ = h.p.app.Engine.Apply(ctx, f)
		})
	}
}

// lawErased: of a customer who was erased nothing of its people is stored, and no name leads to it.
func (w *world) lawErased(c customer) {
	ctx := context.Background()
	kept := fmt.Sprint(w.db.Stored(c.account()))
	for r := range w.db.AllRows(ctx, c.account()) {
		kept += fmt.Sprintf("\n%s %s %s", r.Kind, r.ID, r.Body)
	}
	owed, _ := w.db.Outbox(ctx, c.account())
	facts, _ := json.Marshal(w.facts(c.account()))
	rosters, _ := w.db.Rosters(ctx, c.account())
	found, _, _ := w.db.Find(ctx, []string{strings.ToLower(strings.Fields(c.name())[0])}, store.Page{})
	asides, _, _ := w.db.Rejections(ctx, store.Page{Limit: 500})
	asides = slices.DeleteFunc(asides, func(x store.Rejected) bool { return x.Account != c.account() })
	parked, _, _ := w.db.Unmatched(ctx, store.Page{Limit: 500})
	parked = slices.DeleteFunc(parked, func(f store.StoredFact) bool { return f.Fact.Sent() }) // which a sender tells of whom nobody knows
	kept += fmt.Sprintf("\n%+v\n%s\n%+v", owed, facts, parked)
	if len(rosters)+len(found)+len(asides) > 0 {
		w.fail("%s was erased, and has people %v, is found %+v, and has set aside %+v", c.account(), rosters, found, asides)
	}
	list, _, _ := w.db.Accounts(ctx, store.Page{Limit: 500})
	if slices.ContainsFunc(list, func(e licence.Entry) bool { return e.Account == c.account() }) {
		w.fail("%s was erased, and is in the lists", c.account())
	}
	for _, of := range []string{fmt.Sprintf("@kund%d.example", c.N), fmt.Sprintf("av %d,", c.N), c.name(), "Leser"} {
		if at := strings.Index(kept, of); at >= 0 {
			w.fail("%s was erased, and %q is kept: %s", c.account(), of, kept[max(0, at-200):min(len(kept), at+60)])
		}
	}
	for _, n := range []licence.Name{{Sender: "account", ID: c.account()}, {Sender: "stripe", ID: c.stripe()}, {Sender: "superoffice", ID: strings.ToLower(c.cust())}} {
		if to, err := w.db.Resolve(ctx, n); err == nil {
			w.fail("%s was erased, and %s leads to %s", c.account(), n, to)
		}
	}
}

var _ store.Eraser = (*port)(nil)

func (s *port) AllRows(ctx context.Context, account string) iter.Seq2[licence.Row, error] {
	return func(yield func(licence.Row, error) bool) {
		all, err := get(ctx, s, account, "AllRows", func() (all []licence.Row, err error) {
			for r := range s.inner.AllRows(ctx, account) {
				all = append(all, r)
			}
			return all, nil
		})
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
		if err != nil {
			yield(licence.Row{}, err)
		}
	}
}

func (s *port) Amend(ctx context.Context, account string, f licence.Fact) error {
	return s.through(ctx, account, "Amend", writeFaults, func() error { return s.inner.Amend(ctx, account, f) })
}

func (s *port) Rosters(ctx context.Context, account string) ([]licence.Key, error) {
	return get(ctx, s, account, "Rosters", func() ([]licence.Key, error) { return s.inner.Rosters(ctx, account) })
}

func (s *port) Sweep(context.Context, string) error { return nil }
