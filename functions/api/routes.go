package api

import (
	"net/http"

	"seatmend/functions/app"
)

// Routes are for the operator's programs; the last three anybody may read.
var Routes = []app.Route{
	{Method: "GET", Pattern: "/accounts", Function: "accounts", Handler: app.OnlyOperator(forAPI(accounts))},
	{Method: "GET", Pattern: "/accounts/{account}", Function: "accounts", Handler: app.OnlyOperator(forAPI(account))},
	{Method: "GET", Pattern: "/accounts/{account}/diagnosis", Function: "accounts", Handler: app.OnlyOperator(forAPI(diagnosisOf))},
	{Method: "GET", Pattern: "/accounts/{account}/facts", Function: "accounts", Handler: app.OnlyOperator(forAPI(facts))},
	{Method: "GET", Pattern: "/accounts/{account}/mails", Function: "accounts", Handler: app.OnlyOperator(forAPI(mails))},
	{Method: "GET", Pattern: "/accounts/{account}/tasks", Function: "accounts", Handler: app.OnlyOperator(forAPI(tasks))},
	{Method: "GET", Pattern: "/accounts/{account}/seats", Function: "accounts", Handler: app.OnlyOperator(forAPI(seats))},
	{Method: "GET", Pattern: "/parked", Function: "accounts", Handler: app.OnlyOperator(forAPI(parked))},
	{Method: "GET", Pattern: "/aside", Function: "accounts", Handler: app.OnlyOperator(forAPI(aside))},
	{Method: "POST", Pattern: "/drafts", Function: "accounts", Handler: app.OnlyOperator(forAPI(drafts))},
	{Method: "GET", Pattern: "/openapi.yaml", Function: "accounts", Handler: forAPI(openAPI)},
	{Method: "GET", Pattern: "/schemas", Function: "accounts", Handler: forAPI(schemas)},
	{Method: "GET", Pattern: "/schemas/{file}", Function: "accounts", Handler: forAPI(schema)},
}

// forAPI gives a handler its App, and guards it.
func forAPI(h func(*API) http.HandlerFunc) func(*app.App) http.HandlerFunc {
	return func(c *app.App) http.HandlerFunc {
		a := of(c)
		return c.Guard(h(a), nil).ServeHTTP
	}
}
