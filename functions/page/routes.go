package page

import (
	"net/http"

	"seatmend/functions/app"
)

// Routes are the customer's page.
var Routes = []app.Route{
	{Method: "GET", Pattern: "/r/{token}", Function: "remedy", Handler: forPage(page)},
	{Method: "GET", Pattern: "/r/{token}/{proxy...}", Function: "remedy", Handler: forPage(below)},
	{Method: "POST", Pattern: "/r/{token}/{proxy...}", Function: "remedy", Handler: forPage(act)},
	{Method: "GET", Pattern: "/unsubscribe/{token}", Function: "remedy", Handler: forPage(unsubscribe)},
	{Method: "POST", Pattern: "/unsubscribe/{token}", Function: "remedy", Handler: forPage(unsubscribe)},
}

// forPage gives a handler its App, and guards it.
func forPage(h func(*Page) http.HandlerFunc) func(*app.App) http.HandlerFunc {
	return func(c *app.App) http.HandlerFunc {
		a := of(c)
		return c.Guard(h(a), a.BrokenPage).ServeHTTP
	}
}

// BrokenPage says that something of ours went wrong.
func (a *Page) BrokenPage(w http.ResponseWriter, r *http.Request) {
	a.Plain(w, r, http.StatusServiceUnavailable, "fault", Request{token: r.PathValue("token")})
}
