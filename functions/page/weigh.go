package page

import (
	"strings"

	"seatmend/functions/app"
	"seatmend/shared/diagnosis"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// weigh compares what is said with what is known, and tells what it would change.
func (a *Page) weigh(v Request, p licence.LicenceStated, asks *Asks) {
	s, zone := v.read.State, app.ZoneOf(v.read.State)
	l := s.Known.Inst(p.CustID).Report.Value
	note := func(key string, args words.Args) { asks.Notes = append(asks.Notes, Note{key, args}) }
	is, was := p.Expires.Day(zone), l.Expires.Day(zone)
	switch known := was != ""; {
	case known && p.Offer == licence.Active && is <= was && l.NewExpires.Day(zone) != is:
		note("same-end", words.Args{"expires": was})
	case known && p.Offer != licence.Active && is > was:
		note("longer", words.Args{"expires": was})
	case known && is < was:
		note("shorter", words.Args{"expires": was})
	}
	if p.Offer == licence.None && l.Offered {
		note("gone", words.Args{"day": licence.DateOf(s.Known.Inst(p.CustID).Report.At, zone)})
	}
	if today := licence.DateOf(a.Now(), zone); is < today {
		note("past", nil)
	}
	a.weighNumbers(s, p, note)
	now := a.RequestOf("", licence.Loaded{State: s})
	now.state, now.Link = s, v.Link
	now.diagnosis = func() diagnosis.Diagnosis { return diagnosis.Diagnose(s, a.Now(), a.Now()) }
	before, after := a.stands(now), a.stands(a.supposed(v, p))
	asks.Goes, asks.Comes = without(before, after), without(after, before)
	asks.Takes = p.Offer == licence.Active && l.Takes(p.Expires, zone)
}

// weighNumbers compares the numbers with who is listed, and with what was ordered.
func (a *Page) weighNumbers(s licence.State, p licence.LicenceStated, note func(string, words.Args)) {
	in, chosen := s.Known.Inst(p.CustID), 0
	for _, c := range s.Known.Profile.Choices {
		if strings.EqualFold(c.Value.CustID, p.CustID) {
			chosen += c.Value.Count
		}
	}
	for _, line := range in.Report.Value.Plans {
		n, told := p.InUse[line.Plan]
		if held := in.Roster.Held[line.Plan]; told && n < held-chosen {
			args := words.Args{"plan": planNames(s, p.CustID, line.Plan), "n": n, "listed": held}
			if chosen > 0 {
				args["chosen"] = chosen
			}
			note("listed", args)
		}
		if told && line.Total > 0 && n > line.Total && n > line.InUse {
			note("total", words.Args{"plan": planNames(s, p.CustID, line.Plan), "n": n, "total": line.Total})
		}
	}
	for _, site := range diagnosis.Installations(s, a.Now(), a.Now()) {
		for _, plan := range site.Plans {
			ordered, known := number(plan.Ordered)
			if n, told := p.New[plan.Plan]; told && known && strings.EqualFold(site.CustID, p.CustID) && n != ordered {
				note("ordered", words.Args{"plan": plan.Name, "n": n, "ordered": ordered})
			}
		}
	}
}

// A standing is a finding as its reader sees it.
type standing struct{ Key, Title string }

// stands are the findings that the reader sees as something to do, or to wait for.
func (a *Page) stands(v Request) (out []standing) {
	d := v.diagnosis()
	o := effects.Names(v.state, d)
	o.Reader = v.Link.Role
	for _, f := range words.Of(v.Link.Lang).View(d, o).Findings {
		if f.State == licence.Open || f.State == licence.Waiting || f.State == licence.Verifying {
			out = append(out, standing{f.Fingerprint + string(f.State), f.Title})
		}
	}
	return out
}

// without are the titles of those that are not among others.
func without(all, others []standing) (titles []string) {
	has := map[string]bool{}
	for _, x := range others {
		has[x.Key] = true
	}
	for _, x := range all {
		if !has[x.Key] {
			titles = append(titles, x.Title)
		}
	}
	return titles
}
