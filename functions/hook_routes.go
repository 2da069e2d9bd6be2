package functions

import (
	"net/http"
	"strings"
)

// HookRoutes are where senders speak, and who reads a login warning.
var HookRoutes = []Route{
	{"POST", "/billing/{sender}", "billing", forHook(hook("billing"))},
	{"POST", "/users/{sender}", "userchange", forHook(hook("users"))},
	{"POST", "/users/superoffice/{cust_id}", "userchange", forHook(hook("users"))},
	{"POST", "/login-warnings", "loginwarning", forHook(loginWarning)},
	{"GET", "/help", "loginwarning", forHook(helpForm)},
	{"POST", "/help", "loginwarning", forHook(helpAnswer)},
}

// forHook gives a handler its App, and guards it.
func forHook(h func(*App) http.HandlerFunc) func(*core) http.HandlerFunc {
	return func(c *core) http.HandlerFunc {
		a := ofHook(c)
		return c.Guard(h(a), a.brokenHelp).ServeHTTP
	}
}

func ofHook(c *core) *App { return c }

// brokenHelp says so to a person on the page, to a sender in JSON.
func (a *App) brokenHelp(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/help") {
		a.brokenPage(w, r)
		return
	}
	a.Fault(w, r)
}
