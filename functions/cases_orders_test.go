package functions_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// ofCode are the findings of a code, with what is upcoming.
func ofCode(v words.View, code licence.Code) (all []words.Finding) {
	for _, f := range append(slices.Clone(v.Findings), v.Upcoming...) {
		if f.Code == code {
			all = append(all, f)
		}
	}
	return all
}

// stands is the one finding of a code, which must stand in a state.
func (p *played) stands(code licence.Code, state licence.FindingState) words.Finding {
	p.Helper()
	all := ofCode(p.seen("en"), code)
	if len(all) != 1 || all[0].State != state {
		p.Fatalf("%s: %d stand, not one that is %s\n%s", code, len(all), state, p.read("en"))
	}
	return all[0]
}

// without holds that no finding of the codes stands or is to come.
func (p *played) without(codes ...licence.Code) {
	p.Helper()
	for _, code := range codes {
		if all := ofCode(p.seen("en"), code); len(all) > 0 {
			p.Errorf("%s: %s", code, all[0].Title)
		}
	}
}

// saysNot holds that nothing has the words that is read now, nor a mail of the last hour.
func (p *played) saysNot(lang string, words ...string) {
	p.Helper()
	text := p.all(lang) + p.read(lang)
	for _, m := range p.inbox() {
		if m.SentAt != nil && p.clock.Now().Sub(*m.SentAt) < time.Hour {
			text += m.Subject + m.Text
		}
	}
	for _, w := range words {
		if strings.Contains(text, w) {
			p.Errorf("%s: something says %q", lang, w)
		}
	}
}

// An end is never a reduction: who has cancelled is asked for no seat, now or later.
func TestCasesOfAnEnd(t *testing.T) {
	for name, subject := range map[string]string{
		"domain/two-prod-one-cancelled": "Cust502", "domain/reduction-zero": "", "domain/one-left-all-cancel": "",
	} {
		t.Run(name, func(t *testing.T) {
			p := play(t, name, "2026-11-30T09:00:00Z")
			p.without("surplus", "plan-swap", "order-differs", "not-activated", "activation-refused", "unexplained")
			f := p.stands("subscription-ended", "open")
			if f.Subject.CustID != subject || (f.Subject.Kind == "installation") != (subject != "") {
				t.Errorf("it is said of %+v", f.Subject)
			}
			for lang, bad := range map[string][]string{"en": {"Free ", "will have to go"}, "sv": {"Ta bort ", "måste bort"}} {
				p.saysNot(lang, bad...)
			}
			for _, m := range p.inbox() {
				if strings.HasSuffix(m.To, "@skarp.example") && (!strings.Contains(m.Subject, "subscription") || strings.Contains(m.Text, "Free ")) {
					t.Errorf("%s is told %q", m.To, m.Subject)
				}
			}
		})
	}
	t.Run("the other installation goes on", func(t *testing.T) {
		p := play(t, "domain/two-prod-one-cancelled", "2026-11-30T09:00:00Z")
		var passed []string
		for _, x := range p.seen("en").Passed {
			if x.Subject.CustID == "Cust501" {
				passed = append(passed, string(x.Code))
			}
			if x.Subject.CustID == "Cust502" && (x.Code == "surplus" || x.Code == "order-differs") {
				t.Errorf("%s of the cancelled one passes", x.Code)
			}
		}
		for _, code := range []string{"surplus", "order-differs", "subscription-ended", "not-activated"} {
			if !slices.Contains(passed, code) {
				t.Errorf("%s of Cust501 is not judged: %v", code, passed)
			}
		}
	})
}

func TestCasesOfActivation(t *testing.T) {
	t.Run("domain/midterm-increase", func(t *testing.T) {
		p := play(t, "domain/midterm-increase", "2026-11-30T09:00:00Z")
		f := p.stands("not-activated", "open")
		if f.Deadline.ActBy != nil || f.Deadline.At != nil || f.Deadline.Consequence != "" {
			t.Errorf("it has a deadline: %+v", f.Deadline)
		}
		if !strings.Contains(f.Title, "2 more Sales Premium") {
			t.Errorf("it says %q", f.Title)
		}
		if sv := ofCode(p.seen("sv"), "not-activated")[0].Title; !strings.Contains(sv, "2 Sales Premium till") {
			t.Errorf("it says %q", sv)
		}
		p.saysNot("en", "renews in time", "would stop")
		p.saysNot("sv", "förnyas i tid", "stannar om")
		if m := p.mailsTo("ada@skarp.example"); len(m) != 1 || m[0].Subject != "Activate to get 2 more Sales Premium seats" {
			t.Errorf("mailed: %v", m)
		}
	})
	t.Run("domain/refused-tried-same-ts", func(t *testing.T) {
		p := play(t, "domain/refused-tried-same-ts", "2026-11-30T09:00:00Z")
		f := p.stands("activation-refused", "open")
		if !strings.Contains(f.Cause, "Signature") {
			t.Errorf("the reason is not said: %q", f.Cause)
		}
		p.without("not-activated")
		p.saysNot("en", "press Activate", "Press Activate")
		p.saysNot("sv", "tryck på Aktivera", "Tryck på Aktivera")
	})
	t.Run("a try and a reading at one instant", func(t *testing.T) {
		for _, id := range []string{"a-try", "z-try"} {
			p := playWith(t, "domain/refused-tried-same-ts", "2026-11-30T09:00:00Z", func(b []byte) []byte {
				s := strings.ReplaceAll(string(b), "2026-11-30T07:00:00Z", "2026-11-30T06:00:00Z")
				return []byte(strings.ReplaceAll(s, `"id": "refused-tried-same-ts-03"`, `"id": "`+id+`"`))
			})
			p.stands("activation-refused", "open")
			p.without("not-activated")
		}
	})
	t.Run("a try that went well", func(t *testing.T) {
		p := playWith(t, "domain/refused-tried-same-ts", "2026-11-30T09:00:00Z", func(b []byte) []byte {
			return []byte(strings.ReplaceAll(string(b), `"ok": false, "reason": "Signature"`, `"ok": true`))
		})
		if f := p.stands("not-activated", "verifying"); f.Owner != "nobody" || len(f.Remedies) > 0 {
			t.Errorf("%s is to do %v", f.Owner, f.Remedies)
		}
		p.without("activation-refused")
		p.saysNot("en", "press Activate", "Press Activate")
	})
	t.Run("an offer that ends earlier", func(t *testing.T) {
		p := playWith(t, "domain/midterm-increase", "2026-11-30T09:00:00Z", func(b []byte) []byte {
			return []byte(strings.ReplaceAll(string(b), `"new_expires": "2027-09-13"`, `"new_expires": "2027-06-30"`))
		})
		if f := p.stands("not-activated", "open"); f.Owner != "support" || len(f.Remedies) > 0 || f.Deadline.ActBy != nil {
			t.Errorf("%s is to do %v by %v", f.Owner, f.Remedies, f.Deadline.ActBy)
		}
		if m := p.mailsTo("ada@skarp.example"); len(m) > 0 {
			t.Errorf("the admin is told %q", m[0].Subject)
		}
		p.saysNot("en", "press Activate", "Press Activate", "renews in time")
		p.saysNot("sv", "tryck på Aktivera", "Tryck på Aktivera", "förnyas i tid")
	})
	t.Run("domain/stated-vs-read", func(t *testing.T) {
		p := play(t, "domain/stated-vs-read", "2026-11-30T09:00:00Z")
		p.stands("order-differs", "open")
		if f := p.stands("not-activated", "open"); f.Deadline.ActBy != nil || len(f.BlockedBy) != 1 || len(f.Remedies) > 0 {
			t.Errorf("it leads to activating: %+v", f)
		}
		p.saysNot("en", "Activated by", "press Activate")
		p.saysNot("sv", "Aktiveras den", "tryck på Aktivera")
	})
	t.Run("domain/refused-identity", func(t *testing.T) {
		p := play(t, "domain/refused-identity", "2026-11-30T09:00:00Z")
		all := p.seen("en").Findings
		if len(all) != 2 || all[0].Code != "identity-differs" || all[1].Code != "activation-refused" || !slices.Equal(all[1].BlockedBy, []string{all[0].Fingerprint}) {
			t.Fatalf("%s", p.read("en"))
		}
		for lang, want := range map[string]string{"en": "resolve. First the name", "sv": "kommer åt. Först måste namnet"} {
			if cause := p.seen(lang).Findings[1].Cause; !strings.Contains(cause, want) {
				t.Errorf("%s: %q", lang, cause)
			}
		}
	})
}

func TestCasesOfAnExchange(t *testing.T) {
	t.Run("domain/swap-addon-not-gain", func(t *testing.T) {
		p := play(t, "domain/swap-addon-not-gain", "2026-11-30T09:00:00Z")
		p.without("plan-swap")
		if f := p.stands("surplus", "open"); f.Need != 3 || f.Subject.ID != "sales-premium" {
			t.Errorf("free %d of %s", f.Need, f.Subject.ID)
		}
	})
	t.Run("domain/swap-partly", func(t *testing.T) {
		p := play(t, "domain/swap-partly", "2026-11-30T09:00:00Z")
		p.without("surplus")
		f := p.stands("plan-swap", "open")
		var ids []string
		for _, r := range f.Remedies {
			ids = append(ids, r.ID)
			if !strings.Contains(p.read("en"), "→ "+r.Name) {
				t.Errorf("%q is not printed", r.Name)
			}
		}
		if !slices.Equal(ids, []string{"move-now", "free-activate-give", "numbers-wrong"}) || f.Remedies[0].Need != 2 || f.Remedies[1].Need != 1 {
			t.Errorf("remedies are %v: %+v", ids, f.Remedies)
		}
	})
}
