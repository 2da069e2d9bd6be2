package sim

import (
	"context"
	"fmt"
	"hash"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing/synctest"
	"time"
)

// A fault is what becomes of a call of the store, of the mail server or of SuperOffice.
type fault int

const (
	none        fault = iota
	lost              // it fails, and nothing has come of it
	kept              // it fails, and all has come of it
	conflict          // of a commit: refused, though nobody was faster
	crashBefore       // the process dies before it
	crashAfter        // and after it
	dead              // the process has died
)

func (f fault) String() string {
	return [...]string{"", " lost", " kept", " conflict", " crash before", " crash after", " dead"}[f]
}

// A hand is one thing that goes on: a webhook, a delivery, a sweep, a visit. Its name stays the same
// however the plan is shortened.
type hand struct {
	name  string
	p     *process
	quiet bool // a GET: it may write nothing
	about string
	mu    sync.Mutex
	calls map[string]int
}

type handKey struct{}
type scopeKey struct{}

// A scope is the effect that a hand is at.
type scope struct{ account, effect string }

func handOf(ctx context.Context) *hand {
	h, _ := ctx.Value(handKey{}).(*hand)
	return h
}

// A call is one that waits until the seed lets it go on.
type call struct {
	who, what string
	n         int // of those of this hand, counted from 1
	ctx       context.Context
	p         *process
	kinds     []string // faults that it can meet
	seen      bool
	until     time.Time // stalled until then
	open      chan struct{}
	fault     fault
}

func (c *call) key() string { return fmt.Sprintf("%s#%d", c.who, c.n) }

// A machine lets one hand go on at a time; which one, the seed says.
type machine struct {
	seed   uint64
	base   time.Duration // from the bubble's clock to ours
	mu     sync.Mutex
	parked []*call
	live   map[string]*hand
	idle   map[string]time.Time // since when a hand has called nothing, though others wait outside only
	steps  int
	sum    hash.Hash64
	trace  []string // nil: not kept
	failed string   // the first law that was broken
}

// draw is a number that follows from the seed and some words.
func (m *machine) draw(words ...any) uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, m.seed)
	for _, w := range words {
		fmt.Fprint(h, "/", w)
	}
	// FNV mixes its last bytes badly.
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

func (m *machine) now() time.Time { return time.Now().Add(m.base) }

func (m *machine) note(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	fmt.Fprintln(m.sum, m.now().UnixNano(), line)
	if m.trace != nil {
		m.trace = append(m.trace, m.now().Format("02T15:04:05.000 ")+line)
	}
}

// fail is that a law is broken.
func (m *machine) fail(format string, args ...any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failed == "" {
		m.failed = fmt.Sprintf(format, args...)
	}
}

// park waits until the seed lets the call go on, and tells what becomes of it.
func (m *machine) park(ctx context.Context, p *process, account, what string, kinds ...string) *call {
	c := &call{what: what, ctx: ctx, p: p, kinds: kinds, open: make(chan struct{})}
	if p != nil && p.dead.Load() {
		c.fault = dead
		return c
	}
	c.who = "nobody"
	if h := handOf(ctx); h != nil {
		c.who = h.name
		if s, ok := ctx.Value(scopeKey{}).(scope); ok {
			account = s.account
		}
		if account != "" {
			c.who += "@" + account
		}
		h.mu.Lock()
		h.calls[c.who]++
		c.n = h.calls[c.who]
		h.mu.Unlock()
	}
	m.mu.Lock()
	m.parked = append(m.parked, c)
	m.mu.Unlock()
	<-c.open
	return c
}

// turn waits for a turn to look at the world, of who calls nothing.
func (m *machine) turn(ctx context.Context, what string) { m.park(ctx, nil, "", what) }

// spawn starts a hand.
func (m *machine) spawn(h *hand, do func(context.Context)) {
	h.calls = map[string]int{}
	m.mu.Lock()
	if m.live[h.name] != nil {
		m.mu.Unlock()
		panic("two hands are called " + h.name)
	}
	m.live[h.name] = h
	m.mu.Unlock()
	go func() {
		defer func() {
			if what := recover(); what != nil {
				m.fail("%s: panic: %v", h.name, what)
			}
			m.mu.Lock()
			delete(m.live, h.name)
			m.mu.Unlock()
		}()
		ctx := context.WithValue(context.Background(), handKey{}, h)
		m.turn(ctx, "begins") // else several would be at the same lane at once, and the machine would say who is first
		do(ctx)
	}()
}

// waiting are the calls that wait, in an order that nothing but their names decides.
func (m *machine) waiting() []*call {
	synctest.Wait()
	m.mu.Lock()
	defer m.mu.Unlock()
	slices.SortFunc(m.parked, func(a, b *call) int { return strings.Compare(a.who, b.who) })
	for i := 1; i < len(m.parked); i++ {
		if a, b := m.parked[i-1], m.parked[i]; a.who == b.who && m.failed == "" {
			m.failed = fmt.Sprintf("two calls wait by one name, %s: %s and %s", a.who, a.what, b.what)
		}
	}
	return slices.Clone(m.parked)
}

// let lets a call go on.
func (m *machine) let(c *call, f fault) {
	m.mu.Lock()
	m.parked = slices.DeleteFunc(m.parked, func(o *call) bool { return o == c })
	m.mu.Unlock()
	c.fault = f
	m.steps++
	m.note("%s %s%v", c.key(), c.what, f)
	close(c.open)
}

// choose picks who goes on: by lot, or by who has precedence, which changes now and then. The second
// way finds what needs one hand to stand still for long.
func (m *machine) choose(ready []*call, byRank bool) *call {
	if len(ready) > 1 {
		var all []string
		for _, c := range ready {
			all = append(all, c.key())
		}
		m.note("%v", all)
	}
	if !byRank {
		return ready[m.draw("pick", m.steps)%uint64(len(ready))]
	}
	era := 0
	for _, change := range []string{"a", "b", "c"} {
		if uint64(m.steps) > m.draw("change", change)%120 {
			era++
		}
	}
	return slices.MinFunc(ready, func(a, b *call) int {
		x, y := m.draw("rank", era, a.who), m.draw("rank", era, b.who)
		return map[bool]int{true: -1, false: 1}[x < y]
	})
}

// outside tells whether a call is of the mail server or of SuperOffice.
func (c *call) outside() bool {
	return strings.HasPrefix(c.what, "crm ") || strings.HasPrefix(c.what, "mail ")
}

// lawWaits: while others wait for what is outside, be it for long, nobody else waits for them.
func (m *machine) lawWaits(waiting []*call) {
	m.mu.Lock()
	defer m.mu.Unlock()
	busy := map[string]bool{}
	for _, c := range waiting {
		if !c.outside() {
			m.idle = nil
			return
		}
		if h := handOf(c.ctx); h != nil {
			busy[h.name] = true
			if s, ok := c.ctx.Value(scopeKey{}).(scope); ok {
				busy[s.account] = true
			}
		}
	}
	if m.idle == nil {
		m.idle = map[string]time.Time{}
	}
	for name, h := range m.live {
		since, idle := m.idle[name]
		switch {
		case len(busy) == 0 || busy[name] || h.about == "" || busy[h.about]:
			delete(m.idle, name)
		case !idle:
			m.idle[name] = m.now()
		case m.now().Sub(since) > 12*time.Second && m.failed == "":
			m.failed = fmt.Sprintf("%s waits for another customer, whose server is slow", name)
		}
	}
}

// drain ends all hands: nothing is left of a world that was given up.
func (m *machine) drain(processes []*process) {
	for _, p := range processes {
		p.dead.Store(true)
	}
	for range 10000 {
		for _, c := range m.waiting() {
			m.let(c, dead)
		}
		m.mu.Lock()
		over := len(m.live) == 0
		m.mu.Unlock()
		if over {
			return
		}
		time.Sleep(time.Second)
	}
	panic(fmt.Sprint("hands do not end: ", slices.Sorted(maps.Keys(m.live)), " ", m.failed))
}
