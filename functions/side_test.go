package functions_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"seatmend/shared/effects"
	"seatmend/shared/licence"
)

// crowd is a world of so many customers whose administrators are to be mailed now.
func crowd(t *testing.T, n int, send effects.Sender) (*world, []string) {
	t.Helper()
	w := newWorld(t, nil)
	w.mail = send
	w.start()
	w.app.Engine.Wake = nil
	var accounts []string
	for i := range n {
		w.must(w.say("account.changed", w.clock.Now(), fmt.Sprintf(`{"account":"V-%[1]d","name":"Vik %[1]d AS","locale":"en","timezone":"Europe/Oslo","model":"plans","mail":"on",
			"contacts":[{"id":"a","name":"Ada Moe","email":"ada@v%[1]d.example","role":"admin","locale":"en"}],
			"installations":[{"cust_id":"Cust5%03[1]d","serial":"5%03[1]d","kind":"production","hosting":"onsite","url":"https://crm.v%[1]d.example"}],
			"billing":[],"plans":[{"plan":"p","name":"P","module":"m","prices":["x"]}]}`, i)), "applied")
		w.must(w.say("licence.reported", w.clock.Now(), fmt.Sprintf(`{"account":"V-%[1]d","cust_id":"Cust5%03[1]d","serial":"5%03[1]d","version":"12.2","licensed_version":"12.2",
			"maintenance_until":"2027-12-31","next_check":"2026-11-20","admin_warning":"2026-11-15","expires":"2026-12-13","grace_until":"2026-12-25","offered":true,"can_activate":false,"markers":["online"],
			"plans":[{"plan":"p","module":"m","description":"P","total":10,"new_total":7,"in_use":9,"unrestricted":false}]}`, i)), "applied")
		accounts = append(accounts, fmt.Sprintf("V-%d", i))
	}
	w.clock.set(w.clock.Now().Add(20 * time.Minute))
	w.app.Engine.Hands = 4
	return w, accounts
}

// A slowPost is a mail server that takes the mails of one customer's only when it is let go.
type slowPost struct {
	slow  string
	goOn  chan struct{}
	mu    sync.Mutex
	taken map[string]bool
}

func newSlowPost(slow string) *slowPost {
	return &slowPost{slow: slow, goOn: make(chan struct{}), taken: map[string]bool{}}
}

func (p *slowPost) send(_ context.Context, m effects.Message) (string, error) {
	if strings.HasSuffix(m.To, p.slow) {
		<-p.goOn
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken[m.To] = true
	return "", nil
}

// wait lets everybody else's mail come, and lets the slow one go when it has, or after a while.
func (p *slowPost) wait(n int) (taken int) {
	defer close(p.goOn)
	for range 500 {
		p.mu.Lock()
		taken = len(p.taken)
		p.mu.Unlock()
		if taken == n {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return taken
}

// TestOneSlowMailDelaysNobodyElse: whoever delivers, the sweep or the stream.
func TestOneSlowMailDelaysNobodyElse(t *testing.T) {
	const customers = 12
	for name, deliver := range map[string]func(w *world, accounts []string) error{
		"sweep": func(w *world, _ []string) error { return w.app.Sweep(w.Context()) },
		"stream": func(w *world, accounts []string) error {
			var batch events.DynamoDBEvent
			for i, account := range accounts {
				if err := w.app.Engine.Tick(w.Context(), account); err != nil {
					return err
				}
				batch.Records = append(batch.Records, record("acct#"+account, fmt.Sprint(i)))
			}
			out, err := w.app.DeliverStream(w.Context(), batch)
			if len(out.BatchItemFailures) > 0 {
				w.Errorf("failures: %v", out.BatchItemFailures)
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			post := newSlowPost("@v0.example")
			w, accounts := crowd(t, customers, post.send)
			done := make(chan error)
			go func() { done <- deliver(w, accounts) }()
			if n := post.wait(customers - 1); n != customers-1 {
				t.Errorf("while one is slow, %d of %d others have their mail", n, customers-1)
			}
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			if len(post.taken) != customers {
				t.Errorf("%d mails were taken in the end", len(post.taken))
			}
		})
	}
}

func record(pk, sequence string) events.DynamoDBEventRecord {
	return events.DynamoDBEventRecord{Change: events.DynamoDBStreamRecord{SequenceNumber: sequence, Keys: map[string]events.DynamoDBAttributeValue{"pk": events.NewStringAttribute(pk)}}}
}

// TestEachCallHasALimit: an executor that never comes back is stopped, and its account only waits.
func TestEachCallHasALimit(t *testing.T) {
	w := newWorld(t, nil)
	limits := map[licence.Kind]time.Duration{}
	for _, kind := range []licence.Kind{licence.Read, licence.Mail, licence.TaskSent} {
		do := w.app.Engine.Do[kind]
		w.app.Engine.Do[kind] = func(ctx context.Context, s licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error) {
			if end, ok := ctx.Deadline(); ok {
				limits[kind] = time.Until(end)
			}
			return do(ctx, s, e)
		}
	}
	for _, name := range []string{"01-standard-account", "02-standard-licence", "03-login-warned"} {
		w.must(w.tell("first/"+name+".json"), "applied")
	}
	w.simulate("first/01-standard-account.json", "first/02-standard-licence.json")
	w.advance(w.clock.Now().Add(2 * time.Hour))
	w.owed("desk")
	w.advance(w.clock.Now().Add(time.Hour))
	for kind, most := range map[licence.Kind]time.Duration{licence.Read: 3 * time.Minute, licence.Mail: 20 * time.Second, licence.TaskSent: 20 * time.Second} {
		if got := limits[kind]; got <= 0 || got > most {
			t.Errorf("%s: limited to %s, want %s at most", kind, got, most)
		}
	}
}
