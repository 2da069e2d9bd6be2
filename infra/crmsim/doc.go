// Package crmsim plays SuperOffice on one machine, as far as Seatmend's client calls
// it: the login host that knows where tenants live, the tenants' REST API with its
// licence, user and ticket endpoints, the screen on which a customer's administrator
// takes licences away and activates the new one, and the faults of the real thing.
//
// It is written from SuperOffice's documentation, not from our client: it shares no
// type with it, so that a name misread there is a failed test here.
//
// What an administrator does on the screen sends no webhook when it touches licences
// only. SuperOffice is like that, and whoever relies on webhooks must find out.
//
//	sim := crmsim.New(now)
//	err := sim.Load("crm.json") // and kept there from now on
//	err = sim.Put(crmsim.Tenant{CustID: "Cust12345", ...})
//	http.ListenAndServe(addr, sim.Handler())
package crmsim
