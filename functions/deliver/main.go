// Command deliver is the function of that name.
package main

import (
	"seatmend/functions/app"
	"seatmend/functions/desk"
	"seatmend/functions/outside"
)

func main() { app.Main("deliver", nil, app.Stream, outside.OnAWS(desk.Mails)) }
