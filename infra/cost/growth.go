package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/memory"
	"seatmend/shared/store/storetest"
)

// A growth is how large a customer becomes, and among how many.
type growth struct {
	seats, invoices, subscriptions, days, accounts int
}

// grown is what issue and rules ask to bear.
var grown = growth{seats: 100_000, invoices: 5_000, subscriptions: 300, days: 5 * 365, accounts: 10_000}

// A grew is what each event takes of a customer that has become so large.
type grew struct {
	when   string
	events map[string]taken
	parts  map[string]int // bytes of each stored part, and of the history
	facts  int            // that are kept
}

// A taken is what an event took: calls of the store, the bytes of the parts that it read and wrote, the people
// and rows that it wrote, and the processor's time for it.
type taken struct {
	reads, writes, bytes, rows int
	time                       time.Duration
}

func (t taken) String() string {
	return fmt.Sprintf("%d · %d · %d · %d · %s", t.reads, t.writes, t.bytes, t.rows, t.time.Round(10*time.Microsecond))
}

// A tally is a store that counts each call.
type tally struct {
	store.Store
	taken
	asked []string // the names of those that read
}

func counted(inner store.Store) *tally {
	t := &tally{}
	t.Store = storetest.Faulty(inner, func(c storetest.Call) storetest.Fault {
		if c.Write {
			t.writes++
		} else {
			t.reads++
			t.asked = append(t.asked, c.Op)
		}
		return storetest.None
	})
	return t
}

func (c *tally) Load(ctx context.Context, account string, w store.Want) (licence.Loaded, error) {
	l, err := c.Store.Load(ctx, account, w)
	for _, p := range licence.Parts {
		b, _ := l.State.Known.Encode(p)
		c.bytes += len(b)
	}
	return l, err
}

func (c *tally) Commit(ctx context.Context, change licence.Change) error {
	c.rows += len(change.Seats) + len(change.Add) + len(change.Drop)
	return c.Store.Commit(ctx, change)
}

// An asked is what a page took, and what it read.
type asked struct {
	taken
	of []string
}

// lists is how often customers were listed.
func (a asked) lists() (n int) {
	for _, of := range a.of {
		if of == "Accounts" || of == "Cases" || of == "Find" {
			n++
		}
	}
	return n
}

// A grower is a process on a store in memory, and the customer that grows there.
type grower struct {
	*measured
	db    *memory.Store
	count *tally
	who   string
	seats int
	n     int
}

// grow lives through all of it, and looks each year, and once at the beginning.
func (g growth) grow(ctx context.Context, look func(grew)) error {
	m := &measured{now: monday.AddDate(0, 0, -g.days)}
	db := memory.New(func() time.Time { return m.now })
	count := counted(db)
	if err := m.on(count, func() time.Time { return m.now }); err != nil {
		return err
	}
	c := &grower{measured: m, db: db, count: count, who: customer(0), seats: g.seats}
	if err := c.tells(ctx, account(c.who, m.now), reportOf(c.who, 1, g.seats+100, 10, false, false, m.now.AddDate(1, 0, 0), m.now)); err != nil {
		return err
	}
	if err := c.look(ctx, "a new customer", look); err != nil {
		return err
	}
	if err := c.people(ctx, g.seats); err != nil {
		return err
	}
	if err := c.look(ctx, fmt.Sprintf("with %d seats", g.seats), look); err != nil {
		return err
	}
	for day := range g.days {
		if err := c.day(ctx, g, day); err != nil {
			return fmt.Errorf("day %d: %w", day, err)
		}
		if (day+1)%max(g.days/5, 1) == 0 {
			if err := c.look(ctx, fmt.Sprintf("day %d", day+1), look); err != nil {
				return err
			}
		}
	}
	return nil
}

// tells posts webhooks one after the other, a second apart, and delivers what they owe.
func (c *grower) tells(ctx context.Context, all ...hook) error {
	for _, w := range all {
		if _, _, err := c.post(ctx, "applied", w); err != nil {
			return fmt.Errorf("%s: %w", w.id, err)
		}
		c.now = c.now.Add(time.Second)
	}
	return nil
}

func (c *grower) next() int { c.n++; return 10_000 + c.n }

// people has the list of them told as a read of SuperOffice tells it, which no body's size bounds.
func (c *grower) people(ctx context.Context, seats int) error {
	f, err := decode(list(c.who, 1, "list", c.now))
	if err != nil {
		return err
	}
	listed := f.Payload.(licence.SeatsListed)
	one := listed.Rows[0]
	listed.Rows = nil
	for n := range seats {
		one.User.ID, one.User.Name, one.User.Email = fmt.Sprint("u", n), fmt.Sprint("Person ", n), fmt.Sprintf("p%d@fjord.example", n)
		listed.Rows = append(listed.Rows, one)
	}
	f.Payload = listed
	if _, err := c.app.Engine.Apply(ctx, f); err != nil {
		return err
	}
	c.now = c.now.Add(time.Minute)
	return c.app.Engine.Deliver(ctx, c.who)
}

// day is one of those five years: the licence is reported, somebody gets or loses a seat; invoices and
// subscriptions come in between, each invoice opened and then paid, each subscription changed until it ends.
func (c *grower) day(ctx context.Context, g growth, day int) error {
	c.now = monday.AddDate(0, 0, day+1-g.days)
	if _, err := c.app.Engine.Sweep(ctx); err != nil {
		return err
	}
	from := c.now.AddDate(1, 0, -day%365)
	all := []hook{reportOf(c.who, c.next(), g.seats+100, g.seats, false, false, from, c.now), seatOf(c.who, day%g.seats, c.next(), day%2 == 0, c.now)}
	for n := g.invoices * day / g.days; n < g.invoices*(day+1)/g.days; n++ {
		all = append(all, invoiced(c.who, n, "open", nil, c.now), invoiced(c.who, n, "paid", c.now, c.now.Add(time.Second)))
	}
	for n := g.subscriptions * day / g.days; n < g.subscriptions*(day+1)/g.days; n++ {
		all = append(all, subscribed(c.who, n, "active", c.now))
		if n >= 20 {
			all = append(all, subscribed(c.who, n-20, "ended", c.now))
		}
	}
	return c.tells(ctx, all...)
}

// invoiced is the n-th invoice of a customer that has many.
func invoiced(who string, n int, status string, paid any, at time.Time) hook {
	if t, ok := paid.(time.Time); ok {
		paid = t.Add(-time.Minute).UTC().Format(time.RFC3339)
	}
	return bodyOf("/billing/standard", "invoice.changed", fmt.Sprint("inv-", n, status), at, object{
		"account": who, "invoice": fmt.Sprint("INV-", n), "status": status, "due": at.AddDate(0, 0, 20).Format(time.DateOnly), "paid_at": paid,
		"amount": "12500.00", "currency": "SEK", "url": "https://pay.example/INV", "period": object{"from": at.Format(time.DateOnly), "to": at.AddDate(0, 1, 0).Format(time.DateOnly)},
	})
}

// subscribed is the n-th subscription of a customer that has many.
func subscribed(who string, n int, status string, at time.Time) hook {
	return bodyOf("/billing/standard", "subscription.changed", fmt.Sprint("sub-", n, status), at, object{
		"account": who, "subscription": fmt.Sprint("s", n), "status": status, "plans": []object{{"plan": "sales-premium", "seats": 100}},
	})
}

// look tells one event of each kind, and says what each took.
func (c *grower) look(ctx context.Context, when string, say func(grew)) error {
	g := grew{when: when, events: map[string]taken{}, parts: map[string]int{}}
	c.now = c.now.Add(time.Hour)
	for _, w := range []hook{
		seatOf(c.who, 1, c.next(), true, c.now), seatOf(c.who, 1, c.next(), false, c.now.Add(time.Second)), reportOf(c.who, c.next(), c.seats+100, c.seats, false, false, c.now.AddDate(1, 0, 0), c.now),
		invoiced(c.who, 0, "paid", c.now, c.now), subscribed(c.who, 0, "active", c.now), login(c.who, c.next(), c.now),
	} {
		w.id += "-" + when
		runtime.GC()
		c.count.taken = taken{}
		began := time.Now()
		if _, _, err := c.post(ctx, "applied", w); err != nil {
			return fmt.Errorf("%s: %w", w.id, err)
		}
		c.count.taken.time = time.Since(began)
		kind, _, _ := strings.Cut(w.id, "-")
		g.events[kind] = c.count.taken
		c.now = c.now.Add(time.Minute)
	}
	for part, stored := range c.db.Stored(c.who) {
		g.parts[string(part)] = len(stored)
	}
	l, err := c.db.Load(ctx, c.who, store.Want{})
	if err != nil {
		return err
	}
	history, err := l.State.History.Encode()
	if err != nil {
		return err
	}
	g.parts["history"] = len(history)
	for p := (store.Page{Limit: 500}); ; {
		some, next, err := c.db.Facts(ctx, c.who, p)
		if g.facts += len(some); err != nil || next.Cursor == "" {
			say(g)
			return err
		}
		p = next
	}
}

// fleet makes so many accounts, and gives what the board and a search take then.
func (g growth) fleet(ctx context.Context) (board, search asked, err error) {
	db := memory.New(func() time.Time { return monday })
	for n := range g.accounts {
		id := fmt.Sprintf("C-%05d", n)
		e := licence.Entry{Account: id, Name: fmt.Sprintf("Kund %d AB", n), Summary: "ok", Phase: "ok", Codes: []licence.Code{}}
		if n%33 == 0 {
			e.Summary, e.Phase, e.Codes, e.Owners = "needs-action", "admin-warning", []licence.Code{"surplus"}, []licence.Role{licence.Admin}
		}
		if err := db.Commit(ctx, licence.Change{Account: id, Entry: e}); err != nil {
			return board, search, err
		}
		if err := db.Index(ctx, id, []string{fmt.Sprintf("c%05d", n), fmt.Sprint("kund", n), "ab"}); err != nil {
			return board, search, err
		}
	}
	m := &measured{now: monday}
	count := counted(db)
	if err := m.on(count, func() time.Time { return monday }); err != nil {
		return board, search, err
	}
	m.app.LocalSignIn = true
	var cookies []*http.Cookie
	ask := func(method, path string) (t asked, err error) {
		count.taken, count.asked = taken{}, nil
		began := time.Now()
		r := httptest.NewRequestWithContext(ctx, method, path, nil)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		for _, c := range cookies {
			r.AddCookie(c)
		}
		answer := httptest.NewRecorder()
		m.handler.ServeHTTP(answer, r)
		cookies = append(cookies, answer.Result().Cookies()...)
		t = asked{count.taken, slices.Clone(count.asked)}
		t.time = time.Since(began)
		if answer.Code >= 400 || method == "GET" && !strings.Contains(answer.Body.String(), "Kund ") {
			err = fmt.Errorf("%s: %d %s", path, answer.Code, answer.Body)
		}
		return t, err
	}
	if _, err = ask("POST", "/support/local-sign-in"); err == nil {
		_, err = ask("GET", "/support") // the overview of all customers stays in a process for some minutes
	}
	if err == nil {
		board, err = ask("GET", "/support")
	}
	if err == nil {
		search, err = ask("GET", fmt.Sprintf("/support?q=kund%d", g.accounts-1))
	}
	return board, search, err
}

// broken is what does not hold: an event takes as much as it did of a new customer, and no part is larger than after the second year (each look warns somebody at login), nor than 64 kB.
func (g growth) broken(all []grew) error {
	var errs []error
	second, last := all[3], all[len(all)-1] // of five years, the second and the last
	for kind, now := range last.events {
		if first := all[0].events[kind]; now.reads > first.reads+2 || now.writes > first.writes+1 || now.rows > first.rows+3 {
			errs = append(errs, fmt.Errorf("%s takes %s, of a new customer %s", kind, now, first))
		}
	}
	for part, n := range last.parts {
		if was := second.parts[part]; n > was+was/50+2048 || n > 64<<10 {
			errs = append(errs, fmt.Errorf("%s has grown from %d to %d bytes", part, was, n))
		}
	}
	return errors.Join(errs...)
}

// one is that the board and a search list customers once each, however many there are, and read little beside.
func (g growth) one(board, search asked) error {
	if board.lists() != 1 || search.lists() != 1 || board.reads > 5 || search.reads > 2 {
		return fmt.Errorf("of %d customers the board reads %v, a search %v, want one list each, and 5 and 2 reads in all", g.accounts, board.of, search.of)
	}
	return nil
}

// grows prints how an event's cost grows, and fails where it does.
func grows(ctx context.Context, out io.Writer) error {
	page := &pen{out: out}
	page.say(`# How cost grows

Calls that read · that write · bytes of the parts that are read · people and effects that are written · time, of one event until its delivery is done.

| customer | seat | report | invoice | subscription | login | largest part | facts |
|---|---|---|---|---|---|---|---|`)
	var all []grew
	err := grown.grow(ctx, func(g grew) {
		all = append(all, g)
		part := slices.MaxFunc(slices.Collect(maps.Keys(g.parts)), func(a, b string) int { return g.parts[a] - g.parts[b] })
		page.say("| %s | %s | %s | %s | %s | %s | %s %d of %d | %d |", g.when, g.events["seat"], g.events["report"], g.events["inv"], g.events["sub"], g.events["login"], part, g.parts[part], licence.MaxPart, g.facts)
	})
	if err != nil {
		return err
	}
	err = grown.broken(all)
	for _, n := range []int{100, grown.accounts} {
		g := growth{accounts: n}
		board, search, failed := g.fleet(ctx)
		if failed != nil {
			return failed
		}
		err = errors.Join(err, g.one(board, search))
		page.say("\n%d accounts: the board takes %d reads and %s, a search %d and %s.", n, board.reads, board.time.Round(10*time.Microsecond), search.reads, search.time.Round(10*time.Microsecond))
	}
	return errors.Join(page.err, err)
}
