// Command sweep is the function of that name.
package main

import (
	"seatmend/functions/app"
	"seatmend/functions/desk"
)

func main() { app.Main("sweep", nil, app.Outside, desk.SignIn) }
