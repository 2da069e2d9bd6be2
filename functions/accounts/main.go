// Command accounts is the function of that name.
package main

import "seatmend/functions"

func main() { functions.Main("accounts", functions.APIRoutes) }
