package effects

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"seatmend/shared/casework"
	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/words"
)

// A Lister tells a desk on each banking day what waits there over all customers, in one mail, for as
// long as something waits.
type Lister struct {
	Store    store.Store
	Operator words.Operator
	Desks    map[string]string // role -> address
	BaseURL  string
	Send     Sender // nil: the inbox alone
	Now      func() time.Time
}

// mostListed is how many customers one such mail names.
const mostListed = 100

// List tells of what waits, and when the desk is told next: Retry; none: nothing waits any more. The
// banking days are those of the customer who is first on the list.
func (l Lister) List(ctx context.Context, s licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error) {
	now := l.Now()
	done := licence.Result{Effect: e, At: now, Outcome: "done"}
	waiting, err := l.waiting(ctx)
	to := l.Desks[string(e.To)]
	if err != nil || len(waiting) == 0 || to == "" {
		return nil, done, err
	}
	first, err := l.Store.Load(ctx, waiting[0].Account, store.Want{})
	if err != nil {
		return nil, done, err
	}
	first.State.Settings = s.Settings
	cal := first.State.Calendar()
	fp := casework.ListOf(s.Account, e)
	if done.Retry = cal.Working(now, false); done.Retry.After(now) {
		return nil, done, nil // no banking day, or not the hour: it was held up
	}
	last := s.History.Threads[fp]
	if done.Retry = cal.Morning(now); licence.DateOf(last.At, cal.Zone) == licence.DateOf(now, cal.Zone) {
		return nil, done, nil // that day's has gone
	}
	if l.Send != nil && e.Sending.IsZero() {
		// First it is written down that it is about to go, as with every mail.
		e.Sending = now
		done.Effect, done.Outcome = e, "sending"
		return nil, done, nil
	}
	m := DeskMail{ID: e.ID, To: to, Thread: last.First, SentAt: now, Why: "list " + e.Code}
	m.Subject, m.Text = l.text(licence.Case(fp), waiting)
	done.Outcome = "sent"
	if l.Send != nil {
		message := Message{From: l.Operator.From, To: to, ID: messageID("list", s.Account, e.ID, now), Thread: m.Thread, Subject: m.Subject, Text: m.Text}
		unsure, err := handOver(ctx, l.Send, message, &done)
		if err != nil {
			return nil, done, err
		}
		if unsure != nil {
			m.Why += ", uncertain: " + unsure.Error()
		}
	}
	body, err := json.Marshal(m)
	done.Rows = []licence.Row{{Kind: "desk", ID: e.ID, Body: body, Ends: now.Add(store.FactLife)}}
	return nil, done, err
}

// waiting are the customers whose figures are needed, the first to lose their licence first.
func (l Lister) waiting(ctx context.Context) ([]licence.Entry, error) {
	var out []licence.Entry
	for e, err := range store.EachCase(ctx, l.Store) {
		if err != nil {
			return nil, err
		}
		if e.Figures != "" {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b licence.Entry) int {
		return cmp.Or(cmp.Compare(a.Figures, b.Figures), cmp.Compare(a.Account, b.Account))
	})
	return out, nil
}

func (l Lister) text(number string, waiting []licence.Entry) (subject, text string) {
	customers := "1 customer"
	if n := len(waiting); n != 1 {
		customers = fmt.Sprintf("%d customers", n)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "New licence figures are needed of %s. Nobody can read these installations, and what was told\nof them is too old to count: until somebody tells what the Licences screen says today, nothing is\nfound there. The first to lose its licence stands first.\n\n", customers)
	for _, e := range waiting[:min(len(waiting), mostListed)] {
		ends := string(e.Figures)
		if e.Figures == licence.Never {
			ends = "not known "
		}
		fmt.Fprintf(&b, "  %s  %s (%s)\n              %s/support/accounts/%s\n", ends, cmp.Or(e.Name, e.Account), e.Account, l.BaseURL, e.Account)
	}
	if more := len(waiting) - mostListed; more > 0 {
		fmt.Fprintf(&b, "  ... and %d more\n", more)
	}
	fmt.Fprintf(&b, "\nAll of them as one sheet, to be filled in and taken in again:\n\n    go run ./infra/local onboard -export figures.xlsx\n    go run ./infra/local onboard figures.xlsx\n\n(with -data DIR or -table NAME; figures.csv will do too). One customer's can be written on its page\nunder Support. A customer whose licence ends within thirty days is asked by mail besides.\n\nCase %s\n", number)
	return fmt.Sprintf("[%s] %s: %s", number, customers, strings.ReplaceAll(diagnosis.FiguresNeeded, "-", " ")), b.String()
}
