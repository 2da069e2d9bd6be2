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

// A Tasker tells a desk of a task: by mail to the desk's address, with the case number, one
// thread per task; and as an event, where there is a bus.
type Tasker struct {
	Store    store.Store
	Operator words.Operator
	Desks    map[string]string // role -> address
	Lang     string            // in which desks are written to
	BaseURL  string
	Send     Sender                                                            // nil: the inbox alone
	Publish  func(ctx context.Context, detailType string, detail []byte) error // nil: no bus
	Now      func() time.Time
	// List has a desk told of it in the list of what waits over all customers, in place of a mail of its
	// own; nil: nobody makes lists.
	List func(ctx context.Context, code string) error
}

// A DeskMail is a mail about a task as it is kept.
type DeskMail struct {
	ID      string    `json:"id"`
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	Thread  string    `json:"thread"` // Message-ID of the first mail of the task; "": this is the first
	SentAt  time.Time `json:"sent_at"`
	Why     string    `json:"why"`
}

// Task tells of one. Its event may be published twice after a power cut: its id follows from the
// task. Its mail goes once at most, as every mail does.
func (t Tasker) Task(ctx context.Context, s licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error) {
	now := t.Now()
	done := licence.Result{Effect: e, At: now, Outcome: "done"}
	fp := e.About[0].Fingerprint
	d := diagnosis.Diagnose(s, now, now)
	about := d // the people of this finding alone are counted
	about.Findings = slices.DeleteFunc(slices.Clone(d.Findings), func(f diagnosis.Finding) bool { return f.Fingerprint != fp })
	o, err := Options(ctx, t.Store, s, about)
	if err != nil {
		return nil, done, err
	}
	about.Upcoming, about.Passed, about.Unknown = nil, nil, nil
	lang := words.Of(t.Lang)
	view := lang.View(about, o)
	var found *words.Finding
	for i := range view.Findings {
		if view.Findings[i].Fingerprint == fp {
			found = &view.Findings[i]
		}
	}
	if t.Publish != nil && !e.Told {
		detail, err := json.Marshal(taskDetail(s, fp, e, found, now))
		if err != nil {
			return nil, done, err
		}
		if err := t.Publish(ctx, "task."+e.Why, detail); err != nil {
			return nil, done, err
		}
	}
	if e.Code == string(diagnosis.FiguresNeeded) {
		if e.Why == "closed" || t.List == nil {
			return nil, done, nil
		}
		return nil, done, t.List(ctx, e.Code)
	}
	to := t.Desks[string(e.To)]
	if !e.To.Operator() || to == "" {
		return nil, done, nil
	}
	if t.Send != nil && e.Sending.IsZero() {
		// First it is written down that it is about to go, as with every mail.
		e.Sending, e.Told = now, true
		done.Effect, done.Outcome = e, "sending"
		return nil, done, nil
	}
	m := DeskMail{ID: e.ID, To: to, Thread: s.History.Threads[fp].First, SentAt: now, Why: e.Why + " " + e.Code}
	m.Subject, m.Text = t.text(lang, s, d, o, view, fp, e, found)
	if t.Send != nil {
		// Answers go to From: a desk that answered itself would open a case about its own.
		message := Message{From: Writes(t.Operator, lang.Tag), To: to, ID: messageID("task", s.Account, e.ID, now), Thread: m.Thread, Subject: m.Subject, Text: m.Text}
		unsure, err := HandOver(ctx, t.Send, message, &done)
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

// text is what the desk reads: the finding as diagnose prints it, and where the case lies.
func (t Tasker) text(lang *words.Language, s licence.State, d diagnosis.Diagnosis, o words.Options, view words.View, fp string, e licence.Effect, found *words.Finding) (subject, text string) {
	name := s.Known.Profile.Account.Value.Name
	if name == "" {
		name = s.Account
	}
	voice := lang.Voice(nil, d.Now)
	what := voice.Say(nil, "task."+e.Code)
	if what == "" {
		what = e.Code
	}
	if e.Source != "" {
		what += " (" + e.Source + ")"
	}
	if past := s.History.Findings[fp]; past != nil && !past.Apart {
		if at := diagnosis.Places(s, past.Subject, d.Now); len(at) > 0 {
			what += " (" + strings.Join(at[:min(len(at), 4)], ", ") + ")"
		}
	}
	subject = fmt.Sprintf("[%s] %s: %s", licence.Case(fp), name, what)
	a := words.Args{
		"what": what, "name": name, "account": s.Account, "case": licence.Case(fp), "owner": voice.Say(nil, "owner."+string(e.To), "owner."),
		"url": t.BaseURL + "/support/accounts/" + s.Account,
	}
	about := s.History.Desks[fp].Subject
	a["source"], a["n"] = about.ID, s.Known.Inst(about.CustID).Moved.Value.Without
	text = voice.Say(a, "tasks.closed") + "\n"
	if e.Why != "closed" {
		if text = voice.Say(a, "tasks.for") + "\n\n"; found != nil {
			text += lang.Doctor(view, false)
		}
		if how := voice.Say(a, "task."+e.Code+"."+cmp.Or(about.Kind, e.Source)); how != "" {
			text += how + "\n"
		}
	}
	return subject, text + "\n" + voice.Say(a, "tasks.whole") + "\n" + voice.Say(a, "mail.case") + "\n"
}

// taskDetail is the event's detail, as the list of tasks shows it.
func taskDetail(s licence.State, fp string, e licence.Effect, found *words.Finding, now time.Time) map[string]any {
	out := map[string]any{
		"task": fp, "case": licence.Case(fp), "account": s.Account, "code": e.Code, "owner": e.To, "state": "open", "severity": casework.OpsSeverity,
		"subject": licence.Subject{}, "finding": nil, "opened_at": now.UTC(), "closed_at": nil, "closed_by": nil,
	}
	for _, v := range casework.Tasks(s, now) {
		if v.Fingerprint == fp {
			out["subject"], out["severity"] = v.Past.Subject, v.Severity()
			out["state"], out["opened_at"] = v.Past.State, v.Past.Task.OpenedAt
			if at := v.Past.Task.ClosedAt; !at.IsZero() {
				out["closed_at"], out["closed_by"], out["state"] = at, "gone", "closed"
			}
		}
	}
	if found != nil {
		out["finding"] = found
	}
	return out
}
