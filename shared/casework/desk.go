package casework

import (
	"cmp"
	"slices"
	"strings"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// abroad tells the fleet of the country whose banking days are not known, and again when it is
// another: ops have one task per country, not one per customer.
func (m *settling) abroad() {
	where := ""
	if told := m.s.Known.Profile.Account; told.Told() && !m.cal.Known() {
		if where = m.cal.Country; where == "" {
			where = told.Value.Timezone
		}
	}
	if where == m.h.Abroad {
		return
	}
	for _, x := range []struct{ why, country string }{{"closed", m.h.Abroad}, {"opened", where}} {
		if x.country != "" {
			m.c.Add = append(m.c.Add, licence.Effect{Kind: licence.Incident, Ripe: m.now, Why: x.why, Code: string(licence.Directory), Source: x.country})
		}
	}
	m.h.Abroad = where
}

// maxDesks is how many pieces of work for ops an account has at most because of installations
// that it does not list.
const maxDesks = 20

// desk opens and closes the tasks that no rule finds, as tasks of findings open and close.
func (m *settling) desk() {
	want := map[string]licence.Desk{}
	wanted := func(code licence.Code, say string, s licence.Subject) {
		want[m.r.Fingerprint(code, s)] = licence.Desk{Code: code, Say: say, Subject: s, Noticed: m.now}
	}
	for _, s := range m.r.Sites {
		if s.Installation.Kind == "trial" && s.Kind == licence.Production {
			wanted(licence.Directory, "converted", licence.Subject{Kind: "installation", ID: s.Installation.CustID, CustID: s.Installation.CustID})
		}
	}
	for _, s := range m.r.Sites {
		if s.Strayed.Told() && !m.r.C.Past(s.Strayed.At.Add(licence.Decay)) {
			wanted(licence.Directory, "strayed", licence.Subject{Kind: "installation", ID: s.Installation.CustID, CustID: s.Installation.CustID})
		}
	}
	for _, custID := range licence.SortedKeys(m.s.Known.Licences.By) {
		k := m.s.Known.Licences.By[custID]
		custID = cmp.Or(k.Login.Value.CustID, k.Report.Value.CustID, custID) // as it was written
		told, s := k.Told(), licence.Subject{Kind: "installation", ID: custID, CustID: custID}
		_, before := m.h.Desks[m.r.Fingerprint(licence.Directory, s)]
		// What was told before the directory left it out is of one that has ended.
		lately := k.Login.Told() || told.After(m.s.Known.Profile.Account.At) || before
		if !m.r.A.Lists(custID) && lately && !m.r.C.Past(told.Add(licence.Decay)) && len(want) < maxDesks {
			wanted(licence.Directory, "unlisted", s)
		}
	}
	for _, s := range m.r.Sites {
		if m.h.Reads[s.KnownInstallation.CustID].Unfit {
			wanted(licence.TooLarge, "read", licence.Subject{Kind: "installation", ID: s.Installation.CustID, CustID: s.Installation.CustID})
		}
	}
	for _, s := range m.r.Sites {
		if m.h.Reads[s.KnownInstallation.CustID].Unheard && s.Connected {
			wanted(licence.NotHeard, "refused", licence.Subject{Kind: "installation", ID: s.Installation.CustID, CustID: s.Installation.CustID})
		}
	}
	for _, s := range m.r.Sites {
		if s.Moved.Value.Without > 0 {
			wanted(licence.WithoutPlan, "exchange", licence.Subject{Kind: "installation", ID: s.Installation.CustID, CustID: s.Installation.CustID})
		}
	}
	cut := m.r.Cut()
	for _, sender := range licence.SortedKeys(m.h.Billed) {
		if m.h.Billed[sender].Unfit && !slices.Contains(cut, sender) && m.pulled(sender) {
			cut = append(cut, sender)
		}
	}
	for _, sender := range cut {
		wanted(licence.TooLarge, "billing", licence.Subject{Kind: "source", ID: sender})
	}
	for _, b := range m.r.A.Billing {
		other := "test"
		if b.Mode == other {
			other = "live"
		}
		if reads := m.s.Reads; slices.Contains(reads, licence.ReadsAs(b.Sender, other)) && !slices.Contains(reads, licence.ReadsAs(b.Sender, b.Mode)) {
			wanted(licence.NoKey, "mode", licence.Subject{Kind: "source", ID: b.Sender})
		}
	}
	for _, l := range m.d.Left {
		wanted(licence.Directory, "left", licence.Subject{Kind: "installation", ID: l.CustID, CustID: l.CustID})
	}
	for _, n := range m.waiting {
		if n.Why == "nobody" || m.h.Unsent[strings.ToLower(n.Address)].Bars(m.now) {
			wanted(licence.Directory, "nobody", licence.Subject{Kind: "account", ID: string(n.About.To)})
		}
	}
	for _, c := range m.r.A.Contacts {
		if _, skipped := m.h.Skipped[c.ID]; skipped {
			wanted(licence.Directory, "contact", licence.Subject{Kind: "contact", ID: c.ID})
		}
	}
	for _, x := range m.h.Mailed {
		if x.Uncertain && !x.Over {
			wanted(licence.MailUncertain, "uncertain", licence.Subject{Kind: "mail", ID: x.Mail})
		}
	}
	for fp, p := range m.h.Findings {
		if p.Task.Unsure && p.Task.Open() {
			wanted(licence.MailUncertain, "uncertain", licence.Subject{Kind: "task", ID: fp})
		}
	}
	for key, u := range m.h.Unsent {
		if subject, known := m.addressed(key); known && u.Bars(m.now) {
			wanted(licence.MailRefused, "refused", subject)
		}
	}
	figures := m.r.Figures()
	if len(figures.Sites) > 0 {
		wanted(diagnosis.FiguresNeeded, "", figuresOf(m.s.Account))
	}
	for fp, d := range want {
		have, ok := m.h.Desks[fp]
		if !ok || !have.Task.ClosedAt.IsZero() {
			have = d
		}
		owner, severity := licence.Ops, licence.Severity("")
		switch d.Code {
		case diagnosis.FiguresNeeded:
			owner, severity = licence.Support, figures.Severity
		case licence.WithoutPlan:
			owner, severity = licence.Support, licence.High // who calls the customer
		}
		if at := have.Noticed.Add(licence.Quarter); at.After(m.now) {
			m.due = append(m.due, at)
		} else if !have.Task.Open() {
			have.Task.OpenedAt = m.now
		}
		if have.Task.Open() {
			have.Task.Owner, have.Task.Severity = owner, severity
		}
		put(m, &m.h.Desks, fp, have)
	}
	for fp, have := range m.h.Desks {
		if _, ok := want[fp]; ok {
			continue
		}
		if !have.Task.Open() {
			if have.Code != diagnosis.FiguresNeeded || have.Task.OpenedAt.IsZero() {
				drop(m, &m.h.Desks, fp) // the one of figures stays, closed, as those of findings do
			}
			continue
		}
		have.Task.ClosedAt = m.now
		put(m, &m.h.Desks, fp, have)
		m.ended(fp)
	}
}
