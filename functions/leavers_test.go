package functions_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// Who has left, and whose link is an old one.

// The link of someone who left is dead at once.
func TestWhoLeftSeesNothing(t *testing.T) {
	g := guard(t)
	told := strings.NewReplacer(`"id": "anna"`, `"id": "anna", "left": "2026-11-22"`, "2026-10-24T06", "2026-11-23T06").Replace(string(g.event("first/01-standard-account.json")))
	g.must(g.post("standard", "/billing/standard", "left", []byte(told)), "applied")
	for _, form := range []string{"", "/check", "/session", "/new-link"} {
		out := g.get("/r/" + g.tokens["link"])
		if form != "" {
			out = g.press("/r/"+g.tokens["link"]+form, nil)
		}
		if out.status != 410 || strings.Contains(out.body, "Storvik") {
			t.Errorf("%q: %d %s, want 410", form, out.status, text(out.body))
		}
	}
	mails := len(g.inbox())
	g.press("/r/"+g.tokens["expired"]+"/new-link", nil)
	g.advance(g.clock.Now().Add(time.Hour))
	for _, m := range g.inbox()[mails:] {
		if m.To == "anna.storm@storvik.example" {
			t.Errorf("a new link went to who left: %+v", m.Subject)
		}
	}
}

// An expired link is renewed by mail to the same person, a few times a day.
func TestNewLink(t *testing.T) {
	g := guard(t)
	mails := len(g.inbox())
	for i := range 9 {
		said := text(g.press("/r/"+g.tokens["expired"]+"/new-link", nil).body)
		want := "A new link is on its way"
		if i >= 3 {
			want = "Three new links were sent to you today"
		}
		if !strings.Contains(said, want) {
			t.Errorf("pressed %d times: no %q in %q", i+1, want, said)
		}
	}
	g.sweep()
	fresh := g.inbox()[mails:]
	if len(fresh) == 0 || len(fresh) > 3 {
		t.Fatalf("%d new links, want one to three", len(fresh))
	}
	for _, m := range fresh {
		if m.To != "anna.storm@storvik.example" || g.get(path(t, m.Link)).status != 200 {
			t.Errorf("a link to %s: %s", m.To, m.Link)
		}
	}
}

// A link that was revoked stays so, whatever the same day brings: who is warned again is given
// another one, of which nothing of the old one opens anything.
func TestARevokedLinkStaysRevoked(t *testing.T) {
	for _, s := range stores {
		t.Run(s.name, func(t *testing.T) {
			g := guardOn(t, s.open)
			warned := func() string {
				v := g.warn("Cust12345", "12", "anna.berg@fjordfoods.example")
				return strings.TrimPrefix(path(t, v.Link), "/r/")
			}
			first := warned()
			if again := warned(); again != first && g.get("/r/"+first).status != 200 {
				t.Error("a second warning of the day ends the first link")
			}
			old := g.opened(first)
			l, err := g.keys.Open(first, g.clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			revoke := func() {
				out := g.press("/support/accounts/C-1042/revoke", url.Values{"id": {l.ID}}, g.session["staff"])
				if !strings.Contains(out.header.Get("Location"), "said=revoked") {
					t.Fatalf("not revoked: %v", out)
				}
			}
			dead := func(token string) {
				t.Helper()
				for _, out := range []reply{g.get("/r/"+token, old), g.press("/r/"+token+"/check", nil, old), g.press("/r/"+token+"/session", nil), g.get("/r/"+token+"/seats/x", old)} {
					if out.status != 410 || strings.Contains(out.body, "Fjord Foods") {
						t.Errorf("the revoked link answers %d %.200s", out.status, text(out.body))
					}
				}
			}
			revoke()
			dead(first)
			second := warned()
			dead(first)
			if out := g.get("/r/"+second, old); out.status != 200 || strings.Contains(out.body, `name="fingerprint"`) {
				t.Errorf("the new link answers %d; the old session opens it: %v", out.status, strings.Contains(out.body, `name="fingerprint"`))
			}
			if page := g.get("/r/"+second, g.opened(second)).body; !strings.Contains(page, `name="fingerprint"`) {
				t.Error("the new link opens no session")
			}
			revoke()
			dead(first)
			dead(second)
			g.advance(g.clock.Now().Add(20 * time.Hour))
			g.warn("Cust12345", "12", "anna.berg@fjordfoods.example")
			dead(first)
			dead(second)
		})
	}
}

// Who has another role now sees what that role sees, with a link and a session of before; and who
// cannot log in to SuperOffice any more sees nothing.
func TestThePageIsThatOfTheRoleNow(t *testing.T) {
	w := newWorld(t, nil)
	c := granit()
	b := w.meet(c).session()
	fp := w.finding("G-1", "surplus").Fingerprint
	if page := b.open("/seats/" + fp); !strings.Contains(page, "Gull Hed") {
		t.Fatalf("an administrator reads of seats: %s", page)
	}
	tell := func(change func(a *licence.AccountChanged)) {
		t.Helper()
		a := c.account
		a.Contacts = slices.Clone(a.Contacts)
		change(&a)
		data, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		w.must(w.say("account.changed", w.clock.Now(), string(data)), "applied")
	}
	tell(func(a *licence.AccountChanged) { a.Contacts[0].Role = licence.Billing })
	for _, page := range []string{"", "/seats/" + fp, "/steps/" + fp, "/activate/" + granitCust} {
		if shown := b.open(page); strings.Contains(shown, "Gull Hed") || strings.Contains(shown, "to free") {
			t.Errorf("%q shows the billing contact %.300s", page, shown)
		}
	}
	n := len(w.said("G-1", "seats.chosen"))
	b.forge("/choose", url.Values{"fingerprint": {fp}, "user": {"9"}})
	b.forge("/code", url.Values{"cust_id": {granitCust}})
	if len(w.said("G-1", "seats.chosen")) != n || len(w.said("G-1", "code.asked")) != 0 {
		t.Error("the billing contact chooses who gives up a seat, or asks for a code")
	}
	tell(func(a *licence.AccountChanged) { a.Contacts[0].Locale = "sv" })
	if page := b.open(""); !strings.Contains(page, "licensen") {
		t.Errorf("the language is that of before: %.200s", page)
	}

	locked := func(can bool) {
		t.Helper()
		w.must(w.say("seat.changed", w.clock.Now(), fmt.Sprintf(`{"account":"G-1","cust_id":%q,"plan":"sales","held":true,"open_requests":0,
			"user":{"id":"1","name":"Ulla Sten","email":"ulla.sten@granit.example","can_login":%t,"admin":true,"protected":false,"waiting_for_approval":false,"last_active":null}}`, granitCust, can)), "applied")
	}
	w.clock.set(w.clock.Now().Add(time.Minute))
	locked(false)
	for _, out := range []reply{w.get(b.base, b.cookies...), w.press(b.base+"/check", nil, b.cookies...), w.press(b.base+"/session", nil)} {
		if out.status != 410 || strings.Contains(out.body, "Granit") {
			t.Errorf("whose user cannot log in reads %d %.200s", out.status, text(out.body))
		}
	}
	warned := func() warned {
		w.ids++
		body := fmt.Sprintf(`{"type":"login.warned","timestamp":%q,"data":{"cust_id":%q,"serial":"1805000117","url":"https://online2.superoffice.com/Cust50001","version":"12.2","message":"...","days_left":20,
			"user":{"id":"1","name":"Ulla Sten","email":"ulla.sten@granit.example","locale":"en"}}}`, w.clock.Now().UTC().Format(time.RFC3339), granitCust)
		var v warned
		if err := json.Unmarshal([]byte(w.post("login", "/login-warnings", fmt.Sprint("warn-", w.ids), []byte(body)).body), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := warned(); v.Link != "" || v.Message == "" {
		t.Errorf("whose user cannot log in is given a link: %+v", v)
	}
	w.clock.set(w.clock.Now().Add(time.Minute))
	locked(true)
	if v := warned(); v.Link == "" {
		t.Errorf("who can log in again is given none: %+v", v)
	}
}
