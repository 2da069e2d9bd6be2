package storetest

import (
	"errors"
	"fmt"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

func testReadYourWrites(b bench) {
	eva := seat("cust12345", "", "12", 9, "sales")
	c := change(fjord, 0, "standard:1")
	c.Known, c.Parts, c.History = known("Fjord"), licence.Parts, history("surplus")
	c.Seats = []licence.Seat{eva}
	b.commit(c)

	nobody := licence.Key{CustID: "cust12345", User: "13"}
	l := b.load(fjord, "standard:1", eva.Key(), nobody, eva.Key())
	b.same("state", l.State, licence.State{Account: fjord, N: 1, Known: known("Fjord"), History: history("surplus")})
	b.same("fact", l.Seen, c.Fact.Hash())
	b.same("number of seats", len(l.Seats), 1)
	b.same("seat", l.Seats[eva.Key()], eva)
	b.same("another fact", b.load(fjord, "standard:2").Seen, "")
	b.same("no fact", b.load(fjord, "").Seen, "")
}

func testUnknownAccount(b bench) {
	eva := seat("cust12345", "r1", "12", 9, "sales")
	b.must(b.StageRoster(b.ctx(), fjord, "cust12345", "r1", one(eva)))
	l := b.load(fjord, "standard:1", eva.Key())
	b.same("state", l.State, licence.State{Account: fjord})
	b.same("seats", len(l.Seats), 0)
	b.same("fact", l.Seen, "")
	b.same("outbox", len(b.outbox(fjord)), 0)
}

func testParts(b bench) {
	c := change(fjord, 0, "")
	c.Known, c.Parts = known("old"), licence.Parts
	b.commit(c)
	c = change(fjord, 1, "")
	c.Known, c.Parts = known("new"), []licence.Part{"orders", "licences"}
	b.commit(c)
	want := known("new")
	want.Profile, want.Invoices = known("old").Profile, known("old").Invoices
	b.same("known", b.load(fjord, "").State.Known, want)
}

func testConflict(b bench) {
	b.fails(b.Commit(b.ctx(), change(fjord, 1, "")), store.ErrConflict) // never written
	b.commit(change(fjord, 0, "standard:1"))
	b.fails(b.Commit(b.ctx(), change(fjord, 0, "standard:2")), store.ErrConflict)
	b.fails(b.Commit(b.ctx(), change(fjord, 2, "standard:2")), store.ErrConflict)
	// Who lost the race learns that first, even of a fact that is there by now.
	b.fails(b.Commit(b.ctx(), change(fjord, 0, "standard:1")), store.ErrConflict)
	b.commit(change(fjord, 1, "standard:2"))
	b.same("version", b.load(fjord, "").State.N, 2)
}

func testSeen(b bench) {
	b.commit(change(fjord, 0, "standard:1"))
	b.fails(b.Commit(b.ctx(), change(fjord, 1, "standard:1")), store.ErrSeen)
	b.commit(change("C-2000", 0, "page/1"))
	b.commit(change(fjord, 1, "page/1")) // our own accounts owe each other nothing

	b.clock.move(store.FactLife)
	b.same("an old fact", b.load(fjord, "standard:1").Seen, "")
	again := change(fjord, 2, "")
	again.Fact = other("standard:1")
	b.commit(again)
	b.same("told again", b.load(fjord, "standard:1").Seen, again.Fact.Hash())
}

var (
	stripe = licence.Name{Sender: "stripe", ID: "cus_F10rd"}
	custID = licence.Name{Sender: "superoffice", ID: "cust12345"}
)

func testNames(b bench) {
	b.same("nowhere", b.resolve(stripe, custID), "")
	b.same("no name at all", b.resolve(), "")
	c := change(fjord, 0, "")
	c.Claim = []licence.Name{custID, stripe, custID}
	b.commit(c)
	b.same("second of two", b.resolve(licence.Name{Sender: "stripe", ID: "sub_1"}, custID), fjord)
	c.N = 1
	b.commit(c) // ours already

	c = change("C-2000", 0, "standard:1")
	c.Claim = []licence.Name{{Sender: "account", ID: "C-2000"}, stripe}
	err := b.Commit(b.ctx(), c)
	var taken *store.NameTaken
	if !errors.As(err, &taken) {
		b.Fatalf("got error %v, want the name taken", err)
	}
	b.same("taken", *taken, store.NameTaken{Name: stripe, Account: fjord})
	b.same("still", b.resolve(stripe), fjord)
	b.same("not half", b.resolve(c.Claim[0]), "")

	// The first that leads somewhere wins, not the first that is there.
	c.Claim = []licence.Name{{Sender: "account", ID: "C-2000"}}
	b.commit(c)
	b.same("in order", b.resolve(c.Claim[0], stripe), "C-2000")
	b.same("in order", b.resolve(stripe, c.Claim[0]), fjord)
}

func testRelease(b bench) {
	c := change(fjord, 0, "")
	c.Claim = []licence.Name{stripe, custID}
	b.commit(c)
	c = change("C-2000", 0, "")
	c.Claim = []licence.Name{{Sender: "account", ID: "C-2000"}}
	c.Release = []licence.Name{stripe, {Sender: "stripe", ID: "none"}} // not theirs
	b.commit(c)
	b.same("another's name", b.resolve(stripe), fjord)

	c = change(fjord, 1, "")
	c.Release, c.Claim = []licence.Name{stripe, custID}, []licence.Name{custID}
	b.commit(c)
	b.same("released", b.resolve(stripe), "")
	b.same("released and claimed", b.resolve(custID), fjord)
	c = change("C-2000", 1, "")
	c.Claim = []licence.Name{stripe}
	b.commit(c)
	b.same("taken", b.resolve(stripe), "C-2000")
}

func testAllOrNothing(b bench) {
	c := change("C-2000", 0, "")
	c.Claim = []licence.Name{stripe}
	b.commit(c)
	b.commit(change(fjord, 0, "standard:1"))

	full := func(n int64, factID string) licence.Change {
		c := change(fjord, n, factID)
		c.Known, c.Parts, c.History = known("never"), licence.Parts, history("never")
		c.Seats = []licence.Seat{seat("cust12345", "", "12", 9, "sales")}
		c.Add, c.Rows = []licence.Effect{effect(licence.Mail, "never")}, []licence.Row{row("mail", "m1", "never")}
		c.Claim = []licence.Name{custID}
		c.Entry.Name, c.Due = "never", noon
		return c
	}
	b.fails(b.Commit(b.ctx(), full(0, "standard:2")), store.ErrConflict)
	b.fails(b.Commit(b.ctx(), full(1, "standard:1")), store.ErrSeen)
	taken := full(1, "standard:2")
	taken.Claim = append(taken.Claim, stripe)
	if err := b.Commit(b.ctx(), taken); !errors.As(err, new(*store.NameTaken)) {
		b.Fatalf("got error %v, want the name taken", err)
	}

	key := taken.Seats[0].Key()
	l := b.load(fjord, "standard:2", key)
	b.same("state", l.State, licence.State{Account: fjord, N: 1})
	b.same("seats", len(l.Seats), 0)
	b.same("fact", l.Seen, "")
	b.same("outbox", len(b.outbox(fjord)), 0)
	b.same("name", b.resolve(custID), "")
	_, there, err := b.Row(b.ctx(), fjord, "mail", "m1")
	b.must(err)
	b.same("row", there, false)
	b.same("due", due(b, noon), []string{})
	entries := all(b, 10, func(p store.Page) ([]licence.Entry, store.Page, error) { return b.Accounts(b.ctx(), p) })
	b.same("name in the list", entries[0].Name, "Customer "+fjord)
}

func testTooLarge(b bench) {
	c := change(fjord, 0, "standard:1")
	for i := range store.MaxActions - 3 { // head, fact and its id
		c.Rows = append(c.Rows, row("task", fmt.Sprint(i), "many"))
	}
	b.commit(c)
	c.N, c.Fact = 1, fact("standard:2")
	c.Rows = append(c.Rows, row("task", "more", "many"))
	b.fails(b.Commit(b.ctx(), c), store.ErrTooLarge)
	b.same("version", b.load(fjord, "").State.N, 1)

	keys := make([]licence.Key, store.MaxSeats+1)
	for i := range keys {
		keys[i] = licence.Key{CustID: "cust12345", User: fmt.Sprint(i)}
	}
	b.load(fjord, "standard:1", keys[1:]...)
	_, err := b.Load(b.ctx(), fjord, store.Want{Fact: "standard:1", Seats: keys})
	b.fails(err, store.ErrTooLarge)
	_, err = b.Load(b.ctx(), fjord, store.Want{Seats: keys[1:], Rows: []licence.RowKey{{Kind: "task", ID: "0"}}})
	b.fails(err, store.ErrTooLarge)
	_, err = b.Load(b.ctx(), fjord, store.Want{Seats: keys, Have: 1})
	b.fails(err, store.ErrTooLarge)
}

// testRowsOfALoad: a load shows the rows asked for that are there, each once, with the state.
func testRowsOfALoad(b bench) {
	c := change(fjord, 0, "standard:1")
	gone := ending(row("link", "over", "past"), noon)
	c.Rows = []licence.Row{row("link", "a", "one"), row("choice", "a", "two"), row("link", "b", "three"), gone}
	b.commit(c)
	ask := func(keys ...licence.RowKey) map[licence.RowKey]licence.Row {
		b.Helper()
		l, err := b.Load(b.ctx(), fjord, store.Want{Rows: keys})
		b.must(err)
		b.same("version", l.State.N, 1)
		return l.Rows
	}
	a, over := licence.RowKey{Kind: "link", ID: "a"}, licence.RowKey{Kind: "link", ID: "over"}
	rows := ask(a, licence.RowKey{Kind: "choice", ID: "a"}, a, over, licence.RowKey{Kind: "choice", ID: "b"})
	b.same("how many", len(rows), 2)
	b.same("a link", rows[a], c.Rows[0])
	b.same("a choice", rows[licence.RowKey{Kind: "choice", ID: "a"}], c.Rows[1])
	b.same("no rows", len(ask()), 0)
}

func testEscaping(b bench) {
	for i, n := range []licence.Name{{Sender: "a#b", ID: "c"}, {Sender: "a", ID: "b#c"}, {Sender: "a%23b", ID: "c"}, {Sender: "a", ID: "b%23c"}, {Sender: "å ", ID: "'\"?"}} {
		c := change(fmt.Sprintf("C#%d%%", i), 0, "")
		c.Claim = []licence.Name{n}
		b.commit(c)
		b.same(n.String(), b.resolve(n), c.Account)
	}
	keys := []licence.Key{{CustID: "a#b", Roster: "c", User: "d"}, {CustID: "a", Roster: "b#c", User: "d"}, {CustID: "a", Roster: "b", User: "c#d"}}
	c := change("x#head", 0, "f#1/2")
	for i, k := range keys {
		c.Seats = append(c.Seats, seat(k.CustID, k.Roster, k.User, i, "p#"))
	}
	c.Rows = []licence.Row{row("swap", "f#u", "first"), row("swap#f", "u", "second")}
	c.Due = noon
	b.commit(c)
	l := b.load("x#head", "f#1/2", keys...)
	b.same("seats", len(l.Seats), 3)
	for i, k := range keys {
		b.same("seat", l.Seats[k], c.Seats[i])
		seats, _, err := b.Seats(b.ctx(), "x#head", k.CustID, k.Roster, store.Page{})
		b.must(err)
		b.same("roster", seats, c.Seats[i:i+1])
	}
	rows, _, err := b.Rows(b.ctx(), "x#head", "swap", store.Page{})
	b.must(err)
	b.same("rows", rows, c.Rows[:1])
	b.same("fact", b.load("x#head", "f#1/2").Seen, c.Fact.Hash())
	b.same("the account whose key begins alike", b.load("x", "").State.N, 0)
	b.same("due", due(b, noon), []string{"x#head"})
}

func testOutbox(b bench) {
	c := change(fjord, 0, "")
	c.Add = []licence.Effect{effect(licence.Mail, "first"), effect(licence.Read, "second")}
	b.commit(c)
	b.same("the caller's effects", c.Add[0].ID, "")
	c = change(fjord, 1, "")
	for i := range 12 { // 10 comes after 9
		c.Add = append(c.Add, effect(licence.TaskSent, fmt.Sprint(i)))
	}
	b.commit(c)
	got := b.outbox(fjord)
	b.same("how many", len(got), 14)
	for i, e := range got {
		want := effect(licence.TaskSent, fmt.Sprint(i-2))
		want.ID = licence.EffectID(2, i-2)
		switch i {
		case 0:
			want = effect(licence.Mail, "first")
			want.ID = licence.EffectID(1, 0)
		case 1:
			want = effect(licence.Read, "second")
			want.ID = licence.EffectID(1, 1)
		}
		b.same("effect", e, want)
	}

	// An effect with an id replaces the one of that id: a mail that is being sent.
	sending := got[0]
	sending.Sending = noon
	c = change(fjord, 2, "")
	c.Add = []licence.Effect{sending}
	for _, e := range got[1:] {
		c.Drop = append(c.Drop, e.ID)
	}
	c.Drop = append(c.Drop, sending.ID, licence.EffectID(9, 9))
	b.commit(c)
	b.same("outbox", b.outbox(fjord), []licence.Effect{sending})
	b.same("outbox of another", len(b.outbox("C-2000")), 0)
}
