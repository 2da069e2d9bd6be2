package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/casework"
	"seatmend/shared/diagnosis"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// What waits for a desk does not rot: each banking day on which something does, one mail lists it.

const (
	listed  = 100 // customers whom the mail names
	soonest = 2   // banking days: what must be acted on within them comes first
)

// mailList mails a list, if there is anything on it. As with every mail, it is written down first
// that it is about to go.
func (a mailer) mailList(ctx context.Context, s licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error) {
	now := a.Now()
	done := licence.Result{Effect: e, At: now, Outcome: "done"}
	cal := licence.NewCalendar(a.Operator.Timezone, "").Closing(a.Operator.Rules().Closed)
	done.Effect.Source = a.Operator.Timezone
	number := licence.Case(casework.ListOf(s.Account, e))
	g := a.tongue(app.Staff{})
	subject, text, err := a.listed(ctx, e.Code, number, g, cal)
	if err != nil {
		return nil, done, err
	}
	to := a.Operator.Desks[string(e.To)]
	if text == "" || to == "" {
		done.Outcome = "nothing"
		return nil, done, nil
	}
	if a.send != nil && e.Sending.IsZero() {
		done.Effect.Sending, done.Outcome = now, "sending"
		return nil, done, nil
	}
	thread := s.History.Threads[casework.ListOf(s.Account, e)].First
	m := effects.DeskMail{ID: e.ID, To: to, Thread: thread, Subject: subject, Text: text, SentAt: now, Why: "list " + e.Code}
	if a.send != nil {
		message := effects.Message{From: a.from(g), To: to, ID: "list-" + app.ShortHash(e.ID, e.Sending.UTC().Format(time.RFC3339Nano)), Thread: thread, Subject: subject, Text: text}
		unsure, err := effects.HandOver(ctx, a.send, message, &done)
		if err != nil {
			return nil, done, err
		}
		if unsure != nil {
			m.Why += ", uncertain: " + unsure.Error()
		}
	}
	body, err := json.Marshal(m)
	if err != nil {
		return nil, done, err
	}
	done.Rows = []licence.Row{{Kind: "desk", ID: e.ID, Body: body, Ends: now.Add(store.FactLife)}}
	return nil, done, nil
}

// listed is the list of a code, with the case number of its conversation; "": nothing waits.
func (a mailer) listed(ctx context.Context, code, number string, g tongue, cal licence.Calendar) (subject, text string, err error) {
	if code == string(diagnosis.FiguresNeeded) {
		subject, text, err = a.figuresList(ctx, g, cal)
	} else {
		subject, text, err = a.draftList(ctx, g, cal)
	}
	if text == "" || err != nil {
		return "", "", err
	}
	return fmt.Sprintf("[%s] %s", number, subject), text + "\n\n" + g.say("list.case", number) + "\n", nil
}

// draftList is the list of drafts, in the order of the day by which to act; "": none waits.
func (a mailer) draftList(ctx context.Context, g tongue, cal licence.Calendar) (subject, text string, err error) {
	list, mails, err := a.withDrafts(ctx)
	if err != nil || mails == 0 {
		return "", "", err
	}
	var soon, rest []string
	urgent := 0
	for _, e := range list {
		line := a.draftLine(g, e, cal)
		if within(cal, e.ActBy, licence.DateOf(a.Now(), cal.Zone)) {
			urgent += e.Drafts
			soon = append(soon, line)
		} else {
			rest = append(rest, line)
		}
	}
	subject = g.say(singular("list.subject", mails), g.counted("mails", mails), fmt.Sprint(urgent))
	parts := []string{g.say("list.head", g.counted("mails", mails), g.counted("customers", len(list)))}
	room := listed
	for _, part := range []struct {
		head  string
		lines []string
	}{{g.say("list.soon"), soon}, {g.say("list.rest"), rest}} {
		shown := part.lines[:min(len(part.lines), room)]
		room -= len(shown)
		if len(shown) > 0 {
			parts = append(parts, part.head+"\n\n"+strings.Join(shown, "\n"))
		}
		if more := len(part.lines) - len(shown); more > 0 {
			parts = append(parts, g.say("list.more", g.counted("customers", more)))
		}
	}
	parts = append(parts, g.say("list.all", a.BaseURL+"/support/drafts"))
	return subject, strings.Join(parts, "\n\n"), nil
}

// figuresList is the list of customers whose figures are needed, the first to lose their licence first.
func (a mailer) figuresList(ctx context.Context, g tongue, cal licence.Calendar) (subject, text string, err error) {
	list, err := store.FiguresNeeded(ctx, a.Store)
	if err != nil || len(list) == 0 {
		return "", "", err
	}
	customers := g.counted("customers", len(list))
	var lines []string
	for _, e := range list[:min(len(list), listed)] {
		ends := g.say("figures.never")
		if e.Figures != licence.Never {
			ends = g.say("figures.ends", deskPage{Zone: cal.Zone, Lang: string(g)}.Day(e.Figures))
		}
		lines = append(lines, "- "+g.say("list.row.never", cmp.Or(e.Name, e.Account), e.Account, ends, a.BaseURL+deskBase(e.Account)))
	}
	if more := len(list) - listed; more > 0 {
		lines = append(lines, g.say("list.more", g.counted("customers", more)))
	}
	parts := []string{g.say("figures.head", customers), strings.Join(lines, "\n"), g.say("list.all", a.BaseURL+"/support/figures-needed.xlsx"), g.say("figures.sheet")}
	return g.say("figures.subject", customers), strings.Join(parts, "\n\n"), nil
}

// draftLine is one customer on the list.
func (a mailer) draftLine(g tongue, e licence.Entry, cal licence.Calendar) string {
	var causes []string
	for _, c := range e.Causes() {
		causes = append(causes, g.text("cause.")(c))
	}
	what := strings.Join(append([]string{g.counted("mails", e.Drafts)}, causes...), ", ")
	name, url := e.Name, a.BaseURL+deskBase(e.Account)+"#drafts"
	if name == "" {
		name = e.Account
	}
	if e.ActBy == "" {
		return "- " + g.say("list.row.never", name, e.Account, what, url)
	}
	return "- " + g.say("list.row", name, e.Account, deskPage{Zone: cal.Zone, Lang: string(g)}.Day(e.ActBy), what, url)
}

// within tells whether a day is at most two banking days ahead of today, or has passed.
func within(cal licence.Calendar, d, today licence.Date) bool {
	return d != "" && cal.Before(d, soonest-1) <= today
}

// counted says how many there are.
func (g tongue) counted(of string, n int) string { return g.many("n."+of, n) }

// many says a sentence about a number of things, which it may name; of one, that about one, where there is one.
func (g tongue) many(key string, n any) string {
	number := fmt.Sprint(n)
	if number == "1" && deskKnows(key+".1") {
		return g.say(key + ".1")
	}
	if strings.Contains(g.say(key), "%") {
		return g.say(key, n)
	}
	return g.say(key)
}

// singular is the key of a sentence about one, where there is one.
func singular(key string, n int) string {
	if n == 1 {
		return key + ".1"
	}
	return key
}
