package storetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

func parkedFor(b bench, name licence.Name, limit int) []string {
	b.Helper()
	facts, err := b.UnmatchedFor(b.ctx(), name, limit)
	b.must(err)
	ids := []string{}
	for _, f := range facts {
		ids = append(ids, f.Fact.ID)
	}
	slices.Sort(ids)
	return ids
}

func testPark(b bench) {
	sub := licence.Name{Sender: "stripe", ID: "sub_1"}
	var want []store.StoredFact
	for i := range 5 {
		b.clock.move(time.Minute)
		f := fact(fmt.Sprintf("stripe:evt_%d", i), sub, stripe)
		b.must(b.KeepUnmatched(b.ctx(), *f, f.Hash()))
		want = append(want, store.StoredFact{Fact: *f, Hash: f.Hash(), At: b.clock.Now()})
	}
	b.must(b.KeepUnmatched(b.ctx(), *fact("superoffice:1", custID), "h"))
	b.must(b.DropUnmatched(b.ctx(), *fact("superoffice:1", custID)))
	b.must(b.DropUnmatched(b.ctx(), *fact("superoffice:1", custID))) // comes to the same
	b.fails(b.KeepUnmatched(b.ctx(), want[2].Fact, want[2].Hash), store.ErrSeen)
	changed := other("stripe:evt_2", sub, stripe)
	b.fails(b.KeepUnmatched(b.ctx(), *changed, changed.Hash()), store.ErrConflictingReplay)
	if b.KeepUnmatched(b.ctx(), *fact("about:nobody"), "h") == nil {
		b.Error("a fact about nobody can be parked")
	}

	b.same("under the first name", parkedFor(b, sub, 10), []string{})
	b.same("under the last name", parkedFor(b, stripe, 10), []string{"stripe:evt_0", "stripe:evt_1", "stripe:evt_2", "stripe:evt_3", "stripe:evt_4"})
	b.same("up to the limit", len(parkedFor(b, stripe, 3)), 3)
	slices.Reverse(want)
	list := func(p store.Page) ([]store.StoredFact, store.Page, error) { return b.Unmatched(b.ctx(), p) }
	b.same("all parked", all(b, 2, list), want)

	c := change(fjord, 0, "")
	c.Claim = []licence.Name{sub}
	b.commit(c)
	b.fails(b.KeepUnmatched(b.ctx(), *fact("stripe:evt_9", sub, stripe), "h"), store.ErrKnown)
	b.fails(b.KeepUnmatched(b.ctx(), want[2].Fact, want[2].Hash), store.ErrKnown) // even of one that is parked
	b.must(b.KeepUnmatched(b.ctx(), *fact("stripe:evt_9", stripe), "h"))
	for _, f := range want {
		b.must(b.DropUnmatched(b.ctx(), f.Fact))
	}
	b.same("what is left", parkedFor(b, stripe, 10), []string{"stripe:evt_9"})
}

func testParkedEnd(b bench) {
	f := fact("stripe:evt_1", stripe)
	b.must(b.KeepUnmatched(b.ctx(), *f, f.Hash()))
	b.clock.move(store.FactLife)
	b.same("parked", parkedFor(b, stripe, 10), []string{})
	b.same("all parked", len(all(b, 10, func(p store.Page) ([]store.StoredFact, store.Page, error) { return b.Unmatched(b.ctx(), p) })), 0)
	changed := other("stripe:evt_1", stripe)
	b.must(b.KeepUnmatched(b.ctx(), *changed, changed.Hash()))
	b.same("parked again", parkedFor(b, stripe, 10), []string{"stripe:evt_1"})
}

func testAsides(b bench) {
	want := []store.Rejected{}
	for i := range 5 {
		a := store.Rejected{ID: fmt.Sprintf("stripe:evt#%d", 9-i), Sender: "stripe", Route: "/billing/stripe", Header: map[string]string{"Stripe-Signature": "t=1"},
			Body: []byte("{\"a\":\x00\xff"), Code: "malformed", Message: "not JSON", At: noon.Add(time.Duration(i) * time.Second)}
		b.must(b.Reject(b.ctx(), a))
		want = append(want, a)
	}
	again := want[0]
	again.Message, again.At = "told again", noon.Add(time.Hour)
	b.must(b.Reject(b.ctx(), again)) // the first is kept
	slices.Reverse(want)
	list := func(p store.Page) ([]store.Rejected, store.Page, error) { return b.Rejections(b.ctx(), p) }
	b.same("asides", all(b, 2, list), want)
	b.must(b.DropRejection(b.ctx(), want[1].ID))
	b.must(b.DropRejection(b.ctx(), want[1].ID))
	b.same("asides", all(b, 9, list), slices.Delete(want, 1, 2))

	large := store.Rejected{ID: "large", Body: []byte(strings.Repeat("x", 256<<10)), At: noon}
	b.must(b.Reject(b.ctx(), large))
	got := all(b, 9, list)
	b.same("a large body", len(got[len(got)-1].Body), 256<<10)
}
