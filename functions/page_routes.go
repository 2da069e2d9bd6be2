package functions

import "net/http"

// PageRoutes are the customer's page.
var PageRoutes = []Route{
	{"GET", "/r/{token}", "remedy", forPage(page)},
	{"GET", "/r/{token}/{proxy...}", "remedy", forPage(below)},
	{"POST", "/r/{token}/{proxy...}", "remedy", forPage(act)},
}

// forPage gives a handler its App, and guards it.
func forPage(h func(*App) http.HandlerFunc) func(*core) http.HandlerFunc {
	return func(c *core) http.HandlerFunc {
		a := ofPage(c)
		return c.Guard(h(a), a.brokenPage).ServeHTTP
	}
}

func ofPage(c *core) *App { return c }

// brokenPage says that something of ours went wrong.
func (a *App) brokenPage(w http.ResponseWriter, r *http.Request) {
	a.plain(w, r, http.StatusServiceUnavailable, "fault", visit{token: r.PathValue("token")})
}
