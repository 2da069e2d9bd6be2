package functions_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// To a customer of whom mail is off, or for the operator alone, nothing goes, drafts that a person
// sends no more than others; not_sent says why, and what stands is owed anew once mails go again.
func TestNoDraftGoesWhereMailIsOff(t *testing.T) {
	for _, policy := range []string{"off", "operator"} {
		t.Run(policy, func(t *testing.T) {
			w := newWorld(t, nil)
			c := granit()
			if err := w.sim.Put(c.tenant); err != nil {
				t.Fatal(err)
			}
			mail := func(policy string) {
				t.Helper()
				c.account.Mail = licence.Some(policy)
				w.direct(c.account)
				w.advance(w.clock.Now().Add(2 * time.Hour))
			}
			var seen struct {
				Mails, Drafts []struct{ ID string }
				NotSent       []struct{ Code, Why string } `json:"not_sent"`
			}
			look := func() {
				t.Helper()
				seen.Mails, seen.Drafts, seen.NotSent = nil, nil, nil
				w.ask("/accounts/G-1/mails", &seen)
			}
			mail("review")
			if look(); len(seen.Drafts) != 1 || len(seen.Mails) != 0 {
				t.Fatalf("in review: %+v", seen)
			}
			mail(policy)
			r := httptest.NewRequest("POST", "/drafts", strings.NewReader(`{"send":true}`))
			r.Header.Set("Authorization", "Bearer "+testSecrets["operator"][0])
			if out := w.do(r); out.status != 200 {
				t.Fatal(out)
			}
			w.advance(w.clock.Now().Add(time.Hour))
			look()
			if len(seen.Mails) != 0 || len(seen.Drafts) != 0 || len(w.inbox()) != 0 {
				t.Errorf("with %s: %+v, and %d mails", policy, seen, len(w.inbox()))
			}
			why := ""
			for _, n := range seen.NotSent {
				if n.Code == "surplus" {
					why = n.Why
				}
			}
			if why != "mail-"+policy {
				t.Errorf("not sent: %+v, want the surplus with mail-%s", seen.NotSent, policy)
			}
			mail("review")
			if look(); len(seen.Drafts) != 1 {
				t.Errorf("in review again: %+v", seen)
			}
		})
	}
}
