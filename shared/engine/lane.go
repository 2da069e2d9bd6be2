package engine

import (
	"context"
	"maps"
	"sync"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// lanes are where those wait who write the same account in this process: one decides at a time, on
// what the one before has written, so that they do not overtake each other. Writers in other
// processes are found out by the store, as ever.
type lanes struct {
	mu  sync.Mutex
	all map[string]*lane
}

// mostLanes is how many accounts are remembered of which nobody is at.
const mostLanes = 512

// A lane is an account's. It remembers the state that this process wrote last: as long as that is
// the state, nobody reads it again.
type lane struct {
	account string
	turn    chan struct{} // full while somebody decides
	users   int           // who is in it or waits for a turn; lanes.mu guards it

	mu    sync.Mutex
	idle  *sync.Cond                   // nothing is on its way
	state licence.State                // as written last; N 0: not known
	seats map[licence.Key]licence.Seat // of those commits that are on their way
	going int                          // commits that are on their way
	last  *store.Mark                  // the one of them whose state it is
}

func newLane(account string) *lane {
	n := &lane{account: account, turn: make(chan struct{}, 1)}
	n.idle = sync.NewCond(&n.mu)
	return n
}

// enter waits for a turn at the account.
func (l *lanes) enter(ctx context.Context, account string) (*lane, error) {
	l.mu.Lock()
	if l.all == nil {
		l.all = map[string]*lane{}
	}
	n := l.all[account]
	if n == nil {
		n = newLane(account)
		l.all[account] = n
	}
	n.users++
	l.mu.Unlock()
	if err := ctx.Err(); err != nil { // who has no time left begins nothing, though the turn be free
		l.leave(n)
		return nil, err
	}
	select {
	case n.turn <- struct{}{}:
		return n, nil
	case <-ctx.Done():
		l.leave(n)
		return nil, ctx.Err()
	}
}

// leave forgets some lane that nobody is in, where there are too many.
func (l *lanes) leave(n *lane) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n.users--
	if len(l.all) <= mostLanes {
		return
	}
	for account, other := range l.all {
		if other.users == 0 {
			delete(l.all, account)
			return
		}
	}
}

// pass gives the turn to the next one.
func (n *lane) pass() { <-n.turn }

// held is the state that the lane knows, and what is on its way: the people, and the change that gave
// this state. Where there is one no store knows the state yet, else a store is to be asked whether it
// still is the state.
func (n *lane) held() (s licence.State, seats map[licence.Key]licence.Seat, on *store.Mark) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.state, maps.Clone(n.seats), n.last
}

// busy tells whether anything is on its way, so that what a store says of the account is old.
func (n *lane) busy() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.going > 0
}

// quiet waits until nothing is on its way. Whoever has the turn waits for what began before.
func (n *lane) quiet() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for n.going > 0 {
		n.idle.Wait()
	}
}

// begin writes a change that was decided on state was, which change on gives if that is on its way.
// Where the store can, the next one decides before it is durable; end tells how it ended, and must be
// called. The turn is the caller's until then, or until it passes it on.
func (e *Engine) begin(ctx context.Context, n *lane, was licence.State, on *store.Mark, c licence.Change) (end func() error) {
	begun := store.Begin(ctx, e.Store, c, on)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.state = licence.State{Account: c.Account, N: c.N + 1, Known: c.Known, History: c.History, Settings: was.Settings}
	n.last = begun.Mark
	if begun.Mark == nil {
		err := begun.Wait()
		if err != nil {
			n.state = licence.State{} // nobody decides on what was refused
		}
		return func() error { return err }
	}
	if n.seats == nil {
		n.seats = map[licence.Key]licence.Seat{}
	}
	for _, s := range c.Seats {
		n.seats[s.Key()] = s
	}
	n.going++
	return func() error {
		err := begun.Wait()
		n.mu.Lock()
		defer n.mu.Unlock()
		if err != nil {
			n.state, n.seats, n.last = licence.State{}, nil, nil // what was decided on it will be refused
		}
		if n.going--; n.going == 0 {
			n.seats, n.last = nil, nil
			n.idle.Broadcast()
		}
		return err
	}
}

// alone decides and writes while nobody else in this process is at the account.
func (e *Engine) alone(ctx context.Context, was licence.State, c licence.Change) error {
	n, err := e.lanes.enter(ctx, c.Account)
	if err != nil {
		return err
	}
	defer e.lanes.leave(n)
	defer n.pass()
	n.quiet()
	end := e.begin(ctx, n, was, nil, c)
	return end()
}
