package onboard

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"seatmend/shared/casework"
	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// A target is where customers are taken in; without a store nothing is there yet.
type Target struct {
	Store    store.Store
	Settings licence.Settings // of the operator
}

// Hands is how many customers are worked at side by side: a commit waits for the disk or the network,
// and a mail for its server.
const Hands = 16

// each does something for every batch, several at a time, until the first error.
func each(ctx context.Context, batches []*batch, do func(ctx context.Context, i int, b *batch) error) error {
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(Hands)
	for i, b := range batches {
		work.Go(func() error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return do(ctx, i, b)
		})
	}
	return work.Wait()
}

// fresh gives the account's state, and those of the facts that are not stored there yet.
// What says something else than what is stored under its id is a fault.
func (t Target) fresh(ctx context.Context, account string, facts []placedFact) (licence.State, []placedFact, []fault, error) {
	s := licence.State{Account: account, Settings: t.Settings}
	if t.Store == nil {
		return s, reviewed(facts), nil, nil
	}
	l, err := t.Store.Load(ctx, account, store.Want{})
	if err != nil {
		return s, nil, nil, err
	}
	s = l.State
	s.Settings = t.Settings
	if s.N == 0 {
		return s, reviewed(facts), nil, nil
	}
	var out []placedFact
	var wrong []fault
	for _, f := range facts {
		l, err := t.Store.Load(ctx, account, store.Want{Fact: f.fact.ID})
		if err != nil {
			return s, nil, nil, err
		}
		switch {
		case l.Seen == "":
			out = append(out, completed(f, s))
		case f.again, l.Seen == f.fact.Hash(), l.Seen == review(f.fact).Hash():
		default:
			wrong = append(wrong, fault{f.line, "", "id", f.fact.ID, "is stored already, and says something else there: give the body another id, or none"})
		}
	}
	return s, out, wrong, nil
}

// reviewed are the first facts of an account that is new: its mails wait for a person, unless
// the file says otherwise. Of an account that is known nothing is decided anew.
func reviewed(facts []placedFact) []placedFact {
	out := slices.Clone(facts)
	for i := range out {
		out[i].fact = review(out[i].fact)
	}
	return out
}

func review(f licence.Fact) licence.Fact {
	if a, ok := f.Payload.(licence.AccountChanged); ok && !a.Mail.Told {
		a.Mail = licence.Some("review")
		f.Payload = a
	}
	return f
}

// A judgement is what would become of a customer today.
type judgement struct {
	isNew   bool
	facts   int // that are not stored yet
	told    int // that are
	policy  string
	nobody  bool // there is no administrator to write to
	summary licence.Summary
	name    string
	actBy   licence.Date
	states  map[licence.Code]licence.FindingState // of each finding's code the weightiest state
	needs   []string                              // customers of the file who first give up a name that this one takes
	faults  []fault

	renamed, replanned string // where a file says otherwise than what is stored; "": it does not
}

// judge folds what the pile tells of every customer into what is stored, in memory alone.
func (t Target) judge(ctx context.Context, p *Staging, now time.Time) ([]judgement, error) {
	out := make([]judgement, len(p.batches))
	err := each(ctx, p.batches, func(ctx context.Context, i int, b *batch) (err error) {
		out[i], err = t.judgeOne(ctx, p, b, now)
		return err
	})
	return out, err
}

func (t Target) judgeOne(ctx context.Context, p *Staging, b *batch, now time.Time) (judgement, error) {
	facts, err := p.read(b)
	if err != nil {
		return judgement{}, err
	}
	s, fresh, wrong, err := t.fresh(ctx, b.account, facts)
	if err != nil {
		return judgement{}, err
	}
	j := judgement{isNew: s.N == 0, facts: len(fresh), told: len(facts) - len(fresh), faults: wrong}
	described := s.N > 0
	for _, f := range fresh {
		if a, ok := f.fact.Payload.(licence.AccountChanged); ok {
			described = true
			j.against(s, f.line, a)
			if err := t.taken(ctx, p, b, f.line, s, a, &j); err != nil {
				return j, err
			}
		}
	}
	if !described {
		column, cure := "data.account", "add its account.changed to the file"
		if b.sheet {
			column, cure = "account", "take it in by a whole sheet first"
		}
		j.faults = append(j.faults, fault{b.line, "", column, b.account, "is no customer that is known: " + cure})
	}
	for _, f := range fresh {
		if p, ok := f.fact.Payload.(licence.LicenceReported); ok && described && f.figures && !s.Known.Profile.Account.Value.Lists(p.CustID) {
			j.faults = append(j.faults, fault{f.line, "", "cust_id", p.CustID, "is no installation of " + b.account + ": correct it, or take the customer in by a whole sheet"})
		}
	}
	if len(j.faults) > 0 {
		return j, nil
	}
	if s, err = t.imagine(ctx, s, fresh, now); err != nil {
		return j, fmt.Errorf("line %d: %w", b.line, err)
	}
	d := diagnosis.Diagnose(s, now, now)
	j.policy, j.summary, j.name = s.MailPolicy(), d.Summary, s.Known.Profile.Account.Value.Name
	j.nobody = !slices.ContainsFunc(s.Known.Profile.Account.Value.Contacts, func(c licence.Contact) bool { return c.Role == licence.Admin })
	j.states = map[licence.Code]licence.FindingState{}
	for _, f := range d.Findings {
		if j.states[f.Code] != licence.Open {
			j.states[f.Code] = f.State
		}
		if f.State == licence.Open && f.Deadline.ActBy != "" && (j.actBy == "" || f.Deadline.ActBy < j.actBy) {
			j.actBy = f.Deadline.ActBy
		}
	}
	return j, nil
}

// taken looks for names that lead to another customer: one who is not in the file keeps them.
func (t Target) taken(ctx context.Context, p *Staging, b *batch, line int, s licence.State, a licence.AccountChanged, j *judgement) error {
	if t.Store == nil {
		return nil
	}
	own := licence.Names(s.Known.Profile.Account.Value)
	for _, n := range licence.Names(a) {
		if s.N > 0 && slices.Contains(own, n) {
			continue
		}
		other, err := t.resolve(ctx, n)
		if err != nil {
			return err
		}
		if other == "" || other == b.account {
			continue
		}
		if _, here := p.claims[licence.Name{Sender: "account", ID: other}]; here {
			j.needs = append(j.needs, other) // else both of them claimed it, which was said
			continue
		}
		j.faults = append(j.faults, fault{line, "", placeOf(a, n, b.sheet), n.ID, fmt.Sprintf("leads to %s, who is stored already: correct it, or tell %s without it first", other, other)})
	}
	return nil
}

// knots are customers of whom each needs what another gives up last: none of them can be first.
func knots(p *Staging, judged []judgement, f *Faults) {
	left := map[string]int{}
	for i, b := range p.batches {
		if len(judged[i].needs) > 0 {
			left[b.account] = i
		}
	}
	for {
		before := len(left)
		for account, i := range left {
			if !slices.ContainsFunc(judged[i].needs, func(other string) bool { _, waits := left[other]; return waits }) {
				delete(left, account)
			}
		}
		if len(left) == before {
			break
		}
	}
	for i, b := range p.batches {
		if _, tied := left[b.account]; tied {
			f.add(b.line, "account", b.account, fmt.Sprintf("takes over what %s has, and that one waits for others in turn: tell one of them without it first", judged[i].needs[0]))
		}
	}
}

// resolve gives the account that a name leads to; "": none.
func (t Target) resolve(ctx context.Context, names ...licence.Name) (string, error) {
	if t.Store == nil {
		return "", nil
	}
	account, err := t.Store.Resolve(ctx, names...)
	if errors.Is(err, store.ErrNoAccount) {
		return "", nil
	}
	return account, err
}

// imagine folds facts into a state as the engine would, and writes nothing.
func (t Target) imagine(ctx context.Context, s licence.State, facts []placedFact, now time.Time) (licence.State, error) {
	people := licence.Items{}
	for _, f := range facts {
		fact := f.fact
		switch p := fact.Payload.(type) {
		case licence.SeatsListed:
			list, rows, _ := licence.Stage(fact, "", peopleAt(people, s.Known.Inst(p.CustID)))
			fact.Payload = list
			for _, seat := range rows {
				people[seat.Key()] = seat
			}
		case licence.SeatChanged:
			key := s.Known.SeatKey(p)
			if _, ok := people[key]; !ok && t.Store != nil && s.N > 0 {
				l, err := t.Store.Load(ctx, s.Account, store.Want{Seats: []licence.Key{key}})
				if err != nil {
					return s, err
				}
				for k, seat := range l.Seats {
					people[k] = seat
				}
			}
		}
		c, out, err := casework.Step(s, people, fact, now)
		if err != nil {
			return s, err
		}
		if out.Result == "unchanged" {
			continue
		}
		for _, seat := range c.Seats {
			people[seat.Key()] = seat
		}
		s = licence.State{Account: s.Account, N: s.N + 1, Known: c.Known, History: c.History, Settings: s.Settings}
	}
	return s, nil
}

func peopleAt(all licence.Items, i *licence.KnownInstallation) []licence.Seat {
	var out []licence.Seat
	for k, seat := range all {
		if k.CustID == i.CustID && k.Roster == i.Roster.ID {
			out = append(out, seat)
		}
	}
	return out
}
