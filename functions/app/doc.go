// Package functions holds the handlers, one file each, short. This is the tour.
//
// A sender posts a signed body to [Routes]' webhooks (hooks.go): the raw body is verified,
// decoded to facts by package webhook, and applied by package engine, which answers when the
// fact is durable. What the account then owes lies in its outbox; deliver.go does it when the
// stream tells, sweep.go when time has passed. A mail that went out leads to remedy.go, the
// page behind the link; whoever reads a login warning meets loginwarning.go; the operator's
// programs ask accounts.go, and its people work from support.go, whose forms become facts too.
//
// Below the page behind the link are those that lead through the cure (cure.go): who holds a
// seat (people.go), whom to free or to move (choose.go), the steps in SuperOffice, and the new
// licence beside the old (activation.go). check.go reads again and compares; stated.go takes a
// person's word where nothing can be read; progress.go tells who is on what, and what has become
// of it. Each form is one row in forms.go, and becomes a fact.
//
// http.go is the one place where API Gateway becomes net/http, answer.go the one place where
// an error becomes a status, boot.go the one place that reads the environment and the clock.
package app
