package desk

import (
	"sync"

	"seatmend/functions/app"
)

// Desk is what the handlers of this folder are methods of.
type Desk struct {
	*app.App
	seen *seen
}

// seen is what a process has counted lately.
type seen struct {
	sync.Mutex
	overview overview
}

func of(a *app.App) *Desk { return &Desk{a, &seen{}} }
