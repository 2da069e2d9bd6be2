package desk

import (
	"net/http"

	"seatmend/functions/app"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
)

// Routes are the staff's screen.
var Routes = []app.Route{
	{Method: "GET", Pattern: "/support", Function: "support", Handler: forDesk(support)},
	{Method: "GET", Pattern: "/support/{proxy...}", Function: "support", Handler: forDesk(support)},
	{Method: "POST", Pattern: "/support/{proxy...}", Function: "support", Handler: forDesk(support)},
}

// forDesk gives a handler its App, and guards it.
func forDesk(h func(*Desk) http.HandlerFunc) func(*app.App) http.HandlerFunc {
	return func(c *app.App) http.HandlerFunc {
		a := of(c)
		return c.Guard(h(a), a.brokenDesk).ServeHTTP
	}
}

func (a *Desk) brokenDesk(w http.ResponseWriter, r *http.Request) {
	(&deskVisit{Desk: a, w: w, r: r}).failed(app.ErrPanic)
}

// SignIn gives the engine what mails links to the staff.
func SignIn(c *app.App, send effects.Sender) {
	c.Engine.Do[licence.SignIn] = signer{of(c), send}.mailSignIn
}
