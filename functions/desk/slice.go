package desk

import "seatmend/functions/app"

// Desk is what the handlers of this folder are methods of.
type Desk struct{ *app.App }

func of(a *app.App) *Desk { return &Desk{a} }
