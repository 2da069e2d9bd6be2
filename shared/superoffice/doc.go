// Package superoffice speaks SuperOffice's REST API as far as Seatmend needs it:
// where a tenant lives and in which state it is, what its licence says, who holds
// its seats, how many open requests a person has, and activating a licence that waits.
//
// Two rules hold everywhere. A fault never becomes a number: an answer that is
// null, half, HTML, or an error dressed as a success is an error here, and a list
// is whole or not given at all. And no host is called but the login host and
// those that the login host itself named (State), after MayCall agreed.
//
// The wire names are SuperOffice's (License...); ours are spelt Licence.
package superoffice
