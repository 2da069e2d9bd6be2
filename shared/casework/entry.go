package casework

import (
	"cmp"
	"slices"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// entry is what lists and figures show of the account, without reading it whole.
func (m *settling) entry() licence.Entry {
	if m.s.N > 0 && !m.s.Known.Profile.Account.Told() {
		return licence.Entry{Erased: true} // nobody is to look at it: a customer who was erased, or the fleet's account
	}
	a := m.r.A
	e := licence.Entry{Account: m.s.Account, Name: a.Name, Summary: m.d.Summary, Phase: m.d.Phase, Codes: []licence.Code{}, Lang: a.Locale, Assigned: m.s.Known.Profile.Assigned.Value.To, Drift: m.h.Drift}
	for _, f := range m.d.Findings {
		if !slices.Contains(e.Codes, f.Code) {
			e.Codes = append(e.Codes, f.Code)
		}
		if day, asOf := m.actBy(f); day != "" && (e.ActBy == "" || day < e.ActBy) {
			e.ActBy, e.AsOf = day, asOf
		}
		if owner := m.whose(f); owner != licence.Nobody && !slices.Contains(e.Owners, owner) {
			e.Owners = append(e.Owners, owner)
		}
	}
	for _, s := range m.r.Sites {
		if n := s.Moved.Value.Without; n > 0 {
			e.Without += n
			if day := licence.DateOf(s.Moved.At, m.cal.Zone); e.ActBy == "" || day < e.ActBy {
				e.ActBy, e.AsOf = day, "" // they cannot work since
			}
		}
		if s.Kind == licence.Production && e.CustID == "" {
			e.CustID, e.Hosting = s.Installation.CustID, s.Installation.Hosting
		}
	}
	for _, f := range m.d.Upcoming[:min(len(m.d.Upcoming), licence.MaxAhead)] {
		e.Ahead = append(e.Ahead, licence.Coming{Code: f.Code, Day: licence.DateOf(f.Starts, m.cal.Zone)})
	}
	e.Contact = m.contact()
	e.Found = m.found()
	e.Mails, e.Drafts = m.counted()
	if e.Figures = m.figuresBy(); (e.Figures != "" || e.Without > 0) && !slices.Contains(e.Owners, licence.Support) {
		e.Owners = append(e.Owners, licence.Support) // who asks for them, and who helps
	}
	return e
}

// actBy is by when to act on a finding; where its figures are too old to count, by when it would be if they did, and
// of which day they are.
func (m *settling) actBy(f diagnosis.Finding) (day, asOf licence.Date) {
	if f.State != licence.Open && f.State != licence.Unsettled {
		return "", ""
	}
	if f.Deadline.ActBy != "" && f.State == licence.Open {
		return f.Deadline.ActBy, ""
	}
	at := m.siteOf(f.Subject)
	if at == nil || at.Fresh || !at.Told {
		return "", ""
	}
	for _, was := range diagnosis.Diagnose(m.s, at.ReadAt, m.now).Findings {
		if was.Fingerprint == f.Fingerprint && was.Deadline.ActBy != "" {
			return was.Deadline.ActBy, licence.DateOf(at.ReadAt, m.cal.Zone)
		}
	}
	return "", ""
}

// contact is the day on which a mail last went, or a person said something.
func (m *settling) contact() licence.Date {
	var last time.Time
	for _, x := range m.h.Mailed {
		if x.Draft == "" && !x.Uncertain {
			last = licence.Latest(last, x.At)
		}
	}
	for _, a := range m.s.Known.Profile.Answers {
		last = licence.Latest(last, a.At)
	}
	for _, c := range m.s.Known.Profile.Choices {
		last = licence.Latest(last, c.At)
	}
	if last.IsZero() {
		return ""
	}
	return licence.DateOf(last, m.cal.Zone)
}

// found are the latest findings that were somebody's to mend.
func (m *settling) found() []licence.Found {
	var list []licence.Found
	for fp, p := range m.h.Findings {
		if p.Task.OpenedAt.IsZero() || p.Ahead {
			continue
		}
		f := licence.Found{Code: p.Code, Owner: p.Task.Owner, From: licence.DateOf(p.FirstSeen, m.cal.Zone), Warned: p.Warned, Seats: p.Seats}
		if !p.Open {
			f.To = licence.DateOf(p.Gone, m.cal.Zone)
		}
		for _, x := range m.h.Mailed {
			if day := licence.DateOf(x.At, m.cal.Zone); x.Fingerprint == fp && x.Draft == "" && day >= f.From && (f.Mailed == "" || day < f.Mailed) {
				f.Mailed = day
			}
		}
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b licence.Found) int {
		return cmp.Or(cmp.Compare(b.From, a.From), cmp.Compare(a.Code, b.Code), cmp.Compare(b.To, a.To), cmp.Compare(a.Seats, b.Seats), cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Mailed, b.Mailed))
	})
	return list[:min(len(list), licence.MaxFound)]
}

// counted counts mails by week and by what became of them, and the drafts that wait.
func (m *settling) counted() (weeks []licence.MailCount, drafts int) {
	seen := map[string]bool{}
	for i, x := range m.h.Mailed {
		if x.Mail == "" || seen[x.Mail] {
			continue
		}
		seen[x.Mail] = true
		over := x.Fingerprint != ""
		for _, y := range m.h.Mailed[i:] {
			over = over && (y.Mail != x.Mail || y.Over)
		}
		week := licence.MondayOf(licence.DateOf(x.At, m.cal.Zone))
		at, ok := slices.BinarySearchFunc(weeks, week, func(c licence.MailCount, w licence.Date) int { return cmp.Compare(c.Week, w) })
		if !ok {
			weeks = slices.Insert(weeks, at, licence.MailCount{Week: week})
		}
		switch c := &weeks[at]; {
		case x.Draft == "review" || x.Draft == "flood":
			c.Waiting++
			drafts++
		case x.Draft != "":
			c.Dropped++
		case x.Uncertain:
			c.Unsure++
		default:
			c.Sent++
			if over {
				c.Cured++
			}
		}
	}
	return weeks[max(0, len(weeks)-licence.MaxWeeks):], drafts
}
