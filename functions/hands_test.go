package functions_test

import (
	"context"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"seatmend/functions/app"
	"seatmend/functions/desk"
	"seatmend/functions/outside"
	"seatmend/shared/effects"
	"seatmend/shared/effects/mailtest"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// A pause is a store that lets something happen once, in the midst of a call.
type pause struct {
	store.Store
	afterOutbox func() // nil: nothing
}

func (p *pause) Outbox(ctx context.Context, account string) ([]licence.Effect, error) {
	out, err := p.Store.Outbox(ctx, account)
	once(&p.afterOutbox)
	return out, err
}

func once(f *func()) {
	if do := *f; do != nil {
		*f = nil
		do()
	}
}

// hand is another process over the world's store, as it sees it through db.
func (w *world) hand(db store.Store, send effects.Sender) *app.App {
	w.Helper()
	operator := app.Invented
	operator.Mail = "on"
	a, err := app.NewApp(db, testSecrets, operator, w.app.BaseURL, w.clock.Now, w.app.Log)
	if err != nil {
		w.Fatal(err)
	}
	outside.Connect(a, nil, send, desk.Mails)
	a.Engine.Do[licence.Read] = w.app.Engine.Do[licence.Read]
	return a
}

// owed is the account at which a mail is owed at the world's present instant: to a customer's
// administrator, to the support desk, or to one of the operator's people who signs in.
func (w *world) owed(to string) string {
	w.Helper()
	switch to {
	case "customer":
		for _, name := range []string{"01-standard-account", "02-standard-licence", "03-login-warned"} {
			w.must(w.tell("first/"+name+".json"), "applied")
		}
	case "desk":
		for _, name := range []string{"01-standard-account", "02-standard-order", "03-standard-invoice", "04-standard-seats", "05-standard-licence"} {
			w.must(w.tell("demo/solvik-hotell/"+name+".json"), "applied")
		}
	}
	w.clock.set(w.clock.Now().Add(20 * time.Minute))
	if to == "staff" {
		r := httptest.NewRequest("POST", "/support/sign-in", strings.NewReader("address=nora%40fjordpartner.example"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if out := w.do(r); out.status != 200 {
			w.Fatalf("sign-in: %v", out)
		}
		return store.Operations
	}
	account := map[string]string{"customer": "C-1", "desk": "C-1080"}[to]
	if err := w.app.Engine.Tick(w.Context(), account); err != nil {
		w.Fatal(err)
	}
	return account
}

// TestTwoHands: one hand has read the outbox when another takes the mail and hands it over, slowly.
// It goes once, whoever it is for, on either store.
func TestTwoHands(t *testing.T) {
	for name, open := range map[string]func(*testing.T, func() time.Time) store.Store{"sqlite": onSQLite, "dynamo": onDynamo} {
		for _, to := range []string{"customer", "desk", "staff"} {
			t.Run(name+" "+to, func(t *testing.T) {
				w := newWorld(t, open)
				account := w.owed(to)
				var mu sync.Mutex
				handed := map[string]int{}
				begun, goOn := make(chan bool), make(chan bool)
				slow := func(_ context.Context, m effects.Message) (string, error) {
					mu.Lock()
					first := len(handed) == 0
					handed[m.To+" "+m.Subject]++
					mu.Unlock()
					if first {
						begun <- true
						<-goOn
					}
					return "", nil
				}
				other := &pause{Store: w.db}
				a, b := w.hand(w.db, slow), w.hand(other, slow)
				var hands sync.WaitGroup
				other.afterOutbox = func() {
					hands.Go(func() {
						if err := a.Engine.Deliver(context.Background(), account); err != nil {
							t.Error(err)
						}
					})
					<-begun
				}
				if err := b.Engine.Deliver(t.Context(), account); err != nil {
					t.Error(err)
				}
				close(goOn)
				hands.Wait()
				if len(handed) == 0 {
					t.Fatal("no mail was handed over")
				}
				for mail, n := range handed {
					if n > 1 {
						t.Errorf("%s was handed over %d times", mail, n)
					}
				}
			})
		}
	}
}

// TestHandsOverSMTP: many hands at once, and a real mail server that takes its time.
func TestHandsOverSMTP(t *testing.T) {
	server := mailtest.Listen(t, func(step, _ string) string {
		if step == mailtest.Taken {
			time.Sleep(50 * time.Millisecond)
		}
		return ""
	})
	w := newWorld(t, onSQLite)
	accounts := []string{w.owed("customer"), w.owed("desk")}
	for _, account := range accounts {
		if err := w.app.Engine.Tick(t.Context(), account); err != nil {
			t.Fatal(err)
		}
	}
	w.both(slices.Repeat([]func() reply{func() reply {
		hand := w.hand(w.db, effects.SMTP(server.Addr))
		for _, account := range accounts {
			if err := hand.Engine.Deliver(t.Context(), account); err != nil {
				t.Error(err)
			}
		}
		return reply{}
	}}, 6)...)
	seen := map[string]bool{}
	for _, m := range server.Mails() {
		_, subject, _ := strings.Cut(m.Text, "Subject: ")
		subject, _, _ = strings.Cut(subject, "\r\n")
		if seen[m.To+subject] {
			t.Errorf("%s was mailed twice: %s", m.To, subject)
		}
		seen[m.To+subject] = true
	}
	if len(seen) < 2 {
		t.Errorf("%d mails came, want one to the customer and one to the desk", len(seen))
	}
}
