package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"seatmend/shared/casework"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// atOnce is how many parked facts are folded in one go.
const atOnce = 50

// Match folds what was parked under an account's new names, and has the account of a customer count no longer those
// of its subscriptions that this one lists by themselves. What is more than fits into one go stays owed.
func (e *Engine) Match(ctx context.Context, s licence.State, f licence.Effect) ([]licence.Payload, licence.Result, error) {
	left, full := atOnce, error(nil)
	for _, n := range f.Names {
		if err := e.ours(ctx, s, n); err != nil {
			return nil, licence.Result{}, err
		}
		stay := map[string]bool{} // what stays parked holds up nothing that lies behind it
		for seen := -1; seen < len(stay); {
			seen = len(stay)
			parked, err := e.Store.UnmatchedFor(ctx, n, seen+left+1)
			if err != nil {
				return nil, licence.Result{}, err
			}
			for _, p := range parked {
				if stay[p.Fact.ID] {
					continue
				}
				if left == 0 {
					return nil, licence.Result{Outcome: "failed", Retry: e.Now()}, nil
				}
				stays, err := e.unpark(ctx, s.Account, p.Fact)
				switch {
				case err != nil && !stays:
					return nil, licence.Result{}, err
				case stays:
					stay[p.Fact.ID], full = true, errors.Join(full, err)
				default:
					left--
				}
			}
		}
	}
	return nil, licence.Result{Outcome: "done"}, full
}

// ours takes a subscription that an account lists by its name from the account that its customer leads to: that
// learned of it by him.
func (e *Engine) ours(ctx context.Context, s licence.State, n licence.Name) error {
	for _, b := range s.Known.Profile.Account.Value.Billing {
		if b.Subscription != n.ID || b.Sender != n.Sender {
			continue
		}
		account, err := e.Store.Resolve(ctx, licence.Name{Sender: b.Sender, ID: b.ID})
		if err == nil && account != s.Account {
			_, err = e.GiveUp(ctx, account, n)
		}
		if err != nil && !errors.Is(err, store.ErrNoAccount) {
			return err
		}
	}
	return nil
}

// unpark folds a fact that was parked, and forgets it as such. It stays parked until somebody makes room, until
// the version comes that knows it, or, without an error, where its names lead nowhere any more.
func (e *Engine) unpark(ctx context.Context, account string, f licence.Fact) (stays bool, err error) {
	out, err := e.apply(ctx, licence.Loaded{}, f)
	if code := refusal(err); code != "" {
		// What is parked behind it does not wait.
		out.Account, err = account, e.refuse(ctx, account, f, code, err)
	}
	if err != nil {
		return errors.Is(err, store.ErrFull) || errors.Is(err, errLater), err
	}
	if out.Account == "" {
		return true, nil
	}
	// A cut here: the fact is in and still parked; folding it again is a duplicate, and so is setting it aside.
	return false, e.Store.DropUnmatched(ctx, f)
}

// refusal is the code of an error that a fact meets however often it is tried; "": it is ours, and
// may pass.
func refusal(err error) string {
	switch {
	case errors.Is(err, store.ErrConflictingReplay):
		return "conflicting_replay"
	case errors.As(err, new(*licence.TooMuch)), errors.As(err, new(*store.NameTaken)), errors.Is(err, store.ErrTooLarge):
		return "invalid"
	}
	return ""
}

// RefusedFact is where an aside came from that is a fact which was parked, and not a sender's body.
const RefusedFact = "/parked"

// mostAside is how many bytes of a refused fact are kept: an item of DynamoDB holds no more of them.
const mostAside = 256 << 10

// refuse sets aside a fact that was taken while its account was not known, and does not fit there.
func (e *Engine) refuse(ctx context.Context, account string, f licence.Fact, code string, why error) error {
	body, err := json.Marshal(f)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(append([]byte(RefusedFact+"\n"), body...))
	e.Log.Error("unpark", "account", account, "id", f.ID, "error", why.Error())
	return e.Reject(ctx, account, store.Rejected{
		ID: hex.EncodeToString(sum[:12]), Sender: f.Source, Account: account, Route: RefusedFact, Body: body[:min(len(body), mostAside)], Code: code, Message: why.Error(), At: e.Now(),
	})
}

// Reject keeps for a person what cannot be used, with a line at the customer that it seems to be
// about ("": nobody that we know), and tells ops.
func (e *Engine) Reject(ctx context.Context, account string, x store.Rejected) error {
	if err := e.Store.Reject(ctx, x); err != nil {
		return err
	}
	if account != "" {
		if err := e.Record(ctx, account, e.asideLine(ctx, account, x)); err != nil {
			return err
		}
	}
	return e.Operations(ctx, licence.SetAside, licence.Subject{Kind: "source", ID: x.Sender})
}

// asideLine is what a customer's case says of what was set aside; it says so once.
func (e *Engine) asideLine(ctx context.Context, account string, x store.Rejected) func(licence.State) ([]licence.Row, []licence.Name, error) {
	return func(licence.State) ([]licence.Row, []licence.Name, error) {
		if _, there, err := e.Store.Row(ctx, account, "aside", x.ID); err != nil || there {
			return nil, nil, err
		}
		x.Body, x.Header = nil, nil
		line, err := json.Marshal(x)
		return []licence.Row{{Kind: "aside", ID: x.ID, Body: line, Ends: x.At.Add(store.FactLife)}}, nil, err
	}
}

// Release gives up the names that a directory no longer lists: the commit that marks it done does.
func (e *Engine) Release(context.Context, licence.State, licence.Effect) ([]licence.Payload, licence.Result, error) {
	return nil, licence.Result{Outcome: "done"}, nil
}

// Count lets what a person read off a screen count, if it was not taken back: that is decided on the
// very state that it is written to.
func (e *Engine) Count(ctx context.Context, s licence.State, f licence.Effect) ([]licence.Payload, licence.Result, error) {
	var fault error
	err := e.Change(ctx, s.Account, func(s licence.State) (c licence.Change, ok bool) {
		c, ok, fault = casework.Counted(s, f.CustID, e.Now())
		return c, ok
	})
	return nil, licence.Result{Outcome: "done"}, errors.Join(err, fault)
}

// reading is how long somebody may still read the rows of a roster after another was named.
const reading = time.Minute

// Prune drops the rows of a roster that no commit names any more. It comes a while later:
// whoever loaded the account before is still to find them whole.
func (e *Engine) Prune(ctx context.Context, s licence.State, f licence.Effect) ([]licence.Payload, licence.Result, error) {
	if s.Known.Inst(f.CustID).Roster.ID == f.Roster {
		return nil, licence.Result{Outcome: "done"}, nil // it is the present one again
	}
	if f.Fails == 0 {
		return nil, licence.Result{Outcome: "failed", Retry: e.Now().Add(reading)}, nil
	}
	if err := e.Store.PruneRoster(ctx, s.Account, f.CustID, f.Roster); err != nil {
		return nil, licence.Result{}, fmt.Errorf("prune: %w", err)
	}
	return nil, licence.Result{Outcome: "done"}, nil
}
