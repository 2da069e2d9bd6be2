package sqlite

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// BenchmarkCommit: what a webhook about one person writes, and how much is allocated for it.
func BenchmarkCommit(b *testing.B) {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	db, err := Open(filepath.Join(b.TempDir(), "seatmend.db"), func() time.Time { return at })
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	said := licence.SeatChanged{CustID: "Cust1", Plan: "sales-premium", Held: true, User: licence.User{ID: "77", Name: "Anna Berg", Email: "anna@kund1.example", CanLogin: true}}
	var known licence.Known
	seats := licence.Items{}
	n := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		f := licence.Fact{ID: fmt.Sprint("standard/", n), To: []licence.Name{{Sender: "account", ID: "C-1"}}, At: at.Add(time.Duration(n) * time.Second), Source: "standard", Payload: said}
		c := licence.Change{Account: "C-1", N: n, Fact: &f, Entry: licence.Entry{Name: "Kund AB"}}
		var moved licence.Items
		known, moved, c.Parts = known.Fold(f, seats)
		c.Known = known
		for k, s := range moved {
			seats[k] = s
			c.Seats = append(c.Seats, s)
		}
		if err := db.Commit(b.Context(), c); err != nil {
			b.Fatal(err)
		}
		n++
	}
}
