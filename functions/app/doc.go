// Package app is what all functions share: the [App], how it is made of the environment, API Gateway
// as net/http, and errors as statuses.
//
// boot.go is the one place that reads the environment and the clock; http.go the one place where API
// Gateway becomes net/http; answer.go says for all answers in JSON which error is which status, and pages
// say theirs themselves; guard.go answers where a handler panics. What answers HTTP stands in the packages beside it, by who asks: hooks
// (senders), page (the customer), desk (the operator's people), api (the operator's programs). Each
// has a table of its own routes, and methods on a struct of its own around the App; functions.Routes
// joins them for the local run and the tests.
package app
