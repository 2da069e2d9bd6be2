package storetest

import (
	"fmt"
	"slices"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// A store of which can be erased gives all rows of one account, and says of a fact what it is told to,
// while it stays the same fact.
func testErase(b bench) {
	db, err := store.Erasing(store.With(b.Store, licence.Settings{}))
	b.must(err)
	c := change(fjord, 0, "standard/1")
	c.Rows = []licence.Row{row("mail", "m0", "deleted below"), row("mail", "m1", "one"), row("audit", "a#1", "two"), ending(row("code", "c", "over"), noon.Add(-1))}
	c.Claim = []licence.Name{{Sender: "account", ID: fjord}}
	b.commit(c)
	second := change(fjord, 1, "standard/2")
	second.Rows = []licence.Row{{Kind: "mail", ID: "m0", Gone: true}}
	b.commit(second)
	other := change("C-2", 0, "standard/3")
	other.Rows = []licence.Row{row("mail", "m1", "another's")}
	b.commit(other)

	rows := map[string]string{}
	for r, err := range db.AllRows(b.ctx(), fjord) {
		b.must(err)
		rows[r.Kind+" "+r.ID] = string(r.Body)
	}
	delete(rows, "code c") // it may have gone by itself
	b.same("all rows", rows, map[string]string{"mail m1": `{"text":"one"}`, "audit a#1": `{"text":"two"}`})

	before := all(b, 10, func(p store.Page) ([]store.StoredFact, store.Page, error) { return b.Facts(b.ctx(), fjord, p) })
	amended := before[1].Fact
	amended.Payload = licence.SourceChecked{Of: "users"}
	b.must(db.Amend(b.ctx(), fjord, amended))
	b.must(db.Amend(b.ctx(), fjord, licence.Fact{ID: "standard/none", At: noon, Payload: licence.SourceChecked{}}))
	b.must(db.Amend(b.ctx(), "C-2", amended)) // which is not its own
	after := all(b, 10, func(p store.Page) ([]store.StoredFact, store.Page, error) { return b.Facts(b.ctx(), fjord, p) })
	before[1].Fact = amended
	b.same("facts", after, before)
	b.same("another's facts", len(all(b, 10, func(p store.Page) ([]store.StoredFact, store.Page, error) { return b.Facts(b.ctx(), "C-2", p) })), 1)
	if got := b.load(fjord, "standard/1").Seen; got != before[1].Hash {
		b.Errorf("a second telling is judged by %q, want %q", got, before[1].Hash)
	}
	b.fails(b.Commit(b.ctx(), change(fjord, 2, "standard/1")), store.ErrSeen)

	for _, k := range []licence.Key{{CustID: "cust#1", Roster: "", User: "1"}, {CustID: "cust#1", Roster: "r%1", User: "1"}, {CustID: "cust#1", Roster: "r%1", User: "2"}} {
		one := licence.Seat{User: licence.Reg[licence.User]{Value: licence.User{ID: k.User}}}
		b.must(b.StageRoster(b.ctx(), fjord, k.CustID, k.Roster, slices.Values([]licence.Seat{one})))
		b.must(b.StageRoster(b.ctx(), "C-2", "cust2", "r2", slices.Values([]licence.Seat{one})))
	}
	rosters, err := db.Rosters(b.ctx(), fjord)
	b.must(err)
	b.same("rosters", rosters, []licence.Key{{CustID: "cust#1"}, {CustID: "cust#1", Roster: "r%1"}})
	for _, k := range rosters {
		b.must(b.PruneRoster(b.ctx(), fjord, k.CustID, k.Roster))
	}
	if rosters, err := db.Rosters(b.ctx(), fjord); len(rosters) > 0 || err != nil {
		b.Errorf("once they are pruned there are %v, %v", rosters, err)
	}

	gone := change(fjord, 2, "")
	gone.Entry = licence.Entry{Erased: true}
	gone.Release = c.Claim
	b.commit(gone)
	list := all(b, 10, func(p store.Page) ([]licence.Entry, store.Page, error) { return b.Accounts(b.ctx(), p) })
	if len(list) != 1 || list[0].Account != "C-2" {
		b.Errorf("the list shows %+v", list)
	}
	if l := b.load(fjord, ""); l.State.N != 3 {
		b.Errorf("its version is %d: it goes on, so that nobody takes it for one that was", l.State.N)
	}
	b.must(db.Sweep(b.ctx(), fjord))
	for n := range 3 { // it goes on after that
		b.commit(change(fjord, int64(3+n), fmt.Sprintf("standard/later%d", n)))
	}
	if list := all(b, 10, func(p store.Page) ([]licence.Entry, store.Page, error) { return b.Accounts(b.ctx(), p) }); len(list) != 2 {
		b.Errorf("told again, the list shows %+v", list)
	}
}
