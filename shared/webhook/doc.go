// Package webhook is the border: it decides who speaks, and turns what was said into facts.
//
// A [Sender] verifies the raw bytes of a body before anything looks into them, and only then
// reads them. Verification fails in one way, [ErrUnauthorized], whatever the reason. Reading
// fails with an [Error] that names each place and its cure, judged in a fixed order: media
// type, JSON, shape. What a body decodes to depends on the body, its id and the route alone,
// so that a second telling can be compared with the first ([licence.Fact.Hash]).
//
// Adding a sender is one file here: it puts itself into [Senders], and says of itself which routes hear
// it, which lists of secrets it has and how one of them looks.
package webhook
