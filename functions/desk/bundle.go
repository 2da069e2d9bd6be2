package desk

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// bundled are the names of evidence that go to SuperOffice's support: numbers, dates, versions
// and the licence system's own words. What may name a person is not among them.
var bundled = []string{
	"assigned", "offered", "ordered", "total", "expires", "new_expires", "grace_until", "next_check", "version", "licensed", "released",
	"maintenance", "due", "status", "state", "days_left", "issued",
}

// deskBundle is the case as SuperOffice's support needs it, as text to be pasted: no person in it.
func deskBundle(v *deskVisit) error {
	s, err := v.load()
	if err != nil {
		return err
	}
	now := v.Now()
	d := diagnosis.Diagnose(s, now, now)
	var b strings.Builder
	line := func(key string, args ...any) { b.WriteString(english.say(key, args...) + "\n") }
	zone := app.ZoneOf(s)
	day := func(d licence.Date) string { return dayText(d, zone) }
	line("bundle.head", s.Account, now.UTC().Format("2006-01-02 15:04"), v.Operator.Name)
	for _, i := range s.Known.Profile.Account.Value.Installations {
		in := s.Known.Inst(i.CustID)
		l := in.Report.Value
		b.WriteString("\n")
		line("bundle.place", i.CustID, i.Serial, i.Kind, i.Hosting)
		if !in.Report.Told() {
			line("bundle.unread")
			continue
		}
		line("bundle.licence", or(l.Serial), or(l.Version), or(l.LicensedVersion), day(l.Expires), day(l.GraceUntil), day(l.NextCheck))
		line("bundle.read", in.Report.At.UTC().Format("2006-01-02 15:04"), in.Report.Source)
		if l.Offered {
			line("bundle.offer", day(l.NewExpires), yes(l.CanActivate), or(l.Reason))
		}
		if l.Status != "" {
			line("bundle.status", l.Status)
		}
		for _, p := range l.Plans {
			offered := none
			if p.NewTotal != nil {
				offered = fmt.Sprint(*p.NewTotal)
			}
			line("bundle.plan", p.Module, p.Total, p.InUse, offered)
		}
	}
	b.WriteString("\n" + english.say("bundle.invoices") + "\n")
	for _, id := range sortedInvoices(s.Known.Invoices.Licence) {
		x := s.Known.Invoices.Licence[id].Value
		line("bundle.invoice", cmp.Or(x.Number, x.Invoice), x.Status, day(x.Due), day(x.PaidAt), day(x.To))
	}
	b.WriteString("\n" + english.say("bundle.findings") + "\n")
	for _, f := range d.Findings {
		line("bundle.finding", licence.Case(f.Fingerprint), f.Code, f.State, subjectText(f.Subject), f.FirstSeen.UTC().Format(time.DateOnly))
		for _, e := range f.Evidence {
			if slices.Contains(bundled, e.Name) {
				value := e.Value
				if d, ok := value.(licence.Date); ok {
					value = day(d)
				}
				line("bundle.evidence", e.Name, value)
			}
		}
	}
	for _, f := range d.Unknown {
		line("bundle.unknown", f.Code, subjectText(f.Subject))
	}
	v.header("text/plain; charset=utf-8")
	v.w.Header().Set("Content-Disposition", `inline; filename="seatmend-`+fileName(s.Account)+`.txt"`)
	v.w.WriteHeader(http.StatusOK)
	v.w.Write([]byte(b.String()))
	return nil
}

func or(s string) string { return cmp.Or(s, none) }

func yes(b bool) string {
	if b {
		return english.say("yes")
	}
	return english.say("no")
}

func sortedInvoices(m map[string]*licence.Invoice) []string {
	var ids []string
	for id := range m {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// fileName keeps of an id what any file system takes.
func fileName(id string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return '-'
	}, id)
}
