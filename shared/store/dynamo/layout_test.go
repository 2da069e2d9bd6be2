package dynamo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/storetest"
)

// opened is a new table, and stores on it that know nothing of each other, as processes do not.
func opened(t *testing.T, now *time.Time) (fresh func() *Store) {
	t.Helper()
	client := storetest.Dynamo(t)
	table := storetest.TableName(t, client)
	if err := CreateTable(t.Context(), client, table); err != nil {
		t.Fatal(err)
	}
	return func() *Store { return &Store{Client: client, Table: table, Now: func() time.Time { return *now }} }
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func fails(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got %v, want %v", err, want)
	}
}

func checked(id string) *licence.Fact {
	return &licence.Fact{ID: id, At: noon, Source: "standard", Payload: licence.SourceChecked{Of: "licence", CustID: "Cust1"}}
}

// noise does not get smaller, however it is squeezed.
func noise(n int) string {
	r := rand.New(rand.NewPCG(uint64(n), 7))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + r.IntN(70))
	}
	return strings.ReplaceAll(string(b), `\`, "-")
}

// knows says the same in each part, which has that much beside.
func knows(word string, beside int) licence.Known {
	at := licence.Stamp{At: noon, ID: "standard:1"}
	return licence.Known{
		Profile:  licence.Profile{Account: licence.Reg[licence.AccountChanged]{Stamp: at, Value: licence.AccountChanged{Account: "C-1", Name: word, Model: noise(beside)}}},
		Invoices: licence.Invoices{Other: map[string]licence.Reg[string]{"INV-7": {Stamp: at, Value: word}, "INV-8": {Stamp: at, Value: noise(beside)}}},
		Orders:   licence.Orders{Subs: map[string]*licence.Sub{"sub_1": {Now: []licence.Reg[licence.SubscriptionChanged]{{Stamp: at, Value: licence.SubscriptionChanged{Subscription: word, Status: noise(beside)}}}}}},
		Licences: licence.Licences{By: map[string]*licence.KnownInstallation{"cust1": {CustID: word}, "cust2": {CustID: noise(beside)}}},
	}
}

func said(k licence.Known) []string {
	return []string{k.Profile.Account.Value.Name, k.Invoices.Other["INV-7"].Value, k.Orders.Subs["sub_1"].Now[0].Value.Subscription, k.Licences.By["cust1"].CustID}
}

// TestDictionary: what is stored was squeezed by this very dictionary, so that it never changes.
func TestDictionary(t *testing.T) {
	if got, want := fmt.Sprintf("%x", sha256.Sum256(dictionary)), "26fe441fb21d25f90356c4ee2f4b57bd30ecbc4247eae8ca1c52d529eed4cf5f"; got != want {
		t.Errorf("the dictionary is %s, was %s: nothing that is stored could be read", got, want)
	}
	for _, body := range []string{"", "x", `{"v":1,"body":{}}`, noise(40), noise(70_000), strings.Repeat(`{"at":"2026-11-23T09:00:00Z","id":"`, 4000)} {
		v := squeezed([]byte(body))
		if got, err := unsqueezed(v); err != nil || string(got) != body {
			t.Errorf("%.20q came back as %.20q, %v", body, got, err)
		}
		if len(v.Value) > len(body)+1 {
			t.Errorf("%.20q of %d bytes takes %d", body, len(body), len(v.Value))
		}
	}
	small := squeezed([]byte(`{"id":"000000000015-000","kind":"index","ripe":"2026-11-23T09:02:00Z"}`))
	if len(small.Value) > 40 {
		t.Errorf("an effect takes %d bytes", len(small.Value))
	}
	small.Value[0] = 7
	if _, err := unsqueezed(small); err == nil {
		t.Error("a body of a kind that is not known was read")
	}
}

// TestLaterLayout: an account that a later build wrote is refused by name, and left alone.
func TestLaterLayout(t *testing.T) {
	now := noon
	fresh := opened(t, &now)
	s := fresh()
	must(t, s.Commit(t.Context(), licence.Change{Account: "C-1"}))
	head, err := s.get(t.Context(), "Load", headKey("C-1"))
	must(t, err)
	head["layout"] = num(layout + 1)
	must(t, s.put(t.Context(), "Load", head, "", nil))
	s = fresh()
	_, load := s.Load(t.Context(), "C-1", store.Want{})
	_, outbox := s.Outbox(t.Context(), "C-1")
	_, _, facts := s.Facts(t.Context(), "C-1", store.Page{})
	for what, err := range map[string]error{"Load": load, "Outbox": outbox, "Facts": facts, "Commit": s.Commit(t.Context(), licence.Change{Account: "C-1", N: 1})} {
		var later *ErrLayout
		if !errors.As(err, &later) || later.Account != "C-1" || later.Layout != layout+1 || !strings.Contains(err.Error(), "layouts up to 1") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// before0 writes an account as layout 0 had it, at version 3, with a fact of each age.
func before0(t *testing.T, s *Store) {
	t.Helper()
	put := func(k key, more item) {
		t.Helper()
		it := k.item()
		for name, v := range more {
			it[name] = v
		}
		must(t, s.put(t.Context(), "Load", it, "", nil))
	}
	known, history := knows("old", 10), licence.History{Codes: []string{"surplus"}}
	body, err := history.Encode()
	must(t, err)
	put(headKey("C-1"), item{"n": num(3), "body": str(string(body)), "entry": str(`{"account":"C-1","name":"Fjord"}`), "listkey": str("accounts"), "listsort": str("C-1")})
	for _, p := range licence.Parts {
		body, err := known.Encode(p)
		must(t, err)
		put(oldPartKey("C-1", p), item{"body": str(string(body))})
	}
	for n, id := range []string{"page/1", "stripe/1", "stripe/2"} {
		f := checked(id)
		body, err := licence.JSON(f)
		must(t, err)
		it := item{"n": num(int64(n + 1)), "hash": str(f.Hash()), "body": str(string(body)), "listkey": str(join("facts", "C-1")), "listsort": str(fmt.Sprintf("%012d", n+1))}
		keep(it, noon)
		it["entry"] = size(it)
		put(oldFactKey("C-1", id), it)
		if id == "stripe/2" { // the others are from before ids were noted
			it := item{"account": str("C-1"), "said": str(f.Hash())}
			keep(it, noon)
			put(toldKey("C-1", *f), it)
		}
	}
	put(effectKey("C-1", licence.EffectID(2, 0)), item{"body": str(`{"id":"000000000002-000","kind":"mail","ripe":"2026-11-23T12:00:00Z","why":"notice"}`)})
	put(rowKey("C-1", "task", "t1"), item{"kind": str("task"), "id": str("t1"), "body": str(`{"case":"S-1"}`)})
}

// TestLayoutBefore: an account of the build before is read as it was, and written anew by its next commit.
func TestLayoutBefore(t *testing.T) {
	now := noon
	fresh := opened(t, &now)
	s := fresh()
	before0(t, s)
	look := func(n int64, effects, facts int) {
		t.Helper()
		s := fresh()
		l, err := s.Load(t.Context(), "C-1", store.Want{Fact: "stripe/1", Rows: []licence.RowKey{{Kind: "task", ID: "t1"}}})
		must(t, err)
		if l.State.N != n || l.State.History.Codes[0] != "surplus" || l.Seen != checked("stripe/1").Hash() || len(l.Rows) != 1 {
			t.Fatalf("got %+v", l)
		}
		if got, want := said(l.State.Known), []string{"old", "old", "old", "old"}; !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
		out, err := s.Outbox(t.Context(), "C-1")
		must(t, err)
		if len(out) != effects {
			t.Fatalf("got %d effects, want %d", len(out), effects)
		}
		var all []int64
		for p := (store.Page{Limit: 2}); ; {
			some, next, err := s.Facts(t.Context(), "C-1", p)
			must(t, err)
			for _, f := range some {
				all = append(all, f.N)
			}
			if p = next; p.Cursor == "" {
				break
			}
		}
		if len(all) != facts || !slices.IsSortedFunc(all, func(a, b int64) int { return int(b - a) }) {
			t.Fatalf("got facts %v, want %d", all, facts)
		}
	}
	look(3, 1, 3)
	seen := func(n int64) {
		t.Helper()
		for _, id := range []string{"page/1", "stripe/1", "stripe/2"} {
			fails(t, fresh().Commit(t.Context(), licence.Change{Account: "C-1", N: n, Fact: checked(id)}), store.ErrSeen)
			l, err := fresh().Load(t.Context(), "C-1", store.Want{Fact: id})
			must(t, err)
			if l.Seen != checked(id).Hash() {
				t.Errorf("at version %d %s is not seen", n, id)
			}
		}
		fails(t, fresh().Commit(t.Context(), licence.Change{Account: "C-2", Fact: checked("stripe/2")}), store.ErrConflictingReplay)
	}
	seen(3)
	must(t, s.Commit(t.Context(), licence.Change{Account: "C-1", N: 3, Fact: checked("stripe/3"), History: licence.History{Codes: []string{"surplus"}}, Known: knows("old", 10), Parts: licence.Parts[:1],
		Add: []licence.Effect{{Kind: licence.Read, Ripe: noon}}}))
	look(4, 2, 4)
	seen(4)
	must(t, fresh().Commit(t.Context(), licence.Change{Account: "C-1", N: 4, History: licence.History{Codes: []string{"surplus"}}, Drop: []string{licence.EffectID(2, 0), licence.EffectID(4, 0)}}))
	look(5, 0, 4)
	now = noon.Add(store.FactLife)
	must(t, fresh().Commit(t.Context(), licence.Change{Account: "C-1", N: 5, Fact: checked("stripe/1")}))
}

// between is a store whose reads are each followed by what somebody else does, before it goes on.
func between(s *Store, do func(read int)) *Store {
	options := s.Client.Options()
	inner, reads := options.HTTPClient, 0
	options.HTTPClient = wire(func(op string, req *http.Request) (*http.Response, error) {
		res, err := inner.Do(req)
		if op == "BatchGetItem" {
			body, _ := io.ReadAll(res.Body)
			res.Body = io.NopCloser(bytes.NewReader(body))
			reads++
			do(reads)
		}
		return res, err
	})
	return &Store{Client: dynamodb.New(options), Table: s.Table, Now: s.Now}
}

// TestTorn: whoever writes between two reads of one Load is found out, whatever the reader knew before, and
// what it gives is of one version.
func TestTorn(t *testing.T) {
	now := noon
	fresh := opened(t, &now)
	writer := fresh()
	n := int64(0)
	person := licence.Key{CustID: "cust1", User: "12"}
	write := func(gone bool) {
		t.Helper()
		word := fmt.Sprint(n + 1)
		s := licence.Seat{CustID: "cust1", User: licence.Reg[licence.User]{Value: licence.User{ID: "12", Name: word}}, Gone: gone}
		row := licence.Row{Kind: "task", ID: "1", Body: fmt.Appendf(nil, "%q", word), Gone: gone}
		must(t, writer.Commit(t.Context(), licence.Change{Account: "C-1", N: n, Known: knows(word, 3000), Parts: licence.Parts, History: licence.History{Codes: []string{word}}, Seats: []licence.Seat{s}, Rows: []licence.Row{row}}))
		n++
	}
	write(false)
	if h := writer.shapes.get("C-1"); len(h.apart) != len(licence.Parts) {
		t.Fatalf("%v lie apart: this proves nothing", h.apart)
	}
	for _, knew := range []bool{false, true} {
		for _, want := range []store.Want{{}, {Seats: []licence.Key{person}}, {Rows: []licence.RowKey{{Kind: "task", ID: "1"}}}, {Fact: "stripe/1", Seats: []licence.Key{person}, Rows: []licence.RowKey{{Kind: "task", ID: "1"}}}} {
			for upTo := range 6 {
				write(false)
				came := 0
				s := between(fresh(), func(read int) {
					if read <= upTo {
						write(read%2 == 1)
						came++
					}
				})
				if knew {
					h, err := shapeOf("C-1", func() item { it, err := writer.get(t.Context(), "Load", headKey("C-1")); must(t, err); return it }())
					must(t, err)
					s.shapes.put("C-1", h)
				}
				l, err := s.Load(t.Context(), "C-1", want)
				must(t, err)
				word := fmt.Sprint(l.State.N)
				all := append(said(l.State.Known), l.State.History.Codes[0])
				there := l.State.N == n && came%2 == 0 || l.State.N < n && (l.State.N-n+int64(came))%2 == 0
				if len(want.Seats) > 0 && there {
					all = append(all, l.Seats[person].User.Value.Name)
				}
				if len(want.Rows) > 0 && there {
					all = append(all, strings.Trim(string(l.Rows[want.Rows[0]].Body), `"`))
				}
				if !there && len(l.Seats)+len(l.Rows) > 0 {
					t.Errorf("knew %v, %d writers: somebody is there at version %s who was gone", knew, came, word)
				}
				for _, got := range all {
					if got != word {
						t.Fatalf("knew %v, %d writers, %+v: at version %s something says %s: %v", knew, came, want, word, got, all)
					}
				}
			}
		}
	}
}

// TestDeadClaims: a fact whose head was never written is no fact, and its id may be told again.
func TestDeadClaims(t *testing.T) {
	now := noon
	fresh := opened(t, &now)
	claim := func(account string, n int64, id string) {
		t.Helper()
		c, err := store.Prepare(licence.Change{Account: account, N: n, Fact: checked(id)})
		must(t, err)
		must(t, fresh().claim(t.Context(), c))
	}
	commit := func(account string, n int64, id string) error {
		return fresh().Commit(t.Context(), licence.Change{Account: account, N: n, Fact: checked(id)})
	}
	must(t, commit("C-1", 0, "stripe/0"))
	must(t, commit("C-2", 0, "stripe/00"))
	for _, id := range []string{"stripe/1", "stripe/2", "stripe/3", "page/4"} {
		claim("C-1", 1, id)
	}
	l, err := fresh().Load(t.Context(), "C-1", store.Want{Fact: "stripe/1"})
	must(t, err)
	if l.Seen != "" || l.State.N != 1 {
		t.Errorf("a claim is seen as a fact: %+v", l)
	}
	// As long as its head may come, nobody else has the id: neither another account nor who waits for one.
	parked := checked("stripe/3")
	parked.To = []licence.Name{{Sender: "stripe", ID: "cus_none"}}
	for what, err := range map[string]error{"another account": commit("C-2", 1, "stripe/2"), "parked": fresh().KeepUnmatched(t.Context(), *parked, parked.Hash())} {
		if err == nil || errors.Is(err, store.ErrConflictingReplay) || errors.Is(err, store.ErrSeen) {
			t.Errorf("%s: %v, want an error without a name", what, err)
		}
	}
	must(t, commit("C-1", 1, "stripe/1")) // the same once more
	// The account has moved on: the others are dead.
	must(t, commit("C-2", 1, "stripe/2"))
	must(t, fresh().KeepUnmatched(t.Context(), *parked, parked.Hash()))
	must(t, commit("C-1", 2, "page/4"))
	fails(t, commit("C-1", 3, "stripe/2"), store.ErrConflictingReplay)
	fails(t, commit("C-2", 2, "stripe/1"), store.ErrConflictingReplay)
	fails(t, commit("C-1", 3, "stripe/1"), store.ErrSeen)
	// Who erases leaves nothing of them; what came true stays, and so does what another has made of an id.
	claim("C-1", 2, "stripe/7") // its head went another way
	it, err := fresh().get(t.Context(), "Load", toldKey("C-1", *checked("stripe/7")))
	if must(t, err); len(it) == 0 {
		t.Fatal("no claim to erase")
	}
	must(t, fresh().Sweep(t.Context(), "C-1"))
	if it, err = fresh().get(t.Context(), "Load", toldKey("C-1", *checked("stripe/7"))); err != nil || len(it) > 0 {
		t.Errorf("an erasure leaves a dead claim: %v %v", it, err)
	}
	fails(t, commit("C-1", 3, "stripe/1"), store.ErrSeen)
	fails(t, commit("C-1", 3, "stripe/2"), store.ErrConflictingReplay)
	// An account that moves no more gives its claim up after a while.
	claim("C-3", 0, "stripe/5")
	if err := commit("C-2", 2, "stripe/5"); err == nil {
		t.Error("a claim was taken from who may still write")
	}
	now = now.Add(dead + time.Second)
	must(t, commit("C-2", 2, "stripe/5"))
	// Two who tell the same of one version: one of them does.
	claim("C-2", 3, "stripe/6")
	must(t, commit("C-2", 3, "stripe/6"))
	facts, _, err := fresh().Facts(t.Context(), "C-2", store.Page{})
	must(t, err)
	if len(facts) != 4 {
		t.Errorf("got %d facts, want 4", len(facts))
	}
}

// TestChunks: a fact is found by its id and listed, however many came after it.
func TestChunks(t *testing.T) {
	now := noon
	fresh := opened(t, &now)
	s := fresh()
	const facts = 3*mostFactNames + 7
	for n := range int64(facts) {
		if n%5 == 0 {
			s = fresh() // another process
		}
		id := fmt.Sprintf("stripe/%d", n)
		if n%3 == 0 {
			id = fmt.Sprintf("page/%d", n)
		}
		must(t, s.Commit(t.Context(), licence.Change{Account: "C-1", N: n, Fact: checked(id)}))
	}
	if h := s.shapes.get("C-1"); len(h.facts) > mostFactNames+1 {
		t.Errorf("%d ids lie in the head", len(h.facts))
	}
	all, _, err := fresh().Facts(t.Context(), "C-1", store.Page{})
	must(t, err)
	if len(all) != facts {
		t.Fatalf("got %d facts, want %d", len(all), facts)
	}
	for i, f := range all {
		if f.N != int64(facts-i) {
			t.Fatalf("the fact at %d is of version %d", i, f.N)
		}
		l, err := fresh().Load(t.Context(), "C-1", store.Want{Fact: f.Fact.ID})
		must(t, err)
		if l.Seen != f.Hash || l.Seen != f.Fact.Hash() {
			t.Errorf("%s is not seen", f.Fact.ID)
		}
		fails(t, fresh().Commit(t.Context(), licence.Change{Account: "C-1", N: facts, Fact: &f.Fact}), store.ErrSeen)
	}
}

// TestRoom: what is too much for a head lies beside it, and comes back when it is small again.
func TestRoom(t *testing.T) {
	now := noon
	fresh := opened(t, &now)
	var n int64
	var want []string
	commit := func(c licence.Change, beside int) {
		t.Helper()
		c.Account, c.N, c.Known, c.Parts = "C-1", n, knows("x", beside), licence.Parts
		must(t, fresh().Commit(t.Context(), c))
		n++
		l, err := fresh().Load(t.Context(), "C-1", store.Want{})
		must(t, err)
		if got := l.State.Known.Profile.Account.Value.Model; got != noise(beside) || said(l.State.Known)[2] != "x" {
			t.Fatalf("a part of %d bytes came back as %.20q", beside, got)
		}
		out, err := fresh().Outbox(t.Context(), "C-1")
		must(t, err)
		var got []string
		for _, e := range out {
			got = append(got, e.ID)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("owed are %v, want %v", got, want)
		}
	}
	var many licence.Change
	for i := range mostEffects + 15 {
		why := "notice"
		if i == 3 {
			why = noise(3000)
		}
		many.Add = append(many.Add, licence.Effect{Kind: licence.Mail, Ripe: noon, Why: why})
		want = append(want, licence.EffectID(1, i))
	}
	commit(many, 10)
	grown := licence.Change{Add: []licence.Effect{{ID: want[5], Kind: licence.Mail, Why: noise(2500)}, {ID: want[3], Kind: licence.Mail, Why: "small"}}}
	commit(grown, 5000)
	drop := licence.Change{Drop: slices.Clone(want[1:])}
	want = want[:1]
	commit(drop, 5000)
	commit(licence.Change{}, 20)
	head, err := fresh().get(t.Context(), "Load", headKey("C-1"))
	must(t, err)
	if h, err := shapeOf("C-1", head); err != nil || len(h.apart)+len(h.outs) != 0 {
		t.Errorf("%v and %v lie apart of a small account, %v", h.apart, h.outs, err)
	}
	in := prefix(of("C-1"), "")
	in.KeyConditionExpression = aws.String("pk = :pk")
	delete(in.ExpressionAttributeValues, ":begin")
	for it, err := range fresh().query(context.Background(), "Load", in) {
		if must(t, err); text(it, "sk") != "head" {
			t.Errorf("%s is left", text(it, "sk"))
		}
	}
}
