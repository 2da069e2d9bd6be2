package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"seatmend/shared/store/storetest"
)

// before is the build that the goals are measured against, that of 25 November.
const before = "fc5d7aa"

// A goal is a row of the table of goals.
type goal struct {
	what, goal string
	timed      bool // by the clock: it wants a quiet machine
	measure    func(context.Context) (said string, met bool, err error)
}

// goals prints the table: all of it, what is counted, or the rows that say something.
func goals(ctx context.Context, out io.Writer, which string, counted bool) error {
	client, stop, err := storetest.Start()
	if err != nil {
		return err
	}
	defer stop()
	drop := func() {}
	defer func() { drop() }()
	old := once(func() (dir string, err error) { // where its history is, which not every copy of this repository has
		var end func()
		if dir, end, err = checkout(ctx, before); err == nil {
			drop = end
		}
		return dir, err
	})
	page := &pen{out: out}
	page.say("| what | goal | measured | met |\n|---|---|---|---|")
	var faults []error
	for _, g := range slices.Concat(lighter(ctx, old), units(ctx, client), lasting()) {
		if !strings.Contains(g.what, which) {
			continue
		} else if counted && g.timed {
			page.say("| %s, on a quiet machine | %s | | |", g.what, g.goal)
			continue
		}
		said, met, err := g.measure(ctx)
		if err != nil {
			said, faults = "could not be measured", append(faults, fmt.Errorf("%s: %w", g.what, err))
		}
		if g.timed {
			g.what += ", on a quiet machine"
		}
		page.say("| %s | %s | %s | %s |", g.what, g.goal, said, map[bool]string{true: "yes", false: "**no**"}[met])
	}
	return errors.Join(append(faults, page.err)...)
}

// once measures what several rows are about for all of them.
func once[T any](do func() (T, error)) func() (T, error) { return sync.OnceValues(do) }

// lighter are the rows that are measured against another program: the build before, a bare function, a peer.
func lighter(ctx context.Context, old func() (string, error)) []goal {
	stepped := once(func() ([]ratio, error) {
		dir, err := old()
		if err != nil {
			return nil, err
		}
		return steps(ctx, dir)
	})
	// The build before answers 503 where many write to one account: both are compared by the loads that both bear.
	ran := once(func() (b bearing, err error) {
		dir, err := old()
		if err == nil {
			b.rates, _, err = rate(ctx, ".", loads)
		}
		if err == nil {
			_, b.each, err = rate(ctx, ".", loads[:2])
		}
		if err == nil {
			_, b.before, err = rate(ctx, dir, loads[:2])
		}
		return b, err
	})
	started := once(func() ([]start, error) { return startsOf(ctx) })
	step := func(measures ...int) func(context.Context) (string, bool, error) {
		return func(context.Context) (string, bool, error) {
			all, err := stepped()
			if err != nil || len(all) == 0 {
				return "", false, errors.Join(err, errors.New("no step was measured"))
			}
			least, of := all[0].times[measures[0]], all[0].event
			for _, r := range all {
				for _, m := range measures {
					if r.times[m] < least {
						least, of = r.times[m], r.event
					}
				}
			}
			return fmt.Sprintf("1/%.1f and less (most: %s)", least, of), least >= 12, nil
		}
	}
	local := func(judge func(bearing) (string, bool)) func(context.Context) (string, bool, error) {
		return func(context.Context) (string, bool, error) {
			b, err := ran()
			if err != nil {
				return "", false, err
			}
			said, met := judge(b)
			return said, met, nil
		}
	}
	door := func(judge func(start) (float64, string), most float64) func(context.Context) (string, bool, error) {
		return func(context.Context) (string, bool, error) {
			all, err := started()
			if err != nil {
				return "", false, err
			}
			met, said := true, []string{}
			for _, s := range all {
				if n, text := judge(s); s.name != "floor" {
					met, said = met && n <= most, append(said, s.name+" "+text)
				}
			}
			return strings.Join(said, ", "), met && len(said) == 2, nil
		}
	}
	return []goal{
		{"Step on the benchmark's three-year account: allocations and bytes", "1/12 of " + before, false, step(1, 2)},
		{"Step on the benchmark's three-year account: time", "1/12 of " + before, true, step(0)},
		{"processor time of a durable webhook in the local run", "0.3 of " + before, true, local(func(b bearing) (string, bool) {
			r := b.each.Seconds() / b.before.Seconds()
			return fmt.Sprintf("%.2f (%s of %s)", r, b.each.Round(time.Microsecond), b.before.Round(time.Microsecond)), r <= 0.3
		})},
		{"webhooks a second: 64 connections against 1", "1.5 times", true, local(func(b bearing) (string, bool) {
			r := b.rates[2].perSecond / b.rates[1].perSecond
			return fmt.Sprintf("%.2f times (%.0f and %.0f)", r, b.rates[2].perSecond, b.rates[1].perSecond), r >= 1.5
		})},
		{"p99 of an account that is told every other webhook, against the others'", "2 times", true, local(func(b bearing) (string, bool) {
			r := b.rates[3].hot.Seconds() / b.rates[3].others.Seconds()
			return fmt.Sprintf("%.2f times", r), r <= 2
		})},
		{"a door: exec to the first request for an invocation, against a bare function, at best", "1.7 times", true, door(func(s start) (float64, string) { return s.times, fmt.Sprintf("%.2f times", s.times) }, 1.7)},
		{"a door: resident", "12 MB", false, door(func(s start) (float64, string) { return s.resident, fmt.Sprintf("%.1f MB", s.resident) }, 12)},
		{"a door: zip for arm64", "4 MB", false, door(func(s start) (float64, string) { return s.zip, fmt.Sprintf("%.2f MB", s.zip) }, 4)},
		{"a warm signed webhook, against Node with Powertools, on a small table and a large one", "0.5", true, func(ctx context.Context) (string, bool, error) {
			r, err := warmRatios(ctx, io.Discard)
			if err != nil {
				return "", false, err
			}
			return fmt.Sprintf("%.2f", r), len(r) == 2 && slices.Max(r) <= 0.5, nil
		}},
	}
}

// A bearing is what a local run bore.
type bearing struct {
	rates        []rated
	each, before time.Duration // processor time of a webhook, now and in the build before, by the same loads
}

// A start is a row of infra/cost/cold.
type start struct {
	name                 string
	times, resident, zip float64
}

var startLine = regexp.MustCompile(`(?m)^\| (\w+) \| [^|]+ \| ([\d.]+), [\d.]+ \| ([\d.]+) \| ([\d.]+) \|$`)

func startsOf(ctx context.Context) (all []start, err error) {
	text, err := exec.CommandContext(ctx, "go", "run", "./infra/cost/cold", "billing", "userchange").Output()
	if err != nil {
		return nil, err
	}
	for _, m := range startLine.FindAllStringSubmatch(string(text), -1) {
		s := start{name: m[1]}
		for i, into := range []*float64{&s.times, &s.resident, &s.zip} {
			*into, _ = strconv.ParseFloat(m[2+i], 64) // the pattern takes numbers alone
		}
		all = append(all, s)
	}
	return all, nil
}

// changing are the events whose units the goals are about. An account that is there for the first time looks for each of its names.
var changing = []string{
	"account.changed, again",
	"licence.reported, all is well",
	"seat.changed",
	"subscription.changed",
	"invoice.changed, the first of it",
	"invoice.changed, again",
	"licence.reported that opens a finding",
	"login.warned",
	"a late one",
	"Stripe: customer.subscription.created",
	"Stripe: invoice.paid",
}

// units are the rows of what the database is asked.
func units(ctx context.Context, client *dynamodb.Client) []goal {
	lived := once(func() (month, error) { return ofMonth(ctx, client, "goals-month", 50) })
	of := map[int]func() ([]line, error){}
	for _, seats := range []int{1000, 10_000} {
		of[seats] = once(func() ([]line, error) { return measure(ctx, client, fmt.Sprint("goals-", seats), seats) })
	}
	// dearest is the line, of those that are meant, that takes most of what is counted.
	dearest := func(seats int, meant func(string) bool, most float64, count func(cost) float64) func(context.Context) (string, bool, error) {
		return func(context.Context) (string, bool, error) {
			lines, err := of[seats]()
			lines = slices.DeleteFunc(slices.Clone(lines), func(l line) bool { return !meant(l.event) })
			if err != nil || len(lines) == 0 {
				return "", false, errors.Join(err, errors.New("nothing of that name was measured"))
			}
			worst := slices.MaxFunc(lines, func(a, b line) int { return int(4 * (count(a.answered) - count(b.answered))) })
			n := count(worst.answered)
			return fmt.Sprintf("%g (%s)", n, worst.event), n <= most, nil
		}
	}
	is := func(names ...string) func(string) bool {
		return func(s string) bool { return slices.Contains(names, s) }
	}
	begins := func(with string) func(string) bool { return func(s string) bool { return strings.HasPrefix(s, with) } }
	read := func(c cost) float64 { return c.read }
	trips := func(c cost) float64 { return float64(c.trips) }
	both := func(c cost) float64 { return c.read + c.write }
	events := is(changing...)
	changed := is("seats.listed, three of them changed")
	return []goal{
		{"write units of a changing event, audit and outbox included: mean of a month", "under 6", false, func(context.Context) (string, bool, error) {
			m, err := lived()
			n := m.perEvent(m.answered)
			return fmt.Sprintf("%.2f", n), err == nil && n < 6, err
		}},
		{"read units of an event, Stripe's and a login among them", "4", false, dearest(1000, events, 4, read)},
		{"read units of a duplicate", "4", false, dearest(1000, is("a duplicate"), 4, read)},
		{"a list of 10,000 people in which 3 changed: round trips", "12", false, dearest(10_000, changed, 12, trips)},
		{"a list of 10,000 people in which 3 changed: units", "60", false, dearest(10_000, changed, 60, both)},
		{"a press on *choose*: round trips", "4", false, dearest(10_000, is("page: choose two"), 4, trips)},
		{"a press on *choose*: read units", "12", false, dearest(10_000, is("page: choose two"), 12, read)},
		{"any page: round trips", "4", false, dearest(10_000, begins("page: "), 4, trips)},
		{"any page: read units", "12", false, dearest(10_000, begins("page: "), 12, read)},
	}
}

// lasting are the rows of what is large, or lasts long.
func lasting() []goal {
	const most = 64 << 10
	return []goal{
		{"2,000 accounts due in the same minute, one tenant hanging", "one sweep, nobody later than twice the median", false, func(ctx context.Context) (string, bool, error) {
			text, err := exec.CommandContext(ctx, "go", "test", "-count=1", "-v", "-run", "^TestTwoThousandDueAtOnce$", "./shared/engine").CombinedOutput()
			said := regexp.MustCompile(`half are read .*`).FindString(string(text))
			if said == "" {
				return "", false, fmt.Errorf("%w: %s", err, text)
			}
			return said, err == nil, nil
		}},
		{"an account of five years and daily events: head and parts", "flat after the second year, none over 64 kB", false, func(ctx context.Context) (string, bool, error) {
			var years []grew
			err := (growth{seats: 50, invoices: 60, subscriptions: 300, days: 5 * 365}).grow(ctx, func(g grew) { years = append(years, g) })
			if err != nil {
				return "", false, err
			}
			second, last := years[len(years)-4], years[len(years)-1]
			met, largest, grew := true, "head", 0
			what := ""
			for _, name := range slices.Sorted(maps.Keys(last.parts)) {
				n, was := last.parts[name], second.parts[name]
				met = met && n <= most && n <= was+was/50+512
				if n > last.parts[largest] {
					largest = name
				}
				if n-was > grew {
					grew, what = n-was, name
				}
			}
			return fmt.Sprintf("largest in the fifth year: %s, %d B; grew most after the second: %s, by %d B", largest, last.parts[largest], cmp.Or(what, "none"), grew), met, nil
		}},
	}
}
