package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"seatmend/shared/effects"
	"seatmend/shared/effects/mailtest"
)

// monday is a banking day, at ten in Stockholm.
var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// A sent webhook of the burst, and how it was answered; "" where the answer was cut off.
type sent struct {
	id, body string
	outcome  string
}

// strangers are customers of whom no account.changed ever tells.
const strangers = 2

// burstOf makes the webhooks of the burst. Some customers are described only in the middle of
// it, and some never: what is told of them is parked.
func burstOf(n, customers int) []*sent {
	var list []*sent
	add := func(id, body string) { list = append(list, &sent{id: id, body: body}) }
	at := func() time.Time { return monday.Add(-time.Hour + time.Duration(len(list))*time.Millisecond) }
	for c := range customers {
		if c%5 != 0 {
			add(fmt.Sprint("account-", c), accountBody(1000+c, at()))
		}
	}
	for i := len(list); len(list) < n; i++ {
		c := i % (customers + strangers)
		described := c < customers && c%5 != 0
		switch {
		case i == n/2:
			for c := 0; c < customers; c += 5 {
				add(fmt.Sprint("account-", c), accountBody(1000+c, at()))
			}
		case i%17 == 3 && described:
			add(fmt.Sprint("report-", i), reportBody(1000+c, 9+i%2, at()))
		case i%17 == 5:
			add(fmt.Sprint("invoice-", i), invoiceBody(1000+c, i, at()))
		default:
			add(fmt.Sprint("seat-", i), seatBody(1000+c, fmt.Sprint("u", i), true, at()))
		}
	}
	for c := range customers {
		add(fmt.Sprint("last-report-", c), reportBody(1000+c, 9, at()))
	}
	return list
}

// kills is how often a campaign kills a run: go test ./infra/local -run TestKill -kills 200 -timeout 1h
var kills = flag.Int("kills", 0, "how often a run is killed; 0: as often as a change must bear")

// TestKill: the run is killed at several moments of a burst, and while it mails. What was answered is there,
// what is told again is a duplicate, and every mail owed is handed over once, or is known to be uncertain.
func TestKill(t *testing.T) {
	size, kills, whileMailing := 2000, *kills, 1
	switch {
	case kills > 0:
		kills, whileMailing = kills*9/10, kills/10
	case testing.Short():
		size, kills = 500, 2
	default:
		kills = 4
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))

	const customers = 25
	list := burstOf(size, customers)
	data := t.TempDir()
	operator := mailsOn(t)
	server := mailtest.Listen(t, nil)
	again := func() *process {
		return start(t, data, "-demo=false", "-smtp", server.Addr, "-operator", operator, "-now", monday.Format(time.RFC3339))
	}

	// Killed when so many were answered, and a moment later: in the middle of others.
	var moments []int
	for range kills {
		moments = append(moments, random.IntN(len(list)))
	}
	slices.Sort(moments)
	p := again()
	for _, moment := range moments {
		p.tellUntil(list, moment, time.Duration(random.IntN(5000))*time.Microsecond)
		p = again()
		p.holds(list)
	}
	p.tellUntil(list, len(list), 0)
	waits := p.holds(list)
	for _, s := range list {
		switch {
		case waits["standard/"+s.id]: // who folded it was killed, and his turn is not over: it is folded now, or has just been
			if a, err := p.tell(s.id, s.body, p.clock()); err != nil || a.Outcome != "applied" && a.Outcome != "duplicate" {
				t.Errorf("%s, which waits, is told again: %+v %v", s.id, a, err)
			}
		case s.outcome == "applied" || s.outcome == "parked":
			p.must("duplicate", s.id, s.body, p.clock())
		}
	}
	p.holds(list)

	for range whileMailing {
		late := time.AfterFunc(time.Duration(random.IntN(400))*time.Millisecond, func() { p.cmd.Process.Kill() })
		poster{p.address, p.client}.advance(t.Context(), p.secrets["operator"][0], "20m")
		late.Stop()
		p.kill()
		p = again()
	}
	p.advance("1h")
	p.mailedOnce(customers)
	count := map[string]int{}
	for _, m := range server.Mails() {
		if !strings.HasPrefix(m.To, "anna@") {
			continue
		}
		if count[m.To]++; count[m.To] > 1 {
			t.Errorf("%s got a mail twice", m.To)
		}
	}
	t.Logf("killed %d times; of %d customers' mails %d were handed over, and the others are uncertain", len(moments)+whileMailing, customers, len(count))
	if got, want := p.stop(), 0; got != want {
		t.Errorf("ended with %d, want %d\n%s", got, want, p.says)
	}
}

// tellUntil tells over several connections what has no answer yet, and kills the run a while
// after so many of the list have one. With all of them answered it lives on.
func (p *process) tellUntil(list []*sent, answers int, while time.Duration) {
	p.t.Helper()
	var mu sync.Mutex
	var rest []*sent
	for _, s := range list {
		if s.outcome == "" {
			rest = append(rest, s)
		}
	}
	had, killed := len(list)-len(rest), make(chan struct{})
	answered := sync.OnceFunc(func() {
		time.Sleep(while)
		p.cmd.Process.Kill()
		close(killed)
	})
	if had >= answers && answers < len(list) {
		answered()
	}
	now := p.clockOr(monday)
	var group sync.WaitGroup
	for range 6 {
		group.Go(func() {
			for {
				mu.Lock()
				if len(rest) == 0 {
					mu.Unlock()
					return
				}
				s := rest[0]
				rest = rest[1:]
				mu.Unlock()
				a, err := p.tell(s.id, s.body, now)
				if err != nil {
					select {
					case <-killed:
					case <-p.ended:
					}
					return // the power is gone
				}
				mu.Lock()
				if s.outcome = a.Outcome; a.status != 200 {
					p.t.Errorf("%s: %+v", s.id, a)
				}
				had++
				over := had > answers
				mu.Unlock()
				if over && answers < len(list) {
					answered()
				}
			}
		})
	}
	group.Wait()
	if answers < len(list) {
		p.kill()
	}
}

// holds checks that every fact that was answered is there, and tells which are parked.
func (p *process) holds(list []*sent) (parked map[string]bool) {
	p.t.Helper()
	type fact struct{ ID string }
	there := map[string]bool{}
	parked = map[string]bool{}
	for _, f := range all[fact](p, "/parked", "parked") {
		parked[f.ID] = true
	}
	for _, a := range all[struct{ Account string }](p, "/accounts", "accounts") {
		for _, f := range all[fact](p, "/accounts/"+a.Account+"/facts", "facts") {
			if there[f.ID] {
				p.t.Errorf("%s is listed twice", f.ID)
			}
			there[f.ID] = true
		}
	}
	for _, s := range list {
		id := "standard/" + s.id
		switch {
		case s.outcome == "applied" && !there[id]:
			p.t.Errorf("%s was applied and is lost", s.id)
		case s.outcome == "parked" && !there[id] && !parked[id]:
			p.t.Errorf("%s was parked and is lost", s.id)
		}
	}
	return parked
}

// uncertain is how many mails of an account ops are told of that went, or did not, when the power was cut.
func (p *process) uncertain(account string) (n int) {
	for _, task := range all[struct{ Code, State string }](p, "/accounts/"+account+"/tasks", "tasks") {
		if task.Code == "mail-uncertain" && task.State == "open" {
			n++
		}
	}
	return n
}

// mailedOnce checks that each customer has heard of its surplus, once, or that ops know that nobody knows.
func (p *process) mailedOnce(customers int) {
	p.t.Helper()
	for c := range customers {
		account := fmt.Sprint("C-", 1000+c)
		d := get[struct {
			Findings []struct{ Code, Fingerprint string }
		}](p, "/accounts/"+account+"/diagnosis")
		m := get[struct {
			Mails, Drafts []effects.MailRow
			Not           []struct{ Why string } `json:"not_sent"`
		}](p, "/accounts/"+account+"/mails")
		owed := ""
		for _, f := range d.Findings {
			if f.Code == "surplus" {
				owed = f.Fingerprint
			}
		}
		count := map[string]int{}
		for _, mail := range m.Mails {
			for _, fp := range mail.About {
				count[fp+" "+mail.To]++
			}
		}
		if got, want := count[owed+" anna@kund"+strings.TrimPrefix(account, "C-")+".example"]+p.uncertain(account), 1; got != want || owed == "" {
			p.t.Errorf("%s: %d mails of its surplus, want %d; drafts %d, not sent %v", account, got, want, len(m.Drafts), m.Not)
		}
		for what, n := range count {
			if n != 1 {
				p.t.Errorf("%s: mailed %d times of %s", account, n, what)
			}
		}
	}
}

// mailsOn are settings of an operator whose mails go at once.
func mailsOn(t *testing.T) string {
	t.Helper()
	return write(t, "operator.json", `{"name":"Fjordpartner AS","from":"licens@fjordpartner.example","reply_to":"support@fjordpartner.example",
		"phone":"+47 21 00 00 00","hours":"08-16","mail":"on","first_mails_per_hour":1000,
		"desks":{"support":"s@fjordpartner.example","finance":"f@fjordpartner.example","sales":"v@fjordpartner.example","ops":"o@fjordpartner.example"}}`)
}
