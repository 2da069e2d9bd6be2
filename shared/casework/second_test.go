package casework

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"seatmend/shared/licence"
)

// lawSecond tells payloads of one second, under ids and in an order that are drawn, some twice.
func lawSecond(t *rapid.T, payloads ...licence.Payload) licence.Known {
	ids := rapid.Permutation([]string{"a", "b", "c", "d", "e", "f", "g"}).Draw(t, "ids")
	var facts []licence.Fact
	for i, p := range payloads {
		facts = append(facts, licence.Fact{ID: "stripe/" + ids[i], At: drawStart, Source: "stripe", Payload: p})
	}
	k, _ := lawTold(append(drawShuffled(t, facts), facts[:rapid.IntRange(0, len(facts)).Draw(t, "twice")]...))
	return k
}

// Where each body of a second says what it replaced, the last one holds: also where a number comes
// back to what it was, as long as the body that made the thing is among them.
func TestASecondIsOrderedByWhatWasReplaced(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SliceOfN(rapid.IntRange(1, 3), 2, 5).Draw(t, "quantities")
		items := func(i int) []licence.Item { return []licence.Item{{Prices: []string{"price_sp"}, Quantity: n[i]}} }
		phases := func(i int) []licence.Phase { return []licence.Phase{{At: drawStart.AddDate(0, 1, 0), Items: items(i)}} }
		var orders, plans []licence.Payload
		for i := range n {
			o := licence.SubscriptionChanged{Subscription: "sub_1", Items: items(i), Status: "active", Coarse: true, First: i == 0}
			p := licence.ScheduleChanged{Subscription: "sub_1", Schedule: "sub_sched_1", Phases: phases(i), Coarse: true, First: i == 0}
			if i > 0 && n[i] != n[i-1] {
				o.Before, p.Before = licence.ItemsHash(items(i-1)), licence.PhasesHash(phases(i-1))
			}
			orders, plans = append(orders, o), append(plans, p)
		}
		last := len(n) - 1
		r, known := lawSecond(t, orders...).Orders.Subs["sub_1"].Latest()
		if !known || r.Value.Items[0].Quantity != n[last] {
			t.Fatalf("of %v: %v, known %v", n, r.Value.Items, known)
		}
		got := lawSecond(t, plans...).Orders.Subs["sub_1"].Schedule.Value
		lawEqual(t, "phases", licence.PhasesHash(got), licence.PhasesHash(phases(last)))
	})
}

func TestASecondEndsRight(t *testing.T) {
	ten := []licence.Item{{Prices: []string{"price_sp"}, Quantity: 10}}
	seven := []licence.Item{{Prices: []string{"price_sp"}, Quantity: 7}}
	sub := func(status string, items []licence.Item) licence.SubscriptionChanged {
		return licence.SubscriptionChanged{Subscription: "sub_1", Items: items, Status: status, Coarse: true}
	}
	made := sub("incomplete", ten)
	made.First = true
	begun := sub("active", ten)
	begun.Was = &licence.Was{Status: "incomplete"}
	ending := sub("active", ten)
	ending.EndsAt, ending.Was = "2027-01-01", &licence.Was{Status: "active"}
	for _, c := range []struct {
		name   string
		told   []licence.Payload
		known  bool
		status string
		ends   licence.Date
	}{
		{"made, then paid", []licence.Payload{made, begun}, true, "active", ""},
		{"items alone decide", []licence.Payload{sub("past_due", ten), sub("active", ten)}, true, "active", ""},
		{"what nothing orders is not known", []licence.Payload{sub("active", ten), sub("active", seven)}, false, "active", ""},
		{"an end is final", []licence.Payload{sub("active", ten), sub("ended", seven)}, true, "ended", ""},
		{"an end that was ordered", []licence.Payload{sub("active", ten), ending}, true, "active", "2027-01-01"},
		{"an end that nothing orders", []licence.Payload{sub("active", ten), func() licence.Payload { p := ending; p.Was = nil; return p }()}, true, "active", ""},
	} {
		t.Run(c.name, rapid.MakeCheck(func(t *rapid.T) {
			r, known := lawSecond(t, c.told...).Orders.Subs["sub_1"].Latest()
			if known != c.known || r.Value.Status != c.status || r.Value.EndsAt != c.ends {
				t.Fatalf("known %v, %s, ends %q; want %v, %s, %q", known, r.Value.Status, r.Value.EndsAt, c.known, c.status, c.ends)
			}
		}))
	}

	at := drawStart.AddDate(0, 1, 0)
	plan := func(schedule string, items []licence.Item) licence.ScheduleChanged {
		return licence.ScheduleChanged{Subscription: "sub_1", Schedule: schedule, Coarse: true, Phases: []licence.Phase{{At: at, Items: items}}}
	}
	none := licence.ScheduleChanged{Subscription: "sub_1", Schedule: "sub_sched_1", Coarse: true, Phases: []licence.Phase{}}
	over := none
	over.Final = true
	toCome := plan("sub_sched_1", ten)
	toCome.Subscription, toCome.First = "", true
	for _, c := range []struct {
		name string
		told []licence.Payload
		want []licence.Phase
	}{
		{"phases win over none", []licence.Payload{none, plan("sub_sched_1", seven)}, plan("", seven).Phases},
		{"what is over has none", []licence.Payload{over, plan("sub_sched_1", seven)}, []licence.Phase{}},
		{"one is over, and the next was made", []licence.Payload{over, plan("sub_sched_2", seven)}, plan("", seven).Phases},
		{"what nothing orders is not known from then on", []licence.Payload{plan("sub_sched_1", seven), plan("sub_sched_1", ten)}, []licence.Phase{{At: at, Items: []licence.Item{}, Uncounted: true}}},
		{"made, and then begun", []licence.Payload{toCome, none}, []licence.Phase{}},
	} {
		t.Run(c.name, rapid.MakeCheck(func(t *rapid.T) {
			k := lawSecond(t, c.told...)
			lawEqual(t, "phases", licence.PhasesHash(k.Orders.Subs["sub_1"].Schedule.Value), licence.PhasesHash(c.want))
			if len(k.Orders.Subs) != 1 {
				t.Fatalf("subscriptions: %v", k.Orders.Subs)
			}
		}))
	}
}

// A schedule without a subscription is one to come, by its own id, until it has one.
func TestAScheduleGetsItsSubscription(t *testing.T) {
	at := drawStart.AddDate(0, 1, 0)
	alone := licence.ScheduleChanged{Schedule: "sub_sched_1", Coarse: true, Phases: []licence.Phase{{At: at, Items: []licence.Item{{Plan: "sales", Quantity: 7}}}}}
	begun := alone
	begun.Subscription, begun.Phases = "sub_9", []licence.Phase{}
	facts := []licence.Fact{{ID: "z", At: drawStart, Payload: alone}, {ID: "a", At: at, Payload: begun}}
	k, _ := lawTold(facts[:1])
	if sub := k.Orders.Subs["sub_sched_1"]; sub == nil || len(sub.Schedule.Value) != 1 {
		t.Errorf("to come: %+v", k.Orders.Subs)
	}
	for _, order := range [][]licence.Fact{facts, {facts[1], facts[0]}} {
		k, _ := lawTold(order)
		if k.Orders.Subs["sub_sched_1"] != nil || k.Orders.Subs["sub_9"] == nil {
			t.Errorf("begun: %+v", k.Orders.Subs)
		}
	}
}

// Schedules that were stored before they were told apart go on.
func TestAScheduleOfOldGoesOn(t *testing.T) {
	old := licence.Reg[[]licence.Phase]{Stamp: licence.Stamp{At: drawStart, ID: "stripe/a"}, Value: []licence.Phase{{At: drawStart.AddDate(0, 1, 0), Items: []licence.Item{{Plan: "sales", Quantity: 7}}}}}
	k := licence.Known{Orders: licence.Orders{Subs: map[string]*licence.Sub{"sub_1": {Schedule: old}, "sub_2": {Schedule: old}}}}
	k, _, _ = k.Fold(licence.Fact{ID: "stripe/b", At: drawStart.AddDate(0, 0, 1), Payload: licence.ScheduleChanged{Subscription: "sub_1", Schedule: "sub_sched_1", Coarse: true, Final: true, Phases: []licence.Phase{}}}, nil)
	if got := k.Orders.Subs["sub_1"].Schedule.Value; len(got) != 0 {
		t.Errorf("what is over still has %v", got)
	}
	if got := k.Orders.Subs["sub_2"].Schedule.Value; len(got) != 1 {
		t.Errorf("the other has %v", got)
	}
}

func TestASecondOfAnInvoice(t *testing.T) {
	bill := func(status string, change func(*licence.InvoiceChanged)) licence.InvoiceChanged {
		p := licence.InvoiceChanged{Invoice: "in_1", Status: status, Amount: "12500.00", Remaining: "12500.00", Currency: "SEK", Coarse: true}
		if change != nil {
			change(&p)
		}
		return p
	}
	try := func(payment string) licence.InvoiceChanged {
		return bill("open", func(p *licence.InvoiceChanged) { p.Attempts, p.Payment = 1, payment })
	}
	for _, c := range []struct {
		name            string
		told            []licence.Payload
		status, payment string
	}{
		{"paid beats open", []licence.Payload{bill("open", nil), bill("paid", nil)}, "paid", ""},
		{"void beats open", []licence.Payload{bill("open", nil), bill("void", nil)}, "void", ""},
		{"written off beats open", []licence.Payload{bill("open", nil), bill("uncollectible", nil)}, "uncollectible", ""},
		{"paid after all", []licence.Payload{bill("uncollectible", nil), bill("paid", nil), bill("open", nil)}, "paid", ""},
		{"an attempt failed", []licence.Payload{bill("open", nil), try("failed"), try("")}, "open", "failed"},
		{"the bank asks the customer", []licence.Payload{try("action"), try("failed"), try("")}, "open", "action"},
	} {
		t.Run(c.name, rapid.MakeCheck(func(t *rapid.T) {
			in := lawSecond(t, c.told...).Invoices.Of("in_1")
			if in.Value.Status != c.status || in.Value.Payment != c.payment {
				t.Fatalf("%s, payment %q", in.Value.Status, in.Value.Payment)
			}
		}))
	}
}

// That the bank asks the customer to confirm holds until the next attempt, though later bodies of
// the same attempt do not say it again.
func TestActionHoldsForItsAttempt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		try := func(attempts int, payment string) licence.InvoiceChanged {
			return licence.InvoiceChanged{Invoice: "in_1", Status: "open", Amount: "1", Currency: "SEK", Coarse: true, Attempts: attempts, Payment: payment}
		}
		told := []licence.InvoiceChanged{try(0, ""), try(1, "action"), try(1, "failed"), try(1, ""), try(2, "failed")}
		n := rapid.IntRange(1, len(told)).Draw(t, "so far")
		var facts []licence.Fact
		for i, p := range told[:n] {
			facts = append(facts, licence.Fact{ID: fmt.Sprint("stripe/", i), At: drawStart.Add(time.Duration(i) * time.Second), Payload: p})
		}
		k, _ := lawTold(drawShuffled(t, facts))
		if got, want := k.Invoices.Of("in_1").Value.Payment, []string{"", "action", "action", "action", "failed"}[n-1]; got != want {
			t.Fatalf("after %d: %q, want %q", n, got, want)
		}
	})
}

func TestWhatIsTakenBackOfAPayment(t *testing.T) {
	paid := licence.InvoiceChanged{Invoice: "in_1", Status: "paid", Amount: "12500.00", Remaining: "0.00", Currency: "SEK", Coarse: true}
	other := paid
	other.Invoice = "in_2"
	made := licence.PaymentChanged{ID: "inpay_1", Kind: "made", Invoice: "in_1", Payments: []string{"pi_1"}}
	refund := func(amount string) licence.PaymentChanged {
		return licence.PaymentChanged{ID: "ch_1", Kind: "refund", Payments: []string{"ch_1", "pi_1"}, Amount: amount}
	}
	dispute := func(open bool, level int) licence.PaymentChanged {
		return licence.PaymentChanged{ID: "du_1", Kind: "dispute", Payments: []string{"ch_1"}, Open: open, Level: level}
	}
	credit := func(id, amount string, level int) licence.PaymentChanged {
		return licence.PaymentChanged{ID: id, Kind: "credit", Invoice: "in_1", Amount: amount, Level: level}
	}
	for _, c := range []struct {
		name   string
		told   []licence.Payload
		status string
	}{
		{"paid", []licence.Payload{made}, "paid"},
		{"refunded", []licence.Payload{made, refund("12500.00")}, "void"},
		{"refunded in part", []licence.Payload{made, refund("500.00")}, "paid"},
		{"refunded in two parts", []licence.Payload{made, refund("500.00"), refund("12500.00")}, "void"},
		{"a payment of no invoice that is known", []licence.Payload{refund("12500.00")}, "paid"},
		{"disputed, tied by a charge that another body ties to the intent", []licence.Payload{made, refund("0.00"), dispute(true, 3)}, "contested"},
		{"won", []licence.Payload{made, refund("0.00"), dispute(true, 3), dispute(false, 9)}, "paid"},
		{"credited", []licence.Payload{credit("cn_1", "12500.00", 0)}, "void"},
		{"credited twice", []licence.Payload{credit("cn_1", "6000.00", 0), credit("cn_2", "6500.00", 0)}, "void"},
		{"refunded by a credit note", []licence.Payload{made, refund("6250.00"), credit("cn_1", "6250.00", 0)}, "paid"},
		{"a credit note that was voided", []licence.Payload{credit("cn_1", "12500.00", 0), credit("cn_1", "", 1)}, "paid"},
	} {
		t.Run(c.name, rapid.MakeCheck(func(t *rapid.T) {
			k := lawSecond(t, append(c.told, paid, other)...)
			if got := k.Invoices.Of("in_1").Value.Money(); got != c.status {
				t.Fatalf("%s, want %s", got, c.status)
			}
			if got := k.Invoices.Of("in_2").Value.Money(); got != "paid" {
				t.Fatalf("the other invoice is %s", got)
			}
		}))
	}
}
