package hooks

import "seatmend/functions/app"

// Hooks is what the handlers of this folder are methods of.
type Hooks struct{ *app.App }

func of(a *app.App) *Hooks { return &Hooks{a} }
