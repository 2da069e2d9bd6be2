// Command deliver is the function of that name.
package main

import "seatmend/functions"

func main() { functions.Main("deliver", nil, functions.SignIn) }
