// Command billing is the function of that name.
package main

import (
	"seatmend/functions/app"
	"seatmend/functions/hooks"
)

func main() { app.Main("billing", hooks.Webhooks) }
