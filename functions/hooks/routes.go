package hooks

import (
	"net/http"

	"seatmend/functions/app"
	"seatmend/functions/page"
)

// Webhooks are where the senders of billing and of users speak.
var Webhooks = []app.Route{
	{Method: "POST", Pattern: "/billing/{sender}", Function: "billing", Handler: forHook(hook("billing"))},
	{Method: "POST", Pattern: "/users/{sender}", Function: "userchange", Handler: forHook(hook("users"))},
	{Method: "POST", Pattern: "/users/superoffice/{cust_id}", Function: "userchange", Handler: forHook(hook("users"))},
}

// Warnings are where a login warning is told, and where its reader asks.
var Warnings = []app.Route{
	{Method: "POST", Pattern: "/login-warnings", Function: "loginwarning", Handler: forHook(loginWarning)},
	{Method: "GET", Pattern: "/help", Function: "loginwarning", Handler: forHelp(helpForm)},
	{Method: "POST", Pattern: "/help", Function: "loginwarning", Handler: forHelp(helpAnswer)},
}

// forHook gives a handler its App, and guards it: a program reads JSON.
func forHook(h func(*Hooks) http.HandlerFunc) func(*app.App) http.HandlerFunc {
	return func(c *app.App) http.HandlerFunc { return c.Guard(h(of(c)), nil).ServeHTTP }
}

// forHelp does so where a person reads.
func forHelp(h func(*Hooks) http.HandlerFunc) func(*app.App) http.HandlerFunc {
	return func(c *app.App) http.HandlerFunc {
		return c.Guard(h(of(c)), (&page.Page{App: c}).BrokenPage).ServeHTTP
	}
}
