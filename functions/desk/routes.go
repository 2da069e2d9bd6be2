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
	(&deskVisit{Desk: a, w: w, r: r, g: reads(r)}).failed(app.ErrPanic)
}

// Mails gives the engine what mails the staff: links that sign them in, and lists of what waits for
// a desk. No send: they lie in the inbox.
func Mails(c *app.App, send effects.Sender) {
	a := mailer{of(c), send}
	c.Engine.Do[licence.SignIn], c.Engine.Do[licence.DeskList] = a.mailSignIn, a.mailList
}
