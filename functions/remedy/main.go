// Command remedy is the function of that name.
package main

import (
	"slices"

	"seatmend/functions/app"
	"seatmend/functions/hooks"
	"seatmend/functions/outside"
	"seatmend/functions/page"
)

func main() { app.Main("remedy", slices.Concat(page.Routes, hooks.Webhooks), outside.OnAWS()) }
