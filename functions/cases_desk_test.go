package functions_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"seatmend/infra/crmsim"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// TestCasesOfADesk plays what a licence desk tried beside the cases that are known.
func TestCasesOfADesk(t *testing.T) {
	const now = "2026-11-30T09:00:00Z"
	for name, check := range map[string]func(*testing.T, *played){
		"desk/expired-no-next-check": func(t *testing.T, p *played) {
			if v := p.seen("en"); v.Phase != "expired" || v.Summary != "unknown" {
				t.Errorf("phase %s, summary %s: who is locked out and knows no cause is not well", v.Phase, v.Summary)
			}
		},
		"desk/unpaid-zero-seats": func(t *testing.T, p *played) {
			for _, f := range p.seen("en").Findings {
				if f.Code == "subscription-ended" || f.Code == "surplus" && f.Need > 0 {
					t.Errorf("%s: a payment status is no end and no seat count", f.Title)
				}
			}
		},
		"desk/midterm-decrease": func(t *testing.T, p *played) {
			if text := p.read("en"); strings.Contains(text, "renews in time") {
				t.Errorf("an offer of the same expiry renews nothing:\n%s", text)
			}
		},
		"desk/suspended-overdue": func(t *testing.T, p *played) {
			if text := p.read("en"); strings.Contains(text, "Pay by") || strings.Contains(text, "INV-") {
				t.Errorf("a closed installation hides its invoices:\n%s", text)
			}
		},
		"desk/reduction-unpaid-no-offer": func(t *testing.T, p *played) {
			for lang, want := range map[string]string{"en": "must go when the new licence comes", "sv": "måste bort när den nya licensen kommer"} {
				text := strings.Join(strings.Fields(p.read(lang)), " ")
				if !strings.Contains(text, want) || strings.Contains(text, "Free 2") || strings.Contains(text, "Ta bort 2.") {
					t.Errorf("nothing is to be freed before the payment is in:\n%s", text)
				}
			}
		},
		"desk/ended-act-by-past": func(t *testing.T, p *played) {
			for _, f := range p.seen("en").Findings {
				if f.Deadline.ActBy != nil && *f.Deadline.ActBy < "2026-11-30" {
					t.Errorf("%s: act by %s, which has passed", f.Title, *f.Deadline.ActBy)
				}
			}
		},
		"desk/belied-paid":     belied,
		"desk/belied-days-ago": belied,
		"desk/undated-overdue": func(t *testing.T, p *played) {
			if v := p.seen("en"); v.Phase != "unknown" {
				t.Errorf("phase %s: no licence date is known", v.Phase)
			}
			for lang, never := range map[string][]string{
				"en": {"is not holding up the licence", "Nothing stops", "has not been read", "No licence warning is shown"},
				"sv": {"håller inte licensen", "Inget stannar", "inte lästs", "Ingen licensvarning visas"},
			} {
				text := strings.Join(strings.Fields(p.read(lang)), " ")
				for _, claim := range never {
					if strings.Contains(text, claim) {
						t.Errorf("%q, and nobody told when the licence ends:\n%s", claim, text)
					}
				}
			}
		},
		"desk/endless-overdue": func(t *testing.T, p *played) {
			for _, x := range p.seen("en").Unknown {
				if x.Code == "payment-awaited" || x.Code == "not-invoiced" || x.Code == "paid-not-extended" {
					t.Errorf("%s: a licence without an end waits for no payment", x.Title)
				}
			}
		},
		"desk/paid-last-day": func(t *testing.T, p *played) {
			for _, f := range p.seen("en").Findings {
				if f.Code == "paid-not-extended" && (f.State != "open" || f.Owner != licence.Support || f.Severity != "critical") {
					t.Errorf("%s is %s, %s's: nobody lengthens the licence before it stops", f.Title, f.State, f.Owner)
				}
			}
			if text := p.read("en"); strings.Contains(strings.ToLower(text), "nothing to do") {
				t.Errorf("it has to be settled today:\n%s", text)
			}
			if mails := p.inbox(); len(mails) > 0 {
				t.Errorf("the customer hears of it: %s", mails[0].Subject)
			}
		},
		"desk/trial-undated": func(t *testing.T, p *played) {
			for _, f := range p.seen("en").Findings {
				if got := f.FirstSeen.Format(time.RFC3339); got != "2026-11-29T08:00:00Z" {
					t.Errorf("%s was first seen at %s", f.Title, got)
				}
			}
		},
		"desk/trial-days-left-zero": func(t *testing.T, p *played) {
			if text := p.read("en") + p.all("en"); strings.Contains(text, "29 November") || strings.Contains(text, "closed on") {
				t.Errorf("no day was told on which it ended:\n%s", text)
			}
		},
	} {
		t.Run(name, func(t *testing.T) { check(t, play(t, name, now)) })
	}
}

// TestCasesOfADeskOnRules plays what a licence desk found to break a rule.
func TestCasesOfADeskOnRules(t *testing.T) {
	const now = "2026-11-30T09:00:00Z"
	t.Run("what is not to be activated frees nobody", func(t *testing.T) {
		for _, name := range []string{"desk/earlier-offer-surplus", "desk/earlier-offer-swap"} {
			p := play(t, name, now)
			p.without("surplus", "plan-swap")
			if f := p.stands("not-activated", "open"); f.Owner != "support" {
				t.Errorf("it is for %s", f.Owner)
			}
			p.saysNot("en", "Free 2", "exchanged for")
			p.saysNot("sv", "Ta bort 2", "har bytts")
			if m := p.mailsTo("ada@skarp.example"); len(m) > 0 {
				t.Errorf("%s: the admin is told %q", name, m[0].Subject)
			}
		}
		p := playWith(t, "desk/earlier-offer-surplus", now, func(b []byte) []byte {
			return []byte(strings.Replace(string(b), `"seats": 7`, `"seats": 8`, 1))
		})
		p.stands("order-differs", "open")
		p.saysNot("en", "beyond what is asked here")
	})
	t.Run("what was begun rests when the offer ends sooner", func(t *testing.T) {
		w := newWorld(t, nil)
		b := w.meet(granit())
		fp := w.finding("G-1", "surplus").Fingerprint
		b.session().choose(fp, "9")
		w.reads(b.open("/steps/"+fp), "Gull Hed")
		w.inSuperOffice(granitCust, func(t *crmsim.Tenant) { t.Offer.Expires = "2026-12-01" })
		w.take(granitCust, "ten-sales", "9")
		w.reads(b.submit("/check", "I have done it: check again", nil), "Do not activate it")
		w.lacks(b.open(""), "too many", "Choose who gives up a seat")
		if page := b.open("/steps/" + fp); b.at == b.base+"/steps/"+fp {
			t.Errorf("the steps go on: %s", page)
		}
	})
	t.Run("a fetch that failed", func(t *testing.T) {
		for name, now := range map[string]string{"desk/paid-fetch-failed": now, "superoffice/08e-onsite-version-fetch-failed": "2026-11-23T09:00:00Z"} {
			p := play(t, name, now)
			p.without("paid-not-extended")
			p.saysNot("en", "ours to pass on", "asked for a new licence")
			p.saysNot("sv", "har frågat efter en ny licens")
		}
		p := play(t, "desk/paid-fetch-failed", now)
		if f := p.one(p.seen("en"), "unexplained"); !strings.Contains(f.Cause, "tried to fetch a new licence on 29 November, and could not") {
			t.Errorf("%s", f.Cause)
		}
		// One that went well since has found none: then it is ours.
		p = playWith(t, "desk/paid-fetch-failed", now, func(b []byte) []byte {
			return []byte(strings.Replace(string(b), `"ok": false, "error": "The operation has timed out"`, `"ok": true`, 1))
		})
		p.stands("paid-not-extended", "open")
		// Nor has one asked whose licence comes as a file.
		p = playWith(t, "desk/paid-fetch-failed", now, func(b []byte) []byte {
			return []byte(strings.Replace(string(b), `"hosting": "onsite"`, `"hosting": "onsite", "fetch": "file"`, 1))
		})
		if f := p.one(p.seen("en"), "unexplained"); !strings.Contains(f.Cause, "comes as a file") {
			t.Errorf("%s", f.Cause)
		}
	})
	t.Run("a longer licence is offered, and nothing explains", func(t *testing.T) {
		p := play(t, "desk/longer-offer-order-unknown", now)
		for lang, want := range map[string]string{"en": "A longer licence is on offer, until 13 December 2027", "sv": "En förlängd licens erbjuds, till 13 december 2027"} {
			if f := p.one(p.seen(lang), "unexplained"); !strings.HasPrefix(f.Cause, want) {
				t.Errorf("%s", f.Cause)
			}
		}
		p.saysNot("en", "did not get one", "seats to be freed")
		p = play(t, "desk/earlier-offer-swap", now)
		if f := p.one(p.seen("en"), "unexplained"); !strings.Contains(f.Cause, "ends no later than the present one") {
			t.Errorf("%s", f.Cause)
		}
	})
	t.Run("contested, and another in its place", func(t *testing.T) {
		in := func(status string) *played {
			return playWith(t, "desk/disputed-replaced-open", now, func(b []byte) []byte {
				s := strings.Replace(string(b), `"status": "disputed"`, `"status": "`+status+`"`, 1)
				if strings.Contains(s, `"INV-1", "status"`) {
					return []byte(s)
				}
				return []byte(strings.Replace(s, `, "replaces": "INV-1"`, "", 1))
			})
		}
		p := play(t, "desk/disputed-replaced-open", now)
		if f := p.stands("payment-disputed", "open"); f.Owner != "finance" || !strings.Contains(f.Title, "INV-1") {
			t.Errorf("%s: %s", f.Owner, f.Title)
		}
		p.saysNot("en", "No payment is contested")
		in("disputed").stands("payment-disputed", "open") // by its period and what it covers alone
		in("uncollectible").stands("payment-disputed", "open")
		in("void").without("payment-disputed")
		playWith(t, "desk/disputed-replaced-open", now, func(b []byte) []byte {
			return []byte(strings.Replace(string(b), `"status": "open", "due": "2026-12-20", "paid_at": null`, `"status": "paid", "due": "2026-12-20", "paid_at": "2026-11-24"`, 1))
		}).without("payment-disputed")
	})
	t.Run("two installations, and an invoice of each", func(t *testing.T) {
		p := play(t, "desk/two-overdue", now)
		for _, lang := range []string{"en", "sv"} {
			v := p.seen(lang)
			var titles []string
			for _, f := range append(v.Findings, v.Upcoming...) {
				titles = append(titles, f.Title)
			}
			for _, x := range append(v.Passed, v.Unknown...) {
				titles = append(titles, x.Title)
			}
			for _, title := range titles {
				if !strings.Contains(title, "Cust50") ||
					strings.Contains(title, "INV-A") && strings.Contains(title, "Cust502") || strings.Contains(title, "INV-B") && strings.Contains(title, "Cust501") {
					t.Errorf("%q", title)
				}
			}
		}
		if m := p.mailsTo("ap@skarp.example"); len(m) != 1 || !strings.HasPrefix(m[0].Subject, "Cust50") || !strings.Contains(m[0].Text, "Cust501: Invoice INV-A") || !strings.Contains(m[0].Text, "Cust502: Invoice INV-B") {
			t.Errorf("billing gets %+v", m)
		}
		// One is contested, which is finance's task, and then paid.
		invoice := func(status, paid string) {
			p.must(p.say("invoice.changed", p.clock.Now(), `{"account":"D-1","invoice":"INV-A","status":"`+status+`","due":"2026-11-10","paid_at":`+paid+`,"amount":"12500.00",
				"currency":"SEK","url":"https://pay.example/INV-A","period":{"from":"2026-12-13","to":"2027-12-13"},"covers":["sub_A"]}`), "applied")
			p.advance(p.clock.Now().Add(time.Hour))
		}
		invoice("disputed", "null")
		invoice("paid", `"2026-11-30"`)
		rows, _, err := p.db.Rows(t.Context(), p.account, "desk", store.Page{Limit: 100})
		if err != nil || len(rows) < 2 {
			t.Fatalf("%d mails reached a desk: %v", len(rows), err)
		}
		for _, row := range rows {
			var m effects.DeskMail
			if err := json.Unmarshal(row.Body, &m); err != nil || !strings.HasSuffix(m.Subject, "(Cust501)") {
				t.Errorf("a task: %s (%v)", m.Subject, err)
			}
		}
		m := p.mailsTo("ap@skarp.example")
		if last := m[len(m)-1]; last.Subject != "Cust501: Thank you: the payment is in" {
			t.Errorf("billing gets %q", last.Subject)
		}
	})
	t.Run("who logs in elsewhere hears of no invoice of another installation", func(t *testing.T) {
		p := playWith(t, "desk/two-overdue", now, func(b []byte) []byte {
			if s := string(b); strings.Contains(s, `"cust_id": "Cust502", "serial": "1801770502", "version"`) {
				for from, to := range map[string]string{"2026-11-20": "2027-11-20", "2026-11-25": "2027-11-25", "2026-12-13": "2027-12-13", "2026-12-25": "2027-12-25"} {
					s = strings.ReplaceAll(s, from, to)
				}
				return []byte(s)
			}
			return b
		})
		r := p.post("login", "/login-warnings", "other", []byte(`{"type":"login.warned","timestamp":"2026-11-30T08:59:00Z","data":{"cust_id":"Cust502","serial":"1801770502",
			"url":"https://online3.superoffice.com/Cust502","version":"12.2","message":"...","days_left":20,"user":{"id":"90","name":"Eva","email":"eva90@skarp.example","locale":"en"}}}`))
		if r.status != 200 || strings.Contains(r.body, "25 December") {
			t.Errorf("%d %s", r.status, r.body)
		}
	})
}

// belied holds for a licence that nobody can read and that a login speaks against: nothing is
// claimed from what was told before, and the one end is the login's.
func belied(t *testing.T, p *played) {
	for _, f := range p.seen("en").Findings {
		t.Errorf("%s stands", f.Title)
	}
	for lang, end := range map[string]string{"en": "29 December", "sv": "29 december"} {
		text := strings.Join(strings.Fields(p.read(lang)), " ")
		if strings.Contains(text, "2027") || !strings.Contains(text, end) {
			t.Errorf("the login says %s:\n%s", end, text)
		}
	}
}
