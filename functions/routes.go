// Package functions is all functions together, as the local run and the tests have them.
package functions

import (
	"slices"

	"seatmend/functions/api"
	"seatmend/functions/desk"
	"seatmend/functions/hooks"
	"seatmend/functions/login"
	"seatmend/functions/page"
)

// Routes is every route there is. A test holds template.yaml to it.
var Routes = slices.Concat(hooks.Webhooks, login.Routes, page.Routes, desk.Routes, api.Routes)
