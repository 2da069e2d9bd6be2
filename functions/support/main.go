// Command support is the function of that name.
package main

import (
	"seatmend/functions/app"
	"seatmend/functions/desk"
	"seatmend/functions/outside"
)

func main() { app.Main("support", desk.Routes, outside.OnAWS(desk.Mails)) }
