package main

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/store/storetest"
)

// TestCost: an event costs the same whatever the size of the customer, and what changes nothing
// writes nothing.
func TestCost(t *testing.T) {
	client := storetest.Dynamo(t)
	measured := func(seats int) []line {
		lines, err := measure(t.Context(), client, storetest.TableName(t, client), seats)
		if err != nil {
			t.Fatal(err)
		}
		return lines
	}
	few, many := measured(10), measured(1000)
	for _, name := range append(slices.Clone(changing), "a duplicate", "seats.listed, three of them changed", "page: choose two") { // those of the table of goals
		if !slices.ContainsFunc(few, func(l line) bool { return l.event == name }) {
			t.Errorf("%q is not measured", name)
		}
	}
	nothing := 0
	for i, l := range few {
		m := many[i]
		t.Logf("%s: %s, then %s; at 1,000: %s, then %s", l.event, l.answered, l.later, m.answered, m.later)
		switch l.event {
		case "a duplicate", "a late one", "one that we ignore":
			nothing++
			if m.answered.write != 0 || m.later.trips != 0 {
				t.Errorf("%s wrote", l.event)
			}
		}
		for _, c := range []line{l, m} {
			if fault := above(c); fault != "" {
				t.Errorf("%s: %s, but %s", c.event, c.answered, fault)
			}
		}
		if !l.grows && !(near(l.answered, m.answered) && near(l.later, m.later)) {
			t.Errorf("%s: %s, then %s; at 1,000 seats %s, then %s", l.event, l.answered, l.later, m.answered, m.later)
		}
	}
	if nothing != 3 {
		t.Errorf("measured %d events that change nothing, want 3", nothing)
	}
}

// above says what an event or a page takes too much of; "": nothing. An account that is there for the first
// time looks for each of its names.
func above(l line) string {
	c := l.answered
	switch {
	case l.event == "account.changed, the first" || l.event == "seats.listed, other people":
	case strings.HasPrefix(l.event, "seats.listed"):
		if c.trips > 12 || c.read+c.write > 60 {
			return "a list of which three changed takes 12 round trips and 60 units at most"
		}
	case strings.HasPrefix(l.event, "page"):
		if c.trips > 4 || c.read > 12 {
			return "a page takes 4 round trips and 12 read units at most"
		}
	case c.read > 4:
		return "an event reads 4 units at most"
	}
	return ""
}

// near tells whether two costs are equal to within one unit.
func near(a, b cost) bool {
	return a.trips == b.trips && math.Abs(a.read-b.read) <= 1 && math.Abs(a.write-b.write) <= 1
}

// TestTimes: what is measured can be decoded and stepped.
func TestTimes(t *testing.T) {
	for n := range 40 {
		if _, err := decode(burst(customer(0), n*accounts/4, monday.Add(-time.Hour))); err != nil {
			t.Error(err)
		}
	}
}
