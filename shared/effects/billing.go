package effects

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"seatmend/shared/billing"
	"seatmend/shared/casework"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/webhook"
)

// A Biller reads billing systems: what a webhook hinted at, or all that a customer has there. What is
// otherwise than told becomes a fact of the account that it names, as of the instant before it was asked
// for; what is the same becomes none.
type Biller struct {
	Client *billing.Client
	Store  store.Store // whose states have the operator's settings
	Apply  func(ctx context.Context, facts ...licence.Fact) ([]licence.Outcome, error)
	// GiveUp takes a subscription from an account whose directory does not list it by its name; false: that does,
	// or it was not told of it.
	GiveUp func(ctx context.Context, account string, sub licence.Name) (gave bool, err error)
	Now    func() time.Time
}

const (
	// invoicesFor is how far back invoices are listed: no paid period that matters is longer.
	invoicesFor = 400 * licence.Day
	// mostMissing is how many things that a list did not show are asked for one by one, in one pull.
	mostMissing = 60
)

var (
	errOlder    = errors.New("effects: what was told is newer than what was read")
	errNobody   = errors.New("effects: no key sees this customer")
	errManyGone = fmt.Errorf("effects: more than %d things are missing that were told", mostMissing)
)

// ReadBack does one read. What fails is owed still.
func (b Biller) ReadBack(ctx context.Context, s licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error) {
	r := reader{Biller: b, s: s, sender: e.Source, done: licence.Result{Effect: e, At: b.Now(), Outcome: "failed"}}
	if r.decode = webhook.ObjectOf(e.Source); r.decode == nil || len(b.Client.Keys(e.Source)) == 0 {
		r.done.Outcome = "nobody" // the key was taken out: nobody reads here any more
		return nil, r.done, nil
	}
	var err error
	if e.Object != nil {
		err = r.hinted(ctx, *e.Object)
	} else {
		err = r.pull(ctx)
	}
	switch {
	case err == nil:
		r.done.Outcome = "done"
		return nil, r.done, nil
	case errors.Is(err, billing.ErrNoKey): // what nobody can read is owed to nobody
		r.done.Outcome = "nobody"
		return nil, r.done, nil
	}
	back := min(time.Minute<<min(e.Fails, 8), 4*time.Hour)
	r.done.Retry = r.done.At.Add(back)
	if busy, ok := errors.AsType[*billing.Busy](err); ok {
		r.done.Retry = licence.Latest(r.done.Retry, r.done.At.Add(busy.RetryAfter))
	}
	return nil, r.done, err
}

// A reader is one read.
type reader struct {
	Biller
	s      licence.State
	sender string
	decode webhook.Object
	done   licence.Result
}

// object decodes what a site gave.
func (r *reader) object(site billing.Site, kind string, object []byte, at time.Time) ([]licence.Fact, error) {
	facts, err := r.decode(kind, object, at)
	for i := range facts {
		facts[i].Payload = licence.InMode(facts[i].Payload, site.Mode())
	}
	return facts, err
}

// hinted reads one thing. Nobody says whose it is but what is read.
func (r *reader) hinted(ctx context.Context, h licence.Hint) error {
	sites, err := r.Client.Sites(r.sender, h.Mode)
	if err != nil {
		return err
	}
	at := r.Now()
	site, object, err := billing.Find(ctx, sites, h.Kind, h.ID, func(object []byte) bool {
		return r.ours(ctx, h.Kind, object, at)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", h.Kind, err)
	}
	facts, unread := r.object(site, h.Kind, object, at)
	told := map[string]licence.Payload{} // by account: what names several of its subscriptions is told it once
	for _, f := range facts {
		if p, ok := f.Payload.(licence.SubscriptionChanged); ok && h.Thin {
			p.Thin = true
			f.Payload = p
		}
		s, known, err := r.owner(ctx, f)
		switch {
		case err != nil:
			return err
		case !known && h.Mode == "test":
			continue // a customer who is not known has none of a test
		case known && !s.Known.Profile.Account.Value.InMode(r.sender, h.Mode, f.To):
			continue
		case known && reflect.DeepEqual(told[s.Account], f.Payload):
			continue
		}
		told[s.Account] = f.Payload
		if err := r.applyNews(ctx, s, f); err != nil {
			return errors.Join(unread, err)
		}
	}
	return unread
}

// ours tells whether an object is of the account that owes the read, as far as it says whose it is: another site may
// have another object of that id, such as an invoice of that number.
func (r *reader) ours(ctx context.Context, kind string, object []byte, at time.Time) bool {
	facts, _ := r.decode(kind, object, at)
	return r.s.Account == store.Operations || len(facts) == 0 || slices.ContainsFunc(facts, func(f licence.Fact) bool {
		account, err := r.Store.Resolve(ctx, f.To...)
		return err == nil && account == r.s.Account
	})
}

// owner is the account that a fact is about, as it stands; false: none is known.
func (r *reader) owner(ctx context.Context, f licence.Fact) (licence.State, bool, error) {
	account, err := r.Store.Resolve(ctx, f.To...)
	if errors.Is(err, store.ErrNoAccount) {
		return licence.State{}, false, nil
	}
	if err != nil || account == r.s.Account {
		return r.s, true, err
	}
	l, err := r.Store.Load(ctx, account, store.Want{})
	return l.State, true, err
}

// applyNews tells what is otherwise than known. What was told as of the very instant of the read, or by a clock
// that is ahead of ours, would not give way to it: then it is read once more.
func (r *reader) applyNews(ctx context.Context, s licence.State, f licence.Fact) error {
	p, other := casework.Otherwise(s.Known, f.Payload, f.At)
	if !other {
		return nil
	}
	if told := toldAt(s.Known, p); !told.Before(f.At) {
		return fmt.Errorf("%w, by %s", errOlder, told.Sub(f.At))
	}
	f.Payload = p
	if _, _, moved := s.Known.Fold(f, nil); len(moved) == 0 {
		return nil // beyond what is kept it is no news, each day again
	}
	_, err := r.Apply(ctx, f)
	if err == nil {
		r.done.Found++
	}
	return err
}

// toldAt is when what a payload is about was told last.
func toldAt(k licence.Known, p licence.Payload) time.Time {
	switch p := p.(type) {
	case licence.SubscriptionChanged:
		now, _ := k.Orders.Subs[p.Subscription].Latest()
		return now.At
	case licence.ScheduleChanged:
		if told := k.Orders.Schedules[cmp.Or(p.Schedule, p.Subscription)]; len(told) > 0 {
			return told[0].At
		}
	case licence.InvoiceChanged:
		if in := k.Invoices.Licence[p.Invoice]; in != nil {
			return in.At
		}
	}
	return time.Time{}
}
