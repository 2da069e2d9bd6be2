// Command reply is the function of that name.
package main

import (
	"seatmend/functions/app"
	"seatmend/functions/replies"
)

func main() { app.Main("reply", nil, replies.Function) }
