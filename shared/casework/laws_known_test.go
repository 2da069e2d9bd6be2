package casework

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"seatmend/shared/licence"
)

// Laws of what is known: the order and the repetition of facts change nothing, and what is stored
// comes back.

// Any permutation and any duplication of a set of facts gives one Known, and one set of people.
func TestKnownIsOrderFree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, topic := range drawTopics {
			facts := drawFacts(t, topic, 16)
			one, people := lawTold(facts)
			for range 3 {
				two, others := lawTold(drawShuffled(t, facts))
				lawEqual(t, "known", lawKnown(t, two), lawKnown(t, one))
				lawEqual(t, "people", lawPeople(two, others), lawPeople(one, people))
			}
		}
	})
}

// The bounded sets are order-free beyond their bounds too, where a member's key is equal in all
// facts about it.
func TestBoundedSetsAreOrderFree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		members := rapid.IntRange(1, 80).Draw(t, "members")
		kind := drawOf(t, "kind", "invoice", "other", "list", "login", "claim")
		var facts []licence.Fact
		for i := range members {
			for n := range rapid.IntRange(1, 2).Draw(t, "tellings") {
				f := drawMember(t, kind, i)
				f.ID, f.Source = fmt.Sprint(kind, (i*7+n*3)%members, "/", i, "/", n), "standard"
				facts = append(facts, f)
			}
		}
		one, _ := lawTold(facts)
		two, _ := lawTold(drawShuffled(t, facts))
		lawEqual(t, "known", lawKnown(t, two), lawKnown(t, one))
		if n := len(one.Invoices.Licence); n > licence.MaxInvoices {
			t.Fatalf("%d invoices, %d are kept", n, licence.MaxInvoices)
		}
		for _, i := range one.Licences.By {
			if n := len(i.Warned); n > licence.MaxWarned {
				t.Fatalf("%d warned logins, %d are kept", n, licence.MaxWarned)
			}
		}
		for _, f := range facts {
			if _, _, parts := one.Fold(f, nil); len(parts) > 0 {
				t.Fatalf("%s told again moves %v", f.ID, parts)
			}
		}
	})
}

// A fact that was told already moves nothing, however much was told since. And a part is told
// to have moved just when its stored form is another.
func TestFoldIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := drawFacts(t, drawOf(t, "topic", drawTopics...), 16)
		k, d := licence.Known{}, &drawStore{}
		for _, f := range facts {
			next, parts := d.fold(k, f)
			was, is := lawKnown(t, k), lawKnown(t, next)
			for _, p := range licence.Parts {
				if got, want := slices.Contains(parts, p), was[p] != is[p]; got != want && !lawMarked(f) {
					t.Fatalf("%s of %s: part %s moved: %v, its stored form: %v", f.Payload.Type(), f.ID, p, got, want)
				}
			}
			k = next
		}
		was := lawKnown(t, k)
		for _, f := range facts {
			if _, parts := d.fold(k, f); len(parts) > 0 {
				t.Fatalf("%s %s told again moves %v", f.Payload.Type(), f.ID, parts)
			}
		}
		lawEqual(t, "known", lawKnown(t, k), was)
	})
}

// The counters of a roster equal a recount of its rows, also where lists are replaced while
// changes arrive in any order.
func TestSeatCountersEqualARecount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k, d := licence.Known{}, &drawStore{}
		for _, f := range drawShuffled(t, drawFacts(t, drawSeatTopic, 16)) {
			k, _ = d.fold(k, f)
			for cust, i := range k.Licences.By {
				count := licence.Roster{Held: map[string]int{}}
				for _, seat := range d.present(k, cust) {
					seat.Count(&count, +1)
				}
				if i.Roster.Held == nil {
					i.Roster.Held = map[string]int{}
				}
				got := []any{i.Roster.Held, i.Roster.CanLogin, i.Roster.Employees}
				lawEqual(t, "counters of "+cust, got, []any{count.Held, count.CanLogin, count.Employees})
			}
		}
	})
}

// A fact that was told already changes nothing, and a late one nothing that a newer told.
func TestLateFactsChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := drawFacts(t, drawOf(t, "topic", drawTopics...), 10)
		k, d := lawTold(facts)
		late := facts[rapid.IntRange(0, len(facts)-1).Draw(t, "late")]
		late.ID, late.At = "a", late.At.Add(-time.Duration(rapid.IntRange(0, 48).Draw(t, "ago"))*time.Hour)
		late.Payload = drawPayloads[late.Payload.Type()](t)
		next, _ := d.fold(k, late)
		was, is := lawStamps(k), lawStamps(next)
		for path, s := range was {
			if got, ok := is[path]; !ok || got != s && !got.After(s) {
				t.Fatalf("%s was told at %v, and a fact of %v made that %v", path, s, late.Stamp(), got)
			}
		}
	})
}

// An optional field that is absent leaves what was told before; null takes it back.
func TestAbsentFieldsLeaveWhatWasTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := drawOf(t, "kind", "account.changed", "installation.reported")
		k, d := lawTold([]licence.Fact{drawFact(t, "a", drawStart, kind), drawFact(t, "b", drawStart, kind)})
		f := drawFact(t, "c", drawStart.Add(time.Hour), kind)
		next, _ := d.fold(k, f)
		was, is := reflect.ValueOf(k.Profile), reflect.ValueOf(next.Profile)
		if p, ok := f.Payload.(licence.InstallationReported); ok {
			was, is = reflect.ValueOf(*k.Inst(p.CustID)), reflect.ValueOf(*next.Inst(p.CustID))
		}
		for field, told := range reflect.ValueOf(f.Payload).Fields() {
			if !strings.HasPrefix(field.Type.Name(), "Opt[") {
				continue
			}
			got := is.FieldByName(field.Name)
			if !told.FieldByName("Told").Bool() {
				lawEqual(t, field.Name, got.Interface(), was.FieldByName(field.Name).Interface())
			} else {
				lawEqual(t, field.Name, got.FieldByName("Value").Interface(), told.FieldByName("Value").Interface())
			}
		}
	})
}

// lawStamps are the stamps of all registers, by their place. Those that keep the earliest
// telling are left out, and what lies in bounded lists.
func lawStamps(k licence.Known) map[string]licence.Stamp {
	out := map[string]licence.Stamp{}
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		switch {
		case v.Type() == reflect.TypeFor[licence.Stamp]():
			if s := v.Interface().(licence.Stamp); !s.At.IsZero() {
				out[path] = s
			}
		case v.Kind() == reflect.Pointer && !v.IsNil():
			walk(path, v.Elem())
		case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]():
			for i := range v.NumField() {
				if name := v.Type().Field(i).Name; !strings.HasPrefix(name, "First") && name != "Value" {
					walk(path+"."+name, v.Field(i))
				}
			}
		case v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String:
			for _, key := range v.MapKeys() {
				walk(path+"["+key.String()+"]", v.MapIndex(key))
			}
		}
	}
	walk("", reflect.ValueOf(k))
	return out
}

// What is stored is what comes back.
func TestStoredFormRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWalkFrom(t, drawDirectory(), func(_ *drawWalk, _ licence.State, c licence.Change) {
			var k licence.Known
			for _, p := range licence.Parts {
				b, err := c.Known.Encode(p)
				if err == nil {
					err = k.Decode(p, b)
				}
				if err != nil {
					t.Fatal(err)
				}
				again, _ := k.Encode(p)
				lawEqual(t, string(p), string(again), string(b))
			}
			lawEqual(t, "known", k, c.Known.Clone())
			var h licence.History
			b, err := c.History.Encode()
			if err == nil {
				err = h.Decode(b)
			}
			if err != nil {
				t.Fatal(err)
			}
			again, _ := h.Encode()
			lawEqual(t, "history", string(again), string(b))
			lawEqual(t, "history", h.Clone(), c.History.Clone())
		})
		for range rapid.IntRange(0, 6).Draw(t, "steps") {
			w.step()
		}
	})
}

// A fact says the same after it was stored, whatever zone its instant was told in.
func TestFactRoundTrip(t *testing.T) {
	if got, want := slices.Sorted(maps.Keys(drawPayloads)), slices.Sorted(maps.Keys(licence.Payloads)); !slices.Equal(got, want) {
		t.Fatalf("drawn are %v, payloads are %v", got, want)
	}
	for _, kind := range slices.Sorted(maps.Keys(licence.Payloads)) {
		t.Run(kind, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				f := drawFact(t, "f1", drawStart, kind)
				if _, ok := f.Payload.(licence.SeatsListed); ok && rapid.Bool().Draw(t, "staged") {
					f.Payload, _, _ = licence.Stage(f, "", nil)
				}
				b, err := json.Marshal(f)
				if err != nil {
					t.Fatal(err)
				}
				var back licence.Fact
				if err := json.Unmarshal(b, &back); err != nil {
					t.Fatal(err)
				}
				if list, ok := f.Payload.(licence.SeatsListed); !ok || list.Roster == nil {
					lawEqual(t, "fact", back, f)
				}
				lawEqual(t, "stored fact", lawJSON(t, back), string(b))
				away := f
				away.At = f.At.In(time.FixedZone("", 3600))
				if back.Hash() != f.Hash() || away.Hash() != f.Hash() {
					t.Fatalf("hashes %s, %s and %s", f.Hash(), back.Hash(), away.Hash())
				}
				other := drawFact(t, "f1", drawStart, kind)
				same := reflect.DeepEqual(other.Payload, f.Payload) && other.ID == f.ID
				if list, ok := f.Payload.(licence.SeatsListed); (!ok || list.Roster == nil) && (other.Hash() == f.Hash()) != same {
					t.Fatalf("%v has the hash of %v: %v", other, f, !same)
				}
			})
		})
	}
}

// A clock of whole seconds orders no two bodies of one second: what is ordered is known only
// where they agree, or where one says what it replaced. Ids decide nothing.
func TestCoarseClockOrdersNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "bodies")
		quantity := rapid.SliceOfN(rapid.IntRange(1, 3), n, n).Draw(t, "quantities")
		chained := rapid.Bool().Draw(t, "each says what it replaced")
		items := func(i int) []licence.Item { return []licence.Item{{Plan: "sales", Quantity: quantity[i]}} }
		ids := rapid.Permutation([]int{0, 1, 2, 3}).Draw(t, "ids")
		var facts []licence.Fact
		same := true
		for i := range n {
			p := licence.SubscriptionChanged{Subscription: "sub_1", Items: items(i), Status: "active", Coarse: true}
			if chained && i > 0 {
				p.Before = licence.ItemsHash(items(i - 1))
			}
			same = same && quantity[i] == quantity[0]
			facts = append(facts, licence.Fact{ID: fmt.Sprint(ids[i]), At: drawStart, Source: "stripe", Payload: p})
		}
		k, _ := lawTold(drawShuffled(t, facts))
		last, known := k.Orders.Subs["sub_1"].Latest()
		seen := map[int]bool{}
		for _, q := range quantity {
			seen[q] = true
		}
		switch straight := len(seen) == n; {
		case same && !known, chained && straight && !known, !chained && !same && known:
			t.Fatalf("quantities %v, chained %v: known %v", quantity, chained, known)
		case chained && straight && last.Value.Items[0].Quantity != quantity[n-1]:
			t.Fatalf("quantities %v, and the last is %v", quantity, last.Value.Items)
		}
		k, _ = lawTold(append(facts, licence.Fact{ID: "later", At: drawStart.Add(time.Second), Payload: licence.SubscriptionChanged{Subscription: "sub_1", Items: items(0), Coarse: true}}))
		if _, known := k.Orders.Subs["sub_1"].Latest(); !known {
			t.Fatal("a later body leaves the number unknown")
		}
	})
}
