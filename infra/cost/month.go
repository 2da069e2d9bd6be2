package main

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// A month is what a customer's month took of the database.
type month struct {
	events   int  // that changed something
	answered cost // until they were answered
	all      cost // with audit, outbox, mails, pages and sweeps
	most     cost // the dearest event, until it was answered
	pages    []line
}

// perEvent is the mean of write units.
func (m month) perEvent(c cost) float64 { return c.write / float64(m.events) }

// ofMonth lives through thirty days of a customer with so many people. Each morning the licence is
// reported, and on each weekday the list of people, in which now and then one has changed. An invoice
// comes and is paid. The order shrinks by two, the next licence with it, and users are warned at login;
// the administrator has a mail, looks at the page, chooses two, takes the seats from them, and looks again.
func ofMonth(ctx context.Context, client *dynamodb.Client, table string, people int) (month, error) {
	d, err := fresh(ctx, client, table)
	if err != nil {
		return month{}, err
	}
	who := customer(0)
	for _, w := range []hook{account(who, d.now), reportOf(who, 1, people, people, false, false, monday.AddDate(0, 0, 9), d.now.Add(time.Minute)), list(who, people, "list-0", d.now.Add(2*time.Minute)), subscription(who, 1, people, d.now.Add(3*time.Minute))} {
		d.now = d.now.Add(time.Minute)
		if _, _, err := d.post(ctx, "applied", w); err != nil {
			return month{}, err
		}
	}
	m := &living{measured: d, who: who, people: people}
	if err := m.sweep(ctx); err != nil {
		return month{}, err
	}
	m.month = month{}
	for day := range 30 {
		if err := m.day(ctx, day); err != nil {
			return month{}, fmt.Errorf("day %d: %w", day, err)
		}
	}
	return m.month, nil
}

// A living is a customer in its month.
type living struct {
	*measured
	month
	who              string
	people, n, freed int
	link, fp         string
	renamed          []int
}

func (c *cost) add(o cost) {
	c.trips, c.read, c.write = c.trips+o.trips, c.read+o.read, c.write+o.write
}

// applied tells of something that changes something.
func (m *living) applied(ctx context.Context, w hook) error {
	answered, later, err := m.post(ctx, "applied", w)
	if err != nil {
		return err
	}
	m.events++
	m.answered.add(answered)
	m.all.add(answered)
	m.all.add(later)
	m.most = cost{max(m.most.trips, answered.trips), max(m.most.read, answered.read), max(m.most.write, answered.write)}
	m.now = m.now.Add(time.Minute)
	return nil
}

func (m *living) sweep(ctx context.Context) error {
	m.used = cost{}
	_, err := m.app.Engine.Sweep(ctx)
	m.all.add(m.used)
	return err
}

// next numbers what is told.
func (m *living) next() int { m.n++; return 1000 + m.n }

func (m *living) day(ctx context.Context, day int) error {
	m.now = monday.AddDate(0, 0, day+1)
	if err := m.sweep(ctx); err != nil {
		return err
	}
	// The new licence is offered from the sixth day on, for as many as are ordered, and active on the eighteenth.
	ordered, offered, from := m.people, day >= 5 && day < 17, monday.AddDate(0, 0, 9)
	if day >= 9 {
		ordered -= 2
	}
	if day >= 17 {
		from = from.AddDate(1, 0, 0)
	}
	if err := m.applied(ctx, reportOf(m.who, m.next(), ordered, m.people-m.freed, offered, offered && m.people-m.freed <= ordered, from, m.now)); err != nil {
		return err
	}
	if weekday := m.now.Weekday(); weekday != time.Saturday && weekday != time.Sunday {
		if day%3 == 0 {
			m.renamed = append(m.renamed, (day*7)%(m.people-2))
		}
		w := list(m.who, m.people-m.freed, fmt.Sprint("list-", m.next()), m.now, m.renamed...)
		if err := m.applied(ctx, w); err != nil {
			return err
		}
		if _, _, err := m.post(ctx, "duplicate", w); err != nil { // some are sent twice
			return err
		}
	}
	if err := m.special(ctx, day); err != nil {
		return err
	}
	m.now = m.now.Add(6 * time.Hour)
	return m.sweep(ctx)
}

// special is what a day has of its own.
func (m *living) special(ctx context.Context, day int) error {
	switch day {
	case 4:
		return m.applied(ctx, invoice(m.who, 1, m.now))
	case 8:
		return m.applied(ctx, subscription(m.who, m.next(), m.people-2, m.now))
	case 11, 12:
		return m.applied(ctx, login(m.who, m.next(), m.now))
	case 14:
		return m.choose(ctx)
	case 15:
		for n := range 2 {
			w := seatOf(m.who, m.people-1-n, m.next(), false, m.now)
			if err := m.applied(ctx, w); err != nil {
				return err
			}
		}
		m.freed = 2
		return m.look(ctx)
	case 18:
		return m.applied(ctx, paid(m.who, 1, m.now))
	}
	return nil
}

// look opens the page once more.
func (m *living) look(ctx context.Context) error {
	v := m.visit()
	_, err := v.ask(ctx, "the page again", "GET", m.link, nil, 200)
	m.visited(v)
	return err
}

func (m *living) visited(v *visit) {
	for _, l := range v.lines {
		m.all.add(l.answered)
		m.pages = append(m.pages, l)
	}
}

// choose follows the mail's link and chooses two people, which is an event, too.
func (m *living) choose(ctx context.Context) (err error) {
	if m.link, err = mailed(ctx, m.app.Store, m.who); err != nil {
		return err
	}
	v := m.visit()
	first, err := v.ask(ctx, "the page", "GET", m.link, nil, 200)
	if err != nil {
		return err
	}
	found := regexp.MustCompile(`value="seats/([0-9a-f]{16})"`).FindStringSubmatch(first)
	if found == nil {
		return fmt.Errorf("the page leads to no choice: %s", first)
	}
	m.fp = found[1]
	if _, err := v.ask(ctx, "names", "POST", m.link+"/session", url.Values{"next": {"seats/" + m.fp}}, 303); err != nil {
		return err
	}
	if _, err := v.ask(ctx, "who holds a seat", "GET", m.link+"/seats/"+m.fp, nil, 200); err != nil {
		return err
	}
	choice := url.Values{"fingerprint": {m.fp}, "user": {fmt.Sprint("u", m.people-1), fmt.Sprint("u", m.people-2)}}
	if _, err := v.ask(ctx, "choose", "POST", m.link+"/choose", choice, 303); err != nil {
		return err
	}
	m.events++
	m.answered.add(v.lines[len(v.lines)-1].answered)
	for _, path := range []string{"/steps/" + m.fp, ""} {
		if _, err := v.ask(ctx, "the page with a choice "+path[:min(6, len(path))], "GET", m.link+path, nil, 200); err != nil {
			return err
		}
	}
	m.visited(v)
	m.used = cost{}
	err = m.app.Engine.Deliver(ctx, m.who)
	m.all.add(m.used)
	return err
}
