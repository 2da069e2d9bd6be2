package api

import "seatmend/functions/app"

// API is what the handlers of this folder are methods of.
type API struct{ *app.App }

func of(a *app.App) *API { return &API{a} }
