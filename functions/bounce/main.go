// Command bounce is the function of that name.
package main

import "seatmend/functions/app"

func main() { app.Main("bounce", nil, app.MailEvents) }
