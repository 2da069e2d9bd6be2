// Command accounts is the function of that name.
package main

import (
	"seatmend/functions/api"
	"seatmend/functions/app"
)

func main() { app.Main("accounts", api.Routes) }
