// Package seats decides who may be freed, moved or must be kept, and who goes first.
package seats
