// Package sim is a simulator of the whole system, and has nothing but tests. One seed draws customers, senders,
// what they tell in minutes, days or a month, people at the page and at the desk, and every fault. Two processes, each
// with its engine and its lanes, serve them over one store in memory; their handlers, engine, effects and
// clients are the product's own. Whatever a process calls (the store, the mail server, SuperOffice) waits
// until the seed lets it go on, one call at a time, so that hands meet in every way, and a seed gives the same
// run to the bit (TestReplay).
//
// After each commit the laws of a state must hold; then the faults stop, and all must converge (laws_test.go).
// What people ask first is compared with a small model that knows nothing of ours (model_test.go). What fails is shrunk
// and shown with the command that plays it again. TestPower plants bugs in what stands between the product and
// its world, so that the product has no switch, and holds that each is caught.
//
//	go test ./infra/sim                                                # what a change must pass
//	go test ./infra/sim -run TestSeeds -sim.seeds 200000 -sim.keep far.json -timeout 0 -v    # in parts
//	go test ./infra/sim -run TestSeeds -sim.first 7 -sim.seeds 1 -sim.trace
package sim
