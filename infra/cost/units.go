package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"seatmend/functions"
	"seatmend/functions/app"
	"seatmend/functions/desk"
	"seatmend/functions/outside"
	"seatmend/shared/effects"
	"seatmend/shared/store"
	"seatmend/shared/store/dynamo"
	"seatmend/shared/superoffice"
)

// A cost is what something took of the database.
type cost struct {
	trips       int // round trips
	read, write float64
}

func (c cost) String() string {
	if c.trips == 0 {
		return "none"
	}
	return fmt.Sprintf("%d · %g · %g", c.trips, c.read, c.write)
}

// reads are the calls that write nothing.
var reads = []string{"Resolve", "Load", "Outbox", "Seats", "Candidates", "Rows", "Row", "Between", "Facts", "UnmatchedFor", "Due"}

// A line is an event, what it took until it was answered, and what its delivery took then.
type line struct {
	event           string
	answered, later cost
	grows           bool // with the list that it brings, or up to as many candidates as a mail counts
}

// keys are secrets for one process and nobody else.
func keys() app.Secrets {
	return app.Secrets{
		"standard": {"whsec_c2VhdG1lbmQgY29zdCBzdGFuZGFyZA=="}, "login": {"whsec_c2VhdG1lbmQgY29zdCBsb2dpbg=="}, "stripe": {"whsec_cost"},
		"link": {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}, "operator": {"cost"},
	}
}

// monday is a banking day, at ten in Stockholm.
var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// A measured is a process, whose clock stands, and what the database was asked by it.
type measured struct {
	app     *app.App
	handler http.Handler
	now     time.Time
	used    cost
}

// fresh is a process on a new table, which counts.
func fresh(ctx context.Context, client *dynamodb.Client, table string) (*measured, error) {
	if err := dynamo.CreateTable(ctx, client, table); err != nil {
		return nil, err
	}
	m := &measured{now: monday}
	clock := func() time.Time { return m.now }
	db := &dynamo.Store{Client: client, Table: table, Now: clock, Meter: func(op string, units float64) {
		m.used.trips++
		if slices.Contains(reads, op) {
			m.used.read += units
		} else {
			m.used.write += units
		}
	}}
	return m, m.on(db, clock)
}

// on is a process on a store.
func (m *measured) on(db store.Store, clock func() time.Time) (err error) {
	if m.app, err = app.NewApp(db, keys(), app.Invented, "https://seatmend.example", clock, slog.New(slog.NewTextHandler(io.Discard, nil))); err != nil {
		return err
	}
	outside.Connect(m.app, &superoffice.Client{}, effects.SMTP(""), desk.Mails)
	m.handler = m.app.Handler("", functions.Routes)
	return nil
}

// post posts a webhook, and gives what it took until it was answered, and what its delivery took.
func (m *measured) post(ctx context.Context, outcome string, w hook) (answered, later cost, err error) {
	m.used = cost{}
	req, err := w.request(ctx, "", keys(), m.now)
	if err != nil {
		return answered, later, err
	}
	answer := httptest.NewRecorder()
	m.handler.ServeHTTP(answer, req)
	if want := `"outcome":"` + outcome + `"`; !strings.Contains(answer.Body.String(), want) {
		return answered, later, fmt.Errorf("%d %s, want %s", answer.Code, answer.Body, want)
	}
	answered, m.used = m.used, cost{}
	if outcome == "applied" {
		err = m.app.Engine.Deliver(ctx, customer(0))
	}
	return answered, m.used, err
}

// measure tells the handlers one event after the other of a customer with so many seats, and
// counts what each takes. The process has seen the customer before: a Lambda that has not asks
// once for each name.
func measure(ctx context.Context, client *dynamodb.Client, table string, seats int) (lines []line, err error) {
	m, err := fresh(ctx, client, table)
	if err != nil {
		return nil, err
	}
	who := customer(0)
	at := func(minutes int) time.Time { return monday.Add(time.Duration(minutes-60) * time.Minute) }
	for _, e := range []struct {
		name, outcome string
		told          hook
	}{
		{"account.changed, the first", "applied", account(who, at(0))},
		{"account.changed, again", "applied", account(who, at(1))},
		{"licence.reported, all is well", "applied", report(who, 1, 20000, at(2))},
		{"seats.listed, other people", "applied", list(who, seats, "list-1", at(3))},
		{"seats.listed, the same people", "applied", list(who, seats, "list-2", at(4))},
		{"seats.listed, three of them changed", "applied", list(who, seats, "list-3", at(4).Add(time.Second), seats/5, seats/2, seats-1)},
		{"", "applied", seat(who, 1, at(5))},
		{"seat.changed", "applied", seat(who, 2, at(6))},
		{"subscription.changed", "applied", subscription(who, 1, 7, at(7))},
		{"invoice.changed, the first of it", "applied", invoice(who, 1, at(8))},
		{"invoice.changed, again", "applied", invoice(who, 6, at(9))},
		{"licence.reported that opens a finding", "applied", report(who, 2, 7, at(10))},
		{"", "applied", login(who, 1, at(11))},
		{"login.warned", "applied", login(who, 2, at(11))},
		{"a duplicate", "duplicate", seat(who, 2, at(6))},
		{"a late one", "unchanged", seat(who, 3, at(1))},
		{"one that we ignore", "ignored", ignored(who, at(12))},
	} {
		answered, later, err := m.post(ctx, e.outcome, e.told)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.name, err)
		}
		lines = append(lines, line{event: e.name, answered: answered, later: later})
		if e.name == "" && e.told.sender == "standard" {
			// The old list is cleared away, so that what follows finds nothing else owed.
			m.now = m.now.Add(2 * time.Minute)
			if _, err := m.app.Engine.Sweep(ctx); err != nil {
				return nil, err
			}
		}
	}
	lines = slices.DeleteFunc(lines, func(l line) bool { return l.event == "" })
	for i := range lines { // up to as many as a piece of a list holds
		lines[i].grows = strings.HasPrefix(lines[i].event, "seats.listed")
	}

	// Time alone: the old list is cleared away; a day later mails and tasks fall due.
	m.used, m.now = cost{}, monday.Add(20*time.Minute)
	if _, err := m.app.Engine.Sweep(ctx); err != nil {
		return nil, err
	}
	m.used, m.now = cost{}, monday.Add(24*time.Hour)
	swept, err := m.app.Engine.Sweep(ctx)
	if err == nil && swept.Reached != 1 {
		err = fmt.Errorf("%d accounts were due, want 1", swept.Reached)
	}
	if err != nil {
		return nil, err
	}
	lines = append(lines, line{event: "a day passes, a mail goes", later: m.used, grows: true})
	walked, err := pages(ctx, m)
	if err != nil {
		return nil, err
	}
	lines = append(lines, walked...)
	// Stripe comes last: what it says is ordered is another order than the one that the mail was about.
	for n, e := range []struct{ name, file string }{{"Stripe: customer.subscription.created", "02-stripe-subscription.json"}, {"Stripe: invoice.paid", "04-stripe-invoice.json"}} {
		w, err := stripes(who, e.file, fmt.Sprint("evt_", n), m.now.Add(time.Duration(n-60)*time.Second))
		if err != nil {
			return nil, err
		}
		answered, later, err := m.post(ctx, "applied", w)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.name, err)
		}
		lines = append(lines, line{event: e.name, answered: answered, later: later})
	}
	return lines, nil
}
