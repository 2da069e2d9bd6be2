package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
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
var reads = []string{"Resolve", "Load", "Outbox", "Seats", "Candidates", "Rows", "Row", "UnmatchedFor", "Due"}

// A line is an event, what it took until it was answered, and what its delivery took then.
type line struct {
	event           string
	answered, later cost
	grows           bool // with the list that it brings, or up to as many candidates as a mail counts
}

// keys are secrets for one process and nobody else.
func keys() app.Secrets {
	return app.Secrets{
		"standard": {"whsec_c2VhdG1lbmQgY29zdCBzdGFuZGFyZA=="}, "login": {"whsec_c2VhdG1lbmQgY29zdCBsb2dpbg=="},
		"link": {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}, "operator": {"cost"},
	}
}

// monday is a banking day, at ten in Stockholm.
var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// measure tells the handlers one event after the other of a customer with so many seats, and
// counts what each takes. The process has seen the customer before: a Lambda that has not asks
// once for each name.
func measure(ctx context.Context, client *dynamodb.Client, table string, seats int) (lines []line, err error) {
	if err := dynamo.CreateTable(ctx, client, table); err != nil {
		return nil, err
	}
	now := monday
	clock := func() time.Time { return now }
	var used cost
	db := &dynamo.Store{Client: client, Table: table, Now: clock, Meter: func(op string, units float64) {
		used.trips++
		if slices.Contains(reads, op) {
			used.read += units
		} else {
			used.write += units
		}
	}}
	app, err := app.NewApp(db, keys(), app.Invented, "https://seatmend.example", clock, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		return nil, err
	}
	outside.Connect(app, &superoffice.Client{}, effects.SMTP(""), desk.Mails)
	handler := app.Handler("", functions.Routes)
	event := func(name, outcome string, w told) error {
		used = cost{}
		req, err := w.request(ctx, "", keys(), now)
		if err != nil {
			return err
		}
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, req)
		if want := `"outcome":"` + outcome + `"`; !strings.Contains(answer.Body.String(), want) {
			return fmt.Errorf("%s: %d %s, want %s", name, answer.Code, answer.Body, want)
		}
		l := line{event: name, answered: used}
		used = cost{}
		if outcome == "applied" {
			if err := app.Engine.Deliver(ctx, customer(0)); err != nil {
				return err
			}
			l.later = used
		}
		lines = append(lines, l)
		return nil
	}
	who := customer(0)
	at := func(minutes int) time.Time { return monday.Add(time.Duration(minutes-60) * time.Minute) }
	for _, e := range []struct {
		name, outcome string
		told          told
	}{
		{"account.changed, the first", "applied", account(who, at(0))},
		{"account.changed, again", "applied", account(who, at(1))},
		{"licence.reported, all is well", "applied", report(who, 1, 20000, at(2))},
		{"seats.listed, other people", "applied", list(who, seats, "list-1", at(3))},
		{"seats.listed, the same people", "applied", list(who, seats, "list-2", at(4))},
		{"", "applied", seat(who, 1, at(5))},
		{"seat.changed", "applied", seat(who, 2, at(6))},
		{"subscription.changed", "applied", subscription(who, 1, 7, at(7))},
		{"invoice.changed, the first of it", "applied", invoice(who, 1, at(8))},
		{"invoice.changed, again", "applied", invoice(who, 6, at(9))},
		{"licence.reported that opens a finding", "applied", report(who, 2, 7, at(10))},
		{"login.warned", "applied", login(who, 1, at(11))},
		{"a duplicate", "duplicate", seat(who, 2, at(6))},
		{"a late one", "unchanged", seat(who, 3, at(1))},
		{"one that we ignore", "ignored", ignored(who, at(12))},
	} {
		if err := event(e.name, e.outcome, e.told); err != nil {
			return nil, err
		}
		if e.name == "" {
			// The old list is cleared away, so that what follows finds nothing else owed.
			now = now.Add(2 * time.Minute)
			if _, err := app.Engine.Sweep(ctx); err != nil {
				return nil, err
			}
		}
	}
	lines = slices.DeleteFunc(lines, func(l line) bool { return l.event == "" })
	for i := range lines {
		lines[i].grows = lines[i].event == "seats.listed, other people"
	}

	// Time alone: the old list is cleared away; a day later mails and tasks fall due.
	used, now = cost{}, monday.Add(20*time.Minute)
	if _, err := app.Engine.Sweep(ctx); err != nil {
		return nil, err
	}
	used, now = cost{}, monday.Add(24*time.Hour)
	swept, err := app.Engine.Sweep(ctx)
	if err == nil && swept.Reached != 1 {
		err = fmt.Errorf("%d accounts were due, want 1", swept.Reached)
	}
	if err != nil {
		return nil, err
	}
	lines = append(lines, line{event: "a day passes, a mail goes", later: used, grows: true})
	walked, err := pages(ctx, app, &used)
	return append(lines, walked...), err
}
