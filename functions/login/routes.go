package login

import (
	"net/http"

	"seatmend/functions/app"
	"seatmend/functions/page"
)

// Routes are where a login warning is told, where its reader asks, and where a watch does.
var Routes = []app.Route{
	{Method: "POST", Pattern: "/login-warnings", Function: "loginwarning", Handler: forHook(loginWarning)},
	{Method: "GET", Pattern: "/help", Function: "loginwarning", Handler: forHelp(helpForm)},
	{Method: "POST", Pattern: "/help", Function: "loginwarning", Handler: forHelp(helpAnswer)},
	{Method: "GET", Pattern: "/healthz", Function: "loginwarning", Handler: forHook(health)},
	{Pattern: app.Rest, Function: "loginwarning", Handler: forHelp(rest)},
}

// forHook gives a handler its App, and guards it: a program reads JSON.
func forHook(h func(*Login) http.HandlerFunc) func(*app.App) http.HandlerFunc {
	return func(c *app.App) http.HandlerFunc { return c.Guard(h(of(c)), nil).ServeHTTP }
}

// forHelp does so where a person reads.
func forHelp(h func(*Login) http.HandlerFunc) func(*app.App) http.HandlerFunc {
	return func(c *app.App) http.HandlerFunc {
		return c.Guard(h(of(c)), (&page.Page{App: c}).BrokenPage).ServeHTTP
	}
}
