package functions_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/effects"
)

// cameBack is what SES tells of a mail, by its own documentation.
func cameBack(t *testing.T, m effects.Message, kind string) (e app.MailEvent) {
	t.Helper()
	of := map[string]string{
		"permanent": `"eventType":"Bounce","bounce":{"bounceType":"Permanent","bounceSubType":"General","bouncedRecipients":[{"emailAddress":"x@y.example","action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}]}`,
		"transient": `"eventType":"Bounce","bounce":{"bounceType":"Transient","bounceSubType":"MailboxFull","bouncedRecipients":[{"emailAddress":"x@y.example"}]}`,
		"unclear":   `"eventType":"Bounce","bounce":{"bounceType":"Undetermined","bounceSubType":"Undetermined","bouncedRecipients":[]}`,
		"complaint": `"eventType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"x@y.example"}],"complaintFeedbackType":"abuse"}`,
	}[kind]
	text := fmt.Sprintf(`{"version":"0","id":"1","source":"aws.ses","detail-type":"Email Bounced","account":"123456789012","region":"eu-north-1","resources":[],
		"detail":{%s,"mail":{"timestamp":"2026-11-23T08:00:00.000Z","messageId":"0110-1","destination":["x@y.example"],"sendingAccountId":"123456789012",
		"tags":{"ses:configuration-set":["seatmend-mail"],"seatmend":[%q],"account":[%q],"mail":[%q]}}}}`, of, m.ID, effects.Tag(m.Account), effects.Tag(m.Row))
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatal(err)
	}
	return e
}

// returning is the customer of posted, whose mails are taken, and what was taken so far.
func returning(t *testing.T) (*world, *[]effects.Message) {
	t.Helper()
	w, _, _ := posted(t, nil)
	var sent []effects.Message
	w.mail = func(_ context.Context, m effects.Message) (string, error) {
		sent = append(sent, m)
		return fmt.Sprintf("<%d@ses.example>", len(sent)), nil
	}
	w.start()
	w.advance(morning.Add(30 * time.Minute))
	if len(sent) != 1 || sent[0].To != "Ada@uvdal.example" || sent[0].Account != "U-1" {
		t.Fatalf("sent were %+v", sent)
	}
	return w, &sent
}

func customersMails(sent []effects.Message) (to []string) {
	for _, m := range sent {
		if strings.HasSuffix(m.To, "@uvdal.example") {
			to = append(to, m.To)
		}
	}
	return to
}

// TestMailThatBounces: whoever cannot be reached is left alone, the next contact is told, and ops hear.
func TestMailThatBounces(t *testing.T) {
	for kind, kept := range map[string]time.Duration{"permanent": 40 * 24 * time.Hour, "complaint": 3000 * 24 * time.Hour} {
		t.Run(kind, func(t *testing.T) {
			w, sent := returning(t)
			back := cameBack(t, (*sent)[0], kind)
			if err := w.app.MailCameBack(t.Context(), back); err != nil {
				t.Fatal(err)
			}
			p := w.postbox()
			at := slices.IndexFunc(p.NotSent, func(n struct {
				Code, To, Why string
				Until         *time.Time
			}) bool {
				return strings.EqualFold(n.To, "Ada@uvdal.example")
			})
			if at < 0 || p.NotSent[at].Why != "refused" || p.NotSent[at].Until == nil {
				t.Fatalf("not sent: %+v", p.NotSent)
			}
			if rest := p.NotSent[at].Until.Sub(w.clock.Now()); rest > kept == (kind == "permanent") {
				t.Errorf("left alone for %s", rest)
			}
			w.advance(morning.Add(time.Hour))
			if to := customersMails(*sent); len(to) != 2 || to[1] != "bo@uvdal.example" {
				t.Errorf("mails went to %v, want the other administrator to be told", to)
			}
			w.advance(morning.Add(2 * time.Hour))
			var tasks struct {
				Tasks []struct{ Code, State, Owner string }
			}
			w.ask("/accounts/U-1/tasks", &tasks)
			if !strings.Contains(fmt.Sprint(tasks), "{mail-refused open ops}") {
				t.Errorf("tasks are %+v", tasks)
			}
			// Told once more, or late, it changes nothing.
			before := len(w.db.written())
			for range 2 {
				if err := w.app.MailCameBack(t.Context(), back); err != nil {
					t.Fatal(err)
				}
			}
			if wrote := w.db.written()[before:]; len(wrote) > 0 {
				t.Errorf("told again, it wrote %v", wrote)
			}
		})
	}
}

// A mail that comes back before it is written down that it went is told again: once it is, it marks its address.
func TestMailThatBouncesAtOnce(t *testing.T) {
	w, _, _ := posted(t, nil)
	var early error
	var first effects.Message
	w.mail = func(ctx context.Context, m effects.Message) (string, error) {
		if first.ID == "" {
			first = m
			early = w.app.MailCameBack(ctx, cameBack(t, m, "permanent"))
		}
		return "<1@ses.example>", nil
	}
	w.start()
	w.advance(morning.Add(30 * time.Minute))
	if first.ID == "" || early == nil {
		t.Fatalf("it was taken as heard before the mail was written down: %v", early)
	}
	if p := w.postbox(); len(p.NotSent) > 0 {
		t.Fatalf("somebody is marked already: %+v", p.NotSent)
	}
	if err := w.app.MailCameBack(t.Context(), cameBack(t, first, "permanent")); err != nil {
		t.Fatal(err)
	}
	marked := 0
	for _, n := range w.postbox().NotSent {
		if n.Why == "refused" && strings.EqualFold(n.To, first.To) {
			marked++
		}
	}
	if marked != 1 {
		t.Errorf("not sent: %+v", w.postbox().NotSent)
	}
}

// TestMailsThatMarkNobody: what passes by itself, and what is of no mail of ours.
func TestMailsThatMarkNobody(t *testing.T) {
	w, sent := returning(t)
	m := (*sent)[0]
	other, unknown := m, m
	other.Account, unknown.Row = "U-2", "000000000001-009"
	bare := cameBack(t, m, "permanent")
	bare.Detail.Mail.Tags = map[string][]string{"seatmend": {m.ID}}
	twice := cameBack(t, m, "permanent")
	twice.Detail.Mail.Tags["account"] = append(twice.Detail.Mail.Tags["account"], "VS0y")
	forged := cameBack(t, m, "permanent")
	forged.Source = "com.example"
	before := len(w.db.written())
	for name, e := range map[string]app.MailEvent{
		"transient": cameBack(t, m, "transient"), "unclear": cameBack(t, m, "unclear"), "another account": cameBack(t, other, "permanent"),
		"no such mail": cameBack(t, unknown, "complaint"), "no tags": bare, "two accounts": twice, "not from SES": forged, "nothing": {},
	} {
		if err := w.app.MailCameBack(t.Context(), e); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if wrote := w.db.written()[before:]; len(wrote) > 0 {
		t.Errorf("it wrote %v", wrote)
	}
	w.advance(morning.Add(2 * time.Hour))
	if to := customersMails(*sent); len(to) != 1 {
		t.Errorf("mails went to %v", to)
	}
}
