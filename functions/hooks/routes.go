package hooks

import (
	"net/http"

	"seatmend/functions/app"
	"seatmend/shared/webhook"
)

// Webhooks are where the senders of billing and of users speak.
var Webhooks = []app.Route{
	{Method: "POST", Pattern: "/billing/{sender}", Function: "billing", Handler: forHook(hook("billing"))},
	{Method: "POST", Pattern: "/users/{sender}", Function: "userchange", Handler: forHook(hook("users"))},
	{Method: "POST", Pattern: webhook.StateRoute, Function: "remedy", Handler: forHook(stateChange)}, // which can ask for the login host's keys
	{Method: "POST", Pattern: "/users/superoffice/{cust_id}", Function: "userchange", Handler: forHook(hook("users"))},
}

// forHook gives a handler its App, and guards it: a program reads JSON.
func forHook(h func(*Hooks) http.HandlerFunc) func(*app.App) http.HandlerFunc {
	return func(c *app.App) http.HandlerFunc { return c.Guard(h(of(c)), nil).ServeHTTP }
}
