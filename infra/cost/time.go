package main

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"seatmend/shared/casework"
	"seatmend/shared/licence"
	"seatmend/shared/webhook"
)

// A bench is how long something takes, and what it allocates.
type bench struct {
	what   string
	result testing.BenchmarkResult
}

func (b bench) String() string {
	return fmt.Sprintf("| %s | %s | %d | %d |", b.what, time.Duration(b.result.NsPerOp()).Round(100*time.Nanosecond), b.result.AllocsPerOp(), b.result.AllocedBytesPerOp())
}

// benches measure decoding, proof included, and the pure step, on a customer who has some
// history.
func benches() ([]bench, error) {
	who := customer(0)
	on := licence.Settings{Mail: "on"}
	at := func(minutes int) time.Time { return monday.Add(time.Duration(minutes-600) * time.Minute) }
	state := licence.State{Account: who, Settings: on}
	seats := licence.Items{}
	step := func(w hook) (licence.Fact, error) {
		f, err := decode(w)
		if err != nil {
			return f, err
		}
		c, _, err := casework.Step(state, seats, f, monday)
		if err != nil {
			return f, err
		}
		for _, s := range c.Seats {
			seats[s.Key()] = s
		}
		if c.Account != "" {
			state = licence.State{Account: who, N: c.N + 1, Known: c.Known, History: c.History, Settings: on}
		}
		return f, nil
	}
	if _, err := step(account(who, at(0))); err != nil {
		return nil, err
	}
	for n := range 300 {
		if _, err := step(burst(customer(0), n*accounts, at(n))); err != nil {
			return nil, err
		}
	}
	var all []bench
	for _, c := range []struct {
		what string
		told hook
	}{
		{"seat.changed", seat(who, 7, at(400))},
		{"licence.reported", report(who, 9000, 8, at(401))},
		{"subscription.changed", subscription(who, 9001, 9, at(402))},
		{"invoice.changed", invoice(who, 9002, at(403))},
		{"account.changed", account(who, at(404))},
		{"seats.listed, 1,000 people", list(who, 1000, "list", at(405))},
	} {
		f, err := decode(c.told)
		if err != nil {
			return nil, err
		}
		all = append(all, bench{"decode " + c.what, testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				decode(c.told)
			}
		})})
		if _, ok := f.Payload.(licence.SeatsListed); ok {
			f.Payload, _, _ = licence.Stage(f, "", nil)
		}
		all = append(all, bench{"Step of " + c.what, testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				casework.Step(state, seats, f, monday)
			}
		})})
	}
	return all, nil
}

// decode proves and reads a webhook, as a handler does.
func decode(w hook) (licence.Fact, error) {
	s, ok := webhook.Find(w.sender)
	if !ok {
		return licence.Fact{}, fmt.Errorf("no sender %q", w.sender)
	}
	h := http.Header{}
	s.Sign(h, w.body, w.id, keys()[w.sender][0], monday)
	if err := s.Verify(h, w.body, keys()[w.sender], monday); err != nil {
		return licence.Fact{}, err
	}
	b, err := s.Read(h, w.body, "", monday)
	if err != nil || len(b.Facts) != 1 {
		return licence.Fact{}, fmt.Errorf("%s: %d facts, %w", w.id, len(b.Facts), err)
	}
	return b.Facts[0], nil
}
