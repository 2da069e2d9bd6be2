package casework

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"seatmend/shared/licence"
)

// Step puts one fact into a state: Fold, then Settle. It is pure: the same state, people, fact
// and time give the same change.
func Step(s licence.State, seats licence.Items, f licence.Fact, now time.Time) (licence.Change, licence.Outcome, error) {
	if f.At.After(now.Add(licence.Ahead)) {
		return licence.Change{}, licence.Outcome{}, fmt.Errorf("%w: it is stamped %s, more than five minutes ahead of our clock", ErrAhead, f.At.UTC().Format(time.RFC3339))
	}
	if p, ok := f.Payload.(licence.SeatsChosen); ok && p.After != s.Known.Profile.Choices[p.Fingerprint].ID {
		return licence.Change{}, licence.Outcome{Account: s.Account, Result: "overtaken"}, nil
	}
	known, moved, parts := s.Known.Fold(f, seats)
	out := licence.Outcome{Account: s.Account, Result: "applied"}
	if len(parts) == 0 {
		out.Result = "unchanged"
		return licence.Change{}, out, nil
	}
	for _, p := range parts {
		if err := known.Fit(p, func(a0 string) int { return open(&s.History, a0) }); err != nil {
			return licence.Change{}, out, err
		}
	}
	if !licence.Within(f, licence.MaxPart) {
		return licence.Change{}, out, &licence.TooMuch{What: "fact", Bytes: licence.Size(f)}
	}
	c := licence.Change{Account: s.Account, N: s.N, Fact: &f, Known: known, Parts: parts}
	for _, seat := range moved {
		c.Seats = append(c.Seats, seat)
	}
	if p, ok := f.Payload.(licence.LicenceReported); ok && strings.HasPrefix(f.ID, licence.ReadPrefix) {
		s.History.Drift = count(s.History.Drift, s.Known.Inst(p.CustID), p, f.At)
	}
	if p, ok := f.Payload.(licence.SeatChanged); ok {
		known.Inst(p.CustID).Roster.Mark(p.User.ID, s.N+1)
	}
	if p, ok := f.Payload.(licence.InvoiceChanged); ok && s.Known.Invoices.Licence[p.Invoice] == nil {
		c.Add = append(c.Add, licence.Effect{Kind: licence.Index, Ripe: now}) // found by its number from now on
	}
	if p, ok := f.Payload.(licence.SeatsListed); ok {
		if old := s.Known.Inst(p.CustID).Roster.ID; old != known.Inst(p.CustID).Roster.ID {
			c.Add = append(c.Add, licence.Effect{Kind: licence.Prune, Ripe: now, CustID: licence.Lower(p.CustID), Roster: old})
		}
		for _, seat := range p.Moved {
			c.Seats = append(c.Seats, seat)
			known.Inst(p.CustID).Roster.Mark(seat.User.Value.ID, s.N+1)
		}
	}
	if p, ok := f.Payload.(licence.SeatsChosen); ok {
		c.Rows = append(c.Rows, choiceRow(f.ID, p, f.At))
	}
	if slices.Contains(parts, "invoices") && !known.Invoices.SameNames(s.Known.Invoices) {
		c.Claim, c.Release = claimed(s.Known.Invoices.Names(), known.Invoices.Names())
	} else if slices.Contains(parts, "orders") {
		c.Claim, c.Release = claimed(s.Known.Orders.Names(), known.Orders.Names())
	}
	if len(c.Claim) > 0 {
		c.Add = append(c.Add, licence.Effect{Kind: licence.Match, Ripe: now, Names: c.Claim})
	}
	if a, ok := f.Payload.(licence.AccountChanged); ok && known.Profile.Account.ID == f.ID {
		c.Claim, c.Release = claims(s.Known.Profile.Account.Value, a)
		if len(c.Claim) > 0 {
			c.Add = append(c.Add, licence.Effect{Kind: licence.Match, Ripe: now, Names: c.Claim})
		}
		if !reflect.DeepEqual(s.Known.Profile.Account.Value, known.Profile.Account.Value) {
			c.Add = append(c.Add, licence.Effect{Kind: licence.Index, Ripe: now})
		}
	}
	c.Release = unheld(c.Release, known)
	if len(c.Claim)+len(c.Release) > maxNames {
		c.Add, c.Release = append(c.Add, licence.Effect{Kind: licence.Release, Ripe: now, Names: c.Release}), nil
	}
	s.Known = known
	settle(&c, s, nil, now)
	out.Effects = len(c.Add) > 0
	return c, out, nil
}

// Tick lets time pass: it settles what is due by now, and nothing is told. It always gives a
// change to commit.
func Tick(s licence.State, now time.Time) licence.Change {
	c := licence.Change{Account: s.Account, N: s.N, Known: s.Known}
	settle(&c, s, nil, now)
	return c
}

// Finish records what an executor did with an effect, and drops it from the outbox.
func Finish(s licence.State, d licence.Result, now time.Time) licence.Change {
	c := licence.Change{Account: s.Account, N: s.N, Known: s.Known, Rows: d.Rows, Claim: d.Claim}
	if d.Effect.Kind == licence.Release && d.Outcome == "done" {
		c.Release = unheld(d.Effect.Names, s.Known)
	}
	settle(&c, s, []licence.Result{d}, now)
	return c
}

// maxNames is how many names one commit claims and gives up. What it claims, at most 80, it claims
// at once; with more than this in all, what it gives up follows as an effect.
const maxNames = 80

// ErrAhead refuses a fact that is stamped ahead of our clock.
var ErrAhead = fmt.Errorf("the timestamp lies in the future")

// claims are the names that a newer directory adds, and those that it no longer lists.
func claims(was, is licence.AccountChanged) (claim, release []licence.Name) {
	old := []licence.Name(nil)
	if was.Account != "" {
		old = licence.Names(was)
	}
	return claimed(old, licence.Names(is))
}

// unheld are those of the names that nothing which is known has: a directory may list what is no longer told of, and
// what it lists no longer may be told of still.
func unheld(names []licence.Name, known licence.Known) (out []licence.Name) {
	if len(names) == 0 {
		return nil
	}
	held := known.Names()
	for _, n := range names {
		if !slices.Contains(held, n) {
			out = append(out, n)
		}
	}
	return out
}

// claimed are the names that are new, and those that are no more.
func claimed(old, now []licence.Name) (claim, release []licence.Name) {
	for _, n := range now {
		if !slices.Contains(old, n) {
			claim = append(claim, n)
		}
	}
	for _, n := range old {
		if !slices.Contains(now, n) {
			release = append(release, n)
		}
	}
	return claim, release
}
