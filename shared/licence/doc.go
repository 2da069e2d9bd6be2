// Package licence is the core of Seatmend: what is known of a customer's
// SuperOffice licence, why it cannot renew itself, and what is to be said about it.
//
// Everything here is pure. A [Fact] is something that was so at an instant, told by a
// sender we trust. [Known.Fold] puts a fact into what is known, in any order, with one
// result. Settling compares what is known with what has been said ([History]) and names
// the [Effect] values that are owed. [Step] is the one after the other. [Diagnose] runs the
// rules, one file each, in the order of the support FAQ, and is what page, mail and
// command line are drawn from.
//
// The package imports the standard library, one of public holidays and one of Unicode text, reads no clock and has no randomness:
// the time is an argument, so that any instant can be asked about and every test stands still.
package licence
