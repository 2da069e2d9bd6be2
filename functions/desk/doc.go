// Package desk is the screen of the operator's people: cases (board.go), one case whole (case.go,
// line.go), drafts, what was rejected and what is unmatched, and the forms by which they act (acts.go),
// each kept with the name of who did it. One signs in by a mailed link (sign_in.go). What the screen
// says is in text.go.
package desk
