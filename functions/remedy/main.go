// Command remedy is the function of that name.
package main

import (
	"seatmend/functions/app"
	"seatmend/functions/outside"
	"seatmend/functions/page"
)

func main() { app.Main("remedy", page.Routes, outside.OnAWS()) }
