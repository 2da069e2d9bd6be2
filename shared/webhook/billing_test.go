package webhook

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/events"
	"seatmend/shared/licence"
)

// later is after all that the bodies of events/billing tell.
var later = time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)

// sample is a body of events/billing, changed by pairs of what stands there and what is to.
func sample(t *testing.T, file string, pairs ...string) []byte {
	t.Helper()
	b, err := events.Files.ReadFile("billing/" + file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("%s has no %s", file, pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return []byte(text)
}

// billing reads a body, and every fact of it survives being stored.
func billing(t *testing.T, s Sender, body []byte) Body {
	t.Helper()
	b, err := s.Read(http.Header{}, body, "", later)
	if err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	for _, f := range b.Facts {
		survives(t, f)
	}
	return b
}

// of is the first payload of a type among the facts.
func of[T licence.Payload](t *testing.T, b Body) T {
	t.Helper()
	for _, f := range b.Facts {
		if p, ok := f.Payload.(T); ok {
			return p
		}
	}
	t.Fatalf("no %T in %+v (ignored: %s)", *new(T), b.Facts, b.Ignored)
	return *new(T)
}

// seats are what a subscription orders, by price; -1 where the number is not known.
func seats(p licence.SubscriptionChanged) map[string]int {
	all := map[string]int{}
	for _, it := range p.Items {
		all[it.Prices[0]] += it.Quantity
		if it.Metered {
			all[it.Prices[0]] = -1
		}
	}
	return all
}

func names(sender string, ids ...string) (all []licence.Name) {
	for _, id := range ids {
		all = append(all, licence.Name{Sender: sender, ID: id})
	}
	return all
}

// same compares what was read to what is meant.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		g, _ := json.Marshal(got)
		w, _ := json.Marshal(want)
		t.Errorf("%s\ngot  %s\nwant %s", what, g, w)
	}
}

// folded is what is known after the bodies, told in every order of which there are few, with the first
// folded twice.
func folded(t *testing.T, s Sender, bodies ...[]byte) licence.Known {
	t.Helper()
	var facts []licence.Fact
	for _, b := range bodies {
		facts = append(facts, billing(t, s, b).Facts...)
	}
	var first licence.Known
	permute(facts, func(order []licence.Fact) {
		var k licence.Known
		for _, f := range append(slices.Clone(order), order[0]) {
			k, _, _ = k.Fold(f, licence.Items{})
		}
		if first.Orders.Subs == nil && first.Invoices.Licence == nil {
			first = k
		}
		for _, part := range licence.Parts {
			a, _ := first.Encode(part)
			b, _ := k.Encode(part)
			if string(a) != string(b) {
				t.Fatalf("another order gives another %s:\n%s\n%s", part, a, b)
			}
		}
	})
	return first
}

func permute(all []licence.Fact, do func([]licence.Fact)) {
	if len(all) > 6 { // three orders do
		do(all)
		turned := slices.Clone(all)
		slices.Reverse(turned)
		do(turned)
		do(append(slices.Clone(all[len(all)/2:]), all[:len(all)/2]...))
		return
	}
	var walk func(done, rest []licence.Fact)
	walk = func(done, rest []licence.Fact) {
		if len(rest) == 0 {
			do(done)
		}
		for i := range rest {
			walk(append(slices.Clone(done), rest[i]), slices.Delete(slices.Clone(rest), i, i+1))
		}
	}
	walk(nil, all)
}
