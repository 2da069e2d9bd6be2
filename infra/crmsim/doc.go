// Package crmsim plays SuperOffice on one machine: the login host that signs people and
// applications in and knows where tenants live, the tenants' REST API with its licence, user,
// request and webhook endpoints, the screen on which a customer's administrator takes
// licences away and activates the new one, the webhooks that are sent, and the faults of the
// real thing.
//
// It is written from SuperOffice's documentation, not from our client: it shares no
// type with it, so that a name misread there is a failed test here. SuperOffice's own client signs in to
// it in a test (peer_test.go), and both are held to that client's type declarations (declared_test.go). What it is sent it checks:
// signatures, tickets, whether a licence is the one that was issued. Each tenant's page shows
// the last calls, and what was wrong with each.
//
// What an administrator does on the screen sends no webhook when it touches licences
// only. SuperOffice is like that, and whoever relies on webhooks must find out.
//
//	sim := crmsim.New(now)
//	err := sim.Load("crm.json") // and kept there from now on
//	err = sim.Put(crmsim.Tenant{CustID: "Cust12345", ...})
//	secret, key := sim.App() // what SuperOffice gives who registers an application
//	go sim.Run(ctx)          // sends webhooks
//	http.ListenAndServe(addr, sim.Handler())
package crmsim
