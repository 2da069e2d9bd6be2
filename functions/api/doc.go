// Package api is what the operator's programs ask: accounts, their diagnosis, facts, mails, tasks and
// seats, what is unmatched and what was rejected; and drafts, to send or to drop.
package api
