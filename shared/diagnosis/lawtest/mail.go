package lawtest

import (
	"fmt"
	"slices"
	"strings"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// Notice is the law that a notice to an address breaks by what it is about, if it went now; "": none.
func (l *State) Notice(address string, about []licence.About) string {
	for _, a := range about {
		if said := l.notice(address, a); said != "" {
			return said
		}
	}
	return ""
}

func (l *State) notice(address string, a licence.About) string {
	p := l.History.Findings[a.Fingerprint]
	if _, figures := l.History.Desks[a.Fingerprint]; figures && p == nil {
		return "" // it asks for figures
	}
	if p == nil {
		return fmt.Sprintf("N8: a mail is owed about %s, which was never found, or is forgotten", a.Fingerprint)
	}
	to := slices.IndexFunc(l.Reading.A.Contacts, func(c licence.Contact) bool { return c.Email == address })
	if to < 0 {
		return fmt.Sprintf("N4: a mail about %s goes to %s, who is not the customer's", p.Code, address)
	}
	role := l.Reading.A.Contacts[to].Role
	open := func(f diagnosis.Finding) bool { return f.Fingerprint == a.Fingerprint && f.State == "open" }
	stands := slices.ContainsFunc(l.Diagnosis.Findings, open)
	if !stands && !slices.ContainsFunc(l.Diagnosis.Upcoming, open) {
		return fmt.Sprintf("N8: a mail about %s %v is owed, and it is not open: %+v", p.Code, p.Subject, p)
	}
	answer := l.Known.Profile.Answers[a.Fingerprint].Value
	if until := answer.Until.Start(l.Reading.Cal.Zone); until.After(l.Now) && answer.Answer != "numbers-wrong" && answer.Answer != "not-right" {
		return fmt.Sprintf("N8: a mail about %s %v is owed, and was answered %v", p.Code, p.Subject, answer)
	}
	for n, f := range l.differ {
		if n.Fingerprint == a.Fingerprint {
			return fmt.Sprintf("N6: a mail leads to Activate, and %v differs: %s", f.Subject, f.Say)
		}
	}
	switch asked := l.Verdicts[a.Fingerprint].Apart; {
	case asked && role != licence.Billing && role != licence.Partner:
		return fmt.Sprintf("N3: %s reads about %s of another account", role, p.Code)
	case asked:
		return ""
	}
	return first(func() string { return l.reminds(p, role) }, func() string { return l.disputed(p, a, stands) })
}

// reminds: N3 and N8 of what is about money.
func (l *State) reminds(p *licence.Past, role licence.Role) string {
	if !slices.Contains([]licence.Code{"invoice-overdue", "payment-awaited", "payment-disputed"}, p.Code) {
		return ""
	}
	in := l.Known.Invoices.Of(p.Subject.ID)
	if role != licence.Billing && role != licence.Partner || l.Reading.PayerOf(in.Value) != "" && role != licence.Partner {
		return fmt.Sprintf("N3: %s reads about %s", role, p.Code)
	}
	claim := l.Known.Invoices.Claims[p.Subject.ID]
	agreed := l.Known.Profile.Arrangement.Value.Until.Start(l.Reading.Cal.Zone).After(l.Now)
	if in.Value.Money() != licence.Owed || claim.Told() && !claim.Value.Back && l.Now.Sub(claim.At) < 5*licence.Day || agreed {
		return fmt.Sprintf("N8: a reminder of %s, which is %s, claimed %v, agreed %v", in.Value.Invoice, in.Value.Status, claim.Told(), agreed)
	}
	return ""
}

// disputed: N1 of a surplus of which nobody knows what is ordered.
func (l *State) disputed(p *licence.Past, a licence.About, stands bool) string {
	if p.Code != "surplus" || !stands {
		return ""
	}
	for _, s := range l.Reading.Production() {
		for _, m := range s.Modules {
			if m.Subject == p.Subject && m.Order == diagnosis.OrderDisputed {
				return fmt.Sprintf("N1: a mail asks for seats of %v, and what is ordered is not known: %+v", p.Subject, l.Verdicts[a.Fingerprint])
			}
		}
	}
	return ""
}

// Proven: N5, a later read or report says that it is solved, and of an activation that the new licence is in force.
func (l *State) Proven(v licence.Verify, facts []licence.Fact) string {
	later := slices.ContainsFunc(facts, func(f licence.Fact) bool {
		report, ok := f.Payload.(licence.LicenceReported)
		here := ok && strings.EqualFold(report.CustID, v.CustID)
		checked, ok := f.Payload.(licence.SourceChecked)
		here = here || ok && strings.EqualFold(checked.CustID, v.CustID) && checked.Of == "licence"
		return f.At.After(v.Since) && (here || v.Kind == "gone" && v.Expires == "")
	})
	if !later {
		return fmt.Sprintf("N5: %+v is called solved, and nothing was told since", v)
	}
	is := l.Known.Inst(v.CustID).Report.Value
	if v.Kind == "activated" && (is.Offered || v.Expires != "" && is.Expires <= v.Expires) {
		return fmt.Sprintf("N5: %+v is called solved, and the licence is %+v", v, is)
	}
	return ""
}
