// Package engine is everything that is not pure: it loads, lets package casework decide,
// commits, and delivers what is owed. One path does the work: what a power cut left behind
// lies in the outbox, and is delivered as everything else is.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"seatmend/shared/casework"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// An Engine applies facts to accounts and delivers what they owe.
type Engine struct {
	Store store.Store // whose states have the operator's settings
	Now   func() time.Time
	Do    map[licence.Kind]Executor // of what reaches outside; what the engine does itself needs no place here
	Log   *slog.Logger
	Wake  func(account string) // something may be owed there; nil: the stream tells
	Hands int                  // accounts that are delivered side by side; 0: one after the other

	Unique func() string // gives an id that no other attempt has, here or in another process

	Reads func() []string // billing systems that there is a key for now; nil: none

	lanes   lanes
	hands   hands
	calm    atomic.Bool            // see report
	walked  atomic.Pointer[string] // for which billing systems all accounts are woken
	names   names                  // as they were when last looked up
	rosters sync.Map               // "account/cust" -> the present roster's id
}

// An Executor does one effect outside. It returns what it learned, as payloads of facts, and
// what it did. An error means that it can be tried again later.
type Executor func(ctx context.Context, s licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error)

// executor is who does effects of a kind; false: nobody here.
func (e *Engine) executor(k licence.Kind) (Executor, bool) {
	switch k {
	case licence.Match:
		return e.Match, true
	case licence.Index:
		return e.Index, true
	case licence.Prune:
		return e.Prune, true
	case licence.Release:
		return e.Release, true
	case licence.Count:
		return e.Count, true
	}
	do, ok := e.Do[k]
	return do, ok
}

// Apply puts facts into the accounts that they are about, or parks them. The outcomes are in
// the order of the facts; the first error ends it.
func (e *Engine) Apply(ctx context.Context, facts ...licence.Fact) ([]licence.Outcome, error) {
	return e.ApplyTo(ctx, licence.Loaded{}, facts...)
}

// ApplyTo is Apply for who has read the account of the first fact already: that fact is decided on
// what was read, unless somebody has written meanwhile.
func (e *Engine) ApplyTo(ctx context.Context, read licence.Loaded, facts ...licence.Fact) ([]licence.Outcome, error) {
	var outs []licence.Outcome
	for _, f := range facts {
		began := e.Now()
		out, err := e.apply(ctx, read, f)
		read = licence.Loaded{}
		e.Log.Info("fact", "account", out.Account, "id", f.ID, "kind", f.Payload.Type(), "outcome", outcome(out.Result, err), "ms", e.Now().Sub(began).Milliseconds())
		if err != nil {
			return outs, err
		}
		if _, ok := f.Payload.(licence.AccountChanged); ok && out.Result == "applied" && out.Effects {
			// What waited for this account is folded before the sender is answered, and names that it
			// gave up lead nowhere.
			for _, kind := range []licence.Kind{licence.Release, licence.Match} {
				if err := e.deliver(ctx, out.Account, kind); err != nil {
					e.Log.Error(string(kind), "account", out.Account, "error", err.Error())
				}
			}
		}
		if e.Wake != nil && out.Effects && out.Account != "" && out.Result == "applied" {
			e.Wake(out.Account)
		}
		outs = append(outs, out)
	}
	return outs, nil
}

func isDirectory(f licence.Fact) bool {
	_, ok := f.Payload.(licence.AccountChanged)
	return ok
}

// GiveUp has an account count no longer what it was told of a subscription, if its directory does not list that by
// its name: another's lists it or its customer, and says so whose it is. False: it does, or there was nothing.
func (e *Engine) GiveUp(ctx context.Context, account string, sub licence.Name) (gave bool, err error) {
	return e.giveUp(ctx, account, sub, false)
}

// giveUp is GiveUp, and takes the name too, if the account has it: it has only learned it with an order or an invoice.
func (e *Engine) giveUp(ctx context.Context, account string, n licence.Name, has bool) (gave bool, err error) {
	err = e.Change(ctx, account, func(s licence.State) (licence.Change, bool) {
		was := s.Known.Orders
		s.Known.Orders = was.Without(n)
		counted := len(s.Known.Orders.Subs) != len(was.Subs)
		c := casework.Tick(s, e.Now())
		if counted {
			c.Parts = append(c.Parts, "orders")
		}
		if has || slices.Contains(was.Names(), n) {
			c.Release = append(c.Release, n)
		}
		gave = (has || counted) && !slices.Contains(licence.Names(s.Known.Profile.Account.Value), n)
		return c, gave
	})
	e.Forget(n)
	if err == nil && gave && e.Wake != nil {
		e.Wake(account)
	}
	return gave, err
}

func outcome(result string, err error) string {
	if err != nil {
		return "error: " + err.Error()
	}
	return result
}

// errLater says of a parked fact that a later version has taken it, which alone knows what it means.
var errLater = errors.New("engine: a fact of a kind that only a later version knows")

func (e *Engine) apply(ctx context.Context, read licence.Loaded, f licence.Fact) (licence.Outcome, error) {
	if _, ok := f.Payload.(licence.Later); ok {
		return licence.Outcome{}, errLater
	}
	if f.At.After(e.Now().Add(licence.Ahead)) {
		return licence.Outcome{}, casework.ErrAhead
	}
	if _, ok := f.Payload.(licence.SeatsListed); ok {
		return e.applyList(ctx, f)
	}
	named := true // the names that the fact brings are claimed
	for range tries {
		out, err := e.attempt(ctx, read, f, named)
		read = licence.Loaded{}
		if taken, clash := errors.AsType[*store.NameTaken](err); clash && isDirectory(f) {
			// A directory may take what another account has only learned, and does not list.
			if gave, unsaid := e.giveUp(ctx, taken.Account, taken.Name, true); unsaid != nil || gave {
				if err = unsaid; err == nil {
					err = errAgain
				}
			}
		} else if clash {
			// Only a directory may insist on a name. What was learned with an invoice leads to where
			// it was learned first, and the news itself is taken.
			named = false
			continue
		}
		if cut, ok := f.Cut(); ok && errors.As(err, new(*licence.TooMuch)) {
			// What cannot be kept is not known: the number told before must not go on as if it were.
			if _, unsaid := e.apply(ctx, licence.Loaded{}, cut); unsaid != nil {
				return out, unsaid
			}
		}
		if !again(err) {
			return out, err
		}
	}
	return licence.Outcome{}, errOvertaken
}

// attempt applies a fact to what its account is now; errAgain and what the store says of another
// writer: that was no longer so.
func (e *Engine) attempt(ctx context.Context, read licence.Loaded, f licence.Fact, named bool) (licence.Outcome, error) {
	account, err := read.State.Account, error(nil)
	if read.State.N == 0 {
		account, err = e.resolve(ctx, f)
	}
	if errors.Is(err, store.ErrNoAccount) {
		out, parked, err := e.park(ctx, f)
		if !parked && err == nil {
			err = errAgain
		}
		return out, err
	}
	if err != nil {
		return licence.Outcome{}, err
	}
	n, err := e.lanes.enter(ctx, account)
	if err != nil {
		return licence.Outcome{}, err
	}
	defer e.lanes.leave(n)
	l, on, c, out, err := e.decide(ctx, n, read, f)
	if err != nil || c.Account == "" {
		n.pass()
		return out, err
	}
	if !named {
		c.Claim = nil
	}
	end := e.begin(ctx, n, l.State, on, c)
	n.pass()
	return out, e.committed(ctx, c, end())
}

// decide is what a fact changes, on what its account is now; on: that is what this change will make it.
// No account: nothing.
func (e *Engine) decide(ctx context.Context, n *lane, read licence.Loaded, f licence.Fact) (l licence.Loaded, on *store.Mark, c licence.Change, out licence.Outcome, err error) {
	for {
		if l = read; l.State.N == 0 || n.busy() {
			var ok bool
			if l, on, ok, err = e.load(ctx, n, f); !ok && err == nil {
				err = errAgain
			}
			if err != nil {
				return l, on, c, out, err
			}
		}
		if out, done, err := seen(l, f); done {
			return l, on, c, out, err
		}
		step, out, err := casework.Step(l.State, l.Seats, f, e.Now())
		if err == nil && out.Result != "unchanged" && out.Result != "overtaken" {
			return l, on, step, out, nil
		}
		if on == nil {
			return l, on, c, out, err
		}
		n.quiet() // what it was decided on is not durable yet, so it is no answer
	}
}

// errAgain is that what was remembered of names or rosters is no longer so.
var errAgain = errors.New("engine: once more")

// errOvertaken is that another writer was first each time.
var errOvertaken = fmt.Errorf("engine: %d tries, each overtaken by another writer", tries)

// Read finds the account that a fact is about and reads it, with what a step of that fact needs.
// ErrNoAccount: none is known yet.
func (e *Engine) Read(ctx context.Context, f licence.Fact) (licence.Loaded, error) {
	for range tries {
		account, err := e.resolve(ctx, f)
		if err != nil {
			return licence.Loaded{}, err
		}
		if l, _, ok, err := e.load(ctx, newLane(account), f); ok || err != nil {
			return l, err
		}
		// What was remembered of names or rosters is no longer so.
	}
	return licence.Loaded{}, errOvertaken
}

// commit writes a change that was decided on a state which nobody holds: whoever wrote meanwhile makes
// it fail.
func (e *Engine) commit(ctx context.Context, was licence.State, c licence.Change) error {
	return e.committed(ctx, c, e.alone(ctx, was, c))
}

// committed is the end of a commit. A rule that broke while it was decided is an error of ours: it is logged,
// and ops have one task for each such rule.
func (e *Engine) committed(ctx context.Context, c licence.Change, err error) error {
	told := map[licence.Code]bool{}
	for _, f := range c.Faults {
		if err != nil || told[f.Rule] {
			continue
		}
		told[f.Rule] = true
		e.fault(FaultRule, "a rule broke", "account", c.Account, "rule", f.Rule, "stack", f.Stack)
		if c.Account == store.Operations {
			continue
		}
		if err := e.Operations(ctx, FaultRule, licence.Subject{Kind: "rule", ID: string(f.Rule)}); err != nil {
			e.Log.Error("rule failed: ops were not told", "rule", f.Rule, "error", err.Error())
		}
	}
	return err
}

// again tells whether another writer was first: what was decided must be decided anew.
func again(err error) bool {
	return errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrSeen) || errors.Is(err, errAgain)
}

// seen judges a fact whose id is stored already.
func seen(l licence.Loaded, f licence.Fact) (licence.Outcome, bool, error) {
	out := licence.Outcome{Account: l.State.Account, Result: "duplicate"}
	switch l.Seen {
	case "":
		return out, false, nil
	case f.Hash():
		return out, true, nil
	}
	return out, true, store.ErrConflictingReplay
}

// resolve gives the account that a fact is about. A name costs a round trip once per process; of several
// names the most precise one that leads anywhere wins, which stands first, so that only that one is remembered.
func (e *Engine) resolve(ctx context.Context, f licence.Fact) (string, error) {
	if len(f.To) > 0 {
		if account, ok := e.names.of(f.To[0]); ok {
			return account, nil
		}
	}
	account, err := e.Store.Resolve(ctx, f.To...)
	if a, ok := f.Payload.(licence.AccountChanged); ok && errors.Is(err, store.ErrNoAccount) {
		return a.Account, nil // it makes its account
	}
	return account, err
}

// load reads the account and, of a seat fact, that person's item. On: that is what this change, which is
// on its way, will make it. Not ok: what was remembered is no longer so, and has been forgotten.
func (e *Engine) load(ctx context.Context, n *lane, f licence.Fact) (l licence.Loaded, on *store.Mark, ok bool, err error) {
	var keys []licence.Key
	p, seat := f.Payload.(licence.SeatChanged)
	if seat {
		key := licence.Known{}.SeatKey(p)
		if id, ok := e.rosters.Load(n.account + "/" + key.CustID); ok {
			key.Roster = id.(string)
		}
		keys = append(keys, key)
	}
	held, seats, on := n.held()
	have := held.N
	if on != nil {
		have = store.Unread
	}
	l, err = e.Store.Load(ctx, n.account, store.Want{Fact: f.ID, Seats: keys, Have: have})
	if err != nil {
		return l, nil, false, err
	}
	if on != nil || held.N > 0 && l.State.N == held.N {
		l.State = held
	}
	for _, k := range keys {
		if s, ok := seats[k]; ok {
			l.Seats[k] = s
		}
	}
	if len(f.To) > 0 {
		first := leads(l.State, f.To[:1])
		_, remembered := e.names.of(f.To[0])
		_, directory := f.Payload.(licence.AccountChanged)
		if !first && !directory && (remembered || !leads(l.State, f.To)) {
			e.Forget(f.To[0])
			return l, on, false, nil
		}
		if first && !remembered {
			e.names.keep(f.To[0], n.account)
		}
	}
	if seat {
		if key := l.State.Known.SeatKey(p); key != keys[0] {
			e.rosters.Store(n.account+"/"+key.CustID, key.Roster)
			return l, on, false, nil
		}
	}
	return l, on, true, nil
}

// leads tells whether one of the names is the account's now.
func leads(s licence.State, names []licence.Name) bool {
	own := s.Known.Names()
	for _, n := range names {
		if n == (licence.Name{Sender: "account", ID: s.Account}) && s.Known.Profile.Account.Told() {
			return true // it was told, and not erased since
		}
		for _, o := range own {
			if n == o {
				return true
			}
		}
	}
	return false
}

// park keeps a fact whose account is not known yet. False: it is known by now. What we learned ourselves of an account
// that has been erased since is kept nowhere.
func (e *Engine) park(ctx context.Context, f licence.Fact) (licence.Outcome, bool, error) {
	if !f.Sent() && len(f.To) > 0 && f.To[len(f.To)-1].Sender == "account" {
		return licence.Outcome{}, true, store.ErrNoAccount
	}
	err := e.Store.KeepUnmatched(ctx, f, f.Hash())
	switch {
	case errors.Is(err, store.ErrKnown):
		return licence.Outcome{}, false, nil
	case errors.Is(err, store.ErrSeen):
		return licence.Outcome{Result: "duplicate"}, true, nil
	case err != nil:
		return licence.Outcome{}, true, err
	}
	return licence.Outcome{Result: "parked"}, true, nil
}
