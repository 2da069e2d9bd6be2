package functions_test

import (
	"context"
	"net/mail"
	"net/url"
	"strings"
	"testing"
	"time"

	"seatmend/functions/desk"
	"seatmend/functions/outside"
	"seatmend/functions/replies"
	"seatmend/shared/licence"
)

// What goes to the operator's own people is from the name that their language has for it, as what goes to
// customers is: lists, tasks, copies of answers, and links to sign in.
func TestADeskIsWrittenToByName(t *testing.T) {
	w, server, first := answering(t)
	w.app.Operator.Lang, w.app.Operator.FromNames = "nb", map[string]string{"nb": "Fjordpartner lisens", "en": "Fjordpartner licence"}
	outside.Connect(w.app, nil, w.mail, desk.Mails)
	w.app.Engine.Do[licence.Read] = func(context.Context, licence.State, licence.Effect) ([]licence.Payload, licence.Result, error) {
		return nil, licence.Result{Outcome: "failed"}, nil
	}
	before := len(server.Mails())
	raw := answer("ada@uvdal.example", "a1@uvdal.example", first.Header.Get("Message-Id"), "", "We free two on Friday.")
	if got, err := replies.Take(t.Context(), w.app, raw); err != nil || got != replies.Noted {
		t.Fatalf("%q, %v", got, err)
	}
	w.must(w.post("stripe", "/billing/stripe", "broken", []byte(`{"id":"evt_1","object":"event","created":1795415400,"livemode":true,"type":"invoice.paid","data":{"object":{"object":"invoice","id":7}}}`)), "set-aside")
	w.press("/support/sign-in", url.Values{"address": {"nora@fjordpartner.example"}})
	w.tooMany(0, "Work AS")
	w.reported(7, "2027-12-13")
	w.advance(morning.Add(27 * time.Hour))
	seen := map[string]int{}
	for _, m := range server.Mails()[before:] {
		msg, err := mail.ReadMessage(strings.NewReader(m.Text))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(strings.ToLower(m.To), "@fjordpartner.example") {
			if from := msg.Header.Get("From"); from != `"Fjordpartner licence" <licens@fjordpartner.example>` { // they read English
				t.Errorf("to %s from %s", m.To, from)
			}
			seen["customer"]++
			continue
		}
		kind, _, _ := strings.Cut(strings.Trim(msg.Header.Get("Message-Id"), "<"), "-")
		if m.To == "nora@fjordpartner.example" {
			kind = "sign-in"
		}
		seen[kind]++
		if from := msg.Header.Get("From"); from != `"Fjordpartner lisens" <licens@fjordpartner.example>` {
			t.Errorf("%s to %s is from %s", kind, m.To, from)
		}
	}
	for _, kind := range []string{"reply", "task", "list", "sign-in", "customer"} {
		if seen[kind] == 0 {
			t.Errorf("no %s has gone: %v", kind, seen)
		}
	}
}
