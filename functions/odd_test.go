package functions_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// A body of a form that nobody can read leaves what it is about in doubt: what was told before does not go
// on standing as known, and nothing has ended. The next body that can be read settles it.
func TestOddBodyIsInDoubt(t *testing.T) {
	for _, b := range billers {
		for name, odd := range map[string]func(string) string{
			"an unknown status": func(s string) string {
				return strings.NewReplacer(`"status":"active"`, `"status":"dormant"`, `"state":"active"`, `"state":"dormant"`).Replace(strings.Replace(s, `"items":[{"status":"active"`, `"items":[{"status":"kept"`, 1))
			},
			"less than none":   func(s string) string { return strings.Replace(s, `"quantity":9`, `"quantity":-9`, 1) },
			"more than any":    func(s string) string { return strings.Replace(s, `"quantity":9`, `"quantity":1000000001`, 1) },
			"beyond all bytes": func(s string) string { return strings.Replace(s, `"quantity":9`, `"quantity":99999999999999999999`, 1) },
			"a fraction":       func(s string) string { return strings.Replace(s, `"quantity":9`, `"quantity":9.5`, 1) },
			"a text":           func(s string) string { return strings.Replace(s, `"quantity":9`, `"quantity":"9"`, 1) },
			"no number":        func(s string) string { return strings.Replace(s, `"quantity":9`, `"quantity":true`, 1) },
		} {
			t.Run(b.name+"/"+name, func(t *testing.T) {
				p := readWorld(t, b)
				ended := func() bool {
					return slices.ContainsFunc(p.codes(), func(s string) bool { return strings.HasPrefix(s, "subscription-ended") })
				}
				body := odd(b.sub("sub_1", b.customer, "active", 9))
				if body == b.sub("sub_1", b.customer, "active", 9) {
					t.Fatal("the body is as ever")
				}
				if b.name == "recurly" {
					p.billing.Put(b.name, "subscription", b.sub("sub_1", b.customer, "active", 10))
					p.advance(p.clock.Now().Add(25 * time.Hour))
					p.billing.Put(b.name, "subscription", body)
				} else {
					p.keys = nil
					p.start()
					// What orders them in Chargebee is what they say of themselves.
					body = strings.Replace(body, `"resource_version":1790841600000`, `"resource_version":1790841601000`, 1)
					p.hooks(b, b.hook(1, p.clock.Now().Add(-time.Minute), b.sub("sub_1", b.customer, "active", 10)))
				}
				if got := p.ordered(); got != 10.0 {
					t.Fatalf("%v ordered, want 10", got)
				}
				if b.name == "recurly" {
					p.advance(p.clock.Now().Add(25 * time.Hour))
				} else if got := p.hooks(b, b.hook(2, p.clock.Now(), body)); got != "set-aside" {
					t.Errorf("answered %s", got)
				}
				if got := p.ordered(); got != nil || ended() {
					t.Errorf("%v ordered, ended %v", got, ended())
				}
				if b.name != "recurly" { // a person releases it once it can be read, or its sender sends it mended
					mended := strings.Replace(b.sub("sub_1", b.customer, "active", 7), `"resource_version":1790841600000`, `"resource_version":1790841601000`, 1)
					if p.hooks(b, b.hook(2, p.clock.Now(), mended)); p.ordered() != 7.0 {
						t.Errorf("%v ordered by the same event mended, want 7", p.ordered())
					}
				}
				good := strings.Replace(b.sub("sub_1", b.customer, "active", 8), `"resource_version":1790841600000`, `"resource_version":1790841602000`, 1)
				if b.name == "recurly" {
					p.billing.Put(b.name, "subscription", good)
					p.advance(p.clock.Now().Add(25 * time.Hour))
				} else {
					p.clock.set(p.clock.Now().Add(5 * time.Second))
					p.hooks(b, b.hook(3, p.clock.Now(), good))
				}
				if got := p.ordered(); got != 8.0 {
					t.Errorf("%v ordered, want 8", got)
				}
			})
		}
	}
}

// The same of what is pulled: one thing that cannot be read leaves the others as they are.
func TestPullOfOddThings(t *testing.T) {
	eachBiller(t, func(t *testing.T, b biller) {
		p := readWorld(t, b)
		for _, id := range []string{"sub_1", "sub_2", "sub_3", "sub_4", "sub_5", "sub_6", "sub_7", "sub_8", "sub_9"} {
			p.billing.Put(b.name, "subscription", b.sub(id, b.customer, "active", 1))
		}
		p.billing.Put(b.name, "invoice", b.invoice("in_1", b.customer, "open"))
		p.advance(p.clock.Now().Add(25 * time.Hour))
		if got := p.ordered(); got != 9.0 {
			t.Fatalf("%v ordered, want 9", got)
		}
		for _, id := range []string{"sub_1", "sub_2", "sub_3", "sub_4", "sub_5", "sub_6", "sub_7"} {
			p.billing.Put(b.name, "subscription", strings.Replace(b.sub(id, b.customer, "active", 1), `"quantity":1`, `"quantity":-1`, 1))
		}
		p.billing.Put(b.name, "subscription", b.sub("sub_8", b.customer, "active", 2))
		p.billing.Put(b.name, "subscription", b.sub("sub_9", b.customer, "active", 3))
		p.billing.Put(b.name, "invoice", b.invoice("in_1", b.customer, "paid"))
		p.advance(p.clock.Now().Add(25 * time.Hour))
		if got := p.ordered(); got != nil {
			t.Errorf("%v ordered of what cannot be read", got)
		}
		l, err := p.db.Load(t.Context(), "C-1", storeWant)
		if err != nil {
			t.Fatal(err)
		}
		for id, sub := range l.State.Known.Orders.Subs {
			if now, _ := sub.Latest(); now.Value.Uncounted != (id < "sub_8") || id == "sub_9" && now.Value.Items[0].Quantity != 3 || now.Value.Status == "ended" {
				t.Errorf("%s is %+v", id, now.Value)
			}
		}
		if in := l.State.Known.Invoices.Licence["in_1"]; in.Value.Money() != licence.Paid {
			t.Errorf("the invoice is %+v", in.Value)
		}
	})
}

// What a body leaves in doubt keeps its name, also one that the directory lists.
func TestOddBodyKeepsItsName(t *testing.T) {
	b := chargebeeBiller
	p := readWorld(t, b)
	p.keys = nil
	p.start()
	p.must(p.say("account.changed", p.clock.Now(), strings.Replace(readAccount("C-2", "Cust2", b.name, b.customer), `"billing":[{`, `"billing":[{"subscription":"sub_2",`, 1)), "applied")
	of := func(version, status string, quantity int) string {
		return strings.NewReplacer(`"resource_version":1790841600000`, `"resource_version":`+version, `"status":"active"`, `"status":"`+status+`"`).Replace(b.sub("sub_2", b.customer, "active", quantity))
	}
	for i, c := range []struct{ version, status, outcome string }{{"1790841601000", "active", "applied"}, {"1790841602000", "dormant", "set-aside"}, {"1790841603000", "active", "applied"}} {
		p.start() // which remembers no name
		if got := p.hooks(b, b.hook(i+1, p.clock.Now(), of(c.version, c.status, 9))); got != c.outcome {
			t.Errorf("%s: %s, want %s", c.version, got, c.outcome)
		}
	}
}
