package functions_test

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/effects"
	"seatmend/shared/store"
)

// lists are the mails that list the drafts which wait for the desk, the earliest first.
func (d deskWorld) lists() (all []effects.DeskMail) {
	d.Helper()
	rows, _, err := d.db.Rows(d.Context(), store.Operations, "desk", store.Page{Limit: 100})
	if err != nil {
		d.Fatal(err)
	}
	for _, row := range rows {
		var m effects.DeskMail
		if err := json.Unmarshal(row.Body, &m); err != nil {
			d.Fatal(err)
		}
		if strings.HasPrefix(m.Why, "list drafts") {
			all = append([]effects.DeskMail{m}, all...)
		}
	}
	return all
}

// Drafts do not rot: each banking day on which some wait the desk has one mail that lists them, what
// must be acted on within two banking days first (three of the mails ask for figures, which are old by then); none at the weekend, and none when nothing waits.
func TestDraftsAreListedEachBankingDay(t *testing.T) {
	for name, open := range map[string]func(*testing.T, func() time.Time) store.Store{"sqlite": onSQLite, "dynamo": onDynamo} {
		t.Run(name, func(t *testing.T) {
			if name == "dynamo" && testing.Short() {
				t.Skip("short: the same on SQLite")
			}
			d := deskWith(t, open, "first", "demo/fjord-foods", "demo/bjorkdal-bygg")
			for _, a := range []string{"C-1", "C-1042", "C-1071"} {
				d.send("/support/accounts/"+a+"/mail", url.Values{"mail": {"review"}})
			}
			d.advance(morning.Add(6 * time.Hour))
			if got := d.lists(); len(got) != 0 {
				t.Fatalf("listed on the first day already: %+v", got)
			}
			wednesday := morning.AddDate(0, 0, 9).Add(time.Hour)
			d.advance(wednesday)
			got := d.lists()
			var days []string
			for _, m := range got {
				days = append(days, m.SentAt.In(time.FixedZone("", 3600)).Format("Mon 15:04"))
			}
			if s := strings.Join(days, ", "); s != "Tue 08:30, Wed 08:30, Thu 08:30, Fri 08:30, Mon 08:30, Tue 08:30, Wed 08:30" {
				t.Errorf("lists went %s", s)
			}
			last := got[len(got)-1]
			if last.To != app.Invented.Desks["support"] || !strings.HasSuffix(last.Subject, "] 6 emails waiting for a decision, 2 within two banking days") {
				t.Errorf("to %s: %s", last.To, last.Subject)
			}
			var at []int
			for _, s := range []string{"Within two banking days", "Björkdal Bygg AB (C-1071), act by ", "After that", "Fjord Foods AB (C-1042)", "/support/accounts/C-1042#drafts", "/support/drafts"} {
				at = append(at, strings.Index(last.Text, s))
			}
			for i, n := range at {
				if n < 0 || i > 0 && n < at[i-1] {
					t.Fatalf("not in this order, part %d:\n%s", i, last.Text)
				}
			}
			d.cookie = d.signsIn("nora@fjordpartner.example")
			for _, a := range []string{"C-1", "C-1042", "C-1071"} {
				d.send("/support/accounts/"+a+"/mail", url.Values{"mail": {"off"}})
			}
			_, form := d.preview("/support/drafts", url.Values{"do": {"drop"}})
			d.send("/support/selected", form)
			d.advance(wednesday.AddDate(0, 0, 5))
			if more := d.lists(); len(more) != len(got) {
				t.Errorf("%d lists after nothing waited any more: %s", len(more)-len(got), more[len(more)-1].Text)
			}
		})
	}
}

// A list that the desk's mail server puts off is tried again, and goes once.
func TestListThatIsPutOff(t *testing.T) {
	d := deskWith(t, nil, "first")
	var sent []effects.Message
	fails := 2
	d.mail = func(_ context.Context, m effects.Message) (string, error) {
		if strings.HasPrefix(m.ID, "list-") {
			if fails--; fails >= 0 {
				return "", &effects.Refusal{Err: context.DeadlineExceeded}
			}
			sent = append(sent, m)
		}
		return "<" + m.ID + "@seatmend.example>", nil
	}
	d.start()
	d.send("/support/accounts/C-1/mail", url.Values{"mail": {"review"}})
	d.advance(morning.AddDate(0, 0, 1).Add(3 * time.Hour))
	if len(sent) != 1 || sent[0].To != app.Invented.Desks["support"] {
		t.Fatalf("sent %+v", sent)
	}
	if got := d.lists(); len(got) != 1 || got[0].Text != sent[0].Text {
		t.Errorf("kept %+v", got)
	}
}

// Nothing is called sent before it went: what the mail server puts off, refuses or leaves open is said
// to be so, in the answer and beside the draft.
func TestNothingIsCalledSentBeforeItWent(t *testing.T) {
	for _, c := range []struct {
		name  string
		err   error
		says  string
		after string
	}{
		{"put off", &effects.Refusal{Err: context.DeadlineExceeded}, "Not sent yet: 1 email. The mail server has deferred it", "Somebody has approved it. It has not gone out yet"},
		{"refused", &effects.Refusal{Err: context.DeadlineExceeded, Final: true}, "Not sent, and discarded: 1 email. There is nobody there", "No drafts are waiting."},
		{"left open", context.DeadlineExceeded, "Not known whether it was sent: 1 email.", "No drafts are waiting."},
		{"taken", nil, "Sent: 1 email.", "No drafts are waiting."},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := deskWith(t, nil, "first")
			d.mail = func(_ context.Context, m effects.Message) (string, error) {
				if strings.HasPrefix(m.ID, "mail-") && c.err != nil {
					return "", c.err
				}
				return "<" + m.ID + "@seatmend.example>", nil
			}
			d.start()
			d.send("/support/accounts/C-1/mail", url.Values{"mail": {"review"}})
			d.advance(morning.Add(time.Hour))
			_, form := d.preview("/support/drafts", url.Values{"do": {"send"}})
			page := d.send("/support/drafts", url.Values{"do": {"send"}, "account": {"C-1"}, "id": form["id"]})
			shows(t, page, c.says, c.after)
			if c.err != nil && strings.Contains(page, "Sent: ") {
				t.Errorf("it is called sent: %s", text(page))
			}
		})
	}
}
