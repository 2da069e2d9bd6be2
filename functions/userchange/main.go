// Command userchange is the function of that name.
package main

import "seatmend/functions"

func main() { functions.Main("userchange", functions.HookRoutes) }
