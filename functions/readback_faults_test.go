package functions_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"seatmend/infra/billingsim"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/webhook"
)

var recurlyBiller = billers[slices.IndexFunc(billers, func(b biller) bool { return b.name == "recurly" })]
var stripeBiller = billers[slices.IndexFunc(billers, func(b biller) bool { return b.name == "stripe" })]

// fleetTasks are the open tasks of ops about a code, by what they are about.
func (w *world) fleetTasks(code string) (about []string) {
	w.Helper()
	var v struct {
		Tasks []struct {
			Code, State string
			Subject     licence.Subject
		}
	}
	w.ask("/accounts/fleet/tasks", &v)
	for _, t := range v.Tasks {
		if t.Code == code && t.State == "open" {
			about = append(about, t.Subject.ID)
		}
	}
	return about
}

// What fails leaves the read owed, at each system: it is made when the system answers again, ops have one task
// meanwhile, and the task closes.
func TestReadStaysOwed(t *testing.T) {
	each := []string{"too many calls", "an outage", "there is none yet", "a lost answer", "the key is taken out"}
	for name, answer := range map[string]billingsim.Answer{
		"too many calls":         {Status: 429, Header: map[string]string{"Retry-After": "90"}},
		"an outage":              {Status: 500, Body: "<html>"},
		"a gateway's 503":        {Status: 503, Body: "no"},
		"there is none yet":      {Status: 404, Body: `{}`},
		"a redirect":             {Status: 302, Header: map[string]string{"Location": "http://127.0.0.1:1/"}},
		"a lost answer":          {Cut: true},
		"no JSON":                {Status: 200, Body: "hello"},
		"another object":         {Status: 200, Body: `{"id":"sub_other"}`},
		"an object of no shape":  {Status: 200, Body: `{"id":"sub_1","state":7}`},
		"the key is taken out":   {Status: 401, Body: `{}`},
		"an answer of too much":  {Status: 200, Body: `{"id":"sub_1","more":"` + strings.Repeat("x", 9<<20) + `"}`},
		"a server that asks not": {Status: 503, Header: map[string]string{"Retry-After": "Mon, 23 Nov 2026 23:00:00 GMT"}},
	} {
		for _, b := range billers {
			if b.name != "recurly" && !slices.Contains(each, name) {
				continue
			}
			staysOwed(t, name, b, answer)
		}
	}
}

func staysOwed(t *testing.T, name string, b biller, answer billingsim.Answer) {
	t.Run(name+", "+b.name, func(t *testing.T) {
		p := readWorld(t, b)
		p.advance(p.clock.Now().Add(25 * time.Hour)) // the first pull is over
		p.billing.Put(b.name, "subscription", b.sub("sub_1", b.customer, "active", 8))
		p.billing.Fault = func(billingsim.Call) billingsim.Answer { return answer }
		began := p.clock.Now()
		p.hooks(b, b.hook(1, began, b.sub("sub_1", b.customer, "active", 9))) // a moment ago it was
		if n := p.owedReads("fleet") + p.owedReads("C-1"); n != 1 {
			t.Fatalf("%d reads are owed, want 1", n)
		}
		p.advance(began.Add(3 * time.Hour))
		if calls := p.billing.Calls(b.name); len(calls) < 4 || len(calls) > 20 {
			t.Errorf("%d calls in three hours", len(calls))
		}
		if got := p.fleetTasks("not-read"); !slices.Equal(got, []string{b.name}) {
			t.Errorf("ops have %v", got)
		}
		p.billing.Fault = nil
		p.advance(began.Add(8 * time.Hour))
		if got := p.ordered(); got != 8.0 {
			t.Errorf("%v ordered, want 8", got)
		}
		if got := p.fleetTasks("not-read"); len(got) > 0 {
			t.Errorf("ops still have %v", got)
		}
		if strings.Contains(p.logs.String(), canary) {
			t.Error("the log shows a key")
		}
	})
}

// What is never there is not asked for ever.
func TestReadIsGivenUp(t *testing.T) {
	p := readWorld(t, recurlyBiller)
	p.hooks(recurlyBiller, recurlyHook("subscription", "updated", "nowhere", p.clock.Now()))
	p.advance(p.clock.Now().Add(6 * 24 * time.Hour))
	if n := p.owedReads("fleet"); n != 0 {
		t.Errorf("%d reads are owed after six days", n)
	}
}

// Without a key ops are told what to do, once, and nothing else comes of it.
func TestThinWithoutAKey(t *testing.T) {
	for sender, body := range map[string]string{
		"recurly": `{"id":"rsub1","object_type":"subscription","site_id":"s","event_type":"updated","event_time":"2026-11-20T09:15:00Z"}`,
		"stripe":  `{"id":"evt_1","object":"v2.core.event","type":"v1.customer.subscription.updated","created":"2026-11-20T09:15:00Z","livemode":true,"related_object":{"id":"sub_1","type":"subscription"}}`,
	} {
		w := newWorld(t, nil)
		for i := range 3 {
			out := w.post(sender, "/billing/"+sender, fmt.Sprint("m", i), []byte(body))
			if w.must(out, "ignored"); !strings.Contains(out.body, sender+"_api") || sender == "stripe" && !strings.Contains(out.body, "choose snapshot events") {
				t.Errorf("%s: told is %s", sender, out.body)
			}
		}
		if got := w.fleetTasks("no-key"); !slices.Equal(got, []string{sender}) {
			t.Errorf("%s: ops have %v", sender, got)
		}
	}
}

// What nobody uses is ignored, and a line of the log has its sender and its type, by which it is counted.
func TestIgnoredIsCounted(t *testing.T) {
	types := map[string][2]string{
		"stripe":    {"customer.created", `{"id":"evt_1","object":"event","api_version":"2026-10-28.endive","created":1790841600,"livemode":true,"type":"customer.created","data":{"object":{"id":"cus_1","object":"customer"}}}`},
		"paddle":    {"customer.created", `{"event_id":"evt_1","event_type":"customer.created","occurred_at":"2026-11-20T09:15:00Z","notification_id":"ntf_1","data":{"id":"ctm_1"}}`},
		"chargebee": {"customer_created", `{"id":"ev_1","object":"event","api_version":"v2","event_type":"customer_created","occurred_at":1790841600,"content":{"customer":{"id":"fjord"}}}`},
		"recurly":   {"account.created", `{"id":"a","object_type":"account","site_id":"s","event_type":"created","event_time":"2026-11-20T09:15:00Z"}`},
		"standard":  {"coffee.made", `{"type":"coffee.made","timestamp":"2026-11-20T09:15:00Z","data":{"account":"C-1"}}`},
	}
	for _, s := range webhook.Senders {
		told, ok := types[s.Name]
		if !slices.Contains(s.Routes, "billing") {
			continue
		}
		if !ok {
			t.Errorf("%s has no body here that nobody uses", s.Name)
			continue
		}
		w := newWorld(t, nil)
		for i := range 2 {
			w.must(w.post(s.Name, "/billing/"+s.Name, fmt.Sprint("m", i), []byte(told[1])), "ignored")
		}
		line := regexp.MustCompile(`"msg":"ignored","sender":"` + s.Name + `","type":"` + regexp.QuoteMeta(told[0]) + `"`)
		if got := len(line.FindAllString(w.logs.String(), -1)); got != 2 {
			t.Errorf("%s: the log counts %d of the type, want 2: %s", s.Name, got, w.logs)
		}
	}
}

// A thin event of Stripe's is read, and so known; later ones of the subscription are owed by its account.
func TestThinIsRead(t *testing.T) {
	p := readWorld(t, stripeBiller)
	p.billing.Put("stripe", "subscription", stripeBiller.sub("sub_1", "cus_1", "active", 9))
	thin := func(n int) reply {
		return p.post("stripe", "/billing/stripe", "", fmt.Appendf(nil, `{"id":"evt_%d","object":"v2.core.event","type":"v1.customer.subscription.updated","created":"2026-10-01T08:00:00Z","livemode":true,"related_object":{"id":"sub_1","type":"subscription"}}`, n))
	}
	p.must(thin(1), "parked")
	p.sweep()
	if got := p.ordered(); got != 9.0 {
		t.Fatalf("%v ordered, want 9", got)
	}
	p.billing.Put("stripe", "subscription", stripeBiller.sub("sub_1", "cus_1", "active", 8))
	p.clock.set(p.clock.Now().Add(time.Minute))
	p.must(thin(2), "applied")
	if got := p.ordered(); got != 8.0 {
		t.Errorf("%v ordered, want 8", got)
	}
}

// What a webhook tells while an older answer is under way is not lost to it: the read is owed anew.
func TestAnswerOlderThanTheHook(t *testing.T) {
	p := readWorld(t, stripeBiller)
	b := stripeBiller
	p.billing.Put(b.name, "subscription", b.sub("sub_1", b.customer, "active", 10))
	p.hooks(b, b.hook(1, p.clock.Now(), b.sub("sub_1", b.customer, "active", 10)))
	p.advance(p.clock.Now().Add(5 * time.Minute))
	var once sync.Once
	p.billing.Fault = func(c billingsim.Call) (a billingsim.Answer) {
		if strings.HasSuffix(c.Path, "/sub_1") {
			once.Do(func() { // the answer is of before; then it changes, and a hook says so
				a = billingsim.Answer{Status: 200, Body: b.sub("sub_1", b.customer, "active", 9)}
				p.billing.Put(b.name, "subscription", b.sub("sub_1", b.customer, "active", 8))
				r := p.signed(b.name, "/billing/stripe", "", b.hook(3, p.clock.Now(), b.sub("sub_1", b.customer, "active", 8)))
				if out := p.do(r); out.status != 200 {
					t.Errorf("answered %v", out)
				}
			})
		}
		return a
	}
	p.hooks(b, b.hook(2, p.clock.Now().Add(-time.Second), b.sub("sub_1", b.customer, "active", 9)))
	p.advance(p.clock.Now().Add(10 * time.Minute))
	if got := p.ordered(); got != 8.0 {
		t.Errorf("%v ordered, want 8", got)
	}
}

// Two hands that read at once, in two processes, end in what is so.
func TestTwoHandsRead(t *testing.T) {
	p := readWorld(t, recurlyBiller)
	b := recurlyBiller
	p.advance(p.clock.Now().Add(25 * time.Hour))
	p.billing.Put(b.name, "subscription", b.sub("sub_1", b.customer, "active", 7))
	p.do(p.signed(b.name, "/billing/recurly", "", b.hook(1, p.clock.Now(), b.sub("sub_1", b.customer, "active", 7))))
	var hands sync.WaitGroup
	for range 4 {
		hands.Go(func() {
			if err := p.app.Engine.Deliver(t.Context(), "fleet"); err != nil {
				t.Error(err)
			}
		})
	}
	hands.Wait()
	p.sweep()
	if got := p.ordered(); got != 7.0 || p.owedReads("fleet") != 0 {
		t.Errorf("%v ordered, want 7; %d reads are owed", got, p.owedReads("fleet"))
	}
}

// Keys are rotated: one that is refused does not stop the other, and one of another site ends nothing.
func TestKeyRotated(t *testing.T) {
	eachBiller(t, func(t *testing.T, b biller) {
		p := readWorld(t, b)
		p.billing.Put(b.name, "subscription", b.sub("sub_1", b.customer, "active", 10))
		p.advance(p.clock.Now().Add(25 * time.Hour))
		if got := p.ordered(); got != 10.0 {
			t.Fatalf("%v ordered, want 10", got)
		}
		list := b.name + "_api"
		old := apiKeys[list][0]
		p.keys = maps.Clone(apiKeys)
		p.keys[list] = []string{old[:len(old)-3] + "off", old} // the first is refused
		p.start()
		p.billing.Put(b.name, "subscription", b.sub("sub_1", b.customer, "active", 9))
		p.advance(p.clock.Now().Add(25 * time.Hour))
		if got := p.ordered(); got != 9.0 {
			t.Errorf("%v ordered with the second key, want 9", got)
		}
		// A key of another site, where there is neither customer nor subscription.
		p.billing.Delete(b.name, "customer", b.customer)
		p.billing.Delete(b.name, "subscription", "sub_1")
		p.advance(p.clock.Now().Add(30 * time.Hour))
		if got := p.ordered(); got != 9.0 {
			t.Errorf("%v ordered after a key that sees nothing, want 9", got)
		}
		if got := p.fleetTasks("not-read"); !slices.Equal(got, []string{b.name}) {
			t.Errorf("ops have %v", got)
		}
	})
}

// A list that changes while it is paged ends nothing: what it does not show is asked for by itself.
func TestTornListEndsNothing(t *testing.T) {
	eachBiller(t, func(t *testing.T, b biller) {
		p := readWorld(t, b)
		const many = 45
		p.billing.PageSize = 20
		id := func(i int) string { return fmt.Sprintf("sub_%03d", i) }
		for i := range many {
			p.billing.Put(b.name, "subscription", b.sub(id(i), b.customer, "active", 1))
		}
		p.billing.EmptyPages = true
		p.advance(p.clock.Now().Add(25 * time.Hour))
		if got := p.ordered(); got != float64(many) {
			t.Fatalf("%v ordered, want %d", got, many)
		}
		// Between two pages, the last ones move to the front, where the list has been already.
		p.billing.OnPage = func(_, kind string, page int) {
			if kind == "subscription" && page > 0 {
				for i := range 8 {
					p.billing.Delete(b.name, "subscription", id(many-1-i))
				}
			}
		}
		restore := func() {
			for i := range 8 {
				p.billing.Put(b.name, "subscription", b.sub(id(many-1-i), b.customer, "active", 1))
			}
		}
		p.billing.Fault = func(c billingsim.Call) billingsim.Answer {
			if strings.Contains(c.Path, "/sub_") { // they are there all the time
				restore()
			}
			return billingsim.Answer{}
		}
		p.advance(p.clock.Now().Add(25 * time.Hour))
		if got := p.ordered(); got != float64(many) {
			t.Errorf("%v ordered after a torn list, want %d", got, many)
		}
		if got := p.fleetTasks("not-read"); len(got) > 0 {
			t.Errorf("ops have %v", got)
		}
	})
}

// A customer of another account in an answer is told to nobody by it: not to the account that was read for,
// and not to its own, which reads for itself.
func TestReadStaysWithItsCustomer(t *testing.T) {
	eachBiller(t, func(t *testing.T, b biller) {
		p := readWorld(t, b)
		p.must(p.say("account.changed", p.clock.Now(), readAccount("C-2", "Cust2", b.name, "other")), "applied")
		p.billing.Put(b.name, "customer", strings.Replace(b.customerObject, b.customer, "other", 1))
		p.billing.Put(b.name, "subscription", b.sub("sub_1", b.customer, "active", 10))
		p.billing.Put(b.name, "subscription", b.sub("sub_2", "other", "active", 4))
		p.billing.Fault = func(c billingsim.Call) (a billingsim.Answer) {
			if strings.Contains(c.Path+"?"+c.Query, "subscriptions?") && strings.Contains(c.Query+c.Path, b.customer) {
				object := b.sub("sub_2", "other", "active", 400)
				switch b.name {
				case "paddle":
					a.Body = `{"data":[` + object + `],"meta":{"pagination":{"has_more":false,"next":""}}}`
				case "chargebee":
					a.Body = `{"list":[{"subscription":` + object + `}]}`
				default:
					a.Body = `{"data":[` + object + `],"has_more":false}`
				}
				a.Status = 200
			}
			return a
		}
		p.advance(p.clock.Now().Add(25 * time.Hour))
		for account, want := range map[string]string{"C-1": "", "C-2": "sub_2"} {
			l, err := p.db.Load(t.Context(), account, storeWant)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(licence.SortedKeys(l.State.Known.Orders.Subs), " "); got != want {
				t.Errorf("%s has %q, want %q", account, got, want)
			}
		}
		if got := (&played{world: p.world, account: "C-2"}).ordered(); got != 4.0 {
			t.Errorf("%v ordered by the other, want 4", got)
		}
	})
}

// Where a key is given later, all accounts come to be read within a day, also those that have nothing due.
func TestKeyIsGivenLater(t *testing.T) {
	p := readWorld(t, stripeBiller)
	p.billing.Put("stripe", "subscription", stripeBiller.sub("sub_1", "cus_1", "active", 6))
	p.keys = nil
	p.start()
	p.advance(p.clock.Now().Add(72 * time.Hour))
	if calls := p.billing.Calls("stripe"); len(calls) > 0 {
		t.Fatalf("%d calls without a key", len(calls))
	}
	p.keys = apiKeys
	p.start()
	p.sweep()
	p.advance(p.clock.Now().Add(25 * time.Hour))
	if got := p.ordered(); got != 6.0 {
		t.Errorf("%v ordered, want 6", got)
	}
}

// So many hints at once are read as one pull.
func TestManyHintsAreOnePull(t *testing.T) {
	p := readWorld(t, stripeBiller)
	b := stripeBiller
	p.advance(p.clock.Now().Add(25 * time.Hour))
	p.billing.Calls(b.name)
	for i := range licence.MaxHints + 20 {
		id := fmt.Sprintf("sub_%02d", i)
		p.billing.Put(b.name, "subscription", b.sub(id, b.customer, "active", 2))
		if out := p.do(p.signed(b.name, "/billing/stripe", "", b.hook(i, p.clock.Now().Add(-time.Hour), b.sub(id, b.customer, "active", 1)))); out.status != 200 {
			t.Fatal(out)
		}
	}
	l, err := p.db.Load(t.Context(), "C-1", store.Want{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(l.State.History.Pending); n > licence.MaxHints+5 {
		t.Errorf("%d effects are owed", n)
	}
	p.woken = append(p.woken, "C-1")
	p.deliver()
	p.advance(p.clock.Now().Add(time.Hour))
	if got := p.ordered(); got != float64(2*(licence.MaxHints+20)) {
		t.Errorf("%v ordered, want %d", got, 2*(licence.MaxHints+20))
	}
}

// However long each of Recurly's hooks is under way, and though any comes twice, a month ends in what is so:
// none of them says what, and each comes after what it tells of.
func TestRecurlyMonthInAnyOrder(t *testing.T) {
	b := recurlyBiller
	type change struct{ kind, object, hook string }
	month := []change{
		{"subscription", b.sub("sub_1", b.customer, "active", 10), "subscription created sub_1"},
		{"subscription", b.sub("sub_2", b.customer, "active", 3), "subscription created sub_2"},
		{"invoice", b.invoice("in_1", b.customer, "open"), "charge_invoice created in_1"},
		{"subscription", b.sub("sub_1", b.customer, "paused", 10), "subscription paused sub_1"},
		{"subscription", b.sub("sub_2", b.customer, "ended", 3), "subscription expired sub_2"},
		{"subscription", b.sub("sub_1", b.customer, "active", 9), "subscription resumed sub_1"},
		{"invoice", b.invoice("in_1", b.customer, "paid"), "charge_invoice paid in_1"},
	}
	end := func(tb *testing.T, delay func(i int) int) string {
		p := readWorld(tb, b)
		for at := range 2 * len(month) {
			p.clock.set(p.clock.Now().Add(time.Minute))
			if at < len(month) {
				p.billing.Put(b.name, month[at].kind, month[at].object)
			}
			for i, c := range month {
				if due := min(2*len(month)-1, i+delay(i)); due == at || (i%3 == 0 && due+1 == at) {
					w := strings.Fields(c.hook)
					p.hooks(b, recurlyHook(w[0], w[1], w[2], p.clock.Now()))
				}
			}
		}
		p.advance(p.clock.Now().Add(time.Hour))
		l, err := p.db.Load(tb.Context(), "C-1", storeWant)
		if err != nil {
			tb.Fatal(err)
		}
		subs := []string{}
		for _, id := range licence.SortedKeys(l.State.Known.Orders.Subs) {
			now, known := l.State.Known.Orders.Subs[id].Latest()
			subs = append(subs, fmt.Sprint(id, now.Value.Status, now.Value.Items, known))
		}
		return fmt.Sprint("ordered ", p.ordered(), " ", subs, " invoice ", l.State.Known.Invoices.Of("in_1").Value.Status)
	}
	want := end(t, func(int) int { return 0 })
	if !strings.Contains(want, "ordered 9") || !strings.Contains(want, "invoice paid") || !strings.Contains(want, "sub_2ended") {
		t.Fatal(want)
	}
	draw := rapid.SliceOfN(rapid.IntRange(0, len(month)), len(month), len(month))
	for seed := range 4 {
		delays := draw.Example(seed)
		if got := end(t, func(i int) int { return delays[i] }); got != want {
			t.Errorf("with %v it ends in %s, want %s", delays, got, want)
		}
	}
}

// Ours is the only place that a key is shown to: a next page at another host is not asked for.
func TestNextPageElsewhere(t *testing.T) {
	asked := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer other.Close()
	b := billers[slices.IndexFunc(billers, func(b biller) bool { return b.name == "paddle" })]
	p := readWorld(t, b)
	p.billing.Fault = func(c billingsim.Call) (a billingsim.Answer) {
		if c.Path == "/subscriptions" {
			a = billingsim.Answer{Status: 200, Body: fmt.Sprintf(`{"data":[],"meta":{"pagination":{"has_more":true,"next":"%s/subscriptions?after=1"}}}`, other.URL)}
		}
		return a
	}
	p.advance(p.clock.Now().Add(30 * time.Hour))
	if asked > 0 {
		t.Errorf("another host was asked %d times", asked)
	}
}
