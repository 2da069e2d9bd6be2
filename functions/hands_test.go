package functions_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/functions/app"
	"seatmend/functions/desk"
	"seatmend/functions/outside"
	"seatmend/shared/effects"
	"seatmend/shared/effects/mailtest"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// hand is another process over the world's store, as it sees it through db.
func (w *world) hand(db store.Store, send effects.Sender) *app.App {
	w.Helper()
	operator := app.Invented
	operator.Mail = "on"
	a, err := app.NewApp(db, testSecrets, operator, w.app.BaseURL, w.clock.Now, w.app.Log)
	if err != nil {
		w.Fatal(err)
	}
	outside.Connect(a, nil, send, desk.Mails)
	a.Engine.Do[licence.Read] = w.app.Engine.Do[licence.Read]
	return a
}

// owed is the account at which a mail is owed at the world's present instant: to a customer's
// administrator, to the support desk, or to one of the operator's people who signs in.
func (w *world) owed(to string) string {
	w.Helper()
	switch to {
	case "customer":
		for _, name := range []string{"01-standard-account", "02-standard-licence", "03-login-warned"} {
			w.must(w.tell("first/"+name+".json"), "applied")
		}
	case "desk":
		for _, name := range []string{"01-standard-account", "02-standard-order", "03-standard-invoice", "04-standard-seats", "05-standard-licence"} {
			w.must(w.tell("demo/solvik-hotell/"+name+".json"), "applied")
		}
	}
	w.clock.set(w.clock.Now().Add(20 * time.Minute))
	if to == "staff" {
		r := httptest.NewRequest("POST", "/support/sign-in", strings.NewReader("address=nora%40fjordpartner.example"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if out := w.do(r); out.status != 200 {
			w.Fatalf("sign-in: %v", out)
		}
		return store.Operations
	}
	account := map[string]string{"customer": "C-1", "desk": "C-1080"}[to]
	if err := w.app.Engine.Tick(w.Context(), account); err != nil {
		w.Fatal(err)
	}
	return account
}

// TestHandsOverSMTP: many hands at once, and a real mail server that takes its time.
func TestHandsOverSMTP(t *testing.T) {
	server := mailtest.Listen(t, func(step, _ string) string {
		if step == mailtest.Taken {
			time.Sleep(50 * time.Millisecond)
		}
		return ""
	})
	w := newWorld(t, onSQLite)
	accounts := []string{w.owed("customer"), w.owed("desk")}
	for _, account := range accounts {
		if err := w.app.Engine.Tick(t.Context(), account); err != nil {
			t.Fatal(err)
		}
	}
	w.both(slices.Repeat([]func() reply{func() reply {
		hand := w.hand(w.db, effects.SMTP(server.Addr))
		for _, account := range accounts {
			if err := hand.Engine.Deliver(t.Context(), account); err != nil {
				t.Error(err)
			}
		}
		return reply{}
	}}, 6)...)
	seen := map[string]bool{}
	for _, m := range server.Mails() {
		_, subject, _ := strings.Cut(m.Text, "Subject: ")
		subject, _, _ = strings.Cut(subject, "\r\n")
		if seen[m.To+subject] {
			t.Errorf("%s was mailed twice: %s", m.To, subject)
		}
		seen[m.To+subject] = true
	}
	if len(seen) < 2 {
		t.Errorf("%d mails came, want one to the customer and one to the desk", len(seen))
	}
}
