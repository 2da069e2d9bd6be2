// Command sweep is the function of that name.
package main

import (
	"seatmend/functions/app"
	"seatmend/functions/desk"
	"seatmend/functions/outside"
)

func main() { app.Main("sweep", nil, app.Schedule, outside.OnAWS(desk.Mails)) }
