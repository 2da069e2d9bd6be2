package functions_test

import (
	"strings"
	"testing"
	"time"
)

// TestCasesOfADeskAgain plays what a licence desk found when it tried the relatives of its cases.
func TestCasesOfADeskAgain(t *testing.T) {
	const now = "2026-11-30T09:00:00Z"
	t.Run("any end is before none", func(t *testing.T) {
		for _, name := range []string{"desk/endless-offer-ends", "desk/endless-offer-surplus"} {
			p := play(t, name, now)
			p.without("surplus", "activation-refused")
			if f := p.stands("not-activated", "open"); f.Owner != "support" || !strings.Contains(f.Title, "the present one has no end") {
				t.Errorf("%s: for %s: %s", name, f.Owner, f.Title)
			}
			p.saysNot("en", "ends on the same day", "Free 2", "We do not know on which day")
			p.saysNot("sv", "går ut samma dag", "Ta bort 2", "inte känt")
			if m := p.mailsTo("ada@skarp.example"); len(m) > 0 {
				t.Errorf("%s: the admin is told %q", name, m[0].Subject)
			}
		}
		p := play(t, "desk/endless-offer-more", now)
		p.stands("not-activated", "open")
		p.saysNot("en", "would stop", "ends on the same day", "longer licence")
		p = playWith(t, "desk/endless-offer-more", now, func(b []byte) []byte {
			return []byte(strings.NewReplacer(`"new_total": 12`, `"new_total": 10`, `"seats": 12`, `"seats": 10`).Replace(string(b)))
		})
		p.stands("not-activated", "open")
		p.saysNot("en", "would stop", "ends on the same day")
	})
	t.Run("the licence knows whether it is a suite", func(t *testing.T) {
		p := play(t, "desk/suite-told-plans-offer", now)
		if f := p.stands("surplus", "open"); f.Need != 2 || f.Owner != "admin" || len(f.Explains) == 0 {
			t.Errorf("%d to free, for %s: %s", f.Need, f.Owner, f.Title)
		}
		p.without("activation-refused")
		if f := p.stands("order-differs", "open"); f.Subject.Kind != "suite" || !strings.Contains(f.Title, "disagree on whether this is CRM Suite") {
			t.Errorf("%s", f.Title)
		}
		p.saysNot("en", "the new licence 0", "The numbers fit, yet")
		p = play(t, "desk/suite-told-plans-ordered", now)
		if f := p.stands("order-differs", "open"); !strings.Contains(f.Title, "disagree on whether this is CRM Suite") {
			t.Errorf("%s", f.Title)
		}
		p.saysNot("en", "the licence 0")
		p.saysNot("sv", "licensen 0")
	})
	t.Run("a small invoice does not stand for one that was withdrawn", func(t *testing.T) {
		for _, name := range []string{"desk/void-small-paid", "desk/void-small-overdue", "desk/void-small-open"} {
			p := play(t, name, "2026-12-01T07:30:00Z")
			p.without("paid-not-extended", "payment-awaited")
			for _, f := range p.seen("en").Findings {
				if f.Code == "invoice-overdue" && (len(f.Explains) > 0 || f.Severity != "low") {
					t.Errorf("%s: %s", name, f.Title)
				}
			}
			if f := p.stands("not-invoiced", "open"); f.Owner != "finance" || !strings.Contains(f.Title, "withdrawn") || len(f.Explains) == 0 {
				t.Errorf("%s: for %s: %s", name, f.Owner, f.Title)
			}
			p.saysNot("en", "ours to pass on", "Pay by", "no invoice reaches beyond", "Invoiced until")
			p.saysNot("sv", "Betala senast", "ingen faktura når")
			if m := p.mailsTo("ap@skarp.example"); len(m) > 0 {
				t.Errorf("%s: billing is told %q", name, m[0].Subject)
			}
		}
	})
	t.Run("what was explained until now is unexplained from now on", func(t *testing.T) {
		p := play(t, "desk/unexplained-after-wait", "2026-11-26T22:00:00Z")
		p.stands("paid-not-extended", "waiting")
		p.advance(p.clock.Now().Add(8 * time.Hour))
		f := p.stands("unexplained", "waiting")
		if f.WaitingFor != "unknown" || f.FirstSeen.Format(time.RFC3339) != "2026-11-26T23:00:00Z" {
			t.Errorf("waits for %s, since %s", f.WaitingFor, f.FirstSeen)
		}
		p.advance(p.clock.Now().Add(18 * time.Hour))
		p.stands("unexplained", "open")
	})
	t.Run("asked at once, as well", func(t *testing.T) {
		play(t, "desk/unexplained-after-wait", "2026-11-27T06:00:00Z").stands("unexplained", "waiting")
	})
	t.Run("an offer of the same day beside an unpaid invoice asks for no seat today", func(t *testing.T) {
		for name, change := range map[string]*strings.Replacer{
			"for each user": strings.NewReplacer(),
			"a suite":       strings.NewReplacer(`"model": "plans"`, `"model": "suite"`, `"unrestricted"`, `"kind": "suite", "unrestricted"`),
			"ordered more":  strings.NewReplacer(`"seats": 7`, `"seats": 8`),
		} {
			p := playWith(t, "desk/same-offer-unpaid", now, func(b []byte) []byte { return []byte(change.Replace(string(b))) })
			if f := p.stands("surplus", "open"); len(f.BlockedBy) != 1 || !strings.Contains(f.Title, "before the licence can renew; you can already choose who") {
				t.Errorf("%s: %s", name, f.Title)
			}
			p.saysNot("en", ". Free 1", ". Free 2", "does the new licence come")
			p.saysNot("sv", ". Ta bort 1", ". Ta bort 2", "kommer den nya licensen")
			for _, m := range p.mailsTo("ada@skarp.example") {
				if !strings.Contains(m.Subject, "which is right?") {
					t.Errorf("%s: the admin is told %q", name, m.Subject)
				}
			}
		}
	})
	t.Run("an end to come", func(t *testing.T) {
		for name, by := range map[string]string{"desk/end-after-renewal": "2027-03-19", "desk/end-after-reach": "2027-01-14", "desk/end-undated": "2026-12-11"} {
			p := play(t, name, now)
			up := p.seen("en").Upcoming
			if len(up) != 1 || up[0].Code != "subscription-ended" {
				t.Fatalf("%s: %v is to come", name, up)
			}
			d := up[0].Deadline
			if d.At != nil || d.ActBy == nil || string(*d.ActBy) != by || !strings.HasPrefix(d.Consequence, "We do not know on which day SuperOffice stops") {
				t.Errorf("%s: by %v, until %v: %s", name, d.ActBy, d.At, d.Consequence)
			}
			if len(up[0].Explains) > 0 {
				t.Errorf("%s: what is to come explains %v", name, up[0].Explains)
			}
			p.saysNot("en", "Everything works until")
			p.saysNot("sv", "Allt fungerar till")
		}
	})
}
