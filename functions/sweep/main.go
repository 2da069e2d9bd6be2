// Command sweep is the function of that name.
package main

import "seatmend/functions"

func main() { functions.Main("sweep", nil, functions.SignIn) }
