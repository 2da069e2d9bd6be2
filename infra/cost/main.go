// Command cost measures what an event costs, and prints it as infra/decisions/cost.md keeps it. `go run ./infra/cost -h`
// says what else it measures.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"seatmend/shared/store/storetest"
	"seatmend/shared/version"
)

const usage = `usage: go run ./infra/cost [flags]

  go run ./infra/cost > infra/decisions/cost.md

measures what an event costs, and prints that page: it starts a database and the local run by itself, and takes about
a minute. One flag measures something else:

`

func main() {
	do, code := wanted(os.Args[1:], os.Stdout, os.Stderr)
	if do == nil {
		os.Exit(code)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := do(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// wanted is what the arguments ask for; nil: nothing is left to do, and the program ends with that status.
func wanted(args []string, out, errs io.Writer) (do func(context.Context, io.Writer) error, code int) {
	if version.Asked(args) {
		fmt.Fprintln(out, version.String())
		return nil, 0
	}
	f := flag.NewFlagSet("cost", flag.ContinueOnError)
	f.SetOutput(errs)
	f.Usage = func() {
		fmt.Fprint(f.Output(), usage)
		f.PrintDefaults()
	}
	commit := f.String("against", "", "the pure step of this checkout and of a `COMMIT` in turn: what each event takes there for each unit that it takes here")
	counted := f.Bool("counted", false, "with -goals: only what is counted, and not timed")
	measures := map[string]func(context.Context, io.Writer) error{
		"run": runs, "growth": grows, "sweep": sweeps, "warm": warm,
		"goals": func(ctx context.Context, out io.Writer) error {
			return goals(ctx, out, strings.Join(f.Args(), " "), *counted)
		},
		"against": func(ctx context.Context, out io.Writer) error { return against(ctx, out, *commit) },
	}
	f.Bool("run", false, "the local run alone: by one connection, by many, and with one account that is told more than the others")
	f.Bool("growth", false, "what an event takes of a customer who grows for five years, and the board and a search of many customers")
	f.Bool("sweep", false, "how much of a processor a sweep takes for each account that is due")
	f.Bool("warm", false, "a warm function against one on Node with Powertools, on the same database; it needs npm")
	f.Bool("goals", false, "each row of the table of goals, whether it is met: ten minutes on a quiet machine; `-goals TEXT` takes the rows that say TEXT")
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil, 0
	case err != nil:
		return nil, 2
	}
	do, named := write, []string{}
	f.Visit(func(one *flag.Flag) {
		if measure := measures[one.Name]; measure != nil && one.Value.String() != "false" {
			do, named = measure, append(named, one.Name)
		}
	})
	if goals := slices.Equal(named, []string{"goals"}); len(named) > 1 || !goals && (*counted || f.NArg() > 0) {
		fmt.Fprintln(errs, "cost: one measure at a time; -counted and a text belong to -goals")
		return nil, 2
	}
	return do, 0
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
	rates, each, err := rate(ctx, ".", loads)
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
	rates, each, err := rate(ctx, ".", loads)
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
