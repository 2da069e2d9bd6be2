package desk

import (
	"cmp"
	"fmt"
	"slices"

	"seatmend/shared/diagnosis"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// What the desk itself does about a finding, and what it says to who calls.

// ourWork is what the rule of a finding has the operator's people do; "": it has nothing for them.
func (g tongue) ourWork(f diagnosis.Finding) string {
	if text := g.text("ours.")(f.Code); f.Owner.Operator() && text != string(f.Code) {
		return text
	}
	return ""
}

// A deskNumber is one of the numbers that are needed for it.
type deskNumber struct{ Label, Text string }

// numbersOf are those that the licence system asks for where a payment is to be passed on to it.
func (p deskPage) numbersOf(s licence.State, f diagnosis.Finding) (out []deskNumber) {
	if f.Code != licence.PaidNotExtended {
		return nil
	}
	g := tongue(p.Lang)
	add := func(label, text string) {
		if text != "" && text != none {
			out = append(out, deskNumber{label, text})
		}
	}
	add(g.say("board.customer"), nameOf(s)+" ("+s.Account+")")
	for _, i := range s.Known.Profile.Account.Value.Installations {
		if licence.Lower(i.CustID) == licence.Lower(f.Subject.CustID) {
			add(g.say("place.serial"), i.Serial)
		}
	}
	number := fmt.Sprint(f.Args["number"])
	for _, id := range sortedInvoices(s.Known.Invoices.Licence) {
		if x := s.Known.Invoices.Licence[id].Value; cmp.Or(x.Number, x.Invoice) == number {
			add(g.say("case.invoice"), number+", "+x.Amount+" "+x.Currency)
		}
	}
	if day, ok := f.Args["paid"].(licence.Date); ok {
		add(g.say("case.paid.on"), p.Day(day))
	}
	for _, e := range f.Evidence {
		if day, ok := e.Value.(licence.Date); ok && e.Name == "period_to" {
			add(g.say("case.expected"), p.Day(day))
		}
	}
	return out
}

// toCaller is what the administrator at the customer reads of each finding, by fingerprint: no more than anybody
// who calls may hear. Pays has what whoever pays there reads instead. Lang is that in which it is said.
func toCaller(s licence.State, d diagnosis.Diagnosis) (titles, pays map[string]string, lang string) {
	l, o := words.OfAccount(s, ""), effects.Names(s, d)
	read := func(reader licence.Role) map[string]string {
		out := map[string]string{}
		o.Reader = reader
		for _, f := range l.View(d, o).Findings {
			out[f.Fingerprint] = f.Title
		}
		return out
	}
	titles, pays = read(licence.Admin), read(licence.Billing)
	for fp, title := range titles {
		if pays[fp] == title || !slices.ContainsFunc(d.Findings, func(f diagnosis.Finding) bool {
			return f.Fingerprint == fp && (f.Code == licence.InvoiceOverdue || f.Code == licence.PaymentAwaited)
		}) {
			delete(pays, fp)
		}
	}
	return titles, pays, l.Tag
}
