package functions_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// TestTasksArrive: a task of the operator's side reaches its desk by mail, with its case number
// and one thread, and as an event; and a last mail closes it. That of the customer's side is an
// event alone.
func TestTasksArrive(t *testing.T) {
	w := newWorld(t, onSQLite)
	var mails []effects.Message
	type event struct {
		Kind   string
		Detail struct {
			Task, Case, Account, Code, Owner, State, Severity string
			Subject                                           licence.Subject
			Finding                                           *struct{ Code, Title string }
			ClosedAt                                          *time.Time `json:"closed_at"`
			ClosedBy                                          *string    `json:"closed_by"`
		}
	}
	var events []event
	w.app.Engine.Do[licence.TaskSent] = effects.Tasker{
		Store: w.db, Operator: words.Operator(app.Invented.Signature()), Desks: app.Invented.Desks, BaseURL: "https://desk.example", Now: w.clock.Now,
		Send: func(_ context.Context, m effects.Message) (string, error) {
			mails = append(mails, m)
			return fmt.Sprintf("<%d@mail.example>", len(mails)), nil
		},
		Publish: func(_ context.Context, kind string, detail []byte) error {
			e := event{Kind: kind}
			if err := json.Unmarshal(detail, &e.Detail); err != nil {
				t.Errorf("%s: %v", detail, err)
			}
			events = append(events, e)
			return nil
		},
	}.Task
	for _, name := range []string{"01-standard-account", "02-standard-order", "03-standard-invoice", "04-standard-seats", "05-standard-licence"} {
		w.must(w.tell("demo/solvik-hotell/"+name+".json"), "applied")
	}
	w.advance(w.clock.Now().Add(20 * time.Minute))
	if len(mails) != 1 || len(events) != 1 {
		t.Fatalf("%d mails and %d events, want one of each: %+v %+v", len(mails), len(events), mails, events)
	}
	m, e := mails[0], events[0]
	d := e.Detail
	if m.To != app.Invented.Desks["support"] || !strings.HasPrefix(m.Subject, "["+d.Case+"] Solvik Hotell AS") || m.Thread != "" || m.ReplyTo != "" {
		t.Errorf("the mail is to %s, %q, in thread %q", m.To, m.Subject, m.Thread)
	}
	if !strings.Contains(m.Text, "https://desk.example/support/accounts/C-1080") || !strings.Contains(m.Text, d.Case) {
		t.Errorf("the mail leads to no case:\n%s", m.Text)
	}
	if e.Kind != "task.opened" || d.Code != "paid-not-extended" || d.Owner != "support" || d.State != "open" || d.Account != "C-1080" ||
		d.Finding == nil || d.Finding.Code != d.Code || d.Case != licence.Case(d.Task) || d.Subject.Kind != "installation" || d.ClosedAt != nil || d.Severity == "" {
		t.Errorf("the event is %+v", e)
	}

	now := w.clock.Now()
	body := strings.NewReplacer("2026-12-13", "2027-12-13", "2026-12-25", "2027-12-25").Replace(string(w.event("demo/solvik-hotell/05-standard-licence.json")))
	var renewed struct {
		Data map[string]any `json:"data"`
	}
	if err := json.Unmarshal([]byte(body), &renewed); err != nil {
		t.Fatal(err)
	}
	renewed.Data["next_check"], renewed.Data["admin_warning"] = "2027-11-20", "2027-11-15"
	data, err := json.Marshal(renewed.Data)
	if err != nil {
		t.Fatal(err)
	}
	w.must(w.say("licence.reported", now, string(data)), "applied")
	w.advance(now.Add(time.Hour))
	if len(mails) != 2 || len(events) != 2 {
		t.Fatalf("when it is solved: %d mails and %d events, want two of each: %+v", len(mails), len(events), events)
	}
	last, closed := mails[1], events[1]
	if last.Thread != "<1@mail.example>" || last.Subject != m.Subject || !strings.HasPrefix(last.Text, "Closed:") {
		t.Errorf("the last mail is %q in thread %q:\n%s", last.Subject, last.Thread, last.Text)
	}
	if c := closed.Detail; closed.Kind != "task.closed" || c.Task != d.Task || c.State != "closed" || c.ClosedAt == nil || c.ClosedBy == nil ||
		c.Severity != d.Severity || c.Owner != d.Owner || c.Code != d.Code || c.Account != d.Account {
		t.Errorf("the last event is %+v", closed)
	}
}

// TestTasksOfTheCustomer: what is the administrator's to do is no mail to a desk.
func TestTasksOfTheCustomer(t *testing.T) {
	for policy, want := range map[string]string{"on": "task.opened", "review": "task.opened", "operator": "", "off": ""} {
		t.Run(policy, func(t *testing.T) {
			w := newWorld(t, onSQLite)
			var mails []string
			said := ""
			w.app.Engine.Do[licence.TaskSent] = effects.Tasker{
				Store: w.db, Operator: words.Operator(app.Invented.Signature()), Desks: app.Invented.Desks, Now: w.clock.Now,
				Send: func(_ context.Context, m effects.Message) (string, error) {
					mails = append(mails, m.Subject)
					return "", nil
				},
				Publish: func(_ context.Context, kind string, _ []byte) error { said += kind; return nil },
			}.Task
			account := strings.Replace(string(w.event("demo/fjord-foods/01-standard-account.json")), `"mail": "on"`, `"mail": "`+policy+`"`, 1)
			w.must(w.post("standard", "/billing/standard", "account", []byte(account)), "applied")
			for _, name := range []string{"02-stripe-subscription", "03-stripe-reduction", "04-stripe-invoice", "05-standard-seats", "06-standard-licence"} {
				w.must(w.tell("demo/fjord-foods/"+name+".json"), "applied")
			}
			w.advance(w.clock.Now().Add(20 * time.Minute))
			if said != want || len(mails) > 0 {
				t.Errorf("events %q, want %q; mails to desks: %q", said, want, mails)
			}
		})
	}
}
