package app

import "context"

// Schedule has a function hear the schedule.
func Schedule(a *App) error {
	a.hears = a.Sweep
	return nil
}

// Sweep looks at every account at which something is due. It is the schedule's, and what finds
// whatever a lost wake-up left behind. What it has no time for stays due, and the next one finds it.
func (a *App) Sweep(ctx context.Context) error {
	ctx, cancel := inTime(ctx)
	defer cancel()
	swept, err := a.Engine.Sweep(ctx)
	a.Log.Info("sweep", "accounts", swept.Reached, "busy", swept.Busy, "left", swept.Left, "failed", len(swept.Failed))
	return err
}
