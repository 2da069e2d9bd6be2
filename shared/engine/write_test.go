package engine_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/memory"
)

// A busy is a store at which somebody writes the account each time that it is read by whoever else.
type busy struct {
	*memory.Store
	told func(ctx context.Context, account string, n int)
	n    int
}

type telling struct{}

func (b *busy) Load(ctx context.Context, account string, w store.Want) (licence.Loaded, error) {
	l, err := b.Store.Load(ctx, account, w)
	if ctx.Value(telling{}) == nil && b.told != nil {
		b.n++
		go b.told(context.WithValue(ctx, telling{}, true), account, b.n)
		synctest.Wait() // until that is written, or waits for its turn
	}
	return l, err
}

// TestWhatIsToldHoldsUpNothingElse: an account of which something is told all the time is written by all others who
// write it: time that passes, people, mails that come back, a list, an erasure.
func TestWhatIsToldHoldsUpNothingElse(t *testing.T) {
	mails := 0
	for what, do := range map[string]func(context.Context, *engine.Engine) error{
		"time passes": func(ctx context.Context, e *engine.Engine) error { return e.Tick(ctx, "C-7") },
		"a mail comes back": func(ctx context.Context, e *engine.Engine) error {
			return e.Change(ctx, "C-7", func(s licence.State) (licence.Change, bool) {
				return licence.Change{Account: "C-7", N: s.N, History: s.History, Known: s.Known}, true
			})
		},
		"a link is shown": func(ctx context.Context, e *engine.Engine) error {
			return e.Record(ctx, "C-7", func(licence.State) ([]licence.Row, []licence.Name, error) {
				return []licence.Row{{Kind: "link", ID: "l", Body: []byte("{}")}}, nil, nil
			})
		},
		"an answer is kept": func(ctx context.Context, e *engine.Engine) error {
			return e.Owe(ctx, "C-7", func() ([]licence.Row, []licence.Effect, error) {
				return []licence.Row{{Kind: "reply", ID: "r", Body: []byte("{}")}}, nil, nil
			})
		},
		"a mail goes": func(ctx context.Context, e *engine.Engine) error {
			e.Do[licence.Mail] = by(e.Now, func(context.Context, licence.Effect) error {
				mails++
				return nil
			})
			return e.Deliver(ctx, "C-7")
		},
		"a list is taken in": func(ctx context.Context, e *engine.Engine) error {
			_, err := e.Apply(ctx, licence.Fact{ID: "standard/list", To: []licence.Name{{Sender: "account", ID: "C-7"}}, At: ago(2), Source: "standard", Payload: everyOf(0, 3, "Per")})
			return err
		},
		"a hint is followed": func(ctx context.Context, e *engine.Engine) error {
			_, err := e.ReadBack(ctx, "stripe", licence.Hint{Kind: "invoice", ID: "in_1", To: []licence.Name{{Sender: "account", ID: "C-7"}}})
			return err
		},
		"the fleet has a task": func(ctx context.Context, e *engine.Engine) error {
			return e.Operations(ctx, licence.SetAside, licence.Subject{Kind: "source", ID: "stripe"})
		},
		"the desk has a list": func(ctx context.Context, e *engine.Engine) error { return e.List(ctx, "drafts", "Europe/Oslo") },
		"a name is given up": func(ctx context.Context, e *engine.Engine) error {
			other := account(8)
			other.Billing = []licence.Mapping{{Sender: "stripe", ID: "sub_7"}}
			_, err := e.Apply(ctx, licence.Fact{ID: "standard/other", To: []licence.Name{{Sender: "account", ID: "C-8"}}, At: ago(2), Source: "standard", Payload: other})
			return err
		},
		"the customer leaves": func(ctx context.Context, e *engine.Engine) error { return e.Erase(ctx, "C-7") },
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { toldMeanwhile(t, do) })
		})
	}
	if mails != 1 {
		t.Errorf("the mail went %d times", mails)
	}
}

// toldMeanwhile does something at an account that is written each time that it is read.
func toldMeanwhile(t *testing.T, do func(context.Context, *engine.Engine) error) {
	at := morning
	now := func() time.Time { return at }
	db := &busy{Store: memory.New(now)}
	e := hand(db, now)
	tell(t, e, "C-7", ago(60), account(7))
	tell(t, e, "C-7", ago(50), report(7))
	order := licence.Fact{ID: "stripe/order", To: []licence.Name{{Sender: "account", ID: "C-7"}}, At: ago(50), Source: "stripe", Payload: licence.SubscriptionChanged{Subscription: "sub_7", Status: "active", Thin: true}}
	if _, err := e.Apply(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	tell(t, e, "C-7", ago(0), licence.LinkAsked{Role: licence.Admin})
	at = at.Add(time.Hour)
	if err := e.Tick(t.Context(), "C-7"); err != nil {
		t.Fatal(err)
	}
	db.told = func(ctx context.Context, account string, n int) {
		if account == store.Operations {
			_ = e.Operations(ctx, licence.SetAside, licence.Subject{Kind: "source", ID: fmt.Sprint("other", n)})
			return
		}
		f := licence.Fact{ID: fmt.Sprint("standard/", n), To: []licence.Name{{Sender: "account", ID: account}}, At: ago(40).Add(time.Duration(n) * time.Second), Source: "standard", Payload: report(7)}
		_, _ = e.Apply(ctx, f)
	}
	err := do(t.Context(), e)
	db.told = nil
	if err != nil || db.n == 0 {
		t.Errorf("read %d times: %v", db.n, err)
	}
	synctest.Wait()
}
