package functions

import "context"

// Sweep looks at every account at which something is due. It is the schedule's, and what finds
// whatever a lost wake-up left behind.
func (a *App) Sweep(ctx context.Context) error {
	n, err := a.Engine.Sweep(ctx)
	a.Log.Info("sweep", "accounts", n)
	return err
}
