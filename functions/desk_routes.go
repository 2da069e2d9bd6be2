package functions

import (
	"net/http"

	"seatmend/shared/licence"
)

// DeskRoutes are the staff's screen.
var DeskRoutes = []Route{
	{"GET", "/support", "support", forDesk(support)},
	{"GET", "/support/{proxy...}", "support", forDesk(support)},
	{"POST", "/support/{proxy...}", "support", forDesk(support)},
}

// forDesk gives a handler its App, and guards it.
func forDesk(h func(*App) http.HandlerFunc) func(*core) http.HandlerFunc {
	return func(c *core) http.HandlerFunc {
		a := ofDesk(c)
		return c.Guard(h(a), a.brokenDesk).ServeHTTP
	}
}

func ofDesk(c *core) *App { return c }

func (a *App) brokenDesk(w http.ResponseWriter, r *http.Request) {
	(&deskVisit{App: a, w: w, r: r}).failed(errPanic)
}

// SignIn gives the engine what mails links to the staff.
func SignIn(c *core) { c.Engine.Do[licence.SignIn] = ofDesk(c).mailSignIn }
