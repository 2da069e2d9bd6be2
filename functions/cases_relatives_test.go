package functions_test

import (
	"fmt"
	"strings"
	"testing"

	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// A relative is a case like those of a desk, found by looking for more of their kind: what its
// diagnosis must say and must never say, by language.
type relative struct{ says, never map[string][]string }

// TestRelativesOfCases plays them, and holds each to what every diagnosis owes: nothing is told
// after the asking, and nobody is to act before today, or after it has stopped.
func TestRelativesOfCases(t *testing.T) {
	const now = "2026-11-30T09:00:00Z"
	type in = map[string][]string
	for name, c := range map[string]relative{
		"relatives/exchange-of-thirty": {
			says: in{"en": {"That is a lot of people: first agree on a time with support"}, "sv": {"De är många: kom först överens om en tid med supporten"}, "de": {"Vereinbaren Sie zuerst einen Termin"}},
		},
		"relatives/scim-surplus": {
			says: in{"en": {"for 30 days, and is then deleted", "marks the person as a former employee"}, "sv": {"i 30 dagar och raderas sedan"}, "nl": {"blijft 30 dagen onder"}},
		},
		"relatives/reduction-told-before": {
			says:  in{"en": {"Ordered 7 reported to us, 1 September at 08:00"}, "sv": {"Beställda 7 rapporterat till oss, 1 september"}},
			never: in{"en": {"reported to us, 1 January", "number in the new licence"}, "sv": {"antalet i den nya licensen"}},
		},
		"relatives/trial-with-two-productions": {
			says:  in{"en": {"Their customer IDs are Cust501 and Cust502: Help > About shows them"}, "sv": {"Deras kund-ID är Cust501 och Cust502"}, "de": {"Die Kunden-IDs sind Cust501 und Cust502"}},
			never: in{"en": {"Its customer ID"}},
		},
		"relatives/trial-closed-before": {
			says:  in{"en": {"The trial closed on 28 November", "Its customer ID is Cust501: Help > About shows it"}},
			never: in{"en": {"The trial closes"}},
		},
		"relatives/step-after-the-end": {
			never: in{"en": {"done by Monday 3 May"}},
		},
		// A trial that is deleted hides nothing of the production installation.
		"relatives/trial-deleted-invoice-overdue": {
			says:  in{"en": {"Cust590 is being deleted", "Invoice INV-D1 (SEK 12,500) fell due on 10 November", "This is why the warning is shown"}},
			never: in{"en": {"None of the usual causes"}},
		},
		"relatives/one-of-two-closed-unpaid": {
			says:  in{"en": {"Cust502 has been closed", "Cust501: Invoice INV-A"}},
			never: in{"en": {"INV-B"}},
		},
		"relatives/version-above-and-offered": {
			says:  in{"en": {"A longer licence is on offer all the same"}, "sv": {"Ändå ligger en förlängd licens klar"}},
			never: in{"en": {"that is why it cannot renew"}, "sv": {"Därför kan den inte förnyas"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := play(t, name, now)
			for _, l := range words.Languages {
				text := strings.Join(strings.Fields(p.read(l.Tag)), " ")
				for _, want := range c.says[l.Tag] {
					if !strings.Contains(text, want) {
						t.Errorf("%s: it should say %q:\n%s", l.Tag, want, text)
					}
				}
				for _, claim := range c.never[l.Tag] {
					if strings.Contains(text, claim) {
						t.Errorf("%s: %q is not so:\n%s", l.Tag, claim, text)
					}
				}
			}
			p.keepsTime()
		})
	}
}

// keepsTime holds a diagnosis to the order of time.
func (p *played) keepsTime() {
	p.Helper()
	v := p.seen("en")
	today := licence.DateOf(v.Now, stockholm)
	for _, f := range append(v.Findings, v.Upcoming...) {
		for _, e := range f.Evidence {
			if e.At > v.Now.UTC().Format("2006-01-02T15:04:05Z") {
				p.Errorf("%s: %s is told at %s, after the asking", f.Code, e.Name, e.At)
			}
		}
		by, at := f.Deadline.ActBy, f.Deadline.At
		if by != nil && *by < today {
			p.Errorf("%s: act by %s, which is past", f.Code, *by)
		}
		if by != nil && at != nil && *at >= today && *by > *at {
			p.Errorf("%s: act by %s, after %s, when it has stopped", f.Code, *by, *at)
		}
	}
}

// What a mail mentions beside what it is about waits as its own mail would, and is not denied.
func TestWhatMailsMentionBesides(t *testing.T) {
	last := func(p *played) string {
		all := p.mailsTo("ap@skarp.example")
		if len(all) == 0 {
			p.Fatal("no mail went to who pays")
		}
		return all[len(all)-1].Text
	}
	t.Run("relatives/second-invoice-just-due", func(t *testing.T) {
		text := last(play(t, "relatives/second-invoice-just-due", "2026-11-30T09:00:00Z"))
		if !strings.Contains(text, "INV-D1") || strings.Contains(text, "INV-D2") {
			t.Errorf("three banking days after its due day nobody is told that INV-D2 is not paid:\n%s", text)
		}
		if !strings.Contains(text, "Nothing else is needed.") {
			t.Errorf("it does not say that there is nothing else:\n%s", text)
		}
	})
	t.Run("relatives/second-invoice-later", func(t *testing.T) {
		text := last(play(t, "relatives/second-invoice-later", "2026-11-30T09:00:00Z"))
		about, also, ok := strings.Cut(text, "Also worth knowing")
		if !ok || !strings.Contains(about, "INV-D2") || !strings.Contains(also, "INV-D1") {
			t.Fatalf("it is not a mail about the second that mentions the first:\n%s", text)
		}
		if strings.Contains(text, "nothing else that you need to do") {
			t.Errorf("INV-D1 is to be paid too:\n%s", text)
		}
	})
}

// Of two installations one is closed: nobody at the other is told that theirs is, and nobody that
// everything works as usual.
func TestOneOfTwoIsClosed(t *testing.T) {
	p := play(t, "relatives/one-of-two-closed-unpaid", "2026-11-30T09:00:00Z")
	told := p.mailsTo("ada@skarp.example")
	if len(told) == 0 {
		t.Fatal("the administrator heard nothing")
	}
	for _, m := range told {
		if strings.Contains(m.Text, "works as usual") || strings.Contains(m.Text, "which is closed at the moment") {
			t.Errorf("the mail says of the whole what is so of a part:\n%s", m.Text)
		}
	}
	for cust, closed := range map[string]bool{"Cust501": false, "Cust502": true} {
		r := p.post("login", "/login-warnings", "closed-"+cust, fmt.Appendf(nil, `{"type":"login.warned","timestamp":"2026-11-30T09:00:00Z","data":{"cust_id":%q,"serial":"1801770%s",
"url":"https://online3.superoffice.com/%s","version":"12.2","message":"The licence will expire soon.","days_left":13,"user":{"id":"12","name":"Eva Holm","email":"eva@skarp.example","locale":"en"}}}`, cust, cust[4:], cust))
		if r.status != 200 || strings.Contains(r.body, "is closed at the moment") != closed {
			t.Errorf("a user of %s reads %v", cust, r)
		}
	}
}
