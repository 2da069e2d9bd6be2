package main

import (
	"testing"

	"seatmend/shared/licence"
)

// TestGrowth: what an event takes does not depend on how many people, invoices, subscriptions and years a
// customer has, but for the parts that are read, and no part comes near its bound; the board and a search take
// as many reads among many customers as among few.
func TestGrowth(t *testing.T) {
	g := growth{seats: 3000, invoices: 400, subscriptions: 60, days: 100}
	var all []grew
	if err := g.grow(t.Context(), func(year grew) { all = append(all, year) }); err != nil {
		t.Fatal(err)
	}
	second, last := all[2], all[len(all)-1]
	for kind, now := range last.events {
		was := second.events[kind]
		t.Logf("%-8s %s, then %s", kind, was, now)
		if first := all[0].events[kind]; now.reads > first.reads+2 || now.writes > first.writes+1 || now.rows > first.rows+3 {
			t.Errorf("%s takes %s, of a new customer %s", kind, now, first)
		}
	}
	for part, n := range last.parts {
		most := second.parts[part]*2 + 4096
		if part == "orders" {
			most = 4096 + 500*g.subscriptions // what was ordered stays until the part is at its bound: what is late must not revive it
		}
		if n > min(most, licence.MaxPart) {
			t.Errorf("%s has grown from %d to %d bytes, of %d", part, second.parts[part], n, most)
		}
	}
	t.Logf("%d facts; bytes %v, after the first fifth %v", last.facts, last.parts, second.parts)
	for _, n := range []int{100, 1500} {
		board, search, err := growth{accounts: n}.fleet(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d accounts: the board takes %s, a search %s", n, board, search)
		if board.reads != 1 || search.reads != 1 {
			t.Errorf("of %d customers the board takes %d reads, a search %d, want one each", n, board.reads, search.reads)
		}
	}
}
