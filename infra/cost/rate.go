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
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"seatmend/functions/app"
)

// How the local run is loaded: so many webhooks of so many accounts over so many connections.
const (
	webhooks    = 3000
	accounts    = 100
	connections = 8
)

// rate starts the local run and gives how many webhooks a second it answers, each durable
// before it is answered, and what processor time it takes for each.
func rate(ctx context.Context, dir string) (perSecond float64, each time.Duration, err error) {
	program := filepath.Join(dir, "local")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "seatmend/infra/local").CombinedOutput(); err != nil {
		return 0, 0, fmt.Errorf("go build: %w: %s", err, out)
	}
	data := filepath.Join(dir, "data")
	run := exec.CommandContext(ctx, program, "-addr", "127.0.0.1:0", "-crm-addr", "127.0.0.1:0", "-demo=false", "-data", data)
	run.Cancel = func() error { return run.Process.Signal(syscall.SIGTERM) }
	run.Stderr = io.Discard
	says, err := run.StdoutPipe()
	if err != nil {
		return 0, 0, err
	}
	if err := run.Start(); err != nil {
		return 0, 0, err
	}
	defer func() {
		run.Process.Signal(syscall.SIGTERM)
		err = errors.Join(err, run.Wait())
		each = (run.ProcessState.UserTime() + run.ProcessState.SystemTime()) / webhooks
	}()
	line, err := bufio.NewReader(says).ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if err != nil || !ok {
		return 0, 0, fmt.Errorf("the run said %q: %w", line, err)
	}
	b, err := os.ReadFile(filepath.Join(data, "secrets.json"))
	if err != nil {
		return 0, 0, err
	}
	secrets, err := app.ReadSecrets(b)
	if err != nil {
		return 0, 0, err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}, Timeout: time.Minute}
	send := func(w told) error {
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
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.Outcome != "applied" {
			return fmt.Errorf("%s was answered %d %q", w.id, resp.StatusCode, answer.Outcome)
		}
		return nil
	}
	now := time.Now().Add(-time.Hour)
	for a := range accounts {
		if err := send(account(customer(a), now)); err != nil {
			return 0, 0, err
		}
	}
	began := time.Now()
	var next atomic.Int64
	var group sync.WaitGroup
	faults := make([]error, connections)
	for c := range connections {
		group.Go(func() {
			for faults[c] == nil {
				n := int(next.Add(1)) - 1
				if n >= webhooks {
					return
				}
				faults[c] = send(burst(n, now))
			}
		})
	}
	group.Wait()
	return webhooks / time.Since(began).Seconds(), 0, errors.Join(faults...)
}

// burst is the n-th webhook of the load: mostly people's seats, and some of everything else.
func burst(n int, now time.Time) told {
	who, at := customer(n%accounts), now.Add(time.Duration(n)*time.Second/2)
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
