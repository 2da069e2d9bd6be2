// Command loginwarning is the function of that name.
package main

import "seatmend/functions"

func main() { functions.Main("loginwarning", functions.HookRoutes) }
