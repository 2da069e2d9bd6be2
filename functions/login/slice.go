package login

import (
	"seatmend/functions/app"
	"seatmend/functions/hooks"
)

// Login is what the handlers of this folder are methods of: a warning comes in as a webhook does.
type Login struct{ hooks.Hooks }

func of(a *app.App) *Login { return &Login{hooks.Hooks{App: a}} }
