// Package superoffice speaks SuperOffice's REST API as far as Seatmend needs it:
// where a tenant lives and in which state it is, what its licence says, who holds
// its seats, how many open requests a person has, and activating a licence that waits.
//
// Online it signs in as the system user that a tenant's administrator approved: it signs
// that user's token and the minute, gets a token back that the login host signed, checks
// it, and shows the ticket inside until it is refused. Onsite it shows what the customer
// gave us for their own server.
//
// Three rules hold everywhere. A fault never becomes a number: an answer that is
// null, half, HTML, or an error dressed as a success is an error here, and a list
// is whole or not given at all. No host is called but the login host, those that the
// login host itself named (State) after MayCall agreed, and the servers that the settings
// name (Server). And no error tells a ticket, a secret or a token.
//
// The wire names are SuperOffice's (License...); ours are spelt Licence.
package superoffice
