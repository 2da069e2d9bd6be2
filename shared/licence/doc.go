// Package licence is what is known of a customer's SuperOffice licence.
//
// A [Fact] is something that was so at an instant, told by a sender we trust. [Known.Fold] puts a
// fact into what is known, in any order and any number of times, with one result. [State] is what
// is known and the [History] of what we did about it; a [Change] is all that one step writes.
//
// The package imports the standard library and one of public holidays, reads no clock and has no
// randomness: the time is an argument, so that any instant can be asked about and every test stands
// still.
package licence
