package crmsim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"seatmend/infra/crmsim"
)

// The vector was made with another program.
func TestTheSignatureIsThatOfTheDocumentation(t *testing.T) {
	body := `{"EventId":"3e22506b-839a-4453-af17-634d6a626643","Timestamp":"2018-04-24T08:51:08.6815524Z","Changes":["associate_id","group_idx","updated","updated_associate_id"],"Event":"associate.changed","PrimaryKey":141423,"Entity":"associate","ContextIdentifier":"Cust1234","ChangedByAssociateId":316,"WebhookName":"Name you provided"}`
	if got, want := mac([]byte(body)), "xBbUsHJ+1djOJ5BG5TItM5bQCSbI6CZ5jS4BwNLO8jY="; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestWebhookIsLikeTheRealOne(t *testing.T) {
	s := newStage(t, fjord())
	l := newListener(t, s, "associate.changed", "person.changed")
	s.press(t, "retire", "user", "5")
	got := l.hear()
	if len(got) != 2 {
		t.Fatalf("%d webhooks, want associate.changed and person.changed", len(got))
	}
	h := got[0]
	for name, want := range map[string]string{
		"Content-Type": "application/json; charset=utf-8", "User-Agent": "NetServer-Webhook/12.2", "X-Superoffice-Event": "associate.changed",
		"X-Superoffice-Retry": "0", "X-Superoffice-Signature": mac(h.body), "X-Superoffice-Eventid": fmt.Sprint(h.field(t, "EventId")),
	} {
		if got := h.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	var fields []string
	var all map[string]any
	json.Unmarshal(h.body, &all)
	for name := range all {
		fields = append(fields, name)
	}
	slices.Sort(fields)
	if want := []string{"ChangedByAssociateId", "Changes", "ContextIdentifier", "Entity", "Event", "EventId", "FieldValues", "PrimaryKey", "Timestamp", "WebhookName"}; !slices.Equal(fields, want) {
		t.Errorf("fields %v, want %v", fields, want)
	}
	values, _ := all["FieldValues"].(map[string]any)
	if all["PrimaryKey"] != 5.0 || all["Entity"] != "associate" || all["ContextIdentifier"] != "Cust12345" || all["ChangedByAssociateId"] != 1.0 ||
		all["Timestamp"] != "2026-11-16T09:00:00.0000000Z" || values["deleted"] != 1.0 {
		t.Errorf("body %s", h.body)
	}
	if got := fmt.Sprint(got[1].field(t, "Changes")); !strings.Contains(got, "retired") {
		t.Errorf("person.changed: %s", got)
	}
}

// What touches licences only is told to nobody: whoever relies on webhooks must find out.
func TestLicencesSendNoWebhook(t *testing.T) {
	s := newStage(t, fjord())
	l := newListener(t, s, "associate.*", "person.*", "ticket.*", "contact.changed", "user.*")
	s.press(t, "remove", "user", "9", "module", "ten-sales")
	s.press(t, "assign", "user", "9", "module", "ten-service")
	s.press(t, "reassign", "user", "8", "module", "ten-sales", "to", "ten-service")
	s.press(t, "activate")
	if now, _ := s.sim.Tenant("Cust12345"); now.Offer != nil {
		t.Fatal("it was not activated")
	}
	if got := l.events(); len(got) != 0 {
		t.Errorf("%v came", got)
	}
}

func TestWebhookVariants(t *testing.T) {
	const two = 2 // webhooks that retiring sends
	field := func(name string, want any) func(*testing.T, []heard) {
		return func(t *testing.T, all []heard) {
			if got := all[0].field(t, name); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s is %v, want %v", name, got, want)
			}
		}
	}
	for variant, c := range map[crmsim.Variant]struct {
		count int
		check func(*testing.T, []heard)
	}{
		crmsim.VariantBare:     {two, field("FieldValues", nil)},
		crmsim.VariantDefault:  {two, field("ContextIdentifier", "Default")},
		crmsim.VariantExtra:    {two, field("AddedInRelease", "13.1")},
		crmsim.VariantOld:      {two, field("Timestamp", "2026-11-16T08:00:00.0000000Z")},
		crmsim.VariantEcho:     {two, field("ChangedByAssociateId", 900001)},
		crmsim.VariantReversed: {two, field("Event", "person.changed")},
		crmsim.VariantDuplicate: {2 * two, func(t *testing.T, all []heard) {
			if !bytes.Equal(all[0].body, all[1].body) {
				t.Error("the second is another")
			}
		}},
		crmsim.VariantSameID: {2 * two, func(t *testing.T, all []heard) {
			if bytes.Equal(all[0].body, all[1].body) || all[0].field(t, "EventId") != all[1].field(t, "EventId") {
				t.Errorf("%s\n%s", all[0].body, all[1].body)
			}
		}},
		crmsim.VariantMark: {two, func(t *testing.T, all []heard) {
			if !bytes.HasPrefix(all[0].body, []byte("\ufeff")) {
				t.Errorf("%q", all[0].body)
			}
		}},
		crmsim.VariantSpace: {two, func(t *testing.T, all []heard) {
			if !bytes.HasPrefix(all[0].body, []byte("\r\n")) {
				t.Errorf("%q", all[0].body)
			}
		}},
		crmsim.VariantBadSignature: {two, func(t *testing.T, all []heard) {
			if got := all[0].header.Get("X-SuperOffice-Signature"); got == "" || got == mac(all[0].body) {
				t.Errorf("signature %q", got)
			}
		}},
		crmsim.VariantUnsigned: {two, func(t *testing.T, all []heard) {
			if _, signed := all[0].header["X-Superoffice-Signature"]; signed {
				t.Error("it is signed")
			}
		}},
	} {
		t.Run(string(variant), func(t *testing.T) {
			s := newStage(t, fjord())
			l := newListener(t, s, "associate.*", "person.*")
			s.press(t, "variant", "variant", string(variant))
			s.press(t, "retire", "user", "5")
			got := l.hear()
			if len(got) != c.count {
				t.Fatalf("%d came, want %d", len(got), c.count)
			}
			c.check(t, got)
			if variant == crmsim.VariantBadSignature || variant == crmsim.VariantUnsigned {
				return
			}
			for _, h := range got {
				if h.header.Get("X-SuperOffice-Signature") != mac(h.body) {
					t.Errorf("the signature is not of the bytes that were sent: %q", h.body)
				}
			}
		})
	}
}

func TestWebhookIsTriedAgain(t *testing.T) {
	s := newStage(t, fjord())
	l := newListener(t, s, "contact.changed")
	l.answer(500, 204) // only 200 is a success
	s.press(t, "signal", "event", "contact.changed", "key", "7")
	got := l.hear()
	if len(got) != 3 || fmt.Sprint(l.slept) != "[1s 4s]" {
		t.Fatalf("%d tries, waited %v", len(got), l.slept)
	}
	for i, h := range got {
		if h.header.Get("X-SuperOffice-Retry") != fmt.Sprint(i) || !bytes.Equal(h.body, got[0].body) {
			t.Errorf("try %d: %v %s", i, h.header, h.body)
		}
	}
	if now, _ := s.sim.Tenant("Cust12345"); now.Hooks[0].ConsecutiveErrors != 0 || now.Hooks[0].TotalErrors != 2 || now.Hooks[0].State != crmsim.Active {
		t.Errorf("%+v", now.Hooks[0])
	}
}

// Nine failures in a row, in three cycles, switch it off; and the event is lost.
func TestWebhookIsSwitchedOff(t *testing.T) {
	s := newStage(t, fjord())
	l := newListener(t, s, "contact.changed")
	errors := newListener(t, s, "webhook1.errors")
	if _, err := s.sim.Register(t.Context(), "Cust12345", crmsim.Hook{Name: "of errors", Events: []string{"webhook1.errors"}, TargetURL: errors.url}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.sim.Register(t.Context(), "Cust12345", crmsim.Hook{Name: "test", Events: []string{"contact.changed"}, TargetURL: l.url, Secret: hookSecret}); err != nil {
		t.Fatal(err)
	}
	for range 12 {
		l.answer(503)
	}
	s.press(t, "signal", "event", "contact.changed", "key", "7")
	if got := l.hear(); len(got) != 9 {
		t.Fatalf("%d tries, want 9", len(got))
	}
	now, _ := s.sim.Tenant("Cust12345")
	if h := now.Hooks[0]; h.State != crmsim.TooManyErrors || h.ConsecutiveErrors != 9 || h.LastError != "status 503" {
		t.Errorf("%+v", h)
	}
	told := errors.hear()
	if len(told) != 1 || told[0].header.Get("X-SuperOffice-Event") != "webhook1.errors" || told[0].field(t, "Event") != "webhook.errors" {
		t.Errorf("of that was told %v", told)
	}
	s.press(t, "signal", "event", "contact.changed", "key", "8")
	if got := l.hear(); len(got) != 0 {
		t.Errorf("%d came though it is off", len(got))
	}
	s.press(t, "hook", "hook", "1")
	l.mu.Lock()
	l.answers = nil
	l.mu.Unlock()
	s.press(t, "signal", "event", "contact.changed", "key", "9")
	if got := l.hear(); len(got) != 1 || got[0].field(t, "PrimaryKey") != 9.0 {
		t.Errorf("switched on again, %v came", got)
	}
}

func TestGoneIsForGood(t *testing.T) {
	s := newStage(t, fjord())
	l := newListener(t, s, "contact.changed")
	l.answer(http.StatusGone)
	s.press(t, "signal", "event", "contact.changed", "key", "7")
	if got := l.hear(); len(got) != 1 {
		t.Errorf("%d tries, want 1", len(got))
	}
	if now, _ := s.sim.Tenant("Cust12345"); now.Hooks[0].State != crmsim.Stopped {
		t.Errorf("%+v", now.Hooks[0])
	}
}

// What is deleted is told with values of its own.
func TestDeletionHasValues(t *testing.T) {
	s := newStage(t, fjord())
	l := newListener(t, s, "associate.deleted", "associate.created")
	s.press(t, "signal", "event", "associate.deleted", "key", "77")
	s.press(t, "signal", "event", "associate.created", "key", "5")
	got := l.hear()
	if len(got) != 2 || fmt.Sprint(got[0].field(t, "Changes"), got[0].field(t, "Values"), got[0].field(t, "FieldValues")) != "[] map[associate_id:77] <nil>" ||
		got[1].field(t, "Values") != nil || got[1].field(t, "Event") != "associate.created" {
		t.Errorf("%s", got)
	}
}
