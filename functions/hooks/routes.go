package hooks

import (
	"net/http"
	"strings"

	"seatmend/functions/app"
	"seatmend/functions/page"
)

// Routes are where senders speak, and who reads a login warning.
var Routes = []app.Route{
	{Method: "POST", Pattern: "/billing/{sender}", Function: "billing", Handler: forHook(hook("billing"))},
	{Method: "POST", Pattern: "/users/{sender}", Function: "userchange", Handler: forHook(hook("users"))},
	{Method: "POST", Pattern: "/users/superoffice/{cust_id}", Function: "userchange", Handler: forHook(hook("users"))},
	{Method: "POST", Pattern: "/login-warnings", Function: "loginwarning", Handler: forHook(loginWarning)},
	{Method: "GET", Pattern: "/help", Function: "loginwarning", Handler: forHook(helpForm)},
	{Method: "POST", Pattern: "/help", Function: "loginwarning", Handler: forHook(helpAnswer)},
}

// forHook gives a handler its App, and guards it.
func forHook(h func(*Hooks) http.HandlerFunc) func(*app.App) http.HandlerFunc {
	return func(c *app.App) http.HandlerFunc {
		a := of(c)
		return c.Guard(h(a), a.brokenHelp).ServeHTTP
	}
}

// brokenHelp says so to a person on the page, to a sender in JSON.
func (a *Hooks) brokenHelp(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/help") {
		(&page.Page{App: a.App}).BrokenPage(w, r)
		return
	}
	a.Fault(w, r)
}
