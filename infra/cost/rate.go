package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"seatmend/functions/app"
)

// A load is how the local run is loaded: so many webhooks of the accounts over so many connections;
// hot: every other one is of one and the same account.
type load struct {
	webhooks, connections int
	hot                   bool
}

// loads are run one after the other. The first fills caches, and is not shown.
var loads = []load{{500, 8, false}, {1500, 1, false}, {3000, 64, false}, {3000, 64, true}}

const accounts = 100

// A rated is what came of a load.
type rated struct {
	perSecond   float64
	hot, others time.Duration // within which 99 of 100 were answered
}

// rate starts the local run of a checkout and gives what came of each load, each webhook durable before it is
// answered, and what processor time one takes.
func rate(ctx context.Context, checkout string, loads []load) (all []rated, each time.Duration, err error) {
	dir, err := os.MkdirTemp("", "seatmend-cost-")
	if err != nil {
		return nil, 0, err
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "local")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "seatmend/infra/local")
	build.Dir = checkout
	if out, err := build.CombinedOutput(); err != nil {
		return nil, 0, fmt.Errorf("go build: %w: %s", err, out)
	}
	data := filepath.Join(dir, "data")
	run := exec.CommandContext(ctx, program, "-addr", "127.0.0.1:0", "-crm-addr", "127.0.0.1:0", "-demo=false", "-data", data)
	run.Cancel = func() error { return run.Process.Signal(syscall.SIGTERM) }
	run.Stderr = io.Discard
	says, err := run.StdoutPipe()
	if err != nil {
		return nil, 0, err
	}
	if err := run.Start(); err != nil {
		return nil, 0, err
	}
	defer func() {
		run.Process.Signal(syscall.SIGTERM)
		err = errors.Join(err, run.Wait())
		sent := accounts
		for _, l := range loads {
			sent += l.webhooks
		}
		each = (run.ProcessState.UserTime() + run.ProcessState.SystemTime()) / time.Duration(sent)
	}()
	line, err := bufio.NewReader(says).ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if err != nil || !ok {
		return nil, 0, fmt.Errorf("the run said %q: %w", line, err)
	}
	b, err := os.ReadFile(filepath.Join(data, "secrets.json"))
	if err != nil {
		return nil, 0, err
	}
	secrets, err := app.ReadSecrets(b)
	if err != nil {
		return nil, 0, err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: time.Minute}
	send := func(w hook) error {
		req, err := w.request(ctx, address, secrets, time.Now())
		if err != nil {
			return err
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		var answer struct{ Outcome string }
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.Outcome != "applied" && answer.Outcome != "unchanged" { // one that another overtook
			return fmt.Errorf("%s was answered %d %q", w.id, resp.StatusCode, answer.Outcome)
		}
		return nil
	}
	now := time.Now().Add(-time.Hour)
	for a := range accounts {
		if err := send(account(customer(a), now)); err != nil {
			return nil, 0, err
		}
	}
	first := 0
	for _, l := range loads {
		r, err := l.run(first, func(n int) (hot bool, err error) {
			who := customer(n % accounts)
			if hot = l.hot && n%2 == 0; hot {
				who = customer(0)
			}
			return hot, send(burst(who, n, now))
		})
		if err != nil {
			return nil, 0, err
		}
		all, first = append(all, r), first+l.webhooks
	}
	return all, 0, nil
}

// run sends the webhooks from the first on, as many at a time as there are connections.
func (l load) run(first int, send func(n int) (hot bool, err error)) (rated, error) {
	began := time.Now()
	next := atomic.Int64{}
	next.Store(int64(first))
	var group sync.WaitGroup
	var mu sync.Mutex
	var hot, others []time.Duration
	faults := make([]error, l.connections)
	for c := range l.connections {
		group.Go(func() {
			for faults[c] == nil {
				n := int(next.Add(1)) - 1
				if n >= first+l.webhooks {
					return
				}
				sent := time.Now()
				was, err := send(n)
				took := time.Since(sent)
				faults[c] = err
				mu.Lock()
				if was {
					hot = append(hot, took)
				} else {
					others = append(others, took)
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return rated{float64(l.webhooks) / time.Since(began).Seconds(), slowest(hot), slowest(others)}, errors.Join(faults...)
}

// slowest is the time within which 99 of 100 are.
func slowest(times []time.Duration) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[len(times)*99/100]
}

// burst is the n-th webhook of the load: mostly people's seats, and some of everything else.
func burst(who string, n int, now time.Time) hook {
	at := now.Add(time.Duration(n) * time.Second / 4)
	switch n / accounts % 10 {
	case 0:
		return subscription(who, n, 10+n%7, at)
	case 1:
		return invoice(who, n, at)
	case 2:
		return report(who, n, 7, at)
	}
	return seat(who, n, at)
}
