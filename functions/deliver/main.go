// Command deliver is the function of that name.
package main

import (
	"seatmend/functions/app"
	"seatmend/functions/desk"
)

func main() { app.Main("deliver", nil, app.Outside, desk.SignIn) }
