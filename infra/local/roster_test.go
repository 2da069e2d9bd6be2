package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// listBody lists people u0 and on, all by one name.
func listBody(n, from, to int, name string, at time.Time) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		if i > from {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"plan":"sales-premium","open_requests":0,"user":%s}`, userJSON(fmt.Sprintf("u%05d", i), name))
	}
	return told("seats.listed", at, `{"account":"C-%d","cust_id":"Cust%[1]d","seats":[%s]}`, n, &b)
}

const crowd = 10000

// ago is a minute of this morning.
func ago(minutes int) time.Time { return monday.Add(-time.Duration(minutes) * time.Minute) }

// TestRosterReplaced: while lists of ten thousand come one after the other, and single seats
// between them, nobody sees half a list: neither in the numbers nor in the pages.
func TestRosterReplaced(t *testing.T) {
	lists := 2
	if testing.Short() {
		lists = 1
	}
	p := start(t, t.TempDir(), "-demo=false", "-now", monday.Format(time.RFC3339))
	p.must("applied", "account", accountBody(7, ago(60)), p.clock())
	p.must("applied", "report", reportBody(7, 9, ago(55)), p.clock())
	p.must("applied", "list-0", listBody(7, 0, crowd, "List 0", ago(50)), p.clock())

	over := make(chan struct{})
	var readers, writers sync.WaitGroup
	until := func(do func()) {
		for {
			select {
			case <-over:
				return
			default:
				do()
			}
		}
	}
	// Lists have each a size of their own, so that the numbers tell which it is.
	size := func(list int) int { return crowd - 1000*list }
	const extras = 100 // people on no list, told from time to time
	walks, broken := 0, 0
	readers.Go(func() { until(func() { p.readCount(size, lists, extras) }) })
	readers.Go(func() {
		until(func() {
			if p.walk(size, extras) {
				walks++
			} else {
				broken++
			}
		})
	})
	writers.Go(func() {
		for i := range extras {
			p.must("applied", fmt.Sprint("extra-", i), seatBody(7, fmt.Sprint("x", i), true, ago(5)), p.clock())
		}
	})
	writers.Go(func() {
		for list := 1; list <= lists; list++ {
			p.must("applied", fmt.Sprint("list-", list), listBody(7, 0, size(list), fmt.Sprint("List ", list), ago(50-list)), p.clock())
		}
	})
	writers.Wait()
	close(over)
	readers.Wait()
	t.Logf("%d walks to the end, %d begun again", walks, broken)
	if !p.walk(size, extras) {
		t.Error("the list moves on though nobody moves it")
	}
	if got, want := p.assigned(), size(lists)+extras; got != want {
		t.Errorf("%d hold the plan, want %d", got, want)
	}
	if got, want := len(all[any](p, "/accounts/C-7/seats", "seats")), size(lists)+extras; got != want {
		t.Errorf("%d are listed, want %d", got, want)
	}
}

// assigned is how many hold the plan, as the account tells.
func (p *process) assigned() int {
	a := get[struct {
		Installations []struct {
			Plans []struct{ Assigned struct{ Value int } }
		}
	}](p, "/accounts/C-7")
	return a.Installations[0].Plans[0].Assigned.Value
}

func (p *process) readCount(size func(int) int, lists, extras int) {
	n := p.assigned()
	for list := range lists + 1 {
		if over := n - size(list); over >= 0 && over <= extras {
			return
		}
	}
	p.t.Errorf("%d hold the plan: that is no list and some of the %d others", n, extras)
}

// walk pages through the seats. False: another list came, and the walk is to begin again.
func (p *process) walk(size func(int) int, extras int) bool {
	type page struct {
		Seats  []struct{ User licence.User }
		Cursor string
	}
	names, others := map[string]int{}, 0
	for cursor := ""; ; {
		status, body := p.ask("GET", "/accounts/C-7/seats?limit=500&cursor="+cursor, "")
		if status == 400 && cursor != "" && strings.Contains(body, "cursor") {
			return false
		}
		if status != 200 {
			p.t.Errorf("seats: %d %s", status, body)
			return false
		}
		next := decoded[page](p.t, body)
		if len(next.Seats) == 0 {
			p.t.Errorf("an empty page after %v", names)
		}
		for _, s := range next.Seats {
			if strings.HasPrefix(s.User.ID, "x") {
				others++
				continue
			}
			names[s.User.Name]++
		}
		if cursor = next.Cursor; cursor == "" {
			break
		}
	}
	whole := false
	for name, n := range names {
		var list int
		fmt.Sscanf(name, "List %d", &list)
		whole = len(names) == 1 && n == size(list)
	}
	if !whole || others > extras {
		p.t.Errorf("saw %v and %d others", names, others)
	}
	return true
}
