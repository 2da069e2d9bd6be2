package functions_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// Whoever asks at /help has a link mailed to the one who can act, whatever contacts are called.
func TestHelpAsksForARole(t *testing.T) {
	w := newWorld(t, nil)
	c := granit()
	c.account.Contacts = slices.Insert(c.account.Contacts, 0,
		licence.Contact{ID: "admin", Name: "Bosse Ek", Email: "bosse@granit.example", Role: licence.Billing, Locale: "en"})
	w.meet(c)
	w.press("/help", url.Values{"value": {granitCust}})
	w.sweep()
	var to []string
	for _, m := range w.inbox() {
		if m.Why == "link" {
			to = append(to, m.To)
		}
	}
	if !slices.Contains(to, "ulla.sten@granit.example") || slices.Contains(to, "bosse@granit.example") {
		t.Errorf("links went to %v", to)
	}
}

// Colleagues who are asked at the same instant are asked each, whatever the clocks of the hands say.
func TestColleaguesAtOnce(t *testing.T) {
	for round := range 4 {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			w := newWorld(t, nil)
			c := granit()
			for _, name := range []string{"Tor", "Una"} {
				c.account.Contacts = append(c.account.Contacts, licence.Contact{ID: strings.ToLower(name), Name: name + " Vik", Email: strings.ToLower(name) + "@granit.example", Role: licence.Admin, Locale: "en", Rank: 2})
			}
			b := w.meet(c).session()
			fp := w.finding("G-1", "surplus").Fingerprint
			w.clock.tick = time.Microsecond
			ask := func(contact string) func() reply {
				return b.posted("/colleague", url.Values{"fingerprint": {fp}, "contact": {contact}})
			}
			went := 0 // who comes when a colleague has the matter already asks nobody
			for i, r := range w.both(ask("per"), ask("tor"), ask("una")) {
				if r.status != 303 || strings.Contains(r.header.Get("Location"), "none") {
					t.Errorf("hand %d: %d to %s", i, r.status, r.header.Get("Location"))
				}
				if strings.Contains(r.header.Get("Location"), "colleague=sent") {
					went++
				}
			}
			w.sweep()
			sent := map[string]bool{}
			for _, m := range w.inbox() {
				if m.Why == "link" && m.To != "ulla.sten@granit.example" {
					sent[m.To] = true
				}
			}
			if went == 0 || len(sent) != went {
				t.Errorf("links went to %v, and %d were told that theirs did", sent, went)
			}
		})
	}
}

// Wishes for links that were stamped in another order than they come are all met.
func TestAnEarlierWishThatComesLater(t *testing.T) {
	w := newWorld(t, nil)
	w.meet(granit())
	now := w.clock.Now()
	for i, contact := range []string{"ulla", "per", "siv"} {
		f := licence.Fact{ID: "page/wish/" + contact, To: []licence.Name{{Sender: "account", ID: "G-1"}}, At: now.Add(-time.Duration(i) * time.Second), Source: "page", Payload: licence.LinkAsked{To: contact}}
		if out, err := w.app.Engine.Apply(t.Context(), f); err != nil || out[0].Result != "applied" {
			t.Errorf("%s: %v %v", contact, out, err)
		}
	}
	l, err := w.db.Load(t.Context(), "G-1", store.Want{})
	if err != nil {
		t.Fatal(err)
	}
	var owed []string
	for _, e := range l.State.History.Pending {
		if e.Why == "link" {
			owed = append(owed, e.Contact)
		}
	}
	if slices.Sort(owed); !slices.Equal(owed, []string{"per", "siv", "ulla"}) {
		t.Errorf("links are owed to %v", owed)
	}
}
