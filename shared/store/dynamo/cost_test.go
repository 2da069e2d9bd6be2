package dynamo_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/dynamo"
	"seatmend/shared/store/storetest"
)

// TestCost: an event takes the same round trips and units whatever the size of the customer.
// With -v it prints them. (Amazon's DynamoDB Local tells half of what a transaction costs.)
func TestCost(t *testing.T) {
	client := storetest.Dynamo(t)
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	measure := func(t *testing.T, seats int) []string {
		table := storetest.TableName(t, client)
		if err := dynamo.CreateTable(t.Context(), client, table); err != nil {
			t.Fatal(err)
		}
		var used []string
		s := &dynamo.Store{Client: client, Table: table, Now: func() time.Time { return now }}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		c := licence.Change{Account: "C-1042", Claim: []licence.Name{{Sender: "superoffice", ID: "cust12345"}}, Parts: licence.Parts}
		must(s.Commit(t.Context(), c))
		var rows []licence.Seat
		for i := range seats {
			rows = append(rows, person(i, now))
		}
		must(s.StageRoster(t.Context(), "C-1042", "cust12345", "r1", slices.Values(rows)))

		s.Meter = func(op string, units float64) { used = append(used, fmt.Sprintf("%s %g", op, units)) }
		account, err := s.Resolve(t.Context(), c.Claim...)
		must(err)
		first := rows[0]
		l, err := s.Load(t.Context(), account, store.Want{Fact: "standard:1", Seats: []licence.Key{first.Key()}})
		must(err)
		first.User.Value.LastActive = now
		must(s.Commit(t.Context(), licence.Change{
			Account: account, N: l.State.N, Known: l.State.Known, Parts: []licence.Part{"licences"}, History: l.State.History,
			Fact:  &licence.Fact{ID: "standard:1", At: now, Source: "standard", Payload: licence.SourceChecked{Of: "users"}},
			Seats: []licence.Seat{first},
			Add:   []licence.Effect{{Kind: licence.Mail, Ripe: now}},
			Due:   now.Add(time.Hour),
		}))
		_, err = s.Outbox(t.Context(), account)
		must(err)
		found, _, err := s.Candidates(t.Context(), account, "cust12345", "r1", "sales", store.Page{Limit: 9})
		must(err)
		if len(found) != 9 {
			t.Fatalf("got %d candidates", len(found))
		}
		return used
	}
	few, many := measure(t, 30), measure(t, 600)
	t.Log(few)
	if !slices.Equal(few, many) {
		t.Errorf("at 30 seats %v, at 600 %v", few, many)
	}
	// A commit is the fact, then the head, and then the person whom it has.
	if got, want := len(few), 7; got != want {
		t.Errorf("got %d round trips, want %d: %v", got, want, few)
	}
}

func person(i int, now time.Time) licence.Seat {
	at := licence.Stamp{At: now, ID: "standard:0"}
	s := licence.Seat{CustID: "cust12345", Roster: "r1", Plans: map[string]licence.Held{"sales": {Stamp: at, Held: true}}}
	s.User = licence.Reg[licence.User]{Stamp: at, Value: licence.User{
		ID: fmt.Sprintf("u%04d", i), Name: "Somebody", CanLogin: true, Activity: "known", LastActive: now.AddDate(0, 0, -i)}}
	return s
}
