package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

const (
	lineFacts = 30 // facts on one page of the time line
	lineReads = 20 // pages of facts that are read for one of a kind
)

// A deskLine is one thing that happened: a fact, a mail, or what a person of ours did.
type deskLine struct {
	At   time.Time
	Kind string // fact, answer, mail, desk
	What string
	By   string
	ID   string
	Body string // the fact as it is stored, or the mail as it was sent

	like  string     // lines that are alike fold into one
	Again []deskLine // those that were alike, and older
}

// lineKinds are those by which the time line is filtered.
var lineKinds = []string{"", "fact", "answer", "mail", "note", "desk"}

// fold lets lines that are alike stand as one, at the place of the newest, as long as nothing else
// happened between them.
func fold(lines []deskLine) (out []deskLine) {
	began := 0 // where the lines began between which nothing else happened
	for _, l := range lines {
		at := slices.IndexFunc(out[began:], func(o deskLine) bool { return o.like == l.like })
		switch {
		case l.like == "":
			out = append(out, l)
			began = len(out)
		case at < 0:
			out = append(out, l)
		default:
			out[began+at].Again = append(out[began+at].Again, l)
		}
	}
	return out
}

// likeness is by what facts fold: those that come again and again, of one installation.
func likeness(p licence.Payload) string {
	switch p := p.(type) {
	case licence.SourceChecked:
		return p.Type() + p.Of + p.CustID
	case licence.AccountChanged:
		return p.Type()
	case licence.LicenceReported:
		if p.StatedBy == "" {
			return p.Type() + p.CustID
		}
	case licence.SeatChanged:
		return p.Type() + p.CustID
	case licence.LoginWarned:
		return p.Type() + p.CustID
	case licence.ReadFailed:
		return p.Type() + p.CustID
	case licence.WarningShown:
		return p.Type() + p.CustID
	case licence.SeatsListed:
		return p.Type() + p.CustID
	case licence.InstallationReported:
		return p.Type() + p.CustID
	case licence.InstallationHinted:
		return p.Type() + p.CustID
	case licence.CheckAsked:
		return p.Type() + p.CustID
	}
	return ""
}

// timeLine is what happened, the newest first: a page of facts, with the mails and deeds of the
// time between its first and the page before. Of one kind alone it is a page of that kind.
func (v *deskVisit) timeLine(ctx context.Context, c *caseData, s licence.State, mails []effects.MailRow) error {
	q := v.r.URL.Query()
	kind := q.Get("kind")
	if !slices.Contains(lineKinds, kind) {
		kind = ""
	}
	facts, next, err := v.lineFacts(ctx, s, kind, q.Get("before"))
	if err != nil {
		return err
	}
	c.Line, c.LineKind = facts, kind
	until, _ := time.Parse(time.RFC3339Nano, q.Get("until"))
	since := time.Time{}
	if next.Cursor != "" {
		if len(facts) > 0 {
			since = facts[len(facts)-1].At
		}
		c.Older = c.Base + "?" + url.Values{"before": {next.Cursor}, "until": {since.UTC().Format(time.RFC3339Nano)}, "kind": {kind}}.Encode() + "#line"
	}
	if q.Get("before") != "" {
		c.Newest = c.Base + "?" + url.Values{"kind": {kind}}.Encode() + "#line"
	}
	within := func(at time.Time) bool { return !at.Before(since) && (until.IsZero() || at.Before(until)) }
	for _, m := range mails {
		if m.SentAt != nil && within(*m.SentAt) {
			c.Line = append(c.Line, deskLine{At: *m.SentAt, Kind: "mail", What: v.g.say("line.mail", m.Subject, m.To, v.g.whyText(m.Why)), ID: m.ID, Body: m.Text})
		}
	}
	rows, _, err := v.Store.Rows(ctx, s.Account, "desk", store.Page{Limit: 200})
	if err != nil {
		return err
	}
	for _, row := range rows {
		var m effects.DeskMail
		if err := json.Unmarshal(row.Body, &m); err != nil {
			return err
		}
		if within(m.SentAt) {
			c.Line = append(c.Line, deskLine{At: m.SentAt, Kind: "mail", What: v.g.say("line.mail", m.Subject, m.To, v.g.whyText(m.Why)), ID: m.ID, Body: m.Text})
		}
	}
	deeds, _, err := v.audits(ctx, s.Account, store.Page{Limit: 200})
	if err != nil {
		return err
	}
	for _, d := range deeds {
		if within(d.At) {
			c.Line = append(c.Line, deskLine{At: d.At, Kind: "desk", What: v.g.deedText(d.Did, d.Of), By: d.By})
		}
	}
	for _, n := range c.Notes {
		if within(n.At) {
			c.Line = append(c.Line, deskLine{At: n.At, Kind: "note", What: n.Text, By: n.By})
		}
	}
	slices.SortStableFunc(c.Line, func(a, b deskLine) int { return b.At.Compare(a.At) })
	if kind != "" {
		c.Line = slices.DeleteFunc(c.Line, func(l deskLine) bool { return l.Kind != kind })
	}
	c.Line = fold(c.Line)
	for _, k := range lineKinds {
		to := url.Values{}
		if k != "" {
			to.Set("kind", k)
		}
		c.LineKinds = append(c.LineKinds, deskCount{Name: v.g.say("line.of." + cmp.Or(k, "all")), Link: c.Base + "?" + to.Encode() + "#line", On: k == kind})
	}
	return nil
}

// lineFacts are a page of facts for the time line, or of those of one kind, for which it reads on until it has some.
func (v *deskVisit) lineFacts(ctx context.Context, s licence.State, kind, before string) (lines []deskLine, next store.Page, err error) {
	if kind != "" && kind != "fact" && kind != "answer" {
		return nil, next, nil
	}
	next.Cursor = before
	for range lineReads {
		var facts []store.StoredFact
		facts, next, err = v.Store.Facts(ctx, s.Account, store.Page{Cursor: next.Cursor, Limit: lineFacts, Bytes: 2 * pageBytes})
		if err != nil {
			return nil, next, err
		}
		for _, f := range facts {
			line := deskLine{At: f.At, Kind: "fact", ID: f.Fact.ID, What: v.g.factText(s, f.Fact), By: byWhom(f.Fact.Payload), like: likeness(f.Fact.Payload)}
			if line.By != "" {
				line.Kind = "answer"
			}
			if kind != "" && line.Kind != kind {
				continue
			}
			body, err := json.MarshalIndent(f.Fact, "", "  ")
			if err != nil {
				return nil, next, err
			}
			line.Body = string(body)
			lines = append(lines, line)
		}
		if kind == "" || len(lines) >= lineFacts || next.Cursor == "" {
			break
		}
	}
	return lines, next, nil
}

// Why says in a sentence why a mail went or waits: its kind, and what it is about. Lang is the tag of a language.
func Why(lang, why string) string { return tongue(lang).whyText(why) }

// whyText says in a sentence why a mail went: a kind, and the codes that it is about.
func (g tongue) whyText(why string) string {
	why, unsure, _ := strings.Cut(why, ", uncertain: ")
	said, about := "", []string(nil)
	for _, p := range strings.Fields(why) {
		if key := "mailwhy." + p; deskKnows(key) {
			said = g.say(key)
		} else if key := "cause." + p; deskKnows(key) {
			about = append(about, g.say(key))
		} else if said == "" {
			said = p
		}
	}
	if len(about) > 0 {
		said += ": " + strings.Join(about, ", ")
	}
	said += "."
	if unsure != "" {
		said += " " + g.say("mailwhy.unsure", unsure)
	}
	return said
}

// deedText says what a person of ours did.
func (g tongue) deedText(did, of string) string {
	if key := "audit." + did; deskKnows(key) {
		return strings.TrimSpace(g.say(key, of))
	}
	return did + " " + of
}

// byWhom is the person who said it.
func byWhom(p licence.Payload) string {
	switch p := p.(type) {
	case licence.FindingAnswered:
		return p.By
	case licence.PaymentClaimed:
		return p.By
	case licence.ArrangementChanged:
		return p.By
	case licence.ActivationTried:
		return p.By
	case licence.LicenceReported:
		return p.StatedBy
	case licence.CheckAsked:
		return p.By
	case licence.MailChanged:
		return p.By
	case licence.CaseAssigned:
		return p.By
	case licence.SeatsChosen:
		return p.By
	case licence.ActivationAsked:
		return p.By
	case licence.SeatsAsked:
		return p.By
	case licence.SeatsTried:
		return p.By
	case licence.LicenceStated:
		return p.By
	}
	return ""
}

// factText says a fact in a line.
func (g tongue) factText(s licence.State, f licence.Fact) string {
	zone := app.ZoneOf(s)
	day := func(d licence.Date) string { return dayText(d, zone) }
	switch p := f.Payload.(type) {
	case licence.AccountChanged:
		return g.say("told.account", len(p.Contacts), len(p.Installations), len(p.Plans))
	case licence.SubscriptionChanged:
		return g.say("told.subscription", p.Subscription, g.value("status", p.Status), g.items(p.Items))
	case licence.ScheduleChanged:
		var steps []string
		for _, x := range p.Phases {
			steps = append(steps, x.At.UTC().Format(time.DateOnly)+": "+g.items(x.Items))
		}
		return g.say("told.schedule", p.Subscription, joined(steps))
	case licence.OrdersCut:
		return g.say("told.cut", p.Subscription)
	case licence.InvoiceChanged:
		return g.say("told.invoice", cmp.Or(p.Number, p.Invoice), g.value("status", p.Status), day(p.Due), p.Amount, p.Currency)
	case licence.SeatChanged:
		key := "told.seat.gone"
		if p.Held {
			key = "told.seat.held"
		}
		return g.say(key, cmp.Or(p.User.Name, p.User.ID), p.Plan, p.CustID)
	case licence.SeatsListed:
		return g.say("told.seats", p.CustID)
	case licence.LicenceReported:
		key := "told.licence"
		if p.Offered {
			key = "told.licence.offered"
		}
		return g.say(key, p.CustID, day(p.Expires))
	case licence.InstallationReported:
		return g.say("told.installation", p.CustID, g.value("state", p.State))
	case licence.LoginWarned:
		return g.say("told.login", cmp.Or(p.User.Name, p.User.ID), p.CustID)
	case licence.WarningShown:
		if p.Text == "" {
			return g.say("told.unwarned", p.CustID)
		}
		return g.say("told.warning", p.CustID, p.Text)
	case licence.SourceChecked:
		return g.say("told.checked", g.value("source", p.Of), p.CustID)
	case licence.PaymentClaimed:
		if p.Back {
			return g.say("told.payment.back", p.Invoice)
		}
		return g.say("told.payment", p.Invoice, day(p.PaidOn), p.Reference)
	case licence.ArrangementChanged:
		return g.say("told.arrangement", day(p.Until), p.Note)
	case licence.ActivationTried:
		key := "told.refused"
		if p.OK {
			key = "told.activated"
		}
		return strings.TrimSpace(g.say(key, p.CustID, p.Reason) + " " + totals(p.Before, p.After))
	case licence.FindingAnswered:
		code := p.Fingerprint
		if past := s.History.Findings[p.Fingerprint]; past != nil {
			code = g.say("cause." + string(past.Code))
		}
		return strings.TrimSpace(g.say("told.answer", code, g.say("answer."+p.Answer)) + " " + p.Note)
	case licence.LicenceIssued:
		return g.say("told.issued", p.CustID, day(p.Expires))
	case licence.InstallationHinted:
		return g.say("told.hint", p.CustID, p.Event)
	case licence.CheckAsked:
		return g.say("told.ask", p.CustID)
	case licence.ReadFailed:
		return g.say("told.failed", p.CustID, p.Error)
	case licence.LinkAsked:
		return g.say("told.link", cmp.Or(p.To, string(p.Role)))
	case licence.SeatsChosen:
		return g.say("told.chosen", p.CustID, picks(p.Picks), picks(p.Was))
	case licence.RemindersChanged:
		if p.Stop {
			return g.say("told.stopped", p.Contact)
		}
		return g.say("told.again", p.Contact)
	case licence.CodeAsked:
		return g.say("told.code", p.Contact)
	case licence.ActivationAsked:
		return g.say("told.wish", p.CustID)
	case licence.SeatsAsked:
		return g.say("told.seats-asked", p.CustID, p.N)
	case licence.SeatsTried:
		return g.say("told.seats-tried", p.CustID, p.Done, p.Blocked, p.Skipped, p.Left)
	case licence.LicenceStated:
		if p.Offer == "" {
			return g.say("told.taken-back", p.CustID)
		}
		return g.say("told.stated", p.CustID, g.say("told.stated."+p.Offer), day(p.Expires))
	case licence.CaseAssigned:
		if p.To == "" {
			return g.say("told.assigned.nobody")
		}
		return g.say("told.assigned", p.To)
	case licence.MailChanged:
		policy := ""
		if p.Mail != nil {
			policy = *p.Mail
		}
		return g.say("told.mail", g.say("policy."+policy))
	}
	return f.Payload.Type()
}

// dayText is a date as it is typed, whatever instant it was told as.
func dayText(d licence.Date, zone *time.Location) string {
	if d == "" {
		return none
	}
	return string(d.Day(zone))
}

func (g tongue) items(list []licence.Item) string {
	var out []string
	for _, i := range list {
		name := i.Plan
		if name == "" {
			name = strings.Join(i.Prices, "/")
		}
		out = append(out, g.say("told.item", i.Quantity, name))
	}
	return joined(out)
}

// picks are the people of a choice.
func picks(list []licence.Pick) string {
	var out []string
	for _, p := range list[:min(len(list), 10)] {
		line := p.Name + ": " + p.Plan
		if p.To != "" {
			line += " → " + p.To
		}
		if p.Skip {
			line += " –"
		}
		out = append(out, line)
	}
	if more := len(list) - len(out); more > 0 {
		out = append(out, "+"+strconv.Itoa(more))
	}
	return joined(out)
}

// totals are the plans that an activation changed.
func totals(before, after map[string]int) string {
	var out []string
	for _, plan := range slices.Sorted(maps.Keys(before)) {
		if n, ok := after[plan]; ok && n != before[plan] {
			out = append(out, fmt.Sprintf("%s: %d → %d", plan, before[plan], n))
		}
	}
	return strings.Join(out, "; ")
}

func joined(list []string) string {
	if len(list) == 0 {
		return none
	}
	return strings.Join(list, "; ")
}
