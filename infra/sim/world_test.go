package sim

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	lambda "github.com/aws/aws-lambda-go/events"

	"seatmend/events"
	"seatmend/functions/app"
	"seatmend/infra/crmsim"
	"seatmend/shared/licence"
	"seatmend/shared/store/memory"
	"seatmend/shared/webhook"
)

// firstMails is how many first mails may go in an hour over the whole fleet.
const firstMails = 1

// A world is the whole system with all who deal with it.
type world struct {
	machine
	plan      plan
	bug       *bug
	start     time.Time
	db        *memory.Store // as no process has it: without turns and faults
	crm       *crmsim.Sim
	crmDoor   http.Handler
	processes []*process
	running   [2]*process
	boots     int
	calm      bool // no fault happens any more
	freed     bool // nor is any customer stuck
	keys      int  // of the senders and of links: how often they were changed
	jobs      []job
	swept     time.Time
	sweeps    uint64
	messages_ []*message
	mails     []mailed
	answers   map[string]taken // by id, answers that were taken
	revoked   map[string]bool  // tokens that must open nothing
	flying    map[string]*flight
	firsts    map[string]int       // first mails by the clock hour
	told      map[string]string    // by address and day: the effect that mailed it
	asked     map[string]int       // links that were mailed because somebody asked, by address and day
	counted   map[string]int       // first mails, by effect
	totals    map[int]map[int]bool // by customer: what its licence has been for in SuperOffice
	dropped   map[string]bool      // bodies that were set aside, and that the desk dropped
	rules     licence.Settings     // the operator's
	handed    map[string]int
	next      map[string]bool // stored parts that the next version has written
	fired     map[string]bool
	seen      map[string]int
}

// A job is something that begins at an instant.
type job struct {
	at    time.Time
	name  string
	place int
	about string
	do    func(context.Context, *hand)
}

// A result is what became of a run.
type result struct {
	Failed string
	Sum    uint64
	Steps  int
	Seen   map[string]int
	Fired  map[string]bool
	Trace  []string
}

// play runs a plan, in a bubble of time of its own.
func play(t *testing.T, p plan, b *bug, trace bool) (out result) {
	synctest.Test(t, func(*testing.T) {
		start := events.Base.Add(8*time.Hour + 30*time.Minute)
		w := &world{machine: machine{seed: p.Seed, base: time.Until(start), live: map[string]*hand{}, sum: fnv.New64a()}, plan: p, bug: b, start: start,
			answers: map[string]taken{}, revoked: map[string]bool{}, flying: map[string]*flight{}, firsts: map[string]int{}, told: map[string]string{}, asked: map[string]int{}, counted: map[string]int{}, totals: map[int]map[int]bool{}, dropped: map[string]bool{}, handed: map[string]int{}, next: map[string]bool{}, fired: map[string]bool{}, seen: map[string]int{}}
		if trace {
			w.trace = []string{}
		}
		w.db = memory.New(w.now)
		w.crm = crmsim.New(w.now)
		w.crmDoor = w.crm.Handler()
		w.boot(0)
		w.boot(1)
		w.run()
		w.drain(w.processes)
		out = result{w.failed, w.sum.Sum64(), w.steps, w.seen, w.fired, w.trace}
	})
	return out
}

// saw counts a rare state.
func (w *world) saw(what string) { w.seen[what]++ }

// happens tells whether a fault happens at a call.
func (w *world) happens(kind, who string, n int) bool {
	rate := w.plan.Rates[kind]
	if w.calm || rate == 0 {
		return false
	}
	key := fmt.Sprintf("%s %s#%d", kind, who, n)
	if w.plan.Spared[key] || w.draw(key)%10000 >= uint64(rate) {
		return false
	}
	w.fired[key] = true
	w.saw(kind)
	return true
}

func (w *world) met(kind string, c *call) bool {
	return c.fault == none && slices.Contains(c.kinds, kind) && w.happens(kind, c.who, c.n)
}

// judge is what becomes of a call whose turn it is.
func (w *world) judge(c *call) fault {
	if c.p == nil {
		return none
	}
	if c.p.dead.Load() {
		return dead
	}
	if c.ctx.Err() != nil && len(c.kinds) > 0 { // it was cut off while it was on its way
		w.saw("cut off by a time limit")
		if !slices.Contains(c.kinds, "lost") { // it stands in a row with others, and is written with them
			return kept
		}
		return []fault{lost, kept}[w.draw("cut", c.who, c.n)%2]
	}
	for _, kind := range c.kinds {
		if f, ok := map[string]fault{"lost": lost, "kept": kept, "conflict": conflict, "crash-before": crashBefore, "crash-after": crashAfter}[kind]; ok && w.happens(kind, c.who, c.n) {
			if f == crashBefore {
				w.die(c.p)
			}
			return f
		}
	}
	return none
}

// canary stands in every secret.
func (w *world) secret(of string, generation int) string {
	b := []byte(fmt.Sprintf("%s %d %s", of, generation, strings.Repeat("-", 32)))
	return base64.StdEncoding.EncodeToString(b[:32])
}

// secrets are what a process reads when it starts: the newest first, and those before.
func (w *world) secrets() app.Secrets {
	out := app.Secrets{"operator": {w.secret("operator", 0)}, "superoffice": {w.secret("superoffice", 0)}}
	for generation := w.keys; generation >= 0; generation-- {
		for _, of := range []string{"stripe", "standard", "login"} {
			out[of] = append(out[of], "whsec_"+w.secret(of, generation))
		}
		for _, of := range []string{"paddle", "chargebee", "recurly"} {
			sender, _ := webhook.Find(of)
			out[of] = append(out[of], sender.NewSecret(w.secret(of, generation)))
		}
		out["link"] = append(out["link"], w.secret("link", generation))
	}
	return out
}

func (w *world) later(j job) {
	w.mu.Lock() // where a law is broken, all hands go home at once
	defer w.mu.Unlock()
	w.jobs = append(w.jobs, j)
}

// run plays the plan, then lets the faults stop, and holds the end to the laws.
func (w *world) run() {
	w.plant()
	w.loop(time.Time{})
	w.calm = true
	for _, m := range w.messages_ {
		if !m.accepted && !m.refused && !m.open {
			w.resend(m)
		}
	}
	w.loop(w.now().Add([]time.Duration{30 * time.Minute, 30 * time.Minute, time.Hour, time.Hour, 26 * time.Hour}[w.draw("rest")%5]))
	if w.failed == "" {
		w.lawEnd()
	}
	for _, c := range w.plan.Who {
		if w.failed == "" && w.plan.Leaves {
			w.leave(c)
		}
	}
}

// plant starts what the plan says.
func (w *world) plant() {
	for _, c := range w.plan.Who {
		if c.Connected {
			w.tenant(c, 255, 9)
		}
	}
	if w.plan.Stuck > 0 {
		w.later(job{w.start.Add(2 * time.Hour), "freed", 0, "", w.lawStuck})
	}
	for _, e := range w.plan.Events {
		c := w.plan.Who[e.Of]
		at, place := w.start.Add(e.At), int(w.draw("place", e.Name)%2)
		switch e.Kind {
		case "visit", "pays", "activates":
			w.later(job{at, e.Name, place, c.account(), func(ctx context.Context, h *hand) { w.visit(ctx, h, e) }})
		case "desk":
			w.later(job{at, e.Name, place, c.account(), func(ctx context.Context, h *hand) { w.desk(ctx, h, e) }})
		case "bounce", "complaint", "reply":
			w.comesBack(e, c.account(), at, e.Name, 0)
			for i, after := range e.Copies {
				w.comesBack(e, c.account(), at.Add(after), fmt.Sprintf("%s/copy%d", e.Name, i), 0)
			}
		case "rest":
			w.later(job{at, e.Name, place, "", w.rests})
		case "crm":
			w.later(job{at, e.Name, place, "", func(ctx context.Context, h *hand) {
				w.turn(ctx, "changes SuperOffice")
				w.tenant(c, e.X, e.Y)
			}})
		case "rotate":
			w.later(job{at, e.Name, place, "", func(ctx context.Context, h *hand) {
				w.turn(ctx, "changes the keys")
				w.keys++
				w.saw("keys were changed")
				w.die(w.running[0])
				w.later(job{w.now().Add(10 * time.Minute), e.Name + "/other", place, "", func(ctx context.Context, h *hand) {
					w.turn(ctx, "starts with the keys")
					w.die(w.running[1])
				}})
			}})
		default:
			at = at.Add(e.Late)
			for _, m := range w.messages(e) {
				w.messages_ = append(w.messages_, m)
				w.tell(m, at, m.Name)
				for i, after := range e.Copies {
					w.tell(m, at.Add(after), fmt.Sprintf("%s/copy%d", m.Name, i))
				}
			}
		}
	}
}

// loop goes on until nothing is left to do; with an end, until nothing is due before it.
func (w *world) loop(end time.Time) {
	stuck := 0
	for {
		waiting := w.waiting()
		if w.failed != "" {
			return // every hand waits: nobody writes what is read from here on
		}
		w.lawWaits(waiting)
		if w.steps > 60000 {
			w.fail("it does not end: %d steps", w.steps)
		}
		now := w.now()
		if w.begin(now, end) {
			continue
		}
		var ready []*call
		next := time.Time{}
		for _, c := range waiting {
			if !c.seen {
				c.seen = true
				if len(c.kinds) > 0 && w.happens("stall", c.who, c.n) {
					c.until = now.Add([]time.Duration{time.Second, 25 * time.Second, 4 * time.Minute, 11 * time.Minute, 40 * time.Minute}[w.draw("stall", c.who, c.n)%5])
				}
			}
			if w.calm || !c.until.After(now) || c.ctx.Err() != nil || c.p != nil && c.p.dead.Load() {
				ready = append(ready, c)
			} else {
				next = licence.Earliest(next, c.until)
			}
		}
		if len(ready) > 0 {
			c := w.choose(ready, w.plan.ByRank)
			f := w.judge(c)
			w.let(c, f)
			stuck = 0
			continue
		}
		for _, j := range w.jobs {
			next = licence.Earliest(next, j.at)
		}
		due, _ := w.db.NextDue(context.Background())
		if len(w.jobs) == 0 && len(w.live) == 0 && (due.IsZero() || end.IsZero() || due.After(end)) {
			return
		}
		if !due.IsZero() {
			if at := w.swept.Add(time.Minute); due.Before(at) {
				due = at
			}
			if next.IsZero() || due.Before(next) {
				next = due
			}
		}
		if len(w.live) > 0 && len(waiting) == 0 { // somebody waits for time to pass
			if stuck++; stuck > 20000 {
				w.fail("a hand hangs: %v", w.live)
			}
			next = licence.Earliest(next, now.Add(250*time.Millisecond))
		}
		time.Sleep(max(next.Sub(now), time.Millisecond))
	}
}

// begin starts what is to begin by now, and tells whether there was any.
func (w *world) begin(now, end time.Time) bool {
	var due []job
	w.jobs = slices.DeleteFunc(w.jobs, func(j job) bool {
		if j.at.After(now) {
			return false
		}
		due = append(due, j)
		return true
	})
	slices.SortFunc(due, func(a, b job) int { return cmp.Compare(a.name, b.name) })
	for _, j := range due {
		h := &hand{name: j.name, p: w.running[j.place], about: j.about}
		w.spawn(h, func(ctx context.Context) { j.do(ctx, h) })
	}
	return len(due) > 0 || w.sweep(now)
}

// sweep starts the schedule's sweep, once a minute where something is due, now and then in both processes.
func (w *world) sweep(now time.Time) bool {
	due, _ := w.db.NextDue(context.Background())
	if due.IsZero() || due.After(now) || now.Before(w.swept.Add(time.Minute)) {
		return false
	}
	w.swept = now
	w.sweeps++
	place := w.draw("sweep", w.sweeps)
	for i := range 1 + place/2%2*(place/4%2) {
		h := &hand{name: fmt.Sprintf("sweep%d.%d", w.sweeps, i), p: w.running[(place+i)%2]}
		w.spawn(h, func(ctx context.Context) {
			ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
			defer cancel()
			_ = h.p.app.Sweep(ctx) // what failed stays due
			w.turn(ctx, "swept")
		})
	}
	return true
}

// streams has the table's stream tell of a commit, now and then in one batch with other accounts.
func (w *world) streams(account string, n int64) {
	name := fmt.Sprintf("stream/%s/%d", account, n)
	if w.happens("stream-lost", name, 1) {
		return
	}
	batch := []string{account}
	if way := w.draw("batch", account, n) % 4; len(w.plan.Who) > 1 && way < 2 {
		for _, c := range w.plan.Who {
			if c.account() != account {
				batch = append(batch, c.account())
			}
		}
		if way == 0 {
			slices.Reverse(batch)
		}
	}
	delay := time.Duration(w.draw("stream", account, n)%3) * time.Second
	w.stream(name, batch, delay, 0)
	if w.happens("stream-twice", name, 1) {
		w.stream(name+"/twice", batch, delay, 0)
	}
}

// stream delivers a batch: a record that is no account's, and those of accounts. From the first one that fails on
// it is told anew; what was given up lies among the dead letters, and half of it is told once more hours later.
func (w *world) stream(name string, batch []string, delay time.Duration, tries int) {
	if tries > 2 {
		w.saw("a record was given up")
		if again := name + "/redriven"; !strings.Contains(name, "redriven") && w.draw(again)%2 == 0 {
			w.saw("a dead letter was told anew")
			w.stream(again, batch, 3*time.Hour, 0)
		}
		return
	}
	about := batch[0]
	if len(batch) > 1 {
		about = ""
	}
	place := int(w.draw("place", name, tries) % 2)
	w.later(job{w.now().Add(delay), fmt.Sprintf("%s.%d", name, tries), place, about, func(ctx context.Context, h *hand) {
		ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
		defer cancel()
		var e lambda.DynamoDBEvent
		for i, pk := range append([]string{"poison"}, batch...) {
			r := lambda.DynamoDBEventRecord{}
			if i > 0 {
				pk = "acct#" + pk
			}
			r.Change.Keys = map[string]lambda.DynamoDBAttributeValue{"pk": lambda.NewStringAttribute(pk)}
			r.Change.SequenceNumber = fmt.Sprint(i)
			e.Records = append(e.Records, r)
		}
		out, err := h.p.app.DeliverStream(ctx, e)
		w.turn(ctx, "delivered")
		left := batch
		switch {
		case err != nil || h.p.dead.Load():
			w.saw("a batch failed")
		case len(out.BatchItemFailures) > 0:
			from, _ := strconv.Atoi(out.BatchItemFailures[0].ItemIdentifier)
			if left = batch[from-1:]; from > 1 {
				w.saw("a batch failed in part")
			}
		default:
			return
		}
		w.stream(name, left, 2*time.Second, tries+1)
	}})
}
