package functions_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// billed is a customer of Stripe's with ten seats of Sales Premium, all of them in use, whose
// licence ends on 13 December 2026. What is posted is signed as Stripe signs, at the time of each
// body, and everything that falls due between is lived through.
func billed(t *testing.T, customer string) *played {
	t.Helper()
	return billedBy(t, "stripe", customer)
}

// billedBy is that customer of another billing system's, some of whose subscriptions are named too.
func billedBy(t *testing.T, sender, customer string, subscriptions ...string) *played {
	t.Helper()
	names := fmt.Sprintf(`{"sender":%q,"id":%q}`, sender, customer)
	for _, id := range subscriptions {
		names += fmt.Sprintf(`,{"sender":%q,"id":%q,"subscription":%q}`, sender, customer, id)
	}
	w := newWorld(t, nil)
	w.clock.set(time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC))
	p := &played{world: w, account: "C-" + strings.TrimPrefix(customer, "cus_")}
	cust := "Cust" + strings.TrimPrefix(customer, "cus_")
	w.must(w.say("account.changed", w.clock.Now(), fmt.Sprintf(`{"account":%q,"name":"Fjord Foods AB","locale":"en","timezone":"Europe/Stockholm","country":"SE","model":"plans","mail":"on",
"contacts":[{"id":"anna","name":"Anna Berg","email":"anna@fjord.example","role":"admin","locale":"en"},{"id":"bo","name":"Bo Lind","email":"ap@fjord.example","role":"billing","locale":"en"}],
"installations":[{"cust_id":%q,"serial":%q,"kind":"production","hosting":"online","url":"https://online.superoffice.com/%s"}],
"billing":[%s],"not_seats":["price_fee"],
"plans":[{"plan":"sales-premium","name":"Sales Premium","module":"ten-sales","prices":["price_sales"]}]}`, p.account, cust, "18"+cust, cust, names)), "applied")
	return p
}

// licence tells what the licence says at the instant of asking, to which the clock is moved.
func (p *played) licence(at string) {
	p.Helper()
	now, err := time.Parse(time.RFC3339, at)
	if err != nil {
		p.Fatal(err)
	}
	if now.After(p.clock.Now()) {
		p.advance(now)
	}
	p.must(p.say("licence.reported", p.clock.Now(), licenceOf(p.account)), "applied")
}

// licenceOf is the licence of an account whose installation has its number.
func licenceOf(account string) string {
	cust := "Cust" + strings.TrimPrefix(account, "C-")
	return fmt.Sprintf(`{"account":%q,"cust_id":%q,"serial":%q,"version":"12.2","licensed_version":"12.2","maintenance_until":"2026-12-31",
"next_check":"2026-11-20","admin_warning":"2026-11-28","expires":"2026-12-13","grace_until":"2026-12-25","offered":false,"can_activate":false,"markers":["online"],
"plans":[{"plan":"sales-premium","module":"ten-sales","description":"Sales Premium","total":10,"in_use":10,"unrestricted":false}]}`, account, cust, "18"+cust)
}

// stripe posts bodies of Stripe's, each at its own time, and gives the answers' outcomes.
func (p *played) stripe(bodies ...[]byte) (outcomes []string) {
	p.Helper()
	for _, b := range bodies {
		var head struct{ Created int64 }
		if err := json.Unmarshal(b, &head); err != nil {
			p.Fatal(err)
		}
		if at := time.Unix(head.Created, 0).Add(2 * time.Second); at.After(p.clock.Now()) {
			p.advance(at)
		}
		r := p.post("stripe", "/billing/stripe", "", b)
		if r.status != 200 {
			p.Errorf("%s\nis answered %v", b, r)
		}
		outcomes = append(outcomes, r.outcome())
	}
	return outcomes
}

// ordered is how many seats of the plan the account has ordered; nil: it is not known.
func (p *played) ordered() any {
	p.Helper()
	var a struct {
		Installations []struct {
			Plans []struct {
				Ordered *struct{ Value any }
			}
		}
	}
	p.ask("/accounts/"+p.account, &a)
	if len(a.Installations) == 0 || len(a.Installations[0].Plans) == 0 || a.Installations[0].Plans[0].Ordered == nil {
		return nil
	}
	return a.Installations[0].Plans[0].Ordered.Value
}

// codes are the findings as code and state.
func (p *played) codes() (all []string) {
	p.Helper()
	for _, f := range p.diagnosis(p.account).Findings {
		all = append(all, f.Code+" "+f.State)
	}
	return all
}

// stripeSubscription is ten seats of Sales Premium, or so many, as a basil body.
func stripeSubscription(event, id, customer string, created int64, quantity int) []byte {
	return fmt.Appendf(nil, `{"id":%q,"object":"event","api_version":"2025-08-27.basil","created":%d,"livemode":true,"type":"customer.subscription.created","data":{"object":{"id":%q,"object":"subscription","customer":%q,"status":"active",
"items":{"object":"list","has_more":false,"data":[{"id":"si_1","current_period_end":1798761600,"quantity":%d,"price":{"id":"price_sales","lookup_key":null,"recurring":{"usage_type":"licensed"}}}]},"cancel_at":null,"cancel_at_period_end":false,"ended_at":null}}}`,
		event, created, id, customer, quantity)
}

const (
	stripeOctober = 1790841600 // 1 October 2026, 08:00
	stripeAsked   = "2026-11-30T09:00:00Z"
)

// eitherWay plays two bodies of one second in both orders of arrival, and with their ids as they
// are and exchanged: what holds in the end is the same.
func eitherWay(t *testing.T, name string, check func(t *testing.T, bodies ...[]byte)) {
	t.Helper()
	both := caseBodies(t, name)
	ids := make([]string, 2)
	for i, b := range both {
		var head struct{ ID string }
		if err := json.Unmarshal(b, &head); err != nil {
			t.Fatal(err)
		}
		ids[i] = head.ID
	}
	other := make([][]byte, 2)
	for i, b := range both {
		other[i] = []byte(strings.Replace(string(b), `"`+ids[i]+`"`, `"`+ids[1-i]+`"`, 1))
	}
	for how, bodies := range map[string][][]byte{"as they are": both, "ids exchanged": other} {
		t.Run(how, func(t *testing.T) { check(t, bodies[0], bodies[1]) })
		t.Run(how+", turned", func(t *testing.T) { check(t, bodies[1], bodies[0]) })
		t.Run(how+", each twice", func(t *testing.T) { check(t, bodies[1], bodies[0], bodies[1], bodies[0]) })
	}
}

// comes is the surplus that is to come: how many are to go, and when.
func (p *played) comes() (need int, starts string) {
	p.Helper()
	var d struct {
		Upcoming []struct {
			Code, Starts string
			Need         int
		}
	}
	p.ask("/accounts/"+p.account+"/diagnosis", &d)
	for _, u := range d.Upcoming {
		if u.Code == "surplus" {
			return u.Need, u.Starts
		}
	}
	return 0, ""
}

func TestStripeCases(t *testing.T) {
	t.Run("old phases", func(t *testing.T) {
		p := billed(t, "cus_101")
		p.stripe(stripeSubscription("evt_101a", "sub_101", "cus_101", stripeOctober, 10))
		p.stripe(caseBodies(t, "stripe/old-phases-plans")...)
		p.licence(stripeAsked)
		if n, starts := p.comes(); n != 1 || starts != "2027-01-01T00:00:00Z" {
			t.Errorf("%d too many from %s, want 1 from 1 January", n, starts)
		}
		if got := p.ordered(); got != 10.0 {
			t.Errorf("%v ordered today, want 10", got)
		}
	})
	t.Run("schedule", func(t *testing.T) {
		eitherWay(t, "stripe/schedule-same-second", func(t *testing.T, bodies ...[]byte) {
			p := billed(t, "cus_102")
			p.stripe(stripeSubscription("evt_102", "sub_102", "cus_102", stripeOctober, 10))
			p.stripe(bodies...)
			p.licence(stripeAsked)
			if n, starts := p.comes(); n != 3 || starts != "2027-01-01T00:00:00Z" {
				t.Errorf("%d too many from %s, want 3 from 1 January", n, starts)
			}
		})
	})
	t.Run("invoice", func(t *testing.T) {
		eitherWay(t, "stripe/invoice-same-second", func(t *testing.T, bodies ...[]byte) {
			p := billed(t, "cus_104")
			p.stripe(stripeSubscription("evt_104", "sub_104", "cus_104", stripeOctober, 10))
			p.stripe(bodies...)
			p.licence(stripeAsked)
			if got, want := p.codes(), []string{"paid-not-extended open"}; !slices.Equal(got, want) {
				t.Errorf("found %v, want %v", got, want)
			}
			if got := p.mailsTo("ap@fjord.example"); len(got) > 0 {
				t.Errorf("who has paid is mailed: %s", got[0].Text)
			}
		})
	})
	t.Run("checkout", func(t *testing.T) {
		eitherWay(t, "stripe/checkout-same-second", func(t *testing.T, bodies ...[]byte) {
			p := billed(t, "cus_106")
			p.stripe(bodies...)
			p.licence(stripeAsked)
			if got := p.ordered(); got != 10.0 {
				t.Errorf("%v ordered, want 10", got)
			}
		})
	})
	t.Run("fully credited", func(t *testing.T) {
		p := billed(t, "cus_108")
		p.stripe(stripeSubscription("evt_108", "sub_108", "cus_108", stripeOctober, 10))
		p.stripe(caseBodies(t, "stripe/fully-credited")...)
		p.licence(stripeAsked)
		p.advance(p.clock.Now().Add(25 * time.Hour)) // it may be replaced
		p.licence(p.clock.Now().Format(time.RFC3339))
		if got, want := p.codes(), []string{"not-invoiced open"}; !slices.Equal(got, want) {
			t.Errorf("found %v, want %v", got, want)
		}
		for _, lang := range []string{"en", "sv"} {
			if said := p.all(lang); strings.Contains(said, "You have paid") || strings.Contains(said, "Ni har betalat") {
				t.Errorf("a credit is called a payment: %s", said)
			}
		}
	})
	t.Run("two versions", func(t *testing.T) {
		both := caseBodies(t, "stripe/two-versions")
		for _, bodies := range [][][]byte{both, {both[1], both[0]}} {
			p := billed(t, "cus_120")
			if got, want := p.stripe(bodies...), []string{"applied", "duplicate"}; !slices.Equal(got, want) {
				t.Errorf("answered %v, want %v", got, want)
			}
			if got := p.ordered(); got != 10.0 {
				t.Errorf("%v ordered, want 10", got)
			}
			var aside struct{ Aside []any }
			if p.ask("/aside", &aside); len(aside.Aside) > 0 {
				t.Errorf("set aside: %v", aside.Aside)
			}
		}
	})
}
