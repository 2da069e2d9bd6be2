// Package login is where a login warning is told, and where its reader asks: the answer to the
// warning itself, and /help.
package login
