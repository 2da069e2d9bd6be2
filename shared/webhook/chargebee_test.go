package webhook

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
)

func TestVerifyChargebee(t *testing.T) {
	basic := func(s string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(s)) }
	const secret = "seatmend:invented:with a colon"
	for _, c := range []struct {
		name, header string
		secrets      []string
		ok           bool
	}{
		{"good", basic(secret), []string{secret}, true},
		{"the example of RFC 7617", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", []string{"Aladdin:open sesame"}, true},
		{"the scheme in any case", strings.Replace(basic(secret), "Basic", "bASIC", 1), []string{secret}, true},
		{"second secret", basic(secret), []string{"seatmend:other", secret}, true},
		{"another user", basic("Seatmend:invented:with a colon"), []string{secret}, false},
		{"another password", basic("seatmend:invented"), []string{secret}, false},
		{"more of a password", basic(secret + "x"), []string{secret}, false},
		{"the user alone", basic("seatmend"), []string{secret, "seatmend"}, false},
		{"a secret without a password", basic("seatmend:"), []string{"seatmend:"}, false},
		{"a secret without a user", basic(":password"), []string{":password"}, false},
		{"a blank password", basic("seatmend: "), []string{"seatmend: "}, false},
		{"an empty secret", basic(""), []string{""}, false},
		{"a colon", basic(":"), []string{":"}, false},
		{"no secret", basic(secret), nil, false},
		{"a token", "Bearer " + base64.StdEncoding.EncodeToString([]byte(secret)), []string{secret}, false},
		{"no base64", "Basic " + secret, []string{secret}, false},
		{"no scheme", base64.StdEncoding.EncodeToString([]byte(secret)), []string{secret}, false},
		{"nothing", "", []string{secret}, false},
	} {
		h := http.Header{}
		h.Set("Authorization", c.header)
		err := chargebee.Verify(h, nil, c.secrets, now)
		if c.ok && err != nil || !c.ok && err != error(ErrUnauthorized) {
			t.Errorf("%s: %v, want ok %v", c.name, err, c.ok)
		}
	}
}

func TestChargebeeSubscription(t *testing.T) {
	b := billing(t, chargebee, sample(t, "chargebee/02-chargebee-subscription.json"))
	f := b.Facts[0]
	same(t, "to", f.To, names("chargebee", "AzZ1fjord", "fjord-foods"))
	same(t, "at, by its version", f.At, time.Date(2025, 12, 13, 6, 0, 0, 413000000, time.UTC))
	same(t, "id", f.ID, "chargebee/"+b.ID)
	same(t, "payload", f.Payload, licence.SubscriptionChanged{
		Subscription: "AzZ1fjord", Status: "active", RenewsAt: "2026-12-13T06:00:00Z", Thin: true,
		Items: []licence.Item{{Prices: []string{"sales-premium-SEK-yearly"}, Quantity: 10}, {Prices: []string{"service-premium-SEK-yearly"}, Quantity: 5}},
	})
	same(t, "nothing is scheduled", b.Facts[1].Payload, licence.ScheduleChanged{Subscription: "AzZ1fjord", Phases: []licence.Phase{}})
	status := `"status": "active"`
	for _, c := range []struct {
		name                   string
		pairs                  []string
		status, renews, endsAt string
	}{
		{"in trial", []string{status, `"status": "in_trial"`}, "trialing", "2026-12-13T06:00:00Z", ""},
		{"non-renewing still runs", []string{status, `"status": "non_renewing"`, `"next_billing_at": 1797141600`, `"cancelled_at": 1797141600`}, "active", "", "2026-12-13T06:00:00Z"},
		{"non-renewing, and no day is told", []string{status, `"status": "non_renewing"`, `"next_billing_at": 1797141600`, `"x": 1`}, "active", "", "2026-12-13T06:00:00Z"},
		{"a cancel that is set for later still runs", []string{status, status + `,"cancelled_at": 1828677600`}, "active", "2026-12-13T06:00:00Z", "2027-12-13T06:00:00Z"},
		{"a trial that will be cancelled", []string{status, `"status": "in_trial","cancelled_at": 1797141600`}, "trialing", "", "2026-12-13T06:00:00Z"},
		{"cancelled", []string{status, `"status": "cancelled","cancelled_at": 1765605600`}, "ended", "", "2025-12-13T06:00:00Z"},
		{"reactivated: it was cancelled once", []string{status, status + `,"cancelled_at": 1700000000`}, "active", "2026-12-13T06:00:00Z", ""},
		{"moved to another entity, where its copy runs", []string{status, `"status": "transferred","active_id":"AzZ2"`}, "ended", "", ""},
		{"deleted", []string{`"deleted": false,
   "decommissioned"`, `"deleted": true, "decommissioned"`}, "ended", "", ""},
		{"paused", []string{status, `"status": "paused","pause_date":1765605600,"resume_date":1801296000`, `"next_billing_at": 1797141600`, `"x": 1`}, "paused", "2027-01-30T08:00:00Z", ""},
		{"a pause that is scheduled still runs", []string{status, status + `,"pause_date":1797141600,"resume_date":1801296000`}, "active", "2027-01-30T08:00:00Z", ""},
		{"a pause without an end", []string{status, status + `,"pause_date":1797141600`}, "active", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := of[licence.SubscriptionChanged](t, billing(t, chargebee, sample(t, "chargebee/02-chargebee-subscription.json", c.pairs...)))
			if p.Status != c.status || string(p.RenewsAt) != c.renews || string(p.EndsAt) != c.endsAt {
				t.Errorf("%s: %s, renews %q, ends %q; want %s, %q, %q", c.name, p.Status, p.RenewsAt, p.EndsAt, c.status, c.renews, c.endsAt)
			}
			if got := seats(p)["sales-premium-SEK-yearly"]; got != 10 {
				t.Errorf("%s: %d seats", c.name, got)
			}
		})
	}
}

// A site that is being upgraded tells the same seats in both catalogues: adding would double them.
func TestChargebeeBothCataloguesInOneBodyAreNotAdded(t *testing.T) {
	body := sample(t, "chargebee/03-chargebee-reduction.json")
	if !strings.Contains(string(body), `"plan_quantity": 7`) || !strings.Contains(string(body), `"addons"`) || !strings.Contains(string(body), `"subscription_items"`) {
		t.Fatal("the body has not both")
	}
	same(t, "seats", seats(of[licence.SubscriptionChanged](t, billing(t, chargebee, body))), map[string]int{"sales-premium-SEK-yearly": 7, "service-premium-SEK-yearly": 5})
}

// The first catalogue, on a site with decimals; what is sold at an event is no seat.
func TestChargebeeQuantityMayStandInDecimal(t *testing.T) {
	file := "chargebee/06-chargebee-subscription.json"
	same(t, "seats", seats(of[licence.SubscriptionChanged](t, billing(t, chargebee, sample(t, file)))), map[string]int{"sales-premium-yearly": 12, "priority-support": -1})
	for name, c := range map[string]struct {
		with string
		want int
	}{
		"many zeros":                    {`"plan_quantity_in_decimal": "12.0000"`, 12},
		"no point":                      {`"plan_quantity_in_decimal": "12"`, 12},
		"a fraction is no seat":         {`"plan_quantity_in_decimal": "12.5"`, -1},
		"less than nothing":             {`"plan_quantity_in_decimal": "-12.0"`, -1},
		"no number":                     {`"plan_quantity_in_decimal": "twelve"`, -1},
		"beyond all bounds":             {`"plan_quantity_in_decimal": "99999999999.0"`, -1},
		"missing is neither 0 nor 1":    {`"x": 1`, -1},
		"an integer as of old":          {`"plan_quantity": 12`, 12},
		"both, and the same":            {`"plan_quantity": 12, "plan_quantity_in_decimal": "12.0"`, 12},
		"both, and one is rounded":      {`"plan_quantity": 12, "plan_quantity_in_decimal": "12.5"`, -1},
		"both, and they say other than": {`"plan_quantity": 11, "plan_quantity_in_decimal": "12.0"`, -1},
	} {
		p := of[licence.SubscriptionChanged](t, billing(t, chargebee, sample(t, file, `"plan_quantity_in_decimal": "12.0"`, c.with)))
		if got := seats(p)["sales-premium-yearly"]; got != c.want {
			t.Errorf("%s: %d seats, want %d", name, got, c.want)
		}
	}
	p := of[licence.SubscriptionChanged](t, billing(t, chargebee, sample(t, file, `"plan_id"`, `"no_plan"`)))
	if !p.Uncounted {
		t.Error("a body of neither catalogue is counted")
	}
}

// Add-ons are seats where their price is one of a plan; what is paid by use, or sold once, is not, and
// free seats are. Tiers are bands of a price.
func TestChargebeeAddonsFreeAndMetered(t *testing.T) {
	p := of[licence.SubscriptionChanged](t, billing(t, chargebee, sample(t, "chargebee/02-chargebee-subscription.json", `"free_quantity": 0`, `"free_quantity": 2`, `"subscription_items": [`,
		`"item_tiers":[{"item_price_id":"sales-premium-SEK-yearly","starting_unit":1,"ending_unit":5}],
	 "subscription_items": [{"item_price_id":"mails-SEK","item_type":"addon","quantity":3,"metered_quantity":"1250"},{"item_price_id":"more-SEK","item_type":"addon","quantity_in_decimal":"4.0"},`)))
	same(t, "seats", seats(p), map[string]int{"sales-premium-SEK-yearly": 10, "service-premium-SEK-yearly": 5, "mails-SEK": -1, "more-SEK": 4})
}

// The body says that a change is scheduled, and not which: what is ordered from then on is told, and
// not known, until somebody reads it.
func TestChargebeeScheduledChangeOwesARead(t *testing.T) {
	file := "chargebee/10-chargebee-scheduled.json"
	at := of[licence.SubscriptionChanged](t, billing(t, chargebee, sample(t, file)))
	same(t, "today's seats", seats(at), map[string]int{"sales-premium-SEK-yearly": 7, "service-premium-SEK-yearly": 5})
	for name, c := range map[string]struct{ with, at string }{
		"when the term ends": {`"has_scheduled_changes": true`, "2026-12-13T06:00:00Z"},
		"on a date":          {`"has_scheduled_changes": true, "changes_scheduled_at": 1796112000`, "2026-12-01T08:00:00Z"},
		"on a date that is past": {`"has_scheduled_changes": true, "changes_scheduled_at": 1793520000`,
			"2026-11-20T10:00:01.413Z"},
	} {
		p := of[licence.ScheduleChanged](t, billing(t, chargebee, sample(t, file, `"has_scheduled_changes": true`, c.with)))
		if len(p.Phases) != 1 || !p.Phases[0].Uncounted || len(p.Phases[0].Items) > 0 || p.Phases[0].At.Format(time.RFC3339Nano) != c.at {
			t.Errorf("%s: %+v", name, p.Phases)
		}
	}
	removed := sample(t, file, `"has_scheduled_changes": true`, `"has_scheduled_changes": false`, "ev_16CfZ0010", "ev_16CfZ0012", "1795168800413", "1795168900413")
	k := folded(t, chargebee, sample(t, file), removed)
	if got := k.Orders.Subs["AzZ1fjord"].Schedule.Value; len(got) != 0 {
		t.Errorf("removed, and still to come: %+v", got)
	}
	// What a read learns later holds over it, and a later body of the same kind owes the next one.
	told := billing(t, chargebee, sample(t, file)).Facts
	read := licence.Fact{ID: "read/1", At: told[0].At.Add(time.Minute), Payload: licence.ScheduleChanged{Subscription: "AzZ1fjord", Phases: []licence.Phase{{At: time.Unix(1797141600, 0).UTC(), Items: []licence.Item{{Prices: []string{"sales-premium-SEK-yearly"}, Quantity: 4}}}}}}
	permute(append(told, read), func(order []licence.Fact) {
		var k licence.Known
		for _, f := range order {
			k, _, _ = k.Fold(f, licence.Items{})
		}
		if got := k.Orders.Subs["AzZ1fjord"].Schedule.Value; len(got) != 1 || got[0].Uncounted || got[0].Items[0].Quantity != 4 {
			t.Fatalf("read, and still not known: %+v", got)
		}
	})
}

// A ramp is told without its subscription: each step that is planned makes what is ordered unknown
// from then on, until it is applied or taken back.
func TestChargebeeRamps(t *testing.T) {
	ramp := func(n, id, status, from string, more ...string) []byte {
		text := `{"id":"ev_r` + n + `","event_type":"subscription_ramp_created","api_version":"v2","occurred_at":1795168800,"content":{"ramp":{"id":"` + id + `","subscription_id":"AzZ1fjord","effective_from":` + from + `,"status":"` + status + `","resource_version":179516880` + n + `000,"deleted":false,"items_to_update":[{"item_price_id":"sales-premium-SEK-yearly","quantity":3}],"object":"ramp"}}}`
		return []byte(strings.NewReplacer(more...).Replace(text))
	}
	b := billing(t, chargebee, ramp("1", "ramp_1", "scheduled", "1798704000"))
	same(t, "to", b.Facts[0].To, names("chargebee", "AzZ1fjord"))
	start := sample(t, "chargebee/02-chargebee-subscription.json")
	for name, c := range map[string]struct {
		bodies [][]byte
		from   string
	}{
		"one":                        {[][]byte{ramp("1", "ramp_1", "scheduled", "1798704000")}, "2026-12-31T08:00:00Z"},
		"two, the later told last":   {[][]byte{ramp("1", "ramp_1", "scheduled", "1798704000"), ramp("2", "ramp_2", "scheduled", "1801296000")}, "2026-12-31T08:00:00Z"},
		"two, the later told first":  {[][]byte{ramp("1", "ramp_1", "scheduled", "1801296000"), ramp("2", "ramp_2", "scheduled", "1798704000")}, "2026-12-31T08:00:00Z"},
		"the first of two is gone":   {[][]byte{ramp("1", "ramp_1", "scheduled", "1798704000"), ramp("2", "ramp_2", "scheduled", "1801296000"), ramp("3", "ramp_1", "succeeded", "1798704000")}, "2027-01-30T08:00:00Z"},
		"a draft":                    {[][]byte{ramp("1", "ramp_1", "scheduled", "1798704000"), ramp("2", "ramp_1", "draft", "1798704000")}, ""},
		"deleted":                    {[][]byte{ramp("1", "ramp_1", "scheduled", "1798704000"), ramp("2", "ramp_1", "scheduled", "1798704000", `"deleted":false`, `"deleted":true`)}, ""},
		"nothing is scheduled since": {[][]byte{ramp("1", "ramp_1", "scheduled", "1798704000"), sample(t, "chargebee/10-chargebee-scheduled.json", `"has_scheduled_changes": true`, `"has_scheduled_changes": false`, "1795168800413", "1795168809413")}, ""},
	} {
		k := folded(t, chargebee, append([][]byte{start}, c.bodies...)...)
		got := k.Orders.Subs["AzZ1fjord"].Schedule.Value
		if c.from == "" && len(got) == 0 {
			continue
		}
		if len(got) != 1 || !got[0].Uncounted || got[0].At.Format(time.RFC3339) != c.from {
			t.Errorf("%s: %+v, want from %q", name, got, c.from)
		}
	}
}

// A subscription that is still to come orders nothing before it starts.
func TestChargebeeFutureSubscription(t *testing.T) {
	body := sample(t, "chargebee/02-chargebee-subscription.json", `"status": "active"`, `"status": "future","start_date":1798704000`)
	k := folded(t, chargebee, body)
	sub := k.Orders.Subs["AzZ1fjord"]
	if len(sub.Now) != 0 || len(sub.Schedule.Value) != 1 || sub.Schedule.Value[0].At.Unix() != 1798704000 || len(sub.Schedule.Value[0].Items) != 2 {
		t.Errorf("to come: %+v", sub)
	}
	started := sample(t, "chargebee/02-chargebee-subscription.json", "ev_16CfZ0002", "ev_16CfZ0003", "1765605600413", "1798704000413")
	sub = folded(t, chargebee, body, started).Orders.Subs["AzZ1fjord"]
	if len(sub.Now) != 1 || len(sub.Schedule.Value) != 0 {
		t.Errorf("started: %+v", sub)
	}
}

// resource_version orders what is told, and not when the event was: it is as old as its object.
func TestChargebeeVersionsOrderWhatIsTold(t *testing.T) {
	ten, seven := sample(t, "chargebee/02-chargebee-subscription.json", "1765605601", "1793600000"), sample(t, "chargebee/03-chargebee-reduction.json")
	if got := seats(folded(t, chargebee, ten, seven).Orders.Subs["AzZ1fjord"].Now[0].Value)["sales-premium-SEK-yearly"]; got != 7 {
		t.Errorf("%d seats", got)
	}
	// Without one the clock has whole seconds, and says so.
	b := billing(t, chargebee, sample(t, "chargebee/02-chargebee-subscription.json", `"resource_version"`, `"no_version"`))
	if p := of[licence.SubscriptionChanged](t, b); !p.Coarse || b.Facts[0].At.Unix() != 1765605600 {
		t.Errorf("%+v at %v", p, b.Facts[0].At)
	}
}

// Lists are named in singular and plural, and are objects or lists of them.
func TestChargebeeListsOfBothNames(t *testing.T) {
	note := `{"id":"CN-1","customer_id":"fjord-foods","reference_invoice_id":"INV-20418","status":"adjusted","currency_code":"SEK","total":100,"resource_version":1793524320009}`
	for _, list := range []string{`"credit_notes": [` + note + `]`, `"credit_note": [` + note + `]`, `"credit_note": ` + note, `"credit_notes": ` + note} {
		b := billing(t, chargebee, sample(t, "chargebee/03-chargebee-reduction.json", `"credit_notes": []`, list))
		same(t, list, of[licence.PaymentChanged](t, b), licence.PaymentChanged{ID: "CN-1", Kind: "credit", Invoice: "INV-20418", Amount: "1.00"})
	}
	// A customer who is deleted takes every subscription along.
	sub := func(id string) string {
		return `{"id":"` + id + `","customer_id":"fjord-foods","status":"cancelled","deleted":true,"resource_version":1793524320413,"subscription_items":[{"item_price_id":"sales-premium-SEK-yearly","item_type":"plan","quantity":7}]}`
	}
	for _, name := range []string{"subscription", "subscriptions"} {
		b := billing(t, chargebee, []byte(`{"id":"ev_1","event_type":"customer_deleted","api_version":"v2","occurred_at":1793524321,"content":{"`+name+`":[`+sub("AzZ1fjord")+`,`+sub("AzZ2fjord")+`]}}`))
		if len(b.Facts) != 4 || b.Facts[2].To[0].ID != "AzZ2fjord" || b.Facts[2].Payload.(licence.SubscriptionChanged).Status != "ended" {
			t.Errorf("%s: %+v", name, b.Facts)
		}
	}
}

func TestChargebeeInvoice(t *testing.T) {
	line := licence.InvoiceLine{Prices: []string{"sales-premium-yearly"}, From: "2026-12-13T06:00:00Z", To: "2027-12-13T06:00:00Z"}
	want := licence.InvoiceChanged{
		Invoice: "INV-20417", Number: "INV-20417", Reference: "PO-77", Status: "open", Due: "2026-11-01T05:00:00Z", Issued: "2026-10-02T05:00:00Z",
		Amount: "82800.00", Remaining: "82800.00", Currency: "SEK", From: line.From, To: line.To, Lines: []licence.InvoiceLine{line}, Covers: []string{"AzZ1bjork"}, Thin: true,
	}
	b := billing(t, chargebee, sample(t, "chargebee/07-chargebee-posted.json"))
	same(t, "posted", b.Facts[0].Payload, want)
	same(t, "to", b.Facts[0].To, names("chargebee", "AzZ1bjork", "bjorkdal-bygg"))
	same(t, "a letter is no attempt", of[licence.InvoiceChanged](t, billing(t, chargebee, sample(t, "chargebee/08-chargebee-overdue.json"))), want)
	settled := want
	settled.Status, settled.PaidAt, settled.Remaining = "paid", "2026-11-23T06:39:00Z", "0.00"
	same(t, "paid", of[licence.InvoiceChanged](t, billing(t, chargebee, sample(t, "chargebee/09-chargebee-settled.json"))), settled)

	attempt := func(kind, status string) string {
		return `"dunning_attempts": [{"attempt":0,"dunning_type":"auto_collect","txn_status":"in_progress","created_at":1},{"attempt":1,"dunning_type":"` + kind + `","txn_status":"` + status + `","created_at":2}]`
	}
	const posted, none = `"status": "posted"`, `"dunning_attempts": []`
	for _, c := range []struct {
		name        string
		pairs       []string
		status, pay string
		collection  string
		money       string
	}{
		{"due", []string{posted, `"status": "payment_due"`}, "open", "", "", licence.Owed},
		{"declined, and tried again", []string{posted, `"status": "payment_due","dunning_status":"in_progress","next_retry_at":1793865600`, none, attempt("auto_collect", "failure")}, "open", "failed", "automatic", licence.Owed},
		{"under way", []string{posted, `"status": "payment_due"`, none, attempt("direct_debit", "in_progress")}, "open", "processing", "automatic", licence.Owed},
		{"nobody tries any more, and it is owed", []string{posted, `"status": "not_paid","dunning_status":"exhausted"`, none, attempt("auto_collect", "failure")}, "open", "failed", "automatic", licence.Owed},
		{"a debit that failed after all", []string{posted, `"status": "payment_due"`, `"linked_payments": []`, `"linked_payments": [{"txn_id":"t","txn_status":"late_failure","txn_date":3}]`}, "open", "failed", "", licence.Owed},
		{"voided", []string{posted, `"status": "voided"`}, "void", "", "", licence.Void},
		{"deleted", []string{`"deleted": false`, `"deleted": true`}, "void", "", "", licence.Void},
		{"pending, and deleted", []string{posted, `"status": "pending"`, `"deleted": false`, `"deleted": true`}, "void", "", "", licence.Void},
		{"written off", []string{posted, `"status": "paid"`, `"amount_due": 8280000`, `"amount_due": 0`, `"write_off_amount": 0`, `"write_off_amount": 8280000`}, "uncollectible", "", "", licence.Contested},
		{"paid from what the customer had to its credit", []string{posted, `"status": "paid"`, `"amount_due": 8280000`, `"amount_due": 0`, `"credits_applied": 0`, `"credits_applied": 8280000`}, "paid", "", "", licence.Paid},
		{"credited away before it was paid", []string{posted, `"status": "paid"`, `"amount_due": 8280000`, `"amount_due": 0`, `"amount_adjusted": 0`, `"amount_adjusted": 8280000`}, "paid", "", "", licence.Void},
	} {
		p := of[licence.InvoiceChanged](t, billing(t, chargebee, sample(t, "chargebee/07-chargebee-posted.json", c.pairs...)))
		if p.Status != c.status || p.Payment != c.pay || p.Collection != c.collection {
			t.Errorf("%s: %s, payment %q, collection %q", c.name, p.Status, p.Payment, p.Collection)
		}
		if got := p.Money(); got != c.money {
			t.Errorf("%s: its money is %s, want %s", c.name, got, c.money)
		}
	}
	if b := billing(t, chargebee, sample(t, "chargebee/07-chargebee-posted.json", posted, `"status": "pending"`)); b.Ignored == "" {
		t.Error("what is pending is told")
	}
	// Yen have no hundredths; no currency has thousandths for Chargebee.
	for currency, amount := range map[string]string{"JPY": "8280000", "KWD": "82800.00"} {
		if p := of[licence.InvoiceChanged](t, billing(t, chargebee, sample(t, "chargebee/07-chargebee-posted.json", `"currency_code": "SEK"`, `"currency_code": "`+currency+`"`))); p.Amount != amount {
			t.Errorf("%s %s", p.Currency, p.Amount)
		}
	}
}

// An invoice's lines have quantities, also of what was prorated: no seat is counted from one.
func TestChargebeeSeatsAreNeverCountedFromLines(t *testing.T) {
	for _, file := range []string{"chargebee/07-chargebee-posted.json", "chargebee/08-chargebee-overdue.json"} {
		for _, f := range billing(t, chargebee, sample(t, file, `"quantity": 12`, `"quantity": 3`)).Facts {
			if _, invoice := f.Payload.(licence.InvoiceChanged); !invoice {
				t.Errorf("%s tells %+v", file, f.Payload)
			}
		}
	}
}

// One invoice may be for several subscriptions, each of an account of its own; and long ones are cut.
func TestChargebeeConsolidatedInvoice(t *testing.T) {
	b := billing(t, chargebee, sample(t, "chargebee/07-chargebee-posted.json", `"customer_id": "bjorkdal-bygg",
   "subscription_id": "AzZ1bjork",`, `"customer_id": "bjorkdal-bygg",`, `"line_items": [`, `"line_items_next_offset": "[1]", "line_items": [{"subscription_id":"AzZ2other","date_from":1796112000,"date_to":1797141600,"entity_type":"adhoc","entity_id":"x"},`))
	if len(b.Facts) != 2 {
		t.Fatalf("%+v", b.Facts)
	}
	same(t, "the one", b.Facts[0].To, names("chargebee", "AzZ2other", "bjorkdal-bygg"))
	same(t, "the other", b.Facts[1].To, names("chargebee", "AzZ1bjork", "bjorkdal-bygg"))
	p := b.Facts[1].Payload.(licence.InvoiceChanged)
	if len(p.Covers) != 2 || !p.More || len(p.Lines) != 2 || p.Lines[0].Prices != nil || p.To != "2027-12-13T06:00:00Z" {
		t.Errorf("%+v", p)
	}
}

func TestChargebeeCreditNotes(t *testing.T) {
	file := "chargebee/11-chargebee-chargeback.json"
	for _, c := range []struct {
		name  string
		pairs []string
		want  licence.PaymentChanged
		money string
	}{
		{"a chargeback", nil, licence.PaymentChanged{Kind: "dispute", Open: true}, licence.Contested},
		{"a chargeback that was voided", []string{`"refund_due"`, `"voided"`}, licence.PaymentChanged{Kind: "dispute", Level: 1}, licence.Paid},
		{"a credit", []string{`"chargeback"`, `"waiver"`}, licence.PaymentChanged{Kind: "credit", Amount: "87800.00"}, licence.Void},
		{"a credit in part", []string{`"chargeback"`, `"waiver"`, "8780000", "98000"}, licence.PaymentChanged{Kind: "credit", Amount: "980.00"}, licence.Paid},
		{"refunded", []string{`"chargeback"`, `"other"`, `"refund_due"`, `"refunded"`}, licence.PaymentChanged{Kind: "credit", Amount: "87800.00"}, licence.Void},
		{"deleted", []string{`"chargeback"`, `"waiver"`, `"deleted": false`, `"deleted": true`}, licence.PaymentChanged{Kind: "credit", Level: 2}, licence.Paid},
	} {
		c.want.ID, c.want.Invoice = "CN-3", "INV-20418"
		body := sample(t, file, c.pairs...)
		same(t, c.name, billing(t, chargebee, body).Facts[0].Payload, c.want)
		k := folded(t, chargebee, sample(t, "chargebee/04-chargebee-paid.json"), body)
		if got := k.Invoices.Of("INV-20418").Value.Money(); got != c.money {
			t.Errorf("%s: the invoice is %s, want %s", c.name, got, c.money)
		}
	}
	if b := billing(t, chargebee, sample(t, file, `"reference_invoice_id": "INV-20418",`, "")); b.Ignored == "" {
		t.Error("a credit note of no invoice is told")
	}
	// A bank that takes a payment back tells it as a transaction of its own.
	taken := []byte(`{"id":"ev_t","event_type":"transaction_created","api_version":"v2","occurred_at":1795411800,"content":{"transaction":{"id":"txn_r","customer_id":"fjord-foods","type":"payment_reversal","status":"success","resource_version":1795411800005,"linked_invoices":[{"invoice_id":"INV-20418","applied_amount":8780000}]}}}`)
	k := folded(t, chargebee, sample(t, "chargebee/04-chargebee-paid.json"), taken)
	if got := k.Invoices.Of("INV-20418").Value.Money(); got != licence.Contested {
		t.Errorf("taken back, and %s", got)
	}
}

// An invoice that is paid in parts is due when the first of them is that is not paid.
func TestChargebeePaymentSchedules(t *testing.T) {
	body := func(parts string) []byte {
		return []byte(`{"id":"ev_p","event_type":"payment_schedules_created","api_version":"v2","occurred_at":1793524321,"content":{"payment_schedule":{"id":"ps_1","scheme_id":"s","entity_type":"invoice","entity_id":"INV-20417","resource_version":1793524321000,"schedule_entries":[` + parts + `]}}}`)
	}
	paid, first, second := `{"id":"1","date":1793600000,"amount":1,"status":"paid"}`, `{"id":"2","date":1796688000,"amount":1,"status":"posted"}`, `{"id":"3","date":1799280000,"amount":1,"status":"posted"}`
	for parts, due := range map[string]licence.Date{
		paid + "," + second + "," + first: "2026-12-08T00:00:00Z",
		paid + "," + second:               "2027-01-07T00:00:00Z",
		paid:                              "2026-11-01T05:00:00Z", // as the invoice says
		"":                                "2026-11-01T05:00:00Z",
	} {
		b := billing(t, chargebee, body(parts))
		same(t, "to", b.Facts[0].To, names("chargebee", "INV-20417"))
		if got := folded(t, chargebee, sample(t, "chargebee/07-chargebee-posted.json"), body(parts)).Invoices.Of("INV-20417").Value.Due; got != due {
			t.Errorf("%s: due %s, want %s", parts, got, due)
		}
	}
}

// A contract names its subscription, which is read where there is a key.
func TestChargebeeContractTerms(t *testing.T) {
	b, err := chargebee.Read(http.Header{}, []byte(`{"id":"ev_t","event_type":"contract_term_renewed","api_version":"v2","occurred_at":1793524321,"content":{"contract_term":{"id":"ct_1","status":"active","subscription_id":"AzZ1fjord","action_at_term_end":"cancel"}}}`), "", later)
	if err != nil || b.Ignored == "" || len(b.Facts) != 0 || len(b.Hints) != 1 || b.Hints[0].Kind != "subscription" || b.Hints[0].ID != "AzZ1fjord" {
		t.Errorf("%+v, %v", b, err)
	}
}

// Two webhooks of one site tell one event in two catalogues: neither contradicts the other, and in either
// order what the second catalogue says holds.
func TestChargebeeBothCatalogues(t *testing.T) {
	second := sample(t, "chargebee/03-chargebee-reduction.json")
	first := []byte(`{"id":"` + billing(t, chargebee, second).ID + `","event_type":"subscription_changed","api_version":"v2","occurred_at":1793524320,"content":{"subscription":{"id":"AzZ1fjord","customer_id":"fjord-foods","status":"active","resource_version":1793524320413,"plan_id":"sales-premium","plan_quantity":7,"addons":[]}}}`)
	if a, b := billing(t, chargebee, first).Facts[0].ID, billing(t, chargebee, second).Facts[0].ID; a >= b {
		t.Errorf("%q is not before %q", a, b)
	}
	for _, order := range [][][]byte{{first, second}, {second, first}} {
		now, sure := folded(t, chargebee, order...).Orders.Subs["AzZ1fjord"].Latest()
		if got := seats(now.Value); !sure || got["sales-premium-SEK-yearly"] != 7 || got["sales-premium"] != 0 {
			t.Errorf("%v, %v", got, sure)
		}
	}
}

// Every type that may touch seats, a schedule, an invoice, a payment or a dispute is read; all else is
// ignored, by its type.
func TestChargebeeTypes(t *testing.T) {
	for kind, used := range map[string]bool{
		"subscription_changed": true, "subscription_canceled_with_backdating": true, "subscription_renewal_reminder": true, "subscription_moved_out": true,
		"subscription_of_days_to_come": true, "dunning_updated": true, "netd_payment_due_reminder": true, "payment_initiated": true, "refund_initiated": true, "customer_deleted": true,
		"customer_changed": false, "card_expired": false, "item_price_updated": false, "quote_created": false, "mrr_updated": false,
	} {
		b := billing(t, chargebee, sample(t, "chargebee/03-chargebee-reduction.json", `"subscription_changed"`, `"`+kind+`"`))
		if used != (len(b.Facts) > 0) || b.Type != kind {
			t.Errorf("%s: %d facts, ignored: %s", kind, len(b.Facts), b.Ignored)
		}
	}
	for _, content := range []string{`{}`, `{"payment_source":{"id":"pm_1"}}`, `{"subscription":null}`, `{"subscription":[]}`} {
		if b := billing(t, chargebee, []byte(`{"id":"ev_1","event_type":"payment_source_added","api_version":"v2","occurred_at":1793524321,"content":`+content+`}`)); b.Ignored == "" {
			t.Errorf("%s: %+v", content, b.Facts)
		}
	}
}

func TestChargebeeBadBody(t *testing.T) {
	for field, pairs := range map[string][]string{
		"content.subscription.status":                         {`"status": "active"`, `"status": "resting"`},
		"content.subscription.subscription_items[0].quantity": {`"quantity": 7,` + "\n" + `     "unit_price": 690000`, `"quantity": -7, "unit_price": 690000`},
		"content.subscription.customer_id":                    {`"customer_id": "fjord-foods"`, `"customer_id": null`},
		"api_version":                                         {`"api_version": "v2"`, `"api_version": "v1"`},
		"occurred_at":                                         {`"occurred_at": 1793524320`, `"occurred_at": 1993524320`},
		"content.subscription.resource_version":               {`"resource_version": 1793524320413`, `"resource_version": 1793524320`},
	} {
		b, err := chargebee.Read(http.Header{}, sample(t, "chargebee/03-chargebee-reduction.json", pairs...), "", later)
		var e *Error
		if !errors.As(err, &e) || e.Status != 422 || e.Fields[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
		if len(b.About) == 0 || b.ID == "" {
			t.Errorf("%s: about %v, id %q", field, b.About, b.ID)
		}
	}
}
