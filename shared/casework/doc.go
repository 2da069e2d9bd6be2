// Package casework says what we owe: what is remembered of findings, who is told, what is to be done.
package casework
