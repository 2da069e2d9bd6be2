package functions_test

import (
	"bytes"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// the is the finding of a code in a language, of which a played case must have one.
func (p *played) the(lang string, code licence.Code) words.Finding {
	p.Helper()
	all := ofCode(p.seen(lang), code)
	if len(all) != 1 {
		p.Fatalf("%d of %s:\n%s", len(all), code, p.read(lang))
	}
	return all[0]
}

// is holds a finding to its state, owner and severity, and to explaining the warning or not.
func (p *played) is(f words.Finding, state licence.FindingState, owner licence.Role, severity licence.Severity, explains bool) {
	p.Helper()
	if f.State != state || f.Owner != owner || f.Severity != severity || len(f.Explains) > 0 != explains {
		p.Errorf("%s is %s, %s's, %s, explains %v; want %s, %s's, %s, %v", f.Code, f.State, f.Owner, f.Severity, f.Explains, state, owner, severity, explains)
	}
}

// of is the same case seen from another of its accounts.
func (p *played) of(account string) *played {
	q := *p
	q.account = account
	return &q
}

var empty = regexp.MustCompile(`  |\( ?\)| [,.]|\{|\[\[`)

// sound holds every sentence of a played case, in both languages, to having no empty place.
func (p *played) sound() {
	p.Helper()
	for _, lang := range []string{"en", "sv"} {
		v := p.seen(lang)
		for _, f := range append(slices.Clone(v.Findings), v.Upcoming...) {
			texts := []string{f.Title, f.Cause, f.Deadline.Consequence, f.Verify}
			for _, r := range f.Remedies {
				texts = append(texts, r.Steps...)
			}
			for _, text := range texts {
				if hit := empty.FindString(text); text == "" || hit != "" {
					p.Errorf("%s, %s: %q has an empty place %q", lang, f.Code, text, hit)
				}
			}
		}
	}
	for _, m := range p.inbox() {
		if empty.MatchString(m.Subject) {
			p.Errorf("a subject has an empty place: %q", m.Subject)
		}
	}
}

const at30November = "2026-11-30T09:00:00Z"

func TestCasesPayment(t *testing.T) {
	t.Run("pay-action", func(t *testing.T) {
		p := play(t, "domain/pay-action", at30November)
		f := p.the("en", "invoice-overdue")
		p.is(f, "open", licence.Billing, "high", true)
		p.without("payment-awaited", "unexplained")
		p.reads(f.Title, "asks the customer to confirm", "INV-D1")
		p.lacks(f.Title, "fell due")
		p.reads(p.the("sv", "invoice-overdue").Title, "bekräfta")
		mails := p.mailsTo("ap@skarp.example")
		if len(mails) != 1 {
			t.Fatalf("%d mails to billing", len(mails))
		}
		p.reads(mails[0].Text, "The bank asks you to confirm the payment of invoice INV-D1 (SEK 12,500). Confirm it by Friday 4 December")
		p.lacks(mails[0].Text, "fell due")
		b := p.browse(path(t, mails[0].Link))
		p.reads(b.open(""), "https://pay.example/INV-D1")
		if n := len(p.inbox()); n != 1 {
			t.Errorf("%d mails in all", n)
		}
		p.sound()
	})
	t.Run("pay-action-grace", func(t *testing.T) {
		p := play(t, "domain/pay-action-grace", "2026-12-24T08:00:00Z")
		p.is(p.the("en", "invoice-overdue"), "open", licence.Billing, "critical", true)
		if s := p.seen("en").Summary; s != "needs-action" {
			t.Errorf("summary %s", s)
		}
		if len(p.mailsTo("ap@skarp.example")) == 0 {
			t.Error("billing hears nothing")
		}
	})
	t.Run("await-nodue-expired", func(t *testing.T) {
		p := play(t, "domain/await-nodue-expired", "2026-12-26T08:00:00Z")
		f := p.the("en", "payment-awaited")
		p.is(f, "open", licence.Finance, "critical", true)
		p.reads(f.Title, "has no due date")
		if s := p.seen("en").Summary; s != "needs-action" {
			t.Errorf("summary %s", s)
		}
		p.sound()
	})
	t.Run("quarterly-open-far", func(t *testing.T) {
		p := play(t, "domain/quarterly-open-far", at30November)
		p.is(p.the("en", "paid-not-extended"), "open", licence.Support, "high", true)
		p.without("payment-awaited", "invoice-overdue", "unexplained", "not-invoiced")
		p.lacks(p.all("en"), "INV-Q2")
		if n := len(p.mailsTo("ap@skarp.example")); n != 0 {
			t.Errorf("%d mails to billing", n)
		}
	})
	t.Run("disputed-main-paid-addon", func(t *testing.T) {
		p := play(t, "domain/disputed-main-paid-addon", at30November)
		p.is(p.the("en", "payment-disputed"), "open", licence.Finance, "high", true)
		p.without("paid-not-extended", "unexplained")
		p.lacks(p.all("en"), "You have paid")
		p.lacks(p.all("sv"), "Ni har betalat")
		if n := len(p.inbox()); n != 0 {
			t.Errorf("%d mails", n)
		}
	})
	t.Run("two-prod-paid-other", func(t *testing.T) {
		p := play(t, "domain/two-prod-paid-other", at30November)
		f := p.the("en", "not-invoiced")
		p.is(f, "open", licence.Finance, "high", true)
		if f.Subject.CustID != "Cust502" {
			t.Errorf("at %s", f.Subject.CustID)
		}
		p.without("paid-not-extended", "unexplained")
	})
	t.Run("two-prod-overdue-other", func(t *testing.T) {
		p := play(t, "domain/two-prod-overdue-other", at30November)
		f := p.the("en", "paid-not-extended")
		p.is(f, "open", licence.Support, "high", true)
		if f.Subject.CustID != "Cust501" {
			t.Errorf("at %s", f.Subject.CustID)
		}
		p.is(p.the("en", "invoice-overdue"), "open", licence.Billing, "low", false)
		p.without("unexplained", "not-invoiced")
	})
	t.Run("warn-overdue-undated", func(t *testing.T) {
		p := play(t, "domain/warn-overdue-undated", at30November)
		p.is(p.the("en", "invoice-overdue"), "open", licence.Billing, "high", false)
		p.sound()
		mails := p.mailsTo("ap@skarp.example")
		if len(mails) != 1 || mails[0].Subject != "Pay invoice INV-D1" {
			t.Fatalf("mails to billing: %+v", mails)
		}
		p.lacks(mails[0].Text, "Pay by", "Pay ,", "in time")
		p.lacks(p.read("sv"), "Betala ,", "i tid")
	})
	t.Run("cancel-plus-surplus", func(t *testing.T) {
		p := play(t, "domain/cancel-plus-surplus", at30November)
		p.is(p.the("en", "invoice-overdue"), "open", licence.Finance, "low", false)
		p.without("surplus", "not-activated", "unexplained")
		p.lacks(p.all("en"), "is extended", "will be extended", "Pay by")
		p.lacks(p.all("sv"), "förlängs", "Betala senast")
		if n := len(p.mailsTo("ap@skarp.example")); n != 0 {
			t.Errorf("%d mails to billing", n)
		}
		admin := p.mailsTo("ada@skarp.example")
		if len(admin) == 0 {
			t.Error("the admin hears nothing of the end")
		}
		for _, m := range admin {
			p.lacks(m.Text, "INV-D1", "payment", "fell due")
			if m.Why != "notice subscription-ended" {
				t.Errorf("a mail about %s", m.Why)
			}
		}
	})
	t.Run("inv-credit", func(t *testing.T) {
		p := play(t, "domain/inv-credit", at30November)
		p.is(p.the("en", "paid-not-extended"), "open", licence.Support, "high", true)
		p.without("invoice-overdue", "unexplained", "payment-awaited")
	})
	t.Run("arr-beyond-grace", func(t *testing.T) {
		p := play(t, "domain/arr-beyond-grace", "2026-12-24T08:00:00Z")
		f := p.the("en", "invoice-overdue")
		p.is(f, "open", licence.Finance, "critical", true)
		p.reads(f.Title, "28 February", "by hand")
		if n := len(p.inbox()); n != 0 {
			t.Errorf("the customer hears: %+v", p.inbox())
		}
		p.sound()
	})
	t.Run("extend-issued", func(t *testing.T) {
		p := play(t, "domain/extend-issued", at30November)
		f := p.the("en", "paid-not-extended")
		p.is(f, "open", licence.Support, "high", true)
		p.reads(f.Title, "Invoiced 5 November")
		p.without("unexplained", "payment-awaited", "invoice-overdue")
		p.lacks(p.all("en"), "You have paid", "Paid ")
		p.lacks(p.all("sv"), "Ni har betalat", "Betald ")
		p.sound()
	})
	t.Run("12c-metered-past-period", func(t *testing.T) {
		p := play(t, "superoffice/12c-metered-past-period", "2026-11-23T09:00:00Z")
		f := p.the("en", "invoice-overdue")
		p.is(f, "open", licence.Billing, "low", false)
		p.lacks(f.Title+f.Cause+f.Deadline.Consequence, "extended", "25 December")
		g := p.the("sv", "invoice-overdue")
		p.lacks(g.Title+g.Cause+g.Deadline.Consequence, "förlängs", "25 december")
		p.is(p.the("en", "paid-not-extended"), "open", licence.Support, "high", true)
		p.without("unexplained")
	})
}

// Another account pays: its billing contact is told, among its own mails; the customer's own
// people read of a payment that is not theirs to make; what the payer says reaches the customer.
func TestCasesPayer(t *testing.T) {
	p := play(t, "domain/payer-known", at30November)
	if n := len(p.mailsTo("ap@skarp.example")) + len(p.mailsTo("ada@skarp.example")); n != 0 {
		t.Errorf("%d mails to the customer's own", n)
	}
	p.is(p.the("en", "invoice-overdue"), "open", licence.Billing, "high", true)
	var list struct {
		Mails []struct{ To, Text, Link string }
	}
	p.ask("/accounts/P-77/mails", &list)
	if len(list.Mails) != 1 || list.Mails[0].To != "ap@holding.example" {
		t.Fatalf("the payer's mails: %+v", list.Mails)
	}
	mail := list.Mails[0]
	p.reads(mail.Text, "Invoice INV-D1 (SEK 12,500), for the licence of Skarpsundet AB, fell due on 10 November", "Pay by Friday 4 December")
	p.lacks(mail.Text, "Cust501", "Sales Premium", "Ada", "Bea", "1801770501")
	p.ask("/accounts/D-1/mails", &list)
	if len(list.Mails) != 0 {
		t.Errorf("the customer's mails: %+v", list.Mails)
	}
	b := p.browse(path(t, mail.Link))
	p.reads(b.open(""), "INV-D1", "Skarpsundet AB", "12,500")
	p.lacks(b.shows.body, "Cust501", "Sales Premium", "Ada", "Bea", "1801770501")
	p.of("P-77").sound()

	// The customer's own people: of a payment, and not of whose, which or how much.
	for _, contact := range []string{"a", "b"} {
		page := p.linkOf("D-1", contact).open("")
		p.reads(page, "The licence is waiting for a payment that is not yours to make")
		p.lacks(page, "INV-D1", "12,500", "P-77", "Holding", "pay.example")
	}

	// The payer says that it is paid: the customer's invoice rests, and so does the payer's.
	b.session()
	b.submit("/paid", "", url.Values{"paid_on": {"2026-11-29"}, "reference": {"9000"}})
	p.deliver()
	if claims := p.said("D-1", "payment.claimed"); len(claims) != 1 || claims[0]["by"] != "Pia Pay" || claims[0]["invoice"] != "INV-D1" {
		t.Errorf("claims: %v", claims)
	}
	if f := p.finding("D-1", "invoice-overdue"); f.State != "waiting" {
		t.Errorf("the customer's is %s", f.State)
	}
	p.advance(p.clock.Now().Add(time.Minute))
	if f := p.finding("P-77", "invoice-overdue"); f.State != "waiting" {
		t.Errorf("the payer's is %s", f.State)
	}

	// The payment is seen: the payer is thanked once, and has nothing left to do.
	paid := `{"account":"D-1","invoice":"INV-D1","status":"paid","due":"2026-11-10","paid_at":"2026-11-29","amount":"12500.00","currency":"SEK","url":"https://pay.example/INV-D1","period":{"from":"2026-12-13","to":"2027-12-13"}}`
	p.must(p.say("invoice.changed", p.clock.Now(), paid), "applied")
	p.advance(p.clock.Now().Add(48 * time.Hour))
	if f := p.finding("P-77", "invoice-overdue"); f.Code != "" {
		t.Errorf("the payer is still asked: %+v", f)
	}
	mails := p.mailsTo("ap@holding.example")
	thanks := slices.DeleteFunc(mails, func(m effects.MailRow) bool { return !strings.HasPrefix(m.Why, "thanks") })
	if len(thanks) != 1 {
		t.Fatalf("the payer is thanked %d times", len(thanks))
	}
	p.reads(thanks[0].Text, "The payment for the SuperOffice licence of Skarpsundet AB has arrived.")
}

// Nobody is there who pays: the customer's partner is told, and only where there is one.
func TestCasesPayerIsNotThere(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func([]byte) []byte
		to     string
	}{
		{"no such account, no partner", func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte(`"payer": "P-77"`), []byte(`"payer": "P-78"`))
		}, ""},
		{"no such account", func(b []byte) []byte {
			b = bytes.ReplaceAll(b, []byte(`"payer": "P-77"`), []byte(`"payer": "P-78"`))
			return bytes.ReplaceAll(b, []byte(`"contacts": [{"id": "a"`), []byte(`"contacts": [{"id":"x","name":"Per Part","email":"per@part.example","role":"partner","locale":"en"},{"id": "a"`))
		}, "per@part.example"},
		{"nobody of billing there", func(b []byte) []byte {
			b = bytes.ReplaceAll(b, []byte(`"id": "p", "name": "Pia Pay", "email": "ap@holding.example", "role": "billing"`), []byte(`"id": "p", "name": "Pia Pay", "email": "ap@holding.example", "role": "admin"`))
			return bytes.ReplaceAll(b, []byte(`"contacts": [{"id": "a"`), []byte(`"contacts": [{"id":"x","name":"Per Part","email":"per@part.example","role":"partner","locale":"en"},{"id": "a"`))
		}, "per@part.example"},
		{"the payer's mail is off", func(b []byte) []byte {
			if bytes.Contains(b, []byte("Holding")) {
				b = bytes.ReplaceAll(b, []byte(`"mail": "on"`), []byte(`"mail": "off"`))
			}
			return b
		}, ""},
		{"the customer's mail is off", func(b []byte) []byte {
			if bytes.Contains(b, []byte("Skarpsundet")) {
				b = bytes.ReplaceAll(b, []byte(`"mail": "on"`), []byte(`"mail": "off"`))
			}
			return b
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := playWith(t, "domain/payer-known", at30November, c.change)
			mails := p.inbox()
			switch {
			case c.to == "" && len(mails) > 0:
				t.Errorf("a mail to %s", mails[0].To)
			case c.to != "" && (len(mails) != 1 || mails[0].To != c.to):
				t.Errorf("%d mails: %+v", len(mails), mails)
			case c.to != "":
				p.reads(mails[0].Text, "The licence of Skarpsundet AB is waiting for a payment that is yours to make")
				p.lacks(mails[0].Text, "INV-D1", "12,500")
			}
		})
	}
}
