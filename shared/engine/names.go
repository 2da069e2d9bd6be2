package engine

import (
	"context"
	"sync"

	"seatmend/shared/licence"
)

// mostNames is how many names are remembered: then all are looked up anew.
const mostNames = 20_000

// names are the accounts to which names led when they were looked up. Whoever goes by one proves it by
// what the account says of itself, and forgets it where that is otherwise.
type names struct {
	mu  sync.Mutex
	all map[licence.Name]string
}

func (n *names) of(name licence.Name) (account string, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	account, ok = n.all[name]
	return account, ok
}

func (n *names) keep(name licence.Name, account string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.all == nil || len(n.all) >= mostNames {
		n.all = map[licence.Name]string{}
	}
	n.all[name] = account
}

// AccountOf is where a name leads, or led when this process looked it up: the caller proves it, and forgets
// it where it is no longer so. ErrNoAccount: nowhere.
func (e *Engine) AccountOf(ctx context.Context, name licence.Name) (string, error) {
	if account, ok := e.names.of(name); ok {
		return account, nil
	}
	account, err := e.Store.Resolve(ctx, name)
	if err == nil {
		e.names.keep(name, account)
	}
	return account, err
}

// Forget has a name looked up anew.
func (e *Engine) Forget(name licence.Name) {
	e.names.mu.Lock()
	defer e.names.mu.Unlock()
	delete(e.names.all, name)
}
