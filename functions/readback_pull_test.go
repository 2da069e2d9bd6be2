package functions_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/functions/app"
	"seatmend/infra/billingsim"
	"seatmend/shared/licence"
	"seatmend/shared/webhook"
)

var paddleBiller = billers[slices.IndexFunc(billers, func(b biller) bool { return b.name == "paddle" })]

// days lives through so many days, and tells how many readings of a sender found something, of how many.
func (p *played) days(n int, sender string) (found, reads int) {
	p.Helper()
	p.advance(p.clock.Now().Add(time.Duration(n) * 24 * time.Hour))
	l, err := p.db.Load(p.Context(), "C-1", storeWant)
	if err != nil {
		p.Fatal(err)
	}
	d := l.State.History.Drift.By[sender]
	return d.Found, d.Reads
}

// money is what became of an invoice, as it stands; "": it is not known.
func (p *played) money(id string) string {
	p.Helper()
	l, err := p.db.Load(p.Context(), "C-1", storeWant)
	if err != nil {
		p.Fatal(err)
	}
	in := l.State.Known.Invoices.Of(id)
	if in == nil {
		return ""
	}
	return in.Value.Money()
}

// A chargeback that was won stays won, whichever of its two adjustments a list shows first; and what is so
// every day is no news every day.
func TestAWonChargebackStays(t *testing.T) {
	adjustment := func(id, action, created string) string {
		return fmt.Sprintf(`{"id":%q,"transaction_id":"in_1","subscription_id":"sub_1","customer_id":"ctm_1","action":%q,"status":"approved","currency_code":"SEK","created_at":%q,"totals":{"total":"1250000"}}`, id, action, created)
	}
	for first, second := range map[string]string{"adj_1": "adj_2", "adj_2": "adj_1"} {
		b := paddleBiller
		p := readWorld(t, b)
		p.billing.Put(b.name, "subscription", b.sub("sub_1", b.customer, "active", 10))
		p.billing.Put(b.name, "invoice", b.invoice("in_1", b.customer, "paid"))
		p.billing.Put(b.name, "adjustment", adjustment(first, "chargeback", "2026-11-10T08:00:00Z"))
		if p.days(1, b.name); p.money("in_1") != licence.Contested {
			t.Errorf("after a chargeback it is %s", p.money("in_1"))
		}
		p.billing.Put(b.name, "adjustment", adjustment(second, "chargeback_reverse", "2026-11-20T08:00:00Z"))
		for day := range 4 {
			found, _ := p.days(1, b.name)
			if got := p.money("in_1"); got != licence.Paid || found != 1 {
				t.Errorf("%s, day %d: it is %s, %d readings found something", first, day, got, found)
			}
		}
		p.billing.Put(b.name, "adjustment", adjustment("adj_3", "chargeback", "2026-11-25T08:00:00Z"))
		if p.days(2, b.name); p.money("in_1") != licence.Contested {
			t.Errorf("after another chargeback it is %s", p.money("in_1"))
		}
	}
}

// Of more invoices than are kept the rest is no news every day, and one that is still to be paid is not
// forgotten for those that were paid since.
func TestManyInvoices(t *testing.T) {
	eachBiller(t, func(t *testing.T, b biller) {
		p := readWorld(t, b)
		p.billing.Put(b.name, "invoice", strings.NewReplacer("2027-12-13", "2026-01-13", "2026-12-13", "2025-12-13", "1828656000", "1768262400", "1797120000", "1765584000").Replace(b.invoice("in_old", b.customer, "open")))
		for i := range licence.MaxInvoices + 9 {
			p.billing.Put(b.name, "invoice", b.invoice(fmt.Sprintf("in_%02d", i), b.customer, "paid"))
		}
		p.days(1, b.name)
		told := len(p.said("C-1", "invoice.changed"))
		found, reads := p.days(3, b.name)
		if again := len(p.said("C-1", "invoice.changed")); again != told || found != 0 || reads != 3 {
			t.Errorf("%d of %d readings found something, and %d facts were told", found, reads, again-told)
		}
		if got := p.money("in_old"); got != licence.Owed {
			t.Errorf("the old one is %q", got)
		}
	})
}

// What is paused is read in a pull too, and keeps its seats: Recurly's state live would leave it out.
func TestPausedIsPulled(t *testing.T) {
	eachBiller(t, func(t *testing.T, b biller) {
		p := readWorld(t, b)
		p.billing.Put(b.name, "subscription", b.sub("sub_1", b.customer, "paused", 10))
		p.days(1, b.name)
		if got := p.ordered(); got != 10.0 {
			t.Errorf("%v ordered, want 10", got)
		}
	})
}

// credits are what takes the whole of the invoice in_1 back at each system, with its kind.
var credits = map[string][2]string{
	"stripe":    {"credit_note", `{"id":"cn_1","object":"credit_note","invoice":"in_1","customer":"cus_1","status":"issued","amount":1250000,"currency":"sek"}`},
	"paddle":    {"adjustment", `{"id":"adj_1","transaction_id":"in_1","subscription_id":"sub_1","customer_id":"ctm_1","action":"credit","status":"approved","currency_code":"SEK","created_at":"2026-10-01T08:00:00Z","totals":{"total":"1250000"}}`},
	"chargebee": {"credit_note", `{"id":"cn_1","customer_id":"fjord","reference_invoice_id":"in_1","type":"adjustment","reason_code":"waiver","status":"adjusted","date":1790841600,"currency_code":"SEK","total":1250000,"resource_version":1,"deleted":false}`},
	"recurly": {"invoice", `{"id":"cn_1","object":"invoice","type":"credit","state":"closed","account":{"id":"racc1","code":"C-1"},"subscription_ids":["sub_1"],"previous_invoice_id":"in_1","number":"1001","collection_method":"manual","currency":"SEK",
"total":-12500.0,"paid":0.0,"balance":0.0,"has_more_line_items":false,"transactions":[],"line_items":[],"created_at":"2026-10-01T08:00:00Z","due_at":null,"closed_at":null}`},
}

// mapped is the account with other mappings.
func mapped(account, cust, sender, customer, mappings string) string {
	return strings.Replace(readAccount(account, cust, sender, customer), fmt.Sprintf(`"billing":[{"sender":%q,"id":%q}]`, sender, customer), `"billing":[`+mappings+`]`, 1)
}

// A pull reads what was credited, whether the customer is mapped or one of its subscriptions: who tells of a credit
// may name neither. An invoice that is for several subscriptions is read as well, and none of before the 400 days
// that are looked back.
func TestPullReadsCredits(t *testing.T) {
	eachBiller(t, func(t *testing.T, b biller) {
		for _, mapping := range []string{`{"sender":%q,"id":%q}`, `{"sender":%q,"id":%q,"subscription":"sub_1"}`} {
			p := readWorld(t, b)
			p.must(p.say("account.changed", p.clock.Now(), mapped("C-1", "Cust1", b.name, b.customer, fmt.Sprintf(mapping, b.name, b.customer))), "applied")
			p.billing.Put(b.name, "subscription", b.sub("sub_1", b.customer, "active", 10))
			invoice := strings.NewReplacer(`"subscription_ids":["sub_1"]`, `"subscription_ids":["sub_0","sub_1"]`, fmt.Sprintf(`"customer_id":%q,"subscription_id":"sub_1","status":"payment_due"`, b.customer), fmt.Sprintf(`"customer_id":%q,"status":"payment_due"`, b.customer),
				`"line_items":[{"subscription_id"`, `"line_items":[{"subscription_id":"sub_0","entity_type":"plan_item_price","entity_id":"price_sales","date_from":1797120000,"date_to":1828656000},{"subscription_id"`).Replace(b.invoice("in_1", b.customer, "open"))
			p.billing.Put(b.name, "invoice", invoice)
			p.billing.Put(b.name, "invoice", strings.NewReplacer(`"created":1790841600`, `"created":1748736000`, "2026-10-01", "2025-06-01", `"date":1790841600`, `"date":1748736000`).Replace(b.invoice("in_0", b.customer, "open")))
			if p.days(1, b.name); p.money("in_1") != licence.Owed || p.money("in_0") != "" {
				t.Errorf("%s: the invoice is %q, the old one %q", mapping, p.money("in_1"), p.money("in_0"))
			}
			p.billing.Put(b.name, credits[b.name][0], credits[b.name][1])
			if p.days(1, b.name); p.money("in_1") != licence.Void {
				t.Errorf("%s: credited it is %q", mapping, p.money("in_1"))
			}
			if found, reads := p.days(2, b.name); found != 1 || reads != 3 {
				t.Errorf("%s: %d of %d readings found something", mapping, found, reads)
			}
		}
	})
}

// An invoice for subscriptions of two accounts is told to both, by a hook as by a pull.
func TestAnInvoiceOfTwoAccounts(t *testing.T) {
	for _, b := range billers {
		of := map[string]string{"recurly": `"subscription_ids":["sub_1"]`, "chargebee": `"line_items":[{"subscription_id":"sub_1"`}[b.name]
		if of == "" {
			continue // an invoice there is for one
		}
		for _, pulled := range []bool{false, true} {
			p := readWorld(t, b)
			for account, sub := range map[string]string{"C-1": "sub_1", "C-2": "sub_2"} {
				p.must(p.say("account.changed", p.clock.Now(), mapped(account, "Cust"+account[2:], b.name, b.customer, fmt.Sprintf(`{"sender":%q,"id":%q,"subscription":%q}`, b.name, b.customer, sub))), "applied")
				p.billing.Put(b.name, "subscription", b.sub(sub, b.customer, "active", 5))
			}
			invoice := strings.Replace(b.invoice("in_1", b.customer, "open"), of, strings.NewReplacer(`"sub_1"]`, `"sub_1","sub_2"]`, `[{"subscription_id":"sub_1"`, `[{"subscription_id":"sub_2","entity_type":"plan_item_price","entity_id":"price_sales"},{"subscription_id":"sub_1"`).Replace(of), 1)
			invoice = strings.Replace(invoice, `"subscription_id":"sub_1","status"`, `"status"`, 1)
			p.billing.Put(b.name, "invoice", invoice)
			wait := 25 * time.Hour
			if !pulled {
				wait = 10 * time.Minute
				body := recurlyHook("charge_invoice", "created", "in_1", p.clock.Now())
				if b.name == "chargebee" {
					body = fmt.Appendf(nil, `{"id":"ev_1","object":"event","api_version":"v2","event_type":"invoice_generated","occurred_at":%d,"content":{"invoice":%s}}`, p.clock.Now().Unix(), invoice)
				}
				p.hooks(b, body)
			}
			p.advance(p.clock.Now().Add(wait))
			for _, account := range []string{"C-1", "C-2"} {
				l, err := p.db.Load(t.Context(), account, storeWant)
				if err != nil {
					t.Fatal(err)
				}
				if l.State.Known.Invoices.Of("in_1") == nil {
					t.Errorf("%s, pulled %v: %s has no invoice", b.name, pulled, account)
				}
			}
		}
	}
}

// A subscription of Recurly's may be mapped by its uuid, with the word before it or without.
func TestRecurlyIsMappedByUUID(t *testing.T) {
	b, uuid := recurlyBiller, "63ab0f3a2b6f4e0f9c1d2e3f4a5b6c7d"
	for _, spelt := range []string{uuid, "uuid-" + uuid} {
		p := readWorld(t, b)
		p.must(p.say("account.changed", p.clock.Now(), mapped("C-1", "Cust1", b.name, b.customer, fmt.Sprintf(`{"sender":"recurly","id":%q,"subscription":%q}`, b.customer, spelt))), "applied")
		p.billing.Put(b.name, "subscription", strings.Replace(b.sub("sub_1", b.customer, "active", 10), `"usub_1"`, `"`+uuid+`"`, 1))
		p.billing.Put(b.name, "invoice", b.invoice("in_1", b.customer, "open"))
		if p.days(1, b.name); p.ordered() != 10.0 || p.money("in_1") != licence.Owed {
			t.Errorf("%s: %v ordered, the invoice is %q", spelt, p.ordered(), p.money("in_1"))
		}
	}
}

// Chargebee's invoices have numbers, as those of another site: what a hook of one site hints at is not what the
// other one answers.
func TestAHintOfAnotherSite(t *testing.T) {
	b := billers[slices.IndexFunc(billers, func(b biller) bool { return b.name == "chargebee" })]
	p := readWorld(t, b)
	other := "live_" + secret("alfa")
	p.keys = app.Secrets{"chargebee_api": {"alfa:" + other, apiKeys["chargebee_api"][0]}}
	p.start()
	p.billing.Fault = func(c billingsim.Call) (a billingsim.Answer) {
		if user, _, _ := (&http.Request{Header: c.Header}).BasicAuth(); user == other {
			a = billingsim.Answer{Status: 404, Body: `{}`}
			switch c.Path {
			case "/api/v2/customers/theirs":
				a = billingsim.Answer{Status: 200, Body: `{"customer":{"id":"theirs"}}`}
			case "/api/v2/subscriptions", "/api/v2/invoices", "/api/v2/credit_notes":
				a = billingsim.Answer{Status: 200, Body: `{"list":[]}`}
			}
			if strings.HasSuffix(c.Path, "/invoices/100") {
				a = billingsim.Answer{Status: 200, Body: `{"invoice":` + strings.Replace(b.invoice("100", "somebody", "paid"), "sub_1", "sub_of_theirs", -1) + `}`}
			}
		}
		return a
	}
	invoice := b.invoice("100", b.customer, "open")
	p.billing.Put(b.name, "invoice", b.invoice("100", b.customer, "paid")) // by now
	p.must(p.post(b.name, "/billing/chargebee", "", fmt.Appendf(nil, `{"id":"ev_1","object":"event","api_version":"v2","event_type":"invoice_generated","occurred_at":%d,"content":{"invoice":%s}}`, p.clock.Now().Unix(), invoice)), "applied")
	p.advance(p.clock.Now().Add(10 * time.Minute))
	if got := p.money("100"); got != licence.Paid || p.owedReads("C-1") != 0 {
		t.Errorf("the invoice is %q; %d reads are owed", got, p.owedReads("C-1"))
	}
	// Nor is it there still because the other site, which has a customer of the account as well, has one of that number.
	p.must(p.say("account.changed", p.clock.Now(), mapped("C-1", "Cust1", b.name, b.customer, `{"sender":"chargebee","id":"theirs"},{"sender":"chargebee","id":"fjord"}`)), "applied")
	p.billing.Put(b.name, "invoice", b.invoice("100", b.customer, "open"))
	if p.days(1, b.name); p.money("100") != licence.Owed {
		t.Errorf("the invoice is %q", p.money("100"))
	}
	p.billing.Delete(b.name, "invoice", "100")
	if p.days(1, b.name); p.money("100") != licence.Void {
		t.Errorf("the invoice that was deleted is %q", p.money("100"))
	}
}

// What was to come by now and has not is no news every day: a step of Chargebee's, and a change of Recurly's. And a
// step that a webhook tells of first is what is read of it then.
func TestALateStepIsNoNews(t *testing.T) {
	for _, b := range billers {
		p := readWorld(t, b)
		switch b.name {
		case "chargebee":
			p.billing.Put(b.name, "subscription", strings.Replace(b.sub("sub_1", b.customer, "active", 10), `"has_scheduled_changes":false`, `"has_scheduled_changes":true`, 1))
			ramp := `{"id":"r1","subscription_id":"sub_1","effective_from":1790928000,"status":"scheduled","resource_version":1,"deleted":false,"items_to_update":[{"item_price_id":"price_sales","item_type":"plan","quantity":7}]}`
			p.billing.Put(b.name, "ramp", ramp)
			p.hooks(b, fmt.Appendf(nil, `{"id":"ev_1","object":"event","api_version":"v2","event_type":"subscription_ramp_created","occurred_at":%d,"content":{"ramp":%s}}`, p.clock.Now().Unix(), ramp))
		case "recurly":
			p.billing.Put(b.name, "subscription", strings.Replace(b.sub("sub_1", b.customer, "active", 10), `"pending_change":null`, `"pending_change":{"activate_at":"2026-10-02T08:00:00Z","activated":false,"quantity":7,"plan":{"code":"price_sales"},"add_ons":[]}`, 1))
		default:
			continue
		}
		first, _ := p.days(2, b.name)
		if got := p.ordered(); got != 7.0 {
			t.Errorf("%s: %v ordered, want 7", b.name, got)
		}
		if found, reads := p.days(3, b.name); found != first {
			t.Errorf("%s: %d of %d readings found something, %d before it was late", b.name, found, reads, first)
		}
	}
}

// A pull reads what is scheduled, and what was credited.
func TestPullReadsSchedulesAndCredits(t *testing.T) {
	b := stripeBiller
	p := readWorld(t, b)
	p.billing.Put(b.name, "subscription", b.sub("sub_1", b.customer, "active", 10))
	p.billing.Put(b.name, "invoice", b.invoice("in_1", b.customer, "open"))
	p.billing.Put(b.name, "schedule", `{"id":"sched_1","object":"subscription_schedule","customer":"cus_1","subscription":"sub_1","status":"active","end_behavior":"release","phases":[
{"start_date":1759305600,"end_date":1798761600,"items":[{"price":"price_sales","quantity":10}]},{"start_date":1798761600,"end_date":1830297600,"items":[{"price":"price_sales","quantity":7}]}]}`)
	p.billing.Put(b.name, "credit_note", `{"id":"cn_1","object":"credit_note","invoice":"in_1","customer":"cus_1","status":"issued","amount":1250000,"currency":"sek"}`)
	p.days(1, b.name)
	p.licence("2026-11-29T09:00:00Z")
	if need, starts := p.comes(); fmt.Sprint(need) != "3" || !strings.HasPrefix(fmt.Sprint(starts), "2027-01-01") {
		t.Errorf("%v too many from %v", need, starts)
	}
	if got := p.money("in_1"); got != licence.Void {
		t.Errorf("the invoice is %s", got)
	}
	if found, reads := p.days(2, b.name); found != 0 || reads < 2 {
		t.Errorf("%d of %d readings found something", found, reads)
	}
}

// A test customer beside the live one keeps nothing from being checked, and no deletion from being found, where only
// the live mode can be read; what was told of the test stays. Where only the test can be read, nothing is checked.
func TestATestCustomerBesideALiveOne(t *testing.T) {
	eachBiller(t, func(t *testing.T, b biller) {
		p := readWorld(t, b)
		p.must(p.say("account.changed", p.clock.Now(), mapped("C-1", "Cust1", b.name, b.customer, fmt.Sprintf(`{"sender":%q,"id":%q},{"sender":%q,"id":"trial","mode":"test"}`, b.name, b.customer, b.name))), "applied")
		p.billing.Put(b.name, "subscription", b.sub("sub_1", b.customer, "active", 10))
		p.billing.Put(b.name, "subscription", b.sub("sub_2", b.customer, "active", 4))
		want := 14.0
		if b.name != "recurly" { // of whose test nothing is told where no key reads it
			body := []byte(strings.Replace(string(b.hook(1, p.clock.Now().Add(-time.Minute), b.sub("sub_t", "trial", "active", 3))), `"livemode":true`, `"livemode":false`, 1))
			r := p.signed(b.name, "/billing/"+b.name, "", body)
			if list := b.name + "_test"; testSecrets[list] != nil {
				sender, _ := webhook.Find(b.name)
				sender.Sign(r.Header, body, "", testSecrets[list][0], p.clock.Now())
			}
			if got := p.do(r).outcome(); got != "applied" {
				t.Fatalf("a hook of the test is %s", got)
			}
			want += 3
		}
		p.days(1, b.name)
		if got := p.ordered(); got != want {
			t.Fatalf("%v ordered, want %v", got, want)
		}
		checked := len(p.said("C-1", "source.checked"))
		p.billing.Delete(b.name, "subscription", "sub_2")
		if p.days(1, b.name); p.ordered() != want-4 || checked == 0 {
			t.Errorf("%v ordered, want %v; it was checked %d times", p.ordered(), want-4, checked)
		}
		p.keys = app.Secrets{b.name + "_api": {testKey[b.name]}}
		p.start()
		p.billing.Keys[b.name] = append(p.billing.Keys[b.name], strings.TrimPrefix(strings.TrimPrefix(testKey[b.name], "fjord-test:"), "test:"))
		p.billing.Put(b.name, "customer", strings.Replace(b.customerObject, b.customer, "trial", 1))
		p.billing.Delete(b.name, "subscription", "sub_1")
		checked = len(p.said("C-1", "source.checked"))
		if p.days(2, b.name); p.ordered() != 10.0 || len(p.said("C-1", "source.checked")) != checked {
			t.Errorf("with a key of the test alone %v are ordered, want 10; checked %d times", p.ordered(), len(p.said("C-1", "source.checked"))-checked)
		}
		if len(p.fleetTasks("not-read")) > 0 {
			t.Errorf("ops have %v", p.fleetTasks("not-read"))
		}
	})
}

// testKey is a key of each system's test mode.
var testKey = map[string]string{"stripe": "rk_test_" + secret("t"), "paddle": "pdl_sdbx_apikey_" + secret("t"), "chargebee": "fjord-test:" + secret("t"), "recurly": "test:" + secret("t")}

// A pull that told what is otherwise, and then failed, found it, though its next try finds nothing new. One that
// nobody can do any more found nothing, and read nothing.
func TestAPullThatFailed(t *testing.T) {
	eachBiller(t, func(t *testing.T, b biller) {
		for _, keyless := range []bool{false, true} {
			p := readWorld(t, b)
			p.billing.Put(b.name, "subscription", b.sub("sub_1", b.customer, "active", 10))
			p.days(1, b.name)
			_, before := p.days(1, b.name)
			if before == 0 {
				t.Fatal("no pull was held against what was told")
			}
			p.billing.Put(b.name, "subscription", b.sub("sub_1", b.customer, "active", 9))
			p.billing.Fault = func(c billingsim.Call) (a billingsim.Answer) {
				if strings.Contains(c.Path, "invoices") || c.Path == "/transactions" {
					a.Status = 500
				}
				return a
			}
			found, reads := p.days(1, b.name)
			if p.ordered() != 9.0 || found != 0 || reads != before {
				t.Fatalf("after a part of it %v are ordered, %d of %d readings found something", p.ordered(), found, reads)
			}
			p.billing.Fault = nil
			want := [2]int{1, before + 2} // its next try, or the pull of the next day after it
			if keyless {
				p.keys = app.Secrets{b.name + "_api": {testKey[b.name]}}
				p.start()
				want = [2]int{0, before}
			}
			p.advance(p.clock.Now().Add(26 * time.Hour))
			if found, reads = p.days(0, b.name); found != want[0] || reads != want[1] && (keyless || reads != want[1]-1) {
				t.Errorf("without a key %v: %d of %d readings found something, want %v", keyless, found, reads, want)
			}
		}
	})
}

// With a key of the other mode alone nothing is owed that nobody can read: a hook of the live mode is as
// without a key, and one of a trial is nobody's work.
func TestKeyOfTheOtherMode(t *testing.T) {
	given := app.Secrets{}
	for sender, key := range testKey {
		given[sender+"_api"] = []string{key}
	}
	for mode, keys := range map[string]app.Secrets{"test": given, "live": apiKeys} {
		eachBiller(t, func(t *testing.T, b biller) {
			p := readWorld(t, b)
			p.keys = keys
			p.start()
			if mode == "live" { // the customer is billed in the test mode
				p.must(p.say("account.changed", p.clock.Now(), strings.Replace(readAccount("C-1", "Cust1", b.name, b.customer), fmt.Sprintf(`"id":%q}],"plans"`, b.customer), fmt.Sprintf(`"id":%q,"mode":"test"}],"plans"`, b.customer), 1)), "applied")
			}
			body := b.hook(1, p.clock.Now(), b.sub("sub_1", b.customer, "active", 9))
			if mode == "live" {
				body = []byte(strings.Replace(string(body), `"livemode":true`, `"livemode":false`, 1))
			}
			r := p.signed(b.name, "/billing/"+b.name, "", body)
			if list := b.name + "_test"; mode == "live" && testSecrets[list] != nil {
				sender, _ := webhook.Find(b.name)
				sender.Sign(r.Header, body, "", testSecrets[list][0], p.clock.Now())
			}
			want, tasks := "applied", 0
			if b.name == "recurly" {
				want, tasks = "ignored", map[string]int{"test": 1}[mode]
			}
			if got := p.do(r).outcome(); got != want {
				t.Errorf("%s keys: answered %s, want %s", mode, got, want)
			}
			p.days(2, b.name)
			if n := p.owedReads("C-1") + p.owedReads("fleet"); n != 0 || len(p.fleetTasks("not-read")) != 0 || len(p.fleetTasks("no-key")) != tasks {
				t.Errorf("%s keys: %d reads are owed; ops have %v, %v", mode, n, p.fleetTasks("not-read"), p.fleetTasks("no-key"))
			}
			if calls := p.billing.Calls(b.name); len(calls) != 0 {
				t.Errorf("%s keys: %d calls", mode, len(calls))
			}
			if got := p.tasksOf("C-1", "no-key"); len(got) != 1 || got[0].State != "open" || got[0].Subject.ID != b.name {
				t.Errorf("%s keys: ops have %+v", mode, got)
			}
			p.keys = app.Secrets{b.name + "_api": append(slices.Clone(keys[b.name+"_api"]), map[string]string{"test": apiKeys[b.name+"_api"][0], "live": testKey[b.name]}[mode])}
			p.start()
			p.days(2, b.name)
			if got := p.tasksOf("C-1", "no-key"); len(got) > 0 && got[0].State == "open" {
				t.Errorf("%s keys: ops still have %+v", mode, got)
			}
		})
	}
}

// Each step that is planned at Chargebee is read, and not the first of them alone; and when the parts of an
// invoice are due.
func TestPullReadsStepsAndParts(t *testing.T) {
	b := billers[slices.IndexFunc(billers, func(b biller) bool { return b.name == "chargebee" })]
	p := readWorld(t, b)
	sub := strings.Replace(b.sub("sub_1", b.customer, "active", 10), `"has_scheduled_changes":false`, `"has_scheduled_changes":true,"changes_scheduled_at":1798761600`, 1)
	p.billing.Put(b.name, "subscription", sub)
	p.billing.Put(b.name, "scheduled", sub) // of several steps the first alone, which adds nothing here
	ramp := func(id, status string, from int, change string) {
		p.billing.Put(b.name, "ramp", fmt.Sprintf(`{"id":%q,"subscription_id":"sub_1","effective_from":%d,"status":%q,"resource_version":1,"deleted":false,%s}`, id, from, status, change))
	}
	ramp("r1", "succeeded", 1790841600, `"items_to_update":[{"item_price_id":"price_sales","item_type":"plan","quantity":1}]`)
	ramp("r3", "scheduled", 1801440000, `"items_to_update":[{"item_price_id":"price_sales","item_type":"plan","quantity":4}],"items_to_remove":["extra-seats"]`)
	ramp("r2", "scheduled", 1798761600, `"items_to_update":[{"item_price_id":"price_sales","item_type":"plan","quantity":7}],"items_to_add":[{"item_price_id":"extra-seats","item_type":"addon","quantity":2},{"item_price_id":"set-up","item_type":"charge","quantity":9}]`)
	p.billing.Put(b.name, "invoice", b.invoice("in_1", b.customer, "open"))
	p.billing.Put(b.name, "payment_schedule", `{"id":"ps_1","entity_type":"invoice","entity_id":"in_1","schedule_entries":[{"date":1793520000,"status":"paid"},{"date":1796112000,"status":"payment_due"},{"date":1798761600,"status":"payment_due"}]}`)
	found, _ := p.days(3, b.name)
	l, err := p.db.Load(t.Context(), "C-1", storeWant)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, phase := range l.State.Known.Orders.Subs["sub_1"].Schedule.Value {
		n := 0
		for _, it := range phase.Items {
			n += it.Quantity
		}
		got = append(got, fmt.Sprint(phase.At.Format(time.DateOnly), " ", n, " ", phase.Uncounted))
	}
	if want := []string{"2027-01-01 9 false", "2027-02-01 4 false"}; !slices.Equal(got, want) {
		t.Errorf("to come is %q, want %q", got, want)
	}
	if due := l.State.Known.Invoices.Of("in_1").Value.Due.Day(time.UTC); due != "2026-12-01" || found != 0 {
		t.Errorf("the invoice is due %s; %d readings found something", due, found)
	}
	p.billing.Put(b.name, "payment_schedule", `{"id":"ps_1","entity_type":"invoice","entity_id":"in_1","schedule_entries":[{"date":1793520000,"status":"paid"},{"date":1796112000,"status":"paid"},{"date":1798761600,"status":"payment_due"}]}`)
	p.days(1, b.name)
	if l, err = p.db.Load(t.Context(), "C-1", storeWant); err != nil {
		t.Fatal(err)
	}
	if due := l.State.Known.Invoices.Of("in_1").Value.Due.Day(time.UTC); due != "2027-01-01" {
		t.Errorf("a part later the invoice is due %s", due)
	}
}
