// Command loginwarning is the function of that name.
package main

import (
	"seatmend/functions/app"
	"seatmend/functions/login"
)

func main() { app.Main("loginwarning", login.Routes) }
