package functions_test

import (
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
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
			for lang, want := range map[string]string{"en": "will have to go when the new licence comes", "sv": "måste bort när den nya licensen kommer"} {
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
				"en": {"does not hold the licence up", "Nothing stops", "has not been read", "No licence warning is shown"},
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
