// Command support is the function of that name.
package main

import "seatmend/functions"

func main() { functions.Main("support", functions.DeskRoutes, functions.SignIn) }
