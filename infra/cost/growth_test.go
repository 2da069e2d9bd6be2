package main

import "testing"

// TestGrowth: what an event takes does not depend on how many people, invoices, subscriptions and years a
// customer has, but for the parts that are read, and no part comes near its bound; the board and a search take
// as many reads among many customers as among few.
func TestGrowth(t *testing.T) {
	g := growth{seats: 1000, invoices: 240, subscriptions: 40, days: 60}
	var all []grew
	if err := g.grow(t.Context(), func(year grew) { all = append(all, year) }); err != nil {
		t.Fatal(err)
	}
	if err := g.broken(all); err != nil {
		t.Error(err)
	}
	second, last := all[2], all[len(all)-1]
	for kind, now := range last.events {
		t.Logf("%-8s %s, then %s", kind, second.events[kind], now)
	}
	t.Logf("%d facts; bytes %v, after the first fifth %v", last.facts, last.parts, second.parts)
	for _, n := range []int{100, 1100} {
		g := growth{accounts: n}
		board, search, err := g.fleet(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d accounts: the board takes %s, %v, a search %s, %v", n, board.taken, board.of, search.taken, search.of)
		if err := g.one(board, search); err != nil {
			t.Error(err)
		}
	}
}
