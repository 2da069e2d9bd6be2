// Command cost measures what an event costs, and prints it as infra/decisions/cost.md keeps it:
//
//	go run ./infra/cost > infra/decisions/cost.md
//
// It starts a database and the local run by itself, and takes about a minute.
//
//	go run ./infra/cost -against COMMIT
//
// runs the benchmark of the pure step of this checkout and of a commit in turn, and prints what each
// event took there for each unit that it takes here.
//
//	go run ./infra/cost -run
//
// measures the local run alone, by one connection, by many, and with one account that is told more than
// the others.
//
//	go run ./infra/cost -growth
//
// prints what an event takes of a customer who grows for five years, and the board and a search of many customers.
//
//	go run ./infra/cost -sweep
//
// measures how much of a processor a sweep takes for each account that is due.
//
//	go run ./infra/cost -warm
//
// measures a warm function against one on Node with Powertools, on the same database; it needs npm.
//
//	go run ./infra/cost -goals
//
// prints each row of the table of goals: the goal, what is measured, and whether it is met. It takes some ten minutes, and
// what is timed wants a quiet machine: -goals -counted leaves that out, and -goals TEXT measures the rows that say TEXT.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"seatmend/shared/store/storetest"
	"seatmend/shared/version"
)

func main() {
	if version.Asked(os.Args[1:]) {
		fmt.Println(version.String())
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	do := write
	if len(os.Args) == 3 && os.Args[1] == "-against" {
		do = func(ctx context.Context, out io.Writer) error { return against(ctx, out, os.Args[2]) }
	}
	if len(os.Args) == 2 && os.Args[1] == "-run" {
		do = runs
	}
	if len(os.Args) == 2 && os.Args[1] == "-warm" {
		do = warm
	}
	if len(os.Args) == 2 && os.Args[1] == "-sweep" {
		do = sweeps
	}
	if len(os.Args) == 2 && os.Args[1] == "-growth" {
		do = grows
	}
	if len(os.Args) > 1 && os.Args[1] == "-goals" {
		which := strings.Join(os.Args[2:], " ")
		do = func(ctx context.Context, out io.Writer) error { return goals(ctx, out, which) }
	}
	if err := do(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// write measures everything and writes the page.
func write(ctx context.Context, out io.Writer) error {
	sizes := []int{10, 1000, 10000}
	client, stop, err := storetest.Start()
	if err != nil {
		return err
	}
	defer stop()
	var columns [][]line
	for _, seats := range sizes {
		lines, err := measure(ctx, client, fmt.Sprint("cost-", seats), seats)
		if err != nil {
			return fmt.Errorf("at %d seats: %w", seats, err)
		}
		columns = append(columns, lines)
	}
	lived, err := ofMonth(ctx, client, "cost-month", 50)
	if err != nil {
		return fmt.Errorf("a month: %w", err)
	}
	times, err := benches()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "seatmend-cost-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	rates, each, err := rate(ctx, ".", dir)
	if err != nil {
		return err
	}

	page := &pen{out: out}
	page.say(`# What an event costs

Written by ` + "`go run ./infra/cost > infra/decisions/cost.md`" + `: do not edit it.

## Of the database

Round trips · read units · write units until the sender is answered, against a local server of
DynamoDB's protocol which counts as DynamoDB does: by whole kilobytes, and twice in a transaction. The
process has seen the customer before; one that has not asks once more for each name. The last
column is what the delivery takes afterwards, at 10,000 seats, where the mail goes to a server:
an empty look into the outbox costs one read.

| event | 10 seats | 1,000 seats | 10,000 seats | delivery |
|---|---|---|---|---|`)
	for i, l := range columns[len(columns)-1] {
		page.say("| %s | %s | %s | %s | %s |", l.event, columns[0][i].answered, columns[1][i].answered, l.answered, l.later)
	}
	page.say(`
A list of other people grows with the list, and with nothing else: each person is an item, and
is written once. The same list again moves only its time, and one of which three changed writes those three.
The pages behind the link read no more than a page of people, and write nothing but what is chosen; a search
through 10,000 people reads them all.

A month of a customer of 50 people (a report of the licence each morning, a list of people each weekday, every third
of them with somebody changed, an invoice, an order that shrinks, warnings at login, a mail, a choice, and the new
licence), which was %d events that changed something:

| | write units an event | read units an event |
|---|---|---|
| until the sender is answered, with the fact and what is owed | **%.2f** | **%.2f** |
| with mails, tasks, the index of terms, pages and sweeps | %.2f | %.2f |

## Of the processor

%s/%s, %d processors. Decoding includes the proof of the signature.

| what | time | allocations | bytes |
|---|---|---|---|`, lived.events, lived.perEvent(lived.answered), lived.answered.read/float64(lived.events), lived.perEvent(lived.all), lived.all.read/float64(lived.events), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	for _, b := range times {
		page.say("%s", b)
	}
	page.run(rates, each)
	return page.err
}

// run says how the local run bears its loads.
func (p *pen) run(rates []rated, each time.Duration) {
	p.say(`
## Of the local run

Webhooks of %d accounts on the loopback, each durable before it is answered, and %s of processor time for each (the
callers run beside it). Writers who wait share one transaction, and so one wait for the disk; those of one account stand in
a row, and each is decided on what the one before is about to write.

| load | a second | 99 of 100 answered within |
|---|---|---|`, accounts, each.Round(10*time.Microsecond))
	for i, l := range loads[1:] {
		r := rates[i+1]
		within := r.others.Round(100 * time.Microsecond).String()
		if l.hot {
			within = fmt.Sprintf("%s; of the hot account %s", within, r.hot.Round(100*time.Microsecond))
		}
		p.say("| %d at a time%s | %.0f | %s |", l.connections, map[bool]string{true: ", every other one of one account"}[l.hot], r.perSecond, within)
	}
}

// runs measures the local run alone.
func runs(ctx context.Context, out io.Writer) error {
	dir, err := os.MkdirTemp("", "seatmend-cost-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	rates, each, err := rate(ctx, ".", dir)
	if err != nil {
		return err
	}
	page := &pen{out: out}
	page.run(rates, each)
	return page.err
}

// A pen writes lines until one fails.
type pen struct {
	out io.Writer
	err error
}

func (p *pen) say(format string, args ...any) {
	_, err := fmt.Fprintf(p.out, format+"\n", args...)
	p.err = errors.Join(p.err, err)
}
