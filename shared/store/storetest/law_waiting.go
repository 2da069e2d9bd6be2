package storetest

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// large is a fact that takes so many bytes.
func large(id string, bytes int, to ...licence.Name) licence.Fact {
	return licence.Fact{ID: id, To: to, At: noon, Source: "standard", Payload: licence.ArrangementChanged{Note: strings.Repeat("x", bytes)}}
}

func testToldOnce(b bench) {
	c := change(fjord, 0, "standard/msg_1")
	b.commit(c)
	// Under another account the id stands for nothing else, not even for the same words.
	b.fails(b.Commit(b.ctx(), change("C-2000", 0, "standard/msg_1")), store.ErrConflictingReplay)
	b.same("nothing is kept of it", b.load("C-2000", "standard/msg_1").State.N, 0)
	b.must(b.Commit(b.ctx(), change("C-2000", 0, "standard/msg_2")))
	b.fails(b.Commit(b.ctx(), change(fjord, 1, "standard/msg_1")), store.ErrSeen)
	b.fails(b.Commit(b.ctx(), change(fjord, 1, "standard/msg_2")), store.ErrConflictingReplay)

	// Ours are of accounts that we know, and need no more.
	b.commit(change(fjord, 1, "page/x/answer"))
	b.commit(change("C-2000", 1, "page/x/answer"))

	// Parked it counts as stored.
	f := fact("stripe/evt_1", stripe)
	b.must(b.KeepUnmatched(b.ctx(), *f, f.Hash()))
	b.fails(b.KeepUnmatched(b.ctx(), *f, f.Hash()), store.ErrSeen)
	elsewhere := fact("stripe/evt_1", licence.Name{Sender: "stripe", ID: "cus_other"})
	b.fails(b.KeepUnmatched(b.ctx(), *elsewhere, elsewhere.Hash()), store.ErrConflictingReplay)
	c = change("C-2000", 2, "")
	c.Fact = other("stripe/evt_1", stripe)
	b.fails(b.Commit(b.ctx(), c), store.ErrConflictingReplay)
	c = change(fjord, 2, "")
	c.Fact = f
	b.commit(c) // the very fact comes to be an account's
	b.must(b.DropUnmatched(b.ctx(), *f))
	b.fails(b.KeepUnmatched(b.ctx(), *f, f.Hash()), store.ErrSeen)
	b.fails(b.KeepUnmatched(b.ctx(), *elsewhere, elsewhere.Hash()), store.ErrConflictingReplay)
	c = change("C-2000", 2, "")
	c.Fact = f
	b.fails(b.Commit(b.ctx(), c), store.ErrConflictingReplay)

	b.clock.move(store.FactLife + time.Hour)
	b.commit(change("C-2000", 2, "standard/msg_1")) // its time is over
}

func testFull(b bench) {
	flood, other := licence.Name{Sender: "stripe", ID: "cus_flood"}, licence.Name{Sender: "stripe", ID: "cus_other"}
	const each = 240 << 10
	kept := 0
	for i := 0; ; i++ {
		f := large(fmt.Sprintf("stripe/evt_%d", i), each, flood)
		if err := b.KeepUnmatched(b.ctx(), f, f.Hash()); err != nil {
			b.fails(err, store.ErrFull)
			break
		}
		if kept++; kept*each > store.MostWaitingBytes {
			b.Fatalf("%d facts of %d bytes are parked under one name", kept, each)
		}
	}
	if kept < store.MostWaitingBytes/each-3 {
		b.Errorf("only %d facts of %d bytes are parked under one name", kept, each)
	}
	f := large("stripe/evt_else", each, other)
	b.must(b.KeepUnmatched(b.ctx(), f, f.Hash())) // another's is its own affair
	gone := large("stripe/evt_0", each, flood)
	b.must(b.DropUnmatched(b.ctx(), gone))
	b.must(b.DropUnmatched(b.ctx(), gone)) // comes to the same, and gives no more room
	f = large("stripe/evt_next", each, flood)
	b.must(b.KeepUnmatched(b.ctx(), f, f.Hash()))
	f = large("stripe/evt_last", each, flood)
	b.fails(b.KeepUnmatched(b.ctx(), f, f.Hash()), store.ErrFull)

	aside := func(id, sender, account string) error {
		return b.Reject(b.ctx(), store.Rejected{ID: id, Sender: sender, Account: account, Body: []byte(strings.Repeat("x", each)), At: noon})
	}
	kept = 0
	for i := 0; ; i++ {
		if err := aside(fmt.Sprint("a", i), "stripe", ""); err != nil {
			b.fails(err, store.ErrFull)
			break
		}
		if kept++; kept*each > store.MostWaitingBytes {
			b.Fatalf("%d bodies of %d bytes are set aside of one sender", kept, each)
		}
	}
	b.must(aside("a0", "stripe", "")) // the first is kept, full or not
	b.must(aside("b0", "stripe", fjord))
	b.must(aside("c0", "recurly", ""))
	b.must(b.DropRejection(b.ctx(), "a0"))
	b.must(b.DropRejection(b.ctx(), "a0"))
	b.must(aside("d0", "stripe", ""))
	b.fails(aside("d1", "stripe", ""), store.ErrFull)

	b.clock.move(store.FactLife + time.Hour) // what has come to its end makes room
	f = large("stripe/evt_late", each, flood)
	b.must(b.KeepUnmatched(b.ctx(), f, f.Hash()))
	b.must(aside("d2", "stripe", ""))
}

func testBytes(b bench) {
	var want []string
	for i := range 40 {
		b.clock.move(time.Second)
		bytes := 100
		if i%4 == 0 {
			bytes = 200 << 10
		}
		id := fmt.Sprintf("stripe/evt_%02d", i)
		f := large(id, bytes, stripe)
		b.must(b.KeepUnmatched(b.ctx(), f, f.Hash()))
		b.must(b.Reject(b.ctx(), store.Rejected{ID: id, Sender: "stripe", Body: []byte(strings.Repeat("x", bytes)), At: b.clock.Now()}))
		c := change(fjord, int64(i), "")
		own := large("page/"+id, bytes)
		c.Fact = &own
		b.commit(c)
		want = append([]string{id}, want...)
	}
	const bound = 512 << 10
	through(b, "parked", want, bound, func(p store.Page) ([]store.StoredFact, store.Page, error) { return b.Unmatched(b.ctx(), p) }, func(f store.StoredFact) string { return f.Fact.ID })
	through(b, "facts", want, bound, func(p store.Page) ([]store.StoredFact, store.Page, error) { return b.Facts(b.ctx(), fjord, p) }, func(f store.StoredFact) string { return strings.TrimPrefix(f.Fact.ID, "page/") })
	through(b, "asides", want, bound, func(p store.Page) ([]store.Rejected, store.Page, error) { return b.Rejections(b.ctx(), p) }, func(a store.Rejected) string { return a.ID })

	// One that is larger than the page is shown all the same.
	through(b, "parked", want, 1000, func(p store.Page) ([]store.StoredFact, store.Page, error) { return b.Unmatched(b.ctx(), p) }, func(f store.StoredFact) string { return f.Fact.ID })

	// A body is found by its id, wherever it stands.
	for _, id := range []string{want[0], want[len(want)-1]} {
		a, ok, err := b.Rejection(b.ctx(), id)
		b.must(err)
		b.same("found", []any{ok, a.ID}, []any{true, id})
	}
	_, ok, err := b.Rejection(b.ctx(), "nobody's")
	b.must(err)
	b.same("found", ok, false)
}

// through reads a list to its end, in pages of so many bytes.
func through[T any](b bench, what string, want []string, bound int, list func(store.Page) ([]T, store.Page, error), id func(T) string) {
	b.Helper()
	var got []string
	pages := 0
	for p := (store.Page{Limit: 30, Bytes: bound}); ; pages++ {
		some, next, err := list(p)
		b.must(err)
		bytes := 0
		for _, v := range some {
			body, err := json.Marshal(v)
			b.must(err)
			bytes += len(body)
			got = append(got, id(v))
		}
		if len(some) > 30 || len(some) > 1 && bytes > 2*bound {
			b.Fatalf("a page of %s has %d, of %d bytes", what, len(some), bytes)
		}
		if next.Cursor == "" {
			break
		}
		if len(some) == 0 || next.Limit != 30 || next.Bytes != bound {
			b.Fatalf("a page of %s has %d, and goes on as %+v", what, len(some), next)
		}
		p = next
	}
	b.same(what, got, want)
	if pages < 3 {
		b.Errorf("%s came in %d pages", what, pages+1)
	}
}
