// Command support is the function of that name.
package main

import (
	"seatmend/functions/app"
	"seatmend/functions/desk"
)

func main() { app.Main("support", desk.Routes, app.Outside, desk.SignIn) }
