package storetest

import (
	"fmt"
	"slices"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// due is the sorted accounts that are due by then.
func due(b bench, by time.Time) []string {
	b.Helper()
	accounts := []string{}
	for account, err := range b.Due(b.ctx(), by) {
		b.must(err)
		accounts = append(accounts, account)
	}
	slices.Sort(accounts)
	return accounts
}

func testDue(b bench) {
	var want []string
	for i := range 40 {
		c := change(fmt.Sprintf("C-%04d", i), 0, "")
		c.Due = noon.Add(time.Duration(i) * time.Millisecond)
		b.commit(c)
		want = append(want, c.Account)
	}
	b.commit(change("C-never", 0, ""))
	fleet := change(store.Operations, 0, "")
	fleet.Due = noon
	b.commit(fleet)
	b.same("none yet", due(b, noon.Add(-time.Nanosecond)), []string{})
	b.same("just those", due(b, noon.Add(9*time.Millisecond)), append(slices.Clone(want[:10]), store.Operations))
	b.same("all", due(b, noon.Add(time.Hour)), append(slices.Clone(want), store.Operations))

	// What is due is written while it is read.
	moved := 0
	for account, err := range b.Due(b.ctx(), noon.Add(time.Hour)) {
		b.must(err)
		c := change(account, 1, "")
		if moved++; account != want[0] {
			c.Due = noon.Add(48 * time.Hour)
		}
		b.commit(c)
	}
	b.same("moved", moved, 41)
	b.same("none left", due(b, noon.Add(time.Hour)), []string{})
	b.same("moved on", len(due(b, noon.Add(72*time.Hour))), 40)
	for range b.Due(b.ctx(), noon.Add(72*time.Hour)) {
		break // may be left at any time
	}
}

func testRows(b bench) {
	c := change(fjord, 0, "")
	for i := range 7 {
		c.Rows = append(c.Rows, row("mail", fmt.Sprintf("m%d", i), "body"))
	}
	c.Rows = append(c.Rows, row("link", "x1", "link"), ending(row("mail", "m9", "short"), noon.Add(time.Hour+time.Millisecond)))
	b.commit(c)
	ids := func(size int) []string {
		list := []string{}
		for _, r := range all(b, size, func(p store.Page) ([]licence.Row, store.Page, error) { return b.Rows(b.ctx(), fjord, "mail", p) }) {
			list = append(list, r.ID)
		}
		return list
	}
	b.same("mails", ids(3), []string{"m9", "m6", "m5", "m4", "m3", "m2", "m1", "m0"})
	b.same("mails", ids(8), ids(3))

	got, there, err := b.Row(b.ctx(), fjord, "mail", "m9")
	b.must(err)
	b.same("there", there, true)
	b.same("row", got, c.Rows[8])
	b.clock.move(time.Hour)
	_, there, err = b.Row(b.ctx(), fjord, "mail", "m9")
	b.must(err)
	b.same("just before its end", there, true)
	b.clock.move(time.Millisecond)
	_, there, err = b.Row(b.ctx(), fjord, "mail", "m9")
	b.must(err)
	b.same("ended", there, false)

	gone := row("mail", "m4", "")
	gone.Gone = true
	c = change(fjord, 1, "")
	c.Rows = []licence.Row{gone, row("mail", "m5", "old"), row("mail", "m5", "new")}
	b.commit(c)
	b.same("mails", ids(2), []string{"m6", "m5", "m3", "m2", "m1", "m0"})
	got, _, err = b.Row(b.ctx(), fjord, "mail", "m5")
	b.must(err)
	b.same("replaced", got, c.Rows[2])
	_, there, err = b.Row(b.ctx(), "C-2000", "mail", "m5")
	b.must(err)
	b.same("of another account", there, false)

	for _, kind := range []string{"out", "head", "facts", "told", "seat", "fact", ""} {
		c = change(fjord, 2, "")
		c.Rows = []licence.Row{row(kind, "000", "would be something else")}
		if b.Commit(b.ctx(), c) == nil {
			b.Errorf("a row may be of kind %q, which is not one of rows", kind)
		}
	}
}

func testFacts(b bench) {
	want := []store.StoredFact{}
	for n := range int64(11) {
		b.clock.move(time.Minute)
		// Ids do not sort as they were committed.
		c := change(fjord, n, fmt.Sprintf("standard:%d", (n*7)%11))
		if n == 4 {
			c.Fact = nil
		} else {
			want = append(want, store.StoredFact{Fact: *c.Fact, Hash: c.Fact.Hash(), N: n + 1, At: b.clock.Now()})
		}
		b.commit(c)
	}
	b.commit(change("C-2000", 0, "standard:99"))
	slices.Reverse(want)
	list := func(p store.Page) ([]store.StoredFact, store.Page, error) { return b.Facts(b.ctx(), fjord, p) }
	b.same("facts", all(b, 3, list), want)
	b.same("facts", all(b, 10, list), want)
	b.clock.move(store.FactLife - 5*time.Minute)
	b.same("facts that have not ended", all(b, 3, list), want[:5])
}

func testAccounts(b bench) {
	want := []licence.Entry{}
	for i := range 7 {
		c := change(fmt.Sprintf("C-%d", i), 0, "")
		b.commit(c)
		c.N, c.Entry.Phase, c.Entry.Codes, c.Entry.ActBy = 1, "grace", []licence.Code{licence.Surplus}, "2026-12-11"
		b.commit(c)
		c.Entry.Account = c.Account
		want = append(want, c.Entry)
	}
	b.commit(change(store.Operations, 0, ""))
	list := func(p store.Page) ([]licence.Entry, store.Page, error) { return b.Accounts(b.ctx(), p) }
	b.same("accounts", all(b, 3, list), want)
	b.same("accounts", all(b, 7, list), want)
}

func testCases(b bench) {
	set := func(n int, account string, codes []licence.Code, actBy licence.Date) licence.Entry {
		c := change(account, int64(n), "")
		c.Entry.Summary, c.Entry.Codes, c.Entry.ActBy = licence.NeedsAction, codes, actBy
		if len(codes) == 0 {
			c.Entry.Summary = licence.AllWell
		}
		b.commit(c)
		c.Entry.Account = account
		return c.Entry
	}
	late := set(0, "C-1", []licence.Code{licence.Surplus}, "2026-12-11")
	soon := set(0, "C-2", []licence.Code{licence.Surplus}, "2026-11-27")
	never := set(0, "C-3", []licence.Code{licence.OrderDiffers}, "")
	set(0, "C-4", nil, "")
	same := set(0, "C-5", []licence.Code{licence.Surplus}, "2026-12-11")
	b.commit(change(store.Operations, 0, ""))
	list := func(p store.Page) ([]licence.Entry, store.Page, error) { return b.Cases(b.ctx(), p) }
	b.same("cases", all(b, 2, list), []licence.Entry{soon, late, same, never})
	set(1, "C-2", nil, "")
	moved := set(1, "C-3", []licence.Code{licence.OrderDiffers}, "2026-11-25")
	b.same("cases, after one was solved and one moved", all(b, 3, list), []licence.Entry{moved, late, same})
}

func testFind(b bench) {
	for i := range 5 {
		b.commit(change(fmt.Sprintf("C-%d", i), 0, ""))
		b.must(b.Index(b.ctx(), fmt.Sprintf("C-%d", i), []string{"fjord.example", fmt.Sprintf("inv-%d", i), "fjord.example"}))
	}
	found := func(words ...string) []string {
		list := []string{}
		for _, e := range all(b, 2, func(p store.Page) ([]licence.Entry, store.Page, error) { return b.Find(b.ctx(), words, p) }) {
			list = append(list, e.Account+" "+e.Name)
		}
		return list
	}
	b.same("by domain", len(found("fjord.example")), 5)
	b.same("by invoice", found("inv-3"), []string{"C-3 Customer C-3"})
	b.same("by the beginning of a term", len(found("inv")), 5)
	b.same("by two words", found("inv", "inv-2"), []string{"C-2 Customer C-2"})
	b.same("by two words of which one is another's", found("inv-2", "nobody"), []string{})
	b.same("by no word", found(), []string{})
	b.must(b.Index(b.ctx(), "C-4", []string{"strom", "stromberg", "ab", "a#b", "str%"}))
	b.must(b.Index(b.ctx(), "C-0", []string{"stromstad", "abc"}))
	b.same("each once, the whole word first", found("strom"), []string{"C-4 Customer C-4", "C-0 Customer C-0"})
	b.same("a part of which one has two", found("str"), []string{"C-4 Customer C-4", "C-0 Customer C-0"})
	b.same("a short word is whole", found("ab"), []string{"C-4 Customer C-4"})
	b.same("beside a longer one too", found("strom", "ab"), []string{"C-4 Customer C-4"})
	b.same("no character has a meaning", found("a#b"), []string{"C-4 Customer C-4"})
	b.same("nor has this", found("str%"), []string{"C-4 Customer C-4"})
	b.must(b.Index(b.ctx(), "C-4", []string{"fjord.example", "inv-4"}))
	b.must(b.Index(b.ctx(), "C-0", []string{"fjord.example", "inv-0"}))

	many := []string{"fjord.example"}
	for i := range 60 {
		many = append(many, fmt.Sprintf("new-%d", i))
	}
	b.must(b.Index(b.ctx(), "C-3", many))
	b.same("no more", found("inv-3"), []string{})
	b.same("still", len(found("fjord.example")), 5)
	b.same("new", found("new-59"), []string{"C-3 Customer C-3"})
	b.must(b.Index(b.ctx(), "C-3", nil))
	b.same("none", found("new-0"), []string{})
	b.same("the others", len(found("fjord.example")), 4)
	b.must(b.Index(b.ctx(), "C-3", []string{"inv-3"}))
	b.same("again", found("inv-3"), []string{"C-3 Customer C-3"})
}

func testCursors(b bench) {
	b.commit(change(fjord, 0, "standard:1"))
	for _, cursor := range []string{"?", "e30", "WyJ4Il0", "WyIiLCIiLCIiXQ", "WyJhIiwiYiIsImMiXQ"} { // not base64, {}, ["x"], ["","",""], ["a","b","c"]
		p := store.Page{Cursor: cursor, Limit: 2}
		_, _, err := b.Rows(b.ctx(), fjord, "mail", p)
		if cursor != "WyJ4Il0" { // one part is a row's id, in a store that needs no more
			b.fails(err, store.ErrCursor)
		}
		_, _, err = b.Facts(b.ctx(), fjord, p)
		if cursor != "WyJhIiwiYiIsImMiXQ" { // three parts are a place that is not there
			b.fails(err, store.ErrCursor)
		}
	}
}
