package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/effects/mailtest"
)

// loadFor is for how long a campaign loads a run: go test ./infra/local -run TestLoad -load 60s -v -timeout 30m
var loadFor = flag.Duration("load", 0, "for how long a run is loaded with 500 webhooks a second, before a burst of 10,000; 0: as a change must bear")

// A load is so many webhooks of so many customers, the first of whom is told ten times as much as each of the others.
type load struct {
	customers, even, hot, burst int
	perSecond                   int // 0: as fast as they are answered
}

// TestLoad: a run is loaded over the loopback, evenly, then with one customer told ten times as much, then by a
// burst, while the clock moves on and mails fall due. None is lost, none is refused, each mail goes once, and
// goroutines and memory are what they were. How fast it was is printed, and held to nothing.
func TestLoad(t *testing.T) {
	l := load{customers: 20, even: 200, hot: 400, burst: 400}
	if *loadFor > 0 {
		n := int(loadFor.Seconds()) * 500
		l = load{customers: 100, even: n / 2, hot: n, burst: 10000, perSecond: 500}
	}
	server := mailtest.Listen(t, nil)
	p := inHere(t, server.Addr)
	list := l.webhooks()
	p.tellAll(list[:l.customers], 0, "")
	p.tellAll(list[l.customers:2*l.customers], 0, "")
	routines, heap := resting(p.client, 0)
	t.Logf("at rest: %d goroutines, %d kB of memory", routines, heap>>10)

	moved := make(chan bool)
	over := make(chan bool)
	go func() { // mails fall due meanwhile
		defer close(moved)
		for range 8 {
			p.advance("4m")
			p.at.Store(p.clock().UnixNano())
			select {
			case <-over:
			case <-time.After(*loadFor / 8):
			}
		}
	}()
	rest := list[2*l.customers:]
	var alone time.Duration // what 99 of 100 took while nobody was hot
	for _, part := range []struct {
		what      string
		n, second int
	}{{"evenly", l.even, l.perSecond}, {"one of them ten times as much", l.hot, l.perSecond}, {"a burst", l.burst, 0}} {
		began := time.Now()
		hot, others := p.tellAll(rest[:part.n], part.second, hotOne)
		rest = rest[part.n:]
		t.Logf("%-30s %6.0f a second; 99 of 100 answered within %v, of the hot one %v", part.what, float64(part.n)/time.Since(began).Seconds(), within99(others), within99(hot))
		if others := within99(others); part.second > 0 && alone == 0 {
			alone = others
		} else if part.second > 0 && others > besideHot*alone+time.Second {
			t.Errorf("beside a hot one 99 of 100 of the others take %v, and %v without it", others, alone)
		}
		n, bytes := resting(p.client, routines+8)
		t.Logf("%-30s %6d goroutines, %d kB of memory", "", n, bytes>>10)
	}
	close(over)
	<-moved
	p.advance("1h")
	p.holds(list)
	p.mailedOnce(l.customers)
	oncePer(t, server, l.customers)
	if n, bytes := resting(p.client, routines+8); n > routines+8 || bytes > heap+32<<20 {
		t.Errorf("%d goroutines and %d kB of memory, %d and %d before", n, bytes>>10, routines, heap>>10)
		pprof.Lookup("goroutine").WriteTo(t.Output(), 1)
	}
}

const hotOne = "C-1000"

// besideHot is how much longer the others may wait beside a customer that is told ten times as much; a campaign alone
// is held to it, on a machine that bears what it is told.
const besideHot = 3

// webhooks are what is told: customers, a licence of each that owes a mail, and the loads.
func (l load) webhooks() (list []*sent) {
	add := func(id, body string) { list = append(list, &sent{id: id, body: body}) }
	at := func() time.Time { return monday.Add(-time.Hour + time.Duration(len(list))*10*time.Millisecond) }
	for c := range l.customers {
		add(fmt.Sprint("account-", c), accountBody(1000+c, at()))
	}
	for c := range l.customers {
		add(fmt.Sprint("report-", c), reportBody(1000+c, 9, at()))
	}
	for i := range l.even + l.hot + l.burst {
		c := i % l.customers
		if i >= l.even && i < l.even+l.hot {
			c = max(0, i%(l.customers+9)-9)
		}
		switch i % 10 {
		case 0:
			add(fmt.Sprint("invoice-", i), invoiceBody(1000+c, i%5, at()))
		case 1:
			add(fmt.Sprint("again-", i), reportBody(1000+c, 9, at()))
		default:
			add(fmt.Sprint("seat-", i), seatBody(1000+c, fmt.Sprint("u", i%997), i%3 > 0, at()))
		}
	}
	return list
}

// inHere starts a run in this process, so that what it holds can be counted.
func inHere(t *testing.T, smtp string) *process {
	t.Helper()
	p := &process{t: t, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: patience}}
	p.at.Store(monday.UnixNano())
	data := t.TempDir()
	says, out := io.Pipe()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	go func() {
		ended <- command(ctx, []string{"-addr", "127.0.0.1:0", "-crm-addr", "127.0.0.1:0", "-demo=false", "-data", data, "-smtp", smtp, "-operator", mailsOn(t), "-now", monday.Format(time.RFC3339)}, nil, out, t.Output())
		out.Close()
	}()
	t.Cleanup(func() {
		p.client.CloseIdleConnections()
		stop()
		if code := <-ended; code != 0 {
			t.Errorf("it ended with %d", code)
		}
	})
	line, _ := bufio.NewReader(says).ReadString('\n')
	p.address = strings.TrimPrefix(strings.TrimSpace(line), "ready ")
	b, err := os.ReadFile(filepath.Join(data, "secrets.json"))
	if err == nil {
		p.secrets, err = app.ReadSecrets(b)
	}
	if err != nil {
		t.Fatalf("it said %q: %v", line, err)
	}
	return p
}

// tellAll tells all by 64 hands, so many a second, and gives how long answers took from when each was to be sent.
func (p *process) tellAll(list []*sent, perSecond int, one string) (hot, others []time.Duration) {
	var next atomic.Int64
	var mu sync.Mutex
	var hands sync.WaitGroup
	began := time.Now()
	for range 64 {
		hands.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(list); i = int(next.Add(1)) - 1 {
				s, sent := list[i], time.Now()
				if perSecond > 0 { // it is to be sent then: that it could not be is part of what it takes
					sent = began.Add(time.Duration(i) * time.Second / time.Duration(perSecond))
					time.Sleep(time.Until(sent))
				}
				a, err := p.tell(s.id, s.body, time.Unix(0, p.at.Load()))
				for err == nil && a.status == 401 { // the clock has moved on meanwhile: it is signed anew, as senders do
					a, err = p.tell(s.id, s.body, time.Unix(0, p.at.Load()))
				}
				took := time.Since(sent)
				if s.outcome = a.Outcome; err != nil || s.outcome != "applied" && s.outcome != "unchanged" { // that another overtook
					p.t.Errorf("%s: %+v %v", s.id, a, err)
				}
				mu.Lock()
				if strings.Contains(s.body, `"account":"`+one+`"`) && one != "" {
					hot = append(hot, took)
				} else {
					others = append(others, took)
				}
				mu.Unlock()
			}
		})
	}
	hands.Wait()
	return hot, others
}

// within99 is the time within which 99 of 100 are.
func within99(times []time.Duration) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[len(times)*99/100].Round(100 * time.Microsecond)
}

// resting counts goroutines and bytes once what was under way has ended: when so few are left, or no fewer for a while.
func resting(client *http.Client, few int) (routines int, heap uint64) {
	routines = 1 << 30
	for still := 0; still < 100 && routines > few; still++ {
		client.CloseIdleConnections()
		time.Sleep(20 * time.Millisecond)
		if n := runtime.NumGoroutine(); n < routines {
			routines, still = n, 0
		}
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return routines, m.HeapAlloc
}
