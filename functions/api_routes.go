package functions

import "net/http"

// APIRoutes are for the operator's programs.
var APIRoutes = []Route{
	{"GET", "/accounts", "accounts", operator(forAPI(accounts))},
	{"GET", "/accounts/{account}", "accounts", operator(forAPI(account))},
	{"GET", "/accounts/{account}/diagnosis", "accounts", operator(forAPI(diagnosisOf))},
	{"GET", "/accounts/{account}/facts", "accounts", operator(forAPI(facts))},
	{"GET", "/accounts/{account}/mails", "accounts", operator(forAPI(mails))},
	{"GET", "/accounts/{account}/tasks", "accounts", operator(forAPI(tasks))},
	{"GET", "/accounts/{account}/seats", "accounts", operator(forAPI(seats))},
	{"GET", "/parked", "accounts", operator(forAPI(parked))},
	{"GET", "/aside", "accounts", operator(forAPI(aside))},
	{"POST", "/drafts", "accounts", operator(forAPI(drafts))},
}

// forAPI gives a handler its App, and guards it.
func forAPI(h func(*App) http.HandlerFunc) func(*core) http.HandlerFunc {
	return func(c *core) http.HandlerFunc {
		a := ofAPI(c)
		return c.Guard(h(a), nil).ServeHTTP
	}
}

func ofAPI(c *core) *App { return c }
